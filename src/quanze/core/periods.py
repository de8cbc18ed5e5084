"""期间：半开区间 [起, 止)，止为空表示至今有效。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Period:
    """有效期 [start, end)。相邻两段首尾相接而不重叠，同日更正因此可行。"""

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"期间的止日 {self.end} 必须晚于起日 {self.start}")

    def contains(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    def overlaps(self, other: Period) -> bool:
        return (other.end is None or self.start < other.end) and (self.end is None or other.start < self.end)


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """带日期的值：自 valid_from 起生效，直到下一个值生效。"""

    valid_from: date
    value: T
    source: str = ""


def as_of(values: Iterable[Dated[T]], day: date) -> Dated[T] | None:
    """某日有效的值：不晚于该日者中最后生效的一个。"""
    in_force = [v for v in values if v.valid_from <= day]
    return max(in_force, key=lambda v: v.valid_from) if in_force else None
