"""期限的读取：某日有效的期限参数与工作日历，算出各件调整的灯色。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.timezone import localdate

from quanze.apps.adjustment.domain.clock import Clock, Limits, Pause, clock
from quanze.apps.adjustment.models import Adjustment
from quanze.base.calendar import public as calendar
from quanze.base.parameters import public as parameters

LIMIT_CODES = ("adjustment_workdays", "adjustment_yellow_workdays", "adjustment_orange_workdays")


def limits_on(on: date) -> Limits:
    """某日有效的期限与提醒。"""
    total, yellow, orange = (parameters.value_int(code, on=on) for code in LIMIT_CODES)
    return Limits(total, yellow, orange)


def pauses_of(row: Adjustment) -> list[Pause]:
    """一件调整的各次暂停；行已预取的不再查。"""
    return [Pause(one.started_on, one.ended_on) for one in row.pauses.all()]


def clock_of(row: Adjustment, *, today: date) -> Clock:
    """一件调整今天的期限与灯色。The limits are those in force on the legal day."""
    return clocks_of([row], today=today)[row.pk]


def clocks_of(rows: Sequence[Adjustment], *, today: date) -> dict[int, Clock]:
    """各件调整今天的期限与灯色；同一法定日的参数只读一次。"""
    work_calendar = calendar.work_calendar()
    limits: dict[date, Limits] = {}
    found = {}
    for row in rows:
        legal_on = row.trigger.legal_on
        if legal_on not in limits:
            limits[legal_on] = limits_on(legal_on)
        found[row.pk] = clock(
            legal_on=legal_on,
            pauses=pauses_of(row),
            limits=limits[legal_on],
            calendar=work_calendar,
            today=today,
            closed_on=localdate(row.closed_at) if row.closed_at else None,
        )
    return found
