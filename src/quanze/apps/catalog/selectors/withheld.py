"""公开一侧看不见的事项：依法不公开的，与主项依法不公开的子项。

Every public read goes through ``disclosed``; there is no other place that knows which items these are. A mark holds for
every day one may ask about, past and future: what must not be known today must not be read under yesterday's date.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from quanze.apps.catalog.models import ItemVersion, NonDisclosure, PowerItem
from quanze.apps.catalog.selectors.lists import in_force

NO_NAME = "依法不公开的事项"


def marked() -> QuerySet[NonDisclosure, int]:
    """有效标记的事项编号（子查询）。"""
    return NonDisclosure.objects.filter(state="active").values_list("item_id", flat=True)


def withheld(item: str = "item") -> Q:
    """不公开的：``item`` is the way to the PowerItem from the model that is asked; empty for PowerItem itself."""
    own = f"{item}_id__in" if item else "pk__in"
    parent = f"{item}__parent_id__in" if item else "parent_id__in"
    return Q(**{own: marked()}) | Q(**{parent: marked()})


def disclosed(item: str = "item") -> Q:
    """可以公开的。"""
    return ~withheld(item)


def withheld_items() -> QuerySet[PowerItem, int]:
    """不公开的事项编号（子查询），连同随主项不公开的子项。"""
    return PowerItem.objects.filter(withheld("")).values_list("pk", flat=True).order_by()


def withheld_ids(item_ids: Iterable[int] | None = None) -> frozenset[int]:
    """不公开的事项编号（给了范围的，限于其中）。One query."""
    rows = withheld_items()
    if item_ids is not None:
        rows = rows.filter(pk__in=list(item_ids))
    return frozenset(rows)


def withheld_seal() -> str:
    """不公开的事项有没有变过：放进机读数据的 ETag，免得标记之后仍答“没有变化”。没有的为空。"""
    ids = sorted(marked().order_by())
    return hashlib.sha256(repr(ids).encode()).hexdigest()[:12] if ids else ""


@dataclass(frozen=True, slots=True)
class WithheldCount:
    """一份清单里依法不公开的：情形代码、项数。"""

    ground: str
    items: int


def withheld_counts(*, list_id: int, on: date) -> Sequence[WithheldCount]:
    """清单某日现行而依法不公开的事项（含子项），按情形计数；随主项不公开的子项照主项的情形。"""
    rows = ItemVersion.objects.filter(in_force(on), withheld(), item__power_list_id=list_id)
    held = list(rows.values_list("item_id", "item__parent_id"))
    if not held:
        return ()
    wanted = {one for pair in held for one in pair if one is not None}
    grounds = dict(NonDisclosure.objects.filter(state="active", item_id__in=wanted).values_list("item_id", "ground"))
    counted: dict[str, int] = {}
    for item_id, parent_id in held:
        ground = grounds.get(item_id) or grounds[parent_id or 0]
        counted[ground] = counted.get(ground, 0) + 1
    return tuple(WithheldCount(ground, n) for ground, n in sorted(counted.items()))
