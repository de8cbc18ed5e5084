"""登记年度放假安排。"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from quanze.base.audit import public as audit
from quanze.base.calendar.models import CalendarDay, CalendarStatus, CalendarVersion, CalendarYear
from quanze.base.calendar.reading import DayEntry, read_days
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput


@transaction.atomic
def calendar_import(
    *,
    actor: Actor,
    year: int,
    status: str,
    source: str,
    days: Iterable[DayEntry],
    note: str = "",
    now: datetime,
) -> None:
    """登记（整体替换）一年的放假安排。"""
    entries = sorted(days, key=lambda day: day.date)
    _require_sound(year, status, source, entries)
    before = _content(year)
    CalendarYear.objects.update_or_create(
        year=year, defaults={"status": status, "source": source.strip(), "note": note.strip()}
    )
    CalendarDay.objects.filter(year_id=year).delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(year_id=year, date=day.date, is_off=day.is_off, name=day.name) for day in entries
    )
    CalendarVersion.objects.update_or_create(pk=1, defaults={"token": secrets.token_hex(16)})
    audit.record(
        actor=actor,
        action="calendar.year.imported",
        subject=audit.SubjectRef("calendar_year", year, f"{year} 年放假安排"),
        before=before,
        after=_content(year),
        now=now,
    )


def calendar_import_file(*, actor: Actor, year: int, source: str, data: bytes, name: str, now: datetime) -> int:
    """由文件登记一年已公布的放假安排，返回日期数；文件有误则什么也不改。"""
    days = read_days(data, name=name)
    calendar_import(actor=actor, year=year, status=CalendarStatus.PUBLISHED, source=source, days=days, now=now)
    return len(days)


def _content(year: int) -> dict[str, object] | None:
    row = CalendarYear.objects.filter(year=year).first()
    if row is None:
        return None
    return {
        "status": row.status,
        "source": row.source,
        "note": row.note,
        "days": [[day.date, day.is_off, day.name] for day in row.days.order_by("date")],
    }


def _require_sound(year: int, status: str, source: str, entries: list[DayEntry]) -> None:
    if not 2000 <= year <= 2100:
        raise InvalidInput(f"年份 {year} 不在 2000–2100 之间", hint="请核对年份。")
    if status not in CalendarStatus.values:
        raise InvalidInput(f"状态“{status}”不认识", hint="请填 published（已公布）或 projected（尚未公布）。")
    if status == CalendarStatus.PUBLISHED and not source.strip():
        raise InvalidInput("已公布的年份须写明依据", hint="请填写国务院办公厅通知的名称或文号。")
    if status == CalendarStatus.PUBLISHED and not entries:
        raise InvalidInput(f"{year} 年没有一个放假日", hint="请核对文件；尚未公布的年份请以 projected 登记。")
    if status == CalendarStatus.PROJECTED and entries:
        raise InvalidInput(
            f"{year} 年尚未公布，不能登记具体日期", hint="没有公布的放假安排不得臆造；公布后以 published 登记。"
        )
    seen: set[date] = set()
    for day in entries:
        # A notice may move days at the turn of the year, never further.
        if not date(year - 1, 12, 15) <= day.date <= date(year + 1, 1, 15):
            raise InvalidInput(f"日期 {day.date} 不属于 {year} 年的放假安排", hint="请核对年份与日期。")
        if day.date in seen:
            raise InvalidInput(f"日期 {day.date} 出现两次", hint="每个日期只登记一次。")
        seen.add(day.date)
