"""导出记录：再次验证本人 → 后台任务 → 下载；要求与下载各记一条访问。"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.base.audit import public as audit
from quanze.base.files import public as files
from quanze.base.iam.step_up import require_step_up
from quanze.base.jobs import public as jobs
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.downloads import download_response
from quanze.core.actor import EVERYTHING
from quanze.core.errors import NotFound
from quanze.portal.record.jobs import EXPORT, FORMATS
from quanze.portal.record.pages import FactFilters, conditions_of
from quanze.portal.record.reading import READERS, reading_of


class ExportForm(forms.Form):
    """导出的格式；条件取自同一表单里的筛选参数。"""

    format = forms.ChoiceField(label="格式", choices=list(FORMATS.items()))


@action(form=ExportForm, roles=READERS, page="record:facts")
def facts_export(request: HttpRequest, form: ExportForm) -> Done:
    """按现在的条件导出。"""
    require_step_up(request)
    actor = request.actor  # type: ignore[attr-defined]
    reading_of(actor)
    bar = FactFilters(request.POST)
    conditions: dict[str, Any] = conditions_of(bar.values)
    for name in ("since", "until"):
        conditions[name] = conditions[name].isoformat() if conditions[name] else ""
    words = "；".join(f"{chip.label} {chip.words}".strip() for chip in bar.chips) or "全部"
    kind = form.cleaned_data["format"]
    now = timezone.now()
    job_id = jobs.enqueue(
        kind=EXPORT,
        payload={"conditions": conditions, "format": kind},
        actor=actor,
        label=f"导出记录（{FORMATS[kind]}）",
        now=now,
        back_url=reverse("record:exports"),
    )
    audit.access(
        actor=actor,
        action="record:facts_export",
        outcome="exported",
        subject_label="事实记录",
        body_id=actor.body_id,
        detail=f"{FORMATS[kind]}；条件：{words}；任务 {job_id}",
        now=now,
    )
    return Done("已开始导出，完成后可在“导出文件”下载。", to=reverse("job", args=[job_id]))


def own_exports(request: HttpRequest) -> list[jobs.JobView]:
    """本人的导出任务，新的在前。"""
    actor = request.actor  # type: ignore[attr-defined]
    return [job for job in jobs.jobs_of(actor=actor, limit=200) if job.kind == EXPORT][:20]


@signed_in(*READERS)
def export_list(request: HttpRequest) -> HttpResponseBase:
    """导出文件。"""
    reading_of(request.actor)  # type: ignore[attr-defined]
    return render(request, "record/exports.html", {"jobs": own_exports(request)})


@signed_in(*READERS)
def export_download(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """下载自己导出的文件。"""
    actor = request.actor  # type: ignore[attr-defined]
    job = jobs.job_view(job_id=job_id, actor=actor)
    if job.kind != EXPORT or job.state != "done" or job not in own_exports(request):
        raise NotFound("没有这份导出文件", hint="请从导出文件列表进入。")
    opened = files.open_file(job.result["file_id"], scope=EVERYTHING)
    audit.access(
        actor=actor,
        action="record:export_download",
        outcome="read",
        subject_label=opened.view.name,
        body_id=actor.body_id,
        detail=f"任务 {job_id}；摘要 {opened.view.sha256}",
        now=timezone.now(),
    )
    return download_response(opened)
