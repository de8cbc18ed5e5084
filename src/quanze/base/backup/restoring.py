"""恢复：先逐字节核对备份，再看此处是否为空，然后才动手；办不成的不留一半。"""

from __future__ import annotations

import copy
import gzip
import hashlib
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS as HERE
from django.db import connections, router, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from quanze.base.backup.archive import opened, require_intact
from quanze.base.backup.digests import SystemDigest, record_heads
from quanze.base.backup.neutral import Column, Value, row_of
from quanze.base.backup.saving import FORMAT, Progress, digest_from, secret_fingerprint
from quanze.base.backup.stores import FileStore, StoreSum, stores
from quanze.base.backup.tables import (
    TableDigest,
    TableShape,
    leaves,
    load_rows,
    set_counters,
    unknown_migrations,
    without_triggers,
)
from quanze.base.jobs import public as jobs
from quanze.core.errors import Conflict, InvalidInput, WrongState

INCOMING = "incoming"
_CHUNK = 1024 * 1024
# Tables that hold something as soon as anybody has ever worked with the system.
_TELLING = ("audit_factrecord", "audit_accessrecord", "iam_user", "files_storedfile", "warehouse_eventbatch")
_WORKER_IS_ALIVE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """恢复结果：备份的时刻与总账、恢复后又执行的迁移数、密钥是否相同、被换下的旧数据所在。"""

    taken_at: datetime
    digest: SystemDigest
    migrated: int
    is_same_key: bool
    kept: tuple[Path, ...]


def manifest_of(path: Path) -> dict[str, Any]:
    """核对备份文件并读出其目录；任何一个字节不符即拒绝。"""
    require_intact(path)
    with opened(path) as archive:
        stream = archive.extractfile("manifest.json")
        assert stream is not None
        found: dict[str, Any] = json.loads(stream.read())
    if found["format"] != FORMAT:
        raise InvalidInput(
            f"备份的格式是第 {found['format']} 版，本程序只认第 {FORMAT} 版",
            hint="请换用与备份相应的程序版本。",
            code="backup_format",
        )
    return found


def restore(*, path: Path, now: datetime, replace: bool = False, progress: Progress = lambda *_: None) -> RestoreReport:
    """由备份恢复此处。Into an empty place; with ``replace`` what is here gives way (SQLite and anchors: kept aside)."""
    progress("核对备份", 0, 1)
    manifest = manifest_of(path)
    _require_known(manifest)
    if not replace:
        _require_empty()
    elif _exists(HERE):
        _require_quiet(now)
    expected = digest_from(manifest["digest"])
    kept: list[Path] = []
    with opened(path) as archive:
        members = archive.getmembers()
        _restore_stores(archive, members, expected, now, kept, progress)
        with _target(now, replace, kept) as using:
            _schema(using, manifest, replace=replace and using == HERE)
            _load(using, archive, members, manifest, expected, progress)
            progress("后来的迁移", 0, 1)
            migrated = _migrate_forward(using)
    return RestoreReport(
        taken_at=datetime.fromisoformat(manifest["taken_at"]),
        digest=expected,
        migrated=migrated,
        is_same_key=manifest["secret_key"] == secret_fingerprint(),
        kept=tuple(kept),
    )


def _require_known(manifest: dict[str, Any]) -> None:
    unknown = unknown_migrations(_migrations(manifest), MigrationLoader(None))
    if unknown:
        raise WrongState(
            f"备份出自更新的程序（{manifest['program']}，{unknown[0][0]}.{unknown[0][1]} 等 {len(unknown)} 项迁移本程序没有）",
            hint="请先安装与备份相同或更新版本的程序。没有改动任何东西。",
            code="database_newer",
        )


def _migrations(manifest: dict[str, Any]) -> list[tuple[str, str]]:
    return [(app, name) for app, name in manifest["migrations"]]


def _exists(using: str) -> bool:
    """数据库里是否已有内容。A SQLite file that is not there is not made by asking."""
    connection = connections[using]
    if connection.vendor == "sqlite" and not _is_memory(using) and not _file(using).exists():
        return False
    tables = set(connection.introspection.table_names())
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for name in tables & set(_TELLING):
            cursor.execute(f"SELECT 1 FROM {quote(name)} LIMIT 1")
            if cursor.fetchone():
                return True
    return False


