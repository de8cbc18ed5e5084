"""备份：一个时刻的数据库，加上那个时刻的行所指的文件。"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS as HERE
from django.utils.crypto import salted_hmac

from quanze import __version__
from quanze.base.backup.archive import ArchiveWriter, new_archive
from quanze.base.backup.digests import SystemDigest, record_heads
from quanze.base.backup.neutral import RowDigest, line_of
from quanze.base.backup.snapshot import snapshot
from quanze.base.backup.stores import FileStore, StoreDigest, StoreSum, stores
from quanze.base.backup.tables import (
    TableDigest,
    TableShape,
    applied_migrations,
    counters,
    left_out,
    read_rows,
    shapes,
)
from quanze.core.errors import NotFound

FORMAT = 1
# What one part of a table holds before it is packed; memory stays small whatever the table.
_PART_BYTES = 16 * 1024 * 1024
# Level 1: a third of the size at a sixth of the time of the usual level.
_LEVEL = 1

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class BackupReport:
    """备份结果：那个时刻的总账、字节数、备份不含的表。"""

    digest: SystemDigest
    size: int
    left_out: tuple[str, ...]


def backup_write(*, path: Path, now: datetime, progress: Progress = lambda *_: None) -> BackupReport:
    """写一份备份；其间别人照常读写。Nothing is changed; the door notes the export in the access record."""
    with new_archive(path, now.timestamp()) as archive:
        early = {store.name: _read_early(store) for store in stores() if store.is_before}
        with snapshot(HERE):
            tables = shapes(HERE)
            table_digests = {}
            for number, shape in enumerate(tables):
                progress(f"表 {shape.name}", number, len(tables))
                table_digests[shape.name] = _write_table(archive, shape)
            store_digests = {}
            for store in stores():
                if store.is_before:
                    store_digests[store.name] = _write_early(archive, store, early[store.name])
                else:
                    store_digests[store.name] = _write_store(archive, store, progress)
            digest = SystemDigest(table_digests, store_digests, record_heads(HERE))
            missing = left_out(HERE, tables)
            manifest = {
                "format": FORMAT,
                "program": __version__,
                "city": settings.QUANZE_CITY_NAME,
                "taken_at": now.isoformat(),
                "secret_key": secret_fingerprint(),
                "migrations": [list(node) for node in applied_migrations(HERE)],
                "counters": counters(HERE, tables),
                "columns": {shape.name: [[column.name, column.type] for column in shape.columns] for shape in tables},
                "left_out": missing,
                "digest": digest_data(digest),
            }
        archive.add_bytes("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1).encode("utf-8"))
    return BackupReport(digest, path.stat().st_size, tuple(missing))


def secret_fingerprint() -> str:
    """密钥的指纹：看得出是不是同一把，看不出是什么。"""
    return salted_hmac("quanze.base.backup", "fingerprint", algorithm="sha256").hexdigest()[:16]


def digest_data(digest: SystemDigest) -> dict[str, Any]:
    """总账写成 JSON。"""
    return {
        "tables": {name: [one.rows, one.digest] for name, one in digest.tables.items()},
        "stores": {name: [one.files, one.size, one.digest] for name, one in digest.stores.items()},
        "record": digest.record,
    }


def digest_from(data: dict[str, Any]) -> SystemDigest:
    """由 JSON 读回总账。"""
    return SystemDigest(
        {name: TableDigest(*one) for name, one in data["tables"].items()},
        {name: StoreDigest(*one) for name, one in data["stores"].items()},
        dict(data["record"]),
    )


def _write_table(archive: ArchiveWriter, shape: TableShape) -> TableDigest:
    total, part, lines, size = RowDigest(shape.columns), 0, [], 0
    for row in read_rows(HERE, shape):
        total.add(row)
        lines.append(line_of(row))
        size += len(lines[-1])
        if size >= _PART_BYTES:
            part += 1
            _add_part(archive, shape, part, lines)
            lines, size = [], 0
    if lines:
        _add_part(archive, shape, part + 1, lines)
    return TableDigest(total.rows, total.value)


def _add_part(archive: ArchiveWriter, shape: TableShape, part: int, lines: list[bytes]) -> None:
    packed = gzip.compress(b"\n".join(lines) + b"\n", compresslevel=_LEVEL, mtime=0)
    archive.add_bytes(f"tables/{shape.name}/{part:06d}.jsonl.gz", packed)


def _read_early(store: FileStore) -> dict[str, bytes]:
    return {path: (store.root() / path).read_bytes() for path in sorted(set(store.paths()))}


def _write_early(archive: ArchiveWriter, store: FileStore, contents: dict[str, bytes]) -> StoreDigest:
    total = StoreSum()
    for path, content in contents.items():
        archive.add_bytes(f"stores/{store.name}/{path}", content)
        total.add(path, len(content), hashlib.sha256(content).hexdigest())
    return total.value


def _write_store(archive: ArchiveWriter, store: FileStore, progress: Progress) -> StoreDigest:
    total, root = StoreSum(), store.root()
    paths = sorted(set(store.paths()))
    for number, path in enumerate(paths):
        progress(store.label, number, len(paths))
        try:
            stream = (root / path).open("rb")
        except FileNotFoundError:
            raise NotFound(
                f"{store.label}缺少文件 {path}，备份没有写成",
                hint="请先从以前的备份找回这个文件，再备份。",
                code="backup_file_missing",
            ) from None
        with stream:
            size = os.fstat(stream.fileno()).st_size
            total.add(path, size, archive.add_stream(f"stores/{store.name}/{path}", stream, size))
    return total.value
