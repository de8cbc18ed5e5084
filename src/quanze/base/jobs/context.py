"""任务上下文：处理函数报告进度、保存断点、察觉取消的唯一途径。"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from quanze.base.jobs.models import Job, JobState
from quanze.core.actor import Actor, Scope

_WRITE_EVERY_SECONDS = 0.5


def lease() -> timedelta:
    """租约时长：执行者消失后，最迟这么久由别人接手。"""
    return timedelta(seconds=settings.QUANZE_JOB_LEASE_SECONDS)


class JobCancelled(Exception):
    """任务已应请求取消。A handler may raise it itself, or let ``stop_if_cancelled`` do so."""


class LeaseLost(Exception):
    """租约已失：另一执行者已接手，本次尝试不得再写。"""


class JobContext:
    """一次尝试的上下文。"""

    def __init__(self, job: Job) -> None:
        self.job_id: int = job.pk
        self.attempt: int = job.attempt
        self.actor: Actor = actor_from(job.actor)
        self._saved: Any = job.checkpoint
        self._last_write = 0.0
        self._last_look = 0.0
        self._is_cancelled = False

    @staticmethod
    def now() -> datetime:
        """此刻。Handlers pass it on to services."""
        return timezone.now()

    def progress(self, done: int, total: int, message: str = "", *, skipped: int | None = None) -> None:
        """报告进度。Written at most twice a second and at the end, so it may be called for every row."""
        moment = time.monotonic()
        if done < total and moment - self._last_write < _WRITE_EVERY_SECONDS:
            return
        self._last_write = moment
        columns: dict[str, Any] = {"done": done, "total": total, "message": message[:500]}
        if skipped is not None:
            columns["skipped"] = skipped
        self._write(**columns)

    def checkpoint(self, position: Any) -> None:
        """保存断点（可存为 JSON 的值）；再次尝试时由 ``saved_checkpoint`` 取回。"""
        self._write(checkpoint=position)
        self._saved = position

    def saved_checkpoint(self) -> Any:
        """上次尝试（或本次）保存的断点，没有则为 None。"""
        return self._saved

    def cancelled(self) -> bool:
        """是否已请求取消。"""
        moment = time.monotonic()
        if not self._is_cancelled and moment - self._last_look >= _WRITE_EVERY_SECONDS:
            self._last_look = moment
            self._is_cancelled = Job.objects.filter(pk=self.job_id, is_cancel_requested=True).exists()
        return self._is_cancelled

    def stop_if_cancelled(self) -> None:
        """已请求取消则到此为止。"""
        if self.cancelled():
            raise JobCancelled

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """写业务数据的事务：本次尝试仍持有任务时才能提交，因此同一段工作不会提交两次。

        The job row is locked (PostgreSQL) or the whole database is (SQLite) from here to the commit, and the lease is
        renewed on both sides, so no other worker can take the job over in between.
        """
        with transaction.atomic():
            row = Job.objects.filter(pk=self.job_id, attempt=self.attempt, state=JobState.RUNNING)
            if connection.features.has_select_for_update:
                row = row.select_for_update()
            if not row.exists():
                raise LeaseLost(f"任务 {self.job_id} 已由另一执行者接手")
            yield
            self.heartbeat()

    def heartbeat(self) -> None:
        """续租。"""
        now = timezone.now()
        self._write(heartbeat_at=now, lease_until=now + lease())

    def _write(self, **columns: Any) -> None:
        held = Job.objects.filter(pk=self.job_id, attempt=self.attempt, state=JobState.RUNNING)
        if not held.update(**columns):
            raise LeaseLost(f"任务 {self.job_id} 已由另一执行者接手")


def actor_columns(actor: Actor) -> dict[str, Any]:
    """把行为人存成 JSON：任务以提交时的身份与数据范围执行。"""
    return {
        "user_id": actor.user_id,
        "name": actor.name,
        "body_id": actor.body_id,
        "body_name": actor.body_name,
        "post": actor.post,
        "roles": sorted(actor.roles),
        "scope": {"is_all": actor.scope.is_all, "body_ids": sorted(actor.scope.body_ids)},
        "appointment_id": actor.appointment_id,
        "on_behalf_of": actor.on_behalf_of,
        "on_behalf_of_id": actor.on_behalf_of_id,
    }


def actor_from(columns: dict[str, Any]) -> Actor:
    """由 JSON 还原行为人。"""
    scope = columns["scope"]
    return Actor(
        user_id=columns["user_id"],
        name=columns["name"],
        body_id=columns["body_id"],
        body_name=columns["body_name"],
        post=columns["post"],
        roles=frozenset(columns["roles"]),
        scope=Scope(frozenset(scope["body_ids"]), scope["is_all"]),
        # Jobs put into the queue by an earlier release do not say these.
        appointment_id=columns.get("appointment_id"),
        on_behalf_of=columns.get("on_behalf_of", ""),
        on_behalf_of_id=columns.get("on_behalf_of_id"),
    )
