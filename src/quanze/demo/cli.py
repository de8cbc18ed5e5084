"""``quanze demo``：示范城市的账号、运行数据与真值。"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone

from quanze.demo import events
from quanze.demo.accounts import people
from quanze.demo.timeline import timeline_at
from quanze.demo.world import build, truth

app = typer.Typer(help="示范城市：账号、运行数据、真值。", no_args_is_help=True)


@app.command("accounts")
def accounts(
    everyone: Annotated[bool, typer.Option("--all", help="列出全部账号，不只登录页上的")] = False,
) -> None:
    """演示账号。"""
    for person in people():
        if everyone or person.label:
            typer.echo(f"{person.login}\t{person.name}\t{person.body}\t{person.post}\t{person.label}")


@app.command("events")
def write_events(
    out: Annotated[Path, typer.Option("--out", help="写到哪个 CSV 文件")],
) -> None:
    """写出六十天、五万条流程事件（标准格式）。"""
    rows = events.runs(timeline=timeline_at(timezone.now())).rows
    events.write_csv(out, rows)
    typer.echo(f"{out}：{len(rows)} 条")


@app.command("truth")
def write_truth(
    out: Annotated[Path | None, typer.Option("--out", help="写到哪个 JSON 文件；不给则输出")] = None,
) -> None:
    """预设缺陷的真值：机构、规则、事项、说明，连同运行数据的预设情形。"""
    runs = events.runs()
    content = {
        "digest": build().digest(),
        "defects": truth(build()),
        "runs": {
            "dormant": sorted(runs.dormant),
            "seldom": sorted(runs.seldom),
            "changed": sorted(runs.changed),
            "unlisted_cases": runs.unlisted_cases,
        },
    }
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        typer.echo(f"{out}：{len(content['defects'])} 处")
