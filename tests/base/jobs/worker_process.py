"""A worker in a process of its own, for the tests that race workers and kill them.

``python worker_process.py DATABASES_JSON COMMAND [ARGUMENT…]``; prints one JSON line for ``report``.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
from datetime import UTC, datetime


def main() -> None:
    database, command, *arguments = sys.argv[1:]
    settings = importlib.import_module(os.environ["DJANGO_SETTINGS_MODULE"])
    settings.DATABASES = {"default": json.loads(database)}
    settings.QUANZE_JOB_LEASE_SECONDS = 2
    import django

    django.setup()
    register_handlers()
    {"migrate": migrate, "enqueue": enqueue, "work": work, "report": report}[command](*arguments)


def register_handlers() -> None:
    from quanze.base.jobs.public import JobContext, job_handler
    from quanze.base.notices.public import notice_send

    @job_handler("race.count")
    def count(context: JobContext, mark: int) -> dict[str, int]:
        """One effect per job, whoever runs it."""
        with context.transaction():
            notice_send(to_user_ids=[mark], text="做了一次", kind="race", now=context.now())
        return {"mark": mark}

    @job_handler("race.steps", max_attempts=99)
    def steps(context: JobContext, mark: int, size: int) -> dict[str, int]:
        """Many small effects with a checkpoint in the same transaction as each."""
        start = context.saved_checkpoint() or 0
        for position in range(start, size):
            with context.transaction():
                notice_send(to_user_ids=[mark], text=str(position), kind="race", now=context.now())
                context.checkpoint(position + 1)
                sys.stdout.write(
                    f"{position}\n"
                )  # inside the transaction: the killer strikes before or after the commit
                sys.stdout.flush()
            context.progress(position + 1, size)
        return {"attempt": context.attempt}


def migrate() -> None:
    from django.core.management import call_command

    for app in ("jobs", "notices", "audit"):
        call_command("migrate", app, verbosity=0)


def enqueue(kind: str, count: str, extra: str = "{}") -> None:
    from quanze.base.jobs import public as jobs
    from quanze.core.actor import SYSTEM

    for mark in range(int(count)):
        payload = {"mark": mark, **json.loads(extra)}
        jobs.enqueue(kind=kind, payload=payload, actor=SYSTEM, label=f"{kind} {mark}", now=datetime.now(UTC))


def work(until: str) -> None:
    """once: until nothing is left; forever: until killed."""
    from quanze.base.jobs.public import run_worker

    run_worker(threading.Event(), once=until == "once")


def report() -> None:
    from quanze.base.jobs.models import Job
    from quanze.base.notices.models import Notice

    jobs = [
        {"state": job.state, "attempt": job.attempt, "done": job.done, "result": job.result}
        for job in Job.objects.order_by("id")
    ]
    effects = sorted(Notice.objects.values_list("to_user_id", "text"))
    sys.stdout.write(json.dumps({"jobs": jobs, "effects": effects}) + "\n")


if __name__ == "__main__":
    main()
