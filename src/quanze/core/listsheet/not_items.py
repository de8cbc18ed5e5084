"""不是事项的行：样例、栏号、写着“无”的、小标题。注记与合计的用语在用语包里。"""

from __future__ import annotations

import re

from quanze.core.listsheet.cells import Cells
from quanze.core.listsheet.seqs import Seq
from quanze.core.listsheet.vocabulary import stated_count

TEXT_SHOWN = 60
# What may follow a name on its own row and still be a heading: the rest of the row says nothing about an item.
SUBSTANCE = ("basis_text", "duty_text", "direct_duty_text", "accountability_text", "exercising_body", "power_code")
CHAPTER = re.compile(r"[（(]?[一二三四五六七八九十百]+[）)、.．]|第[一二三四五六七八九十\d]+(?:部分|章|类)")
COUNT_CELL = re.compile(r"[（(]?共?\d{1,5}(?:项|条)?[）)]?")
EXAMPLES = ("例", "示例", "样例", "例如", "填写示例", "样表", "示范")


def placeholder(row: int, seq_text: str, cells: Cells) -> str:
    """样例行、栏号行（1 2 3 … 或 A B C …）：模板里留下的，不是事项。"""
    if "".join(seq_text.split()).strip("：:（）()") in EXAMPLES:
        return "example"
    if seq_text and cells.vocabulary.exact(seq_text) == "seq":
        return "header"  # of some other little table: a header of this kind was read before
    texts = [text.strip("（）()栏") for _, text in cells.grid.distinct(row)]
    if len(texts) >= 4 and (
        texts == [str(int(texts[0]) + n) for n in range(len(texts))]
        if texts[0].isdecimal() and len(texts[0]) < 3
        else all(len(text) == 1 and (text.isascii() or text in "甲乙丙丁戊己庚辛壬癸") for text in texts)
    ):
        return "column_numbers"
    return ""


def says_nothing(row: int, cells: Cells) -> str:
    """名称写着“无”的行：这一类没有事项。"""
    name = cells.raw_of(row, "name").strip()
    is_none = bool(name) and cells.vocabulary.is_none(name) and any(ch.isalnum() or ch in "/／-—－\\" for ch in name)
    return "nothing" if is_none and not cells.own(row, "subitem") else ""


def is_before_names(column: int, cells: Cells) -> bool:
    """是否在名称一栏或其左边开始：注记、小标题总从左边写起。"""
    names = [cells.column(field) for field in ("name", "subitem") if cells.has(field)]
    return column <= max(names, default=0)


def heading(row: int, cells: Cells, seq: Seq | None, distinct: list[tuple[int, str]]) -> str:
    """小标题的文字：写着一类职权名而没有依据、责任的行，带项数的分类名，或横贯全表的一格。"""
    if seq is not None and seq.style == "plain":
        return ""
    name = cells.own(row, "name")
    if name and cells.vocabulary.heading_type(name) and not has_substance(row, cells):
        return name
    column, text = distinct[0]
    is_counted_apart = len(distinct) == 3 and COUNT_CELL.fullmatch(distinct[2][1]) is not None
    if seq is not None and (len(distinct) == 2 or is_counted_apart):
        column, text = distinct[1]
    elif seq is not None or len(distinct) != 1:
        return ""
    if len(text) > TEXT_SHOWN or not is_before_names(column, cells):
        return ""
    is_wide = cells.grid.start_of(row, column) == cells.grid.start_of(row, column + 2) or _repeats(row, text, cells)
    is_chapter = seq is not None and seq.style == "chinese"
    is_counted = CHAPTER.match(text) is not None and stated_count(text) is not None
    if is_wide or is_chapter or is_counted or cells.vocabulary.heading_type(text):
        return text
    return ""


def has_substance(row: int, cells: Cells) -> bool:
    """这一行有没有只有事项才有的内容。"""
    return any(cells.own(row, field) for field in SUBSTANCE)


def _repeats(row: int, text: str, cells: Cells) -> bool:
    return sum(1 for cell in cells.grid.rows[row] if "".join(cell.split()) == text) >= 3
