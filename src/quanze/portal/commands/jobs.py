"""``quanze jobs``：执行后台任务。"""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from quanze.base.jobs import public as jobs

app = typer.Typer(help="后台任务：执行。", no_args_is_help=True)


@app.command("work")
def work(
    once: Annotated[bool, typer.Option("--once", help="做完现有的任务便结束")] = False,
) -> None:
    """执行后台任务与定时职责，直到收到中断或终止信号；正在做的一项做完再走。"""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    finished = jobs.run_worker(stop, once=once)
    typer.echo(f"完成 {finished} 项任务")
