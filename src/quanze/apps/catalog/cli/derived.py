"""命令行：quanze derived …，关联清单的总览、同步情况、导出、派生、导入。"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from quanze.core.errors import InvalidInput

app = typer.Typer(help="关联清单：总览、同步情况、派生、导出、导入。", no_args_is_help=True)
Kind = Annotated[str, typer.Argument(help="清单种类的代码或名称，如 ZWFW、政务服务事项清单")]
Body = Annotated[str, typer.Argument(help="牵头机构的名称、简称或编码")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
Username = Annotated[str, typer.Option("--as", help="以谁的名义办理（登录名）")]
SHOWN = 40


@app.callback()
def derived() -> None:
    """关联清单：总览、同步情况、派生、导出、导入。"""


@app.command("list")
def list_all(
    kind: Annotated[str, typer.Option("--kind", help="只看这一种（代码）")] = "", as_json: AsJson = False
) -> None:
    """全部关联清单：条目数、版次、最近一次核对的同步率。"""
    from quanze.apps.catalog.services.derived_doors import all_derived_lists

    found = [one for one in all_derived_lists() if kind in ("", one.kind.code)]
    if as_json:
        typer.echo(json.dumps([_list_json(one) for one in found], ensure_ascii=False, indent=2))
        return
    table = Table("种类", "牵头机构", "现行", "在编", "版次", "不同步", "应列未列", "同步率")
    for one in found:
        percent = "" if one.sync_percent is None else f"{one.sync_percent}%"
        cells = (one.entries, one.working, one.edition_number, one.drifting, one.missing)
        table.add_row(
            f"{one.kind.code} {one.label}", one.body_name, *("" if c is None else str(c) for c in cells), percent
        )
    Console(soft_wrap=True).print(table)


def _list_json(one: Any) -> dict[str, Any]:
    names = ("id", "body_code", "body_name", "entries", "working", "edition_number", "document_number")
    more = {name: getattr(one, name) for name in (*names, "drifting", "missing", "sync_percent")}
    return {"kind": one.kind.code, "label": one.label, **more, "counted_on": one.counted_on and str(one.counted_on)}


@app.command("drift")
def drift(kind: Kind, body: Body, as_json: AsJson = False) -> None:
    """现在核对一份清单，逐处说明哪里不同步、怎么办；不写下。

    退出码：0 全部同步；1 有不同步或应列未列；2 清单不存在。
    """
    from quanze.apps.catalog.services.derived_doors import drift_named

    view, found = drift_named(kind=kind, body=body)
    if as_json:
        rows = [
            {**asdict(row), "kind": str(row.kind), "label": row.label, "remedy": row.remedy, "since": _day(row.since)}
            for row in found.rows
        ]
        told = {"list": _list_json(view), "drifting": found.drifting, "missing": found.missing, "rows": rows}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        console = Console(soft_wrap=True)
        console.print(f"{view.title}：现行 {found.entries} 条，不同步 {found.drifting} 条，应列未列 {found.missing} 条")
        for row in found.rows[:SHOWN]:
            console.print(f"  {row.label}  {row.name}：{row.message}（{row.remedy}）", markup=False)
        if len(found.rows) > SHOWN:
            console.print(f"  另有 {len(found.rows) - SHOWN} 处，用 --json 看全部")
    raise typer.Exit(1 if found.rows else 0)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


@app.command("export")
def export(
    kind: Kind,
    body: Body,
    out: Annotated[Path, typer.Option("--out", help="写到哪个文件：.xlsx、.csv 或 .json")],
    on: Annotated[str, typer.Option("--on", help="只写这一天现行的，形如 2026-11-22；不给则写编制稿")] = "",
) -> None:
    """导出一份清单，栏目与导入相同：改几格再导入，不改则毫无变化。"""
    from quanze.apps.catalog.services.derived_doors import table_named
    from quanze.base.sheets.writing import Column, TableSheet, write_csv, write_table

    try:
        day = date.fromisoformat(on) if on else None
    except ValueError:
        raise InvalidInput(f"日期“{on}”不对", hint="应为形如 2026-11-22 的日期。") from None
    view, (header, *rows) = table_named(kind=kind, body=body, on=day)
    if out.suffix == ".xlsx":
        columns = [Column(label, 24) for label in header]
        out.write_bytes(write_table(TableSheet(view.label[:31], columns, rows, title=view.title)))
    elif out.suffix == ".csv":
        out.write_bytes(write_csv(header, rows))
    elif out.suffix == ".json":
        told = [dict(zip(header, row, strict=True)) for row in rows]
        out.write_text(json.dumps(told, ensure_ascii=False, indent=2), encoding="utf-8")
    else:
        raise InvalidInput(f"不认识文件种类“{out.suffix}”", hint="请写 .xlsx、.csv 或 .json。")
    typer.echo(f"已写出 {len(rows)} 条：{out}")


@app.command("propose")
def propose(
    kind: Kind,
    body: Body,
    username: Annotated[str, typer.Option("--as", help="落实：以谁的名义（登录名）；不给则只列出")] = "",
    what: Annotated[str, typer.Option("--what", help="落实哪几类，逗号隔开：new,refresh,end")] = "new,refresh,end",
    as_json: AsJson = False,
) -> None:
    """派生提议：应列入、应更新、应终止的；写了 --as 的落实。

    退出码：0 没有要办的，或已落实；1 有要办的而只列出；2 清单、账号不存在，无权办理。
    """
    from quanze.apps.catalog.services.derived_doors import proposal_named

    proposal, done = proposal_named(kind=kind, body=body, username=username, what=tuple(what.split(",")))
    counts = {"new": len(proposal.new), "refresh": len(proposal.refresh), "end": len(proposal.end)}
    if as_json:
        told = {**counts, "by_hand": len(proposal.by_hand), "done": asdict(done) if done else None}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        typer.echo(
            f"应列入 {counts['new']}、应更新 {counts['refresh']}、应终止 {counts['end']}，须由人改 {len(proposal.by_hand)}"
        )
        if done is not None:
            typer.echo(f"已列入草稿 {done.new}、更新 {done.refreshed}、终止 {done.ended}，没能更新 {len(done.refused)}")
    raise typer.Exit(0 if done is not None or proposal.is_empty else 1)


@app.command("import")
def import_table(
    kind: Kind,
    body: Body,
    file: Annotated[Path, typer.Argument(help="表格（.xlsx、.csv），栏目同导出")],
    username: Username,
    is_applied: Annotated[bool, typer.Option("--apply", help="写成草稿；不给则只预览")] = False,
    as_json: AsJson = False,
) -> None:
    """导入一份清单的表格：逐行说明会怎样；加 --apply 写成草稿。

    退出码：0 已预览或已导入；1 有不能导入的行；2 文件读不了、清单或账号不存在、无权办理。
    """
    from quanze.apps.catalog.services.derived_doors import import_named

    if not file.is_file():
        raise InvalidInput(f"没有文件 {file.name}", hint="请核对路径。")
    row, done = import_named(
        kind=kind, body=body, username=username, data=file.read_bytes(), file_name=file.name, is_applied=is_applied
    )
    if as_json:
        typer.echo(json.dumps({"rows": row.rows, "applied": done is not None}, ensure_ascii=False, indent=2))
    else:
        typer.echo(f"不变 {row.unchanged}、修改 {row.changes}、列入 {row.new}、不能导入 {row.refused}")
        for one in row.rows:
            if one["outcome"] in ("change", "new", "refused"):
                typer.echo(
                    f"  第 {one['row']} 行 {one['name']}：{one['column'] and one['column'] + '，'}{one['message']}"
                )
        if done is not None:
            typer.echo(f"已写成草稿：修改 {done[0]} 条、列入 {done[1]} 条，送审公布后现行。")
    raise typer.Exit(1 if row.refused else 0)
