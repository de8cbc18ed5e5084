"""待核实事件的原样存放：不进统计，也绝不丢弃，核实后可再送入库。"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from quanze.core.errors import NotFound
from quanze.warehouse.frames import EventFrame
from quanze.warehouse.layout import file_digest, ranked, write_parquet
from quanze.warehouse.store import warehouse_root


@dataclass(frozen=True, slots=True)
class StoredFrame:
    """存下的一份待核实事件：相对路径、摘要、行数。"""

    path: str
    digest: str
    rows: int


def store_frame(frame: EventFrame, *, now: datetime) -> StoredFrame:
    """原样存下事件集。"""
    root = warehouse_root()
    path = root / "quarantine" / f"{now:%Y-%m}" / f"{uuid.uuid4().hex}.parquet"
    digest = write_parquet(path, frame._table, {"compression": "zstd"})
    return StoredFrame(path.relative_to(root).as_posix(), digest, frame.rows)


def load_frame(stored: StoredFrame, *, file_name: str) -> EventFrame:
    """取回存下的事件集；文件不在或被改动即报错。"""
    path = warehouse_root() / stored.path
    if not path.is_file() or file_digest(path) != stored.digest:
        raise NotFound(
            "待核实事件的原始文件缺失或已被改动", hint="请从备份恢复数据仓目录后再试。", code="quarantine_file"
        )
    table = pq.read_table(path).unify_dictionaries().combine_chunks()
    return EventFrame(table, file_name, stored.digest, table.num_rows)


def without_stored(frame: EventFrame, stored: Sequence[StoredFrame]) -> EventFrame:
    """去掉已在待核实之列的行，重复报送因此不会重复计数。"""
    if not stored or not frame.rows:
        return frame
    known = [load_frame(s, file_name="")._table.select(["case_id", "step_no"]) for s in stored]
    own = frame._table.select(["case_id", "step_no"])
    both = pa.concat_tables([own, *known])
    case = ranked(both["case_id"])
    key = (case << 32) | both["step_no"].to_numpy().astype(np.int64)
    return frame._only(~np.isin(key[: frame.rows], key[frame.rows :]))
