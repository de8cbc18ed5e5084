"""值班表工作簿：一行一班，读成应排的班；缺陷写明行与栏。

As offices keep it: a row per day and shift, the leader in one column, several people in another. People stand by name;
where two colleagues share a name, the login decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from quanze.apps.org.domain.roster import SHIFTS, RosterPart, Shift, shift_named
from quanze.apps.org.domain.sheets import (
    EXAMPLE_MARK,
    ReadRow,
    SheetDefect,
    SheetField,
    SheetLayout,
    bare,
    read_date,
    read_sheet,
    sheets_of,
    split_words,
)
from quanze.core.errors import ErrorPlace
from quanze.core.workbook import Workbook

LAYOUT = SheetLayout(
    "roster",
    "值班表",
    (
        SheetField("on", "日期", ("值班日期",), is_required=True),
        SheetField("shift", "班次", ("时段",)),
        SheetField("leader", "带班领导", ("带班", "带班人")),
        SheetField("members", "值班人员", ("值班", "值班人"), is_required=True),
        SheetField("division", "内设机构", ("科室",)),
        SheetField("note", "备注", (), longest=200),
    ),
    names=("值班安排", "值班"),
)
HELP = {
    "on": "如 2026-12-05；节假日照写。",
    "shift": f"从下拉列表中选择：{'、'.join(one.label for one in SHIFTS.values())}；不填为全天。",
    "leader": "本机构在任同事的姓名；没有带班的不填。",
    "members": "本机构在任同事的姓名，多人用顿号隔开；同名的写登录名。",
    "division": "内设机构的编码或名称；整个机构的值班不填。",
    "note": "如值班电话、地点。",
}
EXAMPLE = {"on": f"{EXAMPLE_MARK}2026-12-05", "shift": "全天", "leader": "李四", "members": "张三、王五"}


@dataclass(frozen=True, slots=True, order=True)
class WantedTurn:
    """应排的一班：日期、班次、带班或值班、内设机构（没有为 0）、账号。"""

    on: date
    shift: str
    part: str
    division_id: int
    user_id: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class RosterReading:
    """读得的：应排的班、表中写到的日期、缺陷、说明。"""

    turns: tuple[WantedTurn, ...]
    dates: frozenset[date]
    defects: tuple[SheetDefect, ...]
    notes: tuple[str, ...]


def read_roster(
    workbook: Workbook,
    *,
    people: Sequence[tuple[int, str, str]],
    divisions: Mapping[str, int],
    today: date,
) -> RosterReading:
    """读一本值班表。``people``: (account, login, name) of the body; ``divisions``: code or name → id.

    Days that have passed are left as they were: a roster is put in on the third of the month, too.
    """
    sheets = sheets_of(workbook.sheets, LAYOUT)
    if not sheets:
        place = ErrorPlace(file=workbook.name)
        missing = SheetDefect("sheet_missing", place, "没有名为“值班表”的工作表", "请用空白表填写。")
        return RosterReading((), frozenset(), (missing,), ())
    turns: dict[tuple[date, str, int, int], WantedTurn] = {}
    defects: list[SheetDefect] = []
    notes: list[str] = []
    past = 0
    for sheet in sheets:
        reading = read_sheet(sheet, LAYOUT)
        defects += reading.defects
        notes += reading.notes
        for row in reading.rows:
            on, shift, division_id, wrong = _day_and_shift(row, divisions)
            defects += wrong
            if on is None or shift is None:
                continue
            if on < today:
                past += 1
                continue
            for part, key in ((RosterPart.LEADER, "leader"), (RosterPart.MEMBER, "members")):
                for name in split_words(row.text(key)):
                    user_id, problem = _person(row, key, name, people)
                    if problem is not None:
                        defects.append(problem)
                        continue
                    whose = (on, shift.code, division_id, user_id)
                    # The same person as leader and as member of one shift: he leads.
                    turns.setdefault(
                        whose, WantedTurn(on, shift.code, str(part), division_id, user_id, row.text("note"))
                    )
    if past:
        notes.append(f"有 {past} 行日期已过，照旧不动")
    if not turns and not defects:
        place = ErrorPlace(file=workbook.name)
        defects.append(SheetDefect("rows_none", place, "没有今天及以后的值班", "请填写后再传。"))
    return RosterReading(
        tuple(sorted(turns.values())), frozenset(one.on for one in turns.values()), tuple(defects), tuple(notes)
    )


def _day_and_shift(
    row: ReadRow, divisions: Mapping[str, int]
) -> tuple[date | None, Shift | None, int, list[SheetDefect]]:
    wrong = []
    on, shift = read_date(row.text("on")), shift_named(row.text("shift"))
    if on is None and row.text("on"):
        wrong.append(row.defect("date_unreadable", "on", f"认不出的日期“{row.text('on')}”", "请写成 2026-12-05。"))
    if shift is None:
        labels = "、".join(one.label for one in SHIFTS.values())
        wrong.append(row.defect("shift_unknown", "shift", f"没有“{row.text('shift')}”这个班次", f"可用：{labels}。"))
    name = bare(row.text("division"))
    if name and name not in divisions:
        wrong.append(row.defect("division_unknown", "division", f"本机构没有“{name}”", "请写本机构的内设机构。"))
    return on, shift, divisions.get(name, 0), wrong


def _person(
    row: ReadRow, key: str, name: str, people: Sequence[tuple[int, str, str]]
) -> tuple[int, SheetDefect | None]:
    plain = bare(name)
    by_login = [user_id for user_id, login, _ in people if login == plain]
    found = by_login or [user_id for user_id, _, full_name in people if bare(full_name) == plain]
    if len(found) == 1:
        return found[0], None
    if found:
        return 0, row.defect("person_ambiguous", key, f"有 {len(found)} 位“{name}”", "请改写登录名。")
    return 0, row.defect("person_unknown", key, f"本机构没有在任的“{name}”", "请核对姓名，或先办理任职。")
