"""值班：班次与起止时刻、带班与值班、谁能排。Pure; a turn is a span of time, so "now" needs no table of shifts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from quanze.core.statemachine import Lifecycle, Transition

ZONE = ZoneInfo("Asia/Shanghai")
# Whoever answers for the people of a body keeps its roster; small bodies and towns have no personnel section.
ROSTER_KEEPERS = ("personnel", "division_head", "deputy_head", "head", "town_dispatcher")


class RosterPart(StrEnum):
    """带班还是值班。"""

    LEADER = "leader"
    MEMBER = "member"


PART_LABELS = {RosterPart.LEADER: "带班", RosterPart.MEMBER: "值班"}
TURN_FLOW = Lifecycle(
    name="org.roster_turn",
    label="值班",
    initial="planned",
    states={"planned": "已排", "cancelled": "已撤"},
    transitions=(
        Transition("planned", "change", "planned", frozenset(ROSTER_KEEPERS), "换班", reason_required=True),
        Transition("planned", "cancel", "cancelled", frozenset(ROSTER_KEEPERS), "撤销值班", reason_required=True),
    ),
)


@dataclass(frozen=True, slots=True)
class Shift:
    """班次：代码、名称、起止钟点、别名。"""

    code: str
    label: str
    starts: time
    ends: time
    names: tuple[str, ...] = ()

    def span(self, on: date) -> tuple[datetime, datetime]:
        """某日这一班的起止时刻；止不晚于起的到次日。"""
        first = datetime.combine(on, self.starts, ZONE)
        last = datetime.combine(on + timedelta(days=int(self.ends <= self.starts)), self.ends, ZONE)
        return first, last


def parse_shifts(data: Mapping[str, Any]) -> tuple[dict[str, Shift], str]:
    """班次与没有填写时的一班；重复、未知的默认指明。"""
    found: dict[str, Shift] = {}
    for row in data["shifts"]:
        shift = Shift(
            row["code"],
            row["label"],
            time.fromisoformat(row["starts"]),
            time.fromisoformat(row["ends"]),
            tuple(row.get("names", ())),
        )
        if shift.code in found:
            raise ValueError(f"班次“{shift.code}”重复")
        found[shift.code] = shift
    if data["default"] not in found:
        raise ValueError(f"默认班次“{data['default']}”不在表中")
    return found, data["default"]


SHIFTS, DEFAULT_SHIFT = parse_shifts(
    yaml.safe_load((Path(__file__).resolve().parents[1] / "packs" / "shifts.yaml").read_text("utf-8"))
)


def shift_named(text: str) -> Shift | None:
    """按名称、别名或代码认出班次；空的为默认。"""
    plain = "".join(text.split())
    if not plain:
        return SHIFTS[DEFAULT_SHIFT]
    return next((one for one in SHIFTS.values() if plain in (one.label, one.code, *one.names)), None)
