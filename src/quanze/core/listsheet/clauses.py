"""责任事项与追责情形的分条：按编号拆开，认出环节，原文不改一字。

Numbers are trusted only where they run on (1, 2, 3 …) or open a line, so that "第1.2条" or "3.5万元" splits nothing.
The first kind of numbering met in a text is its top level; other kinds inside a clause stay in the clause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from quanze.core.lawtext.locators import chinese_number

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Clause:
    """一条：编号（没有则 ""）、文字、在原文中的位置、所属小标题（如“直接实施责任”）。"""

    number: str
    text: str
    span: Span
    group: str = ""


@dataclass(frozen=True, slots=True)
class Clauses:
    """分条结果；``preamble`` 是第一条之前的引语。"""

    preamble: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class ReadResponsibility:
    """责任事项的一条：小标题、编号、环节（没写明则 ""）、内容、位置。"""

    group: str
    number: str
    stage: str
    text: str
    span: Span


_STYLES = (
    re.compile(r"(?P<number>\d{1,3})\s*[.．、)）](?!\d)"),
    re.compile(r"[（(]\s*(?P<number>\d{1,3}|[一二三四五六七八九十]{1,3})\s*[）)]\s*[、.．]?"),
    re.compile(r"(?P<number>[一二三四五六七八九十]{1,3})\s*[、.．]"),
    re.compile(r"(?P<number>[①-⑳])"),
    re.compile(r"(?P<number>\d{1,3})(?=[\u4e00-\u9fff])"),
)
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_ENDS_BEFORE = "。；;：:，,.!！?？）)”"
# "直接实施责任：" on a line of its own heads the clauses after it.
_GROUP = re.compile(
    r"(?:[（(]?[一二三四五六七八九十]{1,2}[）)、.．]\s*)?(?P<group>[\u4e00-\u9fff、（）()]{2,14}责任)\s*[:：]?\s*"
)
_STAGE = re.compile(
    r"\s*(?P<stage>[\u4e00-\u9fff、]{2,12}?)(?:阶段|环节)?(?:责任|阶段|环节)\s*(?:[:：。．.，,—-]|(?=[（(]))\s*"
    r"|\s*(?P<bare>[\u4e00-\u9fff]{2,6})\s*[:：]\s*"
)
_STAGE_LINE = re.compile(r"[\u4e00-\u9fff、]{2,8}[:：]")
_STAGE_INSIDE = re.compile(r"(?<=[。；;\s])(?=[\u4e00-\u9fff、]{2,8}(?:责任|阶段|环节)\s*[:：])")


def split_clauses(text: str) -> Clauses:
    """按编号分条；没有编号的整段为一条。"""
    marks = _marks(text)
    if not marks:
        span = _trim(text, 0, len(text))
        return Clauses("", (Clause("", text[slice(*span)], span),) if span[0] < span[1] else ())
    preamble = text[: marks[0][0]].strip()
    clauses = []
    for place, (start, body, number) in enumerate(marks):
        end = marks[place + 1][0] if place + 1 < len(marks) else len(text)
        span = _trim(text, body, end)
        if span[0] < span[1]:
            clauses.append(Clause(number, text[slice(*span)], (start, span[1])))
    return Clauses(preamble, tuple(clauses))


def split_responsibilities(text: str) -> tuple[ReadResponsibility, ...]:
    """责任事项分条、分环节。每条的环节取自“受理责任：”“2.审查阶段：”一类的开头，没有写明的不推断。"""
    found: list[ReadResponsibility] = []
    for group, start, end in _groups(text):
        part = split_clauses(text[start:end])
        pieces: list[tuple[str, str, int]] = []
        if part.preamble and part.clauses:
            pieces.append(("", part.preamble, start + text[start:end].index(part.preamble)))
        for clause in part.clauses:
            pieces.append((clause.number, clause.text, start + clause.span[1] - len(clause.text)))
        for number, body, at in pieces:
            found.extend(_staged(group, number, body, at))
    return tuple(found)


def _groups(text: str) -> Iterator[tuple[str, int, int]]:
    """小标题之间的各段；没有小标题的一段标题为 ""。"""
    heads = []
    position = 0
    for line in text.split("\n"):
        match = _GROUP.fullmatch(line)
        if match and (line.rstrip().endswith((":", "：")) or match["group"] in ("直接实施责任", "指导监督责任")):
            heads.append((position, position + len(line), match["group"]))
        position += len(line) + 1
    if not heads:
        yield "", 0, len(text)
        return
    if text[: heads[0][0]].strip():
        yield "", 0, heads[0][0]
    for place, (_, end, group) in enumerate(heads):
        yield group, end, heads[place + 1][0] if place + 1 < len(heads) else len(text)


def _staged(group: str, number: str, body: str, at: int) -> Iterator[ReadResponsibility]:
    """一条里若没有编号而连写几个环节（受理责任：…审查责任：…），再按环节拆。"""
    cuts = [0]
    if not number:
        lines = [match.start() for match in re.finditer(r"(?m)^", body)]
        if len(lines) > 1 and all(_STAGE_LINE.match(body, at) for at in lines):
            cuts = lines  # 受理：… ⏎ 审查：… — one column per stage, read as one text
        else:
            cuts = [0, *(match.start() for match in _STAGE_INSIDE.finditer(body))]
    for place, cut in enumerate(cuts):
        end = cuts[place + 1] if place + 1 < len(cuts) else len(body)
        span = _trim(body, cut, end)
        piece = body[slice(*span)]
        if not piece:
            continue
        match = _STAGE.match(piece)
        stage = (match["stage"] or match["bare"] or "") if match else ""
        if stage and match and match.end() < len(piece):
            inner = _trim(piece, match.end(), len(piece))
            yield ReadResponsibility(group, number, stage, piece[slice(*inner)], (at + span[0], at + span[1]))
        else:
            yield ReadResponsibility(group, number, "", piece, (at + span[0], at + span[1]))


def _marks(text: str) -> list[tuple[int, int, str]]:
    """编号的位置：(编号起, 正文起, 编号)。取文中最先出现的一种编号方式。"""
    best: list[tuple[int, int, str]] = []
    for style in _STYLES:
        marks = _running(text, style)
        if marks and (not best or marks[0][0] < best[0][0]) and (len(marks) > 1 or not text[: marks[0][0]].strip()):
            best = marks
    return best


def _running(text: str, style: re.Pattern[str]) -> list[tuple[int, int, str]]:
    """连续的编号：1 起头，逐一递增；另起一行的可以从 1 重来。"""
    marks: list[tuple[int, int, str]] = []
    last = 0
    for match in style.finditer(text):
        value = _value(match["number"])
        if value is None:
            continue
        before = text[: match.start()].rstrip(" \t\u3000")
        opens_line = not before or before[-1] == "\n"
        follows_end = bool(before) and before[-1] in _ENDS_BEFORE
        runs_on = value == last + 1
        is_unmistakable = match["number"][0] in CIRCLED
        if (opens_line and (runs_on or value == 1 or value > last)) or (runs_on and (follows_end or is_unmistakable)):
            marks.append((match.start(), match.end(), match["number"]))
            last = value
    return marks


def _value(number: str) -> int | None:
    if number in CIRCLED:
        return CIRCLED.index(number) + 1
    return chinese_number(number)


def _trim(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
