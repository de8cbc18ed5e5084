"""``quanze docs``：由代码写出的参考手册。"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from quanze.portal import reference

app = typer.Typer(help="参考手册：由代码写出。", no_args_is_help=True)


@app.callback()
def docs() -> None:
    """参考手册：由代码写出。"""


@app.command("build")
def build(
    folder: Annotated[Path, typer.Argument(help="写到哪个文件夹")] = Path("docs/reference"),
) -> None:
    """写出规则、状态、程序、参数、指标、命令、接口等参考页。"""
    for path in reference.write(folder):
        typer.echo(str(path))
