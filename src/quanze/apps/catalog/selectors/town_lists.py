"""一个镇（街道）的清单：权责清单、配合事项、三个履职事项清单；谁牵头、谁配合、各管什么。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from quanze.apps.catalog.domain.entry_content import shown_value
from quanze.apps.catalog.domain.list_types import ListType
from quanze.apps.catalog.models import DerivedEntryVersion, DerivedList, ItemVersion, TakingBack
from quanze.apps.catalog.selectors.entry_locks import seen_by
from quanze.apps.catalog.selectors.list_types import list_types
from quanze.apps.catalog.selectors.lists import ListView, in_force, lists
from quanze.core.actor import Scope
from quanze.core.errors import NotFound

RELATION, LEAD_DUTY, SUPPORT_DUTY = "relation", "lead_duty", "support_duty"


@dataclass(frozen=True, slots=True)
class TownEntry:
    """镇（街道）清单的一条：牵头机构、关系、双方职责。"""

    entry_id: int
    name: str
    lead_name: str
    relation: str
    lead_duty: str
    support_duty: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TownList:
    """镇（街道）的一种清单；还没有建立的 ``list_id`` 为空。"""

    kind: ListType
    list_id: int | None
    entries: tuple[TownEntry, ...]


@dataclass(frozen=True, slots=True)
class TownPage:
    """一个镇（街道）的全部清单。"""

    power_list: ListView | None
    lists: tuple[TownList, ...]


def town_page(*, body_id: int, scope: Scope, on: date) -> TownPage:
    """看不见的机构答为没有。A fixed number of queries whatever the number of entries."""
    if not scope.covers(body_id):
        raise NotFound("没有这个镇（街道）", hint="请从“关联清单”中打开。")
    kinds = [one for one in list_types().types if one.is_of_town]
    held = dict(DerivedList.objects.filter(body_id=body_id).values_list("list_type", "id"))
    rows = (
        DerivedEntryVersion.objects.filter(
            seen_by(scope, "entry__derived_list__body_id"), in_force(on), entry__derived_list__body_id=body_id
        )
        .select_related("entry__derived_list", "item_version__item__power_list__body")
        .order_by("entry__ordinal", "entry_id")
    )
    by_kind: dict[str, list[TownEntry]] = {}
    for row in rows:
        code = row.entry.derived_list.list_type
        if code in list_types().by_code:
            by_kind.setdefault(code, []).append(_entry(row, list_types().of(code)))
    power = lists(scope=scope, on=on, body_ids=[body_id], list_type="QZ")
    return TownPage(
        power[0] if power else None,
        tuple(TownList(one, held.get(one.code), tuple(by_kind.get(one.code, ()))) for one in kinds),
    )


def _entry(row: DerivedEntryVersion, kind: ListType) -> TownEntry:
    item = row.item_version
    shown = {field.name: shown_value(field, row.content.get(field.name)) for field in kind.fields}
    body = item.item.power_list.body if item is not None else None
    is_own = body is not None and body.pk == row.entry.derived_list.body_id
    lead = shown.get("superior_body") or shown.get("receiving_body") or (body.name if body and not is_own else "")
    told = {RELATION, LEAD_DUTY, SUPPORT_DUTY, "superior_body", "receiving_body", "duty"}
    return TownEntry(
        entry_id=row.entry_id,
        name=row.name or (item.name if item else row.entry.code),
        lead_name=lead,
        relation=shown.get(RELATION, ""),
        lead_duty=shown.get(LEAD_DUTY, ""),
        support_duty=shown.get(SUPPORT_DUTY, "") or shown.get("duty", ""),
        facts=tuple(
            (field.label, shown[field.name]) for field in kind.fields if field.name not in told and shown[field.name]
        ),
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """办理收回时的一个选项。"""

    key: str
    name: str
    body_name: str


def take_back_choices(*, body_id: int, scope: Scope, on: date) -> tuple[list[Choice], list[Choice], list[Choice]]:
    """可收回的（本镇事项、配合条目）、可承接的（现行事项；部门的草稿），部门限看得见的。"""
    items = ItemVersion.objects.filter(
        in_force(on), item__power_list__body_id=body_id, item__power_list__list_type="QZ", valid_to__isnull=True
    )
    origins = [
        Choice(f"item:{row.item_id}", row.name, "权责清单")
        for row in items.select_related("item").order_by("item__ordinal", "item_id")
    ]
    entries = DerivedEntryVersion.objects.filter(
        in_force(on), entry__derived_list__body_id=body_id, entry__derived_list__list_type="PH", valid_to__isnull=True
    )
    origins += [
        Choice(f"entry:{row.entry_id}", row.name, "配合事项清单")
        for row in entries.select_related("entry").order_by("entry__ordinal")
    ]
    departments = ItemVersion.objects.filter(
        seen_by(scope, "item__power_list__body_id"), item__power_list__list_type="QZ"
    ).exclude(item__power_list__body_id=body_id)
    departments = departments.exclude(item__power_list__body__kind__in=["town", "subdistrict"])
    departments = departments.select_related("item__power_list__body").order_by(
        "item__power_list__body__ordinal", "item__ordinal", "item_id"
    )
    present = [
        Choice(f"item:{row.item_id}", row.name, row.item.power_list.body.name)
        for row in departments.filter(in_force(on))[:2000]
    ]
    drafts = [
        Choice(f"draft:{row.pk}", row.name, row.item.power_list.body.name)
        for row in departments.filter(state="draft")[:500]
    ]
    return origins, present, drafts


def taken_back(*, body_id: int, scope: Scope) -> list[TakingBack]:
    """本镇已收回的，新者在前。"""
    rows = TakingBack.objects.filter(seen_by(scope, "town_id"), town_id=body_id)
    return list(rows.select_related("entry", "receiving_version__item__power_list__body"))
