"""公众纠错：收到的反映、答复期限、答复。"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.selectors import reports as selectors
from quanze.apps.catalog.services import reporting
from quanze.apps.catalog.web.requests import DeskRequest
from quanze.base.calendar.public import work_calendar
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.dates import DueView, due_view
from quanze.base.web.filters import ChoiceFilter, FilterBar
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table

ROLES = ("drafter", "publisher", "establishment")


class ReportFilters(FilterBar):
    state = ChoiceFilter("状态", choices=[("open", "待答复"), ("done", "已答复")])


@dataclass(frozen=True, slots=True)
class ReportRow:
    """列表的一行。"""

    id: int
    order: int
    number: str
    item_name: str
    body_name: str
    text: str
    received_at: Any
    due: DueView
    answered_by_name: str


COLUMNS = (
    Column("number", "编号", kind="code", href=lambda row: reverse("catalog:report", args=[row.id]), is_fixed=True),
    Column("item_name", "事项", clamp=True),
    Column("body_name", "机构"),
    Column("text", "反映内容", clamp=True),
    Column("received_at", "收到时间", kind="time"),
    Column("due", "答复期限", kind="due"),
    Column("answered_by_name", "答复人"),
)


def _due(view: selectors.ReportView) -> DueView:
    return due_view(view.due_on, work_calendar(), timezone.localdate(), done_on=view.answered_at)


@signed_in(*ROLES)
def report_list(request: DeskRequest) -> HttpResponse:
    """纠错列表。"""
    bar = ReportFilters(request.GET)
    state = bar.values["state"]
    found = selectors.reports(scope=request.actor.scope, answered=None if state is None else state == "done")
    rows = [
        ReportRow(
            one.id,
            order,
            one.number,
            one.item_name,
            one.body_name,
            one.text,
            one.received_at,
            _due(one),
            one.answered_by_name,
        )
        for order, one in enumerate(found)
    ]
    table = Table("reports", COLUMNS, request=request, title="公众纠错", row_id=lambda row: row.id)
    if table.wants_export:
        return table.export(rows, filters=bar)
    return render(
        request,
        "catalog/reports.html",
        {"bar": bar, "table": table, "page": page_of(rows, request, order=("order", "id"))},
    )


class AnswerForm(forms.Form):
    """答复。"""

    answer = forms.CharField(
        label="答复",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="写明核实情况与处理结果；需要更正的，另行起草勘误或修改。",
    )


@signed_in(*ROLES)
def report_page(request: DeskRequest, report_id: int, form: AnswerForm | None = None) -> HttpResponse:
    """一件纠错与答复。"""
    view = selectors.report(report_id=report_id, scope=request.actor.scope)
    context = {"report": view, "due": _due(view), "form": form or AnswerForm()}
    return render(request, "catalog/report.html", context)


@action(form=AnswerForm, roles=ROLES, invalid=report_page, page="catalog:report")
def report_answer(request: DeskRequest, form: AnswerForm, report_id: int) -> Done:
    """答复。"""
    reporting.report_answer(
        actor=request.actor, report_id=report_id, answer=form.cleaned_data["answer"], now=timezone.now()
    )
    return Done("已答复，反映人凭编号可查。", to=reverse("catalog:report", args=[report_id]))
