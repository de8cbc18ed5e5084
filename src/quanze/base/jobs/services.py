"""提交、取消、认领、结束任务，以及执行到期的定时职责。"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from quanze.base.jobs.context import JobCancelled, JobContext, LeaseLost, actor_columns, lease
from quanze.base.jobs.models import Job, JobState, Schedule
from quanze.base.jobs.registry import ScheduledDuty, duties, kind_of
from quanze.core.actor import Actor
from quanze.core.door import through_door
from quanze.core.errors import Conflict, DomainError, NotFound, WrongState

logger = logging.getLogger(__name__)


@transaction.atomic
def enqueue(
    *,
    kind: str,
    payload: dict[str, Any],
    actor: Actor,
    label: str,
    now: datetime,
    back_url: str = "",
    idempotency_key: str | None = None,
) -> int:
    """提交任务，返回任务编号。Same key and same content: the job that exists; same key, other content: Conflict."""
    kind_of(kind)
    columns = {
        "kind": kind,
        "label": label[:300],
        "payload": payload,
        "available_at": now,
        "created_by": actor.user_id,
        "created_by_name": actor.name,
        "actor": actor_columns(actor),
        "body_id": actor.body_id,
        "back_url": back_url,
        "created_at": now,
    }
    if idempotency_key is None:
        return Job.objects.create(**columns).pk
    job, is_new = Job.objects.get_or_create(idempotency_key=idempotency_key, defaults=columns)
    if not is_new and (job.kind, job.payload, job.created_by) != (kind, payload, actor.user_id):
        raise Conflict(
            "这个幂等键已用于另一项任务", hint="请换一个键，或用原来的内容重试。", code="idempotency_conflict"
        )
    return job.pk


@transaction.atomic
def job_cancel(*, actor: Actor, job_id: int, now: datetime) -> None:
    """取消任务：排队的立即取消，进行中的请处理函数尽快停下。"""
    job = Job.objects.select_for_update().filter(_own(actor), pk=job_id).first()
    if job is None:
        raise NotFound("没有这项任务", hint="请从任务列表进入。")
    if job.state == JobState.QUEUED:
        Job.objects.filter(pk=job_id).update(state=JobState.CANCELLED, is_cancel_requested=True, finished_at=now)
    elif job.state == JobState.RUNNING:
        Job.objects.filter(pk=job_id).update(is_cancel_requested=True)
    else:
        raise WrongState(f"任务{JobState(job.state).label}，不能取消", hint="已结束的任务无需取消。")


def claim(*, worker: str, now: datetime, job_id: int | None = None) -> Job | None:
    """认领一项任务：排队的，或租约已过期的（执行者已消失）。恰有一个执行者得到它。

    SQLite takes the write lock at BEGIN, PostgreSQL locks the row and skips rows that others hold.
    """
    if not _claimable(now, job_id).exists():
        return None
    with transaction.atomic():
        rows = _claimable(now, job_id).order_by("available_at", "id")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        job = rows.first()
        if job is None:
            return None
        if job.state == JobState.RUNNING and _abandoned_for_good(job, now):
            return None
        Job.objects.filter(pk=job.pk).update(
            state=JobState.RUNNING,
            worker=worker[:100],
            attempt=F("attempt") + 1,
            lease_until=now + lease(),
            heartbeat_at=now,
            started_at=job.started_at or now,
        )
        job.refresh_from_db()
        return job


def run_claimed(job: Job) -> None:
    """执行已认领的任务并记下结果。Errors end up in the row; nothing is raised to the worker loop."""
    context = JobContext(job)
    try:
        with through_door("job", f"job-{job.pk}"):
            result = kind_of(job.kind).handler(context, **job.payload)
    except JobCancelled:
        _finish(context, state=JobState.CANCELLED)
    except LeaseLost:
        logger.warning("job %s: lease lost in attempt %s", job.pk, job.attempt)
    except DomainError as error:
        _finish(context, state=JobState.FAILED, error_code=error.code, error_message=str(error))
    except Exception:
        logger.exception("job %s (%s) failed", job.pk, job.kind)
        _finish(
            context,
            state=JobState.FAILED,
            error_code="internal_error",
            error_message=f"系统内部错误，任务未完成。请把任务编号 {job.pk} 告诉系统管理员。",
        )
    else:
        _finish(context, state=JobState.DONE, result=result or {})


def run_now(job_id: int) -> Job:
    """就地执行一项任务（测试与命令行用），返回结束后的任务行。"""
    job = claim(worker="inline", now=JobContext.now(), job_id=job_id)
    if job is None:
        raise WrongState("任务不在等待执行", hint="请查看任务的状态。")
    run_claimed(job)
    job.refresh_from_db()
    return job


def tick(now: datetime) -> list[str]:
    """执行到期的定时职责，返回执行了的名称。Each due turn has one winner among all workers."""
    done = []
    for duty in duties():
        if _take_turn(duty, now):
            error = ""
            try:
                with through_door("job", f"schedule-{duty.name}"[:64]):
                    duty.run(now)
            except Exception as problem:
                logger.exception("schedule %s failed", duty.name)
                error = f"{type(problem).__name__}: {problem}"
            Schedule.objects.filter(name=duty.name).update(last_run_at=now, last_error=error)
            done.append(duty.name)
    return done


def _own(actor: Actor) -> Q:
    # Whoever may read everything may not therefore stop other people's work.
    return Q() if actor.has("system") else Q(created_by=actor.user_id, created_by__isnull=False)


def _claimable(now: datetime, job_id: int | None) -> QuerySet[Job]:
    queued = Q(state=JobState.QUEUED, available_at__lte=now)
    orphaned = Q(state=JobState.RUNNING, lease_until__lt=now)
    rows = Job.objects.filter(queued | orphaned)
    return rows if job_id is None else rows.filter(pk=job_id)


def _abandoned_for_good(job: Job, now: datetime) -> bool:
    """执行者消失的任务若已请求取消或已试满次数，就此结束。"""
    if job.is_cancel_requested:
        Job.objects.filter(pk=job.pk).update(state=JobState.CANCELLED, finished_at=now, lease_until=None)
        return True
    if job.attempt >= kind_of(job.kind).max_attempts:
        Job.objects.filter(pk=job.pk).update(
            state=JobState.FAILED,
            finished_at=now,
            lease_until=None,
            error_code="worker_lost",
            error_message=f"执行者 {job.attempt} 次中途消失，已停止重试。请减小一次处理的数据量后重新提交。",
        )
        return True
    return False


def _finish(context: JobContext, **columns: Any) -> None:
    held = Job.objects.filter(pk=context.job_id, attempt=context.attempt, state=JobState.RUNNING)
    if not held.update(finished_at=context.now(), lease_until=None, **columns):
        logger.warning("job %s: result of attempt %s dropped, lease lost", context.job_id, context.attempt)


def _take_turn(duty: ScheduledDuty, now: datetime) -> bool:
    # A due time further ahead than one interval means that the clock was set back: the turn is taken at once.
    waiting = Q(next_due_at__gt=now, next_due_at__lte=now + duty.every)
    own = Schedule.objects.filter(name=duty.name)
    if own.filter(waiting).exists():
        # The usual answer, given without a transaction: on SQLite one would take the write lock every second.
        return False
    with transaction.atomic():
        Schedule.objects.get_or_create(name=duty.name, defaults={"next_due_at": now})
        return bool(own.exclude(waiting).update(next_due_at=now + duty.every))
