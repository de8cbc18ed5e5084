"""部分结果与小表的存放：一个目录一份，整体出现。No Django: pool processes and cluster nodes import this."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from quanze.warehouse.kernel import PARTIAL_SCHEMAS, Partial, empty_partial, partial_of_files
from quanze.warehouse.layout import sync_folder


def store_partial(files: Sequence[tuple[Path, Path]], folder: Path) -> None:
    """算出若干事件文件的部分结果并存入 ``folder``。"""
    store_tables({name: table for name, table in partial_of_files(files).items() if table.num_rows}, folder)


def load_partial(folder: Path) -> Partial:
    """取回部分结果。"""
    partial = empty_partial()
    for path in folder.glob("*.parquet"):
        partial[path.stem] = pq.ParquetFile(path).read().cast(PARTIAL_SCHEMAS[path.stem])
    return partial


def store_tables(tables: Mapping[str, pa.Table], folder: Path, *, as_arrow: bool = False) -> None:
    """存若干小表。A folder either holds all of them, synced, or is not there; a second writer of it is right too.

    ``as_arrow`` writes Arrow files for mapping into memory instead of Parquet.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}.tmp")
    temporary.mkdir()
    try:
        for name, table in tables.items():
            path = temporary / f"{name}.{'arrow' if as_arrow else 'parquet'}"
            if as_arrow:
                _write_arrow(path, table)
            else:
                pq.write_table(table, path, compression="zstd")
            with path.open("rb+") as handle:
                os.fsync(handle.fileno())
        sync_folder(temporary)
        try:
            temporary.replace(folder)
        except OSError:
            if not folder.is_dir():
                raise
        sync_folder(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write_arrow(path: Path, table: pa.Table) -> None:
    table = table.unify_dictionaries().combine_chunks()
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def load_arrow(path: Path) -> pa.Table:
    """映射一个 Arrow 文件，不复制。"""
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all().combine_chunks()
