"""事项的前代与后代：合并、分设、划转，公布出去的才说。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from quanze.apps.adjustment import public as adjustment
from quanze.apps.catalog import public as catalog


@dataclass(frozen=True, slots=True)
class Relation:
    """一步沿革：自何日、怎样、是前代还是后代、对方的标识与名称。"""

    valid_from: date
    label: str
    is_before: bool
    code: str
    name: str


def lineage_of(item_id: int) -> list[Relation]:
    """直接的前代与后代，先者在前；对方没有公布过或依法不公开的不说。"""
    steps = [
        one
        for one in adjustment.descents_of([item_id], on=timezone.localdate())
        if item_id in (one.old_item_id, one.new_item_id)
    ]
    if not steps:
        return []
    other = {one: one.old_item_id if one.new_item_id == item_id else one.new_item_id for one in steps}
    names = catalog.public_names(other.values())
    return [
        Relation(one.valid_from, one.label, one.new_item_id == item_id, *names[other[one]])
        for one in sorted(steps, key=lambda one: (one.valid_from, one.old_item_id, one.new_item_id))
        if other[one] in names
    ]
