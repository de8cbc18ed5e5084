"""执行者循环：一个线程按时执行定时职责，主线程逐项做任务，第三个线程在做的时候续租。

Threads, because a seal is due every ten seconds even while an import runs for minutes.
"""

from __future__ import annotations

import logging
import os
import socket
import threading

from django.db import DatabaseError, close_old_connections, connection, transaction
from django.utils import timezone

from quanze.base.jobs.context import lease
from quanze.base.jobs.models import Job, JobState
from quanze.base.jobs.services import claim, run_claimed, tick

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.5
_TICK_SECONDS = 1.0


def run_worker(stop_event: threading.Event, once: bool = False) -> int:
    """执行任务直到 stop_event；``once`` 时做完现有的便返回。返回做了几项。"""
    name = f"{socket.gethostname()}:{os.getpid()}"
    if once:
        tick(timezone.now())
        return _work_off(name, stop_event)
    ticker = threading.Thread(target=_tick_until, args=(stop_event,), name="quanze-tick", daemon=True)
    ticker.start()
    finished = 0
    while not stop_event.is_set():
        try:
            finished += _work_off(name, stop_event)
        except DatabaseError:
            # The database may be away for a while; the loop must outlive it.
            logger.exception("worker: database error, trying again")
            stop_event.wait(2)
        close_old_connections()
        stop_event.wait(_POLL_SECONDS)
    ticker.join(timeout=5)
    return finished


def _work_off(name: str, stop_event: threading.Event) -> int:
    finished = 0
    while not stop_event.is_set():
        job = claim(worker=name, now=timezone.now())
        if job is None:
            # An orphan that was ended for good also answers None: look once more before giving up.
            job = claim(worker=name, now=timezone.now())
            if job is None:
                break
        with _Heart(job):
            run_claimed(job)
        finished += 1
    return finished


def _tick_until(stop_event: threading.Event) -> None:
    while not stop_event.wait(_TICK_SECONDS):
        try:
            tick(timezone.now())
        except DatabaseError:
            logger.exception("tick: database error, trying again")
        close_old_connections()
    connection.close()


class _Heart:
    """做任务期间定时续租；停了，租约到期后由别人接手。"""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"quanze-heart-{job.pk}", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=1)

    def _beat(self) -> None:
        while not self._stop.wait(lease().total_seconds() / 4):
            try:
                beat(self._job)
            except DatabaseError:
                # A long write of the job itself may hold the lock; its own transaction renews the lease (context).
                logger.debug("job %s: heartbeat skipped", self._job.pk)
            finally:
                close_old_connections()
        connection.close()


def beat(job: Job) -> bool:
    """续租一次；任务已不在本次尝试手中则为假。"""
    now = timezone.now()
    with transaction.atomic():
        held = Job.objects.filter(pk=job.pk, attempt=job.attempt, state=JobState.RUNNING)
        if connection.features.has_select_for_update_skip_locked:
            ids = list(held.select_for_update(skip_locked=True).values_list("pk", flat=True))
            held = Job.objects.filter(pk__in=ids)
        return bool(held.update(heartbeat_at=now, lease_until=now + lease()))
