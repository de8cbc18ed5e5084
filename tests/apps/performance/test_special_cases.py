"""特殊情形的判定：三种情形，阈值可设，未观察满的不判。"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from quanze.apps.performance.domain.special_cases import (
    ItemRun,
    SpecialCase,
    Thresholds,
    flags,
    is_large_change,
    months_before,
    window,
)

W17 = Thresholds(dormant_months=24, seldom_months=24, seldom_runs=3, change_ratio=Decimal("0.5"), change_min_cases=10)
TODAY = date(2026, 11, 22)
LONG_AGO = date(2020, 1, 1)


def item(code: str, cases: dict[date, int], *, since: date = LONG_AGO, watched: date | None = LONG_AGO) -> ItemRun:
    return ItemRun(code, "B1", since, watched, cases)


def kinds(items: list[ItemRun], thresholds: Thresholds = W17, as_of: date = TODAY) -> set[tuple[str, str]]:
    return {(f.item_code, str(f.kind)) for f in flags(items, thresholds, as_of=as_of)}


@pytest.mark.req("W-17")
def test_a_window_of_24_months_and_three_runs_gives_exactly_the_two_sets() -> None:
    # given ten items over the window 2024-11 … 2026-10
    seeded = [
        item("never", {}),
        item("before the window", {date(2024, 10, 1): 9}),
        item("once", {date(2025, 5, 1): 1}),
        item("twice", {date(2024, 11, 1): 1, date(2026, 10, 1): 1}),
        item("three times", {date(2025, 1, 1): 1, date(2025, 6, 1): 1, date(2026, 1, 1): 1}),
        item("often", {months_before(date(2026, 10, 1), n): 2 for n in range(48)}),
        item("woke this month", {date(2026, 11, 1): 1}),
        item("new", {}, since=date(2026, 3, 1)),
        item("no data so long", {}, watched=date(2026, 3, 1)),
        item("no data at all", {}, watched=None),
    ]
    found = kinds(seeded)
    # then exactly these never ran, and exactly these ran seldom
    assert {c for c, k in found if k == SpecialCase.DORMANT} == {"never", "before the window"}
    assert {c for c, k in found if k == SpecialCase.SELDOM} == {"once", "twice", "woke this month"}


@pytest.mark.req("W-18")
@pytest.mark.parametrize(
    ("previous", "current", "is_flagged"),
    [
        (10, 25, True),  # +150 %
        (2, 4, False),  # small base
        (20, 30, False),  # exactly 50 % is not beyond it
        (20, 31, True),
        (20, 9, True),  # −55 %
        (20, 10, False),
        (0, 12, True),  # from nothing
        (0, 9, False),
        (12, 0, True),  # to nothing
        (0, 0, False),
    ],
)
def test_a_change_beyond_half_counts_with_at_least_ten_cases(previous: int, current: int, is_flagged: bool) -> None:
    assert is_large_change(current, previous, W17) is is_flagged


@pytest.mark.req("W-18")
def test_the_change_compares_twelve_full_months_with_the_twelve_before() -> None:
    # given 10 cases in 2024-11 … 2025-10 and 25 in the year after, and a quiet current month
    changed = item("I", {date(2025, 1, 1): 10, date(2025, 11, 1): 15, date(2026, 10, 1): 10})
    (flag,) = flags([changed], W17, as_of=TODAY)
    assert (flag.kind, flag.cases, flag.previous, flag.change) == (SpecialCase.CHANGED, 25, 10, Decimal("1.5"))
    assert flag.statement == "2025年11月至2026年10月办件 25 件，上年同期 10 件，同比 +150.0%"


def test_an_item_in_force_for_less_than_two_years_has_no_year_before() -> None:
    assert kinds([item("I", {date(2026, 5, 1): 40}, since=date(2025, 3, 1))]) == set()


def test_thresholds_decide() -> None:
    seldom = [item("I", {date(2026, 5, 1): 5})]
    assert kinds(seldom) == set()
    stricter = Thresholds(24, 12, 6, Decimal("0.5"), 10)
    assert kinds(seldom, stricter) == {("I", "seldom")}


def test_the_window_ends_with_the_last_full_month() -> None:
    assert window(date(2026, 3, 31), 12) == (date(2025, 3, 1), date(2026, 2, 1))
    assert window(date(2026, 1, 1), 1) == (date(2025, 12, 1), date(2025, 12, 1))
