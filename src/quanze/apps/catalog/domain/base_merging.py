"""范本换版的三方合并：范本旧版、范本新版、本级所写，逐项逐要素合在一起。

What the town did not touch follows the base; what the base did not touch stays as the town wrote it; what both changed, each
in its own way, is a conflict that a person settles. Fields that are the town's own (body, divisions, codes, telephones) take
no part. A text and the parts it was split into are one unit: they change together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from quanze.apps.catalog.domain.items import CONTENT_LABELS, BasisContent, DutyContent, ItemContent
from quanze.core.errors import Defect, ErrorPlace, RulesNotMet
from quanze.core.lawtext.citations import split_citations
from quanze.core.listsheet.clauses import split_clauses, split_responsibilities

# Unit → its fields, in the order in which an item is read.
UNITS: Mapping[str, tuple[str, ...]] = {
    "name": ("name",),
    "power_type": ("power_type",),
    "exercise_level": ("exercise_level",),
    "level_split": ("level_split",),
    "target": ("target",),
    "basis": ("basis_text", "bases"),
    "duties": ("duty_text", "duties"),
    "duty_basis_text": ("duty_basis_text",),
    "accountability": ("accountability_text", "accountability_cases"),
    "accountability_basis_text": ("accountability_basis_text",),
    "legal_limit_days": ("legal_limit_days",),
    "has_fee": ("has_fee",),
    "remedy": ("remedy",),
}
LOCAL, BASE, OWN = "local", "base", "own"
CHOICES = {BASE: "取范本新版", LOCAL: "保留本级所写", OWN: "另写"}
# A text may be written anew; a type, a number or a yes is one side's or the other's.
WRITABLE = frozenset(UNITS) - {"power_type", "legal_limit_days", "has_fee"}
_LONG = frozenset(
    {"basis", "duties", "accountability", "duty_basis_text", "accountability_basis_text", "level_split", "remedy"}
)


class Outcome(StrEnum):
    """一个要素合并的结果。"""

    SAME = "same"
    TAKEN = "taken"
    KEPT = "kept"
    AGREED = "agreed"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class UnitMerge:
    """一个要素：结果与三方的值（各为字段 → 值）。"""

    unit: str
    outcome: Outcome
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    local: Mapping[str, Any]

    @property
    def label(self) -> str:
        return CONTENT_LABELS[UNITS[self.unit][0]]

    @property
    def is_writable(self) -> bool:
        """可以另写。"""
        return self.unit in WRITABLE


class ItemChange(StrEnum):
    """范本的一项在新版里怎样了。"""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class ItemMerge:
    """一项的合并：范本事项、本级事项（没有认领为空）、怎样变的、各要素的结果。"""

    base_code: str
    name: str
    change: ItemChange
    item_id: int | None
    units: tuple[UnitMerge, ...] = ()
    parent_item_id: int | None = None

    @property
    def is_new_part(self) -> bool:
        """范本在本级认领了的主项之下新分出的子项：合并时一并写成草稿。"""
        return self.change is ItemChange.ADDED and self.parent_item_id is not None

    @property
    def conflicts(self) -> tuple[UnitMerge, ...]:
        return tuple(one for one in self.units if one.outcome is Outcome.CONFLICT)

    @property
    def taken(self) -> tuple[UnitMerge, ...]:
        return tuple(one for one in self.units if one.outcome is Outcome.TAKEN)


@dataclass(frozen=True, slots=True)
class BaseStep:
    """范本一项由旧版到新版：新增的没有旧版，移出的没有新版。"""

    code: str
    old: ItemContent | None
    new: ItemContent | None
    parent_code: str = ""


def _values(content: ItemContent, unit: str) -> dict[str, Any]:
    return {field: getattr(content, field) for field in UNITS[unit]}


def merge_units(old: ItemContent, new: ItemContent, local: ItemContent) -> tuple[UnitMerge, ...]:
    """三方逐要素合并。"""
    found = []
    for unit in UNITS:
        before, after, own = _values(old, unit), _values(new, unit), _values(local, unit)
        if before == after:
            outcome = Outcome.SAME if own == before else Outcome.KEPT
        elif own == after:
            outcome = Outcome.AGREED
        elif own == before:
            outcome = Outcome.TAKEN
        else:
            outcome = Outcome.CONFLICT
        found.append(UnitMerge(unit, outcome, before, after, own))
    return tuple(found)


def merge_items(
    steps: Iterable[BaseStep], locals_by_code: Mapping[str, tuple[int, ItemContent]]
) -> tuple[ItemMerge, ...]:
    """整份清单的合并：范本变了的各项 × 本级认领的各项；没有认领而新版改了的不必理会。"""
    found = []
    for step in steps:
        claimed = locals_by_code.get(step.code)
        if step.new is None:
            if claimed is not None:
                found.append(ItemMerge(step.code, claimed[1].name, ItemChange.REMOVED, claimed[0]))
        elif step.old is None:
            parent = locals_by_code.get(step.parent_code)
            if claimed is None and (parent is not None or not step.parent_code):
                parent_id = parent[0] if parent is not None else None
                found.append(ItemMerge(step.code, step.new.name, ItemChange.ADDED, None, parent_item_id=parent_id))
        elif claimed is not None:
            units = merge_units(step.old, step.new, claimed[1])
            if any(one.outcome in (Outcome.TAKEN, Outcome.CONFLICT) for one in units):
                found.append(ItemMerge(step.code, claimed[1].name, ItemChange.CHANGED, claimed[0], units))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Choice:
    """对一处冲突的选择：取范本、保留本级，或另写；保留须写理由，另写须有文字。"""

    side: str
    reason: str = ""
    text: str = ""


def written(unit: str, text: str) -> dict[str, Any]:
    """另写的文字 → 该要素各字段的值；依据、责任、追责照读表的办法分条。"""
    if unit not in WRITABLE:
        raise ValueError(f"{unit} is not written anew")
    fields = UNITS[unit]
    clean = text.strip() if unit in _LONG else " ".join(text.split())
    if unit == "basis":
        cited = split_citations(clean)
        parts: tuple[Any, ...] = tuple(
            BasisContent(one.law, one.locator, one.quote, one.document_number) for one in cited.citations if one.law
        )
    elif unit == "duties":
        parts = tuple(DutyContent(one.stage, one.text) for one in split_responsibilities(clean))
    elif unit == "accountability":
        parts = tuple(one.text for one in split_clauses(clean).clauses)
    else:
        return {fields[0]: clean}
    return {fields[0]: clean, fields[1]: parts}


def merged_content(local: ItemContent, item: ItemMerge, choices: Mapping[str, Choice]) -> ItemContent:
    """合并后的内容：没有冲突的取范本，冲突的按选择；保留本级的把理由写进补充理由。"""
    changed: dict[str, Any] = {}
    for one in item.units:
        takes = one.outcome is Outcome.TAKEN or (one.outcome is Outcome.CONFLICT and choices[one.unit].side == BASE)
        if takes:
            changed |= dict(one.new)
        elif one.outcome is Outcome.CONFLICT and choices[one.unit].side == OWN:
            changed |= written(one.unit, choices[one.unit].text)
    told = (choices[one.unit] for one in item.conflicts)
    reasons = [one.reason for one in told if one.side in (LOCAL, OWN) and one.reason]
    if reasons and not local.addition_reason:
        changed["addition_reason"] = "；".join(dict.fromkeys(reasons))[:500]
    return replace(local, **changed)


def require_settled(items: Sequence[ItemMerge], choices: Mapping[tuple[str, str], Choice]) -> None:
    """每处冲突都选过，保留本级的都写了理由；没有的逐处指出。"""
    defects = []
    for item in items:
        for one in item.conflicts:
            choice = choices.get((item.base_code, one.unit))
            place = ErrorPlace(field=f"{item.base_code}.{one.unit}")
            if choice is None or choice.side not in CHOICES:
                defects.append(Defect("conflict_open", f"“{item.name}”的{one.label}还没有选", place))
            elif choice.side == LOCAL and not choice.reason.strip():
                defects.append(Defect("reason_required", f"“{item.name}”的{one.label}保留本级所写，须写理由", place))
            elif choice.side == OWN and not (one.is_writable and choice.text.strip()):
                message = "还没有写" if one.is_writable else "不能另写，请取其中一边"
                defects.append(Defect("text_required", f"“{item.name}”的{one.label}{message}", place))
    if defects:
        raise RulesNotMet(
            f"还有 {len(defects)} 处冲突没有选好",
            hint="请逐处选择取范本新版、保留本级所写并写理由，或另写。",
            defects=defects,
            code="conflicts_open",
        )
