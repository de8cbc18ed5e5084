"""与上级清单比对：按编码、再按名称找对应，说明一致、不同、上级有本级无、本级有上级无。"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

RESULTS = {"matched": "一致", "differing": "不同", "unmatched": "上级有本级无", "extra": "本级有上级无"}


@dataclass(frozen=True, slots=True)
class ExtractRow:
    """上级清单的一行：行号、编码、名称、类型。"""

    row: int
    code: str
    name: str
    type_label: str


@dataclass(frozen=True, slots=True)
class LocalRow:
    """本级的一条：编号、编码、名称、类型。"""

    entry_id: int
    codes: tuple[str, ...]
    name: str
    type_label: str


@dataclass(frozen=True, slots=True)
class AlignedRow:
    """比对结果的一行。"""

    result: str
    code: str
    name: str
    local_name: str
    note: str
    row: int | None = None
    entry_id: int | None = None


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text)
    return "".join(letter for letter in folded if not letter.isspace() and letter not in '（）()“”"《》、，,')


def align(extract: Sequence[ExtractRow], local: Sequence[LocalRow]) -> list[AlignedRow]:
    """逐行比对。A code decides before a name does; a local row answers to one row above only."""
    by_code = {code: one for one in local for code in one.codes if code}
    by_name: dict[str, LocalRow] = {}
    for one in local:
        by_name.setdefault(_plain(one.name), one)
    taken: set[int] = set()
    found = []
    for row in extract:
        mine = by_code.get(row.code) if row.code else None
        if mine is None or mine.entry_id in taken:
            mine = by_name.get(_plain(row.name))
        if mine is None or mine.entry_id in taken:
            found.append(AlignedRow("unmatched", row.code, row.name, "", "本级清单没有这一项", row.row))
            continue
        taken.add(mine.entry_id)
        differences = _differences(row, mine)
        found.append(
            AlignedRow(
                "differing" if differences else "matched",
                row.code,
                row.name,
                mine.name,
                "；".join(differences),
                row.row,
                mine.entry_id,
            )
        )
    for one in local:
        if one.entry_id not in taken:
            code = next((code for code in one.codes if code), "")
            found.append(AlignedRow("extra", code, "", one.name, "上级清单没有这一项", None, one.entry_id))
    return found


def _differences(row: ExtractRow, mine: LocalRow) -> list[str]:
    said = []
    if _plain(row.name) != _plain(mine.name):
        said.append(f"名称：上级“{row.name}”，本级“{mine.name}”")
    if row.type_label and mine.type_label and _plain(row.type_label) != _plain(mine.type_label):
        said.append(f"类型：上级“{row.type_label}”，本级“{mine.type_label}”")
    if row.code and mine.codes and row.code not in mine.codes and any(mine.codes):
        said.append(f"编码：上级 {row.code}，本级 {'、'.join(code for code in mine.codes if code)}")
    return said


def alignment_percent(matched: int, differing: int, unmatched: int) -> int | None:
    """对应率（%）：一致的占上级清单各行；上级清单没有行则为空。"""
    whole = matched + differing + unmatched
    return matched * 100 // whole if whole else None
