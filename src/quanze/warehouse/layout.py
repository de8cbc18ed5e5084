"""文件布局：完整办件、按办件与环节排序、先写临时文件再改名。

A reader sees a file either whole or not at all, and what was acknowledged survives a power cut: write, fsync, rename,
fsync of the folder. Nothing here knows the manifest.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from quanze.warehouse.columns import (
    CASE_INDEX_OPTIONS,
    CASE_INDEX_SCHEMA,
    EVENT_SCHEMA,
    PARQUET_OPTIONS,
    stable_hashes,
)
from quanze.warehouse.grouping import codes_of
from quanze.warehouse.kernel import case_rows_of


def ranked(column: pa.ChunkedArray | pa.Array) -> np.ndarray:
    """文本列各行的名次：相同文本名次相同，次序即文本次序。"""
    codes, values = codes_of(column)
    if not values:
        return codes
    order = pc.sort_indices(pa.array(values, pa.string())).to_numpy()
    rank = np.empty(len(values), np.int64)
    rank[order] = np.arange(len(values))
    return rank[codes]


def sorted_events(table: pa.Table) -> pa.Table:
    """按（办件、来源、环节序号）排序。Arrow cannot sort dictionary columns, so ranks are sorted instead."""
    if table.num_rows < 2:
        return table
    step = table["step_no"].to_numpy()
    order = np.lexsort((step, ranked(table["source"]), ranked(table["case_id"])))
    if np.all(order[1:] > order[:-1]):
        return table
    return table.take(pa.array(order))


def case_keys(table: pa.Table) -> np.ndarray:
    """每行所属办件的 64 位键（来源 + 办件编号）。"""
    case_codes, case_values = codes_of(table["case_id"])
    source_codes, source_values = codes_of(table["source"])
    if len(source_values) == 1:
        prefix = source_values[0] + "\0"
        return stable_hashes([prefix + v for v in case_values])[case_codes]
    pair, first = np.unique(case_codes * len(source_values) + source_codes, return_index=True)
    names = [
        f"{source_values[s]}\0{case_values[c]}" for c, s in zip(case_codes[first], source_codes[first], strict=True)
    ]
    return stable_hashes(names)[np.searchsorted(pair, case_codes * len(source_values) + source_codes)]


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """写好的一个事件文件，尚未登记。"""

    path: str
    case_path: str
    rows: int
    cases: int
    min_occurred_ms: int
    max_occurred_ms: int
    digest: str
    size: int


def write_events(root: Path, month: str, table: pa.Table) -> WrittenFile:
    """写一个月的完整办件，返回其登记内容。``table`` is sorted; ``month`` is yyyy-mm. Paths are relative to ``root``."""
    folder = root / "events" / month
    name = uuid.uuid4().hex
    table = table.select(EVENT_SCHEMA.names).cast(EVENT_SCHEMA)
    rows = case_rows_of(table)
    starts = np.r_[0, np.cumsum(rows)[:-1]].astype(np.int64)
    keys = case_keys(table.select(["case_id", "source"]).take(pa.array(starts)))
    index = pa.table({"case_key": keys, "rows": rows}, schema=CASE_INDEX_SCHEMA)
    time = table["occurred_at"].cast(pa.int64()).to_numpy()
    events = folder / f"{name}.parquet"
    cases = folder / f"{name}.cases.parquet"
    write_parquet(cases, index, CASE_INDEX_OPTIONS)
    digest = write_parquet(events, table, PARQUET_OPTIONS)
    return WrittenFile(
        path=events.relative_to(root).as_posix(),
        case_path=cases.relative_to(root).as_posix(),
        rows=table.num_rows,
        cases=len(rows),
        min_occurred_ms=int(time.min()),
        max_occurred_ms=int(time.max()),
        digest=digest,
        size=events.stat().st_size,
    )


def write_parquet(path: Path, table: pa.Table, options: Mapping[str, object]) -> str:
    """写 Parquet 并落盘，返回内容摘要（sha256）。"""
    temporary = _temporary(path)
    try:
        pq.write_table(table, temporary, **options)
        return _settled(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise


def write_bytes(path: Path, payload: bytes) -> None:
    """整体替换一个小文件：readers see the old or the new content, never a mixture."""
    temporary = _temporary(path)
    try:
        temporary.write_bytes(payload)
        _settled(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise


def _temporary(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")


def _settled(temporary: Path, path: Path) -> str:
    digest = hashlib.sha256()
    with temporary.open("rb+") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
        os.fsync(handle.fileno())
    temporary.replace(path)
    sync_folder(path.parent)
    return digest.hexdigest()


def sync_folder(folder: Path) -> None:
    """目录落盘：a rename is durable only after this. Systems without it (not POSIX) need nothing."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def file_digest(path: Path) -> str:
    """文件内容摘要（sha256）。"""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def concat(tables: list[pa.Table]) -> pa.Table:
    """拼接事件表并统一字典。"""
    return pa.concat_tables([t.select(EVENT_SCHEMA.names).cast(EVENT_SCHEMA) for t in tables]).unify_dictionaries()


def read_events(path: Path) -> pa.Table:
    """读一个事件文件的全部列。"""
    return pq.read_table(path).cast(EVENT_SCHEMA)
