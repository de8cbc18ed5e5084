"""事项的经过：一个事项身上发生过的每一件事，各能力各说自己的，门户合成一页。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

EVENT_KINDS = {
    "origin": "建立与认领",
    "review": "送审",
    "version": "公布",
    "correction": "勘误",
    "adjustment": "动态调整",
    "lineage": "沿革",
    "channel": "渠道公开",
    "report": "公众纠错",
    "guide": "简明指南",
    "nondisclosure": "不公开",
    "derived": "关联清单",
}


@dataclass(frozen=True, slots=True)
class ItemEvent:
    """一件事：何时知道的（登记、办理的时刻）、自何日起算、种类、说法、说明、谁、有关的客体。

    ``at`` decides whether it was known on a day, ``on`` from which day it holds; for most they are the same day.
    """

    at: datetime
    on: date
    kind: str
    label: str
    note: str = ""
    who: str = ""
    subject_kind: str = ""
    subject_id: int = 0

    @property
    def kind_label(self) -> str:
        return EVENT_KINDS[self.kind]


def seen(
    events: Iterable[ItemEvent], *, on: date | None = None, known_at: datetime | None = None, kind: str = ""
) -> list[ItemEvent]:
    """截至某日生效的、某时已知的、某种的，新者在前；同一刻的照来的次序。"""
    chosen = [
        one
        for one in events
        if (on is None or one.on <= on) and (known_at is None or one.at <= known_at) and (not kind or one.kind == kind)
    ]
    return sorted(chosen, key=lambda one: (one.at, one.on), reverse=True)
