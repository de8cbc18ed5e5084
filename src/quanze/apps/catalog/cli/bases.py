"""命令行：quanze lists base …，目录范本的建立、绑定、核对与认领。"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import yaml
from rich.console import Console
from rich.table import Table

from quanze.core.errors import InvalidInput

if TYPE_CHECKING:
    from quanze.apps.catalog.domain.proposing import Proposal
    from quanze.apps.catalog.domain.template_proposing import TemplateProposal
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


@app.command("propose")
def propose(
    files: Annotated[list[Path], typer.Argument(help="清单文件（.xls、.xlsx、.csv），至少两个")],
    share: Annotated[float, typer.Option("--share", help="多少清单都有才提议：0 至 1，默认半数；至少两份")] = 0.5,
    into: Annotated[str, typer.Option("--into", help="写成草稿：制定范本的机构；不给则只列出，什么也不写")] = "",
    username: Annotated[str, typer.Option("--as", help="以谁的名义写入（登录名，须是该机构的业务口）")] = "",
    as_json: AsJson = False,
) -> None:
    """由几个清单文件提议范本事项：共有的、各有几份、哪里写法不一致。只列出时不需要数据库。

    退出码：0 有提议；1 一项也没有；2 文件读不了、少于两个、无权写入。
    """
    from quanze.apps.catalog.services.base_proposing import proposal_of_readings
    from quanze.apps.catalog.services.reading import read_list_file

    found = proposal_of_readings([read_list_file(path=path) for path in files], share=share)
    if into:
        from quanze.apps.catalog.services.base_doors import base_take_named

        taken = base_take_named(owner=into, username=username, proposal=found)
        typer.echo(f"{taken} 项已写成范本草稿，核对后送审。")
    elif as_json:
        typer.echo(json.dumps(_proposal_as_json(found), ensure_ascii=False, indent=2))
    else:
        _print_proposal(found)
    raise typer.Exit(0 if found.items else 1)


@app.command("template")
def template(
    files: Annotated[list[Path], typer.Argument(help="清单文件（.xls、.xlsx、.csv），至少两个")],
    share: Annotated[float, typer.Option("--share", help="多少文件都写的要素才用：0 至 1，默认半数")] = 0.5,
    code: Annotated[str, typer.Option("--yaml", help="输出模板资料（YAML），给出模板代码，如 city-2026")] = "",
    as_json: AsJson = False,
) -> None:
    """由几个清单文件共有的要素提议清单模板：几个文件写了、写得满不满、哪些栏目还没有登记。

    退出码：0 有提议；2 文件读不了、少于两个。
    """
    from quanze.apps.catalog.services.base_proposing import template_of_readings
    from quanze.apps.catalog.services.reading import read_list_file

    if len(files) < 2:
        raise InvalidInput("至少要两个文件才能提议模板", hint="请再给一个清单文件。", code="too_few_lists")
    found = template_of_readings([read_list_file(path=path) for path in files], share=share)
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2))
    elif code:
        typer.echo(_template_as_yaml(found, code), nl=False)
    else:
        _print_template(found)


def _template_as_yaml(found: TemplateProposal, code: str) -> str:
    entry: dict[str, object] = {
        "code": code,
        "label": f"由 {len(found.files)} 个文件提议的清单模板",
        "note": f"{found.share:.0%} 以上文件都写的要素；必填的是这些文件几乎每项都写的。请核对后放入模板资料。",
        "source": "、".join(found.files),
        "code_scheme": "generic",
        "required": list(found.required),
    }
    if found.further:
        entry["fields"] = list(found.further)
    return yaml.safe_dump(entry, allow_unicode=True, sort_keys=False, width=120)


def _print_template(found: TemplateProposal) -> None:
    table = Table(title=f"{len(found.files)} 个文件共有的要素")
    table.add_column("要素")
    table.add_column("写了的文件", justify="right")
    table.add_column("写了的事项", justify="right")
    table.add_column("模板")
    for one in found.elements:
        use = "必填" if one.code in found.required else "补充要素" if one.code in found.further else ""
        table.add_row(one.label, f"{len(one.files)}/{len(found.files)}", f"{one.filled:.0%}", use)
    out = Console(soft_wrap=True)
    out.print(table)
    for column, number in found.unread_columns[:SHOWN]:
        out.print(f"  没有对上要素的栏目：{column}（{number} 个文件）", markup=False, highlight=False)


def _proposal_as_json(found: Proposal) -> dict[str, object]:
    return {
        "lists": list(found.lists),
        "share": found.share,
        "left_out": found.left_out,
        "repeated": found.repeated,
        "disagreeing": found.disagreeing,
        "items": [
            {
                "name": one.content.name,
                "power_type": one.content.power_type,
                "lists": list(one.lists),
                "subitems": [content.name for content, _ in one.subitems],
                "disagreements": {
                    label: [{"text": each.text, "lists": list(each.lists)} for each in variants]
                    for label, variants in (("名称", one.names), ("职权类型", one.types), ("依据", one.bases))
                    if len(variants) > 1
                },
            }
            for one in found.items
        ],
    }


def _print_proposal(found: Proposal) -> None:
    out = Console(soft_wrap=True)
    out.print(
        f"{len(found.lists)} 份清单，够份额的 {len(found.items)} 项，写法不一致的 {found.disagreeing} 项；"
        f"不够份额的 {found.left_out} 项",
        style="bold",
        markup=False,
        highlight=False,
    )
    for one in found.items[:SHOWN]:
        told = f"；不一致：{'、'.join(one.disagreements)}" if one.disagreements else ""
        line = f"  {len(one.lists)}/{len(found.lists)} {one.content.name}{told}"
        out.print(line, markup=False, highlight=False)
    if len(found.items) > SHOWN:
        out.print(f"  ……另有 {len(found.items) - SHOWN} 项，加 --json 看全部", markup=False, highlight=False)


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
