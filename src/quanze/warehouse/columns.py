"""流程事件的列：一次定死，全系统只有这一份。

One row per step done. Personal fields are absent on purpose: no applicant, no operator, no free text, so that nothing
of a person can reach an analysis. No Django here: the schema travels to child processes and to a cluster.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa

_CODE = pa.dictionary(pa.int32(), pa.string())
INSTANT = pa.timestamp("ms", tz="UTC")

EVENT_SCHEMA = pa.schema(
    [
        pa.field("case_id", pa.string(), nullable=False),
        pa.field("step_no", pa.int32(), nullable=False),
        pa.field("item_code", _CODE, nullable=False),
        pa.field("item_version", pa.int32(), nullable=False),
        pa.field("flow_code", _CODE, nullable=False),
        pa.field("step_code", _CODE, nullable=False),
        pa.field("body_code", _CODE, nullable=False),
        pa.field("division_code", _CODE),
        pa.field("post_code", _CODE),
        pa.field("region_code", _CODE, nullable=False),
        pa.field("sector", _CODE, nullable=False),
        pa.field("occurred_at", INSTANT, nullable=False),
        pa.field("due_at", INSTANT),
        pa.field("outcome", _CODE, nullable=False),
        pa.field("source", _CODE, nullable=False),
        pa.field("batch_id", pa.int64(), nullable=False),
    ]
)

CODE_FIELDS = tuple(f.name for f in EVENT_SCHEMA if pa.types.is_dictionary(f.type))
# What a source says of a step; the same when it is sent twice. The batch differs in a resend, and version, region and
# sector are looked up here at arrival, so they may have moved on between two sends without a contradiction.
CONTENT_FIELDS = (
    "item_code",
    "flow_code",
    "step_code",
    "body_code",
    "division_code",
    "post_code",
    "occurred_at",
    "due_at",
    "outcome",
)
# A file is ordered by case and step; the source stands between them so that two systems may use the same case number.
SORT_FIELDS = ("case_id", "source", "step_no")

OUTCOMES = ("normal", "returned", "completed", "refused", "withdrawn")
# 办结：准予办结、不予办结、申请人撤回都终结一件办件。
CLOSING_OUTCOMES = ("completed", "refused", "withdrawn")

# Delta coding for ids and times, dictionaries for codes: about nine bytes a row after zstd.
_DELTA = dict.fromkeys(("step_no", "item_version", "occurred_at", "due_at", "batch_id"), "DELTA_BINARY_PACKED")
PARQUET_OPTIONS: dict[str, object] = {
    "compression": "zstd",
    "compression_level": 3,
    "use_dictionary": list(CODE_FIELDS),
    "column_encoding": {"case_id": "DELTA_BYTE_ARRAY", **_DELTA},
    "row_group_size": 1 << 20,
    "data_page_size": 1 << 20,
    "write_statistics": ["occurred_at"],
}

# 办件索引：every case of a file in file order, with its number of rows, so that neither the kernel nor the search for
# a late event has to read case numbers.
CASE_INDEX_SCHEMA = pa.schema(
    [pa.field("case_key", pa.uint64(), nullable=False), pa.field("rows", pa.int32(), nullable=False)]
)
CASE_INDEX_OPTIONS: dict[str, object] = {
    "compression": "zstd",
    "use_dictionary": False,
    "column_encoding": {"rows": "DELTA_BINARY_PACKED"},
}


def stable_hash(text: str) -> int:
    """文本的 64 位稳定散列：同一文本在任何机器、任何进程都相同。"""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def stable_hashes(texts: list[str]) -> np.ndarray:
    """一组文本的散列，uint64。"""
    return np.fromiter((stable_hash(t) for t in texts), dtype=np.uint64, count=len(texts))
