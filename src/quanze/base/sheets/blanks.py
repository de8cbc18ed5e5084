"""空白表：给人填的工作簿，有题名、表头、示例一行、可选值下拉与逐栏说明。

The explanations stand twice: as the input message of each cell (seen while typing) and on a sheet of their own (seen when
printed). Lists of allowed values live on a visible sheet, because a validation list written into the cell itself ends at 255
characters and a hidden sheet makes offices suspicious.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

GUIDE_SHEET, VALUES_SHEET = "填写说明", "可选值"
_FILLED_ROWS = 5000
_MESSAGE, _MESSAGE_TITLE = 255, 32


@dataclass(frozen=True, slots=True)
class BlankColumn:
    """一栏：表头、怎么填、宽度、可选值、是否必填、示例。``is_open`` admits other texts than the listed (several values)."""

    header: str
    help: str
    width: float = 14
    choices: tuple[str, ...] = ()
    is_open: bool = False
    is_required: bool = False
    example: str = ""


@dataclass(frozen=True, slots=True)
class BlankSheet:
    """一张空表：名称、题名、各栏。"""

    name: str
    title: str
    columns: Sequence[BlankColumn]


def write_blank_workbook(sheets: Sequence[BlankSheet], *, introduction: Sequence[str]) -> bytes:
    """写空白工作簿：说明、各表、可选值。"""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    base = {"font_name": "宋体", "font_size": 11, "valign": "vcenter", "text_wrap": True}
    title = book.add_format({**base, "font_size": 16, "bold": True, "align": "center", "text_wrap": False})
    header = book.add_format({**base, "bold": True, "align": "center", "bg_color": "#EDEDED", "border": 1})
    needed = book.add_format(
        {**base, "bold": True, "align": "center", "bg_color": "#EDEDED", "border": 1, "font_color": "#A61B1B"}
    )
    example = book.add_format({**base, "italic": True, "font_color": "#666666", "border": 1, "num_format": "@"})
    text = book.add_format({**base, "num_format": "@"})
    plain = book.add_format(base)
    _guide(book.add_worksheet(GUIDE_SHEET), sheets, introduction, title, header, plain)
    lists: dict[tuple[str, ...], str] = {}
    pages = [(book.add_worksheet(sheet.name), sheet) for sheet in sheets]
    values = book.add_worksheet(VALUES_SHEET)
    for page, sheet in pages:
        last = len(sheet.columns) - 1
        page.set_row(0, 30)
        page.merge_range(0, 0, 0, last, sheet.title, title)
        for index, column in enumerate(sheet.columns):
            page.set_column(index, index, column.width, text)
            page.write_string(1, index, column.header, needed if column.is_required else header)
            page.write_string(2, index, column.example, example)
            page.data_validation(2, index, _FILLED_ROWS, index, _validation(column, lists, values, header))
        page.freeze_panes(2, 0)
    book.close()
    return buffer.getvalue()


def _guide(
    page: Worksheet,
    sheets: Sequence[BlankSheet],
    introduction: Sequence[str],
    title: Format,
    header: Format,
    plain: Format,
) -> None:
    for index, width in enumerate((12, 14, 8, 90)):
        page.set_column(index, index, width)
    page.merge_range(0, 0, 0, 3, GUIDE_SHEET, title)
    row = 1
    for line in introduction:
        page.merge_range(row, 0, row, 3, line, plain)
        page.set_row(row, 34)
        row += 1
    for index, word in enumerate(("工作表", "栏", "必填", "怎么填")):
        page.write_string(row, index, word, header)
    for sheet in sheets:
        for column in sheet.columns:
            row += 1
            for index, word in enumerate((sheet.name, column.header, "是" if column.is_required else "", column.help)):
                page.write_string(row, index, word, plain)


def _validation(
    column: BlankColumn, lists: dict[tuple[str, ...], str], values: Worksheet, header: Format
) -> dict[str, object]:
    told: dict[str, object] = {
        "input_title": column.header[:_MESSAGE_TITLE],
        "input_message": column.help[:_MESSAGE],
        "ignore_blank": True,
    }
    if not column.choices:
        return {**told, "validate": "any"}
    if column.choices not in lists:
        place = len(lists)
        values.set_column(place, place, 22)
        values.write_string(0, place, column.header, header)
        for row, choice in enumerate(column.choices, start=1):
            values.write_string(row, place, choice)
        letter = chr(ord("A") + place)
        lists[column.choices] = f"='{VALUES_SHEET}'!${letter}$2:${letter}${len(column.choices) + 1}"
    return {
        **told,
        "validate": "list",
        "source": lists[column.choices],
        "show_error": not column.is_open,
        "error_title": column.header[:_MESSAGE_TITLE],
        "error_message": "请从下拉列表中选择。",
    }
