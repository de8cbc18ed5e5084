"""法规名称在文中的位置：书名号里的，与写得不规范的——尖括号、直角引号、没有合上、没有书名号。

A name in book-title marks is certain. The other forms are taken only where nothing else can be meant: the name ends as
laws end, and, without closing marks, an article follows at once at the head of a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from quanze.core.lawtext.locators import NUMBER

Span = tuple[int, int]

MAX_LAW_NAME = 150
_ENDS = r"(?:法|法典|条例|规定|办法|细则|规则|决定|通知|意见|解释|规程|标准|规范|目录|方案|公告)"
_OTHER_MARKS = re.compile(
    rf"<{{1,2}}[^<>《》\n]{{1,60}}{_ENDS}(?:[（(][^（()）\n]{{1,12}}[）)])?>{{1,2}}"
    rf"|＜[^＜＞《》\n]{{1,60}}{_ENDS}＞|〈[^〈〉《》\n]{{1,60}}{_ENDS}〉|「[^「」\n]{{1,60}}{_ENDS}」|『[^『』\n]{{1,60}}{_ENDS}』"
)
_UNCLOSED = re.compile(rf"《[\u4e00-\u9fff〈〉（）()]{{1,60}}?{_ENDS}(?=\s*第\s*{NUMBER}\s*条)")
# No marks at all: only at the head of a line, and not what a quoted article says of itself or of another.
_BARE = re.compile(
    rf"^[^\S\n]*(?:\d{{1,2}}\s*[.．、)）]\s*)?(?P<name>(?:中华人民共和国)?(?:(?![本该的由依按照应可第条款])[\u4e00-\u9fff]){{1,30}}?(?:法|条例|规定|办法|细则))"
    rf"(?=\s*第\s*{NUMBER}\s*条)",
    re.MULTILINE,
)
_MENTIONS = ("违反", "根据", "适用", "参照", "执行", "符合", "属于", "有下列")
_WRAPS = {"《": "》", "<": ">", "＜": "＞", "〈": "〉", "「": "」", "『": "』"}


def law_names(text: str) -> Iterator[Span]:
    """各名称的位置，连同它的标记，自前而后，互不重叠。"""
    taken = 0
    marked = sorted(
        {*_in_book_marks(text), *(match.span() for match in _OTHER_MARKS.finditer(text)), *_without_marks(text)}
    )
    for start, end in marked:
        if start >= taken:
            yield start, end
            taken = end


def bare_name(marked: str) -> str:
    """去掉空白与外层标记的名称；里层的书名号统一为〈〉。"""
    name = re.sub(r"\s", "", marked)
    while len(name) > 2 and name[0] in _WRAPS and _closes(name) == len(name) - 1:
        name = name[1:-1]
    if name.startswith("《") and "》" not in name:
        name = name[1:]
    return name.replace("<", "〈").replace(">", "〉")


def _closes(name: str) -> int:
    """首个标记在何处合上。"""
    opener, closer, depth = name[0], _WRAPS[name[0]], 0
    for at, ch in enumerate(name):
        depth += (ch == opener) - (ch == closer)
        if depth == 0:
            return at
    return -1


def _in_book_marks(text: str) -> Iterator[Span]:
    """最外层书名号，内层《》〈〉随它走；太长或没有合上的不算。"""
    position = text.find("《")
    while position >= 0:
        depth, at = 0, position
        limit = min(len(text), position + MAX_LAW_NAME)
        while at < limit:
            if text[at] == "《":
                depth += 1
            elif text[at] == "》":
                depth -= 1
                if depth == 0:
                    break
            at += 1
        if at < limit and text[position + 1 : at].strip():
            yield position, at + 1
            position = text.find("《", at)
        else:
            unclosed = _UNCLOSED.match(text, position)
            if unclosed:
                yield unclosed.span()
            position = text.find("《", position + 1)


def _without_marks(text: str) -> Iterator[Span]:
    for match in _BARE.finditer(text):
        if not any(word in match["name"] for word in _MENTIONS):
            yield match.span("name")
