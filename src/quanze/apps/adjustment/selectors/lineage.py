"""事项沿革的读取：由旧事项到新事项，由新事项到旧事项，逐代。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from quanze.apps.adjustment.models import ItemLineage

LINEAGE_LABELS = {"merge": "合并", "split": "分设", "transfer": "划转"}
_GENERATIONS = 10


@dataclass(frozen=True, slots=True)
class Descent:
    """一步沿革：旧事项、新事项、关系、自何日。"""

    old_item_id: int
    new_item_id: int
    kind: str
    valid_from: date

    @property
    def label(self) -> str:
        return LINEAGE_LABELS.get(self.kind, self.kind)


def descents_of(item_ids: Iterable[int], *, on: date) -> list[Descent]:
    """与这些事项有关的全部沿革（前代与后代），到某日为止。"""
    known, fresh, found = set(item_ids), set(item_ids), dict[int, Descent]()
    for _ in range(_GENERATIONS):
        if not fresh:
            break
        rows = ItemLineage.objects.filter(valid_from__lte=on)
        rows = (rows.filter(old_item_id__in=fresh) | rows.filter(new_item_id__in=fresh)).order_by("id")
        fresh = set()
        for row in rows:
            if row.pk not in found:
                found[row.pk] = Descent(row.old_item_id, row.new_item_id, row.kind, row.valid_from)
                fresh |= {row.old_item_id, row.new_item_id} - known
        known |= fresh
    return [found[key] for key in sorted(found)]


def successors_of(item_ids: Iterable[int], *, on: date) -> dict[int, tuple[int, ...]]:
    """事项 → 到某日为止承接它的事项；没有沿革的就是它自己。"""
    wanted = list(item_ids)
    below: dict[int, list[int]] = {}
    for one in descents_of(wanted, on=on):
        below.setdefault(one.old_item_id, []).append(one.new_item_id)

    def last(item_id: int, seen: frozenset[int]) -> tuple[int, ...]:
        heirs = [heir for heir in below.get(item_id, ()) if heir not in seen]
        if not heirs:
            return (item_id,)
        return tuple(dict.fromkeys(end for heir in heirs for end in last(heir, seen | {item_id})))

    return {item_id: last(item_id, frozenset()) for item_id in wanted}
