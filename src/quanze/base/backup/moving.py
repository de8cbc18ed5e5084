"""迁库：SQLite ↔ PostgreSQL，逐表照搬，两边总账一致才算办成。

Files stay where they are: only rows move. The source is read at one moment and never written.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS as HERE
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor

from quanze.base.backup.digests import SystemDigest, record_heads, system_digest
from quanze.base.backup.restoring import (
    add_connection,
    foreign_keys_later,
    queries_towards,
    remove_connection,
    require_same,
)
from quanze.base.backup.saving import Progress
from quanze.base.backup.snapshot import snapshot
from quanze.base.backup.tables import (
    applied_migrations,
    counters,
    leaves,
    load_rows,
    read_rows,
    set_counters,
    shapes,
    table_digest,
    without_triggers,
)
from quanze.core.errors import Conflict, InvalidInput

THERE = "there"


def move(*, to: dict[str, Any], progress: Progress = lambda *_: None) -> SystemDigest:
    """把本库的全部行搬到一个空库（``to``：连接设置），返回（两边相同的）总账。A failed move leaves the target without rows."""
    with _target(to) as there:
        if connections[there].introspection.table_names():
            raise Conflict("目标数据库不是空的", hint="请给一个没有任何表的空库。", code="restore_not_empty")
        with snapshot(HERE):
            executor = MigrationExecutor(connections[there])
            progress("建立结构", 0, 1)
            applied = applied_migrations(HERE)
            with queries_towards(there):
                executor.migrate(leaves(applied, executor.loader))
            tables = shapes(HERE)
            before = {}
            with (
                foreign_keys_later(there),
                transaction.atomic(using=there),
                without_triggers(there, [shape.name for shape in tables]),
            ):
                for number, shape in enumerate(tables):
                    progress(f"表 {shape.name}", number, len(tables))
                    before[shape.name] = load_rows(there, shape, read_rows(HERE, shape))
                set_counters(there, tables, counters(HERE, tables))
                connections[there].check_constraints()
            heads = record_heads(HERE)
        progress("核对", 0, 1)
        # Read back from the target: what was sent is not yet what is there.
        for shape in tables:
            require_same(shape.name, table_digest(there, shape), before[shape.name])
        after = system_digest(there, with_stores=False)
        if after != SystemDigest(before, {}, heads):
            raise InvalidInput("两边的总账不同", hint="请清空目标库后重试。", code="move_differs")
        return after


@contextmanager
def _target(values: dict[str, Any]) -> Iterator[str]:
    full = copy.deepcopy(connections.settings[HERE])
    full.update({"OPTIONS": {}, "PASSWORD": "", "HOST": "", "PORT": "", "USER": ""}, **values)
    add_connection(THERE, full)
    try:
        if values["ENGINE"].endswith("sqlite3"):
            Path(values["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        yield THERE
    finally:
        remove_connection(THERE)
