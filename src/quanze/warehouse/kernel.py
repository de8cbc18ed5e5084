"""分析内核：一遍向量化扫描，把流程事件化为可相加的部分结果。

``partial_of_table`` takes whole cases sorted by case and step and returns small tables; ``merge`` adds such results,
so a month, a process of a pool and a node of a cluster (Spark ``mapInArrow``) give the same figures by construction.
There is no Django, no clock, no file list here: what to read is the caller's business.

What makes it fast: whole cases in one file, so "the event before" is a shift and not a window; dictionary codes instead
of strings; ``bincount`` and ``reduceat`` instead of group-by; a variant's key is a sum of hashes and needs no ordering.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from quanze.warehouse.columns import CLOSING_OUTCOMES, stable_hash, stable_hashes
from quanze.warehouse.grouping import codes_of, group_ids, single_chunk, summed, sums, text_column

Partial = dict[str, pa.Table]

KERNEL_COLUMNS = (
    "item_code",
    "flow_code",
    "step_code",
    "body_code",
    "division_code",
    "region_code",
    "sector",
    "occurred_at",
    "due_at",
    "outcome",
    "batch_id",
)

# China keeps one clock, eight hours ahead, without summer time since 1991; earlier events do not exist in such systems.
LOCAL_OFFSET_MS = 8 * 3_600_000
DAY_MS = 86_400_000
# Buckets of elapsed time are 2 % wide: the geometric middle of a bucket is at most 1 % off.
BUCKET_RATIO = 1.02
_LOG_RATIO = float(np.log(BUCKET_RATIO))
_ABSENT = np.iinfo(np.int64).min
_DURATION_BITS = 41  # milliseconds of almost seventy years
_DURATION_MAX = (1 << _DURATION_BITS) - 1

_TEXT = pa.dictionary(pa.int32(), pa.string())
_COUNT = pa.int64()


def _schema(keys: Sequence[str], measures: Sequence[str], **special: pa.DataType) -> pa.Schema:
    types = {"month": pa.int32(), "due_day": pa.int32(), "bucket": pa.int32(), "duration_ms": _COUNT, **special}
    types["batch_id"] = _COUNT
    return pa.schema([(k, types.get(k, _TEXT)) for k in keys] + [(m, types.get(m, _COUNT)) for m in measures])


# 部分结果：table → key columns; all other columns add up. Months are yyyymm in local time, days count from 1970-01-01.
PARTIAL_KEYS: dict[str, tuple[str, ...]] = {
    "events": ("body_code", "region_code", "sector", "month"),
    "arrivals": ("body_code", "month", "batch_id"),
    "cases": ("item_code", "body_code", "division_code", "region_code", "sector", "month"),
    "durations": ("item_code", "body_code", "duration_ms"),
    "open_due": ("item_code", "body_code", "due_day"),
    "steps": ("flow_code", "step_code"),
    "gaps": ("flow_code", "step_code", "bucket"),
    "gap_values": ("flow_code", "step_code", "gap_ms"),
    "follows": ("flow_code", "from_step", "to_step"),
    "variants": ("flow_code", "variant"),
}
_CARRIED = {"variants": ("path",)}
PARTIAL_SCHEMAS: dict[str, pa.Schema] = {
    "events": _schema(PARTIAL_KEYS["events"], ["events"]),
    "arrivals": _schema(PARTIAL_KEYS["arrivals"], ["events"]),
    "cases": _schema(
        PARTIAL_KEYS["cases"], ["cases", "completed", "refused", "withdrawn", "on_time", "late", "undated", "events"]
    ),
    "durations": _schema(PARTIAL_KEYS["durations"], ["cases"]),
    "open_due": _schema(PARTIAL_KEYS["open_due"], ["cases"]),
    "steps": _schema(PARTIAL_KEYS["steps"], ["events", "firsts", "lasts", "returned", "gap_events", "gap_total_ms"]),
    "gaps": _schema(PARTIAL_KEYS["gaps"], ["events"]),
    "gap_values": _schema(PARTIAL_KEYS["gap_values"], ["events"], gap_ms=_COUNT),
    "follows": _schema(PARTIAL_KEYS["follows"], ["events", "gap_total_ms"]),
    "variants": _schema(PARTIAL_KEYS["variants"], ["path", "cases"], variant=pa.uint64(), path=pa.list_(pa.string())),
}


def empty_partial() -> Partial:
    """空的部分结果：加法的零。"""
    return {name: schema.empty_table() for name, schema in PARTIAL_SCHEMAS.items()}


def merge(partials: Iterable[Mapping[str, pa.Table]]) -> Partial:
    """部分结果相加。Commutative and associative; a table that a part lacks counts as empty."""
    parts = list(partials)
    merged = empty_partial()
    for name, keys in PARTIAL_KEYS.items():
        tables = [p[name] for p in parts if name in p and p[name].num_rows]
        if tables:
            merged[name] = summed(pa.concat_tables(tables), keys, _CARRIED.get(name, ()))
    return merged


def partial_of_files(files: Sequence[tuple[Path, Path]], *, exact_gaps: bool = False) -> Partial:
    """若干事件文件（连同其办件索引）→ 一个部分结果。Memory is bounded by the largest file."""
    parts = [
        partial_of_table(
            pq.ParquetFile(events, memory_map=True).read(columns=list(KERNEL_COLUMNS)),
            pq.ParquetFile(cases, memory_map=True).read(columns=["rows"])["rows"].to_numpy(),
            exact_gaps=exact_gaps,
        )
        for events, cases in files
    ]
    return parts[0] if len(parts) == 1 else merge(parts)


def case_rows_of(table: pa.Table) -> np.ndarray:
    """各办件的行数，按表中次序；表须已按办件与环节排好。"""
    if table.num_rows == 0:
        return np.empty(0, np.int32)
    case_codes, _ = codes_of(table["case_id"])
    source_codes, _ = codes_of(table["source"])
    is_first = np.r_[True, (case_codes[1:] != case_codes[:-1]) | (source_codes[1:] != source_codes[:-1])]
    starts = np.flatnonzero(is_first)
    return np.diff(np.r_[starts, table.num_rows]).astype(np.int32)


def partial_of_table(table: pa.Table, case_rows: np.ndarray | None = None, *, exact_gaps: bool = False) -> Partial:
    """完整办件的事件表 → 部分结果。

    ``case_rows`` is the number of rows of each case in table order; without it the case numbers are read from the
    table. ``exact_gaps`` also keeps every elapsed time as it is, for step quantiles without the 1 % of the buckets.
    """
    rows = case_rows_of(table) if case_rows is None else case_rows
    if int(rows.sum()) != table.num_rows:
        raise ValueError(f"办件索引 {int(rows.sum())} 行与事件表 {table.num_rows} 行不符")
    if table.num_rows == 0:
        return empty_partial()
    scan = _Scan(table, rows.astype(np.int64))
    partial = {
        "events": scan.events(),
        "arrivals": scan.arrivals(),
        "cases": scan.cases(),
        "durations": scan.durations(),
        "open_due": scan.open_due(),
        "variants": scan.variants(),
        **scan.steps(exact_gaps),
    }
    return empty_partial() | {name: part.cast(PARTIAL_SCHEMAS[name]) for name, part in partial.items()}


def _millis(column: pa.ChunkedArray | pa.Array) -> np.ndarray:
    values = single_chunk(column).cast(pa.int64())
    return values.fill_null(_ABSENT).to_numpy(zero_copy_only=False)


def _local_months(millis: np.ndarray) -> np.ndarray:
    months = (millis + LOCAL_OFFSET_MS).astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    return (months // 12 + 1970) * 100 + months % 12 + 1


def _mixed(values: np.ndarray) -> np.ndarray:
    """splitmix64 的收尾混合：每一位都受每一位影响，和式因此不易碰撞。"""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


class _Scan:
    """一次扫描：列化为编码，办件化为首行位置，各张部分表从中取数。"""

    def __init__(self, table: pa.Table, case_rows: np.ndarray) -> None:
        self.case_rows = case_rows
        self.starts = np.r_[0, np.cumsum(case_rows)[:-1]]
        self.codes: dict[str, np.ndarray] = {}
        self.values: dict[str, list[str]] = {}
        for name in KERNEL_COLUMNS:
            if name not in ("occurred_at", "due_at", "batch_id"):
                self.codes[name], self.values[name] = codes_of(table[name])
        self.batch = single_chunk(table["batch_id"]).to_numpy(zero_copy_only=False)
        self.time = _millis(table["occurred_at"])
        due = _millis(table["due_at"])
        self.case_start = np.minimum.reduceat(self.time, self.starts)
        self.case_month = _local_months(self.case_start)
        self.case_due = np.maximum.reduceat(due, self.starts)
        closing = [i for i, v in enumerate(self.values["outcome"]) if v in CLOSING_OUTCOMES]
        is_closing = np.isin(self.codes["outcome"], closing)
        closing_row = np.maximum.reduceat(np.where(is_closing, np.arange(len(self.time)), -1), self.starts)
        self.is_closed = closing_row >= 0
        self.closed_at = np.where(self.is_closed, self.time[closing_row], 0)
        self.closing_outcome = np.where(self.is_closed, self.codes["outcome"][closing_row], -1)

    def _of_case(self, name: str) -> np.ndarray:
        """办件归属以首个环节为准：body, item, division of the event that opened it."""
        return self.codes[name][self.starts]

    def _group(
        self, columns: Mapping[str, np.ndarray], numbers: Mapping[str, np.ndarray]
    ) -> tuple[np.ndarray, int, dict[str, pa.Array]]:
        """按文本编码列与数值列分组：组号、组数、键列。"""
        codes, sizes = [], []
        for name, code in columns.items():
            codes.append(code)
            sizes.append(len(self.values[_base(name)]))
        offsets = {}
        for name, number in numbers.items():
            low = int(number.min()) if len(number) else 0
            offsets[name] = low
            codes.append(number.astype(np.int64) - low)
            sizes.append(int(number.max()) - low + 1 if len(number) else 1)
        ids, first = group_ids(codes, sizes)
        keys: dict[str, pa.Array] = {n: text_column(c[first], self.values[_base(n)]) for n, c in columns.items()}
        keys |= {n: pa.array(v[first]) for n, v in numbers.items()}
        return ids, len(first), keys

    def events(self) -> pa.Table:
        """事件数：机构 × 区划 × 行业 × 事件发生月。"""
        months = _local_months(self.time)
        names = ("body_code", "region_code", "sector")
        ids, n, keys = self._group({k: self.codes[k] for k in names}, {"month": months})
        return pa.table({**keys, "events": sums(ids, n)})

    def arrivals(self) -> pa.Table:
        """各批次送来的事件数：机构 × 事件发生月 × 批次，据以判断报送是否及时。"""
        numbers = {"month": _local_months(self.time), "batch_id": self.batch}
        ids, n, keys = self._group({"body_code": self.codes["body_code"]}, numbers)
        return pa.table({**keys, "events": sums(ids, n)})

    def cases(self) -> pa.Table:
        """办件数与结果：事项 × 机构 × 内设机构 × 区划 × 行业 × 受理月。"""
        names = PARTIAL_KEYS["cases"][:-1]
        ids, n, keys = self._group({k: self._of_case(k) for k in names}, {"month": self.case_month})
        has_due = self.case_due != _ABSENT
        table: dict[str, pa.Array | np.ndarray] = {**keys, "cases": sums(ids, n)}
        for outcome in CLOSING_OUTCOMES:
            table[outcome] = sums(ids, n, self._ended_as(outcome).astype(np.int64))
        late = self.closed_at > self.case_due
        table["on_time"] = sums(ids, n, (self.is_closed & has_due & ~late).astype(np.int64))
        table["late"] = sums(ids, n, (self.is_closed & has_due & late).astype(np.int64))
        table["undated"] = sums(ids, n, (self.is_closed & ~has_due).astype(np.int64))
        table["events"] = sums(ids, n, self.case_rows)
        return pa.table(table)

    def _ended_as(self, outcome: str) -> np.ndarray:
        values = self.values["outcome"]
        return self.closing_outcome == (values.index(outcome) if outcome in values else -2)

    def durations(self) -> pa.Table:
        """已办结办件的历时（毫秒，逐值保留）：事项 × 机构。Exact quantiles need every value; equal ones share a row."""
        closed = np.flatnonzero(self.is_closed)
        if not len(closed):
            return PARTIAL_SCHEMAS["durations"].empty_table()
        names = ("item_code", "body_code")
        pair_codes = {k: self._of_case(k)[closed] for k in names}
        ids, _, keys = self._group(pair_codes, {})
        elapsed = np.clip(self.closed_at[closed] - self.case_start[closed], 0, _DURATION_MAX)
        packed, counts = np.unique((ids << _DURATION_BITS) | elapsed, return_counts=True)
        pair = pa.array(packed >> _DURATION_BITS)
        return pa.table(
            {**{k: keys[k].take(pair) for k in names}, "duration_ms": packed & _DURATION_MAX, "cases": counts}
        )

    def open_due(self) -> pa.Table:
        """未办结且有期限的办件：事项 × 机构 × 到期日（本地）。Overdue on any later day is a sum over earlier days."""
        pending = np.flatnonzero(~self.is_closed & (self.case_due != _ABSENT))
        if not len(pending):
            return PARTIAL_SCHEMAS["open_due"].empty_table()
        day = (self.case_due[pending] + LOCAL_OFFSET_MS) // DAY_MS
        ids, n, keys = self._group({k: self._of_case(k)[pending] for k in ("item_code", "body_code")}, {"due_day": day})
        return pa.table({**keys, "cases": sums(ids, n)})

    def steps(self, exact_gaps: bool) -> Partial:
        """环节频次、距上一环节的时间（对数桶）与直接后继。"""
        total = len(self.time)
        flow, step = self.codes["flow_code"], self.codes["step_code"]
        ids, n, keys = self._group({"flow_code": flow, "step_code": step}, {})
        is_first = np.zeros(total, bool)
        is_first[self.starts] = True
        later = np.flatnonzero(~is_first)
        gap = np.maximum(self.time[later] - self.time[later - 1], 0)
        returned = self.values["outcome"].index("returned") if "returned" in self.values["outcome"] else -2
        last_rows = np.r_[self.starts[1:], total] - 1
        steps = pa.table(
            {
                **keys,
                "events": sums(ids, n),
                "firsts": sums(ids[self.starts], n),
                "lasts": sums(ids[last_rows], n),
                "returned": sums(ids, n, (self.codes["outcome"] == returned).astype(np.int64)),
                "gap_events": sums(ids[later], n),
                "gap_total_ms": sums(ids[later], n, gap),
            }
        )
        tables = {"steps": steps}
        if not len(later):
            return tables
        bucket = gap_buckets(gap)
        pair = {"flow_code": flow[later], "step_code": step[later]}
        g_ids, g_n, g_keys = self._group(pair, {"bucket": bucket})
        tables["gaps"] = pa.table({**g_keys, "events": sums(g_ids, g_n)})
        if exact_gaps:
            packed, counts = np.unique(
                (ids[later] << _DURATION_BITS) | np.minimum(gap, _DURATION_MAX), return_counts=True
            )
            rows = pa.array(packed >> _DURATION_BITS)
            exact = {k: keys[k].take(rows) for k in ("flow_code", "step_code")}
            tables["gap_values"] = pa.table({**exact, "gap_ms": packed & _DURATION_MAX, "events": counts})
        f_ids, f_n, f_keys = self._group(
            {"flow_code": flow[later], "from_step": step[later - 1], "to_step": step[later]}, {}
        )
        tables["follows"] = pa.table({**f_keys, "events": sums(f_ids, f_n), "gap_total_ms": sums(f_ids, f_n, gap)})
        return tables

    def variants(self) -> pa.Table:
        """办理路径：流程 × 路径键 → 办件数，附一条路径。

        The key is a sum of one 64-bit weight per (position, step), XOR the flow's key: no ordered aggregate is needed.
        Without the flow, equal paths of different flows would merge.
        """
        position = np.arange(len(self.time)) - np.repeat(self.starts, self.case_rows)
        step_hash = stable_hashes(self.values["step_code"])
        flow_hash = stable_hashes(self.values["flow_code"])
        weights = _mixed(
            step_hash[self.codes["step_code"]] + (position.astype(np.uint64) + np.uint64(1)) * np.uint64(_GOLDEN)
        )
        flow = self._of_case("flow_code")
        key = np.add.reduceat(weights, self.starts) ^ _mixed(flow_hash)[flow]
        unique, first, counts = np.unique(key, return_index=True, return_counts=True)
        lengths = self.case_rows[first]
        offsets = np.r_[0, np.cumsum(lengths)]
        rows = np.arange(offsets[-1]) - np.repeat(offsets[:-1] - self.starts[first], lengths)
        names = pa.array(self.values["step_code"], pa.string()).take(pa.array(self.codes["step_code"][rows]))
        return pa.table(
            {
                "flow_code": text_column(flow[first], self.values["flow_code"]),
                "variant": unique,
                "path": pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), names),
                "cases": counts,
            }
        )


_GOLDEN = 0x9E3779B97F4A7C15
_BASE_NAMES = {"from_step": "step_code", "to_step": "step_code"}


def _base(name: str) -> str:
    return _BASE_NAMES.get(name, name)


def gap_buckets(gap_ms: np.ndarray) -> np.ndarray:
    """间隔（毫秒）→ 对数桶号：0 为不足一毫秒，其后每桶宽 2 %。"""
    with np.errstate(divide="ignore"):
        raw = np.floor(np.log(np.maximum(gap_ms, 1)) / _LOG_RATIO).astype(np.int64) + 1
    return np.where(gap_ms < 1, 0, raw)


def bucket_middle_ms(bucket: np.ndarray) -> np.ndarray:
    """桶的几何中值，毫秒。"""
    return np.where(bucket == 0, 0.0, np.exp((bucket - 0.5) * _LOG_RATIO))


def variant_key(flow_code: str, path: Sequence[str]) -> int:
    """一条路径的键，与内核所算相同；供对照与检验。"""
    total = np.zeros(1, np.uint64)
    for position, step in enumerate(path, start=1):
        raw = np.array([(stable_hash(step) + position * _GOLDEN) % (1 << 64)], np.uint64)
        total = total + _mixed(raw)
    return int((total ^ _mixed(np.array([stable_hash(flow_code)], np.uint64)))[0])


def weighted_quantiles(
    group: np.ndarray, value: np.ndarray, weight: np.ndarray, groups: int, levels: Sequence[float]
) -> np.ndarray:
    """各组的分位数（最近秩，取实际出现的值），形状 (groups, len(levels))；空组为 -1。

    Nearest rank: the smallest observed value with at least q·n observations at or below it. It needs no interpolation,
    so every engine gives the same integer.
    """
    order = np.lexsort((value, group)) if len(group) else np.empty(0, np.int64)
    group, value, weight = group[order], value[order], weight[order]
    cumulated = np.cumsum(weight)
    totals = sums(group, groups, weight)
    before = np.r_[0, np.cumsum(totals)[:-1]]
    result = np.full((groups, len(levels)), -1, np.int64)
    filled = np.flatnonzero(totals)
    for column, level in enumerate(levels):
        # Integer thousandths keep q·n exact: 0.95 × 20 must be 19, not 19.000000000000002.
        rank = -(-totals[filled] * round(level * 1000) // 1000)
        result[filled, column] = value[np.searchsorted(cumulated, before[filled] + np.maximum(rank, 1))]
    return result
