"""三定条款：把三定规定的正文读成一棵编号的条款树，并指出读不通之处。Pure: lines in, clauses and defects out.

Nothing is guessed silently: a line without a number continues the clause above it, and every break in the numbering is a defect with
its line, so that a person settles it before anything is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from quanze.core.errors import Defect, ErrorPlace
from quanze.core.lawtext.locators import chinese_number


class ClauseKind(StrEnum):
    """条款所属部分。"""

    GENERAL = "general"
    DUTIES = "duties"
    DIVISIONS = "divisions"
    STAFFING = "staffing"
    SUPPLEMENTARY = "supplementary"


CLAUSE_KIND_LABELS = {
    ClauseKind.GENERAL: "总则",
    ClauseKind.DUTIES: "主要职责",
    ClauseKind.DIVISIONS: "内设机构",
    ClauseKind.STAFFING: "人员编制",
    ClauseKind.SUPPLEMENTARY: "附则",
}

_NUMERAL = "[〇零一二三四五六七八九十百]+"
# Depth and shape of each way of numbering. "第三条" and "三、" are two habits for the same depth.
_NUMBERINGS = (
    (1, "article", re.compile(rf"第(?P<no>{_NUMERAL})条[\s　:：]*")),
    (1, "section", re.compile(rf"(?P<no>{_NUMERAL})、")),
    (2, "bracketed", re.compile(rf"[（(](?P<no>{_NUMERAL})[）)]")),
    (3, "plain", re.compile(r"(?P<no>\d{1,3})(?:[．、]|\.(?!\d))")),
    (4, "bracketed_plain", re.compile(r"[（(](?P<no>\d{1,3})[）)]")),
)
_QUOTED = re.compile(r"《[^》]*》")
_NAME_END = re.compile(r"[。：:\n]")
_SENTENCE = re.compile(r"[^；;。\n]+")
_LONGEST_NAME = 30


@dataclass(frozen=True, slots=True)
class Sentence:
    """一句职责：在条款文字中的起止（半开，按字计）与文字。"""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Clause:
    """三定条款：行号（自 1 起）、编号全称、层级、所属部分、内设机构名称（不是则空）、文字、各句职责。

    Sentences are given for duties only: neither staffing figures nor supplementary provisions are duties.
    """

    line: int
    path: str
    depth: int
    kind: ClauseKind
    division: str
    text: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class MandateReading:
    """读三定规定所得：题名（首个编号之前的文字）、条款、缺陷。"""

    title: str
    clauses: tuple[Clause, ...]
    defects: tuple[Defect, ...]


@dataclass(slots=True)
class _Draft:
    line: int
    depth: int
    style: str
    number: int
    label: str
    text: str


def mandate_read(text: str, *, file: str = "") -> MandateReading:
    """读三定规定：`text` 为全文，一段一行；`file` 只用于指明缺陷位置。"""
    title, drafts = _numbered(text)
    if not drafts:
        return MandateReading(
            "\n".join(title),
            (),
            (
                Defect(
                    "mandate_without_numbers",
                    "没有认出任何编号的条款；请用“一、（一）1.”或“第一条”编号",
                    ErrorPlace(file),
                ),
            ),
        )
    clauses = tuple(_clauses(drafts))
    return MandateReading("\n".join(title), clauses, tuple(_defects(drafts, clauses, file)))


def _numbered(text: str) -> tuple[list[str], list[_Draft]]:
    title: list[str] = []
    drafts: list[_Draft] = []
    for line, raw in enumerate(text.splitlines(), start=1):
        words = raw.strip()
        if not words:
            continue
        for depth, style, pattern in _NUMBERINGS:
            found = pattern.match(words)
            number = chinese_number(found["no"]) if found else None
            if found and number is not None:
                drafts.append(
                    _Draft(line, depth, style, number, found[0].strip(" 　:："), words[found.end() :].strip())
                )
                break
        else:
            if drafts:
                drafts[-1].text = f"{drafts[-1].text}\n{words}".strip()
            else:
                title.append(words)
    return title, drafts


def _clauses(drafts: list[_Draft]) -> Iterator[Clause]:
    above: list[_Draft] = []
    kind = ClauseKind.GENERAL
    for index, draft in enumerate(drafts):
        above = [each for each in above if each.depth < draft.depth]
        if draft.depth == 1:
            kind = _kind(draft.text)
        name, body = "", 0
        if kind is ClauseKind.DIVISIONS and draft.depth == 2:
            name, body = _division(draft.text)
        leads_on = index + 1 < len(drafts) and drafts[index + 1].depth > draft.depth
        is_duty = kind is ClauseKind.DUTIES or (kind is ClauseKind.DIVISIONS and draft.depth > 1)
        # The words that introduce a numbered row ("主要职责是：") are no duty of their own.
        sentences = _sentences(draft.text, body) if is_duty and not (leads_on and draft.depth == 1) else ()
        path = "".join(each.label for each in [*above, draft])
        yield Clause(draft.line, path, draft.depth, kind, name, draft.text, sentences)
        above.append(draft)


def _kind(text: str) -> ClauseKind:
    # The names of documents hold all the key words ("…职能配置、内设机构和人员编制规定"), so they are left out.
    opening = re.split(r"[。\n]", _QUOTED.sub("", text), maxsplit=1)[0]
    if "制定本规定" in opening:
        return ClauseKind.GENERAL
    if "内设机构" in opening:
        return ClauseKind.DIVISIONS
    if "编制" in opening and "解释" not in opening:
        return ClauseKind.STAFFING
    if "附则" in opening or "负责解释" in opening or "施行" in opening:
        return ClauseKind.SUPPLEMENTARY
    return ClauseKind.DUTIES if "职责" in opening or "职能" in opening else ClauseKind.GENERAL


def _division(text: str) -> tuple[str, int]:
    end = _NAME_END.search(text)
    name = (text[: end.start()] if end else text).strip()
    if len(name) > _LONGEST_NAME:
        return "", 0
    return name, end.end() if end else len(text)


def _sentences(text: str, start: int) -> tuple[Sentence, ...]:
    found: list[Sentence] = []
    for part in _SENTENCE.finditer(text, start):
        words = part[0].strip()
        if words:
            first = part.start() + part[0].index(words)
            found.append(Sentence(first, first + len(words), words))
    return tuple(found)


def _defects(drafts: list[_Draft], clauses: tuple[Clause, ...], file: str) -> Iterator[Defect]:
    # The last number seen at each depth; a shallower number forgets the deeper ones.
    last: dict[int, _Draft] = {}
    for draft in drafts:
        place = ErrorPlace(file, row=draft.line)
        if draft.depth > 1 and draft.depth - 1 not in last:
            yield Defect("mandate_clause_without_parent", f"“{draft.label}”之上缺少上一级编号", place)
        before = last.get(draft.depth)
        expected = before.number + 1 if before and before.style == draft.style else 1
        if draft.number != expected:
            said = f"“{draft.label}”不连续：此处应为第 {expected} 项，请检查是否漏项、重号"
            yield Defect("mandate_number_out_of_order", said, place)
        last = {depth: each for depth, each in last.items() if depth < draft.depth} | {draft.depth: draft}
    for index, clause in enumerate(clauses):
        place = ErrorPlace(file, row=clause.line)
        has_children = index + 1 < len(clauses) and clauses[index + 1].depth > clause.depth
        if not clause.text and not has_children:
            yield Defect("mandate_clause_empty", f"“{clause.path}”没有文字", place)
        elif clause.kind is ClauseKind.DIVISIONS and clause.depth == 2:
            if not clause.division:
                yield Defect(
                    "mandate_division_unnamed", f"“{clause.path}”认不出内设机构名称；名称后请用句号或冒号", place
                )
            elif not clause.sentences and not has_children:
                yield Defect("mandate_division_without_duty", f"“{clause.division}”没有写明职责", place)
    if all(clause.kind is not ClauseKind.DUTIES for clause in clauses):
        yield Defect("mandate_without_duties", "没有认出“主要职责”部分", ErrorPlace(file))
