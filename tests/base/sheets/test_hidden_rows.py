"""隐藏的行：xlsx 的行标记与 xls 的行记录；坏文件只是没有结果。"""

import io
import struct
from pathlib import Path

import xlsxwriter

from quanze.base.sheets.hidden_rows import _records, hidden_rows
from quanze.base.sheets.reading import read_workbook


def workbook(rows: int, hidden: set[int]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.add_worksheet("封面").write_string(0, 0, "某局")
        page = book.add_worksheet("清单")
        for row in range(rows):
            page.write_string(row, 0, "甲" * 40)
            if row in hidden:
                page.set_row(row, None, None, {"hidden": True})
    return buffer.getvalue()


def test_hidden_rows_of_each_sheet_are_told_whatever_the_size_of_the_sheet():
    # many steps of 64 KiB, so that marks lie on both sides of a border
    hidden = {1, 2, *range(1000, 1010), 4999}
    found = hidden_rows(workbook(5000, hidden), "xlsx")
    assert [set(rows) for rows in found] == [set(), hidden]


def test_the_sheet_that_is_read_carries_its_hidden_rows():
    sheets = read_workbook(workbook(4, {2}), name="清单.xlsx").sheets
    assert [(sheet.name, sheet.hidden_rows) for sheet in sheets] == [("封面", ()), ("清单", (2,))]


def test_what_cannot_be_followed_is_left_out(tmp_path: Path):
    good = workbook(4, {2})
    for broken in (b"", b"PK\x03\x04", good[:200], good[: len(good) // 2]):
        assert hidden_rows(broken, "xlsx") == ()
        assert hidden_rows(broken, "xls") == ()


def record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def test_records_end_with_their_own_part_and_not_with_a_chart_inside_it():
    begin, end, row = record(0x0809, b"\0" * 16), record(0x000A), record(0x0208, b"\0" * 16)
    body = begin + row + begin + end + row + end + row
    assert [kind for kind, _, _ in _records(body, 0)] == [0x0208, 0x0208]
    assert list(_records(begin + record(0x0208)[:2], 0)) == []
