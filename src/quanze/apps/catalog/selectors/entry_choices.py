"""列入条目时可选的依据：现行的事项，上级清单的条目。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import Q

from quanze.apps.catalog.domain.base_lists import POWER_LIST
from quanze.apps.catalog.domain.list_types import ListType
from quanze.apps.catalog.models import DerivedList, ItemVersion
from quanze.apps.catalog.selectors.candidates import parent_sources
from quanze.apps.catalog.selectors.entry_locks import seen_by
from quanze.apps.catalog.selectors.lists import in_force
from quanze.apps.catalog.selectors.rests_on import CHUNK, sources_in_force
from quanze.core.actor import Scope


def power_item_choices(
    *, kind: ListType, body_id: int, text: str, on: date, scope: Scope, limit: int = 30
) -> Sequence[tuple[int, str, str]]:
    """可作依据的现行事项（编号，名称，机构）：公布了的谁都可以引用，看得见的机构排在前；只列这种清单可以依据的。"""
    rows = ItemVersion.objects.filter(in_force(on), item__power_list__list_type=POWER_LIST)
    rows = rows.filter(Q(name__icontains=text) | Q(item__code__iexact=text) | Q(power_code__iexact=text))
    if kind.own_item_only:
        rows = rows.filter(item__power_list__body_id=body_id)
    elif kind.lead_item_elsewhere:
        rows = rows.exclude(item__power_list__body__kind__in=["town", "subdistrict"])
    found = [
        (row.item_id, row.name, row.item.power_list.body.name, scope.covers(row.item.power_list.body_id))
        for row in rows.select_related("item__power_list__body").order_by("item_id")[: limit * 3]
    ]
    found.sort(key=lambda one: (not one[3], one[1]))
    return [one[:3] for one in found[:limit]]


def power_items_named(names: set[str], *, body_id: int, kind: ListType, on: date) -> list[tuple[str, int]]:
    """叫这些名称的现行事项（名称，编号）：公布了的谁都可以引用；只列这种清单可以依据的。"""
    found: list[tuple[str, int]] = []
    wanted = sorted(names)
    for start in range(0, len(wanted), CHUNK):
        rows = ItemVersion.objects.filter(in_force(on), name__in=wanted[start : start + CHUNK])
        rows = rows.filter(item__power_list__list_type=POWER_LIST)
        if kind.own_item_only:
            rows = rows.filter(item__power_list__body_id=body_id)
        elif kind.lead_item_elsewhere:
            rows = rows.exclude(item__power_list__body_id=body_id)
        found += list(rows.order_by("item_id").values_list("name", "item_id"))
    return found


def parent_entry_choices(
    *, kind: ListType, body_id: int, text: str, on: date, scope: Scope, limit: int = 50
) -> list[tuple[str, str, str]]:
    """可作依据的上级条目（键，名称，机构）：与自动派生同一范围。"""
    row = DerivedList.objects.filter(seen_by(scope, "body_id"), body_id=body_id, list_type=kind.code)
    derived_list = row.select_related("body").first()
    if derived_list is None:
        return []
    found = [one for one in parent_sources(derived_list, kind, on) if text in one.name]
    return [(f"entry:{one.identity}", one.name, one.body_name) for one in found[:limit]]


def named_sources(keys: Sequence[str], *, on: date, scope: Scope) -> list[tuple[str, str, str]]:
    """所选依据的名称（键，名称，机构）；不是现行的不在其中。公布了的都可以引用，不限于 ``scope``。"""
    wanted = [
        (kind, int(number))
        for kind, _, number in (one.partition(":") for one in keys)
        if kind in ("item", "entry") and number.isascii() and number.isdigit() and len(number) < 19
    ]
    sources = sources_in_force(wanted, on) if wanted and scope else {}
    return [(f"{k}:{n}", sources[k, n].name, sources[k, n].body_name) for k, n in wanted if (k, n) in sources]
