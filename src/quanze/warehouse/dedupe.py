"""去重：同一（来源、办件、环节序号）只留一行，内容不同者列为冲突。"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from quanze.warehouse.columns import CONTENT_FIELDS
from quanze.warehouse.grouping import codes_of, single_chunk
from quanze.warehouse.layout import ranked


@dataclass(frozen=True, slots=True)
class Contradiction:
    """一处冲突：已有的与新送的同一环节说法不同。The stored row stays; a person decides."""

    row: int
    case_id: str
    step_no: int
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Resolution:
    """去重结果：按（办件、来源、序号）排序的行、各行是否新收、重复数、冲突。"""

    table: pa.Table
    is_new: np.ndarray
    duplicates: int
    contradictions: tuple[Contradiction, ...]


def resolved(stored: pa.Table, incoming: pa.Table, row_no: np.ndarray) -> Resolution:
    """把新送的行并入已有的行。``row_no`` numbers the incoming rows as their file does."""
    table = pa.concat_tables([stored, incoming]).unify_dictionaries().combine_chunks()
    if table.num_rows == 0:
        return Resolution(table, np.empty(0, bool), 0, ())
    old_rows = stored.num_rows
    case, source = ranked(table["case_id"]), ranked(table["source"])
    step = table["step_no"].to_numpy().astype(np.int64)
    # lexsort is stable and the stored rows come first: of equal keys the stored one, else the earlier one, wins.
    order = np.lexsort((step, source, case))
    case, source, step = case[order], source[order], step[order]
    repeats = np.r_[False, (case[1:] == case[:-1]) & (source[1:] == source[:-1]) & (step[1:] == step[:-1])]
    leader = np.maximum.accumulate(np.where(repeats, 0, np.arange(len(order))))
    repeated = np.flatnonzero(repeats)
    differing = _differences(table, order[repeated], order[leader[repeated]])
    is_conflict = np.zeros(len(repeated), bool)
    for mask in differing.values():
        is_conflict |= mask
    names = table["case_id"].take(pa.array(order[repeated[is_conflict]])).to_pylist()
    conflicts = tuple(
        Contradiction(
            int(row_no[order[repeated[at]] - old_rows]),
            name,
            int(step[repeated[at]]),
            tuple(f for f, m in differing.items() if m[at]),
        )
        for name, at in zip(names, np.flatnonzero(is_conflict), strict=True)
    )
    kept = order[~repeats]
    return Resolution(table.take(pa.array(kept)), kept >= old_rows, int(len(repeated) - is_conflict.sum()), conflicts)


def _differences(table: pa.Table, rows: np.ndarray, leaders: np.ndarray) -> dict[str, np.ndarray]:
    """逐列比较，给出每列不同的位置。"""
    differing: dict[str, np.ndarray] = {}
    for name in CONTENT_FIELDS:
        column = single_chunk(table[name])
        if pa.types.is_dictionary(column.type):
            values, _ = codes_of(column)
        else:
            values = column.cast(pa.int64()).fill_null(np.iinfo(np.int64).min).to_numpy(zero_copy_only=False)
        differing[name] = values[rows] != values[leaders]
    return differing
