"""命令行 ``quanze events``：报送行权数据、更新统计集、查看状态。Doors only: parse, one service, render."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # the services pull in the analysis engine; a command that only shows help should not wait for it
    from quanze.apps.performance.services.ingest import ImportPreview, ImportReport

app = typer.Typer(help="行权数据：报送、统计集。", no_args_is_help=True)


@app.command("import")
def events_import_command(
    file: Annotated[Path, typer.Argument(help="CSV 文件，可为 .gz")],
    mapping: Annotated[str, typer.Option(help="列映射代码，见 quanze events mappings")] = "quanze-events",
    item: Annotated[str, typer.Option(help="文件里没有事项一列时，固定的事项标识")] = "",
    body: Annotated[str, typer.Option(help="文件里没有机构一列时，固定的机构编码")] = "",
    key: Annotated[str, typer.Option(help="幂等键；不给则由文件内容算出")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只预览，不入库")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """报送一个文件；重复报送同一文件只生效一次。退出码：0 全部入库，1 有的行有问题或冲突，2 拒绝。"""
    from django.utils import timezone

    from quanze.apps.performance.services import ingest
    from quanze.core.actor import SYSTEM

    constants = {k: v for k, v in (("item_code", item), ("body_code", body)) if v}
    now = timezone.now()
    if dry_run:
        preview = ingest.events_preview(actor=SYSTEM, path=file, mapping_code=mapping, constants=constants, now=now)
        _show(asdict(preview), as_json, _preview_lines(preview))
        return
    report = ingest.events_import(
        actor=SYSTEM,
        path=file,
        mapping_code=mapping,
        constants=constants,
        idempotency_key=key or None,
        now=now,
    )
    _show(asdict(report), as_json, _report_lines(report))
    if report.rows_rejected or report.rows_conflicting:
        raise typer.Exit(1)


@app.command("mappings")
def mappings_command() -> None:
    """可用的列映射。"""
    from quanze.apps.performance.selectors.mappings import mapping_packs

    for pack in mapping_packs().values():
        typer.echo(f"{pack.code}\t{pack.label}\t{pack.note}")


@app.command("refresh")
def refresh_command() -> None:
    """把已入库而未计入的事件算进统计集。"""
    from django.utils import timezone

    from quanze.warehouse import public as warehouse

    warehouse.refresh_marts(now=timezone.now())
    status_command()


@app.command("warn")
def warn_command() -> None:
    """按现在的运行数据判定行权风险警示；已警示过的不重复。"""
    from django.utils import timezone

    from quanze.apps.performance.services.warning import warnings_raise

    run = warnings_raise(now=timezone.now())
    typer.echo(f"应警示 {run.found} 件，新提出 {run.raised} 件，告知 {run.told} 人")


@app.command("status")
def status_command() -> None:
    """统计集据以计算的事件数与时间。"""
    from django.utils import timezone

    from quanze.warehouse import public as warehouse

    status = warehouse.mart_status()
    typer.echo(f"事件 {status.rows} 条，办件 {status.cases} 件，文件 {status.files} 个，引擎 {status.engine or '无'}")
    newest, built = (
        f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else "无"
        for moment in (status.newest_event_at, status.built_at)
    )
    typer.echo(f"最晚事件 {newest}，统计于 {built}")
    if status.is_stale:
        typer.echo("有已入库而未计入的事件，请运行 quanze events refresh")


def _show(data: dict[str, object], as_json: bool, lines: list[str]) -> None:
    if as_json:
        typer.echo(json.dumps(data, ensure_ascii=False, indent=1, default=str))
        return
    for line in lines:
        typer.echo(line)


def _report_lines(report: ImportReport) -> list[str]:
    lines = [f"{report.file_name}：{'此前已报送，以下为首次结果' if report.is_replay else '已报送'}"]
    counts = (
        ("读入", report.rows_read),
        ("入库", report.rows_accepted),
        ("重复", report.rows_duplicate),
        ("冲突", report.rows_conflicting),
        ("清单外行权（待核实）", report.rows_quarantined),
        ("有问题", report.rows_rejected),
        ("因同一办件有问题而暂扣", report.rows_held_back),
    )
    lines += [f"  {label} {rows} 行" for label, rows in counts if rows or label in ("读入", "入库")]
    if report.cases_before_list:
        lines.append(f"  其中 {report.cases_before_list} 件始于清单施行之前")
    return lines + _problem_lines(report)


def _preview_lines(preview: ImportPreview) -> list[str]:
    lines = [f"{preview.file_name}：预览，未入库"]
    lines += [f"  {label}（{name}）← {source}" for name, label, source in preview.columns]
    lines.append(f"读入 {preview.rows_read} 行，可入库 {preview.rows_usable} 行（{preview.cases} 件）")
    return lines + _problem_lines(preview)


def _problem_lines(result: ImportReport | ImportPreview) -> list[str]:
    lines = [f"  第 {p['row']} 行 {p['column']}：{p['message']} {p['value']}".rstrip() for p in result.problems[:20]]
    if len(result.problems) > 20:
        lines.append(f"  ……共列出 {len(result.problems)} 处，用 --json 查看全部")
    lines += [
        f"  待核实：事项 {g.item_code} 机构 {g.body_code} {g.month} {g.cases} 件（{g.reason}）"
        for g in result.quarantine[:20]
    ]
    return lines
