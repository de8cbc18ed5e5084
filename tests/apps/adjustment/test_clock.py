"""期限：法定日当日不计，节假日与调休照国务院安排，暂停顺延，灯色由已用工作日定。"""

from datetime import date

import pytest

from quanze.apps.adjustment.domain.clock import Limits, Pause, alarms_reached, clock
from quanze.base.calendar import public as calendar

LIMITS = Limits(15, 10, 13)


@pytest.mark.django_db
@pytest.mark.req("J-46")
@pytest.mark.parametrize(
    ("legal_on", "due_on"), [(date(2024, 9, 27), date(2024, 10, 23)), (date(2026, 5, 1), date(2026, 5, 25))]
)
def test_fifteen_working_days_over_the_holidays_of_the_state_council(legal_on, due_on):
    found = clock(legal_on=legal_on, pauses=[], limits=LIMITS, calendar=calendar.work_calendar(), today=legal_on)
    assert (found.due.on, found.due.projected, found.used, found.light) == (due_on, False, 0, "green")


@pytest.mark.django_db
def test_a_year_without_a_published_calendar_is_said_to_be_projected():
    found = clock(
        legal_on=date(2027, 1, 4), pauses=[], limits=LIMITS, calendar=calendar.work_calendar(), today=date(2027, 1, 4)
    )
    assert found.due.projected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("today", "used", "light", "left"),
    [
        (date(2026, 11, 1), 0, "green", 15),
        (date(2026, 11, 13), 9, "green", 6),
        (date(2026, 11, 16), 10, "yellow", 5),
        (date(2026, 11, 19), 13, "orange", 2),
        (date(2026, 11, 23), 15, "orange", 0),
        (date(2026, 11, 24), 16, "red", -1),
    ],
)
def test_the_light_follows_the_working_days_used(today, used, light, left):
    found = clock(legal_on=date(2026, 11, 2), pauses=[], limits=LIMITS, calendar=calendar.work_calendar(), today=today)
    assert (found.used, found.light, found.days_left) == (used, light, left)


@pytest.mark.django_db
def test_days_of_waiting_for_a_meeting_do_not_count():
    waited = [Pause(date(2026, 11, 9), date(2026, 11, 13))]
    found = clock(
        legal_on=date(2026, 11, 2),
        pauses=waited,
        limits=LIMITS,
        calendar=calendar.work_calendar(),
        today=date(2026, 11, 24),
    )
    assert (found.used, found.due.on, found.light) == (12, date(2026, 11, 27), "yellow")
    still = [Pause(date(2026, 11, 9), None)]
    found = clock(
        legal_on=date(2026, 11, 2),
        pauses=still,
        limits=LIMITS,
        calendar=calendar.work_calendar(),
        today=date(2026, 11, 24),
    )
    assert (found.used, found.light) == (5, "paused")


@pytest.mark.django_db
def test_what_was_closed_in_time_stays_in_time():
    found = clock(
        legal_on=date(2026, 11, 2),
        pauses=[],
        limits=LIMITS,
        calendar=calendar.work_calendar(),
        today=date(2027, 3, 1),
        closed_on=date(2026, 11, 16),
    )
    assert (found.used, found.light) == (10, "yellow")


def test_orange_has_passed_yellow():
    assert alarms_reached("orange") == ("yellow", "orange")
    assert alarms_reached("green") == ()
