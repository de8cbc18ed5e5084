"""特殊情形：长期不运行、运行频次不高、办件量同比变化较大（评估指标“专项说明”的三种情形）。

An item is judged only on what could be observed: it must have been in force, and run data must exist, over the whole span
looked at. What was watched for a shorter time is neither dormant nor seldom, it is not yet known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class SpecialCase(StrEnum):
    """特殊情形的种类。"""

    DORMANT = "dormant"
    SELDOM = "seldom"
    CHANGED = "changed"


SPECIAL_CASE_LABELS: dict[str, str] = {
    SpecialCase.DORMANT: "长期不运行",
    SpecialCase.SELDOM: "运行频次不高",
    SpecialCase.CHANGED: "办件量同比变化较大",
}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """判定阈值。

    ``dormant_months``: no case in so many months. ``seldom_months`` and ``seldom_runs``: fewer than so many cases in so
    many months. ``change_ratio`` (0.5 = 50 %) counts only when one of the two years has ``change_min_cases`` cases.
    """

    dormant_months: int
    seldom_months: int
    seldom_runs: int
    change_ratio: Decimal
    change_min_cases: int


@dataclass(frozen=True, slots=True)
class ItemRun:
    """一项事项的运行情况：各月办件数（月首日 → 件数）、施行起日、该机构运行数据起始月。"""

    item_code: str
    body_code: str
    in_force_since: date
    watched_since: date | None
    cases: Mapping[date, int]


@dataclass(frozen=True, slots=True)
class ItemFlag:
    """判为特殊情形的一项：种类、件数、上年同期件数、变化率（无法计算为空）、说明。"""

    item_code: str
    body_code: str
    kind: SpecialCase
    cases: int
    previous: int | None
    change: Decimal | None
    statement: str


def month_of(day: date) -> date:
    """所在月的首日。"""
    return day.replace(day=1)


def months_before(month: date, count: int) -> date:
    """往前数若干个月。"""
    index = month.year * 12 + month.month - 1 - count
    return date(index // 12, index % 12 + 1, 1)


def window(as_of: date, months: int) -> tuple[date, date]:
    """截至 as_of 所在月之前的若干个整月：首月与末月。The current month is not over and would look like a decline."""
    last = months_before(month_of(as_of), 1)
    return months_before(last, months - 1), last


def cases_within(cases: Mapping[date, int], span: tuple[date, date]) -> int:
    """区间内的办件数，首末月都计入。"""
    return sum(n for month, n in cases.items() if span[0] <= month <= span[1])


def year_on_year(current: int, previous: int) -> Decimal | None:
    """同比变化率；上年为零而本年有，无从相除，为空。"""
    return None if previous == 0 else (Decimal(current) - previous) / Decimal(previous)


def is_large_change(current: int, previous: int, thresholds: Thresholds) -> bool:
    """同比是否变化较大。

    10→25 is (+150 %), 2→4 is not: the base is small. The base is the larger of the two years, so that a fall from 40 to
    nothing and a rise from nothing to 40 both count.
    """
    if max(current, previous) < thresholds.change_min_cases:
        return False
    change = year_on_year(current, previous)
    return current > 0 if change is None else abs(change) > thresholds.change_ratio


def flags(items: Iterable[ItemRun], thresholds: Thresholds, *, as_of: date) -> list[ItemFlag]:
    """逐项判定。An item that is dormant is not also called seldom; a change may come on top of seldom."""
    found: list[ItemFlag] = []
    for item in items:
        dormant = _dormant(item, thresholds, as_of)
        if dormant is not None:
            found.append(dormant)
            continue
        found += [f for f in (_seldom(item, thresholds, as_of), _changed(item, thresholds, as_of)) if f is not None]
    return found


def is_watched(item: ItemRun, since: date) -> bool:
    """自某月起是否一直在施行且有运行数据。"""
    return month_of(item.in_force_since) <= since and item.watched_since is not None and item.watched_since <= since


def _dormant(item: ItemRun, thresholds: Thresholds, as_of: date) -> ItemFlag | None:
    span = window(as_of, thresholds.dormant_months)
    # A case of the current month wakes an item at once, though the month itself is not part of the window.
    recent = item.cases.get(month_of(as_of), 0)
    if not is_watched(item, span[0]) or cases_within(item.cases, span) or recent:
        return None
    statement = f"{_months(span)}共 {thresholds.dormant_months} 个月没有办件"
    return ItemFlag(item.item_code, item.body_code, SpecialCase.DORMANT, 0, None, None, statement)


def _seldom(item: ItemRun, thresholds: Thresholds, as_of: date) -> ItemFlag | None:
    span = window(as_of, thresholds.seldom_months)
    cases = cases_within(item.cases, span)
    if not is_watched(item, span[0]) or cases >= thresholds.seldom_runs:
        return None
    statement = f"{_months(span)}办件 {cases} 件，少于 {thresholds.seldom_runs} 件"
    return ItemFlag(item.item_code, item.body_code, SpecialCase.SELDOM, cases, None, None, statement)


def _changed(item: ItemRun, thresholds: Thresholds, as_of: date) -> ItemFlag | None:
    span = window(as_of, 12)
    before = (months_before(span[0], 12), months_before(span[1], 12))
    if not is_watched(item, before[0]):
        return None
    current, previous = cases_within(item.cases, span), cases_within(item.cases, before)
    if not is_large_change(current, previous, thresholds):
        return None
    change = year_on_year(current, previous)
    words = "上年同期没有办件" if change is None else f"同比 {_percent(change)}"
    statement = f"{_months(span)}办件 {current} 件，上年同期 {previous} 件，{words}"
    return ItemFlag(item.item_code, item.body_code, SpecialCase.CHANGED, current, previous, change, statement)


def _months(span: tuple[date, date]) -> str:
    return f"{span[0].year}年{span[0].month}月至{span[1].year}年{span[1].month}月"


def _percent(change: Decimal) -> str:
    return f"{change * 100:+.1f}%"
