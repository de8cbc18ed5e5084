"""命令行：执行与查看后台任务。"""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

app = typer.Typer(help="后台任务：执行、查看", no_args_is_help=True)


@app.command()
def work(once: Annotated[bool, typer.Option(help="做完现有的任务便退出")] = False) -> None:
    """执行后台任务与定时职责；Ctrl-C 做完手上这一项后停下。"""
    from quanze.base.jobs.worker import run_worker

    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    count = run_worker(stop, once=once)
    typer.echo(f"完成 {count} 项任务")


@app.command("list")
def list_jobs(limit: Annotated[int, typer.Option(min=1, max=500, help="最多几项")] = 20) -> None:
    """最近的任务，新的在前。"""
    from quanze.base.jobs.selectors import jobs_of
    from quanze.core.actor import SYSTEM

    for job in jobs_of(actor=SYSTEM, limit=limit):
        typer.echo(f"#{job.id}\t{job.state_label}\t{job.percent}%\t{job.label}\t{job.error_message}")
