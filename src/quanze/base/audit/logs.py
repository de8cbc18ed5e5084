"""两本日志及其逐行的规范字节。

A row's payload is a JSON array of its columns as the database holds them, read past the ORM: a converter would hide a
changed byte, and times as text are the same on SQLite and PostgreSQL (UTC, microseconds).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, slots=True)
class Log:
    """一本日志：名称、中文名、表、列。

    ``id`` is always the first column; ``times`` are the columns that hold times,
    ``later`` the last columns, which came after the first seals, with their empty value.
    """

    name: str
    label: str
    table: str
    columns: tuple[str, ...]
    later: tuple[tuple[str, Any], ...] = ()
    times: frozenset[str] = frozenset({"at", "recorded_at"})

    @property
    def first(self) -> tuple[str, ...]:
        """最初的列：不含后来加的。"""
        return self.columns[: len(self.columns) - len(self.later)]

    def content(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """封存的内容：后来加的列全为缺省值时略去，其余连同后来加的列。

        So rows that were sealed before the columns came verify unchanged, and a value put into such a column later
        makes the row longer and breaks its seal all the same.
        """
        if self.later and row[-len(self.later) :] == tuple(empty for _, empty in self.later):
            return row[: -len(self.later)]
        return row


_ACTOR = ("actor_user_id", "actor_name", "actor_body_id", "actor_body_name", "actor_post", "actor_roles")
FACTS = Log(
    "fact",
    "事实记录",
    "audit_factrecord",
    (
        *("id", "at", "recorded_at", "action", *_ACTOR),
        *("subject_kind", "subject_id", "subject_label", "body_id"),
        *("before", "after", "reason", "source", "request_id"),
        *("on_behalf_of", "client_address", "versions"),
    ),
    (("on_behalf_of", ""), ("client_address", ""), ("versions", "")),
)
ACCESSES = Log(
    "access",
    "访问记录",
    "audit_accessrecord",
    (
        *("id", "at", "recorded_at", "action", "outcome", *_ACTOR),
        *("subject_label", "body_id", "detail", "source", "request_id"),
        *("on_behalf_of", "client_address", "repeats"),
    ),
    (("on_behalf_of", ""), ("client_address", ""), ("repeats", 1)),
)
LOGS = (FACTS, ACCESSES)
SEALS = Log(
    "seal",
    "封条",
    "audit_seal",
    ("number", "log", "from_id", "to_id", "count", "algorithm", "previous", "marks", "sealed_at", "value"),
    times=frozenset({"sealed_at"}),
)


def rows_between(log: Log, after_id: int | None, to_id: int, *, limit: int | None = None) -> list[tuple[Any, ...]]:
    """编号在 (after_id, to_id] 的行，按编号排。"""
    where, parameters = _between(after_id, to_id)
    if limit is None:
        return _fetch(f"{select_columns(log)} {where}", parameters)
    return _fetch(f"{select_columns(log)} {where} LIMIT %s", [*parameters, limit])


def contents_between(log: Log, after_id: int | None, to_id: int, *, limit: int | None = None) -> list[tuple[Any, ...]]:
    """同上，每行只取封存的内容。"""
    return [log.content(row) for row in rows_between(log, after_id, to_id, limit=limit)]


def batch_text(log: Log, after_id: int | None, to_id: int) -> tuple[int, bytes]:
    """同上，但由数据库写出整批的规范 JSON：（行数、字节）。

    Several times as fast as bringing twenty columns of every row over. ``payload`` stays the definition: where a
    database should ever escape a character or order the rows differently, the reader falls back to it.
    """
    where, parameters = _between(after_id, to_id)
    if connection.vendor == "postgresql":
        joined = """convert_to(string_agg(line, ',' ORDER BY "id"), 'UTF8')"""
    else:
        joined = "CAST(group_concat(line, ',') AS BLOB)"
    (row,) = _fetch(
        f'SELECT count(*), {joined} FROM (SELECT "id", {_text_of(log)} AS line FROM {log.table} {where}) AS batch',
        parameters,
    )
    return row[0], b"".join((b"[", row[1] or b"", b"]"))


def _text_of(log: Log) -> str:
    """写出一行规范 JSON 的 SQL，与 ``Log.content`` 同义。"""
    if not log.later:
        return _json_array(log, log.columns)
    is_as_first = " AND ".join(f'"{name}" = {_literal(empty)}' for name, empty in log.later)
    return f"CASE WHEN {is_as_first} THEN {_json_array(log, log.first)} ELSE {_json_array(log, log.columns)} END"


def _json_array(log: Log, names: Sequence[str]) -> str:
    columns = [_time_text(name) if name in log.times else f'"{name}"' for name in names]
    if connection.vendor == "postgresql":
        pieces = " || ',' || ".join(f"coalesce(to_json({column})::text, 'null')" for column in columns)
        return f"'[' || {pieces} || ']'"
    return f"json_array({', '.join(columns)})"


def _literal(value: Any) -> str:
    return str(value) if isinstance(value, int) else f"'{value}'"


def seal_rows(log: Log) -> Iterator[tuple[Any, ...]]:
    """一本日志的封条，按序号，逐页取。"""
    number = 0
    while page := _fetch(
        f'{select_columns(SEALS)} WHERE "log" = %s AND "number" > %s ORDER BY "number" LIMIT 200', [log.name, number]
    ):
        yield from page
        number = page[-1][0]


def payload(rows: Sequence[Any]) -> bytes:
    """一行或多行的规范字节。Raises TypeError or ValueError for what no writer of ours puts into a row."""
    return _encoder.encode(rows).encode()


def select_columns(log: Log) -> str:
    """读取一行所有列的 SELECT。"""
    columns = ", ".join(_time_text(name) if name in log.times else f'"{name}"' for name in log.columns)
    return f"SELECT {columns} FROM {log.table}"


def _time_text(name: str) -> str:
    if connection.vendor == "postgresql":
        return f"""to_char("{name}" AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"""
    # SQLite keeps text, without the fraction when it is zero; any other length stays as it is and breaks the seal.
    return f"""CASE length("{name}") WHEN 19 THEN "{name}" || '.000000' ELSE "{name}" || '' END"""


def _between(after_id: int | None, to_id: int) -> tuple[str, list[int]]:
    if after_id is None:
        return 'WHERE "id" <= %s ORDER BY "id"', [to_id]
    return 'WHERE "id" <= %s AND "id" > %s ORDER BY "id"', [to_id, after_id]


def _fetch(sql: str, parameters: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
