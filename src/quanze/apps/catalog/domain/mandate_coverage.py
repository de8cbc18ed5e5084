"""三定对应的核对：每个事项有没有条款，每条职责有没有事项，换版之后哪些对应失去了，部门职责、内设机构职责、事项三者是否相互印证。

Pure. ``Piece`` is what a mandate offers to link to; a link remembers the text it was made for, so a reworded clause asks to be looked
at again and a clause that is gone orphans its links.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from quanze.apps.catalog.domain.naming import canonical_name


class LinkState(StrEnum):
    """一处对应的状况。"""

    GOOD = "good"
    REWORDED = "reworded"
    ORPHANED = "orphaned"


LINK_STATE_LABELS = {
    LinkState.GOOD: "对应",
    LinkState.REWORDED: "条文已改，待核对",
    LinkState.ORPHANED: "条文已没有，待重新对应",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """可对应的一条：种类（clause、duty）、身份、编号或内设机构、文字。"""

    kind: str
    key: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """一处对应：事项、种类、身份、当时的编号与文字。"""

    id: int
    item_id: int
    kind: str
    key: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class LinkedItem:
    """参加核对的事项：编号、名称、承办机构。"""

    item_id: int
    name: str
    lead_division: str = ""


@dataclass(frozen=True, slots=True)
class ClauseCoverage:
    """一条（句）职责：对应的事项，落到的内设机构（只对主要职责）。"""

    piece: Piece
    items: tuple[int, ...]
    divisions: tuple[str, ...]

    @property
    def problem(self) -> str:
        """没有事项、没有落到内设机构、落到两个以上；没有问题则空。"""
        if not self.items:
            return "没有事项"
        if self.piece.kind == "clause" and not self.divisions:
            return "没有落到内设机构"
        return "落到两个以上内设机构" if len(self.divisions) > 1 else ""


@dataclass(frozen=True, slots=True)
class ItemCoverage:
    """一个事项：各处对应与状况；承办机构与对应的内设机构职责不符的写明。"""

    item: LinkedItem
    links: tuple[tuple[Link, LinkState], ...]
    contradiction: str

    def of(self, kind: str) -> tuple[tuple[Link, LinkState], ...]:
        return tuple(one for one in self.links if one[0].kind == kind)

    @property
    def problem(self) -> str:
        """没有条款、条文已没有、条文已改、没有内设机构职责、承办机构不符；没有问题则空。"""
        states = {state for _, state in self.links}
        if LinkState.ORPHANED in states:
            return "条文已没有"
        if not self.of("clause"):
            return "没有条款"
        if LinkState.REWORDED in states:
            return "条文已改"
        if not self.of("duty"):
            return "没有内设机构职责"
        return "承办机构不符" if self.contradiction else ""


@dataclass(frozen=True, slots=True)
class MandateCoverage:
    """一份清单的三定对应：各事项、各主要职责、各内设机构职责。"""

    items: tuple[ItemCoverage, ...]
    clauses: tuple[ClauseCoverage, ...]
    duties: tuple[ClauseCoverage, ...]

    @property
    def item_percent(self) -> int:
        """有条款且没有失去的事项，占全部（%，去尾）。"""
        covered = sum(bool(one.of("clause")) and one.problem != "条文已没有" for one in self.items)
        return covered * 100 // len(self.items) if self.items else 0

    @property
    def clause_percent(self) -> int:
        """有事项的主要职责，占全部（%，去尾）。"""
        return sum(bool(one.items) for one in self.clauses) * 100 // len(self.clauses) if self.clauses else 0


def state_of(link: Link, pieces: Mapping[str, Piece]) -> LinkState:
    """一处对应今天的状况。"""
    piece = pieces.get(link.key)
    if piece is None:
        return LinkState.ORPHANED
    return LinkState.GOOD if piece.text == link.text else LinkState.REWORDED


def coverage(items: Sequence[LinkedItem], pieces: Sequence[Piece], links: Sequence[Link]) -> MandateCoverage:
    """核对一份清单。O(items + pieces + links)."""
    by_key = {one.key: one for one in pieces}
    by_item: dict[int, list[tuple[Link, LinkState]]] = {}
    holders: dict[str, list[int]] = {}
    known = {one.item_id for one in items}
    for link in links:
        if link.item_id in known:
            by_item.setdefault(link.item_id, []).append((link, state_of(link, by_key)))
            holders.setdefault(link.key, []).append(link.item_id)
    divisions = {
        item_id: [by_key[link.key].label for link, _ in held if link.kind == "duty" and link.key in by_key]
        for item_id, held in by_item.items()
    }
    return MandateCoverage(
        items=tuple(
            ItemCoverage(one, tuple(by_item.get(one.item_id, ())), _contradiction(one, divisions.get(one.item_id, [])))
            for one in items
        ),
        clauses=tuple(_of_piece(one, holders, divisions) for one in pieces if one.kind == "clause"),
        duties=tuple(_of_piece(one, holders, {}) for one in pieces if one.kind == "duty"),
    )


def _of_piece(piece: Piece, holders: Mapping[str, list[int]], divisions: Mapping[int, list[str]]) -> ClauseCoverage:
    items = tuple(dict.fromkeys(holders.get(piece.key, ())))
    return ClauseCoverage(piece, items, tuple(dict.fromkeys(name for one in items for name in divisions.get(one, ()))))


def _contradiction(item: LinkedItem, divisions: Sequence[str]) -> str:
    """承办机构不在对应的内设机构之中。Words in brackets and additions ("法规科（审批科）") are the same division."""
    lead = canonical_name(item.lead_division)
    if not divisions or not lead or any(canonical_name(name) in lead for name in divisions):
        return ""
    return f"承办机构为“{item.lead_division}”，对应的是{'、'.join(dict.fromkeys(divisions))}的职责"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """一处建议：条款、相合程度（%）、共有的词。Proposed, never applied by itself."""

    piece: Piece
    percent: int
    shared: tuple[str, ...]


LIKELY = 45  # percent of the item's words found in the clause
# What every name has says nothing of what it is about; longer words first, so that 许可证 goes as one.
_COMMON = re.compile(
    "许可证|不按照|不符合|未按照|未经|擅自|违反|使用|方法|情形|行为|规定|有关|处罚|检查|许可|审批|审核|核发|监督|管理|实施|"
    "组织|负责|工作|进行|行政|单位|个人|人员|活动|确认|登记|备案|强制|征收|给付|奖励|裁决|以及|对|的|等|及|和|或|其|由|在|证"
)


def suggest(name: str, pieces: Sequence[Piece], *, most: int = 3) -> tuple[Suggestion, ...]:
    """为一个事项建议条款：名称里的词（两字，除去人人都有的）有几成在条款里。相合多者在前。"""
    words = _words(name)
    if not words:
        return ()
    found = []
    for piece in pieces:
        shared = [word for word in words if word in piece.text]
        percent = len(shared) * 100 // len(words)
        if percent >= LIKELY:
            found.append(Suggestion(piece, percent, _joined(shared, name, piece.text)))
    found.sort(key=lambda one: -one.percent)
    return tuple(found[:most])


def _words(text: str) -> list[str]:
    """两字一词，去掉人人都有的，不跨标点与去掉的词。"""
    plain = "".join(char if "一" <= char <= "鿿" else " " for char in canonical_name(text))
    plain = _COMMON.sub(" ", plain)
    pairs = (plain[n : n + 2] for n in range(len(plain) - 1))
    return list(dict.fromkeys(one for one in pairs if " " not in one))


def _joined(pairs: Sequence[str], name: str, text: str) -> tuple[str, ...]:
    """相连的两字并成一个词，如“农药”“药经”“经营”并成“农药经营”。"""
    words: list[str] = []
    for pair in pairs:
        longer = words[-1] + pair[1] if words and words[-1][-1] == pair[0] else ""
        if longer and longer in canonical_name(name) and longer in text:
            words[-1] = longer
        else:
            words.append(pair)
    return tuple(words)
