"""交接：未办结的工作由各能力自己列出、自己移交；机构只认得登记，不认得业务。

The typed event and the registry of ARCHITECTURE 2: a higher capability registers its source in AppConfig.ready; its
handler runs in the transaction of the hand-over, so that either everything goes over or nothing does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from quanze.core.actor import Actor


@dataclass(frozen=True, slots=True)
class OpenWork:
    """未办结的一件：对象种类与编号、名称、所属机构、期限。"""

    subject_kind: str
    subject_id: int
    label: str
    body_id: int | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class WorkHandedOver:
    """交接这件事：由谁交给谁、何人经办、何时、为何。"""

    from_user_id: int
    to_user_id: int
    to_name: str
    actor: Actor
    reason: str
    now: datetime
    today: date


@dataclass(frozen=True, slots=True)
class WorkSource:
    """一类工作：代码、名称、怎样列出某人未办结的、怎样移交。

    ``move`` raises a DomainError when the successor may not do this work; then nothing is handed over.
    """

    key: str
    label: str
    find: Callable[[int, date], Sequence[OpenWork]]
    move: Callable[[WorkHandedOver], None]


_sources: dict[str, WorkSource] = {}


def register_work_source(source: WorkSource) -> None:
    """登记一类工作；同键再登记即覆盖。Called in AppConfig.ready."""
    _sources[source.key] = source


def work_sources() -> tuple[WorkSource, ...]:
    """登记过的各类工作，按登记的次序。"""
    return tuple(_sources.values())
