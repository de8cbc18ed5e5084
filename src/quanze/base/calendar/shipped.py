"""随系统发布的年份：``packs/年份.yaml``。

They hold without being loaded, so that no deadline rests on a step that an installation may have skipped. A year
registered in the table replaces the shipped one as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from quanze.base.calendar.reading import DayEntry

PACKS = Path(__file__).resolve().parent / "packs"


@dataclass(frozen=True, slots=True)
class ShippedYear:
    """随带的一年：状态、依据、备注、特殊日期。"""

    year: int
    status: str
    source: str
    note: str
    days: tuple[DayEntry, ...]


@cache
def shipped_years() -> tuple[ShippedYear, ...]:
    """全部随带年份，旧的在前。"""
    packs = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(PACKS.glob("*.yaml"))]
    return tuple(
        ShippedYear(pack["year"], pack["status"], pack.get("source", ""), pack.get("note", ""), tuple(_days(pack)))
        for pack in packs
    )


def _days(pack: dict[str, Any]) -> Iterable[DayEntry]:
    """把“名称、放假起止、上班日”展开成逐日。"""
    for holiday in pack.get("holidays") or ():
        first, last = _span(holiday["rest"])
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            yield DayEntry(date.fromordinal(ordinal), True, holiday["name"])
        for day in holiday.get("work") or ():
            yield DayEntry(day, False, holiday["name"])


def _span(rest: date | list[date]) -> tuple[date, date]:
    return (rest, rest) if isinstance(rest, date) else (rest[0], rest[-1])
