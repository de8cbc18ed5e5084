"""送审：将冻结什么、哪些发现挡着、走哪些步骤；送审件列表；重新送审、撤回、移除。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.selectors import findings as finding_selectors
from quanze.apps.catalog.selectors import item_lists
from quanze.apps.catalog.selectors import lists as list_selectors
from quanze.apps.catalog.selectors import submissions as selectors
from quanze.apps.catalog.selectors.item_lists import ItemQuery
from quanze.apps.catalog.selectors.lists import ListView
from quanze.apps.catalog.services import findings as finding_services
from quanze.apps.catalog.services import submitting as services
from quanze.apps.catalog.services.drafting import require_drafter
from quanze.apps.catalog.web.forms import NoteForm, ReasonForm, RemoveForm
from quanze.apps.catalog.web.presenting import BUSINESS_ROLES, SUBMISSION_BADGES, list_tabs, type_label
from quanze.apps.catalog.web.requests import DeskRequest, posted
from quanze.apps.catalog.web.views.reviewing import submission_page
from quanze.apps.org import public as org
from quanze.apps.workflow import public as workflow
from quanze.base.calendar.public import work_calendar
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.dates import zh_date
from quanze.base.web.filters import ChoiceFilter, FilterBar, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table
from quanze.core.errors import RulesNotMet

SHOWN_FINDINGS = 100
MOST_AT_ONCE = 5000  # drafts in one submission


class SubmissionFilters(FilterBar):
    q = TextFilter("标题或机构", placeholder="标题、机构名称")
    state = ChoiceFilter("状态", choices=[(code, badge.label) for code, badge in SUBMISSION_BADGES.items()])


COLUMNS = (
    Column("title", "送审件", href=lambda row: reverse("catalog:submission", args=[row.id]), clamp=True, is_fixed=True),
    Column("body_name", "机构"),
    Column("procedure", "审查程序", is_hidden=True),
    Column("items", "事项（项）", kind="number", href=lambda row: reverse("catalog:submission", args=[row.id])),
    Column("returned", "退回（项）", kind="number", href=lambda row: reverse("catalog:submission", args=[row.id])),
    Column("created_by_name", "送审人"),
    Column("created_at", "送审时间", kind="time"),
    Column("state", "状态", kind="state", badge="catalog.submission"),
)


def _narrowed(request: DeskRequest, rows: list[selectors.SubmissionRow]) -> tuple[SubmissionFilters, list[Any]]:
    bar = SubmissionFilters(request.GET)
    words, state = bar.values["q"], bar.values["state"]
    kept = [row for row in rows if (words in row.title or words in row.body_name) and (not state or row.state == state)]
    return bar, kept


@signed_in(*BUSINESS_ROLES)
def submission_list(request: DeskRequest) -> HttpResponse:
    """本范围的送审件。"""
    bar, rows = _narrowed(request, selectors.submissions(actor=request.actor, limit=1000))
    table = Table("submissions", COLUMNS, request=request, title="送审件", row_id=lambda row: row.id)
    if table.wants_export:
        return table.export(rows, filters=bar)
    return render(
        request,
        "catalog/submissions.html",
        {"bar": bar, "table": table, "page": page_of(rows, request, order=("-id",))},
    )


@signed_in(*BUSINESS_ROLES)
def list_submissions(request: DeskRequest, list_id: int) -> HttpResponse:
    """一份清单的送审件。"""
    actor = request.actor
    view = list_selectors.list_view(list_id=list_id, scope=actor.scope, on=timezone.localdate())
    bar, rows = _narrowed(request, selectors.submissions(actor=actor, list_id=list_id, limit=1000))
    table = Table("submissions", COLUMNS, request=request, title=f"{view.body_name}送审件", row_id=lambda row: row.id)
    if table.wants_export:
        return table.export(rows, filters=bar)
    context = {
        "list": view,
        "tabs": list_tabs(view, "submissions"),
        "bar": bar,
        "table": table,
        "page": page_of(rows, request, order=("-id",)),
        "may_draft": actor.has("drafter") and actor.body_id == view.body_id,
    }
    return render(request, "catalog/list_submissions.html", context)


class SubmitForm(forms.Form):
    """提交送审。"""

    title = forms.CharField(label="标题", max_length=200)
    note = forms.CharField(
        label="说明",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="为何调整、依据什么文件，审查的人先看这里。",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = posted(self).getlist("chosen")
        if not all(one.isascii() and one.isdigit() and len(one) < 19 for one in chosen):
            raise forms.ValidationError("所选事项有误，请刷新页面后重选。")
        if not chosen:
            raise forms.ValidationError("请至少选择一项送审。")
        cleaned["item_ids"] = sorted({int(one) for one in chosen})
        return cleaned


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """将走的一步：名称、由谁办、几个工作日、最迟到哪天。"""

    label: str
    body_name: str
    role_label: str
    workdays: int
    latest_on: date
    projected: bool


def planned_steps(view: ListView, on: date) -> list[PlannedStep]:
    """程序的各步与逐步顺延的最迟日期。"""
    calendar, start = work_calendar(), on
    wanted: dict[str, int | None] = {}
    steps = workflow.procedure(view.procedure).steps
    for step in steps:
        if step.where == "performing" and step.role not in wanted:
            wanted[step.role] = org.body_performing(step.role, for_body_id=view.body_id)
    names = org.bodies_by_ids([body_id for body_id in wanted.values() if body_id is not None])
    found = []
    for step in steps:
        due = calendar.due(start, step.due_workdays)
        start = due.on
        body_id = wanted.get(step.role) if step.where == "performing" else view.body_id
        body = view.body_name if body_id == view.body_id else names[body_id].name if body_id in names else "未指定机构"
        found.append(
            PlannedStep(
                step.label, body, org.ROLE_LABELS.get(step.role, step.role), step.due_workdays, due.on, due.projected
            )
        )
    return found


@signed_in("drafter")
def submit_page(request: DeskRequest, list_id: int, form: SubmitForm | None = None) -> HttpResponse:
    """送审之前：看清将冻结什么、挡着的发现、要走的步骤。"""
    actor, on = request.actor, timezone.localdate()
    view = list_selectors.list_view(list_id=list_id, scope=actor.scope, on=on)
    require_drafter(actor, view.body_id)
    changed = ItemQuery(list_id, on, view="changed", state="draft")
    drafts = item_lists.item_rows(changed, scope=actor.scope, limit=MOST_AT_ONCE + 1)
    is_cut, drafts = len(drafts) > MOST_AT_ONCE, drafts[:MOST_AT_ONCE]
    ending = ItemQuery(list_id, on, view="in_force", is_ending=True)
    endings = item_lists.item_rows(ending, scope=actor.scope, limit=MOST_AT_ONCE)
    known = item_lists.in_force_among([row.item_id for row in drafts], on=on, scope=actor.scope)
    ids = {row.version_id for row in drafts}
    errors = [
        row
        for row in finding_selectors.findings(list_id=list_id, scope=actor.scope, severity="error")
        if row.version_id is None or row.version_id in ids
    ]
    moving = [("变更" if row.item_id in known else "新增", row) for row in drafts if not row.is_ending]
    rows: list[dict[str, Any]] = [
        {"row": row, "type_label": type_label(row.power_type), "action": label}
        for label, row in [*moving, *(("取消", row) for row in endings)]
    ]
    on_the_list = any(row.item_id is None for row in errors)
    chosen = set(request.POST.getlist("chosen")) if request.method == "POST" else None
    # A new sub-item cannot go without its new main item, so it waits with a faulty one.
    faulty = {row.item_id for row in errors if row.item_id is not None}
    held = faulty | {row.item_id for row in drafts if row.parent_id in faulty - known}
    for one in rows:
        item_id = one["row"].item_id
        one["is_chosen"] = item_id not in held if chosen is None else str(item_id) in chosen
    context = {
        "list": view,
        "form": form or SubmitForm(initial={"title": services.default_title(view.body_name, on)}),
        "rows": rows,
        "most_at_once": MOST_AT_ONCE if is_cut else 0,
        "check": finding_selectors.check_state(list_id=list_id, scope=actor.scope),
        "blocking": errors[:SHOWN_FINDINGS],
        "blocking_count": len(errors),
        "rest_may_go": bool(faulty) and any(one["row"].item_id not in held for one in rows) and not on_the_list,
        "steps": planned_steps(view, on),
        "procedure": workflow.procedure(view.procedure),
    }
    return render(request, "catalog/submit.html", context)


@action(form=SubmitForm, roles=("drafter",), invalid=submit_page, page="catalog:submit")
def submission_submit(request: DeskRequest, form: SubmitForm, list_id: int) -> Done:
    """提交送审。"""
    now = timezone.now()
    try:
        submission_id = services.submission_submit(
            actor=request.actor,
            list_id=list_id,
            title=form.cleaned_data["title"],
            note=form.cleaned_data["note"],
            item_ids=form.cleaned_data["item_ids"],
            now=now,
        )
    except RulesNotMet:
        # The refusal rolled everything back, the findings with it; they are stored anew so that the page can list them.
        finding_services.findings_recheck(actor=request.actor, list_id=list_id, now=now)
        raise
    view = selectors.submission_view(submission_id=submission_id, actor=request.actor)
    return Done(_sent_words(view), to=reverse("catalog:submission", args=[submission_id]))


def _sent_words(view: selectors.SubmissionView) -> str:
    step = view.case.current if view.case else None
    definition = view.case.current_definition if view.case else None
    if step is None or definition is None:
        return "已提交送审。"
    return (
        f"已送{step.label}（{step.assignee_body_name}），办理时限 {definition.due_workdays} 个工作日，"
        f"至 {zh_date(step.due_on)}。"
    )


@action(form=NoteForm, roles=("drafter",), invalid=submission_page, page="catalog:submission")
def submission_resubmit(request: DeskRequest, form: NoteForm, submission_id: int) -> Done:
    """重新送审。"""
    services.submission_resubmit(
        actor=request.actor,
        submission_id=submission_id,
        seen_version=seen_version(request),
        note=form.cleaned_data["note"],
        now=timezone.now(),
    )
    view = selectors.submission_view(submission_id=submission_id, actor=request.actor)
    return Done(_sent_words(view), to=reverse("catalog:submission", args=[submission_id]))


@action(form=ReasonForm, roles=("drafter",), invalid=submission_page, page="catalog:submission")
def submission_withdraw(request: DeskRequest, form: ReasonForm, submission_id: int) -> Done:
    """撤回送审件。"""
    services.submission_withdraw(
        actor=request.actor,
        submission_id=submission_id,
        seen_version=seen_version(request),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done(
        "已撤回送审。草稿可修改后再送，退回的仍为退回稿，拟取消的仍标为拟取消。",
        to=reverse("catalog:submission", args=[submission_id]),
    )


@action(form=RemoveForm, roles=("drafter",), invalid=submission_page, page="catalog:submission")
def item_remove(request: DeskRequest, form: RemoveForm, submission_id: int) -> Done:
    """移除退回的事项，其余照常重新送审。"""
    services.submission_item_remove(
        actor=request.actor,
        entry_id=form.cleaned_data["entry_id"],
        submission_id=submission_id,
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("已移出送审件，留作草稿，可以后再送。", to=reverse("catalog:submission", args=[submission_id]))
