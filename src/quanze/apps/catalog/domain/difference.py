"""对照：读到的表格与清单现有事项逐项相配，分成新增、变更、未变、缺少。

Pure and deterministic. Items are matched within their level (sub-items within their matched main item) by what identifies them,
strongest first; where several are alike they are matched in their order. What a table does not carry (a column it has
not) is kept from the existing item, so that importing a table again never blanks what was added by hand, and a changed
serial number alone is no change of the power.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from quanze.apps.catalog.domain.drafts import FieldChange, changes, readable, require_storable
from quanze.apps.catalog.domain.fields import FIELDS
from quanze.apps.catalog.domain.items import AssistContent, BasisContent, DutyContent, ItemContent
from quanze.core.errors import RulesNotMet

# What a header-pack field of a table carries, by the names of ItemContent.
_CARRIED: dict[str, tuple[str, ...]] = {
    "basis_text": ("basis_text", "bases"),
    "duty_text": ("duty_text", "duties"),
    "direct_duty_text": ("duty_text", "duties"),
    "guidance_duty_text": ("duty_text", "duties"),
    "accountability_text": ("accountability_text", "accountability_cases"),
    "legal_limit": ("legal_limit_days", "limit_note"),
    "promised_limit": ("promised_limit_days", "limit_note"),
    "fee_text": ("has_fee",),
    "assist_text": ("assists",),
    "supervision_way": ("hotline",),
}
# A text and what is split from it.
_DERIVED = {"basis_text": "bases", "duty_text": "duties", "accountability_text": "accountability_cases"}
_ALWAYS = frozenset({"name", "seq", "node_kind"})
_NOT_FROM_TABLES = frozenset({"template_key", "extra"})


class EntryKind(StrEnum):
    """对照结果：新增、变更、未变。"""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


ENTRY_KIND_LABELS = {EntryKind.NEW: "新增", EntryKind.CHANGED: "变更", EntryKind.UNCHANGED: "未变"}


@dataclass(frozen=True, slots=True)
class Incoming:
    """读到的一项：键（工作表!行）、内容、表中有的要素、主项的键、位置、存疑之处。"""

    key: str
    content: ItemContent
    carried: frozenset[str]
    parent_key: str | None = None
    place: str = ""
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Existing:
    """清单现有的一项：在编优先，否则现行。``is_locked`` 表示正在审查，不能改。

    ``in_force`` is the content in force where ``content`` is that of a working version beside it.
    """

    item_id: int
    content: ItemContent
    parent_id: int | None = None
    is_locked: bool = False
    is_in_force: bool = False
    in_force: ItemContent | None = None

    @property
    def is_being_changed(self) -> bool:
        """在编草稿与现行不同：有人改过，导入不可悄悄盖掉。"""
        return self.in_force is not None and not _is_same(self.in_force, self.content)


@dataclass(frozen=True, slots=True)
class Entry:
    """一项的对照：种类、所配的现有事项、合并后的内容、改动、存疑之处、为何不能导入。"""

    key: str
    kind: EntryKind
    content: ItemContent
    place: str
    parent_key: str | None = None
    item_id: int | None = None
    changes: tuple[FieldChange, ...] = ()
    doubts: tuple[str, ...] = ()
    blocked: str = ""
    overwrites_draft: bool = False

    @property
    def is_applied_by_default(self) -> bool:
        """不勾选也会导入：不存疑、不受阻、不盖掉在编草稿、有变化。"""
        return not (self.doubts or self.blocked or self.overwrites_draft) and self.kind is not EntryKind.UNCHANGED


@dataclass(frozen=True, slots=True)
class Difference:
    """整份对照：表中各项（按表的次序）与表中没有的现有事项。"""

    entries: tuple[Entry, ...]
    missing: tuple[Existing, ...]

    def count(self, kind: EntryKind) -> int:
        return sum(entry.kind is kind for entry in self.entries)

    @property
    def questioned(self) -> tuple[Entry, ...]:
        """存疑的各项。"""
        return tuple(entry for entry in self.entries if entry.doubts)

    @property
    def overwriting(self) -> tuple[Entry, ...]:
        """会盖掉在编草稿的各项。"""
        return tuple(entry for entry in self.entries if entry.overwrites_draft and not entry.blocked)


def carried_fields(codes: Iterable[str], *, has_type: bool) -> frozenset[str]:
    """表中各栏所带的要素；有职权类型（哪怕取自表名）才算带了类型。"""
    known = (ItemContent.__dataclass_fields__.keys() - _NOT_FROM_TABLES) | FIELDS.by_key.keys()
    found: set[str] = set(_ALWAYS)
    for code in codes:
        found.update(_CARRIED.get(code, (code,) if code in known else ()))
    found.discard("power_type")
    if has_type:
        found.add("power_type")
    return frozenset(found)


def merged(existing: ItemContent, incoming: ItemContent, carried: Iterable[str]) -> ItemContent:
    """表中有的要素以表为准，没有的保留现有。文字未变的，由文字拆出的条款、环节保留现有，其中可能有人工的校正。"""
    taken = {field: incoming.value(field) for field in carried}
    further = {key: taken.pop(key) for key in FIELDS.by_key if key in taken}
    for text, derived in _DERIVED.items():
        if derived in taken and taken.get(text) in (getattr(existing, text), readable(existing, derived)):
            taken[text], taken[derived] = getattr(existing, text), getattr(existing, derived)
    if "assists" in taken and taken["assists"] == tuple(AssistContent(a.division) for a in existing.assists):
        taken["assists"] = existing.assists
    if further:
        taken["extra"] = {k: v for k, v in {**existing.extra, **further}.items() if v is not None}
    return replace(existing, **taken)


def _is_same(old: ItemContent, new: ItemContent) -> bool:
    return replace(old, seq="") == replace(new, seq="")


def _name(content: ItemContent) -> str:
    return "".join(content.name.split())


# From strong to weak; each gives None where the item has no such key.
_PASSES: tuple[Callable[[ItemContent], Hashable | None], ...] = (
    lambda c: (c.power_code, _name(c), c.power_type, c.basis_text) if c.power_code else None,
    lambda c: (_name(c), c.power_type, c.basis_text, c.exercising_body),
    lambda c: (c.power_code, _name(c)) if c.power_code else None,
    lambda c: (_name(c), c.power_type),
    lambda c: c.power_code or None,
    _name,
)


def match(existing: Sequence[Existing], incoming: Sequence[Incoming]) -> dict[str, int]:
    """同一层的相配：读到的键 → 现有事项编号。Each side at most once; alike ones in their order."""
    found: dict[str, int] = {}
    left = list(existing)
    for key_of in _PASSES:
        waiting: dict[Hashable, list[Existing]] = {}
        for held in left:
            key = key_of(held.content)
            if key is not None:
                waiting.setdefault(key, []).append(held)
        taken: set[int] = set()
        for row in incoming:
            if row.key in found:
                continue
            key = key_of(row.content)
            queue = waiting.get(key) if key is not None else None
            if queue:
                held = queue.pop(0)
                found[row.key] = held.item_id
                taken.add(held.item_id)
        left = [held for held in left if held.item_id not in taken]
    return found


def compare(existing: Sequence[Existing], incoming: Sequence[Incoming]) -> Difference:
    """整份对照。``incoming`` in the order of the table, main items before their sub-items."""
    by_id = {held.item_id: held for held in existing}
    if len(by_id) != len(existing) or len({row.key for row in incoming}) != len(incoming):
        raise ValueError("事项编号与读到的键都须唯一")
    pairs = match([held for held in existing if held.parent_id is None], [r for r in incoming if r.parent_key is None])
    children: dict[int, list[Existing]] = {}
    for held in existing:
        if held.parent_id is not None:
            children.setdefault(held.parent_id, []).append(held)
    rows: dict[str, list[Incoming]] = {}
    for row in incoming:
        if row.parent_key is not None:
            rows.setdefault(row.parent_key, []).append(row)
    for parent_key, subs in rows.items():
        parent_id = pairs.get(parent_key)
        if parent_id is not None:
            pairs |= match(children.get(parent_id, []), subs)
    taken = set(pairs.values())
    return Difference(
        entries=tuple(_entry(row, by_id.get(pairs[row.key]) if row.key in pairs else None) for row in incoming),
        missing=tuple(held for held in existing if held.item_id not in taken),
    )


def _entry(row: Incoming, held: Existing | None) -> Entry:
    if held is None:
        return Entry(
            row.key, EntryKind.NEW, row.content, row.place, row.parent_key, doubts=row.doubts, blocked=_blocked(row)
        )
    content = merged(held.content, row.content, row.carried)
    if _is_same(held.content, content):
        return Entry(row.key, EntryKind.UNCHANGED, held.content, row.place, row.parent_key, held.item_id)
    return Entry(
        row.key,
        EntryKind.CHANGED,
        content,
        row.place,
        row.parent_key,
        held.item_id,
        changes(held.content, content),
        row.doubts,
        "正在审查，不能改动；可先撤回送审，或等审查结束后再导入" if held.is_locked else _blocked(row),
        overwrites_draft=held.is_being_changed,
    )


def _blocked(row: Incoming) -> str:
    try:
        require_storable(row.content)
    except RulesNotMet as refused:
        return "；".join(defect.message for defect in refused.defects)
    return ""


def content_as_json(content: ItemContent) -> dict[str, Any]:
    """内容的 JSON 形态，供暂存读取结果。"""
    return asdict(content)


def content_from_json(data: Mapping[str, Any]) -> ItemContent:
    """由 JSON 还原内容，与存入时相等。"""
    plain = {key: value for key, value in data.items() if key in ItemContent.__dataclass_fields__}
    plain["bases"] = tuple(BasisContent(**one) for one in data.get("bases", ()))
    plain["duties"] = tuple(DutyContent(**one) for one in data.get("duties", ()))
    plain["assists"] = tuple(AssistContent(**one) for one in data.get("assists", ()))
    plain["accountability_cases"] = tuple(data.get("accountability_cases", ()))
    return ItemContent(**plain)


@dataclass(frozen=True, slots=True)
class Choices:
    """预览页上的选择：勾选导入的存疑项与会盖掉草稿的、不导入的项、拟取消的缺少项及理由。"""

    include: frozenset[str] = frozenset()
    exclude: frozenset[str] = frozenset()
    endings: frozenset[int] = frozenset()
    ending_reason: str = ""


def chosen_entries(difference: Difference, choices: Choices) -> tuple[Entry, ...]:
    """实际导入的各项。A sub-item of a new main item that stays out stays out with it."""
    wanted: list[Entry] = []
    kinds = {entry.key: entry for entry in difference.entries}
    kept: set[str] = set()
    for entry in difference.entries:
        if entry.kind is EntryKind.UNCHANGED or entry.blocked:
            continue
        is_in = (entry.is_applied_by_default or entry.key in choices.include) and entry.key not in choices.exclude
        parent = kinds.get(entry.parent_key) if entry.parent_key is not None else None
        if parent is not None and parent.item_id is None and parent.key not in kept:
            is_in = False
        if is_in:
            kept.add(entry.key)
            wanted.append(entry)
    return tuple(wanted)
