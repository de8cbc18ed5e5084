"""公文模型：标题、文号、主送、正文块、落款与版本行。

One small model, two renderers (Word and PDF); what a document says is decided here once, how it looks is decided there.
The digest covers the content, not the bytes of a file, so the Word and the PDF of one document carry the same digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Literal

from quanze.core.sealing import content_digest

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Heading:
    """标题：1 级编号“一、”，2 级编号“（一）”，3 级编号“1.”。The renderers number them."""

    text: str
    level: int = 1

    def __post_init__(self) -> None:
        if self.level not in (1, 2, 3):
            raise ValueError(f"标题级别只有 1、2、3，实际为 {self.level}")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """自然段，首行缩进两字。"""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """表格：表头每页重复；widths 为各列相对宽度，aligns 为各列对齐。"""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    widths: Sequence[int] = ()
    aligns: Sequence[Align] = ()

    def __post_init__(self) -> None:
        count = len(self.header)
        if not count:
            raise ValueError("表格至少要有一列")
        for n, row in enumerate(self.rows, 1):
            if len(row) != count:
                raise ValueError(f"表格“{self.caption}”第 {n} 行有 {len(row)} 格，表头有 {count} 格")
        for name in ("widths", "aligns"):
            given = getattr(self, name)
            if given and len(given) != count:
                raise ValueError(f"表格“{self.caption}”的 {name} 应有 {count} 项")


@dataclass(frozen=True, slots=True)
class Figure:
    """插图：PNG 字节、图题与替代文字。"""

    png: bytes
    caption: str
    alt: str = ""


Block = Heading | Paragraph | Table | Figure


@dataclass(frozen=True, slots=True)
class Document:
    """公文。``dated`` is the date under the signature and the creation time stored in the file.

    A line break in ``title`` is where a long title is to be divided on paper; the file's own title has none.
    """

    title: str
    blocks: Sequence[Block]
    dated: date
    addressee: str = ""
    signature: str = ""
    document_no: str = ""
    version: str = ""

    def digest(self) -> str:
        """内容摘要（sha256），与输出格式无关。"""
        return content_digest(_plain(self))

    def version_line(self) -> str:
        """版本行：版本与内容摘要前 16 位。"""
        version = f"版本：{self.version}　" if self.version else ""
        return f"{version}内容摘要（SHA-256）：{self.digest()[:16]}"


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if is_dataclass(value) and not isinstance(value, type):
        named = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {"block": type(value).__name__, **named}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


_DIGITS = "零一二三四五六七八九"


def chinese_number(number: int) -> str:
    """一至九十九的中文数。"""
    if not 1 <= number <= 99:
        raise ValueError(f"只支持 1 到 99，实际为 {number}")
    tens, ones = divmod(number, 10)
    if not tens:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def chinese_date(day: date) -> str:
    """成文日期：2026年11月22日。"""
    return f"{day.year}年{day.month}月{day.day}日"


def numbered(blocks: Sequence[Block]) -> list[tuple[Block, str]]:
    """各块与其编号：标题为“一、”“（一）”“1.”，表与图各自从 1 编号，其余为空。"""
    levels = [0, 0, 0]
    tables = figures = 0
    result: list[tuple[Block, str]] = []
    for block in blocks:
        label = ""
        if isinstance(block, Heading):
            levels[block.level - 1] += 1
            levels[block.level :] = [0] * (3 - block.level)
            label = _heading_label(block.level, levels[block.level - 1])
        elif isinstance(block, Table):
            tables += 1
            label = f"表 {tables}"
        elif isinstance(block, Figure):
            figures += 1
            label = f"图 {figures}"
        result.append((block, label))
    return result


def _heading_label(level: int, number: int) -> str:
    if level == 1:
        return f"{chinese_number(number)}、"
    return f"（{chinese_number(number)}）" if level == 2 else f"{number}."
