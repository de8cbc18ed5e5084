"""后台任务进度：数目、剩余时间、跳过了什么、回去的链接、能取消则取消。"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.base.jobs import public as jobs
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action

STOP_POLLING = 286  # htmx: swap this piece and poll no more


@signed_in
def job_list(request: HttpRequest) -> HttpResponse:
    """我的后台任务，新的在前。"""
    actor = request.actor  # type: ignore[attr-defined]
    before = request.GET.get("before", "")
    rows = jobs.jobs_of(
        actor=actor, before_id=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    )
    return render(request, "jobs.html", {"jobs": rows, "last_id": rows[-1].id if len(rows) == 50 else None})


@signed_in
def job_page(request: HttpRequest, job_id: int) -> HttpResponse:
    """一项任务的进度页。"""
    return render(request, "job.html", _context(request, job_id))


@signed_in
def job_fragment(request: HttpRequest, job_id: int) -> HttpResponse:
    """进度片段，一秒一取；办完即停。"""
    context = _context(request, job_id)
    status = STOP_POLLING if context["job"].is_finished else 200
    return render(request, "_job_progress.html", context, status=status)


@action
def job_cancel(request: HttpRequest, job_id: int) -> Done:
    """请求取消。"""
    jobs.job_cancel(job_id=job_id, actor=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    return Done("已请求取消，任务会在安全处停下。", to=reverse("job", args=[job_id]))


def _context(request: HttpRequest, job_id: int) -> dict[str, Any]:
    job = jobs.job_view(job_id=job_id, actor=request.actor)  # type: ignore[attr-defined]
    return {
        "job": job,
        "eta": time_left(job.started_at, job.done, job.total, timezone.now()) if not job.is_finished else "",
    }


def time_left(started_at: datetime | None, done: int, total: int, now: datetime) -> str:
    """按已用时间推算还要多久；刚开始时不猜。"""
    if started_at is None or done <= 0 or total <= done:
        return ""
    spent = (now - started_at).total_seconds()
    if spent < 2:
        return ""
    left = spent / done * (total - done)
    if left < 60:
        return f"约剩 {max(1, round(left))} 秒"
    return f"约剩 {round(left / 60)} 分钟" if left < 5400 else f"约剩 {left / 3600:.1f} 小时"
