"""机构沿革的规则：各次变更自哪天起说了什么，合起来是某日（按某日所知）的样子。

A change states only what it changes. What held on a day is, attribute by attribute, the latest statement that begins on or
before it; of two that begin on one day the later recorded one counts: that is how a slip of the pen is corrected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

ATTRIBUTE_LABELS = {
    "name": "机构名称",
    "short_name": "简称",
    "kind": "种类",
    "region_id": "行政区划",
    "document_mark": "代字",
    "parent_id": "上级机构",
    "valid_to": "撤销日期",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """一次机构变更：编号、自哪天起、哪一刻记录、说了什么。

    ``recorded_at`` is None for what stood in the directory before changes were kept: it counts as known on every day.
    ``values`` maps attribute names (see ``ATTRIBUTE_LABELS``) to JSON values; a day is ISO text.
    """

    id: int
    on: date
    recorded_at: datetime | None
    values: Mapping[str, Any]


def known_at(statements: Iterable[Statement], known: datetime | None) -> list[Statement]:
    """到那一刻已记录的变更，按生效日与记录先后。None asks for everything recorded so far."""
    found = (one for one in statements if known is None or one.recorded_at is None or one.recorded_at <= known)
    return sorted(found, key=lambda one: (one.on, one.id))


def state_on(statements: Iterable[Statement], *, on: date, known: datetime | None = None) -> dict[str, Any] | None:
    """机构某日的样子（按某一刻所知）；那时还没有任何记录为 None。

    Before its first day a body is shown as on its first day. The day of its end is what was said last, whatever the day
    asked: it is itself a day.
    """
    rows = known_at(statements, known)
    if not rows:
        return None
    first = rows[0].on
    state: dict[str, Any] = {}
    for row in rows:
        if row.on <= max(on, first):
            state.update(row.values)
    ends = [row for row in rows if "valid_to" in row.values]
    state["valid_to"] = max(ends, key=lambda one: one.id).values["valid_to"] if ends else None
    return state


def last_stated(statements: Iterable[Statement], attributes: Iterable[str]) -> tuple[date, str] | None:
    """这几项最近一次说到是自哪天起、哪一项；从未说到为 None。"""
    wanted = set(attributes)
    found = [(one.on, key) for one in statements for key in ATTRIBUTE_LABELS if key in one.values and key in wanted]
    return max(found, key=lambda pair: pair[0]) if found else None


@dataclass(frozen=True, slots=True)
class Told:
    """沿革的一行里的一项：哪一项、由什么、到什么；设立时没有“由”。"""

    label: str
    before: Any
    after: Any
    key: str


def told(statements: Sequence[Statement]) -> list[tuple[Statement, list[Told]]]:
    """沿革：每次变更与它改了什么，按生效日；同日更正的也各列一行。"""
    state: dict[str, Any] = {}
    rows = []
    for number, one in enumerate(known_at(statements, None)):
        pieces = [
            Told(label, None if number == 0 else state.get(key), one.values[key], key)
            for key, label in ATTRIBUTE_LABELS.items()
            if key in one.values
        ]
        state.update(one.values)
        rows.append((one, pieces))
    return rows
