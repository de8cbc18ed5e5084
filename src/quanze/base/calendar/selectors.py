"""读取工作日历。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from quanze.base.calendar.models import CalendarDay, CalendarStatus, CalendarVersion, CalendarYear
from quanze.base.calendar.reading import DayEntry
from quanze.base.calendar.shipped import shipped_years
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
    """全部年度（登记的与随带的），新的在前。"""
    views = {
        shipped.year: _year_view(shipped.year, shipped.status, shipped.source, shipped.note, shipped.days)
        for shipped in shipped_years()
    }
    for row in CalendarYear.objects.prefetch_related("days"):
        views[row.year] = _year_view(row.year, row.status, row.source, row.note, row.days.all())
    return tuple(views[year] for year in sorted(views, reverse=True))


def _year_view(
    year: int, status: str, source: str, note: str, days: Iterable[DayEntry | CalendarDay]
) -> CalendarYearView:
    is_off = [day.is_off for day in days]
    return CalendarYearView(
        year=year,
        status=status,
        status_label=CalendarStatus(status).label,
        source=source,
        note=note,
        days_off=is_off.count(True),
        makeup_days=is_off.count(False),
    )


def _load() -> WorkCalendar:
    registered = dict(CalendarYear.objects.values_list("year", "status"))
    shipped = [year for year in shipped_years() if year.year not in registered]
    published = {year.year for year in shipped if year.status == CalendarStatus.PUBLISHED}
    published |= {year for year, status in registered.items() if status == CalendarStatus.PUBLISHED}
    days = [(year.year, day.date, day.is_off) for year in shipped for day in year.days]
    days += CalendarDay.objects.values_list("year_id", "date", "is_off")
    # In order of the notices, so that a later notice that mentions a day again has the last word.
    return WorkCalendar(frozenset(published), {day: is_off for _, day, is_off in sorted(days)})
