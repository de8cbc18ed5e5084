"""逐字比对：旧文与新文的差别，按字标出增删。

The result is data, not markup; the template escapes each piece. Single equal characters between two changes are folded
into the change, because confetti is harder to read than one replaced phrase.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Indel

Kind = Literal["same", "added", "removed"]
_LARGEST_TABLE = 200_000_000  # characters × characters; beyond it whole lines are compared


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
    return _merged(_folded(_by_characters(old, new)))


def is_changed(segments: Iterable[Segment]) -> bool:
    """是否有增删。"""
    return any(segment.kind != "same" for segment in segments)


def old_side(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """只留旧文一侧。"""
    return tuple(segment for segment in segments if segment.kind != "added")


def new_side(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """只留新文一侧。"""
    return tuple(segment for segment in segments if segment.kind != "removed")


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
