"""不同步：条目与所据事项对不上的几种情形，与同步率。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class DriftKind(StrEnum):
    """不同步的情形。"""

    MISSING = "missing"
    SOURCE_ENDED = "source_ended"
    TEXT_DIFFERS = "text_differs"
    SOURCE_CHANGED = "source_changed"
    LOOSER = "looser"
    INCOMPLETE = "incomplete"
    POWERLESS = "powerless"


DRIFT_LABELS = {
    DriftKind.MISSING: "应列未列",
    DriftKind.SOURCE_ENDED: "依据已失效",
    DriftKind.TEXT_DIFFERS: "继承的要素已变",
    DriftKind.SOURCE_CHANGED: "依据有新版本",
    DriftKind.LOOSER: "比上级放宽",
    DriftKind.INCOMPLETE: "依据或要素不齐",
    DriftKind.POWERLESS: "无权有责",
}
DRIFT_REMEDIES = {
    DriftKind.MISSING: "列入草稿，随下一版公布",
    DriftKind.SOURCE_ENDED: "终止条目",
    DriftKind.TEXT_DIFFERS: "同步更新",
    DriftKind.SOURCE_CHANGED: "同步更新，或确认不受影响",
    DriftKind.LOOSER: "收紧后同步更新",
    DriftKind.INCOMPLETE: "起草修改，补齐后公布",
    DriftKind.POWERLESS: "改写职责为巡查、报告，或依法赋权、委托",
}


@dataclass(frozen=True, slots=True)
class DriftRow:
    """一处不同步：清单、条目（应列未列的为空）、来源、说明、可以自哪天起同步。"""

    list_id: int
    kind: DriftKind
    name: str
    message: str
    source_kind: str
    source_id: int
    source_body_name: str
    since: date | None
    entry_id: int | None = None
    entry_code: str = ""
    lock_version: int = 0

    @property
    def label(self) -> str:
        return DRIFT_LABELS[self.kind]

    @property
    def remedy(self) -> str:
        return DRIFT_REMEDIES[self.kind]

    @property
    def key(self) -> str:
        return f"{self.list_id}:{self.entry_id or 0}:{self.source_kind}:{self.source_id}:{self.kind}"


@dataclass(frozen=True, slots=True)
class ListDrift:
    """一份清单的同步情况：现行条目数与各处不同步。"""

    list_id: int
    entries: int
    rows: tuple[DriftRow, ...]

    @property
    def missing(self) -> int:
        return sum(row.kind == DriftKind.MISSING for row in self.rows)

    @property
    def drifting(self) -> int:
        return len({row.entry_id for row in self.rows if row.entry_id is not None})

    def of(self, *kinds: DriftKind) -> tuple[DriftRow, ...]:
        return tuple(row for row in self.rows if row.kind in kinds)


def sync_percent(entries: int, drifting: int, missing: int) -> int | None:
    """关联清单同步率（%，舍去小数）：同步的条目占应有条目；什么都没有时为空。"""
    whole = entries + missing
    return (entries - drifting) * 100 // whole if whole else None


def total(found: Sequence[ListDrift]) -> int | None:
    """几份清单合起来的同步率。"""
    return sync_percent(sum(o.entries for o in found), sum(o.drifting for o in found), sum(o.missing for o in found))


# Two letters that say what is done and not about what.
_COMMON = (
    "监督",
    "检查",
    "管理",
    "处罚",
    "行政",
    "工作",
    "巡查",
    "排查",
    "行为",
    "整治",
    "核查",
    "登记",
    "审批",
    "组织",
)


def share_a_word(one: str, other: str) -> bool:
    """两个名称是否说的同一件事：有相同的两字词，常见的行为用语不算。"""
    pairs = {one[n : n + 2] for n in range(len(one) - 1)} - set(_COMMON)
    return any(pair in other for pair in pairs)
