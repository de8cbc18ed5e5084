"""``quanze audit``：核验记录，封存，下锚。"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone

from quanze.base.audit import public as audit

app = typer.Typer(help="记录仪：核验、封存、下锚。", no_args_is_help=True)


@app.command("verify")
def verify(
    anchors: Annotated[Path | None, typer.Option(help="另存的锚文件；不给则用本机的")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """重算全部封条并对照锚，指出第一处不符。退出码：0 相符，1 不符。"""
    report = audit.verify(anchors)
    if as_json:
        typer.echo(json.dumps(asdict(report) | {"is_sound": report.is_sound}, ensure_ascii=False, indent=1))
    else:
        for log in report.logs:
            fault = "相符" if log.fault is None else f"不符：第 {log.fault.row_id} 行，{log.fault.problem}"
            typer.echo(
                f"{log.label}：已封存 {log.sealed} 条，未封存 {log.unsealed} 条，未下锚 {log.unanchored} 条；{fault}"
            )
        typer.echo(report.anchor_fault or f"锚 {report.anchor_count} 个，与封条一致")
    if not report.is_sound:
        raise typer.Exit(1)


@app.command("seal")
def seal() -> None:
    """立即封存尚未封存的记录，并下锚。"""
    now = timezone.now()
    audit.seal_pending(now)
    anchored = audit.anchor(now)
    typer.echo(f"已下锚：{anchored}" if anchored else "没有新的封条")
