"""写工作簿与 CSV：所有导出门都从这里出，公式注入在这里一并防住。

Text is always written as text: a cell that begins with = + - @ (or their full-width forms, a tab or a line break) is stored as
a string with the quote prefix, in CSV with a leading apostrophe. Rows are streamed, so that memory does not grow with
the table.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Literal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

Cell = str | int | float | Decimal | bool | date | datetime | None

A3, A4 = 8, 9
MAX_CELL = 32_767  # characters: a limit of the format
CUT_MARK = "……（超出单元格长度，未完）"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_NUMBER = re.compile(r"[-+]?\d{1,15}(?:\.\d{1,15})?%?")
_STARTERS = "=+-@＝＋－＠\t\r\n"
_BAD_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True)
class Column:
    """一栏：表头、宽度（字符）、内容种类。``text`` keeps codes and long numbers as they are."""

    header: str
    width: float = 14
    kind: Literal["text", "number", "percent", "date"] = "text"
    is_centred: bool = False


@dataclass(frozen=True, slots=True)
class TableSheet:
    """一张表：题名、表头、行、合计行、表尾各行（填表人、审核人……）。``rows`` is read once, as it is written."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    title: str = ""
    subtitle: str = ""
    total: Sequence[Cell] | None = None
    footers: Sequence[str] = ()


def is_formula_like(text: str) -> bool:
    """这段文字在表格软件里会不会被当成公式。A plain signed number is not one."""
    bare = text.lstrip("\ufeff\u200b\"' \u3000")
    return len(bare) > 1 and bare[0] in _STARTERS and not _NUMBER.fullmatch(bare)


def neutralised(text: str) -> str:
    """CSV 里的安全写法：像公式的前面加一撇。"""
    return f"'{text}" if is_formula_like(text) else text


