"""审查的经过：时间线、纸质签批的扫描件、A4 意见单。"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.selectors import submissions as selectors
from quanze.apps.catalog.selectors.submissions import SubmissionView
from quanze.apps.catalog.web.presenting import BUSINESS_ROLES, type_label
from quanze.apps.catalog.web.requests import DeskRequest
from quanze.apps.workflow import public as workflow
from quanze.base.audit import public as audit
from quanze.base.files import public as files
from quanze.base.web.access import signed_in
from quanze.base.web.dates import iso_date
from quanze.core.actor import EVERYTHING
from quanze.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class StepEvent:
    """时间线上的一步。"""

    label: str
    who: str
    when: Any
    note: str
    tone: str
    scan_url: str = ""


def timeline(view: SubmissionView) -> list[StepEvent]:
    """走过的步骤、现在的一步、将走的各步。"""
    case = view.case
    if case is None:
        return []
    events = [StepEvent("提交送审", case.opened_by_name, case.opened_at, view.note, "done")]
    for step in case.steps:
        label = f"{step.label}（第 {step.round_no} 轮）" if case.round_no > 1 else step.label
        scan = reverse("catalog:paper_scan", args=[view.id, step.id]) if step.paper_file_id else ""
        events.append(StepEvent(label, step_who(step), step.decided_at, step_note(case, step), _step_tone(step), scan))
    last = case.current.ordinal if case.current else len(case.procedure.steps) - 1
    if case.state in ("open", "returned"):
        for definition in case.procedure.steps[last + 1 :]:
            events.append(StepEvent(definition.label, "", None, f"{definition.due_workdays} 个工作日", "neutral"))
    return events


def step_who(step: workflow.StepView) -> str:
    if step.is_from_paper:
        return f"{step.paper_signed_by} 纸质签批，{step.decided_by_name} 登记 · {step.assignee_body_name}"
    parts = (step.decided_by_name, step.assignee_body_name, step.decided_by_post)
    return " · ".join(part for part in parts if part)


def step_note(case: workflow.CaseView, step: workflow.StepView) -> str:
    labels = case.procedure.steps[step.ordinal].requires
    parts = [f"{step.state_label}"]
    if step.decided_at is None and step.state in ("pending", "waiting"):
        parts.append(f"办理期限 {iso_date(step.due_on)}")
    returned = sum(one.verdict == "return" for one in step.opinions.values())
    if returned and step.state == "returned":
        parts.append(f"退回 {returned} 项")
    parts += [f"{labels.get(key, key)}：{value}" for key, value in step.details.items() if value]
    if step.opinion:
        parts.append(step.opinion)
    return "；".join(parts)


def _step_tone(step: workflow.StepView) -> str:
    tones = {"passed": "done", "pending": "busy", "waiting": "neutral", "returned": "soon", "refused": "overdue"}
    return tones.get(step.state, "neutral")


@signed_in(*BUSINESS_ROLES)
def paper_scan(request: DeskRequest, submission_id: int, step_id: int) -> FileResponse:
    """纸质签批的扫描件：看得见送审件的都可查阅，查阅记入访问记录。"""
    view = selectors.submission_view(submission_id=submission_id, actor=request.actor)
    step = next((one for one in view.case.steps if one.id == step_id), None) if view.case else None
    if step is None or step.paper_file_id is None:
        raise NotFound("这一步没有扫描件", hint="请从送审件的进度中打开。")
    opened = files.open_file(step.paper_file_id, scope=EVERYTHING)
    audit.access(
        actor=request.actor,
        action="catalog.paper_scan",
        outcome="read",
        subject_label=f"{view.row.title} {step.label} {opened.view.name}",
        body_id=view.row.body_id,
        now=timezone.now(),
    )
    return FileResponse(
        opened.stream, as_attachment=True, filename=opened.view.name, content_type=opened.view.media_type
    )


@signed_in(*BUSINESS_ROLES)
def opinion_sheet(request: DeskRequest, submission_id: int) -> HttpResponse:
    """审查意见单，A4 打印。"""
    view = selectors.submission_view(submission_id=submission_id, actor=request.actor)
    case = view.case
    rows = []
    for one in view.entries:
        shown = one.new or one.old
        last = one.opinions[-1] if one.opinions else None
        rows.append(
            {
                "name": one.name,
                "type_label": type_label(shown.content.power_type) if shown else "",
                "action": one.action_label,
                "opinion": f"{'退回' if last[2].verdict == 'return' else '同意'} {last[2].opinion}".strip()
                if last
                else "",
            }
        )
    context = {
        "view": view,
        "steps": [(step, step_who(step), step_note(case, step)) for step in case.steps] if case else [],
        "rows": rows,
        "printed_on": timezone.localdate(),
    }
    return render(request, "catalog/opinion_sheet.html", context)
