"""命令行：quanze lists …，读取、检查、导入。"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from quanze.apps.catalog.services.reading import header_vocabulary, read_list_file, reading_as_json
from quanze.core.actor import SYSTEM
from quanze.core.errors import DomainError, ErrorPlace, InvalidInput
from quanze.core.lint import SEVERITY_LABELS, Finding, Severity
from quanze.core.listsheet.reading import ListReading

if TYPE_CHECKING:  # reading needs no rules
    from quanze.apps.catalog.services.file_checking import CheckReport

app = typer.Typer(help="权责清单：读取、检查、导入。", no_args_is_help=True)

SHOWN_WARNINGS = 30
SHOWN_PLACES = 3
LIST_SUFFIXES = (".xls", ".xlsx", ".xlsm", ".csv", ".et")


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


@app.command("check")
def check(
    target: Annotated[str, typer.Argument(help="清单文件（.xls、.xlsx、.csv），或机构的名称、编码")],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
    template: Annotated[
        str,
        typer.Option(
            "--template",
            help="清单模板，如 published-2024、full-2024、town-2024；不给则文件按已公布清单、机构按其清单所用",
        ),
    ] = "",
    base: Annotated[str, typer.Option("--base", help="目录范本的文件；逐项按职权编码或名称对应，只用于检查文件")] = "",
) -> None:
    """检查清单：逐条说明何处、为何、怎么改。文件不需要数据库；机构查其在编（没有则现行）的清单。

    退出码：0 没有错误；1 有错误；2 文件读不了、机构或模板不存在。
    """
    errors = Console(stderr=True, soft_wrap=True)
    try:
        report = _checked(target, template, base)
    except DomainError as error:
        errors.print(f"{error}（{error.code}）", style="red", markup=False, highlight=False)
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
    else:
        _print_check(Console(soft_wrap=True), report)
    raise typer.Exit(1 if report.has_errors else 0)


@app.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(help="清单文件（.xls、.xlsx、.csv）")],
    body: Annotated[str, typer.Option("--body", help="机构的名称、简称或编码")],
    is_applied: Annotated[bool, typer.Option("--apply", help="导入为草稿；不给则只预览，什么也不写")] = False,
    username: Annotated[str, typer.Option("--as", help="以谁的名义导入（登录名，须是该机构的业务口）")] = "",
    with_questioned: Annotated[bool, typer.Option("--with-questioned", help="存疑的各项也导入")] = False,
    with_overwriting: Annotated[bool, typer.Option("--overwrite-drafts", help="会盖掉在编草稿的各项也导入")] = False,
    is_base: Annotated[bool, typer.Option("--base", help="导入该机构制定的目录范本，而不是它的权责清单")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """导入清单文件：逐表核对、与现有清单对照；加 --apply 导入为草稿。

    退出码：0 已预览或已导入；2 文件读不了、机构或账号不存在、无权导入。
    """
    from quanze.apps.catalog.services.importing import preview_or_import

    result = preview_or_import(
        path=file,
        body=body,
        username=username,
        is_applied=is_applied,
        with_questioned=with_questioned,
        with_overwriting=with_overwriting,
        is_base=is_base,
    )
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False, indent=2))
        return
    _print_import(Console(soft_wrap=True), file.name, result)


def _print_import(out: Console, name: str, result: dict[str, Any]) -> None:
    summary, counts = result["summary"], result["counts"]
    stated = "" if summary["stated"] is None else f"，写明 {summary['stated']} 项"
    out.print(f"{name}：读到 {summary['items']} 项，子项 {summary['subitems']}{stated}", style="bold", markup=False)
    sheets = Table("工作表", "表头行", "读到", "子项", "表上写明")
    for sheet in summary["sheets"]:
        cells = (sheet["header_row"], sheet["items"], sheet["subitems"], sheet["stated"])
        sheets.add_row(_plain(sheet["name"]), *("" if cell is None else str(cell) for cell in cells))
    out.print(sheets)
    out.print(
        f"对照：新增 {counts['new']}、变更 {counts['changed']}、未变 {counts['unchanged']}、"
        f"缺少 {counts['missing']}；存疑 {counts['questioned']}、不能导入 {counts['blocked']}、"
        f"会盖掉在编草稿 {counts['overwriting']}",
        markup=False,
        highlight=False,
    )
    for entry in result["questioned"][:SHOWN_WARNINGS]:
        out.print(
            f"  存疑 {entry['place']} {entry['name']}：{'；'.join(entry['doubts'])}", markup=False, highlight=False
        )
    for entry in result["overwriting"][:SHOWN_WARNINGS]:
        out.print(f"  会盖掉在编草稿 {entry['place']} {entry['name']}", markup=False, highlight=False)
    if result["overwriting"]:
        out.print("  这些项默认不导入；确要以表格为准，加 --overwrite-drafts。", markup=False, highlight=False)
    if result["applied"] is None:
        out.print("只作了预览，没有写入；加 --apply --as 登录名 导入为草稿。", markup=False)
        return
    done = result["applied"]
    out.print(
        f"已导入为草稿：新增 {done['new']} 项、变更 {done['changed']} 项，{done['skipped']} 项没有导入。",
        style="green",
        markup=False,
        highlight=False,
    )


def _checked(target: str, template: str, base: str) -> CheckReport:
    from quanze.apps.catalog.services.file_checking import FILE_TEMPLATE, check_reading

    path = Path(target)
    if base and not Path(base).is_file():
        raise InvalidInput(f"没有范本文件“{base}”", hint="请检查路径与文件名。", code="file_missing")
    if path.is_file():
        base_reading = read_list_file(path=Path(base)) if base else None
        return check_reading(read_list_file(path=path), template=template or FILE_TEMPLATE, base=base_reading)
    if base:
        raise InvalidInput(
            "存着的清单以所绑定的范本为准，不另给范本文件",
            hint="请去掉 --base；要换范本，请编办用 quanze lists base bind。",
            code="base_only_for_files",
        )
    if path.suffix.lower() in LIST_SUFFIXES:
        raise InvalidInput(f"没有文件“{target}”", hint="请检查路径与文件名。", code="file_missing")
    # Only a stored list needs the tables and the framework.
    from django.utils.timezone import localdate

    from quanze.apps.catalog.services.checking import check_body

    return check_body(body=target, scope=SYSTEM.scope, on=localdate(), template=template)


def _print_check(out: Console, report: CheckReport) -> None:
    counts = "、".join(f"{SEVERITY_LABELS[one]} {report.report.count(one)}" for one in Severity)
    out.print(
        f"{report.subject}（{report.template}）：{report.items} 项，子项 {report.subitems}；{counts}",
        style="bold",
        markup=False,
        highlight=False,
    )
    if report.conformance is not None:
        result = report.conformance
        told = "、".join(f"{label} {number}" for label, number in result.counts) or "没有差异"
        out.print(
            f"范本 {result.base_items} 项，清单中有 {result.present} 项，符合 {result.percent}%；{told}",
            markup=False,
            highlight=False,
        )
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in report.findings:
        groups.setdefault((finding.code, finding.message), []).append(finding)
    for (code, message), found in groups.items():
        first = found[0]
        times = f"（{len(found)} 处）" if len(found) > 1 else ""
        out.print(f"{first.severity.letter} {code} {message}{times}", markup=False, highlight=False)
        for finding in found[:SHOWN_PLACES]:
            where = f"{report.places[finding.key]}　{report.names[finding.key]}" if finding.key else "整份清单"
            out.print(f"    {where}", style="dim", markup=False, highlight=False)
            if finding.evidence:
                out.print(f"      {_one_line(finding.evidence)}", style="dim", markup=False, highlight=False)
        if len(found) > SHOWN_PLACES:
            out.print(f"    ……另有 {len(found) - SHOWN_PLACES} 处，加 --json 看全部", markup=False, highlight=False)
        out.print(f"    → {first.suggestion}", markup=False, highlight=False)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:120]


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
