"""启动前的检查：演示数据只能在演示设置下使用。

The mark of a seeded database is a row of its own record, which cannot be removed; so no later tidying turns a
demonstration into a production system with published passwords.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from quanze.base.audit import public as audit
from quanze.core.actor import EVERYTHING

SEEDED = "demo.city.seeded"


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


def require_fit_data() -> None:
    """网页服务启动时再查一次；不合即不启动。"""
    for problem in demo_data_check(databases=["default"]):
        raise RuntimeError(f"{problem.msg}。{problem.hint}")