def _require_empty() -> None:
    if _exists(HERE):
        raise Conflict(
            "此处已有数据，恢复只放进空的地方",
            hint="请换一个空的数据目录或数据库；确要以备份取代此处的数据，用 --replace。",
            code="restore_not_empty",
        )
    for store in stores():
        if store.is_before and any(True for _ in store.paths()):
            raise Conflict(
                f"{store.label}所在的文件夹不是空的",
                hint="锚是旧数据的凭证，不会被覆盖：请换一个空文件夹，或用 --replace（旧的改名保留）。",
                code="restore_not_empty",
            )


def _require_quiet(now: datetime) -> None:
    last = jobs.last_tick()
    if last is not None and now - last < _WORKER_IS_ALIVE:
        raise WrongState(
            "系统还在运行：后台任务刚刚还有动作",
            hint="请先停下网页服务与后台任务，半分钟后再恢复。",
            code="still_running",
        )


def _restore_stores(
    archive: tarfile.TarFile,
    members: list[tarfile.TarInfo],
    expected: SystemDigest,
    now: datetime,
    kept: list[Path],
    progress: Progress,
) -> None:
    known = {store.name: store for store in stores()}
    by_store: dict[str, list[tarfile.TarInfo]] = {}
    for member in members:
        if member.name.startswith("stores/"):
            by_store.setdefault(member.name.split("/", 2)[1], []).append(member)
    foreign = sorted(set(by_store) - set(known))
    if foreign:
        raise InvalidInput(
            f"备份里有本程序不认识的文件夹：{foreign[0]}", hint="请换用更新的程序。", code="backup_format"
        )
    for name, store in known.items():
        if store.is_before:
            kept.extend(_set_aside(store, now))
        total = StoreSum()
        mine = by_store.get(name, [])
        for number, member in enumerate(mine):
            progress(store.label, number, len(mine))
            path = member.name.split("/", 2)[2]
            total.add(path, member.size, _extract(archive, member, _inside(store.root(), path)))
        if name in expected.stores and total.value != expected.stores[name]:
            raise InvalidInput(f"{store.label}与备份的总账不符", hint="请换用另一份备份。", code="backup_damaged")


def _inside(root: Path, path: str) -> Path:
    target = root / path
    if not target.resolve().is_relative_to(root.resolve()):
        raise InvalidInput("备份里有越出文件夹的路径", hint="请换用另一份备份。", code="backup_damaged")
    return target


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> str:
    stream = archive.extractfile(member)
    assert stream is not None
    target.parent.mkdir(parents=True, exist_ok=True)
    partial, sha256 = target.with_name(target.name + ".restoring"), hashlib.sha256()
    with partial.open("wb") as out:
        while chunk := stream.read(_CHUNK):
            sha256.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(target)
    return sha256.hexdigest()


def _set_aside(store: FileStore, now: datetime) -> list[Path]:
    kept = []
    for path in list(store.paths()):
        old = store.root() / path
        aside = old.with_name(f"{old.name}.before-restore-{now:%Y%m%dT%H%M%S}")
        old.rename(aside)
        kept.append(aside)
    return kept


def _is_memory(using: str) -> bool:
    return "memory" in str(connections[using].settings_dict["NAME"])


def _file(using: str) -> Path:
    return Path(connections[using].settings_dict["NAME"])


@contextmanager
def _target(now: datetime, replace: bool, kept: list[Path]) -> Iterator[str]:
    """装到哪里：SQLite 装进旁边的新文件，全部办成才改名；PostgreSQL 在一个事务里。"""
    if connections[HERE].vendor != "sqlite" or _is_memory(HERE):
        with transaction.atomic(using=HERE):
            yield HERE
        return
    final = _file(HERE)
    new = final.with_name(final.name + ".restoring")
    _remove_sqlite(new)
    final.parent.mkdir(parents=True, exist_ok=True)
    add_connection(INCOMING, {**copy.deepcopy(connections.settings[HERE]), "NAME": str(new)})
    try:
        yield INCOMING
        with connections[INCOMING].cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connections[INCOMING].close()
        connections[HERE].close()
        if final.exists():
            if replace and _exists(HERE):
                kept.append(_keep_sqlite(final, now))
            connections[HERE].close()
            _remove_sqlite(final)
        new.rename(final)
    finally:
        remove_connection(INCOMING)
        _remove_sqlite(new)


def _keep_sqlite(path: Path, now: datetime) -> Path:
    with connections[HERE].cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connections[HERE].close()
    return path.rename(path.with_name(f"{path.name}.before-restore-{now:%Y%m%dT%H%M%S}"))


