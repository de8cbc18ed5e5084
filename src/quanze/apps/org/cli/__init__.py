"""``quanze setup``：首次设置——发令牌，或在控制台直接办完。"""

from __future__ import annotations

from typing import Annotated

import typer
from django.utils import timezone

from quanze.apps.org import public as org

app = typer.Typer(no_args_is_help=True)


@app.command()
def token() -> None:
    """发放首次设置令牌：24 小时内到 /setup/ 使用一次。重新发放则先前的作废。"""
    text, until = org.setup_token_issue(now=timezone.now())
    typer.echo(text)
    typer.echo(f"有效至 {timezone.localtime(until):%Y-%m-%d %H:%M}，在 /setup/ 页面使用一次；请勿外传。", err=True)


@app.command()
def state() -> None:
    """是否已完成首次设置，三员是否齐备。退出码 1：没有完成或不齐。"""
    missing = [org.ROLE_LABELS[kind] for kind in org.missing_kinds()]
    if not org.is_set_up():
        typer.echo("还没有首次设置。请执行 quanze setup token，再打开 /setup/。")
        raise typer.Exit(1)
    typer.echo("已完成首次设置。" + (f"缺：{'、'.join(missing)}。" if missing else "三员齐备。"))
    if missing:
        raise typer.Exit(1)


@app.command()
def run(
    region_name: Annotated[str, typer.Option(prompt="行政区划名称", help="如：云泽市")],
    region_code: Annotated[str, typer.Option(prompt="行政区划代码", help="六至十二位数字")],
    body_name: Annotated[str, typer.Option(prompt="本单位名称", help="管理本系统的单位")],
    system_admin: Annotated[str, typer.Option(prompt="系统管理员（登录名:姓名）", help="登录名:姓名")],
    security_admin: Annotated[str, typer.Option(prompt="安全管理员（登录名:姓名）", help="登录名:姓名")],
    audit_admin: Annotated[str, typer.Option(prompt="审计管理员（登录名:姓名）", help="登录名:姓名")],
    region_level: Annotated[str, typer.Option(help="city 市级 | county 县级 | town 乡级")] = "county",
) -> None:
    """在控制台完成首次设置，打印三员各自的开通链接（只此一次）。"""
    now = timezone.now()
    text, _ = org.setup_token_issue(now=now)
    given = {"system_admin": system_admin, "security_admin": security_admin, "audit_admin": audit_admin}
    people = {
        kind: org.Newcomer(*(part.strip() for part in (*words.split(":", 1), "")[:2])) for kind, words in given.items()
    }
    invitations = org.setup_finish(
        token=text,
        region_code=region_code,
        region_name=region_name,
        region_level=region_level,
        body_name=body_name,
        administrators=people,
        now=now,
    )
    for each in invitations:
        typer.echo(f"{each.label} {each.full_name}（{each.username}）：/account/setup/{each.token}/")
    typer.echo("每个链接 24 小时内有效，只能用一次；请分别交给本人。", err=True)
