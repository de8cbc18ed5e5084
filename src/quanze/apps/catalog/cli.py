"""命令行：quanze lists …（由 portal 挂上）。"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from quanze.apps.catalog.services.reading import header_vocabulary, read_list_file, reading_as_json
from quanze.core.errors import DomainError, ErrorPlace
from quanze.core.listsheet.reading import ListReading

app = typer.Typer(help="权责清单：读取、检查、导入。", no_args_is_help=True)

SHOWN_WARNINGS = 30


@app.callback()
def lists() -> None:
    """权责清单：读取、检查、导入。"""


@app.command("read")
def read(
    files: Annotated[list[Path], typer.Argument(help="清单文件（.xls、.xlsx、.csv），可给多个")],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON：一个文件一个对象，多个文件一个数组")] = False,
) -> None:
    """读取清单文件：格式、工作表、表头、栏目对照、事项数、提示。

    退出码：0 都读成；1 几个文件里有的没读成（其余照常输出）；2 只给了一个文件而没读成。
    """
    errors = Console(stderr=True, soft_wrap=True)
    out = Console()
    found: list[dict[str, Any]] = []
    failed = 0
    for path in files:
        try:
            reading = read_list_file(path=path)
        except DomainError as error:
            failed += 1
            errors.print(f"{error}（{error.code}）", style="red", markup=False, highlight=False)
            found.append({"file": path.name, "error": _error_as_json(error)})
            continue
        if as_json:
            found.append(reading_as_json(reading))
        else:
            _print_reading(out, reading)
    is_single = len(files) == 1
    if as_json and not (is_single and failed):
        typer.echo(json.dumps(found[0] if is_single else found, ensure_ascii=False, indent=2))
    if failed:
        raise typer.Exit(2 if is_single else 1)


def _error_as_json(error: DomainError) -> dict[str, Any]:
    place = error.place or ErrorPlace()
    return {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "sheet": place.sheet,
        "row": place.row,
        "column": place.column,
    }


def _print_reading(out: Console, reading: ListReading) -> None:
    stated = "" if reading.stated_count is None else f"，写明 {reading.stated_count} 项"
    out.print(
        f"{reading.file}（{reading.format}）：{reading.item_count} 项，子项 {reading.subitem_count}{stated}",
        style="bold",
        markup=False,
        highlight=False,
    )
    sheets = Table("工作表", "表头行", "事项", "子项", "写明")
    sheets.add_column("栏目 → 要素", overflow="fold")
    vocabulary = header_vocabulary()
    for sheet in reading.sheets:
        pairs = ((sheet.headers.get(n, ""), vocabulary.spec(field).label) for n, field in sheet.columns.items())
        columns = "、".join(header if header == label else f"{header}→{label}" for header, label in pairs)
        cells = (sheet.header_row, sheet.items, sheet.subitems, sheet.stated_count)
        sheets.add_row(_plain(sheet.name), *("" if cell is None else str(cell) for cell in cells), _plain(columns))
    out.print(sheets)
    if not reading.warnings:
        return
    table = Table("代码", "工作表", "行", "列", "提示")
    for warning in reading.warnings[:SHOWN_WARNINGS]:
        places = ("" if n is None else str(n) for n in (warning.row, warning.column))
        table.add_row(warning.code, _plain(warning.sheet), *places, _plain(warning.message))
    out.print(table)
    if len(reading.warnings) > SHOWN_WARNINGS:
        out.print(f"共 {len(reading.warnings)} 条提示，只显示前 {SHOWN_WARNINGS} 条；加 --json 看全部。")


def _plain(text: str) -> str:
    """表格里按字面显示，方括号不作样式。"""
    return text.replace("[", "\\[")
