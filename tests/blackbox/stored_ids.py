"""数据里现存的事件编号，一行一个，重复的重复列出：由待并入的批次与事件文件读出，不经产品的任何代码。

The check sends one event per case and names the case after the event, so that the case numbers in the data are the event
numbers: what counts is the data itself, not the table of numbers beside it.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_FILES = "SELECT path FROM warehouse_eventfile WHERE status = 'active'"
_WAITING = "SELECT payload FROM warehouse_receivedbatch WHERE settled_at IS NULL"


def rows_of(statements: tuple[str, ...]) -> list[list[tuple[Any, ...]]]:
    """两问同一时刻：in between, a batch may move from waiting into a file."""
    if os.environ.get("QUANZE_TEST_DATABASE") == "postgres":
        import psycopg

        with psycopg.connect(
            host=os.environ["PGHOST"],
            port=os.environ["PGPORT"],
            user=os.environ["PGUSER"],
            dbname=os.environ["QUANZE_BLACKBOX_DATABASE"],
        ) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            return [connection.execute(one).fetchall() for one in statements]
    with sqlite3.connect(Path(os.environ["QUANZE_DATA_DIR"]) / "quanze.sqlite3", timeout=30) as connection:
        connection.execute("BEGIN")
        return [connection.execute(one).fetchall() for one in statements]


def ids() -> Iterator[str]:
    root = Path(os.environ["QUANZE_DATA_DIR"]) / "warehouse"
    files, batches = rows_of((_FILES, _WAITING))
    for (path,) in files:
        yield from pq.read_table(root / path, columns=["case_id"])["case_id"].to_pylist()
    for (payload,) in batches:
        with pa.ipc.open_stream(pa.py_buffer(bytes(payload))) as reader:
            yield from reader.read_all()["case_id"].to_pylist()


if __name__ == "__main__":
    sys.stdout.write("\n".join(ids()) + "\n")
