"""命令行：quanze lists base …，目录范本的建立、绑定、核对与认领。"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from quanze.apps.catalog.selectors.bases import BoundBase

app = typer.Typer(help="目录范本：建立、绑定、核对、认领。", no_args_is_help=True)

Body = Annotated[str, typer.Argument(help="机构的名称、简称或编码")]
Username = Annotated[str, typer.Option("--as", help="以谁的名义办理（登录名）")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
SHOWN = 40


@app.callback()
def bases() -> None:
    """目录范本：建立、绑定、核对、认领。"""


@app.command("show")
def show(body: Body, as_json: AsJson = False) -> None:
    """核对：机构的清单以哪份范本为准，符合多少，差在哪里。

    退出码：0 没有缺少也没有未说明的多出；1 有；2 机构、清单或绑定不存在。
    """
    from quanze.apps.catalog.domain.base_lists import DeviationKind
    from quanze.apps.catalog.services.base_doors import base_of_body

    found = base_of_body(body=body)
    if as_json:
        typer.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
    else:
        _print(found)
    open_kinds = (DeviationKind.MISSING, DeviationKind.UNEXPLAINED)
    raise typer.Exit(1 if found.conformance.of(*open_kinds) else 0)


@app.command("create")
def create(owner: Annotated[str, typer.Argument(help="制定范本的机构（编办）")], username: Username) -> None:
    """建立目录范本：此后用 lists import --base 导入，经审查、印发公布后供清单绑定。"""
    from quanze.apps.catalog.services.base_doors import base_create_for

    list_id, name = base_create_for(owner=owner, username=username)
    typer.echo(f"已建立{name}（清单 {list_id}）。用 quanze lists import 文件 --body {owner} --base 导入事项。")


@app.command("bind")
def bind(
    body: Body,
    owner: Annotated[str, typer.Argument(help="制定范本的机构")],
    username: Username,
) -> None:
    """绑定：清单自今日起以该机构制定的范本为准（编办办理）。"""
    from quanze.apps.catalog.services.base_doors import base_bind_named

    _print(base_bind_named(body=body, owner=owner, username=username))


@app.command("unbind")
def unbind(
    body: Body,
    username: Username,
    reason: Annotated[str, typer.Option("--reason", help="解除的理由")],
) -> None:
    """解除绑定（编办办理），须写明理由。"""
    from quanze.apps.catalog.services.base_doors import base_unbind_named

    base_unbind_named(body=body, username=username, reason=reason)
    typer.echo("已解除绑定，清单不再以范本为准。")


@app.command("claim")
def claim(body: Body, username: Username) -> None:
    """认领：把清单缺少的范本事项写成本机构的草稿（业务口办理）。"""
    from quanze.apps.catalog.services.base_doors import base_claim_named

    typer.echo(f"已认领 {base_claim_named(body=body, username=username)} 项，写成草稿，改好后送审。")


def _as_json(found: BoundBase) -> dict[str, object]:
    result = found.conformance
    return {
        "base": found.base.name,
        "owner": found.base.body_name,
        "base_items": result.base_items,
        "present": result.present,
        "percent": result.percent,
        "counts": dict(result.counts),
        "deviations": [
            {"kind": one.kind, "label": one.label, "name": one.name, "note": one.note, "base_item": one.node_key}
            for one in result.deviations
        ],
    }


def _print(found: BoundBase) -> None:
    out, result = Console(soft_wrap=True), found.conformance
    counts = "、".join(f"{label} {number}" for label, number in result.counts) or "没有差异"
    out.print(
        f"范本：{found.base.name}（{found.base.body_name}）{result.base_items} 项；"
        f"清单中有 {result.present} 项，符合 {result.percent}%；{counts}",
        style="bold",
        markup=False,
        highlight=False,
    )
    for one in result.deviations[:SHOWN]:
        note = f"：{one.note}" if one.note else ""
        out.print(f"  {one.label} {one.name}{note}", markup=False, highlight=False)
    if len(result.deviations) > SHOWN:
        out.print(f"  ……另有 {len(result.deviations) - SHOWN} 处，加 --json 看全部", markup=False, highlight=False)
