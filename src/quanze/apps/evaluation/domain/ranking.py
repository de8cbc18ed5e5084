"""排名：同一层级内按总分排名，同分同名次，没有总分的不排。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """名次：在本层级的名次与参加排名的单位数；没有总分时名次为空。"""

    rank: int | None
    of: int


def standings(totals: Mapping[int, Decimal | None], levels: Mapping[int, str]) -> dict[int, Standing]:
    """各单位的名次（市级、县级、乡级分别排名）。"""
    result: dict[int, Standing] = {}
    for level in sorted(set(levels.values())):
        members = [body_id for body_id in totals if levels[body_id] == level]
        scored = [total for body_id in members if (total := totals[body_id]) is not None]
        for body_id in members:
            total = totals[body_id]
            rank = None if total is None else 1 + sum(other > total for other in scored)
            result[body_id] = Standing(rank, len(scored))
    return result


def average(values: Iterable[Decimal | None]) -> Decimal | None:
    """有值者的平均数，保留两位；都没有值则为空。"""
    known = [value for value in values if value is not None]
    return (sum(known, Decimal(0)) / len(known)).quantize(Decimal("0.01")) if known else None