def _remove_sqlite(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def add_connection(alias: str, values: dict[str, Any]) -> None:
    """临时加一个数据库连接。"""
    connections.settings[alias] = values


def remove_connection(alias: str) -> None:
    """撤去临时的数据库连接。"""
    if alias in connections.settings:
        connections[alias].close()
        del connections[alias]
        del connections.settings[alias]


class _Towards:
    """把没有指明数据库的查询引到某个连接：数据迁移里常有这样的查询。"""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def db_for_read(self, model: object, **hints: object) -> str:
        return self.alias

    db_for_write = db_for_read


@contextmanager
def queries_towards(using: str) -> Iterator[None]:
    """在此范围内，没有指明数据库的查询都去 ``using``。"""
    towards = _Towards(using)
    router.routers.insert(0, towards)
    try:
        yield
    finally:
        router.routers.remove(towards)


def _schema(using: str, manifest: dict[str, Any], *, replace: bool) -> None:
    """把结构建成备份时的样子。"""
    connection = connections[using]
    if replace:
        quote = connection.ops.quote_name
        with connection.cursor() as cursor:
            for name in connection.introspection.table_names(cursor):
                cursor.execute(f"DROP TABLE {quote(name)} CASCADE")
    executor = MigrationExecutor(connection)
    wanted = _migrations(manifest)
    surplus = set(executor.loader.applied_migrations) - set(wanted)
    if surplus:
        app, name = sorted(surplus)[0]
        raise Conflict(
            f"这个空库的结构比备份新（{app}.{name}）",
            hint="请用没有任何表的空库来恢复；恢复之后会自动执行后来的迁移。",
            code="restore_not_empty",
        )
    with queries_towards(using):
        executor.migrate(leaves(wanted, executor.loader))


def _load(
    using: str,
    archive: tarfile.TarFile,
    members: list[tarfile.TarInfo],
    manifest: dict[str, Any],
    expected: SystemDigest,
    progress: Progress,
) -> None:
    tables = tuple(
        TableShape(name, tuple(Column(*column) for column in columns))
        for name, columns in sorted(manifest["columns"].items())
    )
    parts: dict[str, list[tarfile.TarInfo]] = {}
    for member in members:
        if member.name.startswith("tables/"):
            parts.setdefault(member.name.split("/")[1], []).append(member)
    with (
        foreign_keys_later(using),
        transaction.atomic(using=using),
        without_triggers(using, [shape.name for shape in tables]),
    ):
        for number, shape in enumerate(tables):
            progress(f"表 {shape.name}", number, len(tables))
            loaded = load_rows(using, shape, _rows(archive, parts.get(shape.name, [])))
            require_same(shape.name, loaded, expected.tables[shape.name])
        set_counters(using, tables, manifest["counters"])
        connections[using].check_constraints()
    if record_heads(using) != expected.record:
        raise InvalidInput("记录仪的封条与备份的总账不符", hint="请换用另一份备份。", code="backup_damaged")


def require_same(table: str, found: TableDigest, expected: TableDigest) -> None:
    """装入的与原来的一致，否则整个撤回。"""
    if found != expected:
        raise InvalidInput(
            f"表 {table} 装入后与总账不符（{found.rows} 行，应为 {expected.rows} 行）",
            hint="没有改动数据库。请换用另一份备份，或把这句话告诉维护人员。",
            code="backup_damaged",
        )


@contextmanager
def foreign_keys_later(using: str) -> Iterator[None]:
    """装入次序不论先后：SQLite 暂停外键检查（装完整体检查），PostgreSQL 的外键到提交时才查（tables.without_triggers）。"""
    connection = connections[using]
    is_off = connection.vendor == "sqlite" and connection.disable_constraint_checking()
    try:
        yield
    finally:
        if is_off:
            connection.enable_constraint_checking()


def _rows(archive: tarfile.TarFile, parts: list[tarfile.TarInfo]) -> Iterator[list[Value]]:
    for part in sorted(parts, key=lambda member: member.name):
        stream = archive.extractfile(part)
        assert stream is not None
        with gzip.open(stream) as lines:
            for line in lines:
                yield row_of(line)


def _migrate_forward(using: str) -> int:
    executor = MigrationExecutor(connections[using])
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        with queries_towards(using):
            call_command("migrate", database=using, verbosity=0, interactive=False)
    return waiting
