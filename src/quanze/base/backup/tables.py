"""有哪些表，怎么读，怎么装。

The tables are those of the migrations which the database has, not of the models of the day: a backup taken before an
upgrade is as exact as one taken after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from quanze.base.backup.neutral import Column, RowDigest, Value, column_of, decoder, encoder
from quanze.core.errors import WrongState

# A copy must not carry live logins.
WITHOUT = frozenset({"django_session", "iam_loginsession"})
_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class TableShape:
    """一张表：名称与各列。"""

    name: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class TableDigest:
    """一张表的行数与摘要。"""

    rows: int
    digest: str


def applied_migrations(using: str) -> list[tuple[str, str]]:
    """数据库已执行的迁移。"""
    return sorted(MigrationRecorder(connections[using]).applied_migrations())


def leaves(migrations: Iterable[tuple[str, str]], loader: MigrationLoader) -> list[tuple[str, str]]:
    """各应用在所给迁移中的末端。"""
    known = set(migrations)
    return sorted(
        node
        for node in known
        if node in loader.graph.nodes
        and not any(child.key in known and child.key[0] == node[0] for child in loader.graph.node_map[node].children)
    )


def unknown_migrations(migrations: Iterable[tuple[str, str]], loader: MigrationLoader) -> list[tuple[str, str]]:
    """本程序没有的迁移：属于更新的版本。Migrations of apps that are no longer installed count as well."""
    disk = loader.disk_migrations or {}
    return sorted(node for node in migrations if node not in disk)


def shapes(using: str) -> tuple[TableShape, ...]:
    """数据库里的全部表，按名称排列；不含会话。"""
    connection = connections[using]
    loader = MigrationLoader(connection)
    applied = applied_migrations(using)
    unknown = unknown_migrations(applied, loader)
    if unknown:
        raise WrongState(
            f"数据库的版本比程序新（{unknown[0][0]}.{unknown[0][1]} 等 {len(unknown)} 项迁移本程序没有）",
            hint="请换用与数据库相同或更新版本的程序。",
            code="database_newer",
        )
    state = loader.project_state(leaves(applied, loader), at_end=True)
    found: list[type[models.Model]] = [
        model
        for model in state.apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.db_table not in WITHOUT
    ]
    found.append(MigrationRecorder.Migration)
    return tuple(
        sorted(
            (
                TableShape(model._meta.db_table, tuple(column_of(field) for field in model._meta.local_concrete_fields))
                for model in found
            ),
            key=lambda shape: shape.name,
        )
    )


def left_out(using: str, known: Iterable[TableShape]) -> list[str]:
    """库中有而备份不含的表。"""
    names = {shape.name for shape in known} | WITHOUT
    return sorted(set(connections[using].introspection.table_names()) - names)


def read_rows(using: str, shape: TableShape) -> Iterator[list[Value]]:
    """逐行读出一张表的中性值。Streams: never the whole table in memory."""
    connection = connections[using]
    quote = connection.ops.quote_name
    converts = [encoder(column.type) for column in shape.columns]
    columns = ", ".join(quote(column.name) for column in shape.columns)
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {quote(shape.name)}")
        while batch := cursor.fetchmany(_BATCH):
            for row in batch:
                yield [
                    value if value is None or convert is None else convert(value)
                    for value, convert in zip(row, converts, strict=True)
                ]


def table_digest(using: str, shape: TableShape) -> TableDigest:
    """一张表的行数与摘要。"""
    total = RowDigest(shape.columns)
    for row in read_rows(using, shape):
        total.add(row)
    return TableDigest(total.rows, total.value)


def load_rows(using: str, shape: TableShape, rows: Iterable[Sequence[Value]]) -> TableDigest:
    """把中性值装入一张空表，返回装入的行数与摘要。"""
    connection = connections[using]
    converts = [decoder(column.type, connection.vendor) for column in shape.columns]
    total = RowDigest(shape.columns)

    def prepared() -> Iterator[list[Any]]:
        for row in rows:
            total.add(row)
            yield [
                value if value is None or convert is None else convert(value)
                for value, convert in zip(row, converts, strict=True)
            ]

    quote = connection.ops.quote_name
    columns = ", ".join(quote(column.name) for column in shape.columns)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {quote(shape.name)}")
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {quote(shape.name)} ({columns}) FROM STDIN") as copy:
                for row in prepared():
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(shape.columns))
            insert = f"INSERT INTO {quote(shape.name)} ({columns}) VALUES ({marks})"
            ready = prepared()
            while batch := list(islice(ready, _BATCH)):
                cursor.executemany(insert, batch)
    return TableDigest(total.rows, total.value)


@contextmanager
def without_triggers(using: str, names: Sequence[str]) -> Iterator[None]:
    """装入期间撤下表上的触发器，随即原样装回；必须在事务内。As schema owner, of an empty place only."""
    connection = connections[using]
    put_back = _switch_off(connection, names)
    yield
    with connection.cursor() as cursor:
        for statement in put_back:
            cursor.execute(statement)


def _switch_off(connection: BaseDatabaseWrapper, names: Sequence[str]) -> list[str]:
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A migration in this same transaction may have made a key immediate: Django does so when it adds a column.
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            for name in names:
                cursor.execute(f"ALTER TABLE {quote(name)} DISABLE TRIGGER USER")
            # Checks the foreign keys, and leaves no pending check that would forbid the ALTER TABLE.
            return [
                "SET CONSTRAINTS ALL IMMEDIATE",
                *(f"ALTER TABLE {quote(name)} ENABLE TRIGGER USER" for name in names),
            ]
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {quote(name)}")
        return [sql for _, sql in triggers]


def trigger_names(using: str) -> list[str]:
    """库中的触发器，供核对恢复后仍在。"""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
                "WHERE NOT tgisinternal AND tgenabled <> 'D' AND relnamespace = current_schema()::regnamespace"
            )
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return sorted(row[0] for row in cursor.fetchall())


def counters(using: str, known: Sequence[TableShape]) -> dict[str, int]:
    """各表编号发到了几号：最大编号的行删去以后，号也不再发。"""
    connection = connections[using]
    names = {shape.name for shape in known}
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("SELECT name FROM sqlite_master WHERE name = 'sqlite_sequence'")
            if cursor.fetchone() is None:
                return {}
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
            return {name: seq for name, seq in sorted(cursor.fetchall()) if name in names and seq}
        found = {}
        for name, sequence in _sequences(cursor, names).items():
            cursor.execute(f"SELECT last_value, is_called FROM {sequence}")
            last, is_called = cursor.fetchone()
            if is_called:
                found[name] = last
        return dict(sorted(found.items()))


def set_counters(using: str, known: Sequence[TableShape], wanted: Mapping[str, int]) -> None:
    """接着原来的号往下发。"""
    connection = connections[using]
    names = {shape.name for shape in known}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for name, sequence in _sequences(cursor, names).items():
                last = wanted.get(name, 0)
                cursor.execute("SELECT setval(%s::regclass, %s, %s)", [sequence, max(last, 1), last > 0])
            return
        for name in names:
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [name])
            if name in wanted:
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [name, wanted[name]])


def _sequences(cursor: Any, names: Iterable[str]) -> dict[str, str]:
    cursor.execute(
        "SELECT table_name, pg_get_serial_sequence(quote_ident(table_name), column_name) FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND (is_identity = 'YES' OR column_default LIKE 'nextval(%%')",
        [],
    )
    wanted = set(names)
    return {table: sequence for table, sequence in cursor.fetchall() if table in wanted and sequence}
