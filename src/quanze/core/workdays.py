"""工作日计算：在给定的放假安排上计数，绝不臆造未公布的年份。

``WorkCalendar`` is a value handed in by the caller; nothing here reads a clock or a table. Day 0 never counts: a period
of 15 working days that starts on day d ends at the end of the 15th working day after d. A year without a published
schedule is counted by weekends only and every result that touches it says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class DueDate:
    """到期日：``projected`` 为真表示所跨年份的放假安排尚未公布，日期会重算。"""

    on: date
    projected: bool


@dataclass(frozen=True)
class WorkCalendar:
    """工作日历：公布年份、放假日、调休上班日。``exceptions`` maps a date to True when it is a day off."""

    published_years: frozenset[int] = frozenset()
    exceptions: Mapping[date, bool] = field(default_factory=dict)

    def is_workday(self, day: date) -> bool:
        """是否工作日：放假安排优先，其次周一至周五。"""
        off = self.exceptions.get(day)
        return day.weekday() < 5 if off is None else not off

    def due(self, start: date, workdays: int) -> DueDate:
        """自 start 起（当日不计）第 workdays 个工作日。``workdays`` 0 gives the start itself."""
        if workdays < 0:
            raise ValueError("workdays must not be negative")
        day, projected = start, False
        remaining = workdays
        while remaining:
            day += timedelta(days=1)
            projected = projected or day.year not in self.published_years
            remaining -= self.is_workday(day)
        return DueDate(day, projected)

    def between(self, start: date, end: date) -> int:
        """start 之后到 end（含）的工作日数；end 早于 start 时为负。"""
        if end < start:
            return -self.between(end, start)
        span = (end - start).days
        return sum(self.is_workday(start + timedelta(days=n)) for n in range(1, span + 1))

    def remaining(self, due: date, today: date) -> int:
        """剩余工作日：到期当天为 0，超期为负数。"""
        return self.between(today, due)
