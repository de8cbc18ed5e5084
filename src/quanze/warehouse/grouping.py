"""分组求和：按若干编码列归并、对度量列求和，全程向量化。

Shared by the kernel (rows → partial) and by the merge (partials → partial), so that both add up in exactly one way.
Integers throughout: a sum in floating point would depend on the order of the parts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

# A presence table is worth its cells while they are not many more than the rows; beyond, sorting is quicker.
_DENSE_CELLS = 1 << 15
_CELLS_PER_ROW = 8


def group_ids(codes: Sequence[np.ndarray], sizes: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """各行的组号与各组首行。Codes lie in [0, size); groups come out in the order of their codes.

    The columns are folded one after the other and squeezed to the combinations that occur, so that a product of
    3,000 bodies × 130 regions × 20 sectors × 40 months never needs its full size.
    """
    rows = len(codes[0])
    if rows == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    ids: np.ndarray = np.zeros(rows, np.int64)
    count = 1
    for column, size in zip(codes, sizes, strict=True):
        packed = ids * size + column
        cells = count * size
        if cells <= max(_DENSE_CELLS, _CELLS_PER_ROW * rows):
            present = np.zeros(cells, bool)
            present[packed] = True
            rank = np.cumsum(present)
            ids = rank[packed] - 1
            count = int(rank[-1])
        else:
            unique, ids = np.unique(packed, return_inverse=True)
            count = len(unique)
    first = np.empty(count, np.int64)
    first[ids[::-1]] = np.arange(rows - 1, -1, -1)
    return ids, first


def sums(ids: np.ndarray, groups: int, values: np.ndarray | None = None) -> np.ndarray:
    """每组之和（或行数），int64。"""
    if values is None:
        return np.bincount(ids, minlength=groups).astype(np.int64)
    total = np.zeros(groups, np.int64)
    np.add.at(total, ids, values)
    return total


def single_chunk(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """合为一块；字典先统一，各块的编码才可比。"""
    if isinstance(column, pa.Array):
        return column
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    if column.num_chunks == 1:
        return column.chunk(0)
    return column.combine_chunks() if column.num_chunks else pa.array([], column.type)


def codes_of(column: pa.ChunkedArray | pa.Array) -> tuple[np.ndarray, list[str]]:
    """一列的整数编码与取值表。Null becomes the code of "", which is appended where it is needed."""
    array = single_chunk(column)
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    values: list[str] = array.dictionary.to_pylist()
    if len(set(values)) != len(values):  # a dictionary with repeated entries is legal Arrow, but no key
        array = array.cast(array.type.value_type).dictionary_encode()
        values = array.dictionary.to_pylist()
    indices = array.indices
    if indices.null_count:
        if "" not in values:
            values.append("")
        indices = indices.fill_null(values.index(""))
    return indices.to_numpy(zero_copy_only=False).astype(np.int64), values


def text_column(codes: np.ndarray, values: Sequence[str]) -> pa.Array:
    """编码与取值表 → 字典列。Only values that occur are kept, in alphabetical order: equal data give equal bytes."""
    used = np.unique(codes)
    order = sorted(used.tolist(), key=lambda c: values[c])
    rank = np.zeros(len(values) or 1, np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    indices = rank[codes].astype(np.int32) if len(codes) else np.empty(0, np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(indices), pa.array([values[c] for c in order], pa.string()))


def summed(table: pa.Table, keys: Sequence[str], carried: Sequence[str] = ()) -> pa.Table:
    """按键列归并，其余列求和，结果按键排序。``carried`` columns follow their key unchanged (the first row's value)."""
    codes: list[np.ndarray] = []
    sizes: list[int] = []
    for name in keys:
        column = single_chunk(table[name])
        if pa.types.is_dictionary(column.type) or pa.types.is_string(column.type):
            index, values = codes_of(column)
            order = np.argsort(np.array(values, dtype=object)) if values else np.empty(0, np.int64)
            rank = np.empty(len(values), np.int64)
            rank[order] = np.arange(len(values))
            codes.append(rank[index])
            sizes.append(max(len(values), 1))
        else:
            unique, index = np.unique(column.to_numpy(zero_copy_only=False), return_inverse=True)
            codes.append(index.astype(np.int64))
            sizes.append(max(len(unique), 1))
    ids, first = group_ids(codes, sizes)
    take = pa.array(first)
    columns: dict[str, pa.Array] = {}
    for field in table.schema:
        if field.name in keys or field.name in carried:
            columns[field.name] = single_chunk(table[field.name]).take(take)
        else:
            values_in = single_chunk(table[field.name]).to_numpy(zero_copy_only=False)
            columns[field.name] = pa.array(sums(ids, len(first), values_in), field.type)
    return pa.table({f.name: columns[f.name] for f in table.schema}, schema=table.schema)
