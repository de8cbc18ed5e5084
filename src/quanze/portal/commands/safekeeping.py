"""``quanze backup | restore | digest | database move``。"""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

import typer
from django.utils import timezone

from quanze.core.errors import InvalidInput

app = typer.Typer(help="数据库：迁到另一个数据库", no_args_is_help=True)


@app.callback()
def database() -> None:
    """数据库：迁到另一个数据库。"""


def backup(
    file: Annotated[Path, typer.Argument(help="写到哪个文件；不覆盖已有文件")],
) -> None:
    """备份：数据库、上传文件、数据仓、锚，写成一个文件；其间系统照常使用。"""
    from quanze.base.audit import public as audit
    from quanze.base.backup.public import backup_write
    from quanze.core.actor import EVERYTHING, Actor

    began = timezone.now()
    with _progress() as progress:
        report = backup_write(path=file, now=began, progress=progress)
    # After the snapshot: the copy equals what was there, the note of its being made is in the original.
    audit.access(
        actor=Actor(user_id=None, name=f"命令行（{getpass.getuser()}）", scope=EVERYTHING),
        action="system.backup",
        outcome="exported",
        subject_label="整库备份",
        detail=f"{file.name}，{report.size} 字节",
        now=timezone.now(),
    )
    rows = sum(table.rows for table in report.digest.tables.values())
    files = sum(store.files for store in report.digest.stores.values())
    seconds = (timezone.now() - began).total_seconds()
    typer.echo(f"已备份：{file}（{rows} 行，{files} 个文件，{report.size / 1024 / 1024:.1f} MiB，{seconds:.1f} 秒）")


def restore(
    file: Annotated[Path, typer.Argument(help="备份文件")],
    replace: Annotated[bool, typer.Option("--replace", help="此处已有数据时以备份取代（须确认）")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问（供脚本使用）")] = False,
) -> None:
    """恢复：核对备份的每一个字节，放进空的地方，再核对总账。系统须已停下。"""
    from django.conf import settings

    from quanze.base.backup.public import manifest_of
    from quanze.base.backup.public import restore as put_back

    if replace and not yes:
        taken = manifest_of(file)
        typer.echo(f"将以 {taken['city']} {taken['taken_at'][:19]} 的备份取代此处的全部数据。")
        if typer.prompt(f"确认请输入城市名“{settings.QUANZE_CITY_NAME}”") != settings.QUANZE_CITY_NAME:
            raise InvalidInput("输入的不是城市名，没有恢复", hint="没有改动任何东西。", code="not_confirmed")
    began = timezone.now()
    with _progress() as progress:
        report = put_back(path=file, now=began, replace=replace, progress=progress)
    rows = sum(table.rows for table in report.digest.tables.values())
    seconds = (timezone.now() - began).total_seconds()
    typer.echo(f"已恢复到 {report.taken_at:%Y-%m-%d %H:%M:%S} UTC（{rows} 行，{seconds:.1f} 秒），总账一致")
    if report.migrated:
        typer.echo(f"随后执行了 {report.migrated} 项后来的迁移")
    for path in report.kept:
        typer.echo(f"原来的数据改名保留：{path}")
    if not report.is_same_key:
        typer.echo(
            "注意：此处的密钥与备份时不同，以密钥加密的内容（如动态口令）将不能使用；请放回原来的密钥。", err=True
        )
    typer.echo("请接着运行 quanze audit verify；之后各人须重新登录")


def digest(
    of: Annotated[Path | None, typer.Option("--of", help="改为显示某个备份文件记下的总账")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """总账：各表行数与摘要、各文件夹、记录仪末端；两处相同则内容相同。"""
    from quanze.base.backup.public import digest_from, manifest_of, system_digest

    found = digest_from(manifest_of(of)["digest"]) if of else system_digest()
    if as_json:
        typer.echo(json.dumps(found.lines(), ensure_ascii=False))
    else:
        for line in found.lines():
            typer.echo(line)


@app.command()
def move(
    to: Annotated[str, typer.Option(help="sqlite:文件，或 postgresql://用户@主机:端口/库名")],
) -> None:
    """把全部行搬到另一个空数据库，两边总账一致才算办成；文件夹不动。系统须已停下。"""
    from quanze.base.backup.public import move as move_rows

    began = timezone.now()
    with _progress() as progress:
        moved = move_rows(to=database_of(to), progress=progress)
    rows = sum(table.rows for table in moved.tables.values())
    seconds = (timezone.now() - began).total_seconds()
    typer.echo(f"已搬完 {len(moved.tables)} 张表 {rows} 行（{seconds:.1f} 秒），两边总账一致")
    typer.echo("请把设置指到新库，运行 quanze check-setup 与 quanze audit verify，再启动；旧库原样未动")


def database_of(address: str) -> dict[str, Any]:
    """目标的写法 → 连接设置。口令来自 QUANZE_DB_PASSWORD，不写在命令里。"""
    from quanze.conf.base import sqlite

    kind, _, rest = address.partition(":")
    if kind == "sqlite" and rest:
        return sqlite(Path(rest).resolve())
    parts = urlsplit(address)
    name = unquote(parts.path.lstrip("/"))
    if kind in ("postgresql", "postgres") and name and not parts.password:
        query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            "USER": unquote(parts.username or os.environ.get("PGUSER", "")),
            "PASSWORD": os.environ.get("QUANZE_DB_PASSWORD", ""),
            "HOST": unquote(query.get("host", "")) or parts.hostname or os.environ.get("PGHOST", ""),
            "PORT": str(parts.port or os.environ.get("PGPORT", "")),
        }
    raise InvalidInput(
        "看不懂目标数据库的写法",
        hint="写成 sqlite:文件路径，或 postgresql://用户@主机:端口/库名；口令放在环境变量 QUANZE_DB_PASSWORD，不写在命令里。",
        code="database_address",
    )


@contextmanager
def _progress() -> Iterator[Any]:
    """终端上的进度条；不是终端则不显示。"""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda label, done, total: bar.update(task, description=label, completed=done, total=total)
