"""运行数据：六十天、五万条，何时起动都在刚过去的秋天；同一年份每次都一样。"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from quanze.demo import events
from quanze.demo.timeline import Timeline, timeline_at
from quanze.demo.world import SEED


def days_of(runs: events.Runs) -> list[date]:
    column = events.COLUMNS.index("occurred_at")
    return [datetime.fromisoformat(row[column]).date() for row in runs.rows]


@pytest.mark.parametrize("year", [2025, 2026])
def test_fifty_thousand_events_lie_in_sixty_days(year: int) -> None:
    runs = events.runs(timeline=Timeline(year))
    assert len(runs.rows) == 50_000
    days = days_of(runs)
    assert (min(days), max(days)) == (date(year, 9, 1), date(year, 10, 30))
    assert (date(year, 10, 30) - date(year, 9, 1)).days + 1 == 60
    assert min(months_of(runs)) == date(year - 2, 9, 1)


def months_of(runs: events.Runs) -> set[date]:
    return {month for by_month in runs.months.values() for month in by_month}


def test_the_same_seed_and_year_give_the_same_events() -> None:
    first = events.runs.__wrapped__(SEED, Timeline())
    again = events.runs.__wrapped__(SEED, Timeline())
    assert (first.rows, first.months, first.dormant) == (again.rows, again.months, again.dormant)


@pytest.mark.parametrize(
    ("now", "year"),
    [
        (datetime(2026, 11, 22, tzinfo=UTC), 2026),
        (datetime(2026, 11, 9, tzinfo=UTC), 2025),
        (datetime(2026, 2, 1, tzinfo=UTC), 2025),
        (datetime(2028, 12, 31, tzinfo=UTC), 2028),
    ],
)
def test_the_latest_year_whose_events_are_over_is_taken(now: datetime, year: int) -> None:
    timeline = timeline_at(now)
    assert timeline.year == year
    assert timeline.last_day < now.date()


def test_times_within_a_case_never_go_back() -> None:
    runs = events.runs()
    last: dict[str, str] = {}
    for row in runs.rows:
        case, at = row[0], row[6]
        assert last.get(case, "") <= at
        last[case] = at


def test_weekends_and_the_holiday_week_are_quiet_and_the_end_of_a_month_is_busy() -> None:
    starts = [datetime.fromisoformat(row[6]).date() for row in events.runs().rows if row[1] == "1"]
    saturday_and_sunday = sum(day.weekday() >= 5 for day in starts)
    assert saturday_and_sunday < len(starts) * 0.05
    assert sum(date(2026, 10, 1) <= day <= date(2026, 10, 7) for day in starts) < len(starts) * 0.02
    busiest = max(set(starts), key=starts.count)
    assert busiest.day >= 28
