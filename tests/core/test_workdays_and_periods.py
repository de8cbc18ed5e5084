"""工作日与期间。"""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanze.core.periods import Dated, Period, as_of
from quanze.core.workdays import WorkCalendar

# 2024 年国庆前后：10月1日至7日放假，9月29日、10月12日上班。
GOLDEN_WEEK = WorkCalendar(
    published_years=frozenset({2024}),
    exceptions={date(2024, 10, n): True for n in range(1, 8)} | {date(2024, 9, 29): False, date(2024, 10, 12): False},
)
DAYS = st.dates(min_value=date(2023, 1, 1), max_value=date(2026, 12, 31))


def test_day_zero_never_counts_and_make_up_days_do():
    due = GOLDEN_WEEK.due(date(2024, 9, 27), 15)
    assert (due.on, due.projected) == (date(2024, 10, 23), False)


def test_a_due_date_that_reaches_into_an_unpublished_year_says_so():
    assert GOLDEN_WEEK.due(date(2024, 12, 30), 5).projected


def test_remaining_is_zero_on_the_day_and_negative_after():
    assert GOLDEN_WEEK.remaining(date(2024, 10, 23), date(2024, 10, 23)) == 0
    assert GOLDEN_WEEK.remaining(date(2024, 10, 23), date(2024, 10, 25)) == -2
    assert GOLDEN_WEEK.remaining(date(2024, 10, 23), date(2024, 10, 18)) == 3


@given(DAYS, st.integers(min_value=0, max_value=60))
def test_counting_forth_and_back_agree(start, span):
    due = GOLDEN_WEEK.due(start, span)
    assert GOLDEN_WEEK.between(start, due.on) == span
    assert span == 0 or GOLDEN_WEEK.is_workday(due.on)


@given(DAYS, st.integers(min_value=0, max_value=40), st.integers(min_value=0, max_value=40))
def test_a_longer_span_is_never_due_earlier(start, one, other):
    short, long = sorted((one, other))
    assert GOLDEN_WEEK.due(start, short).on <= GOLDEN_WEEK.due(start, long).on


def test_half_open_periods_meet_without_overlap():
    first, second = Period(date(2024, 1, 1), date(2024, 5, 1)), Period(date(2024, 5, 1))
    assert not first.overlaps(second)
    assert not first.contains(date(2024, 5, 1))
    assert second.contains(date(2024, 5, 1))


@given(DAYS, st.integers(1, 400), DAYS, st.integers(1, 400))
def test_overlap_means_a_common_day(a, m, b, n):
    one, other = Period(a, a + timedelta(days=m)), Period(b, b + timedelta(days=n))
    common = max(a, b) < min(a + timedelta(days=m), b + timedelta(days=n))
    assert one.overlaps(other) == common == other.overlaps(one)


def test_a_period_must_go_forward():
    with pytest.raises(ValueError, match="晚于"):
        Period(date(2024, 5, 1), date(2024, 5, 1))


def test_the_value_in_force_is_the_last_that_began():
    values = [Dated(date(2020, 1, 1), 20), Dated(date(2024, 1, 1), 15)]
    assert as_of(values, date(2023, 12, 31)).value == 20
    assert as_of(values, date(2024, 1, 1)).value == 15
    assert as_of(values, date(2019, 1, 1)) is None
