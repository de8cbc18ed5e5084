"""专项工作的读取：进度、期限之后的超期、调整的统计、不进清单的候选、培训。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import ExtractYear
from django.utils.timezone import localdate

from quanze.apps.adjustment.domain.lifecycles import CAMPAIGN_FLOW, CAMPAIGN_TASK_FLOW
from quanze.apps.adjustment.models import (
    Adjustment,
    AdjustmentItem,
    AdjustmentTrigger,
    Campaign,
    CampaignTask,
    TrainingSession,
)
from quanze.apps.adjustment.selectors.adjustments import scoped
from quanze.apps.adjustment.selectors.packs import packs
from quanze.apps.catalog import public as catalog
from quanze.core.actor import Actor, Scope
from quanze.core.errors import Conflict, NotFound

# What came to nothing is no change of the list and counts nowhere.
WITHOUT_EFFECT = ("unaffected", "refused", "cancelled")
PUBLISHED = ("syncing", "done")


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """专项工作一行：任务数、已完成、超期。"""

    id: int
    kind: str
    title: str
    owner_body_id: int
    owner_body_name: str
    starts_on: date
    due_on: date
    state: str
    tasks: int
    done: int
    late: int

    @property
    def kind_label(self) -> str:
        found = packs().campaigns.get(self.kind)
        return found.label if found else self.kind

    @property
    def state_label(self) -> str:
        return CAMPAIGN_FLOW.states[self.state]


@dataclass(frozen=True, slots=True)
class TaskRow:
    """专项任务一行；``is_late``: past its day undone, or done after it."""

    id: int
    title: str
    body_id: int
    body_name: str
    responsible: str
    due_on: date
    state: str
    report: str
    remark: str
    done_on: date | None
    done_by_name: str
    is_late: bool
    lock_version: int

    @property
    def state_label(self) -> str:
        return CAMPAIGN_TASK_FLOW.states[self.state]


@dataclass(frozen=True, slots=True)
class BodyProgress:
    """一个机构的进度：任务、完成、超期，要求公布的还有公布的日期与文号。"""

    body_id: int
    body_name: str
    tasks: int
    done: int
    late_tasks: int
    issued_on: date | None
    document_number: str
    is_unpublished_late: bool

    @property
    def is_late(self) -> bool:
        return bool(self.late_tasks) or self.is_unpublished_late


@dataclass(frozen=True, slots=True)
class KindCount:
    """某类调整的项数，其中已公布的项数。"""

    kind: str
    label: str
    items: int
    published: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """不进清单、不调整的候选与理由。"""

    adjustment_id: int
    body_name: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class LinkedTrigger:
    """归入专项的事由，其下的调整件数。"""

    id: int
    number: str
    title: str
    legal_on: date
    adjustments: int


@dataclass(frozen=True, slots=True)
class TrainingCount:
    """某年某机构办的培训：次数与人数。"""

    year: int
    body_name: str
    sessions: int
    attendees: int


def _within(scope: Scope) -> Q:
    """牵头机构、有任务的机构看得见。"""
    if scope.is_all:
        return Q()
    ours = CampaignTask.objects.filter(body_id__in=scope.body_ids).exclude(campaign__state="drafted")
    return Q(owner_body_id__in=scope.body_ids) | Q(pk__in=ours.values("campaign_id"))


def find(*, campaign_id: int, actor: Actor, seen_version: int | None = None, lock: bool = False) -> Campaign:
    """看得见的专项工作（可锁定）；看不见的答为没有。"""
    rows = Campaign.objects.filter(_within(actor.scope), pk=campaign_id)
    row = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if row is None:
        raise NotFound("没有这项专项工作", hint="请从“动态调整 → 专项工作”中打开。")
    if seen_version is not None and row.lock_version != seen_version:
        raise Conflict("专项工作在您打开之后已有改动", hint="请刷新页面后再办。")
    return row


def campaigns(*, scope: Scope, today: date, limit: int = 200) -> list[CampaignRow]:
    """看得见的专项工作，新者在前。One query, whatever the number."""
    late = Q(tasks__due_on__lt=today, tasks__state="pending")
    rows = (
        Campaign.objects.filter(_within(scope))
        .annotate(
            n=Count("tasks", filter=~Q(tasks__state="excused")),
            finished=Count("tasks", filter=Q(tasks__state="done")),
            overdue=Count("tasks", filter=late),
        )
        .order_by("-id")[:limit]
    )
    return [
        CampaignRow(
            row.pk,
            row.kind,
            row.title,
            row.owner_body_id,
            row.owner_body_name,
            row.starts_on,
            row.due_on,
            row.state,
            row.n,
            row.finished,
            row.overdue,
        )
        for row in rows
    ]


def is_late(row: CampaignTask, today: date) -> bool:
    """过了期限没有完成，或期限之后才完成；免予办理的不算。"""
    if row.state == "excused":
        return False
    return (localdate(row.done_at) if row.done_at else today) > row.due_on


def tasks_of(*, campaign: Campaign, scope: Scope, today: date) -> list[TaskRow]:
    """专项的任务：牵头机构看全部，别的机构看本范围的。超期的在前，再按期限。"""
    rows = CampaignTask.objects.filter(campaign=campaign)
    if not scope.covers(campaign.owner_body_id):
        rows = rows.filter(body_id__in=scope.body_ids)
    found = [
        TaskRow(
            row.pk,
            row.title,
            row.body_id,
            row.body_name,
            row.responsible,
            row.due_on,
            row.state,
            row.report,
            row.remark,
            localdate(row.done_at) if row.done_at else None,
            row.done_by_name,
            is_late(row, today),
            row.lock_version,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.state != "pending", not one.is_late, one.due_on, one.id))


def campaign_tasks(*, campaign_id: int, actor: Actor, today: date) -> list[TaskRow]:
    """一项专项的任务，按编号取。"""
    return tasks_of(campaign=find(campaign_id=campaign_id, actor=actor), scope=actor.scope, today=today)


def progress_of(*, campaign: Campaign, tasks: Sequence[TaskRow], scope: Scope, today: date) -> list[BodyProgress]:
    """各机构的进度；要求公布的，期限之后才公布、还没有公布的列为超期，超期的在前。"""
    bodies: dict[int, list[TaskRow]] = {}
    for one in tasks:
        if scope.covers(one.body_id) or scope.covers(campaign.owner_body_id):
            bodies.setdefault(one.body_id, []).append(one)
    issues = (
        catalog.first_issues(body_ids=list(bodies), start=campaign.starts_on, end=today)
        if campaign.is_publishing and campaign.state != "drafted"
        else {}
    )
    found = []
    for body_id, own in bodies.items():
        counted = [one for one in own if one.state != "excused"]
        issue = issues.get(body_id)
        found.append(
            BodyProgress(
                body_id,
                own[0].body_name,
                len(counted),
                sum(one.state == "done" for one in counted),
                sum(one.is_late for one in counted),
                issue.issued_on if issue else None,
                issue.document_number if issue else "",
                # A body that is excused from everything owes no publication either.
                campaign.is_publishing
                and campaign.state != "drafted"
                and bool(counted)
                and (issue.issued_on if issue else today) > campaign.due_on,
            )
        )
    return sorted(found, key=lambda one: (not one.is_late, one.done == one.tasks, one.body_id))


def counts_of(*, campaign: Campaign, scope: Scope) -> list[KindCount]:
    """归入事由之下的调整：各类项数与其中已公布的。不涉及、不予调整、撤销了的不计。"""
    rows = (
        AdjustmentItem.objects.filter(
            adjustment__in=_adjustments(campaign, scope).exclude(state__in=WITHOUT_EFFECT), rejected=""
        )
        .exclude(kind="")
        .values_list("kind")
        .annotate(n=Count("id"), published=Count("id", filter=Q(adjustment__state__in=PUBLISHED)))
    )
    counted = {kind: (n, published) for kind, n, published in rows}
    return [KindCount(one.code, one.label, *counted[one.code]) for one in packs().kinds.values() if one.code in counted]


def rejected_of(*, campaign: Campaign, scope: Scope) -> list[Rejected]:
    """不进清单的候选，各有理由。"""
    rows = AdjustmentItem.objects.filter(adjustment__in=_adjustments(campaign, scope)).exclude(rejected="")
    return [
        Rejected(row.adjustment_id, row.adjustment.body_name, row.name, row.rejected)
        for row in rows.select_related("adjustment")
    ]


def _adjustments(campaign: Campaign, scope: Scope) -> QuerySet[Adjustment]:
    within = Q() if scope.covers(campaign.owner_body_id) else scoped(scope)
    return Adjustment.objects.filter(within, trigger__campaign_link__campaign=campaign)


def linked_triggers(*, campaign: Campaign, scope: Scope) -> list[LinkedTrigger]:
    """归入的事由。"""
    within = Q() if scope.covers(campaign.owner_body_id) else Q(adjustments__in=_adjustments(campaign, scope))
    rows = AdjustmentTrigger.objects.filter(within, campaign_link__campaign=campaign).annotate(n=Count("adjustments"))
    return [LinkedTrigger(row.pk, row.number, row.title, row.legal_on, row.n) for row in rows.order_by("id")]


def free_triggers(*, scope: Scope, limit: int = 200) -> list[LinkedTrigger]:
    """还没有归入专项的事由：本范围有调整的，新者在前。"""
    ours = Adjustment.objects.filter(scoped(scope)).values("trigger_id")
    rows = AdjustmentTrigger.objects.filter(pk__in=ours, campaign_link=None).annotate(n=Count("adjustments"))
    return [LinkedTrigger(row.pk, row.number, row.title, row.legal_on, row.n) for row in rows.order_by("-id")[:limit]]


def sessions_of(*, campaign: Campaign, scope: Scope) -> list[TrainingSession]:
    """专项的培训；参与的机构都看得见。"""
    del scope  # whoever may open the campaign may see what was taught in it
    return list(TrainingSession.objects.filter(campaign=campaign))


def session_find(*, session_id: int, actor: Actor, lock: bool = False) -> TrainingSession:
    """看得见的一次培训（可锁定）；看不见的答为没有。"""
    rows = TrainingSession.objects.filter(pk=session_id, campaign__in=Campaign.objects.filter(_within(actor.scope)))
    row = (rows.select_for_update(of=("self",)) if lock else rows).select_related("campaign").first()
    if row is None:
        raise NotFound("没有这次培训", hint="请从专项工作的页面打开。")
    return row


def training_counts(*, scope: Scope) -> list[TrainingCount]:
    """各年各机构办的培训，新的年度在前。"""
    rows = (
        TrainingSession.objects.filter(campaign__in=Campaign.objects.filter(_within(scope)))
        .annotate(year=ExtractYear("held_on"))
        .values_list("year", "body_name")
        .annotate(n=Count("id"), people=Sum("attendees"))
        .order_by("-year", "body_name")
    )
    return [TrainingCount(*row) for row in rows]


def task_find(*, task_id: int, actor: Actor, seen_version: int | None = None, lock: bool = False) -> CampaignTask:
    """看得见的一件任务（可锁定）；看不见的答为没有。"""
    rows = CampaignTask.objects.select_related("campaign").filter(pk=task_id)
    row = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if row is None or not (
        actor.scope.covers(row.campaign.owner_body_id)
        or (actor.scope.covers(row.body_id) and row.campaign.state != "drafted")
    ):
        raise NotFound("没有这件任务", hint="请从专项工作的页面打开。")
    if seen_version is not None and row.lock_version != seen_version:
        raise Conflict("这件任务在您打开之后已有改动", hint="请刷新页面后再办。")
    return row


def _waiting(actor: Actor) -> Q:
    if not actor.has("drafter") or actor.body_id is None:
        return Q(pk__in=[])
    return Q(state="pending", campaign__state="running", body_id=actor.body_id)


def tasks_waiting(actor: Actor, *, limit: int = 200) -> list[CampaignTask]:
    """此人机构待完成的专项任务。"""
    return list(
        CampaignTask.objects.filter(_waiting(actor)).select_related("campaign").order_by("due_on", "id")[:limit]
    )


def tasks_waiting_rows(actor: Actor) -> QuerySet[Any, Any]:
    """同上，一件一行，只为数件数。"""
    return CampaignTask.objects.filter(_waiting(actor)).values("pk")
