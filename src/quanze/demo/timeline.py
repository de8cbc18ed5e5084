"""示范城市的日子：跟着时钟走的一个年份，其余都由它推出，所以何时起动都有刚过去的六十天。

The year is the only thing that follows the clock; with the year given, everything is fixed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

# Events end on 30 October and are sent in on the first days of November.
_SENT_IN = (11, 10)


@dataclass(frozen=True, slots=True)
class Timeline:
    """一个年份的各个日子：流程事件在九、十月，此前两年为月度件数，清单两年前公布。"""

    year: int = 2026

    @property
    def first_day(self) -> date:
        """流程事件的第一天。"""
        return date(self.year, 9, 1)

    @property
    def last_day(self) -> date:
        """流程事件的最后一天，共六十天。"""
        return date(self.year, 10, 30)

    @property
    def first_month(self) -> date:
        """月度件数的第一月。"""
        return date(self.year - 2, 9, 1)

    @property
    def second_edition(self) -> date:
        """农业农村局第二版的印发日期。"""
        return workday(date(self.year, 3, 16))

    def issued(self, data: Any) -> date:
        """某机构清单第一版的印发日期。"""
        day: date = data["issued"]
        return workday(day.replace(year=self.year - 2))


def workday(day: date) -> date:
    """周末挪到星期一。"""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= 5 else day


def timeline_at(now: datetime) -> Timeline:
    """起动之时可用的最近一年：当年十一月十日之后用当年，之前用上年。"""
    return Timeline(now.year if (now.month, now.day) >= _SENT_IN else now.year - 1)
