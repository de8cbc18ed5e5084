"""逐字比对：旧文与新文的差别，按字标出增删。

The result is data, not markup; the template escapes each piece. Single equal characters between two changes are folded
into the change, because confetti is harder to read than one replaced phrase. Short values, numbers and texts with little
in common are not interleaved at all: 6 → 5 must never read as 65.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Indel

Kind = Literal["same", "added", "removed"]
_LARGEST_TABLE = 200_000_000  # characters × characters; beyond it whole lines are compared
_SHORT = 12  # characters; up to here the whole value is easier to read than its pieces
_LEAST_COMMON = 0.3  # of the characters of both; below it the text was rewritten, not amended
_NUMERIC = re.compile(r"[\d\s.,:%+\-−/]+")


@dataclass(frozen=True, slots=True)
class Segment:
    """一段：相同、增加或删去的文字。"""

    kind: Kind
    text: str


def diff(old: str, new: str) -> tuple[Segment, ...]:
    """旧文 → 新文的各段；拼接 same+removed 得旧文，same+added 得新文。"""
    if old == new:
        return (Segment("same", new),) if new else ()
    if len(old) * len(new) > _LARGEST_TABLE:
        return _by_lines(old, new)
    if _is_one_value(old, new):
        return _replaced(old, new)
    found = _merged(_folded(_by_characters(old, new)))
    return _replaced(old, new) if _is_rewritten(found) else found


def is_replacement(segments: Iterable[Segment]) -> bool:
    """是否整体替换：一删一增，没有相同的文字。"""
    return [segment.kind for segment in segments] == ["removed", "added"]


def is_changed(segments: Iterable[Segment]) -> bool:
    """是否有增删。"""
    return any(segment.kind != "same" for segment in segments)


def old_side(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """只留旧文一侧。"""
    return tuple(segment for segment in segments if segment.kind != "added")


def new_side(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """只留新文一侧。"""
    return tuple(segment for segment in segments if segment.kind != "removed")


def _replaced(old: str, new: str) -> tuple[Segment, ...]:
    """整体替换：先旧后新，不穿插；空的一侧不列。"""
    both = (Segment("removed", old), Segment("added", new))
    return tuple(segment for segment in both if segment.text)


def _is_one_value(old: str, new: str) -> bool:
    """短值或数字，整个地看。"""
    is_short = len(old) <= _SHORT and len(new) <= _SHORT
    return is_short or all(_NUMERIC.fullmatch(text) for text in (old, new))


def _is_rewritten(segments: Iterable[Segment]) -> bool:
    """两侧都有改动，而相同的字太少。Text only added or only removed stays in its place."""
    length = {"same": 0, "added": 0, "removed": 0}
    for segment in segments:
        length[segment.kind] += len(segment.text)
    both = 2 * length["same"] + length["added"] + length["removed"]
    return bool(length["added"] and length["removed"]) and 2 * length["same"] < _LEAST_COMMON * both


def _by_characters(old: str, new: str) -> list[Segment]:
    found: list[Segment] = []
    for step in Indel.opcodes(old, new):
        if step.tag == "equal":
            found.append(Segment("same", new[step.dest_start : step.dest_end]))
            continue
        if step.src_end > step.src_start:
            found.append(Segment("removed", old[step.src_start : step.src_end]))
        if step.dest_end > step.dest_start:
            found.append(Segment("added", new[step.dest_start : step.dest_end]))
    return found


def _by_lines(old: str, new: str) -> tuple[Segment, ...]:
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    found: list[Segment] = []
    for tag, i, j, k, end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Segment("same", "".join(after[k:end])))
            continue
        if j > i:
            found.append(Segment("removed", "".join(before[i:j])))
        if end > k:
            found.append(Segment("added", "".join(after[k:end])))
    return _merged(found)


def _folded(segments: list[Segment]) -> list[Segment]:
    """夹在两处改动之间的单字并入改动。"""
    folded: list[Segment] = []
    for index, segment in enumerate(segments):
        between = 0 < index < len(segments) - 1
        if segment.kind == "same" and between and len(segment.text) == 1 and segment.text not in "，。；：、！？\n":
            folded += [Segment("removed", segment.text), Segment("added", segment.text)]
        else:
            folded.append(segment)
    return folded


def _merged(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """相邻改动合为一删一增。"""
    merged: list[Segment] = []
    removed = added = ""

    def close() -> None:
        nonlocal removed, added
        if removed:
            merged.append(Segment("removed", removed))
        if added:
            merged.append(Segment("added", added))
        removed = added = ""

    for segment in segments:
        if segment.kind == "removed":
            removed += segment.text
        elif segment.kind == "added":
            added += segment.text
        else:
            close()
            merged.append(segment)
    close()
    return tuple(merged)
