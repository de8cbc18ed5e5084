"""三定版本：各条的身份怎样随新版延续，哪些是新的、改了的、没有了的。

Pure. What rests on a clause rests on its identity (key), not on a row of one version: a clause that stays, moves or is reworded keeps
its key, so that a new mandate orphans only what really went. Rewording is decided by similarity and shown to a person, who may
say "not the same" before the version takes effect.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from quanze.core.statemachine import Lifecycle, Transition

WRITERS = frozenset({"establishment"})
MANDATE_FLOW = Lifecycle(
    name="org.mandate",
    label="三定版本",
    initial="draft",
    states={"draft": "核对中", "in_force": "已启用", "superseded": "已被取代", "discarded": "已放弃"},
    transitions=(
        Transition("draft", "adopt", "in_force", WRITERS, "核对无误，启用"),
        Transition("draft", "discard", "discarded", WRITERS, "放弃"),
        Transition("in_force", "supersede", "superseded", frozenset(), "被新版取代"),
    ),
)

SAME_ENOUGH = 60  # percent of similarity from which a rewording is proposed
_NOISE = re.compile(r"[\s　，,。.；;、：:（）()“”\"《》]")


class Change(StrEnum):
    """一条与上一版相比。"""

    SAME = "same"
    REWORDED = "reworded"
    NEW = "new"


CHANGE_LABELS = {Change.SAME: "未变", Change.REWORDED: "改写", Change.NEW: "新增"}


@dataclass(frozen=True, slots=True)
class Piece:
    """一条（或一句职责）：身份、所属（部分、内设机构，只在同类之间比）、文字。"""

    key: str
    group: str
    text: str


@dataclass(frozen=True, slots=True)
class Carried:
    """新版一条的来历：承接的身份（新增的为空）、变化、相似度（%）、上一版的文字。"""

    key: str
    change: Change
    similarity: int
    before: str = ""


def plain(text: str) -> str:
    """只留实义文字，供比较。"""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text))


def carry(before: Sequence[Piece], after: Sequence[Piece]) -> tuple[list[Carried], list[Piece]]:
    """新版各条的来历（次序如 ``after``）与没有了的各条（次序如 ``before``）。

    Equal texts first, then the most similar pairs of the same group, each old piece at most once. Ties go to the earlier clause.
    """
    found: list[Carried | None] = [None] * len(after)
    left: dict[str, list[int]] = defaultdict(list)
    for number, piece in enumerate(before):
        left[plain(piece.text)].append(number)
    used: set[int] = set()
    for position, piece in enumerate(after):
        equal = left.get(plain(piece.text))
        if equal:
            number = next((n for n in equal if before[n].group == piece.group), equal[0])
            equal.remove(number)
            used.add(number)
            found[position] = Carried(before[number].key, Change.SAME, 100, before[number].text)
    pairs = sorted(
        (-score, position, number)
        for position, piece in enumerate(after)
        if found[position] is None
        for number, old in enumerate(before)
        if number not in used and old.group == piece.group
        for score in (round(fuzz.ratio(plain(old.text), plain(piece.text))),)
        if score >= SAME_ENOUGH
    )
    for score, position, number in pairs:
        if found[position] is None and number not in used:
            used.add(number)
            found[position] = Carried(before[number].key, Change.REWORDED, -score, before[number].text)
    carried = [one or Carried("", Change.NEW, 0) for one in found]
    return carried, [piece for number, piece in enumerate(before) if number not in used]
