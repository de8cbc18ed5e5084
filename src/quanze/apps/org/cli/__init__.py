"""``quanze setup``：首次设置——发令牌，或在控制台直接办完；三员进不来时的恢复。"""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from typing import Annotated

import typer
from django.utils import timezone

from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.core.actor import EVERYTHING, Actor
from quanze.core.errors import InvalidInput

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
    _show_links(invitations)


@app.command()
def recover(
    seat: Annotated[list[str] | None, typer.Option(help="让这一席的现任重新进来，可写多次：system_admin")] = None,
    replace: Annotated[
        list[str] | None, typer.Option(help="这一席改由他人就任，可写多次：security_admin=登录名:姓名")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="谁决定恢复（姓名、职务），记入记录")] = "",
    reason: Annotated[str, typer.Option(help="理由，如批准的文号，记入记录")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="不再询问")] = False,
) -> None:
    """三员进不来时，在服务器上恢复：口令、第二因素、锁定作废，每人一条开通链接。不写席位则只显示现状。"""
    if not seat and not replace:
        for state in org.seat_states():
            who = f"{state.full_name}（{state.username}）" if state.username else "——"
            typer.echo(f"{state.kind} {state.label} {who} {'、'.join(state.problems) or '看不出障碍'}")
        typer.echo("要恢复，请写 --seat 席位，或 --replace 席位=登录名:姓名，并写明 --by 与 --reason。", err=True)
        return
    if not by.strip():
        raise InvalidInput("没有写明谁决定恢复", hint="请写 --by 姓名（职务）。", code="order_unsigned")
    wanted = _newcomers(replace or [])
    if not yes:
        typer.confirm("所写席位的口令、第二因素、登录和接口密钥将全部作废，是否继续", abort=True)
    now = timezone.now()
    invitations = org.seats_recover(
        # Who stands at the console is known only to the host: its login is kept beside the name he gives.
        actor=Actor(
            user_id=None,
            name=f"{by.strip()}（服务器 {getpass.getuser()}）",
            roles=frozenset({"system"}),
            scope=EVERYTHING,
        ),
        reopened=seat or [],
        replaced=wanted,
        reason=reason,
        now=now,
    )
    _show_links(invitations)
    # Chained at once: what was done on the host must not wait for a worker that the host could leave switched off.
    audit.seal_pending(now)
    audit.anchor(now)


def _newcomers(texts: Iterable[str]) -> dict[str, org.Newcomer]:
    found = {}
    for text in texts:
        kind, _, person = text.partition("=")
        username, _, full_name = person.partition(":")
        if not username.strip() or not full_name.strip():
            raise InvalidInput(f"“{text}”写得不对", hint="请写成 席位=登录名:姓名。", code="seat_nobody")
        found[kind.strip()] = org.Newcomer(username.strip(), full_name.strip())
    return found


def _show_links(invitations: Iterable[org.Invitation]) -> None:
    for each in invitations:
        typer.echo(f"{each.label} {each.full_name}（{each.username}）：/account/setup/{each.token}/")
    typer.echo("每个链接 24 小时内有效，只能用一次；请分别交给本人。", err=True)
