"""期限与灯色：自法定日起的工作日，等待会议的日子不计，算得出、不靠夜里的计数器。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from quanze.core.workdays import DueDate, WorkCalendar

LIGHT_LABELS = {"green": "期限内", "yellow": "黄色提醒", "orange": "橙色提醒", "red": "超期", "paused": "暂停计时"}
ALARMS = ("yellow", "orange", "red")


@dataclass(frozen=True, slots=True)
class Limits:
    """期限与提醒的工作日数。"""

    total: int
    yellow: int
    orange: int


@dataclass(frozen=True, slots=True)
class Pause:
    """一次暂停：起、止（仍在暂停为空）。"""

    started_on: date
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Clock:
    """某日看到的期限：已用工作日、到期日、灯色；``days_left`` 为负表示超期几个工作日。"""

    used: int
    due: DueDate
    light: str
    days_left: int


def paused_workdays(pauses: Sequence[Pause], calendar: WorkCalendar, today: date) -> int:
    """暂停占去的工作日：自暂停次日至恢复当日。"""
    return sum(max(0, calendar.between(one.started_on, one.ended_on or today)) for one in pauses)


def due_of(legal_on: date, pauses: Sequence[Pause], limits: Limits, calendar: WorkCalendar, today: date) -> DueDate:
    """到期日：法定日当日不计，暂停几个工作日就顺延几个。"""
    return calendar.due(legal_on, limits.total + paused_workdays(pauses, calendar, today))


def clock(
    *,
    legal_on: date,
    pauses: Sequence[Pause],
    limits: Limits,
    calendar: WorkCalendar,
    today: date,
    closed_on: date | None = None,
) -> Clock:
    """某日的期限与灯色；已办结的以办结日为准。尚未到法定日的，一日也没有用。"""
    seen = closed_on or today
    used = max(0, calendar.between(legal_on, seen)) - paused_workdays(pauses, calendar, seen)
    due = due_of(legal_on, pauses, limits, calendar, seen)
    if closed_on is None and any(one.ended_on is None for one in pauses):
        light = "paused"
    elif used > limits.total:
        light = "red"
    elif used >= limits.orange:
        light = "orange"
    elif used >= limits.yellow:
        light = "yellow"
    else:
        light = "green"
    return Clock(max(0, used), due, light, limits.total - used)


def alarms_reached(light: str) -> tuple[str, ...]:
    """已到过的提醒：到了橙色，黄色也算到过。"""
    return ALARMS[: ALARMS.index(light) + 1] if light in ALARMS else ()
