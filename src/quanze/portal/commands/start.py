"""``quanze run | seed | check-setup``。"""

from __future__ import annotations

from typing import Annotated

import typer


def run(
    port: Annotated[int, typer.Option(help="端口；0 为任取一个空闲的")] = 8000,
    threads: Annotated[int, typer.Option(help="处理请求的线程数")] = 4,
) -> None:
    """启动：迁移数据库，首次装入示范城市，起服务与后台任务；Ctrl-C 结束两者。只在本机可访问。"""
    from quanze.portal.running import serve

    raise typer.Exit(serve(port=port, threads=threads))


def seed() -> None:
    """装入示范城市（只在演示设置下；已装过的不再装）。"""
    from quanze.portal.running import prepare

    if not prepare(say=typer.echo):
        typer.echo("没有要装入的：已经装过，或不是演示设置")


def check_setup() -> None:
    """检查设置、数据库与迁移是否可以启动。退出码 1：有错误。"""
    from django.core.checks import ERROR, run_checks

    from quanze.portal.checks import newer_database_problem
    from quanze.portal.running import waiting_migrations

    found = run_checks(include_deployment_checks=False, databases=["default"])
    for message in found:
        typer.echo(str(message), err=message.level >= ERROR)
    if newer := newer_database_problem():
        typer.echo(newer, err=True)
        raise typer.Exit(1)
    waiting = waiting_migrations()
    typer.echo(f"待迁移：{waiting} 项" if waiting else "数据库结构是最新的")
    if waiting or any(message.level >= ERROR for message in found):
        raise typer.Exit(1)
    typer.echo("可以启动")
