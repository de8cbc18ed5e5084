"""启动前的检查：演示数据只能在演示设置下使用。

The mark of a seeded database is a row of its own record, which cannot be removed; so no later tidying turns a
demonstration into a production system with published passwords.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError
from django.db.migrations.loader import MigrationLoader

from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.base.backup.public import applied_migrations, unknown_migrations
from quanze.core.actor import EVERYTHING

SEEDED = "demo.city.seeded"
# Here and not where the city is made: the label is wanted wherever the record is read.
audit.register_action(SEEDED, "装入示范城市")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "testserver"})


def has_demo_data() -> bool:
    """本库是否装过示范城市；表还没有建立的，自然没有。"""
    try:
        return bool(audit.facts(scope=EVERYTHING, action=SEEDED, limit=1).rows)
    except DatabaseError:
        return False


@register(Tags.database)
def demo_data_check(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """演示数据与非演示设置不能相遇。Runs where a database is named: ``migrate``, ``quanze check-setup``, the web entry."""
    if not databases or settings.QUANZE_IS_DEMO or not has_demo_data():
        return []
    return [
        Error(
            "本数据库装有示范城市的虚构数据和公开的口令，不能用于正式运行",
            hint="请换用空的数据库；只想看演示的，请用 quanze run（conf.demo）。",
            id="quanze.E001",
        )
    ]


@register(Tags.security)
def demo_hosts_check(**_: Any) -> list[CheckMessage]:
    """演示设置只供本机：口令是公开的。"""
    outside = sorted(set(settings.ALLOWED_HOSTS) - _LOOPBACK)
    if not settings.QUANZE_IS_DEMO or not outside:
        return []
    return [
        Error(
            f"演示设置不能对外开放（{outside[0]}）：演示账号的口令是公开的",
            hint="请去掉 QUANZE_IS_DEMO，或只允许本机访问。",
            id="quanze.E002",
        )
    ]


def newer_database_problem(using: str = "default") -> str:
    """数据库比程序新时的说明；没有问题为空文字。An older program would write what the newer one cannot read."""
    try:
        applied = applied_migrations(using)
    except DatabaseError:
        return ""
    unknown = unknown_migrations(applied, MigrationLoader(None, ignore_no_migrations=True))
    if not unknown:
        return ""
    return (
        f"数据库比程序新（{unknown[0][0]}.{unknown[0][1]} 等 {len(unknown)} 项迁移本程序没有），"
        "不能用旧程序启动：请换回新程序，或由升级前的备份恢复"
    )


def require_fit_data() -> None:
    """网页服务启动时再查一次；不合即不启动。"""
    for problem in (*demo_data_check(databases=["default"]), *demo_hosts_check()):
        raise RuntimeError(f"{problem.msg}。{problem.hint}")
    if newer := newer_database_problem():
        raise RuntimeError(newer)


@register(Tags.database)
def administrators_check(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """首次设置与三员：没有设置的提醒怎么办，席位空缺的是错误。"""
    if not databases or settings.QUANZE_IS_DEMO or not settings.QUANZE_ASKS_FIRST_START:
        return []
    try:
        is_set_up, missing = org.is_set_up(), org.missing_kinds()
    except DatabaseError:
        return []
    if not is_set_up:
        return [
            Warning(
                "还没有首次设置：所有页面都转到 /setup/",
                hint="请执行 quanze setup token，再打开 /setup/ 写明单位和三位管理员。",
                id="quanze.W002",
            )
        ]
    if missing:
        return [
            Error(
                f"三员不齐，缺{'、'.join(org.ROLE_LABELS[kind] for kind in missing)}",
                hint="请由其余两位管理员在“三员”页面办理就任。",
                id="quanze.E005",
            )
        ]
    return []
