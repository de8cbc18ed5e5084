"""跟着送审件走：退回、重新送审、撤回、不予通过、公布，各落到调整上；公布后等依附的条目都处理完才办结。"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.adjustment.domain.lifecycles import ADJUSTMENT_FLOW, DEPENDANT_FLOW
from quanze.apps.adjustment.models import Adjustment, ItemLineage
from quanze.apps.adjustment.selectors.packs import packs
from quanze.apps.adjustment.services.triggering import bump, subject_of, tell
from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.core.actor import EVERYTHING, Actor

for _code, _label in {
    "adjustment.returned": "调整退回修改",
    "adjustment.resubmitted": "调整重新申请",
    "adjustment.recalled": "撤回调整申请",
    "adjustment.refused": "不予调整",
    "adjustment.published": "调整批复公布",
    "adjustment.closed": "调整办结",
}.items():
    audit.register_action(_code, _label)

_VERBS = {
    "returned": "send_back",
    "resubmitted": "resubmit",
    "withdrawn": "recall",
    "refused": "refuse",
    "published": "publish",
}
_ACTIONS = {"withdrawn": "recalled"}


@transaction.atomic
def submission_followed(event: catalog.SubmissionMoved, actor: Actor, now: datetime) -> None:
    """送审件到了新的状态。Called inside the transaction of the catalog's own service; other submissions are none of ours."""
    row = (
        Adjustment.objects.select_for_update(of=("self",))
        .select_related("trigger")
        .filter(submission_id=event.submission_id, state__in=["in_review", "returned"])
        .first()
    )
    if row is None:
        return
    row.state = ADJUSTMENT_FLOW.decide(row.state, _VERBS[event.state], roles=()).target
    changed = ["state"]
    if event.state == "withdrawn":
        row.submission_id, row.applied_at = None, None
        changed += ["submission_id", "applied_at"]
    elif event.state == "refused":
        row.outcome, row.closed_at = event.reason, now
        changed += ["outcome", "closed_at"]
        _release(row, "上级事项不予调整", now)
    elif event.state == "published":
        row.published_on = event.valid_from
        changed.append("published_on")
        _end_pause(row, localdate(now))
        _keep_lineage(row, event.valid_from or localdate(now))
    bump(row, *changed)
    audit.record(
        actor=actor,
        action=f"adjustment.{_ACTIONS.get(event.state, event.state)}",
        subject=subject_of(row),
        after={"state": row.state, "edition": event.edition_id, "valid_from": event.valid_from},
        reason=event.reason,
        now=now,
    )
    if event.state == "published":
        close_when_settled(row, actor=actor, now=now)


def _release(row: Adjustment, reason: str, now: datetime) -> None:
    target = DEPENDANT_FLOW.decide("pending", "confirm", roles=["establishment"], reason=reason).target
    row.dependants.filter(state="pending").update(state=target, reason=reason, settled_by_name="系统", settled_at=now)


def _end_pause(row: Adjustment, today: date) -> None:
    row.pauses.filter(ended_on__isnull=True).update(ended_on=today)


def _keep_lineage(row: Adjustment, valid_from: date) -> None:
    """合并、分设的：旧事项由哪些事项承接。"""
    fresh = []
    for entry in row.items.filter(rejected="", item__isnull=False):
        if entry.item_id is not None and "old_item" in entry.fields:
            fresh.append(
                ItemLineage(
                    old_item_id=int(entry.fields["old_item"]),
                    new_item_id=entry.item_id,
                    kind="transfer",
                    valid_from=valid_from,
                    adjustment=row,
                )
            )
        if entry.item_id is None or not packs().kinds[entry.kind].has_successor:
            continue
        codes = entry.fields["into"].replace("，", " ").replace(",", " ").replace("、", " ").split()
        for heir in catalog.item_briefs_by_codes(codes, scope=EVERYTHING).values():
            fresh.append(
                ItemLineage(
                    old_item_id=entry.item_id,
                    new_item_id=heir.item_id,
                    kind=entry.kind,
                    valid_from=valid_from,
                    adjustment=row,
                )
            )
    ItemLineage.objects.bulk_create(fresh, batch_size=500, ignore_conflicts=True)


def close_when_settled(row: Adjustment, *, actor: Actor, now: datetime) -> bool:
    """已公布、依附的条目都已处理的即办结。An adjustment cannot close before."""
    if row.state != "syncing" or row.dependants.filter(state="pending").exists():
        return False
    row.state = ADJUSTMENT_FLOW.decide(row.state, "close", roles=()).target
    row.closed_at = now
    bump(row, "state", "closed_at")
    audit.record(
        actor=actor,
        action="adjustment.closed",
        subject=subject_of(row),
        after={"dependants": row.dependants.count(), "published_on": row.published_on},
        now=now,
    )
    tell(org.holders_of("drafter", row.body_id, on=localdate(now)), row, f"{row.trigger.title}：调整已办结", now)
    return True
