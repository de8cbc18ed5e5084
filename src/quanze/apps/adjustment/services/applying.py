"""部门申请：要素齐全、责任与追责核对过，才送法制审查；同时为依附的条目开出同步变更。"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.adjustment.domain.lifecycles import ADJUSTMENT_FLOW
from quanze.apps.adjustment.models import Adjustment, AdjustmentItem, DependantChange
from quanze.apps.adjustment.selectors.clocks import LIMIT_CODES
from quanze.apps.adjustment.selectors.packs import packs
from quanze.apps.adjustment.services.planning import own_pending
from quanze.apps.adjustment.services.triggering import bump, subject_of, tell
from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.base.parameters import public as parameters
from quanze.core.actor import Actor
from quanze.core.errors import Defect, ErrorPlace, RulesNotMet

audit.register_action("adjustment.applied", "部门申请调整")
audit.register_action("adjustment.dependants_opened", "开出同步变更")

PROCEDURE = "adjustment-three-step"
# A published version may take effect later: what stands at the end of time is the latest.
LATEST = date(9999, 12, 31)


@transaction.atomic
def adjustment_apply(
    *,
    actor: Actor,
    adjustment_id: int,
    seen_version: int,
    duty_review: str,
    accountability_review: str,
    note: str = "",
    now: datetime,
) -> int:
    """部门申请：核对要素、责任事项与追责情形，送法制审查。返回送审件编号。

    Whoever changes a power looks at what it obliges to and at what it is answered for; both are said in words (H-45).
    """
    row = own_pending(actor, adjustment_id, seen_version)
    entries = list(row.items.filter(rejected=""))
    _require_ready(row, entries, actor, duty_review, accountability_review)
    submission_id = catalog.submission_submit(
        actor=actor,
        list_id=row.power_list_id,
        title=f"{row.body_name}权责清单动态调整：{row.trigger.title}"[:200],
        note=note,
        item_ids=[one.item_id for one in entries if one.item_id is not None],
        procedure=PROCEDURE,
        now=now,
    )
    row.state = ADJUSTMENT_FLOW.decide(row.state, "apply", roles=actor.roles).target
    row.submission_id, row.applied_at = submission_id, now
    row.duty_review, row.accountability_review = duty_review.strip(), accountability_review.strip()
    bump(row, "state", "submission_id", "applied_at", "duty_review", "accountability_review")
    audit.record(
        actor=actor,
        action="adjustment.applied",
        subject=subject_of(row),
        after={
            "submission": submission_id,
            "items": [[one.name, one.kind] for one in entries],
            "duty_review": row.duty_review,
            "accountability_review": row.accountability_review,
        },
        reason=note,
        versions={"procedure": PROCEDURE, "parameters": parameters.versions_on(LIMIT_CODES, on=row.trigger.legal_on)},
        now=now,
    )
    _open_dependants(actor, row, entries, now)
    return submission_id


def _require_ready(
    row: Adjustment, entries: list[AdjustmentItem], actor: Actor, duty_review: str, accountability_review: str
) -> None:
    defects = []
    if not entries:
        defects.append(Defect("nothing_planned", "没有要调整的事项：都不调整的，请“声明不涉及”", ErrorPlace()))
    known = packs().kinds
    states = catalog.item_states([one.item_id for one in entries if one.item_id is not None], on=LATEST)
    for one in entries:
        if one.kind not in known:
            defects.append(Defect("kind_missing", f"“{one.name}”还没有选调整类型", ErrorPlace(field=f"item-{one.pk}")))
        elif known[one.kind].action != "cancel" and (one.item_id is None or not states[one.item_id].is_working):
            defects.append(
                Defect("draft_missing", f"“{one.name}”还没有起草修改后的内容", ErrorPlace(field=f"item-{one.pk}"))
            )
    if not duty_review.strip():
        defects.append(Defect("duty_unreviewed", "责任事项是否随之修改，没有写明", ErrorPlace(field="duty_review")))
    if not accountability_review.strip():
        defects.append(
            Defect(
                "accountability_unreviewed", "追责情形是否随之修改，没有写明", ErrorPlace(field="accountability_review")
            )
        )
    if defects:
        raise RulesNotMet("还不能申请", hint="请逐项办好再申请。", defects=defects, code="not_ready")


def _open_dependants(actor: Actor, row: Adjustment, entries: list[AdjustmentItem], now: datetime) -> None:
    """依附于所调事项的条目各开一件同步变更；重新申请时已开的照旧。"""
    by_item = {one.item_id: one for one in entries if one.item_id is not None}
    hanging = catalog.dependants_of(by_item, on=localdate(now))
    opened = set(row.dependants.values_list("kind", "entry_id"))
    fresh = []
    for item_id, dependants in hanging.items():
        entry = by_item[item_id]
        for one in dependants:
            if (one.kind, one.entry_id) in opened or one.list_id == row.power_list_id:
                continue
            opened.add((one.kind, one.entry_id))
            duty = packs().duty(entry.kind, one.kind)
            fresh.append(
                DependantChange(
                    adjustment=row,
                    source=entry,
                    kind=one.kind,
                    entry_id=one.entry_id,
                    list_label=one.list_label,
                    body_id=one.body_id,
                    body_name=one.body_name,
                    name=one.name,
                    duty=duty.do,
                    say=duty.say,
                    seen_version_id=one.version_id,
                    opened_at=now,
                )
            )
    if not fresh:
        return
    DependantChange.objects.bulk_create(fresh, batch_size=500)
    bodies = sorted({one.body_id for one in fresh})
    audit.record(
        actor=actor,
        action="adjustment.dependants_opened",
        subject=subject_of(row),
        after={"entries": [[one.body_name, one.list_label, one.name, one.duty] for one in fresh]},
        now=now,
    )
    for body_id in bodies:
        count = sum(one.body_id == body_id for one in fresh)
        tell(
            org.holders_of("drafter", body_id, on=localdate(now)),
            row,
            f"{row.trigger.title}：本机构有 {count} 个条目须同步处理",
            now,
        )
