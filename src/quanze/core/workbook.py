"""工作簿的纯数据形态：读出来的表格只是文字网格。

Values only, so that the reader (``base.sheets``) can hand them to pure interpreters (``core.listsheet``) and to
anything else. Deliberately absent: styles, formulas, objects — a list is what the clerk reads on the page.
"""

from __future__ import annotations

from dataclasses import dataclass

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MergedRange:
    """合并区域，行列从 0 起、首尾都含。May reach beyond the last row that has text."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """工作表：``rows[0][0]`` 是左上角单元格；所有行等长。

    Cells are the text that the clerk sees: 3.0 is "3", a date is "2026-03-01", an error value is "". ``rounded``
    holds the (row, column) pairs of numbers too long for a spreadsheet (more than 15 digits): their last digits are
    not to be trusted. ``hidden_rows`` are rows that the clerk does not see: filtered away or hidden by hand.
    """

    name: str
    rows: tuple[Row, ...] = ()
    merges: tuple[MergedRange, ...] = ()
    is_hidden: bool = False
    rounded: tuple[tuple[int, int], ...] = ()
    hidden_rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Workbook:
    """工作簿：name 为文件名，format 为 xlsx、xls、csv 之一（按内容判定，不按扩展名）。"""

    name: str
    format: str
    sheets: tuple[Sheet, ...] = ()
