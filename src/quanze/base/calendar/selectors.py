"""读取工作日历。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from quanze.base.calendar.models import CalendarDay, CalendarStatus, CalendarVersion, CalendarYear
from quanze.core.workdays import DueDate, WorkCalendar

_cache: dict[str, WorkCalendar] = {}


@dataclass(frozen=True, slots=True)
class CalendarYearView:
    """年度放假安排的样子。"""

    year: int
    status: str
    status_label: str
    source: str
    note: str
    days_off: int
    makeup_days: int


def calendar_token() -> str:
    """当前日历版本标记；据以判断未完结的期限要不要重算。"""
    return CalendarVersion.objects.filter(pk=1).values_list("token", flat=True).first() or ""


def work_calendar() -> WorkCalendar:
    """当前工作日历。Kept per process; one indexed read per call finds out whether it is still current."""
    token = calendar_token()
    cached = _cache.get(token)
    if cached is None:
        cached = _load()
        _cache.clear()
        _cache[token] = cached
    return cached


def due(start: date, workdays: int) -> DueDate:
    """自 start 起（当日不计）第 workdays 个工作日；跨入尚未公布的年份时注明。"""
    return work_calendar().due(start, workdays)


def calendar_years() -> tuple[CalendarYearView, ...]:
    """全部年度，新的在前。"""
    counts: dict[tuple[int, bool], int] = {}
    for year, is_off in CalendarDay.objects.values_list("year_id", "is_off"):
        counts[year, is_off] = counts.get((year, is_off), 0) + 1
    return tuple(
        CalendarYearView(
            year=row.year,
            status=row.status,
            status_label=CalendarStatus(row.status).label,
            source=row.source,
            note=row.note,
            days_off=counts.get((row.year, True), 0),
            makeup_days=counts.get((row.year, False), 0),
        )
        for row in CalendarYear.objects.order_by("-year")
    )


def _load() -> WorkCalendar:
    published = CalendarYear.objects.filter(status=CalendarStatus.PUBLISHED).values_list("year", flat=True)
    # In order of the notices, so that a later notice that mentions a day again has the last word.
    days = CalendarDay.objects.order_by("year_id", "date").values_list("date", "is_off")
    return WorkCalendar(published_years=frozenset(published), exceptions=dict(days))
