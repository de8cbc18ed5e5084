"""``quanze org``：名录的空白表与载入，三定规定的核对。"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone

from quanze.apps.org import public as org
from quanze.apps.org.domain.directory_plan import CHANGE_LABELS, SECTION_LABELS
from quanze.apps.org.domain.mandate_clauses import CLAUSE_KIND_LABELS, mandate_read
from quanze.apps.org.domain.people_plan import DirectoryPlan
from quanze.base.iam import public as iam
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput, NotFound

app = typer.Typer(no_args_is_help=True)
LARGEST_MANDATE = 20_000_000


@app.callback()
def directory() -> None:
    """机构与人员的名录：空白表、核对、载入。"""


@app.command()
def template(file: Annotated[Path, typer.Argument(help="写到哪个文件，如 名录.xlsx")]) -> None:
    """写一本空白的名录工作簿：说明、五张表、可选值。"""
    if file.exists():
        raise InvalidInput(f"文件“{file.name}”已存在", hint="请换一个文件名，以免盖掉填好的表。", code="file_exists")
    file.write_bytes(org.directory_template())
    typer.echo(f"已写出 {file.name}。")


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="填好的名录工作簿")],
    by: Annotated[str, typer.Option("--as", help="以哪位系统管理员的名义（登录名），记录中写明此人与控制台")],
    check: Annotated[bool, typer.Option("--check", help="只核对，不写入")] = False,
) -> None:
    """核对并载入名录。有一处缺陷就一处不写，退出码 2。开通链接在名录载入页面取得。"""
    now = timezone.now()
    actor = _actor(by)
    if not file.is_file():
        raise InvalidInput(f"找不到文件“{file.name}”", hint="请检查路径和文件名。", code="FILE_NOT_FOUND")
    data = file.read_bytes()
    checked = org.directory_check(actor=actor, data=data, name=file.name, now=now)
    for note in checked.notes:
        typer.echo(f"说明：{note}", err=True)
    for defect in checked.plan.defects:
        typer.echo(str(defect), err=True)
    if checked.plan.defects:
        typer.echo(f"共 {len(checked.plan.defects)} 处要改，什么都没有写入。", err=True)
        raise typer.Exit(2)
    _show(checked.plan)
    if check or not checked.plan.to_write:
        typer.echo("只核对，没有写入。" if check else "名录已与表格一致，没有要写入的。")
        return
    load_id = org.directory_upload(actor=actor, data=data, name=file.name, now=now)
    org.directory_apply(actor=actor, load_id=load_id, seen_plan=checked.plan.digest, now=now)
    typer.echo(f"已载入。角色等另一位管理员在角色变更页面确认；开通链接在 /staff/loads/{load_id}/ 取得。")


@app.command()
def mandate(
    file: Annotated[Path, typer.Argument(help="三定规定：.docx、.xlsx、.xls 或纯文本（UTF-8 或 GB18030），一段一行")],
    body: Annotated[str, typer.Option("--body", help="录入为这个机构的一版；不给则只核对，什么也不写")] = "",
    number: Annotated[str, typer.Option("--number", help="文号")] = "",
    issued: Annotated[datetime | None, typer.Option("--issued", help="印发日期", formats=["%Y-%m-%d"])] = None,
    starts: Annotated[datetime | None, typer.Option("--from", help="施行日期", formats=["%Y-%m-%d"])] = None,
    by: Annotated[str, typer.Option("--as", help="以谁的名义录入（登录名，须是编办）")] = "",
) -> None:
    """核对三定规定读成的条款：编号、部分、内设机构、各句职责；加 --body 录入一版待启用。有读不通之处退出码 2。"""
    if not file.is_file():
        raise InvalidInput(f"找不到文件“{file.name}”", hint="请检查路径和文件名。", code="FILE_NOT_FOUND")
    if file.stat().st_size > LARGEST_MANDATE:
        raise InvalidInput(f"文件“{file.name}”太大", hint="请只保存三定规定的正文。", code="mandate_too_large")
    source = org.MandateSource(name=file.name, data=file.read_bytes())
    reading = mandate_read(org.mandate_text(source), file=file.name)
    typer.echo(reading.title)
    for clause in reading.clauses:
        named = f" 内设机构：{clause.division}" if clause.division else ""
        typer.echo(f"{clause.path} [{CLAUSE_KIND_LABELS[clause.kind]}]{named}")
        for sentence in clause.sentences:
            typer.echo(f"    · {sentence.text}")
    for defect in reading.defects:
        typer.echo(f"{defect.place}：{defect.message}", err=True)
    duties = sum(len(clause.sentences) for clause in reading.clauses)
    typer.echo(f"共 {len(reading.clauses)} 条，{duties} 句职责，{len(reading.defects)} 处读不通。")
    if body:
        _draft(source, body=body, number=number, issued=issued, starts=starts, by=by)
    if reading.defects:
        raise typer.Exit(2)


def _draft(
    source: org.MandateSource, *, body: str, number: str, issued: datetime | None, starts: datetime | None, by: str
) -> None:
    found = org.body_named(body)
    if found is None:
        raise NotFound(f"没有机构“{body}”，或不止一个", hint="请写机构全称或编码。")
    if issued is None or starts is None:
        raise InvalidInput("没有写明印发日期、施行日期", hint="请加 --issued 与 --from。", code="mandate_undated")
    org.mandate_draft(
        actor=_actor(by, "establishment"),
        body_id=found.id,
        head=org.MandateHead(number, issued.date(), starts.date()),
        source=source,
        now=timezone.now(),
    )
    typer.echo(f"已录入为{found.name}的一版，请在“三定规定”页核对后启用。")


def _actor(login: str, role: str = "system_admin") -> Actor:
    user = iam.user_by_username(login)
    if user is None:
        raise NotFound(f"没有登录名为“{login}”的启用账号", hint="请写办理人的登录名。")
    today = timezone.localdate()
    actors = [
        org.actor_for_user(user.id, on=today, appointment_id=each.id) for each in org.appointments_of(user.id, on=today)
    ]
    return next((each for each in actors if each.has(role)), Actor(user_id=user.id, name=user.full_name))


def _show(plan: DirectoryPlan) -> None:
    for section, counts in plan.counts.items():
        said = "，".join(f"{CHANGE_LABELS[change]} {number}" for change, number in counts.items() if number)
        if said:
            typer.echo(f"{SECTION_LABELS[section]}：{said}")
