"""隐藏的行：筛选留下的、手工隐藏的。解析器不说，这里只看行的标记。

A filter left on hides rows that the clerk no longer sees, and they would be published with the rest. The parser gives
the cells of hidden rows like any others; this reads nothing but the row records, with the standard library, after the
guards have passed the file. What cannot be followed is left out: a missing warning is no reason to refuse a list.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from quanze.base.sheets.ole_guard import workbook_stream

_BROKEN = (struct.error, zipfile.BadZipFile, zlib.error)
MAX_HIDDEN = 10_000
STEP = 64 * 1024
_ROW = re.compile(rb"<(?:\w{1,10}:)?row\b([^<>]{0,600})>")
_NUMBER = re.compile(rb"\br=\"(\d{1,7})\"")
_HIDDEN = re.compile(rb"\bhidden=\"(?:1|true)\"")
_SHEET = re.compile(r"<(?:\w{1,10}:)?sheet\b[^<>]*?\bname=\"([^\"]*)\"[^<>]*?\b\w{1,10}:id=\"([^\"]*)\"")
_RELATION = re.compile(r"<(?:\w{1,10}:)?Relationship\b[^<>]*>")
_BOUND_SHEET, _ROW_RECORD, _BOF, _EOF = 0x0085, 0x0208, 0x0809, 0x000A
_IS_HIDDEN = 0x20  # fDyZero of the ROW record


def hidden_rows(data: bytes, kind: str) -> tuple[tuple[int, ...], ...]:
    """各工作表（按次序，含图表等）隐藏的行，从 0 起。"""
    try:
        found = _of_xlsx(data) if kind == "xlsx" else _of_xls(data)
        return tuple(tuple(rows) for rows in found)
    except (LookupError, ValueError, RuntimeError, StopIteration, OSError, EOFError, *_BROKEN):
        return ()


def _of_xlsx(data: bytes) -> Iterator[list[int]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
        relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
        targets = {}
        for relation in _RELATION.findall(relations):
            place = dict(re.findall(r"\b(Id|Target)=\"([^\"]*)\"", relation))
            targets[place.get("Id", "")] = posixpath.normpath(posixpath.join("/xl", place.get("Target", ""))).lstrip(
                "/"
            )
        for _, relation_id in _SHEET.findall(book):
            with archive.open(targets[relation_id]) as part:
                yield list(_marked(part))


def _marked(part: IO[bytes]) -> Iterator[int]:
    """逐块读，内存不随表的大小增长。"""
    row, left, rest = -1, MAX_HIDDEN, b""
    while left and (step := part.read(STEP)):
        text = rest + step
        whole = text.rfind(b"<")
        rest = text[whole:][:STEP] if whole >= 0 else b""
        for match in _ROW.finditer(text, 0, max(whole, 0)):
            number = _NUMBER.search(match[1])
            row = int(number[1]) - 1 if number else row + 1
            if left and _HIDDEN.search(match[1]):
                left -= 1
                yield row


def _of_xls(data: bytes) -> Iterator[list[int]]:
    body = workbook_stream(data)
    for kind, at, length in _records(body, 0):
        if kind == _BOUND_SHEET and length >= 4:
            yield list(_zero_high(body, struct.unpack_from("<L", body, at)[0]))


def _zero_high(body: bytes, start: int) -> Iterator[int]:
    left = MAX_HIDDEN
    for kind, at, length in _records(body, start):
        if left and kind == _ROW_RECORD and length >= 16 and struct.unpack_from("<H", body, at + 12)[0] & _IS_HIDDEN:
            left -= 1
            yield struct.unpack_from("<H", body, at)[0]


def _records(body: bytes, position: int) -> Iterator[tuple[int, int, int]]:
    """一段（自 BOF 至与之相配的 EOF）里的记录：种类、内容起处、长度。"""
    depth = 0
    while position + 4 <= len(body):
        kind, length = struct.unpack_from("<HH", body, position)
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif position + 4 + length <= len(body):
            yield kind, position + 4, length
        position += 4 + length