def write_table(
    sheets: TableSheet | Sequence[TableSheet],
    target: Path | IO[bytes] | None = None,
    *,
    paper: int = A3,
    created: datetime | None = None,
) -> bytes:
    """写 xlsx：题名一行、表头加粗、冻结表头、自动换行、横向打印并每页重复表头。

    Returns the bytes, or b"" when ``target`` is given. ``created`` goes into the file's properties: with it, the same
    content gives the same bytes.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer if target is None else target if not isinstance(target, Path) else str(target),
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    if created is not None:
        book.set_properties({"created": created.replace(tzinfo=None)})
    formats = _Formats(book)
    used: set[str] = set()
    for sheet in [sheets] if isinstance(sheets, TableSheet) else sheets:
        _write_sheet(book.add_worksheet(_sheet_name(sheet.name, used)), sheet, formats, paper)
    book.close()
    return buffer.getvalue() if target is None else b""


class _Formats:
    """样式：每种只建一次。"""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter", "text_wrap": True, "border": 1}
        self.title = book.add_format(
            {"font_name": "宋体", "font_size": 16, "bold": True, "align": "center", "valign": "vcenter"}
        )
        self.subtitle = book.add_format({"font_name": "宋体", "font_size": 10, "align": "right"})
        self.header = book.add_format({**base, "bold": True, "align": "center", "bg_color": "#EDEDED"})
        self.text = book.add_format(base)
        self.centred = book.add_format({**base, "align": "center"})
        self.quoted = book.add_format({**base, "quote_prefix": True})
        self.number = book.add_format({**base, "num_format": "0.##"})
        self.percent = book.add_format({**base, "num_format": "0.0%"})
        self.date = book.add_format({**base, "num_format": "yyyy-mm-dd", "align": "center"})
        self.moment = book.add_format({**base, "num_format": "yyyy-mm-dd hh:mm", "align": "center"})
        self.footer = book.add_format({"font_name": "宋体", "font_size": 10, "align": "left"})


def _write_sheet(page: Worksheet, sheet: TableSheet, formats: _Formats, paper: int) -> None:
    last = max(len(sheet.columns) - 1, 0)
    for index, column in enumerate(sheet.columns):
        page.set_column(index, index, column.width)
    row = 0
    if sheet.title:
        page.set_row(row, 30)
        _across(page, row, last, sheet.title, formats.title)
        row += 1
    if sheet.subtitle:
        _across(page, row, last, sheet.subtitle, formats.subtitle)
        row += 1
    header_row = row
    for index, column in enumerate(sheet.columns):
        page.write_string(row, index, _clean(column.header), formats.header)
    row += 1
    for cells in sheet.rows:
        _write_row(page, row, cells, sheet.columns, formats)
        row += 1
    if sheet.total is not None:
        _write_row(page, row, sheet.total, sheet.columns, formats)
        row += 1
    last_row = max(row - 1, header_row)
    for footer in sheet.footers:
        page.write_string(row, 0, _clean(footer), formats.footer)
        last_row = row
        row += 1
    page.freeze_panes(header_row + 1, 0)
    page.set_paper(paper)
    page.set_landscape()
    page.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    page.fit_to_pages(1, 0)
    page.repeat_rows(header_row)
    page.print_area(0, 0, last_row, last)
    page.set_footer("&C第 &P 页 共 &N 页")


def _across(page: Worksheet, row: int, last: int, text: str, style: Format) -> None:
    if last > 0:
        page.merge_range(row, 0, row, last, "", style)
    page.write_string(row, 0, _clean(text), style)


def _write_row(page: Worksheet, row: int, cells: Sequence[Cell], columns: Sequence[Column], formats: _Formats) -> None:
    for index, cell in enumerate(cells):
        column = columns[index] if index < len(columns) else None
        if cell is None or cell == "":
            page.write_blank(row, index, None, formats.text)
        elif isinstance(cell, bool):
            page.write_string(row, index, "是" if cell else "否", formats.centred)
        elif isinstance(cell, int | float | Decimal) and abs(float(cell)) < 1e15:
            is_percent = column is not None and column.kind == "percent"
            page.write_number(row, index, float(cell), formats.percent if is_percent else formats.number)
        elif isinstance(cell, datetime):
            page.write_datetime(row, index, cell.replace(tzinfo=None), formats.moment)
        elif isinstance(cell, date):
            page.write_datetime(row, index, datetime(cell.year, cell.month, cell.day), formats.date)  # noqa: DTZ001
        else:
            text = _clean(str(cell))
            style = formats.centred if column is not None and column.is_centred else formats.text
            page.write_string(row, index, text, formats.quoted if is_formula_like(text) else style)


def _clean(text: str) -> str:
    """单元格能存下的文字：去掉控制字符；超长的截断并注明。"""
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - len(CUT_MARK)] + CUT_MARK


def _sheet_name(name: str, used: set[str]) -> str:
    """工作表名：去掉不许用的字符，31 字以内，不重名。"""
    base = _BAD_SHEET_NAME.sub("_", _clean(name)).strip("'")[:31] or "Sheet"
    candidate, number = base, 2
    while candidate.casefold() in used:
        tail = f"({number})"
        candidate, number = base[: 31 - len(tail)] + tail, number + 1
    used.add(candidate.casefold())
    return candidate


def write_csv(headers: Sequence[str], rows: Iterable[Sequence[Cell]], target: IO[str] | None = None) -> bytes:
    """写 CSV：UTF-8 带 BOM（Excel 与 WPS 直接打开不乱码），像公式的文字加一撇。

    Returns the bytes, or b"" when a text stream is given (opened with newline="" and encoding="utf-8-sig").
    """
    buffer = io.StringIO(newline="")
    out = csv.writer(buffer if target is None else target, lineterminator="\r\n")
    out.writerow([neutralised(_clean(header)) for header in headers])
    for row in rows:
        out.writerow([_csv_cell(cell) for cell in row])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8") if target is None else b""


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int | float | Decimal):
        return str(cell)
    return neutralised(_clean(cell))
