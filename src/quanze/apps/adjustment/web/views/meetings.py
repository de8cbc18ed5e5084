"""审定会议：筹备、议题与理由、材料、逐项登记决定。"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.adjustment.domain.determining import DECISIONS, OUTCOMES
from quanze.apps.adjustment.jobs import MATERIAL_JOB
from quanze.apps.adjustment.selectors import meetings as selectors
from quanze.apps.adjustment.selectors.office_templates import templates
from quanze.apps.adjustment.services import convening, determining
from quanze.apps.adjustment.web.forms import ReasonForm
from quanze.apps.adjustment.web.meeting_forms import DecideForm, MeetingForm, ReasonsForm, numbered
from quanze.base.files import public as files
from quanze.base.jobs import public as jobs
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.dates import zh_date
from quanze.base.web.downloads import download_response
from quanze.core.actor import Actor
from quanze.core.errors import NotFound

DECIDERS = ("committee_secretary", "joint_meeting")


def _page(meeting_id: int) -> str:
    return reverse("adjustment:meeting", args=[meeting_id])


@signed_in(*selectors.CONVENERS)
def meeting_list(request: Any) -> HttpResponse:
    """会议一览，与等待会议的送审件。"""
    context = {
        "rows": selectors.meetings(actor=request.actor),
        "waiting": selectors.candidates(actor=request.actor),
        "may_convene": request.actor.body_id is not None,
    }
    return render(request, "adjustment/meetings.html", context)


def _choices(actor: Actor, own: frozenset[int] = frozenset()) -> list[tuple[int, str]]:
    return [
        (one.submission_id, f"{one.title}（{one.body_name}，{one.items} 项，期限 {zh_date(one.due_on)}）")
        for one in selectors.candidates(actor=actor)
        if not one.meeting_number or one.submission_id in own
    ]


@signed_in(*selectors.CONVENERS)
def meeting_new(request: Any, form: forms.Form | None = None) -> HttpResponse:
    """筹备一次会议。"""
    choices = _choices(request.actor)
    if form is None:
        form = MeetingForm(
            choices=choices,
            initial={"held_on": timezone.localdate(), "submission_ids": [number for number, _ in choices]},
        )
    else:
        form.fields["submission_ids"].choices = choices  # type: ignore[attr-defined]
    return render(request, "adjustment/meeting_new.html", {"form": form, "choices": choices, "row": None})


@action(form=MeetingForm, roles=selectors.CONVENERS, invalid=meeting_new, page="adjustment:meeting_new")
def meeting_convene(request: Any, form: MeetingForm) -> Done:
    """筹备。"""
    meeting_id = convening.meeting_convene(actor=request.actor, now=timezone.now(), **form.cleaned_data)
    return Done("已列入议题。请核对各项的理由与依据，再生成材料。", to=_page(meeting_id))


@signed_in(*selectors.CONVENERS)
def meeting_edit(request: Any, meeting_id: int, form: forms.Form | None = None) -> HttpResponse:
    """改动会议的页面。"""
    row = selectors.find(meeting_id=meeting_id, actor=request.actor)
    own = list(row.topics.values_list("submission_id", flat=True))
    choices = _choices(request.actor, frozenset(own))
    if form is None:
        form = MeetingForm(
            choices=choices,
            initial={
                "number": row.number,
                "title": row.title,
                "held_on": row.held_on,
                "place": row.place,
                "submission_ids": own,
            },
        )
    else:
        form.fields["submission_ids"].choices = choices  # type: ignore[attr-defined]
    return render(request, "adjustment/meeting_new.html", {"form": form, "choices": choices, "row": row})


@action(form=MeetingForm, roles=selectors.CONVENERS, invalid=meeting_edit, page="adjustment:meeting_edit")
def meeting_revise(request: Any, form: MeetingForm, meeting_id: int) -> Done:
    """改动会议。"""
    convening.meeting_revise(
        actor=request.actor,
        meeting_id=meeting_id,
        seen_version=seen_version(request),
        now=timezone.now(),
        **form.cleaned_data,
    )
    return Done("已改动，材料要重新生成。", to=_page(meeting_id))


@signed_in(*selectors.CONVENERS)
def meeting_page(request: Any, meeting_id: int, form: forms.Form | None = None) -> HttpResponse:
    """一次会议：议题、逐项的对照与理由、材料、决定。"""
    row = selectors.find(meeting_id=meeting_id, actor=request.actor)
    topics = selectors.topics_of(meeting=row, actor=request.actor)
    typed = numbered(form.data, "reason-") if isinstance(form, ReasonsForm) else {}
    context = {
        "row": row,
        "topics": [
            (
                topic,
                OUTCOMES.get(topic.outcome, ""),
                [(entry, typed.get(entry.id, entry.reason)) for entry in topic.entries],
            )
            for topic in topics
        ],
        "items": sum(len(topic.entries) for topic in topics),
        "documents": selectors.documents_of(meeting=row, actor=request.actor),
        "templates": templates(actor=request.actor) if row.state != "cancelled" else [],
        "is_open": row.state in ("preparing", "prepared"),
        "may_decide": row.state == "prepared" and request.actor.has(*DECIDERS),
        "form": form,
    }
    return render(request, "adjustment/meeting.html", context)


@action(form=ReasonsForm, roles=selectors.CONVENERS, invalid=meeting_page, page="adjustment:meeting")
def reasons_write(request: Any, form: ReasonsForm, meeting_id: int) -> Done:
    """写理由与依据。"""
    changed = convening.reasons_write(
        actor=request.actor,
        meeting_id=meeting_id,
        seen_version=seen_version(request),
        reasons=form.cleaned_data["reasons"],
        now=timezone.now(),
    )
    return Done(f"已改写 {changed} 项的理由与依据。" if changed else "没有改动。", to=_page(meeting_id))


@action(roles=selectors.CONVENERS)
def material_make(request: Any, meeting_id: int) -> Done:
    """生成材料：后台排版，有进度。"""
    seen = seen_version(request)
    row = selectors.find(meeting_id=meeting_id, actor=request.actor, seen_version=seen)
    job_id = jobs.enqueue(
        kind=MATERIAL_JOB,
        actor=request.actor,
        label=f"会议材料：{row.number}",
        payload={"meeting_id": meeting_id, "seen_version": seen},
        back_url=_page(meeting_id),
        now=timezone.now(),
    )
    return Done("正在生成材料，可在这里看进度。", to=reverse("job", args=[job_id]))


@signed_in(*selectors.CONVENERS)
def decision_page(request: Any, meeting_id: int, form: forms.Form | None = None) -> HttpResponse:
    """逐项登记决定的页面。"""
    row = selectors.find(meeting_id=meeting_id, actor=request.actor)
    topics = selectors.topics_of(meeting=row, actor=request.actor)
    chosen = numbered(form.data, "decision-") if form is not None else {}
    remarks = numbered(form.data, "remark-") if form is not None else {}
    context = {
        "row": row,
        "topics": [
            (topic, [(entry, chosen.get(entry.id, ""), remarks.get(entry.id, "")) for entry in topic.entries])
            for topic in topics
        ],
        "decisions": list(DECISIONS.items()),
        "form": form or DecideForm(),
        "may_decide": row.state == "prepared" and request.actor.has(*DECIDERS),
    }
    return render(request, "adjustment/meeting_decisions.html", context)


@action(form=DecideForm, roles=DECIDERS, invalid=decision_page, page="adjustment:meeting_decisions")
def meeting_decide(request: Any, form: DecideForm, meeting_id: int) -> Done:
    """登记决定。"""
    given = form.cleaned_data
    done = determining.meeting_decide(
        actor=request.actor,
        meeting_id=meeting_id,
        seen_version=seen_version(request),
        decisions=given["decisions"],
        resolution=given["resolution"],
        now=timezone.now(),
    )
    said = "、".join(f"{label} {n} 件" for verb, label in OUTCOMES.items() if (n := list(done.values()).count(verb)))
    return Done(f"已登记决定并落到送审件上：{said}。", to=_page(meeting_id))


@action(form=ReasonForm, roles=selectors.CONVENERS, invalid=meeting_page, page="adjustment:meeting")
def meeting_cancel(request: Any, form: ReasonForm, meeting_id: int) -> Done:
    """不再召开。"""
    convening.meeting_cancel(
        actor=request.actor,
        meeting_id=meeting_id,
        seen_version=seen_version(request),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("已写明不再召开，各议题可列入别的会议。", to=_page(meeting_id))


@signed_in(*selectors.CONVENERS)
def meeting_document(request: Any, document_id: int, extension: str) -> HttpResponseBase:
    """下载一份材料：docx 或 pdf。"""
    row = selectors.document_find(document_id=document_id, actor=request.actor)
    file_id = {"docx": row.docx_file_id, "pdf": row.pdf_file_id}.get(extension)
    if file_id is None:
        raise NotFound("没有这份材料", hint="请从会议的页面打开。")
    return download_response(files.open_file(file_id, scope=request.actor.scope))
