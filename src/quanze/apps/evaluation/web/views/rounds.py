"""评估轮次：列表、建立、一轮的矩阵与办理、导出、复算。"""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.evaluation import public as evaluation
from quanze.apps.evaluation.domain.ranking import average
from quanze.apps.evaluation.web import presenting
from quanze.apps.evaluation.web.forms import ReasonForm, RoundForm
from quanze.base.jobs import public as jobs
from quanze.base.sheets.writing import Column as SheetColumn
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.exporting import export_workbook

OFFICE = presenting.OFFICE_ROLES


@signed_in(*presenting.BUSINESS_ROLES)
def round_list(request: HttpRequest) -> HttpResponse:
    """看得见的轮次。"""
    actor = request.actor  # type: ignore[attr-defined]
    context = {"rounds": evaluation.rounds(scope=actor.scope), "is_office": presenting.is_office(actor)}
    return render(request, "evaluation/rounds.html", context)


@signed_in(*OFFICE)
def round_new(request: HttpRequest, form: RoundForm | None = None) -> HttpResponse:
    """建立轮次的表单。"""
    return render(request, "evaluation/round_new.html", {"form": form or RoundForm(initial=request.GET.dict())})


@action(form=RoundForm, roles=OFFICE, invalid=round_new)
def round_create(request: HttpRequest, form: RoundForm) -> Done:
    """建立轮次。"""
    data = form.cleaned_data
    view = evaluation.round_create(
        actor=request.actor,  # type: ignore[attr-defined]
        name=data["name"],
        scheme_id=data["scheme"],
        body_ids=data["bodies"],
        period_start=data["period_start"],
        period_end=data["period_last"] + timedelta(days=1),
        as_of=data["as_of"],
        regulation=data["regulation"],
        organisation=data["organisation"],
        result_use=data["result_use"],
        now=timezone.now(),
    )
    return Done(f"已建立“{view.name}”，核对后即可启动。", to=_at(view.id))


@signed_in(*presenting.BUSINESS_ROLES)
def round_page(request: HttpRequest, round_id: int) -> HttpResponse:
    """一轮：单位 × 一级指标的矩阵、名次、自动取数占比、进度与办理。"""
    actor = request.actor  # type: ignore[attr-defined]
    view = evaluation.round_view(round_id, scope=actor.scope)
    rows = evaluation.body_rows(round_id, scope=actor.scope)
    job = None
    if view.job_id is not None and actor.scope.is_all:
        job = jobs.job_view(job_id=view.job_id, actor=actor)
    totals = [row.total for row in rows]
    is_office = presenting.is_office(actor)
    waiting = (
        evaluation.round_unexplained(round_id, scope=actor.scope) if is_office and view.state == "computed" else []
    )
    context = {
        "round": view,
        "unexplained": waiting,
        "unexplained_items": sum(body.items for body in waiting),
        "groups": view.indicators.groups,
        "columns": len(view.indicators.groups) + 4,
        "matrix": presenting.matrix(rows, round_id),
        "job": job if job is not None and not job.is_finished else None,
        "failed_job": job if job is not None and job.state == "failed" else None,
        "average": average(totals),
        "scored": sum(total is not None for total in totals),
        "is_office": is_office,
        "reason_form": ReasonForm(),
        "with_data": max((row.with_data for row in rows), default=0),
    }
    return render(request, "evaluation/round.html", context)


def _at(round_id: int) -> str:
    return reverse("evaluation:round", args=[round_id])


@action(roles=OFFICE)
def round_open(request: HttpRequest, round_id: int) -> Done:
    """启动评估。"""
    view = evaluation.round_open(
        actor=request.actor,  # type: ignore[attr-defined]
        round_id=round_id,
        seen_version=seen_version(request),
        now=timezone.now(),
    )
    return Done(f"已启动，指标与权重自此冻结；参评 {view.bodies} 个单位。下一步：系统计分。", to=_at(round_id))


@action(form=ReasonForm, roles=OFFICE)
def round_withdraw(request: HttpRequest, form: ReasonForm, round_id: int) -> Done:
    """撤回启动。"""
    evaluation.round_withdraw(
        actor=request.actor,  # type: ignore[attr-defined]
        round_id=round_id,
        seen_version=seen_version(request),
        now=timezone.now(),
        **form.cleaned_data,
    )
    return Done("已撤回启动，可另选方案后重新启动。", to=_at(round_id))


@action(roles=OFFICE)
def round_compute(request: HttpRequest, round_id: int) -> Done:
    """提交后台计分。"""
    job_id = evaluation.round_compute_request(
        actor=request.actor,  # type: ignore[attr-defined]
        round_id=round_id,
        seen_version=seen_version(request),
        back_url=_at(round_id),
        now=timezone.now(),
    )
    return Done("已提交系统计分，完成后自动列出结果。", to=reverse("job", args=[job_id]))


@action(roles=OFFICE)
def round_conclude(request: HttpRequest, round_id: int) -> Done:
    """审定。"""
    evaluation.round_conclude(
        actor=request.actor,  # type: ignore[attr-defined]
        round_id=round_id,
        seen_version=seen_version(request),
        now=timezone.now(),
    )
    return Done("已审定。下一步：逐个单位起草、印发评估结论。", to=_at(round_id))


@action(form=ReasonForm, roles=OFFICE)
def round_correct(request: HttpRequest, form: ReasonForm, round_id: int) -> Done:
    """更正。"""
    evaluation.round_correct(
        actor=request.actor,  # type: ignore[attr-defined]
        round_id=round_id,
        seen_version=seen_version(request),
        now=timezone.now(),
        **form.cleaned_data,
    )
    return Done("已回到“已计分”，更正后请重新审定。", to=_at(round_id))


@signed_in(*presenting.BUSINESS_ROLES)
def round_export(request: HttpRequest, round_id: int) -> HttpResponse:
    """结果表：每单位一行，供绩效考核等使用；与页面所见相同。"""
    actor = request.actor  # type: ignore[attr-defined]
    view = evaluation.round_view(round_id, scope=actor.scope)
    rows = [entry.row for entry in presenting.matrix(evaluation.body_rows(round_id, scope=actor.scope), round_id)]
    columns = [
        SheetColumn("名次"),
        SheetColumn("单位"),
        SheetColumn("层级"),
        SheetColumn("总分"),
        *(SheetColumn(f"{group.name}（得分/有数据满分）") for group in view.indicators.groups),
        SheetColumn("有数据指标数"),
        SheetColumn("结果摘要"),
    ]
    cells = [
        [
            row.rank or "",
            row.body_name,
            presenting.level_label(row.level),
            "" if row.total is None else format(row.total, "f"),
            *(f"{g.points} / {g.available}" if g.available else "没有数据" for g in row.groups),
            row.with_data,
            view.digest[:16],
        ]
        for row in rows
    ]
    return export_workbook(request, title=f"{view.name}结果", columns=columns, rows=cells)


@signed_in(*presenting.ASSESSOR_ROLES)
def round_verify(request: HttpRequest, round_id: int) -> HttpResponse:
    """复算：用冻结的指标集、存储的读数与评定重算，与存储的结果逐字节比较。"""
    actor = request.actor  # type: ignore[attr-defined]
    context = {
        "round": evaluation.round_view(round_id, scope=actor.scope),
        "found": evaluation.round_verify(round_id, scope=actor.scope),
    }
    return render(request, "evaluation/verify.html", context)
