"""工作台：待办、已办、我发起的；先办什么一眼看清。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.workflow import public as workflow
from quanze.base.calendar.public import work_calendar
from quanze.base.web import pending, subjects
from quanze.base.web.access import signed_in
from quanze.base.web.dates import DueView, due_view
from quanze.base.web.filters import ChoiceFilter, FilterBar, TextFilter
from quanze.base.web.navigation import Tab
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table
from quanze.core.workdays import WorkCalendar

_DUE_CHOICES = (("overdue", "已超期"), ("soon", "三个工作日内到期"), ("later", "三个工作日之后到期"))


class DeskFilters(FilterBar):
    q = TextFilter("事由或单位", placeholder="清单、单位名称")
    due = ChoiceFilter("期限", choices=_DUE_CHOICES)


@dataclass(frozen=True, slots=True)
class DeskRow:
    """工作台的一行：待办、已办的一步，或我发起的一卷。"""

    id: str
    label: str
    url: str
    body_name: str
    step_label: str
    state: str
    items: int
    opened_on: date
    opened_by_name: str
    due: DueView | None
    sort_on: date

    @property
    def due_class(self) -> str:
        if self.due is None:
            return ""
        return {"overdue": "overdue", "soon": "soon"}.get(self.due.tone, "later")


_SUBJECT = Column("label", "事由", href=lambda row: row.url, clamp=True, is_fixed=True)
_TODO = (
    _SUBJECT,
    Column("body_name", "送审单位"),
    Column("step_label", "步骤"),
    Column("items", "事项（项）", kind="number", href=lambda row: row.url),
    Column("opened_by_name", "送审人"),
    Column("opened_on", "到达日期", kind="date"),
    Column("due", "办理期限", kind="due"),
    Column("state", "状态", kind="state", badge="workflow.step"),
)
_DONE = (
    _SUBJECT,
    Column("body_name", "送审单位"),
    Column("step_label", "步骤"),
    Column("items", "事项（项）", kind="number", href=lambda row: row.url),
    Column("due", "办理情况", kind="due"),
    Column("sort_on", "办理日期", kind="date"),
    Column("state", "我的意见", kind="state", badge="workflow.step"),
)
_OPENED = (
    _SUBJECT,
    Column("step_label", "现在到"),
    Column("items", "事项（项）", kind="number", href=lambda row: row.url),
    Column("opened_on", "送审日期", kind="date"),
    Column("due", "这一步的期限", kind="due"),
    Column("state", "状态", kind="state", badge="workflow.case"),
)


@signed_in
def desk(request: HttpRequest) -> HttpResponse:
    """待办：期限近者在前。"""
    actor = request.actor  # type: ignore[attr-defined]
    calendar, today = work_calendar(), timezone.localdate()
    everything = [task_row(task, calendar, today) for task in workflow.tasks_for(actor)]
    everything += [pending_row(matter, calendar, today) for matter in pending.pending_of(actor, today)]
    bar = DeskFilters(request.GET)
    rows = sorted(_narrowed(everything, bar), key=lambda row: (row.sort_on, row.id))
    table = Table("todo", _TODO, request=request, title="待办", row_id=lambda row: row.id)
    if table.wants_export:
        return table.export(rows, filters=bar)
    context = {
        "bar": bar,
        "table": table,
        "page": page_of(rows, request, order=("sort_on", "id")),
        "tabs": _tabs("todo", len(everything)),
        "stats": _stats(everything),
        "first": next(iter(sorted(everything, key=lambda row: (row.sort_on, row.id))), None),
        "tab": "todo",
    }
    return render(request, "desk.html", context)


@signed_in
def desk_done(request: HttpRequest) -> HttpResponse:
    """已办：本人办过的步骤，新者在前。"""
    actor = request.actor  # type: ignore[attr-defined]
    calendar, today = work_calendar(), timezone.localdate()
    rows = [task_row(task, calendar, today) for task in workflow.done_by(actor)]
    return _listing(request, "done", "已办", _DONE, rows)


@signed_in
def desk_opened(request: HttpRequest) -> HttpResponse:
    """我发起的：本人送审的案卷，新者在前。"""
    actor = request.actor  # type: ignore[attr-defined]
    calendar, today = work_calendar(), timezone.localdate()
    rows = [case_row(case, calendar, today) for case in workflow.opened_by(actor)]
    return _listing(request, "opened", "我发起的", _OPENED, rows)


def _listing(
    request: HttpRequest, tab: str, title: str, columns: Sequence[Column], rows: list[DeskRow]
) -> HttpResponse:
    bar = DeskFilters(request.GET)
    rows = sorted(_narrowed(rows, bar), key=lambda row: (row.sort_on, row.id), reverse=True)
    table = Table(tab, columns, request=request, title=title, row_id=lambda row: row.id)
    if table.wants_export:
        return table.export(rows, filters=bar)
    context = {
        "bar": bar,
        "table": table,
        "page": page_of(rows, request, order=("-sort_on", "-id")),
        "tabs": _tabs(tab, None),
        "tab": tab,
    }
    return render(request, "desk.html", context)


def task_row(task: workflow.TaskView, calendar: WorkCalendar, today: date) -> DeskRow:
    """待办或已办的一步 → 一行。"""
    due = due_view(task.due_on, calendar, today, projected=task.due_is_projected, done_on=task.decided_at)
    return DeskRow(
        id=f"step:{task.step_id:012}",
        label=task.subject_label,
        url=subjects.url_of(task.subject_kind, task.subject_id),
        body_name=task.body_name,
        step_label=task.step_label,
        state=task.state,
        items=task.items,
        opened_on=timezone.localdate(task.opened_at),
        opened_by_name=task.opened_by_name,
        due=due,
        sort_on=task.due_on if task.decided_at is None else timezone.localdate(task.decided_at),
    )


def pending_row(matter: pending.PendingMatter, calendar: WorkCalendar, today: date) -> DeskRow:
    """审查以外的一件待办 → 一行。"""
    return DeskRow(
        id=matter.key,
        label=matter.label,
        url=matter.url,
        body_name=matter.body_name,
        step_label=matter.step_label,
        state="pending",
        items=matter.items,
        opened_on=matter.opened_on,
        opened_by_name=matter.opened_by_name,
        due=due_view(matter.due_on, calendar, today, projected=matter.due_is_projected),
        sort_on=matter.due_on,
    )


def case_row(case: workflow.CaseView, calendar: WorkCalendar, today: date) -> DeskRow:
    """我发起的一卷 → 一行；已办结的没有期限。"""
    step = case.current
    due = None if step is None else due_view(step.due_on, calendar, today, projected=step.due_is_projected)
    return DeskRow(
        id=f"case:{case.id:012}",
        label=case.subject_label,
        url=subjects.url_of(case.subject_kind, case.subject_id),
        body_name=case.body_name,
        step_label=f"{step.label}（{step.assignee_body_name}）" if step else "",
        state=case.state,
        items=len(case.item_ids),
        opened_on=timezone.localdate(case.opened_at),
        opened_by_name=case.opened_by_name,
        due=due,
        sort_on=timezone.localdate(case.opened_at),
    )


def _narrowed(rows: list[DeskRow], bar: DeskFilters) -> list[DeskRow]:
    words, due = bar.values["q"], bar.values["due"]
    return [
        row
        for row in rows
        if (not words or words in row.label or words in row.body_name) and (not due or row.due_class == due)
    ]


def _stats(rows: list[DeskRow]) -> list[dict[str, Any]]:
    desk_url = reverse("desk")
    counts = {key: sum(row.due_class == key for row in rows) for key, _ in _DUE_CHOICES}
    return [
        {"label": "待办", "value": len(rows), "href": desk_url, "tone": "neutral"},
        {
            "label": "已超期",
            "value": counts["overdue"],
            "href": f"{desk_url}?due=overdue",
            "tone": "overdue" if counts["overdue"] else "neutral",
        },
        {
            "label": "三个工作日内到期",
            "value": counts["soon"],
            "href": f"{desk_url}?due=soon",
            "tone": "soon" if counts["soon"] else "neutral",
        },
        {"label": "三个工作日之后到期", "value": counts["later"], "href": f"{desk_url}?due=later", "tone": "neutral"},
    ]


def _tabs(active: str, todo: int | None) -> list[Tab]:
    return [
        Tab("待办", reverse("desk"), active == "todo", todo),
        Tab("已办", reverse("desk_done"), active == "done"),
        Tab("我发起的", reverse("desk_opened"), active == "opened"),
    ]
