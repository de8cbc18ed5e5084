"""暂停与恢复计时：等待会议等，暂停有理由、有自己的期限，暂停之中不能再暂停。"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.workflow import domain, selectors
from quanze.apps.workflow.domain import STEP_FLOW
from quanze.apps.workflow.models import StepPause
from quanze.apps.workflow.services.casework import bump, open_step, subject_of
from quanze.base.audit import public as audit
from quanze.base.calendar import public as calendar
from quanze.core.actor import Actor
from quanze.core.errors import WrongState

audit.register_action("workflow.step.paused", "暂停计时")
audit.register_action("workflow.step.resumed", "恢复计时")


@transaction.atomic
def step_pause(*, actor: Actor, case_id: int, seen_version: int, reason: str, now: datetime) -> date:
    """暂停计时（如等待会议）：写明理由，暂停本身也有期限。返回暂停期限。"""
    case = selectors.case_for_update(case_id=case_id, actor=actor, seen_version=seen_version)
    step = open_step(case, actor)
    domain.require_reviewer_is_not_author(person_ids=actor.person_ids, author_ids=case.author_ids)
    definition = selectors.stored_procedure(case).steps[step.ordinal]
    step.state = STEP_FLOW.decide(step.state, "pause", roles=actor.roles, reason=reason).target
    if not definition.pause_limit_workdays:
        raise WrongState(f"“{step.label}”不允许暂停计时", hint="只有等待会议等步骤可以暂停。", code="pause_not_allowed")
    step.save(update_fields=["state"])
    limit = calendar.due(localdate(now), definition.pause_limit_workdays).on
    StepPause.objects.create(step=step, started_at=now, limit_on=limit, reason=reason)
    bump(case)
    audit.record(
        actor=actor,
        action="workflow.step.paused",
        subject=subject_of(case),
        after={"step": step.label, "limit_on": limit},
        reason=reason,
        now=now,
    )
    return limit


@transaction.atomic
def step_resume(*, actor: Actor, case_id: int, seen_version: int, now: datetime) -> date:
    """恢复计时：期限顺延暂停的工作日数。返回新的期限。"""
    case = selectors.case_for_update(case_id=case_id, actor=actor, seen_version=seen_version)
    step = open_step(case, actor)
    domain.require_reviewer_is_not_author(person_ids=actor.person_ids, author_ids=case.author_ids)
    step.state = STEP_FLOW.decide(step.state, "resume", roles=actor.roles).target
    pause = step.pauses.filter(ended_at__isnull=True).get()
    pause.ended_at = now
    pause.save(update_fields=["ended_at"])
    lost = calendar.work_calendar().between(localdate(pause.started_at), localdate(now))
    due = calendar.due(step.due_on, max(lost, 0))
    step.due_on, step.due_is_projected = due.on, due.projected or step.due_is_projected
    step.save(update_fields=["state", "due_on", "due_is_projected"])
    bump(case)
    audit.record(
        actor=actor,
        action="workflow.step.resumed",
        subject=subject_of(case),
        after={"step": step.label, "paused_workdays": lost, "due_on": due.on},
        now=now,
    )
    return due.on
