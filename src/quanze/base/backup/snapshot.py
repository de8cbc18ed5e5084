"""数据库的一个时刻：读的人看到同一时刻，写的人照常写。

SQLite in WAL mode: a deferred transaction reads the state of its first statement; Django's own ``atomic`` would take
the write lock. PostgreSQL: repeatable read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections


@contextmanager
def snapshot(using: str) -> Iterator[None]:
    """在一个只读的时刻中读；已在事务中的就用那个事务。"""
    connection = connections[using]
    if connection.in_atomic_block:
        yield
        return
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if connection.vendor == "postgresql" else "BEGIN DEFERRED"
    with connection.cursor() as cursor:
        cursor.execute(begin)
        # The moment is that of the first read.
        cursor.execute("SELECT COUNT(*) FROM django_migrations")
        cursor.fetchone()
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")
