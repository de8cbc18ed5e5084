"""依据文字的拆分：法规名称、条款定位、引文，各带字符位置。

What is split: a law in book-title marks at the head of a line or sentence (or after a 【法律】 tag), its history in
brackets, its document number, then article by article the place and the quoted text. A law that is only mentioned
inside quoted text stays quoted text. What does not fit is left as it is and listed in ``unparsed``: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from quanze.core.lawtext.law_names import bare_name, law_names
from quanze.core.lawtext.locators import LOCATOR_LIST, NUMBER, OPENING_LIST, ArticleRef, article_refs

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Citation:
    """一条依据。``span`` covers all of it; ``text[a:b]`` of ``quote_span`` is exactly ``quote``.

    ``law`` and ``locator`` are without white space; ``law`` is "" never. ``locator`` is "" when the law as a whole is
    cited. Several citations of one law follow each other; the tag, history and number are repeated on each.
    """

    law: str
    locator: str
    quote: str
    span: Span
    law_span: Span
    locator_span: Span | None = None
    quote_span: Span | None = None
    document_number: str = ""
    kind_label: str = ""
    history: str = ""
    articles: tuple[ArticleRef, ...] = ()


@dataclass(frozen=True, slots=True)
class SplitText(Sequence[Citation]):
    """拆分结果：像元组一样逐条取用；``unparsed`` 是没有读懂、原样留下的片段位置。"""

    citations: tuple[Citation, ...] = ()
    unparsed: tuple[Span, ...] = ()

    def __len__(self) -> int:
        return len(self.citations)

    @overload
    def __getitem__(self, index: int) -> Citation: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Citation, ...]: ...
    def __getitem__(self, index: int | slice) -> Citation | tuple[Citation, ...]:
        return self.citations[index]


NOTHING_CITED = SplitText()


@dataclass(frozen=True, slots=True)
class _Head:
    """一部法规在文中的起头：自 start（含标签、序号）起，到 zone_end 其名称、沿革结束。"""

    start: int
    law_span: Span
    zone_end: int
    kind_label: str
    history: str


_NEW_LINE_PLACE = re.compile(rf"[^\S\n]*(?:第\s*{NUMBER}\s*条|【)")
_NEW_LINE_AND_PLACE = re.compile(rf"\n{_NEW_LINE_PLACE.pattern}")
MAX_HISTORY = 800
_ENUMERATOR = (
    r"(?:\d{1,2}\s*[.．、)）:：]|[（(]\s*[\d一二三四五六七八九十]{1,3}\s*[)）]"
    r"|[①-⑳]|[一二三四五六七八九十]{1,3}\s*[、.．])"
)
_TAG = r"(?:[【\[［]\s*(?P<tag>[^】\]］\d]{1,20}?)\s*[】\]］])"
# The kind of a law written out before it: 法律：《…》, （行政法规）《…》.
_KIND_WORDS = (
    r"(?:国家)?(?:法律法规|法律|行政法规|地方性法规|法规|部门规章|地方政府规章|政府规章|规章|行政规范性文件|规范性文件"
    r"|国务院文件|国务院决定|司法解释|党内法规|国际条约|政策文件|自治条例|单行条例)"
)
_KIND = rf"(?:[（(]\s*{_KIND_WORDS}\s*[）)]|{_KIND_WORDS}(?:依据)?)\s*[:：]?\s*"
_KIND_BEFORE = re.compile(rf"[（(]?\s*(?P<tag>{_KIND_WORDS})(?:依据)?\s*[）)]?\s*[:：]?\s*$")
# What may stand between the start of a line and the law that heads it.
_LINE_LEAD = re.compile(
    rf"\s*[“\"]?\s*(?:{_ENUMERATOR}\s*)?"
    # A tag may be followed by the number before the name: 【规章】2017年3月1日国务院令第676号《…》
    rf"(?:{_TAG})?(?:{_KIND})?\s*(?:(?:(?!根据|依据)[^\n《。：:【\[［]){{0,40}}号)?\s*(?:{_ENUMERATOR}\s*)?(?:{_KIND})?"
    r"(?:根据|依据|依照|按照|[^\n《]{0,6}依据)?[:：]?\s*"
)
_TAG_BEFORE = re.compile(rf"{_TAG}\s*$")
_NUMBER_BEFORE = re.compile(rf"(?:(?<=^)|(?<=[\s。；;”\"])){_ENUMERATOR}\s*$", re.MULTILINE)
_LINE_TAG = re.compile(rf"\s*{_TAG}")
_BORROWED = re.compile(r"(?:依照|按照|根据|违反|适用)\s*$")
_SENTENCE_END = re.compile(rf"[。；;！”\"]\s*(?P<lead>(?:{_ENUMERATOR}\s*)?(?:{_KIND})?)$")
# Laws that follow each other with nothing but separators between: 《甲》《乙》, 《甲》第一条、《乙》第二条,
# 1.《甲》；2.《乙》。
_SIBLING = re.compile(rf"[\s、，,和及与；;。]*(?:{_ENUMERATOR}\s*)?(?:{_KIND})?")
_OPENING = re.compile(rf"[\s（(—–-]*(?P<places>{OPENING_LIST})")
# A place that opens an entry: at the start of a line, or after the end of a sentence when a separator follows it.
_ENTRY = re.compile(
    rf"(?:\A|(?<=\n))[^\S\n]*[“\"]?\s*(?:{_ENUMERATOR}\s*)?(?P<line>{LOCATOR_LIST})(?![的中所或])"
    rf"|(?<=[。；;”\"])[^\S\n]*(?P<sentence>{LOCATOR_LIST})(?=[:：\s“])"
)
_ONLY_PLACE = re.compile(rf"[（(]\s*{OPENING_LIST}\s*[）)]")
_FIRST_ENTRY = re.compile(rf"[\s，,、。：:；;的（(—–-]*(?P<places>{OPENING_LIST})")
_AFTER_PLACE = re.compile(r"[）)]?(?:\s*(?:之?规定|明确)\s*)?[\s:：，,、。；;“\"]*")
_DOCUMENT_NUMBER = re.compile(
    r"(?P<letters>[\u4e00-\u9fff]{1,12})\s*[〔\[【（(［]\s*(?P<year>\d{4})\s*[〕\]】）)］]\s*第?\s*(?P<serial>\d{1,5})\s*号"
    r"|(?P<issuer>(?:(?![第号])[\u4e00-\u9fff]){1,30}(?:令|公告))[，,]?\s*(?:\d{4}\s*年\s*)?第?\s*(?P<number>[\d\s]*\d|[一二三四五六七八九十百〇零]+)(?!\s*[\d次届])\s*号?"
    r"|(?P<ordinal>第\s*\d{1,4}\s*号令)"
)
# The issuer's name may have caught what stands before it.
_BEFORE_ISSUER = re.compile(r"^.*(?:[年月日于以经由]|根据|依据|按照|中华人民共和国(?=主席|国务院))")
# History without its brackets: "，自公布之日起施行。" — to the end of the line, and nothing but history.
_HISTORY_TAIL = re.compile(
    r"[^\S\n]*[，,。；;、]?[^\n：:]{0,200}?"
    r"(?:施行|修正|修订|修改|公布|发布|通过|实施|废止|令第?\s*\d+\s*号)[^\n：:第]{0,16}[）)]?[。；;]?[^\S\n]*(?=\n|\Z)"
)
_ONLY_HEADING = re.compile(r"\s*[^\s《]{0,6}依据(?:如下)?\s*[:：]?\s*")
_EMPTY = re.compile(r"[\s。，、；：;:,.“”\"'（）()【】/／无—-]*")


def split_citations(text: str) -> SplitText:
    """拆分一格依据文字。Spans refer to ``text`` as given; O(len(text))."""
    heads = list(_heads(text))
    citations: list[Citation] = []
    unparsed: list[Span] = []
    first = heads[0].start if heads else len(text)
    _leave(text, 0, first, unparsed)
    for number, head in enumerate(heads):
        end = heads[number + 1].start if number + 1 < len(heads) else len(text)
        citations.extend(_citations_of(text, head, end))
    return SplitText(tuple(citations), tuple(unparsed))


def _leave(text: str, start: int, end: int, unparsed: list[Span]) -> None:
    """没有读懂的一段：去掉两头空白与标点后仍有字，才记下。"""
    span = _trimmed(text, start, end)
    if span is not None and not _EMPTY.fullmatch(text, *span) and not _ONLY_HEADING.fullmatch(text, *span):
        unparsed.append(span)


def _heads(text: str) -> Iterator[_Head]:
    first = True
    cursor = 0  # nothing before this can be a head: names, histories and place lists already taken
    for law_span in law_names(text):
        if law_span[0] < cursor:
            continue
        start = _head_start(text, law_span, cursor, first=first)
        if start is None:
            continue
        first = False
        zone_end, history = _history_after(text, law_span[1])
        tag = (
            _TAG_BEFORE.search(text, start, law_span[0])
            or _LINE_TAG.match(text, start, law_span[0])
            or _KIND_BEFORE.search(text, start, law_span[0])
        )
        label = re.sub(r"\s", "", tag["tag"]) if tag else ""
        yield _Head(start, law_span, zone_end, label, history)
        opening = _OPENING.match(text, zone_end)
        cursor = opening.end() if opening else zone_end


def _head_start(text: str, law_span: Span, cursor: int, *, first: bool) -> int | None:
    """这部法规是不是一条依据的起头；是则返回起头位置（含序号、标签）。"""
    law_start, law_end = law_span
    if cursor and _SIBLING.fullmatch(text, cursor, law_start):
        return law_start - len(text[cursor:law_start].lstrip(" \t\u3000\n、，,；;。"))
    tag = _TAG_BEFORE.search(text, max(cursor, law_start - 30), law_start)
    if tag and not _BORROWED.search(text, max(0, tag.start() - 6), tag.start()):
        number = _NUMBER_BEFORE.search(text, max(cursor, tag.start() - 12), tag.start())
        return number.start() if number else tag.start()
    line_start = max(text.rfind("\n", 0, law_start) + 1, cursor)
    opens_line = line_start == 0 or text[line_start - 1] == "\n"
    zone_end, _ = _history_after(text, law_end)
    is_cited = zone_end > law_end or _OPENING.match(text, zone_end) is not None
    if opens_line and _LINE_LEAD.fullmatch(text, line_start, law_start) and (first or is_cited):
        return law_start - len(text[line_start:law_start].lstrip())
    ended = _SENTENCE_END.search(text, max(cursor, law_start - 12), law_start)
    if ended and is_cited:
        return ended.start("lead") if ended["lead"] else law_start
    return None


def _history_after(text: str, position: int) -> tuple[int, str]:
    """名称之后的沿革：（…通过，…修正）可连着几个。返回其结束处与文字。"""
    pieces: list[str] = []
    while True:
        at = position
        while at < len(text) and text[at] in " \t\u3000\n":
            at += 1
        if at >= len(text) or text[at] not in "（(〔[":
            break
        end = _closing(text, at)
        if end is None or _EMPTY.fullmatch(text, at, end) or _ONLY_PLACE.fullmatch(text, at, end):
            break
        if pieces and not re.search(r"\d|令|号|修|施行|公布", text[at:end]):
            break
        pieces.append(text[at:end])
        position = end
    return position, " ".join(piece.strip("（()）〔〕[] ") for piece in pieces)


def _closing(text: str, at: int) -> int | None:
    depth, end = 0, min(len(text), at + MAX_HISTORY)
    if text.find("）", at, end) < 0 and text.find(")", at, end) < 0:
        unclosed = _NEW_LINE_AND_PLACE.search(text, at, end)
        return unclosed.start() if unclosed else None
    for place in range(at, end):
        if text[place] in "（(〔[":
            depth += 1
        elif text[place] in "）)〕]":
            depth -= 1
            if depth == 0:
                return place + 1
        elif text[place] == "\n" and _NEW_LINE_PLACE.match(text, place + 1):
            return place  # the bracket was never closed; the next article begins
    return None


def _citations_of(text: str, head: _Head, end: int) -> Iterator[Citation]:
    """一部法规名下的各条。"""
    law = bare_name(text[slice(*head.law_span)])
    body_start = head.zone_end
    tail = None if _OPENING.match(text, body_start) else _HISTORY_TAIL.match(text, body_start, end)
    history = head.history
    if tail:
        body_start = tail.end()
        history = (history + tail[0]).strip(" \t\u3000，,。；;、（()）")
    number = _document_number(text[head.law_span[1] : body_start])
    number = number or _document_number(text[head.start : head.law_span[0]])
    entries = list(_entries(text, body_start, end))
    base: dict[str, object] = {
        "law": law,
        "law_span": head.law_span,
        "kind_label": head.kind_label,
        "history": history,
    }
    first = entries[0][0] if entries else end
    chapeau = _trimmed(text, body_start, first)
    if chapeau is not None and _EMPTY.fullmatch(text, *chapeau):
        chapeau = None
    start = head.start
    if chapeau is not None or not entries:
        yield _citation(text, base, number, start, None, chapeau, end=chapeau[1] if chapeau else body_start)
        start = -1
    for place, (entry_start, locator_span) in enumerate(entries):
        stop = entries[place + 1][0] if place + 1 < len(entries) else end
        after = _AFTER_PLACE.match(text, locator_span[1], stop)
        quote = _trimmed(text, after.end() if after else locator_span[1], stop)
        if quote is not None and _EMPTY.fullmatch(text, *quote):
            quote = None
        begins = entry_start if start < 0 else start
        start = -1
        yield _citation(text, base, number, begins, locator_span, quote, end=quote[1] if quote else locator_span[1])


def _entries(text: str, start: int, end: int) -> Iterator[tuple[int, Span]]:
    """各条的起处与定位语位置。The first may follow the law directly; later ones open a line or a sentence."""
    opening = _FIRST_ENTRY.match(text, start, end)
    position = start
    if opening:
        yield opening.start("places"), opening.span("places")
        position = opening.end()
    for entry in _ENTRY.finditer(text, position, end):
        group = "line" if entry["line"] else "sentence"
        if entry.start(group) == 0 and position:
            continue
        yield entry.start(group), entry.span(group)


def _trimmed(text: str, start: int, end: int) -> Span | None:
    """去掉两头空白、引号后的位置；空则 None。"""
    while start < end and (text[start].isspace() or text[start] in '“"'):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in '”"'):
        end -= 1
    return (start, end) if end > start else None


def _citation(
    text: str,
    base: dict[str, object],
    number: str,
    start: int,
    locator_span: Span | None,
    quote_span: Span | None,
    *,
    end: int,
) -> Citation:
    locator = re.sub(r"\s", "", text[slice(*locator_span)]) if locator_span else ""
    return Citation(
        **base,  # type: ignore[arg-type]
        locator=locator,
        quote=text[slice(*quote_span)] if quote_span else "",
        span=(start, end),
        locator_span=locator_span,
        quote_span=quote_span,
        document_number=number,
        articles=article_refs(locator),
    )


def _document_number(history: str) -> str:
    """沿革里第一个文号，即公布它的那一个：国发〔2015〕27号、国务院令第216号。"""
    found = _DOCUMENT_NUMBER.search(history)
    if not found:
        return ""
    if found["ordinal"]:
        return re.sub(r"\s", "", found["ordinal"])
    if found["letters"]:
        letters = _BEFORE_ISSUER.sub("", found["letters"])
        return f"{letters}〔{found['year']}〕{int(found['serial'])}号"
    issuer, number = _BEFORE_ISSUER.sub("", found["issuer"]), re.sub(r"\s", "", found["number"])
    return f"{issuer}第{number}号"
