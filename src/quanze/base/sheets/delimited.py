"""读 CSV：编码与分隔符按内容判定，宁可拒收也不读出乱码。"""

from __future__ import annotations

import codecs
import csv
import io

from quanze.base.sheets.limits import SheetLimits
from quanze.base.sheets.refusals import refuse
from quanze.core.workbook import Sheet

SEPARATORS = (",", "\t", ";")


def decode(data: bytes, *, name: str = "") -> str:
    """解码：有 BOM 按 BOM；否则先 UTF-8 后 GB18030；都不成则拒收。A NUL character means that it is not text."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "gb18030" and not _looks_written(text):
            break
        if "\x00" in text:
            row = text[: text.index("\x00")].count("\n") + 1
            raise refuse("ENCODING_UNSUPPORTED", file=name, row=row, detail="含有非法字符（空字符）")
        return text
    raise refuse("ENCODING_UNSUPPORTED", file=name)


def _looks_written(text: str) -> bool:
    """GB18030 几乎什么字节都能解开：私用区、控制字符多的不是中文。"""
    sample = text[:200_000]
    odd = sum(
        1
        for ch in sample
        if (ch < " " and ch not in "\r\n\t")
        or "\ue000" <= ch <= "\uf8ff"
        or "\x7f" <= ch <= "\x9f"
        or ch > "\U0003ffff"
    )
    if odd * 200 > len(sample):
        return False
    # UTF-8 Chinese read as GB18030 gives rare characters; real text is mostly in the common block or plain ASCII.
    wide = [ch for ch in sample if ch > "\x7f"]
    common = sum(1 for ch in wide if _is_gb2312(ch))
    return not wide or common * 10 >= len(wide) * 8


def _is_gb2312(ch: str) -> bool:
    try:
        ch.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def read_delimited(data: bytes, *, name: str, limits: SheetLimits) -> Sheet:
    """读成一张表，表名为空。"""
    text = decode(data, name=name)
    if not text.strip():
        raise refuse("FILE_EMPTY", file=name)
    separator = _separator(text)
    rows: list[tuple[str, ...]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            if len(rows) >= limits.rows:
                raise refuse("SHEET_TOO_LARGE", file=name, detail=f"行数超出上限 {limits.rows} 行，请分批")
            if len(row) > limits.columns:
                raise refuse(
                    "SHEET_TOO_LARGE", file=name, row=len(rows) + 1, detail=f"列数超出上限 {limits.columns} 列"
                )
            rows.append(tuple(row))
    except csv.Error:
        raise refuse("ROW_INVALID", file=name, row=len(rows) + 1, detail="引号没有成对，或单元格过长") from None
    width = max((len(row) for row in rows), default=0)
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    return Sheet(name="", rows=tuple(row + ("",) * (width - len(row)) for row in rows))


def _separator(text: str) -> str:
    """前若干行里出现最多的分隔符；一样多时取逗号。"""
    head = "\n".join(text[:20_000].splitlines()[:12])
    counts = {mark: head.count(mark) for mark in SEPARATORS}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] > counts[","] else ","
