"""关联清单的送审、办理、撤回、重新送审，与上级清单比对。"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.domain.alignment import RESULTS
from quanze.apps.catalog.selectors import derived as selectors
from quanze.apps.catalog.selectors import derived_submissions
from quanze.apps.catalog.selectors.alignments import alignments
from quanze.apps.catalog.selectors.derived_submissions import SUBJECT_KIND
from quanze.apps.catalog.services import aligning, derived_submitting
from quanze.apps.catalog.web.derived_presenting import KEEPERS, derived_tabs, may_keep, may_submit, own_fields
from quanze.apps.catalog.web.presenting import BUSINESS_ROLES, step_due
from quanze.apps.catalog.web.requests import DeskRequest
from quanze.apps.org import public as org
from quanze.apps.workflow import public as workflow
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.filters import ChoiceFilter, FilterBar, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table

VERBS = ("pass", "send_back", "refuse")


class TitleForm(forms.Form):
    """送审标题。"""

    title = forms.CharField(label="标题", max_length=200, required=False)


@action(form=TitleForm, roles=("drafter",))
def derived_submit(request: DeskRequest, form: TitleForm, derived_id: int) -> Done:
    """全部草稿送审。"""
    submission_id = derived_submitting.derived_submission_submit(
        actor=request.actor, list_id=derived_id, title=form.cleaned_data["title"], now=timezone.now()
    )
    return Done("已送本机构主要负责人，同意后由信息公开人员印发公布。", to=_page(submission_id))


def _page(submission_id: int) -> str:
    return reverse("catalog:derived_submission", args=[submission_id])


class DecideForm(forms.Form):
    """办理：怎么办、意见、印发要素。"""

    verb = forms.ChoiceField(choices=[(verb, verb) for verb in VERBS], error_messages={"required": "请选择办理方式。"})
    opinion = forms.CharField(label="意见", max_length=2000, required=False)
    document_number = forms.CharField(label="文号", max_length=100, required=False)
    issued_on = forms.CharField(label="印发日期", max_length=10, required=False)
    valid_from = forms.CharField(label="施行日期", max_length=10, required=False)


@signed_in(*BUSINESS_ROLES)
def derived_submission(
    request: DeskRequest, derived_submission_id: int, form: forms.Form | None = None
) -> HttpResponse:
    """送审件：所含条目、走到哪一步、办理。"""
    actor = request.actor
    view = derived_submissions.submission_page(submission_id=derived_submission_id, actor=actor)
    case = workflow.case_by_subject(subject_kind=SUBJECT_KIND, subject_id=view.id, actor=actor)
    step = case.current if case else None
    may_decide = (
        case is not None
        and step is not None
        and actor.body_id == step.assignee_body_id
        and step.role in actor.roles
        and actor.person_ids.isdisjoint(case.author_ids)
    )
    definition = case.procedure.steps[step.ordinal] if case is not None and step is not None else None
    context: dict[str, Any] = {
        "view": view,
        "case": case,
        "step": step,
        "definition": definition,
        "due": step_due(step) if step is not None else None,
        "role_label": org.ROLE_LABELS.get(step.role, step.role) if step is not None else "",
        "form": form or DecideForm(initial={"issued_on": timezone.localdate(), "valid_from": timezone.localdate()}),
        "asked": form is not None,
        "may_decide": may_decide,
        "is_issue": step is not None and step.kind == "issue",
        "may_submit": may_submit(actor, view.body_id),
        "entries": [(one, own_fields(view.kind, one.content)) for one in view.entries],
    }
    return render(request, "catalog/derived/submission.html", context)


@action(form=DecideForm, roles=BUSINESS_ROLES, invalid=derived_submission)
def derived_decide(request: DeskRequest, form: DecideForm, derived_submission_id: int) -> Done:
    """办理当前一步。"""
    data = form.cleaned_data
    outcome = derived_submitting.derived_submission_decide(
        actor=request.actor,
        submission_id=derived_submission_id,
        seen_version=seen_version(request),
        verb=data["verb"],
        opinion=data["opinion"],
        details={key: data[key] for key in ("document_number", "issued_on", "valid_from") if data[key]},
        now=timezone.now(),
    )
    said = {"passed": "已印发公布，自施行日起现行。", "returned": "已退回修改。", "refused": "已办为不予通过。"}
    text = said.get(outcome.case_state, f"已同意，下一步：{outcome.next_label}。")
    return Done(text, to=_page(derived_submission_id))


@action(form=TitleForm, roles=("drafter",))
def derived_resubmit(request: DeskRequest, form: TitleForm, derived_submission_id: int) -> Done:
    """重新送审。"""
    derived_submitting.derived_submission_resubmit(
        actor=request.actor,
        submission_id=derived_submission_id,
        seen_version=seen_version(request),
        note=form.cleaned_data["title"],
        now=timezone.now(),
    )
    return Done("已重新送审。", to=_page(derived_submission_id))


@action(form=TitleForm, roles=("drafter",))
def derived_withdraw(request: DeskRequest, form: TitleForm, derived_submission_id: int) -> Done:
    """撤回。"""
    derived_submitting.derived_submission_withdraw(
        actor=request.actor,
        submission_id=derived_submission_id,
        seen_version=seen_version(request),
        reason=form.cleaned_data["title"],
        now=timezone.now(),
    )
    return Done("已撤回，条目回到草稿。", to=_page(derived_submission_id))


class AlignedFilters(FilterBar):
    result = ChoiceFilter("结果", choices=list(RESULTS.items()))
    q = TextFilter("名称或编码", placeholder="名称、编码")


ALIGNED_COLUMNS = (
    Column("result", "结果", value=lambda row: RESULTS[row.result]),
    Column("code", "编码", kind="code"),
    Column("name", "上级名称", clamp=True, is_fixed=True),
    Column(
        "local_name",
        "本级名称",
        clamp=True,
        href=lambda row: reverse("catalog:derived_entry", args=[row.entry_id]) if row.entry_id else "",
    ),
    Column("note", "说明", clamp=True),
    Column("row", "文件第几行", kind="number", value=lambda row: row.row, is_hidden=True),
)


class AlignForm(forms.Form):
    """上传上级清单。"""

    file = forms.FileField(label="上级清单（xlsx）", error_messages={"required": "请选择文件。"})
    source_label = forms.CharField(label="上级清单名称", max_length=200, required=False)
    extract_on = forms.DateField(label="清单日期", error_messages={"invalid": "日期应为形如 2026-11-22 的日期。"})


@signed_in(*BUSINESS_ROLES)
def derived_alignment(request: DeskRequest, derived_id: int, form: forms.Form | None = None) -> HttpResponse:
    """与上级清单比对：最近一次的逐行结果，历次的对应率。"""
    view = selectors.derived_list_view(list_id=derived_id, scope=request.actor.scope, on=timezone.localdate())
    runs = alignments(list_id=view.id, scope=request.actor.scope)
    wanted = request.GET.get("run", "")
    shown = next((one for one in runs if str(one.id) == wanted), runs[0] if runs else None)
    bar = AlignedFilters(request.GET)
    rows = [
        (number, row)
        for number, row in enumerate(shown.rows if shown else ())
        if bar.values["result"] in (None, row.result)
        and (bar.values["q"] in row.name or bar.values["q"] in row.local_name or bar.values["q"] in row.code)
    ]
    title = f"{view.title}与{shown.source_label}比对" if shown else view.title
    table = Table("aligned", ALIGNED_COLUMNS, request=request, title=title)
    if table.wants_export:
        return table.export([row for _, row in rows], filters=bar)
    page = page_of([_Numbered(number, row) for number, row in rows], request, order=("number",))
    page = type(page)([one.row for one in page.rows], page.next_cursor, page.previous_cursor, page.size)
    context = {
        "list": view,
        "tabs": derived_tabs(view, "alignment"),
        "runs": runs,
        "shown": shown,
        "bar": bar,
        "table": table,
        "page": page,
        "form": form or AlignForm(initial={"extract_on": timezone.localdate()}),
        "may_keep": may_keep(request.actor, view.body_id),
    }
    return render(request, "catalog/derived/alignment.html", context)


class _Numbered:
    """翻页用的行号。"""

    def __init__(self, number: int, row: Any) -> None:
        self.number, self.row = number, row


@action(form=AlignForm, roles=KEEPERS, invalid=derived_alignment)
def derived_align(request: DeskRequest, form: AlignForm, derived_id: int) -> Done:
    """比对一次。"""
    upload = form.cleaned_data["file"]
    aligning.list_align(
        actor=request.actor,
        list_id=derived_id,
        data=upload.read(),
        file_name=upload.name,
        source_label=form.cleaned_data["source_label"],
        extract_on=form.cleaned_data["extract_on"],
        now=timezone.now(),
    )
    return Done("已比对，不一致的逐行列在下面。", to=reverse("catalog:derived_alignment", args=[derived_id]))
