"""记录的文字索引：客体名称、理由、行为人与其机构，按相邻两字切分，用于两个字起的查找。

The index is derived, lies outside the record and may be dropped and written anew at any time. It is filled by the tick
and not by the writer, so that recording stays cheap; what is not indexed yet is looked through by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Max, QuerySet

from quanze.base.audit.models import FactRecord, Seal
from quanze.core.errors import InvalidInput

TABLE = "audit_facttext"
_AT_ONCE = 5_000
_CANDIDATES = 2_000
_RUNS = re.compile(r"[^\W_]+")


def create_index(database: BaseDatabaseWrapper) -> None:
    """建立空的索引表。"""
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            cursor.execute(f"CREATE TABLE {TABLE} (id bigint PRIMARY KEY, words tsvector NOT NULL)")
            cursor.execute(f"CREATE INDEX {TABLE}_words ON {TABLE} USING gin (words)")
        else:
            cursor.execute(f"CREATE VIRTUAL TABLE {TABLE} USING fts5(words, content='', detail=none)")


def drop_index(database: BaseDatabaseWrapper) -> None:
    """撤下索引表。"""
    with database.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")


def index_pending(now: datetime) -> int:
    """把尚未收入的记录收入索引，返回收入条数。"""
    del now
    count = 0
    while added := _index_some():
        count += added
    return count


def newest_with(text: str, rows: QuerySet[Any], limit: int) -> list[Any]:
    """``rows`` 中可能含有 ``text`` 的，按编号倒序；``rows`` 自身的条件逐字再核一遍。"""
    wanted = sorted(words_of(text))
    if not wanted or all(len(word) < 2 for word in wanted):
        raise InvalidInput("查找的文字至少两个字", hint="请多写几个字，或改用其他条件。", code="text_too_short")
    indexed = _indexed_to()
    found = list(rows.filter(id__gt=indexed).order_by("-id")[:limit])
    below = indexed + 1
    while len(found) < limit:
        # In portions, because the words may stand apart in a row: most candidates hold, a few do not.
        ids = _candidates(wanted, below)
        found += rows.filter(id__in=ids).order_by("-id")[: limit - len(found)]
        if len(ids) < _CANDIDATES:
            break
        below = ids[-1]
    return found


def words_of(text: str) -> set[str]:
    """相邻两字；单独成段的一个字（或字母、数字）自成一词。"""
    return set(_words(text))


def _words(text: str) -> Iterator[str]:
    for run in _RUNS.findall(text.casefold()):
        if len(run) == 1:
            yield run
        for first, second in pairwise(run):
            yield first + second


@transaction.atomic
def _index_some() -> int:
    # Only what is sealed: on PostgreSQL a lower number may still be committed later, a sealed one never.
    sealed_to = Seal.objects.filter(log="fact").aggregate(to=Max("to_id"))["to"] or 0
    texts = list(
        FactRecord.objects.filter(id__gt=_indexed_to(), id__lte=sealed_to)
        .order_by("id")
        .values_list("id", "subject_label", "reason", "actor_name", "actor_body_name")[:_AT_ONCE]
    )
    if not texts:
        return 0
    rows = [(row_id, " ".join(sorted(words_of(" ".join(parts))))) for row_id, *parts in texts]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.executemany(
                f"INSERT INTO {TABLE} (id, words) VALUES (%s, array_to_tsvector(string_to_array(%s, ' ')))"
                " ON CONFLICT (id) DO NOTHING",
                rows,
            )
        else:
            cursor.executemany(f"INSERT INTO {TABLE} (rowid, words) VALUES (%s, %s)", rows)
    return len(rows)


def _indexed_to() -> int:
    key = "id" if connection.vendor == "postgresql" else "rowid"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {key} FROM {TABLE} ORDER BY {key} DESC LIMIT 1")
        row = cursor.fetchone()
    return row[0] if row else 0


def _candidates(words: list[str], below: int) -> list[int]:
    if connection.vendor == "postgresql":
        sql = f"SELECT id FROM {TABLE} WHERE words @@ %s::tsquery AND id < %s ORDER BY id DESC LIMIT {_CANDIDATES}"
        query = " & ".join("'" + word + "'" for word in words)
    else:
        sql = f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s AND rowid < %s ORDER BY rowid DESC LIMIT {_CANDIDATES}"
        query = " AND ".join('"' + word + '"' for word in words)
    with connection.cursor() as cursor:
        cursor.execute(sql, [query, below])
        return [row[0] for row in cursor.fetchall()]
