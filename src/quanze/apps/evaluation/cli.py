"""命令行 ``quanze evaluate``：指标包、轮次、计分、核验、导出。Doors only: parse, one service or selector, render."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils import timezone
from rich.progress import Progress

from quanze.apps.evaluation import public as evaluation
from quanze.core.actor import EVERYTHING, Actor
from quanze.core.errors import NotFound

app = typer.Typer(help="监督评估：指标包、轮次、计分、核验。", no_args_is_help=True)
round_app = typer.Typer(help="评估轮次。", no_args_is_help=True)
app.add_typer(round_app, name="round")

# Whoever may run commands on the server acts for the office; the record names the command line.
OFFICE = Actor(user_id=None, name="命令行", roles=frozenset({"establishment"}), scope=EVERYTHING)

RoundId = Annotated[int, typer.Argument(help="轮次编号；0 为最近一轮")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]


@app.command("packs")
def packs(
    install: Annotated[bool, typer.Option("--install", help="先装入随系统提供的指标包")] = False,
    as_json: AsJson = False,
) -> None:
    """已装入的指标包：标识、版次、指标数、全自动指标数。"""
    if install:
        for pack in evaluation.packs_install(actor=OFFICE, now=timezone.now()):
            typer.echo(f"已装入 {pack.name}（{pack.edition} 第 {pack.revision} 次修订）", err=True)
    rows = [
        {
            "key": pack.key,
            "edition": pack.edition,
            "revision": pack.revision,
            "name": pack.name,
            "indicators": pack.count,
            "automatic": pack.automatic,
            "digest": pack.digest,
        }
        for pack in evaluation.packs()
    ]
    if as_json:
        _echo_json(rows)
        return
    for row in rows:
        typer.echo(
            f"{row['key']}\t{row['edition']} 第 {row['revision']} 次修订\t{row['indicators']} 项指标"
            f"\t{row['automatic']} 项全自动\t{row['name']}"
        )


@app.command("rounds")
def rounds() -> None:
    """评估轮次，新者在前：编号、名称、状态、期间、参评单位数、自动指标数。"""
    for row in evaluation.rounds(scope=EVERYTHING):
        automatic = f"{row.automatic}/{row.indicator_count} 自动"
        typer.echo(f"{row.id}\t{row.name}\t{row.state_label}\t{row.period_label}\t{row.bodies} 个单位\t{automatic}")


@round_app.command("compute")
def compute(round_id: RoundId = 0) -> None:
    """系统计分，显示进度。"""
    with Progress() as bar:
        task = bar.add_task("取数", total=None)

        def progress(done: int, total: int, message: str) -> None:
            bar.update(task, completed=done, total=total, description=message)

        view = evaluation.round_compute(actor=OFFICE, round_id=_chosen(round_id), now=timezone.now(), progress=progress)
    typer.echo(f"{view.name}：{view.bodies} 个单位已计分，结果摘要 {view.digest}")


@app.command("scores")
def scores(round_id: RoundId = 0, as_json: AsJson = False) -> None:
    """各参评单位的总分、名次与各组得分。"""
    rows = evaluation.body_rows(_chosen(round_id), scope=EVERYTHING)
    rows = sorted(rows, key=lambda row: (row.level, row.rank is None, row.rank or 0))
    if as_json:
        _echo_json([_row_data(row) for row in rows])
        return
    for row in rows:
        groups = " ".join(f"{cell.code}={cell.points}" for cell in row.groups)
        typer.echo(
            f"{row.rank or '—'}\t{row.body_name}\t{row.total if row.total is not None else '没有总分'}\t{groups}"
        )


@app.command("verify")
def verify(round_id: RoundId = 0) -> None:
    """只用冻结的指标集、存储的读数与评定重算，与存储的结果比较。退出码：0 一致，1 不一致。"""
    result = evaluation.round_verify(_chosen(round_id), scope=EVERYTHING)
    typer.echo(f"存储 {result.stored}\n重算 {result.recomputed}")
    if not result.is_identical:
        typer.echo(f"不一致：{'、'.join(result.differing) or '结果摘要'}", err=True)
        raise typer.Exit(1)
    typer.echo("一致")


@app.command("export")
def export(
    round_id: RoundId = 0,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="写入文件；不给则输出到屏幕")] = None,
) -> None:
    """全轮结果的规范 JSON：各单位得分树、读数、公式与版本；同样的输入得同样的字节。"""
    payload = evaluation.round_verify(_chosen(round_id), scope=EVERYTHING).payload
    if output is None:
        typer.echo(payload.decode())
        return
    output.write_bytes(payload)
    typer.echo(f"已写入 {output.name}，{len(payload)} 字节")


def _row_data(row: evaluation.BodyRow) -> dict[str, Any]:
    return {
        "body": row.body_name,
        "level": row.level,
        "rank": row.rank,
        "total": None if row.total is None else str(row.total),
        "groups": {cell.code: {"points": str(cell.points), "available": str(cell.available)} for cell in row.groups},
    }


def _echo_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _chosen(round_id: int) -> int:
    if round_id:
        return round_id
    found = evaluation.rounds(scope=EVERYTHING)
    if not found:
        raise NotFound("还没有评估轮次", hint="请先在“监督评估”页面建立轮次。")
    return found[0].id
