"""事项的经过：动态调整与沿革的部分。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time

from django.utils.timezone import localdate, make_aware

from quanze.apps.adjustment.domain.lifecycles import ADJUSTMENT_FLOW
from quanze.apps.adjustment.models import AdjustmentItem
from quanze.apps.adjustment.selectors.lineage import descents_of
from quanze.apps.adjustment.selectors.packs import packs
from quanze.apps.catalog import public as catalog
from quanze.core.actor import Scope


def item_events(*, item_id: int, scope: Scope, on: date) -> list[catalog.ItemEvent]:
    """一个事项的调整与沿革，次序不定。The caller has found the item within the scope; other items are named as far as it sees."""
    return [*_adjustments(item_id, scope), *_lineage(item_id, scope, on)]


def _adjustments(item_id: int, scope: Scope) -> Iterator[catalog.ItemEvent]:
    rows = AdjustmentItem.objects.filter(item_id=item_id).select_related("adjustment__trigger").order_by("id")
    if not scope.is_all:
        rows = rows.filter(adjustment__body_id__in=scope.body_ids)
    kinds = packs().kinds
    for row in rows:
        held, trigger = row.adjustment, row.adjustment.trigger
        about = ("adjustment.adjustment", held.pk)
        kind = kinds[row.kind].label if row.kind in kinds else ""
        note = "；".join(filter(None, (trigger.title, kind, row.reason, row.rejected and f"不进清单：{row.rejected}")))
        yield catalog.ItemEvent(
            held.opened_at,
            trigger.legal_on,
            "adjustment",
            f"列入动态调整 {trigger.number}",
            note,
            trigger.registered_by_name,
            *about,
        )
        if held.closed_at is not None:
            yield catalog.ItemEvent(
                held.closed_at,
                held.published_on or localdate(held.closed_at),
                "adjustment",
                f"动态调整 {trigger.number}{ADJUSTMENT_FLOW.states[held.state]}",
                held.outcome,
                "",
                *about,
            )


def _lineage(item_id: int, scope: Scope, on: date) -> Iterator[catalog.ItemEvent]:
    steps = descents_of([item_id], on=on)
    names = catalog.published_briefs(
        {one.old_item_id for one in steps} | {one.new_item_id for one in steps}, scope=scope
    )
    for one in steps:
        old, new = names.get(one.old_item_id), names.get(one.new_item_id)
        yield catalog.ItemEvent(
            # What is known of a step is its day; the record has the moment.
            make_aware(datetime.combine(one.valid_from, time.min)),
            one.valid_from,
            "lineage",
            one.label,
            f"{old.name if old else '原事项'} → {new.name if new else '新事项'}",
            "",
            "catalog.item",
            one.old_item_id if one.new_item_id == item_id else one.new_item_id,
        )
