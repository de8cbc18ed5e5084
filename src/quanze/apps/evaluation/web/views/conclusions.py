"""评估结论：起草、逐句修改、印发、勘误、下载。"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.evaluation import public as evaluation
from quanze.apps.evaluation.web import presenting
from quanze.apps.evaluation.web.forms import IssueForm, ReasonForm
from quanze.base.files import public as files
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.downloads import download_response
from quanze.core.errors import NotFound

OFFICE = presenting.OFFICE_ROLES
_PREFIX = "sentence-"


@signed_in(*presenting.BUSINESS_ROLES)
def conclusion_page(request: HttpRequest, round_id: int, body_id: int, form: IssueForm | None = None) -> HttpResponse:
    """结论：每句连着它的数据；起草中的可改，改动处标出。"""
    actor = request.actor  # type: ignore[attr-defined]
    result = evaluation.body_result(round_id, body_id, scope=actor.scope)
    conclusion = evaluation.conclusion(round_id, body_id, scope=actor.scope)
    state = conclusion.state if conclusion else ""
    context = {
        "result": result,
        "round": result.round,
        "conclusion": conclusion,
        "next_step": presenting.next_step(result.round.state, state, result.body_name),
        "codes": {line.code for line in result.lines},
        "is_office": presenting.is_office(actor),
        "issue_form": form or IssueForm(initial={"issued_on": timezone.localdate()}),
        "reason_form": ReasonForm(),
        "tabs": presenting.body_tabs(round_id, body_id, "conclusion"),
    }
    return render(request, "evaluation/conclusion.html", context)


def _at(round_id: int, body_id: int) -> str:
    return reverse("evaluation:conclusion", args=[round_id, body_id])


@action(roles=OFFICE)
def conclusion_draft(request: HttpRequest, round_id: int, body_id: int) -> Done:
    """起草或重新起草。"""
    view = evaluation.conclusion_draft(
        actor=request.actor,  # type: ignore[attr-defined]
        round_id=round_id,
        body_id=body_id,
        now=timezone.now(),
    )
    return Done(f"已按得分起草 {len(view.sentences)} 句，可逐句修改后印发。", to=_at(round_id, body_id))


@action(roles=OFFICE)
def conclusion_edit(request: HttpRequest, round_id: int, body_id: int) -> Done:
    """保存修改。"""
    texts = {name.removeprefix(_PREFIX): text for name, text in request.POST.items() if name.startswith(_PREFIX)}
    view = evaluation.conclusion_edit(
        actor=request.actor,  # type: ignore[attr-defined]
        round_id=round_id,
        body_id=body_id,
        texts={name: str(text) for name, text in texts.items()},
        seen_version=seen_version(request),
        now=timezone.now(),
    )
    said = f"其中 {view.edited} 句与系统文字不同，已标出。" if view.edited else "各句与系统文字相同。"
    return Done(f"已保存，{said}", to=_at(round_id, body_id))


@action(form=IssueForm, roles=OFFICE, invalid=conclusion_page)
def conclusion_issue(request: HttpRequest, form: IssueForm, round_id: int, body_id: int) -> Done:
    """印发。"""
    view = evaluation.conclusion_issue(
        actor=request.actor,  # type: ignore[attr-defined]
        round_id=round_id,
        body_id=body_id,
        seen_version=seen_version(request),
        now=timezone.now(),
        **form.cleaned_data,
    )
    return Done(f"已印发 {view.document_number}，{view.body_name}现在可以看到并下载。", to=_at(round_id, body_id))


@action(form=ReasonForm, roles=OFFICE)
def conclusion_correct(request: HttpRequest, form: ReasonForm, round_id: int, body_id: int) -> Done:
    """勘误：开出新的一版。"""
    view = evaluation.conclusion_correct(
        actor=request.actor,  # type: ignore[attr-defined]
        round_id=round_id,
        body_id=body_id,
        seen_version=seen_version(request),
        now=timezone.now(),
        **form.cleaned_data,
    )
    return Done(f"已开出第 {view.version} 版，改好后重新印发；原版文件照留。", to=_at(round_id, body_id))


@signed_in(*presenting.BUSINESS_ROLES)
def conclusion_file(request: HttpRequest, round_id: int, body_id: int, kind: str) -> HttpResponseBase:
    """下载 Word 或 PDF。"""
    actor = request.actor  # type: ignore[attr-defined]
    view = evaluation.conclusion(round_id, body_id, scope=actor.scope)
    file_id = {"docx": view.docx_file_id, "pdf": view.pdf_file_id}.get(kind) if view else None
    if file_id is None:
        raise NotFound("没有这个文件", hint="结论印发后才有文件。")
    return download_response(files.open_file(file_id, scope=actor.scope))
