"""事项要点：别的能力按编号、按标识取用的几项，成批读取。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from quanze.apps.catalog.models import ItemEnding, ItemVersion, PowerItem
from quanze.apps.catalog.selectors.lists import _scoped
from quanze.apps.catalog.selectors.withheld import withheld_ids
from quanze.core.actor import NOTHING, Scope


@dataclass(frozen=True, slots=True)
class ItemBrief:
    """事项要点：标识、名称（在编的取在编）、清单、机构；``is_new`` 从未公布过，``is_ending`` 已标为拟取消。"""

    item_id: int
    code: str
    name: str
    list_id: int
    body_id: int
    is_new: bool
    is_ending: bool


def item_briefs(item_ids: Iterable[int], *, scope: Scope) -> dict[int, ItemBrief]:
    """事项编号 → 要点，看不见的不在其中。Three queries whatever the number."""
    return _briefs(scope, id__in=list(item_ids))


def item_briefs_by_codes(codes: Iterable[str], *, scope: Scope) -> dict[str, ItemBrief]:
    """事项标识 → 要点，看不见的不在其中。"""
    return {brief.code: brief for brief in _briefs(scope, code__in=list(codes)).values()}


def published_briefs(item_ids: Iterable[int], *, scope: Scope = NOTHING) -> dict[int, ItemBrief]:
    """公布过的事项 → 要点：公开内容，不限范围；依法不公开的只给范围之内的人。"""
    found = _briefs(Scope(is_all=True), id__in=list(item_ids))
    hidden = {one for one in withheld_ids(found) if not scope.covers(found[one].body_id)}
    return {item_id: brief for item_id, brief in found.items() if not brief.is_new and item_id not in hidden}


def ending_reasons(item_ids: Iterable[int]) -> dict[int, str]:
    """标为拟取消的事项 → 取消理由（调用者已核对范围）。"""
    return dict(ItemEnding.objects.filter(item_id__in=list(item_ids)).values_list("item_id", "reason"))


def _briefs(scope: Scope, **wanted: Any) -> dict[int, ItemBrief]:
    items = list(PowerItem.objects.filter(_scoped(scope, "power_list__body_id"), **wanted).select_related("power_list"))
    ids = [item.pk for item in items]
    names: dict[int, str] = {}
    published: set[int] = set()
    shown = Q(state__in=["draft", "frozen", "returned", "published"])
    versions = ItemVersion.objects.filter(shown, item_id__in=ids).order_by("id")
    for item_id, name, number in versions.values_list("item_id", "name", "number"):
        names[item_id] = name
        if number is not None:
            published.add(item_id)
    ending = set(ItemEnding.objects.filter(item_id__in=ids).values_list("item_id", flat=True))
    return {
        item.pk: ItemBrief(
            item.pk,
            item.code,
            names.get(item.pk, item.code),
            item.power_list_id,
            item.power_list.body_id,
            item.pk not in published,
            item.pk in ending,
        )
        for item in items
    }
