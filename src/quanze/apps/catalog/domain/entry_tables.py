"""关联清单的表格：同一栏目写出与读回，逐行说明会怎样。Pure: what the list holds is handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quanze.apps.catalog.domain.entry_content import is_empty, read_field, shown_value
from quanze.apps.catalog.domain.list_types import ExtraField, ListType
from quanze.core.errors import ErrorPlace, InvalidInput

OUTCOMES = {"unchanged": "不变", "change": "修改", "new": "列入", "refused": "不能导入"}
CODE, NAME, VARIANT, SOURCE = "条目标识", "条目名称", "情形", "所据"
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Held:
    """本清单现有的一条：所示版本的内容，看过的修改次数，能不能改。"""

    entry_id: int
    version_id: int
    code: str
    name: str
    variant: str
    content: Mapping[str, Any]
    state: str
    lock_version: int
    version_lock: int


@dataclass(frozen=True, slots=True)
class TableRow:
    """表里的一行：第几行，各栏的文字。"""

    row: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """一行会怎样：不变、修改（改哪几处）、列入、不能导入（哪一栏、为什么）。"""

    row: int
    outcome: str
    code: str
    name: str
    message: str = ""
    column: str = ""
    entry_id: int | None = None
    version_id: int | None = None
    seen: int = 0
    is_draft: bool = False
    source: tuple[str, int] | None = None
    variant: str = ""
    given_name: str = ""
    content: dict[str, Any] = field(default_factory=dict)


def headers(kind: ListType) -> tuple[str, ...]:
    """栏目：标识、名称、情形（分情形的种类）、所据、各自有要素。"""
    more = (VARIANT,) if kind.many_per_parent else ()
    return (CODE, NAME, *more, SOURCE, *(one.label for one in kind.fields))


def cells_of(kind: ListType, row: Any) -> list[str]:
    """一条写成一行；``row`` 有 code name variant item_name content。"""
    more = [row.variant] if kind.many_per_parent else []
    own = [shown_value(one, row.content.get(one.name)) for one in kind.fields]
    return [row.code, row.name, *more, row.item_name, *own]


def read_table(kind: ListType, rows: Sequence[Sequence[str]], *, file: str, sheet: str) -> list[TableRow]:
    """找到表头，读出各行；没有表头、表头重复的说明何处。"""
    known = set(headers(kind))
    for number, row in enumerate(rows[:30]):
        found = {"".join(cell.split()): place for place, cell in enumerate(row) if "".join(cell.split()) in known}
        if NAME in found and (CODE in found or SOURCE in found):
            return _rows(rows, number, found, file=file, sheet=sheet)
    raise InvalidInput(
        f"没有找到{kind.label}的表头",
        hint=f"表头须有“{CODE}”“{NAME}”；先在条目页下载表格，改好再上传。",
        place=ErrorPlace(file=file, sheet=sheet),
        code="entry_table_without_header",
    )


def _rows(
    rows: Sequence[Sequence[str]], header: int, places: Mapping[str, int], *, file: str, sheet: str
) -> list[TableRow]:
    found = []
    for number, row in enumerate(rows[header + 1 :], start=header + 2):
        cells = {name: row[place].strip() if place < len(row) else "" for name, place in places.items()}
        if cells[NAME] or cells.get(CODE) or cells.get(SOURCE):
            if cells[NAME].startswith(("注：", "填表人")) or (cells.get(CODE, "").startswith(("注：", "填表人"))):
                continue
            found.append(TableRow(number, cells))
    if not found:
        raise InvalidInput(
            "表头之下没有内容", hint="请核对文件。", place=ErrorPlace(file=file, sheet=sheet, row=header + 1)
        )
    if len(found) > MOST_ROWS:
        raise InvalidInput(f"超过 {MOST_ROWS} 行", hint="请分几个文件导入。", place=ErrorPlace(file=file, sheet=sheet))
    return found


def plan(
    kind: ListType,
    table: Sequence[TableRow],
    held: Mapping[str, Held],
    sources: Mapping[str, Sequence[tuple[str, int]]],
) -> list[PlannedRow]:
    """逐行：按标识找到本清单的条目对照要素；没有标识的按“所据”找来源列入。栏目里没有的要素保持不变。"""
    seen: set[str] = set()
    return [_planned(kind, one, held, sources, seen) for one in table]


def _planned(
    kind: ListType,
    one: TableRow,
    held: Mapping[str, Held],
    sources: Mapping[str, Sequence[tuple[str, int]]],
    seen: set[str],
) -> PlannedRow:
    code, name = one.cells.get(CODE, ""), one.cells[NAME]
    if code and code in seen:
        return PlannedRow(one.row, "refused", code, name, f"条目标识 {code} 在表里出现两次", CODE)
    seen.add(code)
    present = held.get(code)
    if code and present is None:
        return PlannedRow(one.row, "refused", code, name, "本清单没有这个条目标识；列入新条目请把标识留空", CODE)
    content = dict(present.content) if present is not None else {}
    for own in kind.fields:
        if own.label not in one.cells:
            continue
        value, problem = _read(own, one.cells[own.label], content.get(own.name))
        if problem:
            return PlannedRow(one.row, "refused", code, name, problem, own.label)
        if is_empty(value):
            content.pop(own.name, None)
        else:
            content[own.name] = value
    if present is None:
        return _new(kind, one, content, sources)
    return _changed(kind, one, present, content)


def _read(own: ExtraField, text: str, present: Any) -> tuple[Any, str]:
    # What was written out is read back as it was, whatever a cell made of it.
    if text == shown_value(own, present):
        return present, ""
    return read_field(own, text)


def _changed(kind: ListType, one: TableRow, present: Held, content: dict[str, Any]) -> PlannedRow:
    name = one.cells[NAME]
    renamed = kind.names_itself and name != present.name
    labels = [own.label for own in kind.fields if content.get(own.name) != present.content.get(own.name)]
    if renamed:
        labels.insert(0, NAME)
    if not labels:
        return PlannedRow(one.row, "unchanged", present.code, name, entry_id=present.entry_id)
    if present.state == "frozen":
        return PlannedRow(one.row, "refused", present.code, name, "条目正在审查中，不能修改", CODE)
    is_draft = present.state == "draft"
    return PlannedRow(
        one.row,
        "change",
        present.code,
        name,
        f"改{'、'.join(labels)}",
        entry_id=present.entry_id,
        version_id=present.version_id if is_draft else None,
        seen=present.version_lock if is_draft else present.lock_version,
        is_draft=is_draft,
        given_name=name if kind.names_itself else "",
        content=content,
    )


def _new(
    kind: ListType, one: TableRow, content: dict[str, Any], sources: Mapping[str, Sequence[tuple[str, int]]]
) -> PlannedRow:
    name, wanted = one.cells[NAME], one.cells.get(SOURCE, "") or one.cells[NAME]
    if kind.minimum_references > 1 or kind.is_taking_back:
        return PlannedRow(one.row, "refused", "", name, f"{kind.label}的新条目须在页面上逐项列入", CODE)
    found = sources.get(wanted, ())
    if len(found) != 1 and not (not found and kind.needs_reference(content) == 0):
        why = f"没有现行的“{wanted}”" if not found else f"“{wanted}”有 {len(found)} 个，请在页面上逐项列入"
        return PlannedRow(one.row, "refused", "", name, why, SOURCE)
    return PlannedRow(
        one.row,
        "new",
        "",
        name,
        f"依据“{wanted}”列入" if found else "列入",
        source=found[0] if found else None,
        variant=one.cells.get(VARIANT, "") if kind.many_per_parent else "",
        given_name=name if kind.names_itself else "",
        content=content,
    )
