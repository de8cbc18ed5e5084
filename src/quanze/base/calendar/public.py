"""工作日历的公共入口。"""

from quanze.base.calendar.reading import DayEntry
from quanze.base.calendar.selectors import (
    CalendarYearView,
    calendar_token,
    calendar_years,
    due,
    work_calendar,
)
from quanze.base.calendar.services import calendar_import, calendar_import_file
from quanze.core.workdays import DueDate, WorkCalendar

__all__ = [
    "CalendarYearView",
    "DayEntry",
    "DueDate",
    "WorkCalendar",
    "calendar_import",
    "calendar_import_file",
    "calendar_token",
    "calendar_years",
    "due",
    "work_calendar",
]
