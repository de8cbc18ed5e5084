"""查看任务：各人看自己提交的，全市范围的看全部。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from quanze.base.jobs.models import Job, JobState, Schedule
from quanze.core.actor import Actor
from quanze.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class JobView:
    """任务的样子，供进度条与任务列表显示。"""

    id: int
    kind: str
    label: str
    state: str
    state_label: str
    done: int
    total: int
    percent: int
    message: str
    skipped: int
    result: Any
    error_code: str
    error_message: str
    is_finished: bool
    is_cancel_requested: bool
    attempt: int
    created_by_name: str
    back_url: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def job_view(*, job_id: int, actor: Actor) -> JobView:
    """一项任务；不是自己的与不存在的回答相同。"""
    job = _visible(actor).filter(pk=job_id).first()
    if job is None:
        raise NotFound("没有这项任务", hint="请从任务列表进入。")
    return view(job)


def jobs_of(*, actor: Actor, before_id: int | None = None, limit: int = 50) -> tuple[JobView, ...]:
    """任务列表，新的在前。"""
    rows = _visible(actor)
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    return tuple(view(job) for job in rows.order_by("-id")[: max(1, min(limit, 500))])


def last_tick() -> datetime | None:
    """后台任务进程最近一次执行定时职责的时间；从未执行过则为空。The shortest duty is due every ten seconds."""
    found: datetime | None = Schedule.objects.aggregate(last=Max("last_run_at"))["last"]
    return found


def jobs_by_state() -> dict[str, int]:
    """各状态的任务数；没有的状态为 0。"""
    counted = dict(Job.objects.values_list("state").annotate(Count("id")).values_list("state", "id__count"))
    return {str(state): counted.get(state, 0) for state in JobState}


def _visible(actor: Actor) -> QuerySet[Job]:
    return Job.objects.filter(Q() if actor.scope.is_all else Q(created_by=actor.user_id, created_by__isnull=False))


def view(job: Job) -> JobView:
    is_done = job.state == JobState.DONE
    percent = 100 if is_done else min(99, job.done * 100 // job.total) if job.total else 0
    return JobView(
        id=job.pk,
        kind=job.kind,
        label=job.label,
        state=job.state,
        state_label=JobState(job.state).label,
        done=job.done,
        total=job.total,
        percent=percent,
        message=job.message,
        skipped=job.skipped,
        result=job.result,
        error_code=job.error_code,
        error_message=job.error_message,
        is_finished=job.state in {JobState.DONE, JobState.FAILED, JobState.CANCELLED},
        is_cancel_requested=job.is_cancel_requested,
        attempt=job.attempt,
        created_by_name=job.created_by_name,
        back_url=job.back_url,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )
