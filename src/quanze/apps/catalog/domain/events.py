"""清单向上的事件：送审件办到哪里，由更高的能力登记处理，在同一事务里做完。

A lower capability does not know who listens. Handlers are registered in ``AppConfig.ready`` and run inside the transaction
of the service that tells; an error in one undoes the whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from quanze.core.actor import Actor


@dataclass(frozen=True, slots=True)
class SubmissionMoved:
    """送审件到了新的状态：returned 退回 | resubmitted 重新送审 | withdrawn 撤回 | refused 不予通过 | published 公布。

    ``edition_id`` and ``valid_from`` are given when it was published.
    """

    submission_id: int
    state: str
    reason: str
    edition_id: int | None = None
    valid_from: date | None = None


Handler = Callable[[SubmissionMoved, Actor, datetime], None]
_handlers: dict[str, Handler] = {}


def on_submission_moved(name: str, handler: Handler) -> None:
    """登记处理；同名再登记即覆盖。"""
    _handlers[name] = handler


def submission_moved(event: SubmissionMoved, *, actor: Actor, now: datetime) -> None:
    """告知登记的各处理，依登记的次序。"""
    for handler in _handlers.values():
        handler(event, actor, now)
