"""预检：在任何解析器看到文件之前，只用标准库判定它是什么、能不能读。

The kind is decided by content; the name only matters for plain text, which carries no signature. What is checked here
is what makes parsers abort or swell: see ``zip_guard`` and ``ole_guard``.
"""

from __future__ import annotations

import codecs
from typing import Literal

from quanze.base.sheets.limits import DEFAULT_LIMITS, MIB, SheetLimits
from quanze.base.sheets.ole_guard import OLE_MAGIC, check_ole
from quanze.base.sheets.refusals import refuse
from quanze.base.sheets.zip_guard import check_zip

Format = Literal["xlsx", "xls", "csv"]

TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
# Signatures of what people send by mistake; only used to say so.
KNOWN_OTHERS = (
    (b"%PDF", "这是 PDF 文件"),
    (b"MZ", "这是可执行程序"),
    (b"\x7fELF", "这是可执行程序"),
    (b"\x89PNG", "这是图片"),
    (b"\xff\xd8\xff", "这是图片"),
    (b"GIF8", "这是图片"),
    (b"Rar!", "这是压缩包"),
    (b"7z\xbc\xaf", "这是压缩包"),
    (b"\x1f\x8b", "这是压缩包"),
    (b"{\\rtf", "这是 RTF 文档"),
)


def inspect(data: bytes, *, name: str = "", limits: SheetLimits = DEFAULT_LIMITS) -> Format:
    """预检并判定格式；不能读的抛 InvalidInput（代码见 refusals）。"""
    if not data:
        raise refuse("FILE_EMPTY", file=name)
    if len(data) > limits.file_bytes:
        raise refuse("FILE_TOO_LARGE", file=name, detail=f"上限 {limits.file_bytes // MIB} MiB")
    is_text_name = name.lower().rstrip().endswith(TEXT_SUFFIXES)
    if data.startswith(OLE_MAGIC):
        check_ole(data, name=name)
        kind: Format = "xls"
    elif data.startswith(b"PK\x03\x04"):
        check_zip(data, name=name, limits=limits)
        kind = "xlsx"
    else:
        _check_text(data, name=name, is_text_name=is_text_name)
        return "csv"
    if is_text_name:
        raise refuse("FILE_TYPE_MISMATCH", file=name, detail=f"名为 CSV，内容却是 {kind} 工作簿")
    return kind


def _check_text(data: bytes, *, name: str, is_text_name: bool) -> None:
    """文本类：名字说是工作簿而内容是文本的，说清是什么，不去猜。"""
    head = data[:4096].lstrip(codecs.BOM_UTF8 + b" \t\r\n")
    for magic, what in KNOWN_OTHERS:
        if data.startswith(magic):
            raise refuse("FILE_TYPE_MISMATCH", file=name, detail=what)
    if head[:1] == b"<":
        raise refuse("FILE_TYPE_MISMATCH", file=name, detail="这是网页或 XML 文件，只是扩展名像表格")
    if not is_text_name and name:
        raise refuse("FILE_TYPE_MISMATCH", file=name, detail="内容不是有效的 Excel 工作簿")
