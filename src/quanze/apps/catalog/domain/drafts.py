"""草稿的不变量与对照：事项标识、保存前的硬性要求、新旧内容逐字段对照。"""

from __future__ import annotations

from dataclasses import dataclass

from quanze.apps.catalog.domain.fields import FIELDS
from quanze.apps.catalog.domain.items import (
    AUTHORITY_LABELS,
    CONTENT_LABELS,
    NODE_KIND_LABELS,
    AuthoritySource,
    ItemContent,
    NodeKind,
)
from quanze.core.errors import Defect, ErrorPlace, RulesNotMet

# What the tables hold; the reader reports longer texts, a form refuses them.
LENGTHS = {
    "name": 600,
    "power_code": 64,
    "seq": 64,
    "exercising_body": 300,
    "responsible_body": 300,
    "lead_division": 300,
    "exercise_level": 300,
    "target": 300,
    "hotline": 300,
    "guide_url": 500,
    "addition_reason": 500,
}
# The same for the rows of structured fields: (field, label, attribute, length).
ROW_LENGTHS = (
    ("bases", "依据条款的法规名称", "law", 300),
    ("bases", "依据条款的条款项", "locator", 300),
    ("bases", "依据条款的文号", "document_number", 100),
    ("duties", "责任事项的环节", "stage", 64),
    ("assists", "协办机构", "division", 300),
)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """一处改动：字段、名称、旧文、新文（均为可读文字）。"""

    field: str
    label: str
    old: str
    new: str


def readable(content: ItemContent, field: str) -> str:
    """字段的可读文字：分条的逐行，是否为是/否，代码为名称。Power types stay codes: their labels are data of the pack."""
    if field in FIELDS.by_key:
        return FIELDS.readable(content.extra, field)
    value = getattr(content, field)
    if field == "bases":
        return "\n".join(f"《{b.law}》{b.locator}" if b.law else b.locator for b in content.bases)
    if field == "duties":
        return "\n".join(f"{d.stage}：{d.text}" if d.stage else d.text for d in content.duties)
    if field == "accountability_cases":
        return "\n".join(content.accountability_cases)
    if field == "assists":
        return "\n".join(f"{a.division}：{a.duty}" if a.duty else a.division for a in content.assists)
    if field == "node_kind":
        return NODE_KIND_LABELS[NodeKind(value)]
    if field == "authority_source":
        return AUTHORITY_LABELS[AuthoritySource(value)] if value else ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)


def changes(old: ItemContent | None, new: ItemContent) -> tuple[FieldChange, ...]:
    """逐字段对照；没有旧版本时，凡有内容的字段都是新增。"""
    blank = ItemContent(name="")
    base = old or blank
    found = []
    for field, label in CONTENT_LABELS.items():
        before, after = readable(base, field) if old else "", readable(new, field)
        if before != after and not (old is None and after == readable(blank, field)):
            found.append(FieldChange(field, label, before, after))
    return tuple(found)


def require_storable(content: ItemContent) -> None:
    """能存下的最低要求：有名称，短字段不超长。Everything else is a finding, not a refusal: a draft may be unfinished."""
    defects = []
    if not content.name.strip():
        defects.append(Defect("name_missing", "事项名称不能为空", ErrorPlace(field="事项名称")))
    for field, length in LENGTHS.items():
        if len(getattr(content, field)) > length:
            label = CONTENT_LABELS[field]
            defects.append(Defect("text_too_long", f"{label}超过 {length} 字", ErrorPlace(field=label)))
    for field, label, attribute, length in ROW_LENGTHS:
        if any(len(getattr(row, attribute)) > length for row in getattr(content, field)):
            defects.append(Defect("text_too_long", f"{label}超过 {length} 字", ErrorPlace(field=CONTENT_LABELS[field])))
    defects += FIELDS.defects(content.extra)
    if defects:
        raise RulesNotMet("事项不能保存", defects=defects, hint="请按提示修改后再保存。", code="item_not_storable")
