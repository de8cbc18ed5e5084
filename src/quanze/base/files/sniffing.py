"""按内容判定文件种类。A name proves nothing: published “.xlsx” files are often OLE workbooks."""

from __future__ import annotations

import io
import zipfile
from typing import BinaryIO

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xls": "application/vnd.ms-excel",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "csv": "text/csv; charset=utf-8",
}
KINDS = tuple(MEDIA_TYPES)
# What the system makes itself and nobody may upload: archive packages and extracts of the record.
MADE_MEDIA_TYPES = {"zip": "application/zip", "jsonl": "application/jsonl; charset=utf-8"}

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_PARTS = 5_000
_TEXT_SAMPLE = 64 * 1024


def sniff(stream: BinaryIO) -> str | None:
    """文件种类；不在许可之列或看不出则为 None。The position of the stream is left at its start."""
    stream.seek(0)
    head = stream.read(_TEXT_SAMPLE)
    stream.seek(0)
    if head.startswith(b"PK\x03\x04"):
        kind = _office_kind(stream)
    elif head.startswith(_OLE):
        kind = "xls" if _is_workbook(stream) else None
    elif head.startswith(b"%PDF-"):
        kind = "pdf"
    elif head.startswith(b"\x89PNG\r\n\x1a\n"):
        kind = "png"
    elif head.startswith(b"\xff\xd8\xff"):
        kind = "jpg"
    else:
        kind = "csv" if _is_plain_table(head) else None
    stream.seek(0)
    return kind


def _office_kind(stream: BinaryIO) -> str | None:
    # Only the directory of the archive is read here, nothing is unpacked.
    try:
        with zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None
    if len(names) > _MOST_PARTS or len(set(names)) != len(names):
        return None
    lowered = {name.lower() for name in names}
    if "[content_types].xml" not in lowered or any(name.endswith("vbaproject.bin") for name in lowered):
        return None
    if "xl/workbook.xml" in lowered:
        return "xlsx"
    return "docx" if "word/document.xml" in lowered else None


def _is_workbook(stream: BinaryIO) -> bool:
    # Names of OLE streams are UTF-16; Excel calls its stream Workbook, older ones Book.
    content = stream.read()
    return any(name.encode("utf-16-le") in content for name in ("Workbook", "Book\0"))


def _is_plain_table(head: bytes) -> bool:
    if not head.strip() or b"\x00" in head:
        return False
    text = _decode(head)
    if text is None:
        return False
    start = text.lstrip("\ufeff \t\r\n").lower()
    if start.startswith(("<", "{", "%!", "#!")):
        return False
    return not any(ord(char) < 32 and char not in "\t\r\n" for char in text)


def _decode(head: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        # The sample may end inside a character.
        for cut in range(4):
            try:
                return head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
    return None


def as_stream(data: bytes | BinaryIO) -> BinaryIO:
    """字节或流一律作流。"""
    return io.BytesIO(data) if isinstance(data, bytes | bytearray) else data
