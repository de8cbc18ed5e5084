"""期限的显示：日期、剩余工作日、日历未公布。"""

from datetime import UTC, date, datetime

import pytest

from quanze.base.web.dates import due_view, iso_time, local_date, zh_date, zh_time
from quanze.core.workdays import WorkCalendar

CALENDAR = WorkCalendar(published_years=frozenset({2026}))
FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("on", "words", "tone"),
    [
        (date(2026, 11, 27), "剩余 5 个工作日", "neutral"),
        (date(2026, 11, 25), "剩余 3 个工作日", "soon"),
        (FRIDAY, "今天到期", "soon"),
        (date(2026, 11, 18), "已超期 2 个工作日", "overdue"),
    ],
)
def test_a_deadline_shows_working_days_left(on, words, tone):
    due = due_view(on, CALENDAR, FRIDAY)
    assert (due.words, due.tone, due.projected) == (words, tone, False)


def test_a_sunday_deadline_read_on_monday_morning_is_overdue_not_due_today():
    due = due_view(date(2026, 11, 22), CALENDAR, date(2026, 11, 23))
    assert due.words == "已超期 1 个工作日"


def test_a_saturday_deadline_missed_on_friday_evening_is_still_ahead():
    assert due_view(date(2026, 11, 21), CALENDAR, FRIDAY).words == "剩余 1 个工作日"


def test_a_weekend_after_the_deadline_is_overdue():
    assert due_view(FRIDAY, CALENDAR, date(2026, 11, 21)).words == "已超期 1 个工作日"


def test_a_deadline_in_an_unpublished_year_says_so():
    assert due_view(date(2027, 1, 8), CALENDAR, FRIDAY).projected


def test_what_is_done_shows_how_it_ended():
    assert due_view(FRIDAY, CALENDAR, date(2026, 12, 1), done_on=date(2026, 11, 20)).words == "按时办结"
    late = due_view(FRIDAY, CALENDAR, date(2026, 12, 1), done_on=date(2026, 11, 21))
    assert (late.words, late.tone) == ("超期办结", "overdue")


def test_moments_are_shown_in_local_time():
    moment = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
    assert local_date(moment) == date(2026, 11, 22)
    assert (zh_date(moment), zh_time(moment), iso_time(moment)) == (
        "2026年11月22日",
        "2026年11月22日 00:30",
        "2026-11-22 00:30",
    )
    assert zh_date(None) == ""
