"""报送工作簿：经预检、在受限子进程里读出，转成同样行号的 CSV，此后与 CSV 文件同一条路。"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from quanze.base.sheets.limits import DEFAULT_LIMITS
from quanze.base.sheets.reading import read_workbook
from quanze.core.errors import ErrorPlace, InvalidInput
from quanze.core.workbook import Sheet

# A file of records is made by a system: a formula or a hidden sheet in it is a mistake, never a habit of writing.
LIMITS = replace(DEFAULT_LIMITS, refuse_formulas=True, refuse_hidden=True)
_WORKBOOK_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@contextmanager
def as_csv(path: Path, *, name: str) -> Iterator[Path]:
    """以 CSV 打开：本是 CSV 的原样给出；工作簿先转成临时文件，用毕删除。Row numbers stay those of the sheet."""
    if not _is_workbook(path):
        yield path
        return
    sheet = _only_sheet(path, name)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "rows.csv"
        with made.open("w", encoding="utf-8", newline="") as target:
            csv.writer(target).writerows(sheet.rows)
        yield made


def _is_workbook(path: Path) -> bool:
    """以内容判定；打不开的留给 CSV 的读取去说明。"""
    try:
        with path.open("rb") as file:
            return file.read(4).startswith(_WORKBOOK_STARTS)
    except OSError:
        return False


def _require_text(sheet: Sheet, name: str) -> None:
    """空字符放不进 CSV，也不是人写的：指明是哪一格，而不说整个文件不是文本。"""
    for number, row in enumerate(sheet.rows, start=1):
        for column, text in enumerate(row, start=1):
            if "\x00" in text:
                header = sheet.rows[0][column - 1] if column <= len(sheet.rows[0]) else ""
                raise InvalidInput(
                    f"第 {number} 行“{header}”：含有不可见的空字符",
                    hint="请清除这一格里的空字符后再传。",
                    code="ROW_INVALID",
                    place=ErrorPlace(file=name, sheet=sheet.name, row=number, column=column),
                )


def _only_sheet(path: Path, name: str) -> Sheet:
    """有内容的那一张表；数字过长的单元格不猜。"""
    filled = [sheet for sheet in read_workbook(path, name=name, limits=LIMITS).sheets if sheet.rows]
    if len(filled) != 1:
        what = "没有内容" if not filled else f"有 {len(filled)} 张有内容的工作表"
        raise InvalidInput(
            f"工作簿{what}，报送的数据须在一张工作表里，表头在第一行",
            hint="请把数据放进一张工作表，删去其余的再传。",
            code="ROW_NONE" if not filled else "SHEET_TOO_MANY",
            place=ErrorPlace(file=name),
        )
    sheet = filled[0]
    _require_text(sheet, name)
    for row, column in sheet.rounded:
        header = sheet.rows[0][column] if column < len(sheet.rows[0]) else ""
        raise InvalidInput(
            f"第 {row + 1} 行“{header}”是超过 15 位的数字，表格软件已丢失末几位的精度",
            hint="请把这一列（编号）设为文本格式，重新填写后再传。",
            code="ROW_INVALID",
            place=ErrorPlace(file=name, sheet=sheet.name, row=row + 1, column=column + 1),
        )
    return sheet
