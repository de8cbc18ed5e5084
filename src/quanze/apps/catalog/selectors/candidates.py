"""应列入的来源：一份自动派生的清单，今天该有哪些条目。"""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from quanze.apps.catalog.domain.base_lists import POWER_LIST
from quanze.apps.catalog.domain.list_types import INHERITABLE, ListType
from quanze.apps.catalog.models import DerivedEntryVersion, DerivedList, ItemVersion
from quanze.apps.catalog.selectors.list_types import list_types
from quanze.apps.catalog.selectors.lists import in_force
from quanze.apps.catalog.selectors.rests_on import Source


def candidates_of(derived_list: DerivedList, kind: ListType, on: date) -> list[Source]:
    """这份清单今天应有的来源，按事项次序；逐项列入的种类没有。"""
    if not kind.is_automatic:
        return []
    if kind.from_list:
        return parent_sources(derived_list, kind, on)
    body = derived_list.body
    owners = (
        Q(item__power_list__body__region_id=body.region_id)
        if kind.reach == "region"
        else Q(item__power_list__body_id=body.pk)
    )
    versions = ItemVersion.objects.filter(in_force(on), owners, item__power_list__list_type=POWER_LIST)
    wanted = _power_types(kind)
    if wanted:
        versions = versions.filter(power_type__in=wanted)
    rows = versions.order_by("item__power_list__body__ordinal", "item__power_list_id", "item__ordinal", "item_id").values(
        "id", "item_id", "content_hash", "valid_from", "item__power_list__body_id", "item__power_list__body__name",
        *INHERITABLE,
    )  # fmt: skip
    return [
        Source(
            "item",
            row["item_id"],
            row["id"],
            row["name"],
            row["item__power_list__body_id"],
            row["item__power_list__body__name"],
            row["content_hash"],
            row["id"],
            row["valid_from"],
        )
        for row in rows.iterator()
        if kind.feeds_from(row)
    ]


def _power_types(kind: ListType) -> frozenset[str]:
    """各组条件都限定职权类型时，可以在查询里先筛。"""
    if not kind.from_items or not all(one.power_types for one in kind.from_items):
        return frozenset()
    return frozenset().union(*(one.power_types for one in kind.from_items))


def parent_sources(derived_list: DerivedList, kind: ListType, on: date) -> list[Source]:
    """可以派生的上级条目：上级清单归集全地区的，只取本机构事项的；否则只取本机构清单的。"""
    parent = list_types().of(kind.from_list)
    rows = DerivedEntryVersion.objects.filter(in_force(on), entry__derived_list__list_type=parent.code)
    if parent.reach == "region":
        rows = rows.filter(item_version__item__power_list__body_id=derived_list.body_id)
    else:
        rows = rows.filter(entry__derived_list__body_id=derived_list.body_id)
    rows = rows.select_related("entry__derived_list__body", "item_version").order_by("entry__ordinal", "entry_id")
    found = []
    for row in rows:
        version = row.item_version
        facts = {name: getattr(version, name) for name in INHERITABLE} if version is not None else {}
        if kind.feeds_from(facts):
            body = row.entry.derived_list.body
            name = row.name or (version.name if version else row.entry.code)
            found.append(
                Source(
                    "entry",
                    row.entry_id,
                    row.pk,
                    name,
                    body.pk,
                    body.name,
                    row.content_hash,
                    row.item_version_id,
                    row.valid_from,
                )
            )
    return found
