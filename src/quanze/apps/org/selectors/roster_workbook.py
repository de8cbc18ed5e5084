"""值班表工作簿：空白表，与只查不写的核对。"""

from __future__ import annotations

from datetime import datetime

from django.utils.timezone import localdate

from quanze.apps.org.domain.roster import SHIFTS
from quanze.apps.org.domain.roster_sheet import EXAMPLE, HELP, LAYOUT, RosterReading, read_roster
from quanze.apps.org.domain.sheets import bare
from quanze.apps.org.selectors.roster import divisions_of, people_of
from quanze.base.sheets.blanks import BlankColumn, BlankSheet, write_blank_workbook
from quanze.base.sheets.limits import MIB, SheetLimits
from quanze.base.sheets.reading import read_workbook
from quanze.core.actor import Actor

# A year of days with three shifts is a thousand rows.
LIMITS = SheetLimits(file_bytes=2 * MIB, rows=5_000, columns=40, sheets=10)
INTRODUCTION = (
    "一行一班：某日、某班次由谁带班、谁值班。第三行是示例，载入时略过；表头带颜色的为必填。",
    "表中写到的日期以本表为准：原来排了而表中没有的，载入后撤销；没有写到的日期不动。已过的日期照旧。",
)


def roster_template() -> bytes:
    """空白的值班表：说明、一张表（一行示例）、可选值。"""
    sheet = BlankSheet(
        LAYOUT.name,
        f"{LAYOUT.name}（载入）",
        [
            BlankColumn(
                header=field.header,
                help=HELP[field.key],
                width=max(14.0, len(field.header) * 2.4 + 2),
                choices=tuple(one.label for one in SHIFTS.values()) if field.key == "shift" else (),
                is_required=field.is_required,
                example=EXAMPLE.get(field.key, ""),
            )
            for field in LAYOUT.fields
        ],
    )
    return write_blank_workbook([sheet], introduction=INTRODUCTION)


def roster_check(*, actor: Actor, data: bytes, name: str, now: datetime) -> RosterReading:
    """只查不写：对照本机构在任的同事与内设机构。"""
    today = localdate(now)
    return read_roster(
        read_workbook(data, name=name, limits=LIMITS),
        people=people_of(actor=actor, on=today),
        divisions={bare(text): pk for text, pk in divisions_of(actor=actor, on=today).items()},
        today=today,
    )
