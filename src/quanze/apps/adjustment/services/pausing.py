"""暂停计时：须报编委会议审定的，等待会议的日子不计入期限；暂停写明理由，自身也有期限。"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.adjustment.models import Adjustment, AdjustmentPause
from quanze.apps.adjustment.selectors import adjustments as selectors
from quanze.apps.adjustment.selectors.packs import packs
from quanze.apps.adjustment.services.triggering import bump, subject_of
from quanze.base.audit import public as audit
from quanze.base.calendar import public as calendar
from quanze.base.parameters import public as parameters
from quanze.core.actor import Actor
from quanze.core.errors import NotPermitted, RulesNotMet, WrongState

audit.register_action("adjustment.paused", "调整暂停计时")
audit.register_action("adjustment.resumed", "调整恢复计时")


def _in_review(actor: Actor, adjustment_id: int, seen_version: int) -> Adjustment:
    row = selectors.find(adjustment_id=adjustment_id, actor=actor, seen_version=seen_version, lock=True)
    if not actor.has("establishment", "committee_secretary"):
        raise NotPermitted("暂停计时由编办或编委会秘书登记", hint="请联系编办。")
    if row.state != "in_review":
        raise WrongState("只有审查中的调整可以暂停计时", hint="请刷新页面。", code="not_in_review")
    return row


@transaction.atomic
def adjustment_pause(*, actor: Actor, adjustment_id: int, seen_version: int, reason: str, now: datetime) -> date:
    """等待编委会议：自今日起不计入期限，返回暂停自身的期限。"""
    row = _in_review(actor, adjustment_id, seen_version)
    if not reason.strip():
        raise RulesNotMet("暂停必须写明理由", hint="例如：等待编委第 4 次会议审定。", code="reason_required")
    if not any(packs().kinds[kind].escalates for kind in row.items.exclude(kind="").values_list("kind", flat=True)):
        raise WrongState(
            "这件调整不须报编委，不能暂停计时", hint="只有须报编委审定的才等待会议。", code="no_meeting_needed"
        )
    if row.pauses.filter(ended_on__isnull=True).exists():
        raise WrongState("已在暂停计时", hint="恢复之后才能再次暂停。", code="already_paused")
    today = localdate(now)
    limit = calendar.due(today, parameters.value_int("adjustment_meeting_workdays", on=today)).on
    AdjustmentPause.objects.create(
        adjustment=row, reason=reason.strip()[:500], started_on=today, limit_on=limit, started_by_name=actor.name
    )
    bump(row)
    audit.record(
        actor=actor,
        action="adjustment.paused",
        subject=subject_of(row),
        after={"limit_on": limit},
        reason=reason,
        now=now,
    )
    return limit


@transaction.atomic
def adjustment_resume(*, actor: Actor, adjustment_id: int, seen_version: int, now: datetime) -> None:
    """恢复计时：会议开过了。"""
    row = _in_review(actor, adjustment_id, seen_version)
    pause = row.pauses.filter(ended_on__isnull=True).first()
    if pause is None:
        raise WrongState("没有在暂停计时", hint="请刷新页面。", code="not_paused")
    pause.ended_on = localdate(now)
    pause.save(update_fields=["ended_on"])
    bump(row)
    audit.record(
        actor=actor,
        action="adjustment.resumed",
        subject=subject_of(row),
        after={"from": pause.started_on, "to": pause.ended_on},
        now=now,
    )
