"""读统计集：页面与评估要的数字，毫秒级。

A version of the marts is immutable, so it is mapped into memory once per process and indexed by body and by item; what
changes is only which version is current. Everything that leaves is a plain dataclass with plain Python values.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from quanze.core.errors import InvalidInput
from quanze.warehouse.grouping import codes_of, group_ids, sums
from quanze.warehouse.models import EventBatch, MartVersion
from quanze.warehouse.partials import load_arrow
from quanze.warehouse.store import warehouse_root

CASE_KEYS = ("item_code", "body_code", "division_code", "region_code", "sector", "month")
_CASE_MEASURES = ("cases", "completed", "refused", "withdrawn", "on_time", "late", "undated", "events")
EVENT_KEYS = ("body_code", "region_code", "sector", "month")
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class CaseCount:
    """一组办件的数目；未作分组依据的列为空。``month`` is the first day of the month in which the cases began.

    办结 = completed + refused + withdrawn；on_time、late 只计有期限者，undated 为办结而无期限者。
    """

    cases: int
    completed: int
    refused: int
    withdrawn: int
    on_time: int
    late: int
    undated: int
    events: int
    item_code: str = ""
    body_code: str = ""
    division_code: str = ""
    region_code: str = ""
    sector: str = ""
    month: date | None = None

    @property
    def closed(self) -> int:
        """办结数。"""
        return self.completed + self.refused + self.withdrawn

    @property
    def open(self) -> int:
        """在办数。"""
        return self.cases - self.closed


@dataclass(frozen=True, slots=True)
class EventCount:
    """一组事件的数目，按事件发生月。"""

    events: int
    body_code: str = ""
    region_code: str = ""
    sector: str = ""
    month: date | None = None


@dataclass(frozen=True, slots=True)
class ArrivalCount:
    """某机构某月发生的事件，在某一时刻送到的条数。"""

    body_code: str
    month: date
    arrived_at: datetime
    events: int


@dataclass(frozen=True, slots=True)
class OverdueCount:
    """某日仍未办结且已过期限的办件数。"""

    item_code: str
    body_code: str
    cases: int


@dataclass(frozen=True, slots=True)
class DurationSummary:
    """办结历时（毫秒）：事项 × 机构；分位数为最近秩，精确。"""

    item_code: str
    body_code: str
    cases: int
    p50_ms: int
    p90_ms: int
    p95_ms: int


@dataclass(frozen=True, slots=True)
class StepSummary:
    """流程环节：频次、首末次数、退回数、距上一环节的时间（毫秒；分位数误差不超过 1 %，无则为 -1）。"""

    flow_code: str
    step_code: str
    events: int
    firsts: int
    lasts: int
    returned: int
    gap_events: int
    gap_total_ms: int
    p50_ms: int
    p90_ms: int


@dataclass(frozen=True, slots=True)
class FollowSummary:
    """直接后继：from 之后紧接 to 的次数与合计时间（毫秒）。"""

    flow_code: str
    from_step: str
    to_step: str
    events: int
    gap_total_ms: int


@dataclass(frozen=True, slots=True)
class VariantSummary:
    """办理路径：某流程第 rank 常见的路径；flow_variants 为该流程路径总数。"""

    flow_code: str
    rank: int
    path: tuple[str, ...]
    cases: int
    flow_variants: int


class _Mart:
    """一张映射在内存里的表及其按编码的行索引。"""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self._codes: dict[str, tuple[np.ndarray, list[str]]] = {}
        self._rows_by: dict[str, tuple[np.ndarray, np.ndarray, dict[str, int]]] = {}

    def codes(self, name: str) -> tuple[np.ndarray, list[str]]:
        if name not in self._codes:
            self._codes[name] = codes_of(self.table[name])
        return self._codes[name]

    def numbers(self, name: str) -> np.ndarray:
        return self.table[name].chunk(0).to_numpy() if self.table.num_rows else np.empty(0, np.int64)

    def rows_with(self, name: str, wanted: Collection[str]) -> np.ndarray:
        """某列取值在 ``wanted`` 中的行号，升序。"""
        if name not in self._rows_by:
            codes, values = self.codes(name)
            order = np.argsort(codes, kind="stable")
            ends = np.searchsorted(codes[order], np.arange(len(values) + 1))
            self._rows_by[name] = (order, ends, {v: i for i, v in enumerate(values)})
        order, ends, place = self._rows_by[name]
        parts = [order[ends[place[w]] : ends[place[w] + 1]] for w in set(wanted) if w in place]
        return np.sort(np.concatenate(parts)) if parts else np.empty(0, np.int64)

    def filtered(self, rows: np.ndarray, name: str, wanted: Collection[str]) -> np.ndarray:
        codes, values = self.codes(name)
        allowed = np.array([v in wanted for v in values], bool)
        return rows[allowed[codes[rows]]] if len(rows) else rows

    def selected(self, filters: dict[str, Collection[str] | None]) -> np.ndarray:
        """满足全部条件的行；首个条件走索引，其余逐行过滤。"""
        rows: np.ndarray | None = None
        for name, wanted in filters.items():
            if wanted is None:
                continue
            rows = self.rows_with(name, wanted) if rows is None else self.filtered(rows, name, frozenset(wanted))
        return np.arange(self.table.num_rows) if rows is None else rows


class _Version:
    """一个版本的全部表，用到才映射。"""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def mart(self, name: str) -> _Mart:
        mart = self.__dict__.get(f"mart_{name}")
        if mart is None:
            mart = self.__dict__[f"mart_{name}"] = _Mart(load_arrow(self.folder / f"{name}.arrow"))
        return mart


_loaded: dict[Path, _Version] = {}
_loading = threading.Lock()


def _current() -> _Version | None:
    """现行版本；目录若已丢失，当作没有，重算即可恢复。"""
    version = MartVersion.objects.filter(is_current=True).only("folder").first()
    if version is None:
        return None
    folder = warehouse_root() / version.folder
    found = _loaded.get(folder)
    if found is None:
        if not folder.is_dir():
            return None
        with _loading:
            found = _Version(folder)
            _loaded.clear()
            _loaded[folder] = found
    return found


def case_counts(
    *,
    by: Sequence[str] = (),
    body_codes: Collection[str] | None = None,
    item_codes: Collection[str] | None = None,
    from_month: date | None = None,
    to_month: date | None = None,
) -> list[CaseCount]:
    """办件数，按 ``by`` 中的列分组（``item_code body_code division_code region_code sector month``）。

    ``from_month`` and ``to_month`` are months (any day in them), both included. Groups come sorted by their keys.
    """
    for name in by:
        if name not in CASE_KEYS:
            raise InvalidInput(f"办件数不能按“{name}”分组", code="mart_key")
    version = _current()
    if version is None:
        return []
    mart = version.mart("cases")
    rows = mart.selected({"body_code": body_codes, "item_code": item_codes})
    rows = _within(mart, rows, from_month, to_month)
    return [CaseCount(**g) for g in _grouped(mart, rows, by, _CASE_MEASURES)]


def event_counts(
    *,
    by: Sequence[str] = (),
    body_codes: Collection[str] | None = None,
    from_month: date | None = None,
    to_month: date | None = None,
) -> list[EventCount]:
    """事件数，按 ``by`` 中的列分组（``body_code region_code sector month``）。"""
    for name in by:
        if name not in EVENT_KEYS:
            raise InvalidInput(f"事件数不能按“{name}”分组", code="mart_key")
    version = _current()
    if version is None:
        return []
    mart = version.mart("events")
    rows = mart.selected({"body_code": body_codes})
    rows = _within(mart, rows, from_month, to_month)
    return [EventCount(**g) for g in _grouped(mart, rows, by, ("events",))]


def arrival_counts(
    *, body_codes: Collection[str] | None = None, from_month: date | None = None, to_month: date | None = None
) -> list[ArrivalCount]:
    """事件何时送到：机构 × 事件发生月 × 批次送入时间。"""
    version = _current()
    if version is None:
        return []
    mart = version.mart("arrivals")
    rows = _within(mart, mart.selected({"body_code": body_codes}), from_month, to_month)
    found = mart.table.take(pa.array(rows)).to_pylist()
    arrived = dict(EventBatch.objects.filter(id__in={r["batch_id"] for r in found}).values_list("id", "created_at"))
    return [
        ArrivalCount(r["body_code"], date(r["month"] // 100, r["month"] % 100, 1), arrived[r["batch_id"]], r["events"])
        for r in found
    ]


def overdue_open_counts(
    *, on: date, body_codes: Collection[str] | None = None, item_codes: Collection[str] | None = None
) -> list[OverdueCount]:
    """某日仍在办且期限已过的办件：a case due on that very day is not overdue yet."""
    version = _current()
    if version is None:
        return []
    mart = version.mart("open_due")
    rows = mart.selected({"body_code": body_codes, "item_code": item_codes})
    rows = rows[mart.numbers("due_day")[rows] < (on - _EPOCH).days]
    groups = _grouped(mart, rows, ("item_code", "body_code"), ("cases",))
    return [OverdueCount(**g) for g in groups]


def duration_summaries(
    *, body_codes: Collection[str] | None = None, item_codes: Collection[str] | None = None
) -> list[DurationSummary]:
    """办结历时分位数，事项 × 机构，全部时间。"""
    return [DurationSummary(**r) for r in _rows("durations", {"body_code": body_codes, "item_code": item_codes})]


def step_summaries(*, flow_codes: Collection[str] | None = None) -> list[StepSummary]:
    """流程各环节。"""
    return [StepSummary(**r) for r in _rows("steps", {"flow_code": flow_codes})]


def follow_summaries(*, flow_codes: Collection[str] | None = None) -> list[FollowSummary]:
    """直接后继矩阵。"""
    return [FollowSummary(**r) for r in _rows("follows", {"flow_code": flow_codes})]


def variant_summaries(*, flow_codes: Collection[str] | None = None) -> list[VariantSummary]:
    """最常见的办理路径，每一流程至多二十条。"""
    return [
        VariantSummary(r["flow_code"], r["rank"], tuple(r["path"]), r["cases"], r["flow_variants"])
        for r in _rows("variants", {"flow_code": flow_codes})
    ]


def _rows(name: str, filters: dict[str, Collection[str] | None]) -> list[dict[str, Any]]:
    version = _current()
    if version is None:
        return []
    mart = version.mart(name)
    return mart.table.take(pa.array(mart.selected(filters))).to_pylist()


def _grouped(mart: _Mart, rows: np.ndarray, by: Sequence[str], measures: Sequence[str]) -> list[dict[str, Any]]:
    if not len(rows):
        return []
    codes, labels = [np.zeros(len(rows), np.int64)], []
    sizes = [1]
    for name in by:
        if name == "month":
            unique, index = np.unique(mart.numbers("month")[rows], return_inverse=True)
            values: list[Any] = [date(m // 100, m % 100, 1) for m in unique.tolist()]
        else:
            all_codes, texts = mart.codes(name)
            index, values = all_codes[rows], list(texts)
        codes.append(index)
        sizes.append(len(values))
        labels.append((name, index, values))
    ids, first = group_ids(codes, sizes)
    totals = {m: sums(ids, len(first), mart.numbers(m)[rows]) for m in measures}
    groups = [
        {m: int(totals[m][g]) for m in measures} | {name: values[index[row]] for name, index, values in labels}
        for g, row in enumerate(first.tolist())
    ]
    return sorted(groups, key=lambda g: tuple(g[name] for name in by))


def _within(mart: _Mart, rows: np.ndarray, from_month: date | None, to_month: date | None) -> np.ndarray:
    months = mart.numbers("month")
    if from_month is not None:
        rows = rows[months[rows] >= _month_number(from_month)]
    if to_month is not None:
        rows = rows[months[rows] <= _month_number(to_month)]
    return rows


def _month_number(day: date) -> int:
    return day.year * 100 + day.month
