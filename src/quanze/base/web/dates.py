"""日期与期限的文字：页面上每个期限都写日期与剩余工作日。

Words only; the counting is ``core.workdays``. What is deliberately absent: a clock. ``today`` is handed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from quanze.core.workdays import WorkCalendar

SOON_WORKDAYS = 3  # from here on a deadline is shown as near


def local_date(moment: date | datetime | None) -> date | None:
    """当地日期：时刻换成上海时间的日期。"""
    if isinstance(moment, datetime):
        return timezone.localtime(moment).date() if timezone.is_aware(moment) else moment.date()
    return moment


def end_of_day(day: date) -> datetime:
    """某日（当地）结束前的一刻：“按那一天所知”问到此时。"""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)) - timedelta(microseconds=1)


def zh_date(value: date | datetime | None) -> str:
    """2026年11月22日；空值为空串。"""
    day = local_date(value)
    return "" if day is None else f"{day.year}年{day.month}月{day.day}日"


def zh_time(value: datetime | None) -> str:
    """2026年11月22日 09:30。"""
    if value is None:
        return ""
    moment = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{zh_date(moment)} {moment:%H:%M}"


def iso_date(value: date | datetime | None) -> str:
    """2026-11-22，供表格。"""
    day = local_date(value)
    return "" if day is None else day.isoformat()


def iso_time(value: datetime | None) -> str:
    """2026-11-22 09:30，供表格。"""
    if value is None:
        return ""
    moment = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{moment:%Y-%m-%d %H:%M}"


def workdays_words(days: int) -> str:
    """剩余 3 个工作日 · 今天到期 · 已超期 2 个工作日。"""
    if days > 0:
        return f"剩余 {days} 个工作日"
    if days == 0:
        return "今天到期"
    return f"已超期 {-days} 个工作日"


@dataclass(frozen=True, slots=True)
class DueView:
    """期限的显示：日期、剩余工作日（负数为超期）、是否办结、日历是否未公布。"""

    on: date
    workdays_left: int
    projected: bool = False
    done_on: date | None = None

    @property
    def tone(self) -> str:
        if self.done_on is not None:
            return "overdue" if self.done_on > self.on else "done"
        if self.workdays_left < 0:
            return "overdue"
        return "soon" if self.workdays_left <= SOON_WORKDAYS else "neutral"

    @property
    def words(self) -> str:
        if self.done_on is not None:
            return "超期办结" if self.done_on > self.on else "按时办结"
        return workdays_words(self.workdays_left)

    @property
    def icon(self) -> str:
        return {"overdue": "clock-exclamation", "soon": "hourglass", "done": "circle-check"}.get(self.tone, "clock")


def due_view(
    on: date | datetime,
    calendar: WorkCalendar,
    today: date,
    *,
    projected: bool | None = None,
    done_on: date | datetime | None = None,
) -> DueView:
    """由期限、日历和今天得出显示。``projected`` defaults to whether a year on the way has no published schedule."""
    day = local_date(on)
    assert day is not None
    if projected is None:
        years = range(min(today.year, day.year), max(today.year, day.year) + 1)
        projected = any(year not in calendar.published_years for year in years)
    # A Sunday deadline that was missed is overdue on Monday, yet "0 working days" would read as "due today".
    left = calendar.remaining(day, today)
    if left == 0 and today > day:
        left = -1
    elif left == 0 and today < day:
        left = 1
    return DueView(on=day, workdays_left=left, projected=projected, done_on=local_date(done_on))
