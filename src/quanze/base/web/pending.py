"""工作台上审查以外的待办：各能力登记自己的来源，工作台合在一起按期限排列。

Reviews are tasks of ``workflow``; everything else that waits for somebody (a channel to publish on, an entry to bring up to
date, a conflict to settle) is told by the capability that owns it, for the actor who asks and the day he asks on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from quanze.core.actor import Actor


@dataclass(frozen=True, slots=True)
class PendingMatter:
    """一件待办：键（全系统唯一，如 ``catalog.disclosure:12``）、事由、地址、单位、要办什么、到达日期、期限、件数。"""

    key: str
    label: str
    url: str
    body_name: str
    step_label: str
    opened_on: date
    due_on: date
    due_is_projected: bool = False
    items: int = 1
    opened_by_name: str = ""


@dataclass(frozen=True, slots=True)
class PendingSource:
    """一个来源：此人的待办，与数件数用的查询集（单列，一行一件；与此人无关时为空列表）。

    Every page counts the matters in its head, so a source hands over unevaluated query sets and all sources are counted
    together in one query.
    """

    matters: Callable[[Actor, date], Iterable[PendingMatter]]
    rows: Callable[[Actor, date], list[QuerySet[Any, Any]]]


_sources: dict[str, PendingSource] = {}


def register(name: str, source: PendingSource) -> None:
    """登记一个来源；同名再登记即覆盖。Called in AppConfig.ready."""
    _sources[name] = source


def pending_of(actor: Actor, today: date) -> list[PendingMatter]:
    """此人今天的全部待办，近期限者在前。"""
    found = [matter for source in _sources.values() for matter in source.matters(actor, today)]
    return sorted(found, key=lambda matter: (matter.due_on, matter.key))


def pending_count(actor: Actor, today: date) -> int:
    """此人今天的待办件数；来源再多也只查一次。"""
    rows = [one.order_by() for source in _sources.values() for one in source.rows(actor, today)]
    if not rows:
        return 0
    return rows[0].union(*rows[1:], all=True).count() if rows[1:] else rows[0].count()
