"""读放假安排文件：JSON（年份与逐日）或表格（日期、名称、放假或上班三列，xlsx、xls、csv 均可）。"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from quanze.base.sheets.reading import read_workbook
from quanze.core.errors import ErrorPlace, InvalidInput


@dataclass(frozen=True, slots=True)
class DayEntry:
    """一个特殊日期：放假（is_off）或调休上班。"""

    date: date
    is_off: bool
    name: str


HEADINGS = {
    "date": ("日期", "date"),
    "name": ("名称", "节日", "节假日", "name"),
    "kind": ("类型", "安排", "放假或上班", "isoffday"),
}
OFF = ("放假", "休", "休息", "off", "true", "1")
WORK = ("上班", "调休上班", "班", "工作", "work", "false", "0")
_DATE = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?$")
_HEADER_ROWS = 12
_REMEDY = "表格要有“日期”“名称”“类型”三列，类型填“放假”或“上班”。"


def read_days(data: bytes, *, name: str) -> tuple[DayEntry, ...]:
    """文件中的特殊日期；读不懂时指出行列与改法。"""
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return tuple(_from_json(data, name))
    return tuple(_from_table(data, name))


def _from_json(data: bytes, name: str) -> Iterable[DayEntry]:
    try:
        content: Any = json.loads(data.decode("utf-8-sig"))
        days = content["days"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InvalidInput(
            "不是放假安排的 JSON 文件",
            hint="文件要有 days 列表，每项含 date、name、isOffDay。",
            place=ErrorPlace(file=name),
        ) from None
    if not isinstance(days, list):
        raise InvalidInput("days 不是列表", hint="days 应为列表。", place=ErrorPlace(file=name))
    for number, day in enumerate(days, start=1):
        place = ErrorPlace(file=name, row=number)
        if not isinstance(day, dict) or not isinstance(day.get("isOffDay"), bool):
            raise InvalidInput(
                "这一项缺少 isOffDay", hint="每项含 date、name、isOffDay（true 或 false）。", place=place
            )
        yield DayEntry(_date(str(day.get("date", "")), place), day["isOffDay"], _name(str(day.get("name", "")), place))


def _from_table(data: bytes, name: str) -> Iterable[DayEntry]:
    for sheet in read_workbook(data, name=name).sheets:
        found = _header(sheet.rows)
        if found is None:
            continue
        header, columns = found
        for number, row in enumerate(sheet.rows[header + 1 :], start=header + 2):
            if not any(str(cell).strip() for cell in row):
                continue
            cells = {field: str(row[column]).strip() for field, column in columns.items()}
            place = {field: ErrorPlace(name, sheet.name, number, column + 1) for field, column in columns.items()}
            yield DayEntry(
                _date(cells["date"], place["date"]),
                _is_off(cells["kind"], place["kind"]),
                _name(cells["name"], place["name"]),
            )
        return
    raise InvalidInput("没有找到表头", hint=_REMEDY, place=ErrorPlace(file=name))


def _header(rows: Sequence[Sequence[object]]) -> tuple[int, dict[str, int]] | None:
    for index, row in enumerate(rows[:_HEADER_ROWS]):
        titles = [str(cell).strip().lower() for cell in row]
        columns = {
            field: titles.index(word) for field, words in HEADINGS.items() for word in reversed(words) if word in titles
        }
        if len(columns) == len(HEADINGS):
            return index, columns
    return None


def _date(text: str, place: ErrorPlace) -> date:
    match = _DATE.match(text.strip())
    try:
        if match is None:
            raise ValueError
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        raise InvalidInput(f"“{text[:30]}”不是日期", hint="请写成 2027-01-01 的样子。", place=place) from None


def _is_off(text: str, place: ErrorPlace) -> bool:
    if text.lower() in OFF:
        return True
    if text.lower() in WORK:
        return False
    raise InvalidInput(f"类型“{text[:30]}”不认识", hint="请填“放假”或“上班”。", place=place)


def _name(text: str, place: ErrorPlace) -> str:
    if not 0 < len(text.strip()) <= 50:
        raise InvalidInput("名称须为 1–50 个字", hint="请填节日名称，如“国庆节”。", place=place)
    return text.strip()
