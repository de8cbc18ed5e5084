"""专项工作：一览、拟定、进度页、任务、归入的事由、培训。"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.adjustment.domain.lifecycles import CAMPAIGN_TASK_FLOW
from quanze.apps.adjustment.selectors import campaigns as selectors
from quanze.apps.adjustment.selectors.packs import packs
from quanze.apps.adjustment.services import campaigning as services
from quanze.apps.adjustment.services import training
from quanze.apps.adjustment.web.campaign_forms import (
    AssignForm,
    CampaignForm,
    LinkForm,
    SessionForm,
    TaskForm,
    UnlinkForm,
)
from quanze.apps.adjustment.web.forms import ReasonForm
from quanze.apps.adjustment.web.ordering import ordered
from quanze.apps.adjustment.web.presenting import OFFICE, READERS, SETTLERS
from quanze.apps.org import public as org
from quanze.base.files import public as files
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.downloads import download_response
from quanze.base.web.filters import ChoiceFilter, FilterBar, FlagFilter, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table
from quanze.core.actor import EVERYTHING, Actor
from quanze.core.errors import NotFound

TOWN_KINDS = frozenset({"town", "subdistrict"})


class TaskFilters(FilterBar):
    q = TextFilter("任务或机构", placeholder="任务、机构、责任人")
    state = ChoiceFilter("状态", choices=list(CAMPAIGN_TASK_FLOW.states.items()))
    late = FlagFilter("只看超期")


COLUMNS = (
    Column("body_name", "承办机构"),
    Column(
        "title",
        "任务",
        clamp=True,
        is_fixed=True,
        href=lambda row: reverse("adjustment:campaign_task", args=[row.id]),
    ),
    Column("responsible", "责任人"),
    Column("due_on", "期限", kind="date"),
    Column("state", "状态", kind="state", badge="adjustment.campaign_task"),
    Column("is_late", "超期", value=lambda row: "超期" if row.is_late else ""),
    Column("done_on", "完成日期", kind="date"),
    Column("done_by_name", "报告人", is_hidden=True),
    Column("report", "完成情况", clamp=True, is_hidden=True),
)


def _bodies(actor: Actor) -> list[tuple[int, str, bool]]:
    return [
        (one.id, one.name, one.kind in TOWN_KINDS)
        for one in org.bodies(on=timezone.localdate())
        if actor.scope.covers(one.id)
    ]


def _page(campaign_id: int) -> str:
    return reverse("adjustment:campaign", args=[campaign_id])


@signed_in(*READERS)
def campaign_list(request: Any) -> HttpResponse:
    """专项工作一览，与各年各机构的培训。"""
    actor = request.actor
    context = {
        "rows": selectors.campaigns(scope=actor.scope, today=timezone.localdate()),
        "training": selectors.training_counts(scope=actor.scope),
        "may_draft": actor.has(*OFFICE) and actor.body_id is not None,
    }
    return render(request, "adjustment/campaigns.html", context)


@signed_in(*OFFICE)
def campaign_new(request: Any, form: forms.Form | None = None) -> HttpResponse:
    """拟定专项的页面；种类带来常用的任务。"""
    bodies = _bodies(request.actor)
    kinds = packs().campaigns
    if form is None:
        chosen = kinds.get(request.GET.get("kind", "")) or next(iter(kinds.values()))
        initial = {"kind": chosen.code, "tasks": "\n".join(chosen.tasks), "starts_on": timezone.localdate()}
        form = CampaignForm(bodies=bodies, initial=initial)
    else:
        form.fields["body_ids"].choices = [one[:2] for one in bodies]  # type: ignore[attr-defined]
    return render(request, "adjustment/campaign_new.html", {"form": form, "kinds": kinds.values()})


@action(form=CampaignForm, roles=OFFICE, invalid=campaign_new, page="adjustment:campaign_new")
def campaign_draft(request: Any, form: CampaignForm) -> Done:
    """拟定。"""
    given = form.cleaned_data
    campaign_id = services.campaign_draft(
        actor=request.actor,
        kind=given["kind"],
        title=given["title"],
        plan=given["plan"],
        starts_on=given["starts_on"],
        due_on=given["due_on"],
        is_publishing=given["is_publishing"],
        task_titles=given["tasks"],
        body_ids=form.chosen(_bodies(request.actor)),
        now=timezone.now(),
    )
    return Done("已拟定，核对任务后下发。", to=_page(campaign_id))


@signed_in(*READERS)
def campaign_page(request: Any, campaign_id: int, form: forms.Form | None = None) -> HttpResponse:
    """进度页：各机构的进度，任务，调整的统计，不进清单的候选，培训。"""
    actor, today = request.actor, timezone.localdate()
    row = selectors.find(campaign_id=campaign_id, actor=actor)
    tasks = selectors.tasks_of(campaign=row, scope=actor.scope, today=today)
    bar = TaskFilters(request.GET)
    words, state, late = (bar.values[name] for name in ("q", "state", "late"))
    shown = [
        one
        for one in tasks
        if (not words or words in one.title or words in one.body_name or words in one.responsible)
        and (not state or one.state == state)
        and (not late or one.is_late)
    ]
    table = Table("campaign-tasks", COLUMNS, request=request, title=f"{row.title}：任务", row_id=lambda one: one.id)
    numbered = ordered(shown)
    if table.wants_export:
        return table.export(numbered, filters=bar)
    progress = selectors.progress_of(campaign=row, tasks=tasks, scope=actor.scope, today=today)
    counts = selectors.counts_of(campaign=row, scope=actor.scope)
    is_owner = actor.has(*OFFICE) and actor.scope.covers(row.owner_body_id)
    is_running = row.state == "running"
    counted = [one for one in tasks if one.state != "excused"]
    context = {
        "row": row,
        "kind_label": packs().campaigns[row.kind].label if row.kind in packs().campaigns else row.kind,
        "bar": bar,
        "table": table,
        "page": page_of(numbered, request, order=("order", "id")),
        "tasks": len(counted),
        "done": sum(one.state == "done" for one in counted),
        "late": sum(one.is_late for one in counted),
        "progress": progress,
        "published": sum(one.issued_on is not None for one in progress),
        "late_bodies": [one for one in progress if one.is_late],
        "counts": counts,
        "adjusted": sum(one.items for one in counts),
        "adjusted_published": sum(one.published for one in counts),
        "rejected": selectors.rejected_of(campaign=row, scope=actor.scope),
        "triggers": selectors.linked_triggers(campaign=row, scope=actor.scope),
        "free": selectors.free_triggers(scope=actor.scope) if is_owner else [],
        "sessions": selectors.sessions_of(campaign=row, scope=actor.scope),
        "is_owner": is_owner,
        "may_plan": is_owner and row.state in ("drafted", "running"),
        "may_record": is_running and actor.has(*training.RECORDERS) and actor.body_id is not None,
        "own_body_id": actor.body_id,
        "assign_form": form if isinstance(form, AssignForm) else None,
        "session_form": form if isinstance(form, SessionForm) else SessionForm(initial={"held_on": today}),
        "form": form,
    }
    if context["may_plan"]:
        bodies = _bodies(actor)
        given = context["assign_form"] or AssignForm(bodies=bodies, initial={"due_on": row.due_on})
        given.fields["body_ids"].choices = [one[:2] for one in bodies]  # type: ignore[union-attr]
        context["assign_form"] = given
    return render(request, "adjustment/campaign.html", context)


@action(form=AssignForm, roles=OFFICE, invalid=campaign_page, page="adjustment:campaign")
def tasks_assign(request: Any, form: AssignForm, campaign_id: int) -> Done:
    """再分派任务。"""
    given = form.cleaned_data
    made = services.tasks_assign(
        actor=request.actor,
        campaign_id=campaign_id,
        seen_version=seen_version(request),
        titles=given["tasks"],
        body_ids=form.chosen(_bodies(request.actor)),
        due_on=given["due_on"],
        responsible=given["responsible"],
        now=timezone.now(),
    )
    return Done(f"已分派 {made} 件任务。", to=_page(campaign_id))


@action(roles=OFFICE)
def campaign_start(request: Any, campaign_id: int) -> Done:
    """下发。"""
    told = services.campaign_start(
        actor=request.actor, campaign_id=campaign_id, seen_version=seen_version(request), now=timezone.now()
    )
    return Done(f"已下发，通知了 {told} 个机构。", to=_page(campaign_id))


@action(form=ReasonForm, roles=OFFICE, invalid=campaign_page, page="adjustment:campaign")
def campaign_drop(request: Any, form: ReasonForm, campaign_id: int) -> Done:
    """不再开展。"""
    services.campaign_drop(
        actor=request.actor,
        campaign_id=campaign_id,
        seen_version=seen_version(request),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("已写明不再开展。", to=_page(campaign_id))


@action(form=ReasonForm, roles=OFFICE, invalid=campaign_page, page="adjustment:campaign")
def campaign_close(request: Any, form: ReasonForm, campaign_id: int) -> Done:
    """结束。"""
    services.campaign_close(
        actor=request.actor,
        campaign_id=campaign_id,
        seen_version=seen_version(request),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("专项工作已结束，进度与统计留着可查。", to=_page(campaign_id))


@action(form=LinkForm, roles=OFFICE, invalid=campaign_page, page="adjustment:campaign")
def triggers_link(request: Any, form: LinkForm, campaign_id: int) -> Done:
    """归入事由。"""
    linked = services.triggers_link(
        actor=request.actor,
        campaign_id=campaign_id,
        seen_version=seen_version(request),
        trigger_ids=form.cleaned_data["trigger_ids"],
        now=timezone.now(),
    )
    return Done(f"已归入 {linked} 件事由，其调整计入统计。", to=_page(campaign_id))


@action(form=UnlinkForm, roles=OFFICE, invalid=campaign_page, page="adjustment:campaign")
def trigger_unlink(request: Any, form: UnlinkForm, campaign_id: int) -> Done:
    """移出事由。"""
    services.trigger_unlink(
        actor=request.actor,
        campaign_id=campaign_id,
        seen_version=seen_version(request),
        trigger_id=form.cleaned_data["trigger_id"],
        now=timezone.now(),
    )
    return Done("已移出，不再计入统计。", to=_page(campaign_id))


@action(form=SessionForm, roles=training.RECORDERS, invalid=campaign_page, page="adjustment:campaign")
def session_record(request: Any, form: SessionForm, campaign_id: int) -> Done:
    """登记培训。"""
    given = form.cleaned_data
    material = given["material"]
    training.session_record(
        actor=request.actor,
        campaign_id=campaign_id,
        held_on=given["held_on"],
        topic=given["topic"],
        attendees=given["attendees"],
        material_name=material.name if material else "",
        material=material.file if material else None,
        now=timezone.now(),
    )
    return Done("已登记培训。", to=_page(campaign_id))


@action(form=ReasonForm, roles=training.RECORDERS)
def session_remove(request: Any, form: ReasonForm, session_id: int) -> Done:
    """撤销培训登记。"""
    campaign_id = selectors.session_find(session_id=session_id, actor=request.actor).campaign_id
    training.session_remove(
        actor=request.actor,
        session_id=session_id,
        seen_version=seen_version(request),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("已撤销登记，经过留在记录里。", to=_page(campaign_id))


@signed_in(*READERS)
def session_material(request: Any, session_id: int) -> HttpResponseBase:
    """下载培训材料：参与专项的机构都可以看。"""
    row = selectors.session_find(session_id=session_id, actor=request.actor)
    if row.material_file_id is None:
        raise NotFound("这次培训没有收存材料", hint="请从专项工作的页面打开。")
    return download_response(files.open_file(row.material_file_id, scope=EVERYTHING))


@signed_in(*READERS)
def campaign_task(request: Any, task_id: int, form: forms.Form | None = None) -> HttpResponse:
    """一件任务。"""
    actor, today = request.actor, timezone.localdate()
    row = selectors.task_find(task_id=task_id, actor=actor)
    is_running = row.campaign.state == "running"
    context = {
        "row": row,
        "campaign": row.campaign,
        "is_late": selectors.is_late(row, today),
        "may_report": is_running and row.state == "pending" and row.body_id == actor.body_id and actor.has(*SETTLERS),
        "may_oversee": is_running and actor.has(*OFFICE) and actor.scope.covers(row.campaign.owner_body_id),
        "form": form,
    }
    return render(request, "adjustment/campaign_task.html", context)


@action(form=TaskForm, roles=SETTLERS, invalid=campaign_task, page="adjustment:campaign_task")
def task_settle(request: Any, form: TaskForm, task_id: int) -> Done:
    """办理任务。"""
    given = form.cleaned_data
    services.task_settle(
        actor=request.actor,
        task_id=task_id,
        seen_version=seen_version(request),
        verb=given["verb"],
        note=given["note"],
        now=timezone.now(),
    )
    said = {"report": "已报告完成。", "reopen": "已要求补办，通知了承办机构。", "excuse": "已写明免予办理。"}
    return Done(said[given["verb"]], to=reverse("adjustment:campaign_task", args=[task_id]))
