"""事件集：读入而尚未入库的一批事件，对外不透明。

An app asks it for the distinct values of a column, judges those, and hands the judgement back as lookups and
exclusions: a million rows are validated without a loop over rows outside of the warehouse. Every method returns a new
frame; nothing is changed in place. A case is one thing: when one of its rows is held back, all of them are, because a
case with a hole in it would be counted wrongly and could not be completed by a corrected resend.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from quanze.core.errors import InvalidInput
from quanze.warehouse.checking import FRAME_FIELDS, RowProblem, checked_columns
from quanze.warehouse.columns import CODE_FIELDS, INSTANT
from quanze.warehouse.grouping import codes_of, group_ids, single_chunk, sums, text_column
from quanze.warehouse.kernel import LOCAL_OFFSET_MS
from quanze.warehouse.layout import ranked
from quanze.warehouse.mapping import ColumnMapping

MAX_LISTED_PROBLEMS = 1000
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class EventRow:
    """一条流程事件，供程序逐条送入。Times carry a time zone."""

    case_id: str
    step_code: str
    item_code: str
    body_code: str
    occurred_at: datetime
    step_no: int
    item_version: int = 0
    flow_code: str = ""
    division_code: str | None = None
    post_code: str | None = None
    region_code: str = ""
    sector: str = ""
    due_at: datetime | None = None
    outcome: str = "normal"


@dataclass(frozen=True, slots=True)
class ValueGroup:
    """一组取值：各列的值、行数、办件数、这些办件最早与最晚的开始时间。"""

    values: tuple[str, ...]
    rows: int
    cases: int
    first_start: datetime
    last_start: datetime


@dataclass(frozen=True, slots=True)
class Exclusion:
    """排除条件：列值都相等的办件，可限定办件开始于 [starts_from, starts_until) 之间。"""

    reason: str
    values: Mapping[str, str]
    starts_from: datetime | None = None
    starts_until: datetime | None = None

    @property
    def is_dated(self) -> bool:
        return self.starts_until is not None or self.starts_from is not None


@dataclass(frozen=True, slots=True)
class ExcludedGroup:
    """被排除事件的汇总：理由 × 事项 × 机构 × 办件开始月（yyyy-mm），与文件中的第一行。"""

    reason: str
    item_code: str
    body_code: str
    month: str
    rows: int
    cases: int
    first_row: int = 0


@dataclass(frozen=True)
class EventFrame:
    """事件集。

    ``rows_read`` counts the data rows of the file; ``problem_counts`` counts every problem, ``problems`` lists the
    first thousand.
    """

    _table: pa.Table
    file_name: str
    digest: str
    rows_read: int
    problems: tuple[RowProblem, ...] = ()
    problem_counts: Mapping[str, int] | None = None
    rows_held_back: int = 0

    @property
    def rows(self) -> int:
        """可用行数。"""
        return int(self._table.num_rows)

    @property
    def cases(self) -> int:
        """可用办件数。"""
        return len(codes_of(self._table["case_id"])[1]) if self.rows else 0

    @property
    def cases_without_version(self) -> int:
        """没有对应清单版本的办件数（始于清单施行之前）。"""
        case, _ = codes_of(self._table["case_id"])
        version = single_chunk(self._table["item_version"]).fill_null(0).to_numpy(zero_copy_only=False)
        return len(np.unique(case[version == 0]))

    @property
    def bad_rows(self) -> int:
        """有问题的行数（不含因同一办件有问题而一并扣下的行）。"""
        return sum((self.problem_counts or {}).values())

    def groups(self, *names: str) -> list[ValueGroup]:
        """若干编码列的不同取值组合。"""
        if not self.rows:
            return []
        coded = [codes_of(self._table[n]) for n in names]
        ids, first = group_ids([c for c, _ in coded], [len(v) for _, v in coded])
        case, starts = self._case_starts()
        row_start = starts[case]
        low = np.full(len(first), np.iinfo(np.int64).max)
        high = np.full(len(first), np.iinfo(np.int64).min)
        np.minimum.at(low, ids, row_start)
        np.maximum.at(high, ids, row_start)
        _, pair_first = group_ids([ids, case], [len(first), len(starts)])
        cases = np.bincount(ids[pair_first], minlength=len(first))
        rows = sums(ids, len(first))
        return [
            ValueGroup(
                tuple(v[c[row]] for c, v in coded), int(rows[g]), int(cases[g]), _instant(low[g]), _instant(high[g])
            )
            for g, row in enumerate(first)
        ]

    def distinct(self, name: str) -> list[str]:
        """一列的不同取值。"""
        return sorted({g.values[0] for g in self.groups(name)})

    def filled(self, name: str, by: str, values: Mapping[str, Any], *, only_empty: bool = True) -> EventFrame:
        """以 ``by`` 列的取值查表填充 ``name`` 列；查不到的不动。Only empty cells are filled unless told otherwise."""
        if not self.rows:
            return self
        keys, names = codes_of(self._table[by])
        if name not in CODE_FIELDS:
            raise InvalidInput(f"不能填充“{name}”列", code="fill_field")
        old_codes, old_values = codes_of(self._table[name])
        merged = list(dict.fromkeys([*old_values, *(str(values[n]) for n in names if n in values)]))
        place = {v: i for i, v in enumerate(merged)}
        looked = np.array([place[str(values[n])] if n in values else -1 for n in names], np.int64)[keys]
        old = np.array([place[v] for v in old_values], np.int64)[old_codes]
        is_empty = np.array([v == "" for v in old_values])[old_codes]
        use = (looked >= 0) & (is_empty if only_empty else True)
        return self._with(name, text_column(np.where(use, looked, old), merged))

    def versioned(self, periods: Mapping[str, Sequence[tuple[datetime, int]]]) -> EventFrame:
        """按事项与办件开始时间填版本号：``periods`` 为事项 → （生效时刻、版本号），升序。

        A case that began before the first of them gets 0: there was no list to name a version of.
        """
        if not self.rows:
            return self
        item, names = codes_of(self._table["item_code"])
        case, starts = self._case_starts()
        # One sorted axis for all items: the item's number in the high bits, the moment in the low ones.
        entries = sorted(
            ((i << 44) + _millis(since), number)
            for i, name in enumerate(names)
            for since, number in periods.get(name, ())
        )
        keys = np.array([k for k, _ in entries], np.int64)
        numbers = np.array([0, *(n for _, n in entries)], np.int32)
        wanted = (item << 44) + starts[case]
        at = np.searchsorted(keys, wanted, side="right")
        same = np.zeros(len(wanted), bool)
        same[at > 0] = (keys[at[at > 0] - 1] >> 44) == item[at > 0]
        old = single_chunk(self._table["item_version"]).fill_null(0).to_numpy(zero_copy_only=False)
        found = np.where(same, numbers[np.where(same, at, 0)], 0).astype(np.int32)
        return self._with("item_version", pa.array(np.where(old > 0, old, found), pa.int32()))

    def filled_from(self, name: str, other: str) -> EventFrame:
        """空的 ``name`` 取同行 ``other`` 的值（如未给流程编码者以事项为流程）。"""
        return self.filled(name, other, {v: v for v in self.distinct(other)})

    def divided(
        self, exclusions: Sequence[Exclusion], *, spared_cases: frozenset[str] = frozenset()
    ) -> tuple[EventFrame, EventFrame, tuple[ExcludedGroup, ...]]:
        """按排除条件分为可入库与待核实两部分，连同后者的汇总。

        Whole cases move. A dated condition spares ``spared_cases``: an open case may be closed after its item ended.
        """
        if not self.rows or not exclusions:
            return self, self._only(np.zeros(self.rows, bool)), ()
        case, starts = self._case_starts()
        _, case_names = codes_of(self._table["case_id"])
        spared = np.array([n in spared_cases for n in case_names]) if spared_cases else np.zeros(len(starts), bool)
        reasons = list(dict.fromkeys(e.reason for e in exclusions))
        reason_of_case = np.full(len(starts), -1, np.int64)
        cases_with: dict[tuple[str, ...], dict[tuple[str, ...], np.ndarray]] = {}
        for exclusion in exclusions:
            names = tuple(sorted(exclusion.values))
            if names not in cases_with:
                cases_with[names] = self._cases_by_values(names, case, len(starts))
            cases = cases_with[names].get(tuple(exclusion.values[n] for n in names))
            if cases is None:
                continue
            if exclusion.is_dated:
                within = np.ones(len(cases), bool)
                if exclusion.starts_from is not None:
                    within &= starts[cases] >= _millis(exclusion.starts_from)
                if exclusion.starts_until is not None:
                    within &= starts[cases] < _millis(exclusion.starts_until)
                cases = cases[within & ~spared[cases]]
            cases = cases[reason_of_case[cases] < 0]
            reason_of_case[cases] = reasons.index(exclusion.reason)
        reason = reason_of_case[case]
        taken = reason >= 0
        return self._only(~taken), self._only(taken), self._summary(reason, reasons, case, starts, taken)

    def sample(self, limit: int) -> list[dict[str, Any]]:
        """前若干行，供预览。"""
        return [{k: v for k, v in row.items() if k != "row_no"} for row in self._table.slice(0, limit).to_pylist()]

    def with_digest(self, digest: str) -> EventFrame:
        """同样的事件，以另一摘要为准：what counts as the same content may include how the file was read."""
        return replace(self, digest=digest)

    def case_ids(self) -> list[str]:
        """全部办件编号。"""
        return codes_of(self._table["case_id"])[1] if self.rows else []

    def _cases_by_values(
        self, names: tuple[str, ...], case: np.ndarray, case_count: int
    ) -> dict[tuple[str, ...], np.ndarray]:
        """各取值组合 → 含有它的办件，一次算出，排除条件再多也不重扫。"""
        coded = [codes_of(self._table[n]) for n in names]
        ids, first = group_ids([c for c, _ in coded], [len(v) for _, v in coded])
        _, pair = group_ids([ids, case], [len(first), case_count])
        pair = pair[np.argsort(ids[pair], kind="stable")]
        ends = np.searchsorted(ids[pair], np.arange(len(first)), side="right")
        begins = np.r_[0, ends[:-1]]
        return {
            tuple(v[c[row]] for c, v in coded): case[pair[begins[g] : ends[g]]] for g, row in enumerate(first.tolist())
        }

    def _summary(
        self, reason: np.ndarray, reasons: list[str], case: np.ndarray, starts: np.ndarray, taken: np.ndarray
    ) -> tuple[ExcludedGroup, ...]:
        item, items = codes_of(self._table["item_code"])
        body, bodies = codes_of(self._table["body_code"])
        local = (starts + LOCAL_OFFSET_MS).astype("datetime64[ms]").astype("datetime64[M]")
        months, month_of_case = np.unique(local.astype(str), return_inverse=True)
        rows = np.flatnonzero(taken)
        columns = [reason[rows], item[rows], body[rows], month_of_case[case[rows]]]
        ids, first = group_ids(columns, [len(reasons), len(items), len(bodies), len(months)])
        counts = sums(ids, len(first))
        _, pair_first = group_ids([ids, case[rows]], [max(len(first), 1), len(starts)])
        cases = np.bincount(ids[pair_first], minlength=len(first))
        at = rows[first]
        row_no = self._table["row_no"].to_numpy()[rows]
        first_row = np.full(len(first), np.iinfo(np.int64).max)
        np.minimum.at(first_row, ids, row_no)
        return tuple(
            ExcludedGroup(
                reasons[reason[r]],
                items[item[r]],
                bodies[body[r]],
                str(months[month_of_case[case[r]]]),
                int(counts[g]),
                int(cases[g]),
                int(first_row[g]),
            )
            for g, r in enumerate(at)
        )

    def _case_starts(self) -> tuple[np.ndarray, np.ndarray]:
        case, names = codes_of(self._table["case_id"])
        time = single_chunk(self._table["occurred_at"]).cast(pa.int64()).to_numpy(zero_copy_only=False)
        starts = np.full(len(names), np.iinfo(np.int64).max)
        np.minimum.at(starts, case, time)
        return case, starts

    def _with(self, name: str, column: pa.Array) -> EventFrame:
        table = self._table.set_column(self._table.schema.get_field_index(name), name, column)
        return replace(self, _table=table)

    def _only(self, mask: np.ndarray) -> EventFrame:
        return replace(self, _table=self._table.filter(pa.array(mask)).combine_chunks())


def frame_of(
    table: pa.Table,
    bad: np.ndarray,
    closing: np.ndarray,
    *,
    mapping: ColumnMapping,
    file_name: str,
    digest: str,
    rows_read: int,
    problems: Sequence[RowProblem],
    problem_counts: Mapping[str, int],
    broken_cases: frozenset[str] = frozenset(),
) -> EventFrame:
    """检查过的行 → 事件集：扣下有问题的办件，按时间编环节序号，标记办结。

    ``broken_cases`` are cases with a row that never became a row of the table.
    """
    held = 0
    if bad.any() or broken_cases:
        case, names = codes_of(table["case_id"])
        broken = np.array([n in broken_cases for n in names], bool)
        broken[case[bad]] = True
        keep = ~broken[case]
        held = int((~keep).sum()) - int(bad.sum())
        table, closing = table.filter(pa.array(keep)), closing[keep]
    table = table.unify_dictionaries().combine_chunks()
    if table.num_rows:
        table = _numbered(table, closing, mapping)
    listed = tuple(sorted(problems, key=lambda p: p.row)[:MAX_LISTED_PROBLEMS])
    return EventFrame(table, file_name, digest, rows_read, listed, dict(problem_counts), held)


def _numbered(table: pa.Table, closing: np.ndarray, mapping: ColumnMapping) -> pa.Table:
    case = ranked(table["case_id"])
    time = single_chunk(table["occurred_at"]).cast(pa.int64()).to_numpy(zero_copy_only=False)
    step = single_chunk(table["step_no"]).fill_null(0).to_numpy(zero_copy_only=False)
    is_given = bool((step > 0).all())
    # Equal times keep the order of the file: both sorts are stable.
    order = np.lexsort((step, case)) if is_given else np.lexsort((time, case))
    ordered = case[order]
    is_first = np.r_[True, ordered[1:] != ordered[:-1]]
    starts = np.flatnonzero(is_first)
    if not is_given:
        numbers = np.empty(len(order), np.int32)
        sizes = np.diff(np.r_[starts, len(order)])
        numbers[order] = np.arange(len(order)) - np.repeat(starts, sizes) + 1
        table = table.set_column(table.schema.get_field_index("step_no"), "step_no", pa.array(numbers))
    if closing.any():
        codes, values = codes_of(table["outcome"])
        if mapping.closing_outcome not in values:
            values.append(mapping.closing_outcome)
        is_closed = np.add.reduceat(closing[order].astype(np.int64), starts) > 0
        last_rows = order[np.r_[starts[1:], len(order)] - 1][is_closed]
        normal = values.index("normal") if "normal" in values else -1
        codes[last_rows[codes[last_rows] == normal]] = values.index(mapping.closing_outcome)
        table = table.set_column(table.schema.get_field_index("outcome"), "outcome", text_column(codes, values))
    return table


def frame_from_rows(rows: Iterable[EventRow], *, name: str, digest: str, now: datetime) -> EventFrame:
    """程序送入的事件 → 事件集。``digest`` names the content for the idempotency key."""
    chunk = list(rows)
    names = [f.name for f in fields(EventRow)]
    types = {"step_no": pa.int32(), "item_version": pa.int32(), "occurred_at": INSTANT, "due_at": INSTANT}
    columns = {n: pa.array([getattr(r, n) for r in chunk], types.get(n, pa.string())) for n in names}
    mapping = ColumnMapping(columns={n: n for n in names})
    row_no = np.arange(1, len(chunk) + 1)
    table, problems, closing = checked_columns(columns, row_no, mapping, now=now, detailed=MAX_LISTED_PROBLEMS)
    return frame_of(
        table,
        problems.bad,
        closing,
        mapping=mapping,
        file_name=name,
        digest=digest,
        rows_read=len(chunk),
        problems=problems.listed,
        problem_counts=problems.counts,
    )


def joined(frames: Sequence[EventFrame], *, file_name: str, digest: str) -> EventFrame:
    """几个事件集合为一个。"""
    tables = [f._table.select(FRAME_FIELDS) for f in frames if f.rows]
    if not tables:
        return replace(frames[0], file_name=file_name, digest=digest)
    table = pa.concat_tables(tables, promote_options="permissive").unify_dictionaries().combine_chunks()
    return EventFrame(table, file_name, digest, table.num_rows)


def _instant(millis: int | np.integer[Any]) -> datetime:
    return datetime.fromtimestamp(int(millis) / 1000, tz=UTC)


def _millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
