"""读 Word 正文：一段一行，自动编号还原成文字，表格逐行逐格。

Word keeps the numbers of an automatically numbered paragraph outside its text. A regulation read without them would lose its
articles, so they are counted the way Word counts: per list and level, a shallower number starting the deeper ones anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from quanze.base.documents.opening import open_word

_HAN = "〇一二三四五六七八九"
_HAN_FORMATS = {
    "chineseCounting",
    "chineseCountingThousand",
    "japaneseCounting",
    "ideographDigital",
    "taiwaneseCountingThousand",
    "taiwaneseCounting",
}


def docx_lines(data: bytes, *, file: str = "") -> list[str]:
    """正文各行，空段不计。Raises InvalidInput for what is no Word file, is too large or refers to other files."""
    word = open_word(data, file=file, what="Word 文件")
    numbers = _Numbers(word)
    lines: list[str] = []
    for block in word.element.body.iterchildren():
        kind = block.tag.rsplit("}", 1)[-1]
        if kind == "p":
            lines += _lines(block, numbers)
        elif kind == "tbl":
            lines += _rows(block, numbers)
    return lines


def _lines(paragraph: Any, numbers: _Numbers) -> Iterator[str]:
    text = "".join(_pieces(paragraph))
    label = numbers.label_of(paragraph)
    for number, line in enumerate(text.split("\n")):
        words = (label if not number else "") + line.strip()
        if words:
            yield words


def _pieces(paragraph: Any) -> Iterator[str]:
    for node in paragraph.iter():
        kind = node.tag.rsplit("}", 1)[-1] if isinstance(node.tag, str) else ""
        if kind == "t":
            yield node.text or ""
        elif kind == "tab":
            yield "　"
        elif kind in ("br", "cr"):
            yield "\n"


def _rows(table: Any, numbers: _Numbers) -> Iterator[str]:
    for row in table.iter(_tag("tr")):
        cells = [
            " ".join(line for paragraph in cell.iter(_tag("p")) for line in _lines(paragraph, numbers))
            for cell in row.iter(_tag("tc"))
        ]
        words = "　".join(cell for cell in cells if cell)
        if words:
            yield words


class _Numbers:
    """自动编号：各清单各层级数到几。"""

    def __init__(self, word: Any) -> None:
        self._levels: dict[tuple[str, int], tuple[str, str, int]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._styles = {style.style_id: style.element for style in word.styles}
        try:
            root = word.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return
        abstract = {one.get(_tag("abstractNumId")): one for one in root.iter(_tag("abstractNum"))}
        for num in root.iter(_tag("num")):
            held = abstract.get(_value(num, "abstractNumId"))
            for level in held.iter(_tag("lvl")) if held is not None else ():
                key = (num.get(_tag("numId")), int(level.get(_tag("ilvl")) or 0))
                start = int(_value(level, "start") or 1)
                self._levels[key] = (_value(level, "numFmt") or "decimal", _value(level, "lvlText") or "", start)

    def label_of(self, paragraph: Any) -> str:
        """这一段前面的编号文字；没有自动编号则空。"""
        found = self._numbered(paragraph)
        if found is None or found not in self._levels:
            return ""
        num_id, level = found
        counts = self._counts.setdefault(num_id, {})
        form, text, start = self._levels[found]
        if form in ("bullet", "none"):
            return ""
        counts[level] = counts.get(level, start - 1) + 1
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        for depth in range(level, -1, -1):
            written, _, first = self._levels.get((num_id, depth), ("decimal", "", 1))
            text = text.replace(f"%{depth + 1}", _written(counts.get(depth, first), written))
        return text

    def _numbered(self, paragraph: Any) -> tuple[str, int] | None:
        element = paragraph
        for _ in range(10):  # a style may rest on another
            properties = element.find(_tag("pPr"))
            numbering = properties.find(_tag("numPr")) if properties is not None else None
            if numbering is not None:
                num_id = _value(numbering, "numId")
                return None if num_id in ("", "0") else (num_id, int(_value(numbering, "ilvl") or 0))
            name = "pStyle" if element is paragraph else "basedOn"
            style = _value(properties if element is paragraph else element, name)
            if not style or style not in self._styles:
                return None
            element = self._styles[style]
        return None


def _written(number: int, form: str) -> str:
    if form not in _HAN_FORMATS or not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{_HAN[tens]}十"
    return head + (_HAN[ones] if ones else "")


def _value(element: Any, name: str) -> str:
    found = element.find(_tag(name)) if element is not None else None
    return "" if found is None else found.get(_tag("val")) or ""


def _tag(name: str) -> str:
    from docx.oxml.ns import qn

    return qn(f"w:{name}")
