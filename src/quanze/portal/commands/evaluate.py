"""``quanze evaluate``：看轮次与得分，复算核验。"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from quanze.apps.evaluation import public as evaluation
from quanze.core.actor import SYSTEM
from quanze.core.errors import NotFound

app = typer.Typer(help="监督评估：轮次、得分、复算。", no_args_is_help=True)


@app.command("rounds")
def rounds() -> None:
    """评估轮次，新者在前：编号、名称、状态、期间、参评单位数、自动指标数。"""
    for row in evaluation.rounds(scope=SYSTEM.scope):
        automatic = f"{row.automatic}/{row.indicator_count} 自动"
        typer.echo(f"{row.id}\t{row.name}\t{row.state_label}\t{row.period_label}\t{row.bodies} 个单位\t{automatic}")


@app.command("scores")
def scores(
    round_id: Annotated[int, typer.Argument(help="轮次编号；0 为最近一轮")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """各参评单位的总分、名次与各组得分。"""
    rows = evaluation.body_rows(_chosen(round_id), scope=SYSTEM.scope)
    rows = sorted(rows, key=lambda row: (row.rank is None, row.level, row.rank or 0))
    if as_json:
        found = [
            {
                "body": row.body_name,
                "level": row.level,
                "rank": row.rank,
                "total": None if row.total is None else str(row.total),
                "groups": {cell.code: str(cell.points) for cell in row.groups},
            }
            for row in rows
        ]
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for row in rows:
        groups = " ".join(f"{cell.code}={cell.points}" for cell in row.groups)
        typer.echo(f"{row.rank or '—'}\t{row.body_name}\t{row.total if row.total is not None else '未计分'}\t{groups}")


@app.command("verify")
def verify(round_id: Annotated[int, typer.Argument(help="轮次编号；0 为最近一轮")] = 0) -> None:
    """只用冻结的指标集与存储的读数重算，与存储的结果比较。退出码：0 一致，1 不一致。"""
    result = evaluation.round_verify(_chosen(round_id), scope=SYSTEM.scope)
    typer.echo(f"存储 {result.stored}\n重算 {result.recomputed}")
    if not result.is_identical:
        typer.echo(f"不一致：{'、'.join(result.differing)}", err=True)
        raise typer.Exit(1)
    typer.echo("一致")


def _chosen(round_id: int) -> int:
    if round_id:
        return round_id
    found = evaluation.rounds(scope=SYSTEM.scope)
    if not found:
        raise NotFound("还没有评估轮次", hint="请先在“监督评估”页面建立轮次。")
    return found[0].id
