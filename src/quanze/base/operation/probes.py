"""就绪与否：数据库、迁移、磁盘、后台任务、封存。The words name what fails and what to do, never an address or a password."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from quanze.base.audit.lag import seal_lag
from quanze.base.jobs import public as jobs

# The shortest duty of the worker is due every ten seconds.
_WORKER_SILENT = timedelta(seconds=90)
_SEAL_LATE_SECONDS = 300
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """一项探测的结果。"""

    name: str
    is_ok: bool
    message: str


def probe_all(now: datetime) -> tuple[ProbeResult, ...]:
    """逐项探测；数据库不通时，要读库的各项不再问。"""
    database = _result("database", _database)
    if not database.is_ok:
        return (database, _result("disk", _disk))
    return (
        database,
        _result("migrations", _migrations),
        _result("disk", _disk),
        _result("worker", lambda: _worker(now)),
        _result("seal", lambda: _seal(now)),
    )


def data_folders() -> dict[str, Path]:
    """数据所在的文件夹（尚未建立的取上级）。"""
    folders = {
        "files": Path(settings.QUANZE_FILES_DIR),
        "warehouse": Path(settings.QUANZE_WAREHOUSE_DIR),
        "anchors": Path(settings.QUANZE_ANCHOR_DIR),
    }
    database = settings.DATABASES[DEFAULT_DB_ALIAS]
    if database["ENGINE"].endswith("sqlite3") and "memory" not in str(database["NAME"]):
        folders["database"] = Path(database["NAME"]).parent
    return {name: _existing(folder) for name, folder in folders.items()}


def _existing(folder: Path) -> Path:
    return folder if folder.exists() or folder.parent == folder else _existing(folder.parent)


def _result(name: str, ask: Callable[[], str]) -> ProbeResult:
    try:
        problem = ask()
    except (Error, OSError) as error:
        # The text of a database error names hosts and users.
        problem = f"不可用（{type(error).__name__}）"
    return ProbeResult(name, not problem, problem or "正常")


def _database() -> str:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return ""


_known: tuple[float, str] = (-1e9, "")


def migration_problem() -> str:
    """迁移是否齐全：缺的要执行，多的说明数据库比程序新；没有问题为空文字。"""
    connection = connections[DEFAULT_DB_ALIAS]
    loader = MigrationLoader(None, ignore_no_migrations=True)
    wanted = set(loader.disk_migrations or {})
    applied = set(MigrationRecorder(connection).applied_migrations())
    if applied - wanted:
        app, name = sorted(applied - wanted)[0]
        return f"数据库比程序新（{app}.{name} 等 {len(applied - wanted)} 项迁移本程序没有），请换用更新的程序"
    if wanted - applied:
        return f"有 {len(wanted - applied)} 项迁移没有执行，请先运行 migrate"
    return ""


def _migrations() -> str:
    global _known  # noqa: PLW0603  asked every few seconds by a balancer; the answer changes with an upgrade only
    moment = time.monotonic()
    if moment - _known[0] > 30:
        _known = (moment, migration_problem())
    return _known[1]


def _disk() -> str:
    least = int(settings.QUANZE_MIN_FREE_MIB)
    short = sorted(name for name, folder in data_folders().items() if shutil.disk_usage(folder).free < least * _MIB)
    return f"磁盘剩余空间不足 {least} MiB：{'、'.join(short)}" if short else ""


def _worker(now: datetime) -> str:
    last = jobs.last_tick()
    if last is None:
        return "后台任务进程从未运行，请启动 quanze jobs work"
    silent = now - last
    return f"后台任务进程已 {int(silent.total_seconds())} 秒没有动作" if silent > _WORKER_SILENT else ""


def _seal(now: datetime) -> str:
    lag = seal_lag(now)
    return f"有记录已 {int(lag)} 秒没有封存" if lag > _SEAL_LATE_SECONDS else ""
