"""提议范本时读什么：可作来源的清单，它们某日现行的全部内容，范本里已有的名称。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from quanze.apps.catalog.domain.base_lists import POWER_LIST
from quanze.apps.catalog.domain.items import ItemSnapshot
from quanze.apps.catalog.domain.naming import canonical_name
from quanze.apps.catalog.domain.proposing import SourceList
from quanze.apps.catalog.models import ItemVersion
from quanze.apps.catalog.selectors.contents import content_of, with_content
from quanze.apps.catalog.selectors.lists import ListView, _scoped, in_force, lists, working_or_in_force
from quanze.core.actor import Scope


def candidates(*, scope: Scope, on: date) -> list[ListView]:
    """可作来源的清单：看得见的、有现行事项的权责清单。"""
    return [one for one in lists(scope=scope, on=on, list_type=POWER_LIST) if one.in_force_items]


def sources(*, list_ids: Sequence[int], scope: Scope, on: date) -> list[SourceList]:
    """所选清单某日现行的事项，次序如所给；看不见的、没有现行事项的不在其中。"""
    rows = ItemVersion.objects.filter(
        _scoped(scope, "item__power_list__body_id"),
        in_force(on),
        item__power_list_id__in=list(list_ids),
        item__power_list__list_type=POWER_LIST,
    )
    rows = with_content(rows.select_related("item__power_list__body")).order_by("item__ordinal", "item_id")
    found: dict[int, list[ItemSnapshot]] = {}
    names: dict[int, str] = {}
    for row in rows:
        power_list = row.item.power_list
        names[power_list.pk] = power_list.body.short_name or power_list.body.name
        found.setdefault(power_list.pk, []).append(
            ItemSnapshot(
                key=f"item:{row.item_id}",
                item_id=row.item_id,
                version_id=row.pk,
                content=content_of(row),
                parent_key=f"item:{row.item.parent_id}" if row.item.parent_id else None,
            )
        )
    return [SourceList(names[one], found[one]) for one in dict.fromkeys(list_ids) if one in found]


def names_held(*, list_id: int, scope: Scope, on: date) -> set[str]:
    """清单里已有的主项的规范名称，在编的与现行的都算。"""
    rows = ItemVersion.objects.filter(
        _scoped(scope, "item__power_list__body_id"),
        working_or_in_force(on),
        item__power_list_id=list_id,
        item__parent__isnull=True,
    )
    return {canonical_name(name) for name in rows.values_list("name", flat=True)}
