"""``quanze public export``。"""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="公开站点：导出为静态文件", no_args_is_help=True)


@app.callback()
def public() -> None:
    """公开站点：导出为静态文件。"""


@app.command()
def export(
    place: Annotated[Path, typer.Argument(help="导出到哪个文件夹；写成 .zip 则为一个压缩包")],
    without_history: Annotated[
        bool, typer.Option("--without-history", help="不导出以往各日的清单，只要现行的")
    ] = False,
) -> None:
    """导出公开站点：网页、数据、手册、张贴页与摘要清单，可经网闸搬到外网。"""
    from django.utils import timezone
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from quanze.base.audit import public as audit
    from quanze.core.actor import EVERYTHING, Actor
    from quanze.portal.public_site.static_export import export as write_site

    began = timezone.now()
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), transient=True) as bar:
        task = bar.add_task("导出", total=None)

        def told(what: str, number: int, of: int) -> None:
            bar.update(task, completed=number, total=of)

        report = write_site(place=place, with_history=not without_history, now=began, progress=told)
    audit.access(
        actor=Actor(user_id=None, name=f"命令行（{getpass.getuser()}）", scope=EVERYTHING),
        action="public.export",
        outcome="exported",
        subject_label="公开站点静态导出",
        detail=f"{report.files} 个文件，{report.lists} 份清单，摘要 {report.digest}",
        now=timezone.now(),
    )
    seconds = (timezone.now() - began).total_seconds()
    typer.echo(
        f"已导出：{report.place}（{report.lists} 份清单，{report.files} 个文件，{report.size / 1024 / 1024:.1f} MiB，{seconds:.0f} 秒）"
    )
    typer.echo(f"摘要：{report.digest}")
