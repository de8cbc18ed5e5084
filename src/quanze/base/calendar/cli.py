"""命令行：查看与登记年度放假安排。"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="工作日历：查看、登记放假安排", no_args_is_help=True)


@app.command()
def years() -> None:
    """各年度的状态、放假与调休天数、依据。"""
    from quanze.base.calendar.selectors import calendar_years

    for view in calendar_years():
        days = f"放假 {view.days_off} 天，调休上班 {view.makeup_days} 天"
        typer.echo(f"{view.year}\t{view.status_label}\t{days}\t{view.source or view.note}")


@app.command("import")
def import_file(
    file: Annotated[
        Path, typer.Argument(help="JSON，或有“日期、名称、类型”三列的 xlsx、xls、csv", exists=True, dir_okay=False)
    ],
    year: Annotated[int, typer.Option(help="哪一年的安排")],
    source: Annotated[str, typer.Option(help="依据：通知的名称或文号")],
) -> None:
    """登记（整体替换）一年已公布的放假安排；此后的计算都以它为准。"""
    import getpass

    from django.utils import timezone

    from quanze.base.calendar.services import calendar_import_file
    from quanze.core.actor import EVERYTHING, Actor

    operator = Actor(user_id=None, name=f"命令行（{getpass.getuser()}）", scope=EVERYTHING)
    count = calendar_import_file(
        actor=operator, year=year, source=source, data=file.read_bytes(), name=file.name, now=timezone.now()
    )
    typer.echo(f"{year} 年登记 {count} 个日期")
