"""专项工作：编办拟定方案、分派任务、下发；各机构报告完成；归入的事由计入统计；期限之后超期的列出。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.adjustment.domain.lifecycles import CAMPAIGN_FLOW, CAMPAIGN_TASK_FLOW
from quanze.apps.adjustment.models import Campaign, CampaignTask, CampaignTrigger
from quanze.apps.adjustment.selectors import campaigns as selectors
from quanze.apps.adjustment.selectors.packs import packs
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.base.notices import public as notices
from quanze.core.actor import Actor
from quanze.core.errors import ErrorPlace, InvalidInput, NotFound, NotPermitted, WrongState

for _code, _label in {
    "adjustment.campaign.drafted": "拟定专项工作",
    "adjustment.campaign.assigned": "分派专项任务",
    "adjustment.campaign.started": "下发专项工作",
    "adjustment.campaign.dropped": "不再开展专项工作",
    "adjustment.campaign.closed": "结束专项工作",
    "adjustment.campaign.linked": "事由归入专项工作",
    "adjustment.campaign.unlinked": "事由移出专项工作",
    "adjustment.campaign.task_reported": "报告专项任务完成",
    "adjustment.campaign.task_reopened": "要求补办专项任务",
    "adjustment.campaign.task_excused": "免予办理专项任务",
}.items():
    audit.register_action(_code, _label)

MOST_TASKS = 5_000
_SETTLED = {
    "report": "adjustment.campaign.task_reported",
    "reopen": "adjustment.campaign.task_reopened",
    "excuse": "adjustment.campaign.task_excused",
}


def subject_of(row: Campaign) -> audit.SubjectRef:
    return audit.SubjectRef("adjustment.campaign", row.pk, row.title, row.owner_body_id)


def bump(row: Campaign | CampaignTask, *fields: str) -> None:
    row.lock_version += 1
    row.save(update_fields=[*fields, "lock_version"])


@transaction.atomic
def campaign_draft(
    *,
    actor: Actor,
    kind: str,
    title: str,
    plan: str,
    starts_on: date,
    due_on: date,
    is_publishing: bool = False,
    task_titles: Sequence[str] = (),
    body_ids: Sequence[int] = (),
    now: datetime,
) -> int:
    """拟定专项：方案、期限，任务分给各机构（每件任务每个机构一份，期限同专项）。返回编号。"""
    if not actor.has("establishment") or actor.body_id is None:
        raise NotPermitted("专项工作由编办拟定", hint="请联系编办。")
    if kind not in packs().campaigns:
        raise InvalidInput("没有这种专项工作", hint="请从所列种类中选。", place=ErrorPlace(field="kind"))
    for field, text, label in (("title", title, "名称"), ("plan", plan, "方案")):
        if not text.strip():
            raise InvalidInput(f"{label}没有填写", hint="请填写后再存。", place=ErrorPlace(field=field))
    if due_on < starts_on:
        raise InvalidInput("期限在开始日期之前", hint="请核对两个日期。", place=ErrorPlace(field="due_on"))
    row = Campaign.objects.create(
        kind=kind,
        title=title.strip()[:200],
        plan=plan.strip(),
        owner_body_id=actor.body_id,
        owner_body_name=actor.body_name,
        starts_on=starts_on,
        due_on=due_on,
        is_publishing=is_publishing,
        created_by_name=actor.name,
        created_at=now,
    )
    made = _assign(actor, row, task_titles, body_ids, due_on, "", now)
    audit.record(
        actor=actor,
        action="adjustment.campaign.drafted",
        subject=subject_of(row),
        after={"kind": kind, "due_on": due_on, "is_publishing": is_publishing, "tasks": made},
        now=now,
    )
    return row.pk


@transaction.atomic
def tasks_assign(
    *,
    actor: Actor,
    campaign_id: int,
    seen_version: int,
    titles: Sequence[str],
    body_ids: Sequence[int],
    due_on: date,
    responsible: str = "",
    now: datetime,
) -> int:
    """再分派任务，返回新增的件数；同一机构已有同名任务的不重复。"""
    row = _owned(actor, campaign_id, seen_version)
    if row.state not in ("drafted", "running"):
        raise WrongState(f"专项工作{CAMPAIGN_FLOW.states[row.state]}，不能再分派", hint="请刷新页面。")
    if not row.starts_on <= due_on <= row.due_on:
        raise InvalidInput(
            "任务的期限不在专项的起止之内",
            hint=f"请在 {row.starts_on.isoformat()} 至 {row.due_on.isoformat()} 之间选。",
            place=ErrorPlace(field="due_on"),
        )
    if not titles or not body_ids:
        raise InvalidInput("任务或机构没有选", hint="任务每行写一件，机构至少选一个。", code="nothing_assigned")
    made = _assign(actor, row, titles, body_ids, due_on, responsible, now)
    bump(row)
    audit.record(
        actor=actor,
        action="adjustment.campaign.assigned",
        subject=subject_of(row),
        after={"titles": list(titles), "bodies": len(set(body_ids)), "tasks": made, "due_on": due_on},
        now=now,
    )
    return made


def _assign(
    actor: Actor,
    row: Campaign,
    titles: Sequence[str],
    body_ids: Sequence[int],
    due_on: date,
    responsible: str,
    now: datetime,
) -> int:
    wanted = list(dict.fromkeys(one.strip()[:200] for one in titles if one.strip()))
    if len(wanted) * len(set(body_ids)) > MOST_TASKS:
        raise InvalidInput(f"一次最多分派 {MOST_TASKS} 件任务", hint="请分几次分派。", code="too_many_tasks")
    named = org.bodies_by_ids(body_ids)
    if any(body_id not in named or not actor.scope.covers(body_id) for body_id in body_ids):
        raise InvalidInput("所选机构不在本范围之内", hint="请重新选择机构。", code="body_out_of_scope")
    held = set(row.tasks.values_list("body_id", "title"))
    fresh = [
        CampaignTask(
            campaign=row,
            title=title,
            body_id=body_id,
            body_name=named[body_id].name,
            responsible=responsible.strip()[:64],
            due_on=due_on,
        )
        for body_id in dict.fromkeys(body_ids)
        for title in wanted
        if (body_id, title) not in held
    ]
    CampaignTask.objects.bulk_create(fresh, batch_size=500)
    if row.state == "running":
        _tell(row, sorted({one.body_id for one in fresh}), now)
    return len(fresh)


def _tell(row: Campaign, body_ids: Sequence[int], now: datetime) -> None:
    for body_id in body_ids:
        notices.notice_send(
            to_user_ids=org.holders_of("drafter", body_id, on=localdate(now)),
            text=f"{row.title}：本机构有任务，请于 {row.due_on.isoformat()} 前完成",
            link=f"/open/adjustment.campaign/{row.pk}/",
            kind="adjustment",
            now=now,
        )


def _owned(actor: Actor, campaign_id: int, seen_version: int) -> Campaign:
    row = selectors.find(campaign_id=campaign_id, actor=actor, seen_version=seen_version, lock=True)
    if not actor.has("establishment") or not actor.scope.covers(row.owner_body_id):
        raise NotPermitted("由牵头的编办办理", hint=f"请联系{row.owner_body_name}。")
    return row


@transaction.atomic
def campaign_start(*, actor: Actor, campaign_id: int, seen_version: int, now: datetime) -> int:
    """下发：通知有任务的机构，返回机构数。没有任务的不能下发。"""
    row = _owned(actor, campaign_id, seen_version)
    row.state = CAMPAIGN_FLOW.decide(row.state, "start", roles=actor.roles).target
    bodies = sorted(set(row.tasks.values_list("body_id", flat=True)))
    if not bodies:
        raise WrongState("还没有分派任务", hint="请先把任务分给各机构，再下发。", code="nothing_assigned")
    row.started_at = now
    bump(row, "state", "started_at")
    _tell(row, bodies, now)
    audit.record(
        actor=actor,
        action="adjustment.campaign.started",
        subject=subject_of(row),
        after={"bodies": len(bodies), "tasks": row.tasks.count()},
        now=now,
    )
    return len(bodies)


@transaction.atomic
def campaign_drop(*, actor: Actor, campaign_id: int, seen_version: int, reason: str, now: datetime) -> None:
    """还没有下发的，不再开展。"""
    row = _owned(actor, campaign_id, seen_version)
    row.state = CAMPAIGN_FLOW.decide(row.state, "drop", roles=actor.roles, reason=reason).target
    row.outcome = reason.strip()[:500]
    bump(row, "state", "outcome")
    audit.record(actor=actor, action="adjustment.campaign.dropped", subject=subject_of(row), reason=reason, now=now)


@transaction.atomic
def campaign_close(*, actor: Actor, campaign_id: int, seen_version: int, reason: str, now: datetime) -> None:
    """结束：写明结果；没有完成的任务照原样留着，仍列为超期。"""
    row = _owned(actor, campaign_id, seen_version)
    row.state = CAMPAIGN_FLOW.decide(row.state, "close", roles=actor.roles, reason=reason).target
    row.outcome, row.closed_at = reason.strip()[:500], now
    bump(row, "state", "outcome", "closed_at")
    counted = selectors.counts_of(campaign=row, scope=actor.scope)
    audit.record(
        actor=actor,
        action="adjustment.campaign.closed",
        subject=subject_of(row),
        after={
            "open_tasks": row.tasks.filter(state="pending").count(),
            "adjusted": {one.kind: one.items for one in counted},
        },
        reason=reason,
        now=now,
    )


@transaction.atomic
def task_settle(*, actor: Actor, task_id: int, seen_version: int, verb: str, note: str, now: datetime) -> None:
    """办理任务：承办机构报告完成（report）；编办要求补办（reopen）、免予办理（excuse）。都要写明。"""
    row = selectors.task_find(task_id=task_id, actor=actor, seen_version=seen_version, lock=True)
    if row.campaign.state != "running":
        raise WrongState("专项工作不在进行中", hint="下发之后、结束之前才能办理任务。", code="campaign_not_running")
    if verb == "report" and actor.body_id != row.body_id:
        raise NotPermitted("由承办机构自己报告", hint=f"请由{row.body_name}办理。")
    if verb != "report" and not actor.scope.covers(row.campaign.owner_body_id):
        raise NotPermitted("由牵头的编办办理", hint=f"请联系{row.campaign.owner_body_name}。")
    step = CAMPAIGN_TASK_FLOW.decide(row.state, verb, roles=actor.roles, reason=note)
    row.state = step.target
    if verb == "report":
        row.report, row.done_at, row.done_by_name = note.strip()[:1000], now, actor.name
    else:
        row.remark, row.done_at, row.done_by_name = note.strip()[:500], None, ""
    bump(row, "state", "report", "remark", "done_at", "done_by_name")
    if verb == "reopen":
        _tell(row.campaign, [row.body_id], now)
    audit.record(
        actor=actor,
        action=_SETTLED[verb],
        subject=subject_of(row.campaign),
        after={"task": row.title, "body": row.body_name, "state": row.state},
        reason=note,
        now=now,
    )


@transaction.atomic
def triggers_link(
    *, actor: Actor, campaign_id: int, seen_version: int, trigger_ids: Sequence[int], now: datetime
) -> int:
    """事由归入专项，返回归入的件数；已归入别的专项的不能再归。"""
    row = _owned(actor, campaign_id, seen_version)
    if row.state not in ("drafted", "running"):
        raise WrongState(f"专项工作{CAMPAIGN_FLOW.states[row.state]}，不能再归入", hint="请刷新页面。")
    free = {one.id: one for one in selectors.free_triggers(scope=actor.scope, limit=10_000)}
    if not trigger_ids or any(one not in free for one in trigger_ids):
        raise InvalidInput(
            "所选事由不能归入", hint="没有选，或已归入别的专项，请刷新页面后重选。", code="trigger_not_free"
        )
    CampaignTrigger.objects.bulk_create([CampaignTrigger(campaign=row, trigger_id=one) for one in trigger_ids])
    bump(row)
    audit.record(
        actor=actor,
        action="adjustment.campaign.linked",
        subject=subject_of(row),
        after={"triggers": [free[one].number for one in trigger_ids]},
        now=now,
    )
    return len(trigger_ids)


@transaction.atomic
def trigger_unlink(*, actor: Actor, campaign_id: int, seen_version: int, trigger_id: int, now: datetime) -> None:
    """事由移出专项。"""
    row = _owned(actor, campaign_id, seen_version)
    link = CampaignTrigger.objects.filter(campaign=row, trigger_id=trigger_id).select_related("trigger").first()
    if link is None:
        raise NotFound("专项中没有这件事由", hint="请刷新页面。")
    number = link.trigger.number
    link.delete()
    bump(row)
    audit.record(
        actor=actor,
        action="adjustment.campaign.unlinked",
        subject=subject_of(row),
        before={"trigger": number},
        now=now,
    )
