"""命令行：quanze adjust …，上级清单的核对与历次对应率。"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from quanze.core.errors import InvalidInput

app = typer.Typer(help="动态调整：上级清单的核对。", no_args_is_help=True)
SHOWN = 40


@app.callback()
def adjust() -> None:
    """动态调整：上级清单的核对。"""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput(f"日期“{text}”不对", hint="应为形如 2026-11-22 的日期。") from None


@app.command("extract")
def extract(
    body: Annotated[str, typer.Argument(help="机构的名称、简称或编码")],
    file: Annotated[Path, typer.Argument(help="提取件（xlsx、xls、csv、json）")],
    system: Annotated[
        str, typer.Option("--system", help="上级系统：provincial_list、national_service、internet_supervision")
    ],
    username: Annotated[str, typer.Option("--as", help="以谁的名义办理（登录名）")],
    extract_on: Annotated[str, typer.Option("--on", help="提取日期，不给为今天")] = "",
    synced_on: Annotated[str, typer.Option("--synced-on", help="同步日期，不给为提取日期")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """核对一份提取件，留下结果：对应率、不同、没有对应的、迟几个工作日。

    退出码：0 全部一致；1 有不同或没有对应的；2 文件读不了，机构、清单、账号不存在，无权办理。
    """
    from quanze.apps.adjustment.domain.extracts import RESULTS
    from quanze.apps.adjustment.services.extract_doors import extract_named

    if not file.is_file():
        raise InvalidInput(f"没有文件 {file.name}", hint="请核对路径。")
    view, rows = extract_named(
        body=body,
        username=username,
        system=system,
        data=file.read_bytes(),
        file_name=file.name,
        extract_on=_day(extract_on),
        synced_on=_day(synced_on),
    )
    off = [row for row in rows if row.result != "matched"]
    if as_json:
        told = {"id": view.id, "rate": view.rate, "late_items": view.late_items, "most_late": view.most_late}
        typer.echo(json.dumps({**told, "rows": [asdict(row) for row in rows]}, ensure_ascii=False, indent=2))
    else:
        typer.echo(
            f"{view.title}：对应率 {view.rate_text}，一致 {view.matched}、不同 {view.differing}、待确认 {view.proposed}、"
            f"上级有本级无 {view.unmatched}、本级有上级无 {view.extra}；迟同步 {view.late_items} 项，最多 {view.most_late} 个工作日"
        )
        for row in off[:SHOWN]:
            typer.echo(f"  {RESULTS[row.result]}  {row.name}：{row.note}" + (f"（迟 {row.late}）" if row.late else ""))
    raise typer.Exit(1 if off else 0)
