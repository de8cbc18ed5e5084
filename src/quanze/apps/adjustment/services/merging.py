"""机构合并：一份清单的全部现行事项划给另一个机构，两边各开一件调整，每一项的来去都留着。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.adjustment.models import Adjustment, AdjustmentItem
from quanze.apps.adjustment.services.triggering import trigger_open
from quanze.apps.catalog import public as catalog
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import NotFound, NotPermitted

audit.register_action("adjustment.bodies_merged", "机构合并的调整")


@dataclass(frozen=True, slots=True)
class Merged:
    """合并的结果：事由编号、划出与划入两件调整、项数。"""

    trigger_id: int
    out_id: int
    in_id: int
    items: int


@transaction.atomic
def lists_merge(
    *,
    actor: Actor,
    from_list_id: int,
    to_list_id: int,
    title: str,
    evidence: str,
    legal_on: date,
    now: datetime,
    progress: catalog.TransferProgress = lambda done, total: None,
) -> Merged:
    """机构合并：划转全部现行事项，为划出、划入两边各开一件调整，类型与要素都已填好，只待两边核对申请。"""
    if not actor.has("establishment"):
        raise NotPermitted("机构合并的调整由编办开启", hint="请联系编办。")
    views = {
        view.id: view
        for view in catalog.lists(list_ids=[from_list_id, to_list_id], scope=actor.scope, on=localdate(now))
    }
    if {from_list_id, to_list_id} - set(views):
        raise NotFound("没有这份清单", hint="请从清单编制中重新选择。")
    moved = catalog.items_transfer(
        actor=actor, from_list_id=from_list_id, to_list_id=to_list_id, reason=title, now=now, progress=progress
    )
    trigger_id = trigger_open(
        actor=actor,
        kind="reorganisation",
        title=title,
        evidence=evidence,
        legal_on=legal_on,
        item_reasons={},
        list_ids=[from_list_id, to_list_id],
        now=now,
    )
    rows = {row.power_list_id: row for row in Adjustment.objects.filter(trigger_id=trigger_id)}
    out, into = rows[from_list_id], rows[to_list_id]
    on = legal_on.isoformat()
    _plan(out, moved, "transfer_out", {"to_body": views[to_list_id].body_name, "from_date": on}, is_old=True)
    _plan(into, moved, "transfer_in", {"from_body": views[from_list_id].body_name, "from_date": on}, is_old=False)
    audit.record(
        actor=actor,
        action="adjustment.bodies_merged",
        subject=audit.SubjectRef("adjustment.trigger", trigger_id, title, actor.body_id),
        after={"from": views[from_list_id].title, "to": views[to_list_id].title, "items": len(moved)},
        reason=evidence,
        now=now,
    )
    return Merged(trigger_id, out.pk, into.pk, len(moved))


def _plan(
    row: Adjustment, moved: Sequence[catalog.Transferred], kind: str, fields: dict[str, str], *, is_old: bool
) -> None:
    AdjustmentItem.objects.bulk_create(
        [
            AdjustmentItem(
                adjustment=row,
                item_id=one.old_item_id if is_old else one.new_item_id,
                name=one.name,
                reason="机构合并",
                kind=kind,
                fields=fields if is_old else fields | {"old_item": str(one.old_item_id)},
            )
            for one in moved
        ],
        batch_size=500,
    )
