"""机关填的表格：按表头找栏，读成一行行文字，缺陷写明在哪一表哪一行哪一栏。

As offices write it: a merged title above the header, blank lines, cells merged downwards, remarks in the header, names
instead of codes, notes below the table. What the rows mean is decided elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from quanze.core.errors import ErrorPlace
from quanze.core.workbook import Sheet

HEADER_ROWS = 15
EXAMPLE_MARK = "（示例）"
_EXAMPLE = re.compile(r"^[（(]?示例")
_FOOT = re.compile(r"^(填表人|填报人|审核人|负责人|联系人|合计|注[:：]|备注[:：]|说明[:：])")
_REMARK = re.compile(r"[（(].*?[)）]|[*＊★：:\s]")
_DATE = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s+0?0:00(?::00)?)?$")
_PLAIN_DATE = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
SEPARATORS = re.compile(r"[、，,；;/\n]+")


@dataclass(frozen=True, slots=True)
class SheetField:
    """一栏：键、表头、别名、是否必填、最长多少字。"""

    key: str
    header: str
    names: tuple[str, ...] = ()
    is_required: bool = False
    longest: int = 200


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """一张表：键、名称、别名、各栏。"""

    key: str
    name: str
    fields: tuple[SheetField, ...]
    names: tuple[str, ...] = ()

    def header_of(self, key: str) -> str:
        return next(each.header for each in self.fields if each.key == key)


@dataclass(frozen=True, slots=True)
class SheetDefect:
    """一处缺陷：代码、位置、是什么、怎么办。"""

    code: str
    place: ErrorPlace
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.place}：{self.what}。{self.remedy}"


@dataclass(frozen=True, slots=True)
class ReadRow:
    """一行：表名、行号（从 1 起）、各栏文字、各栏在第几列、各栏表头。"""

    sheet: str
    row: int
    cells: Mapping[str, str]
    columns: Mapping[str, int] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def text(self, key: str) -> str:
        return self.cells.get(key, "")

    def place(self, key: str = "") -> ErrorPlace:
        return ErrorPlace(sheet=self.sheet, row=self.row, column=self.columns.get(key), field=self.headers.get(key, ""))

    def defect(self, code: str, key: str, what: str, remedy: str) -> SheetDefect:
        return SheetDefect(code, self.place(key), what, remedy)

    def as_data(self) -> dict[str, Any]:
        """存档的样子：只有填了的栏。"""
        return {
            "sheet": self.sheet,
            "row": self.row,
            "cells": {key: text for key, text in self.cells.items() if text},
            "columns": dict(self.columns),
            "headers": dict(self.headers),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> ReadRow:
        return cls(data["sheet"], data["row"], data["cells"], data["columns"], data["headers"])


@dataclass(frozen=True, slots=True)
class SheetReading:
    """读得的：各行、缺陷、没有读的内容。"""

    rows: tuple[ReadRow, ...] = ()
    defects: tuple[SheetDefect, ...] = ()
    notes: tuple[str, ...] = ()


def bare(text: str) -> str:
    """去掉空白、全角与半角之别，供比较名称。"""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def bare_header(text: str) -> str:
    """表头去掉星号、括注与空白。"""
    return bare(_REMARK.sub("", text))


def is_sheet_of(layout: SheetLayout, name: str) -> bool:
    """工作表名是不是这张表（“2.机构”“机构表”也算）。"""
    plain = re.sub(r"^[\d一二三四五六七八九十]+[.、．]?", "", bare(name))
    known = {bare(each) for each in (layout.name, *layout.names)}
    return plain in known or plain.removesuffix("表") in known


def read_sheet(sheet: Sheet, layout: SheetLayout) -> SheetReading:
    """按表头读一张表；没有表头的是缺陷，认不得的栏只作说明。"""
    found = _header(sheet, layout)
    if found is None:
        names = "、".join(each.header for each in layout.fields if each.is_required)
        return SheetReading(
            defects=(
                SheetDefect(
                    "header_missing",
                    ErrorPlace(sheet=sheet.name),
                    "找不到表头",
                    f"请在前 {HEADER_ROWS} 行写明表头：{names}。",
                ),
            )
        )
    header_row, columns = found
    cells = _filled_down(sheet, header_row)
    headers = {each.key: each.header for each in layout.fields}
    shown = {key: column + 1 for key, column in columns.items()}
    rows, defects = [], []
    for index in range(header_row + 1, len(sheet.rows)):
        line = {key: _clean(cells(index, column)) for key, column in columns.items()}
        own = [text for text in (_clean(each) for each in sheet.rows[index]) if text]
        if not own or _EXAMPLE.match(own[0]) or (len(own) <= 2 and _FOOT.match(own[0])):
            continue
        row = ReadRow(sheet.name, index + 1, line, shown, headers)
        for each in layout.fields:
            text = row.text(each.key)
            if each.is_required and not text:
                defects.append(row.defect("cell_missing", each.key, f"{each.header}没有填写", "请填写。"))
            elif len(text) > each.longest:
                defects.append(
                    row.defect("cell_too_long", each.key, f"{each.header}超过 {each.longest} 个字", "请缩短。")
                )
        rows.append(row)
    unread = [
        text.strip()
        for column, text in enumerate(sheet.rows[header_row])
        if text.strip() and column not in columns.values()
    ]
    notes = (f"工作表“{sheet.name}”有没有读的栏：{'、'.join(unread)}",) if unread else ()
    return SheetReading(tuple(rows), tuple(defects), notes)


def _header(sheet: Sheet, layout: SheetLayout) -> tuple[int, dict[str, int]] | None:
    wanted = {bare_header(name): each.key for each in layout.fields for name in (each.header, *each.names)}
    needed = {each.key for each in layout.fields if each.is_required}
    for index, row in enumerate(sheet.rows[:HEADER_ROWS]):
        columns: dict[str, int] = {}
        for column, text in enumerate(row):
            key = wanted.get(bare_header(text)) if text.strip() else None
            if key is not None and key not in columns:
                columns[key] = column
        if needed <= columns.keys():
            return index, columns
    return None


def _filled_down(sheet: Sheet, header_row: int) -> Any:
    """竖向合并的单元格，每一行都算填了。"""
    top: dict[tuple[int, int], str] = {}
    for merge in sheet.merges:
        if merge.first_row > header_row and merge.first_column == merge.last_column:
            text = sheet.rows[merge.first_row][merge.first_column] if merge.first_row < len(sheet.rows) else ""
            for row in range(merge.first_row, min(merge.last_row + 1, len(sheet.rows))):
                top[row, merge.first_column] = text
    return lambda row, column: top.get((row, column), sheet.rows[row][column])


def _clean(text: str) -> str:
    return text.replace("\u3000", " ").replace("\ufeff", "").strip()


def read_date(text: str) -> date | None:
    """日期：2026-03-01、2026/3/1、2026.3.1、2026年3月1日、20260301；读不出为 None。"""
    plain = unicodedata.normalize("NFKC", text.strip())
    match = _DATE.match(plain) or _PLAIN_DATE.match(plain)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def split_words(text: str) -> list[str]:
    """顿号、逗号、分号、斜线、换行隔开的各项。"""
    return [part.strip() for part in SEPARATORS.split(text) if part.strip()]


def code_of(text: str, labels: Mapping[Any, str]) -> str | None:
    """按名称或代码认出一个值；认不得为 None。"""
    plain = bare(text)
    return next((str(code) for code, label in labels.items() if plain in (bare(label), str(code))), None)


def sheets_of(sheets: Sequence[Sheet], layout: SheetLayout) -> list[Sheet]:
    """属于这张表的工作表（隐藏的不读）。"""
    return [sheet for sheet in sheets if not sheet.is_hidden and is_sheet_of(layout, sheet.name)]
