"""命令行：核验、封存、导出记录。"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils import timezone

app = typer.Typer(help="记录仪：核验、封存、导出", no_args_is_help=True)


@app.command()
def verify(
    anchors: Annotated[
        Path | None, typer.Option("--anchor", "--anchors", help="另存的锚文件；不给则用锚目录中的")
    ] = None,
    strict: Annotated[bool, typer.Option(help="尚有未封存或未下锚的记录也算不通过")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """重算全部封条并对照锚；不符时指出第一行，退出码为 1。"""
    from quanze.base.audit.verifying import verify as verify_record

    started = timezone.now()
    report = verify_record(anchors)
    seconds = (timezone.now() - started).total_seconds()
    passed = report.is_complete if strict else report.is_sound
    if as_json:
        typer.echo(json.dumps(_as_data(report, passed), ensure_ascii=False))
    else:
        for log in report.logs:
            state = log.fault.problem if log.fault else "完好"
            typer.echo(f"{log.label}：已封存 {log.sealed} 条，{state}")
            if log.unsealed:
                typer.echo(f"  另有 {log.unsealed} 条尚未封存")
            if log.unanchored:
                typer.echo(f"  {log.unanchored} 条在最近一次下锚之后：此后若被整体改写，无从对照")
        if report.anchor_fault:
            typer.echo(f"锚：{report.anchor_fault}")
        else:
            typer.echo(f"锚：{report.anchor_count} 次")
        typer.echo(f"{'通过' if passed else '不通过'}（{report.records} 条，{seconds:.1f} 秒）")
    if not passed:
        raise typer.Exit(1)


@app.command()
def seal() -> None:
    """立即封存并下锚（平时由后台任务每 10 秒、每小时自动进行）。"""
    from quanze.base.audit.anchors import anchor, anchor_path
    from quanze.base.audit.seals import seal_pending

    count = seal_pending(timezone.now())
    typer.echo(f"新封存 {count} 条")
    view = anchor(timezone.now())
    typer.echo(f"已下锚：{anchor_path()}" if view else "还没有封条，未下锚")


@app.command()
def export(
    target: Annotated[Path, typer.Argument(help="写到哪个文件（JSON 行，旧的在前）；不覆盖已有文件")],
) -> None:
    """导出全部事实记录；导出本身记入访问记录。"""
    import getpass

    from quanze.base.audit.logs import FACTS, rows_between
    from quanze.base.audit.models import FactRecord
    from quanze.base.audit.services import access
    from quanze.core.actor import EVERYTHING, Actor
    from quanze.core.door import through_door

    last = FactRecord.objects.order_by("-id").values_list("id", flat=True).first() or 0
    count, after = 0, None
    with target.open("x", encoding="utf-8") as out:
        while rows := rows_between(FACTS, after, last, limit=2000):
            for row in rows:
                out.write(json.dumps(dict(zip(FACTS.columns, row, strict=True)), ensure_ascii=False) + "\n")
            count, after = count + len(rows), rows[-1][0]
    operator = Actor(user_id=None, name=f"命令行（{getpass.getuser()}）", scope=EVERYTHING)
    with through_door("cli"):
        access(
            actor=operator,
            action="audit.export",
            outcome="exported",
            subject_label="事实记录",
            detail=f"{count} 条",
            now=timezone.now(),
        )
    typer.echo(f"导出 {count} 条到 {target}")


def _as_data(report: Any, passed: bool) -> dict[str, Any]:
    return {
        "passed": passed,
        "anchors": report.anchor_count,
        "anchor_fault": report.anchor_fault,
        "logs": [
            {
                "log": log.log,
                "sealed": log.sealed,
                "unsealed": log.unsealed,
                "unanchored": log.unanchored,
                "first_bad_row": log.fault.row_id if log.fault else None,
                "problem": log.fault.problem if log.fault else "",
            }
            for log in report.logs
        ],
    }
