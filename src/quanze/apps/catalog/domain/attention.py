"""社会关注度高或办件量大的事项：按登记的各来源数次数，各取前若干名。

The catalogue knows how often people reported an error; how often cases are run is known above it. Whoever knows a figure
registers a source in ``AppConfig.ready``; nothing is imported upward.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

# Bodies, first day, last day (both counted) → item code → times. Items without any may be left out.
Counts = Callable[[Collection[int], date, date], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class AttentionSource:
    """一个来源：代码、名称、单位、怎样数。"""

    code: str
    label: str
    unit: str
    counts: Counts


_sources: dict[str, AttentionSource] = {}


def register_attention_source(source: AttentionSource) -> None:
    """登记一个来源；同名再登记即覆盖。Called in AppConfig.ready."""
    _sources[source.code] = source


def attention_sources() -> tuple[AttentionSource, ...]:
    """全部来源，依登记的次序。"""
    return tuple(_sources.values())


def window_start(on: date, months: int) -> date:
    """统计的首日：连本月在内往前数若干个整月。"""
    index = on.year * 12 + on.month - 1 - (months - 1)
    return date(index // 12, index % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Standing:
    """一个事项在各来源的次数与名次（不在前若干名的没有名次）。"""

    code: str
    counts: Mapping[str, int]
    ranks: Mapping[str, int]

    @property
    def best(self) -> int:
        return min(self.ranks.values())


def standings(counted: Mapping[str, Mapping[str, int]], top: int) -> list[Standing]:
    """各来源（代码 → 事项标识 → 次数）的前 ``top`` 名合在一起，名次靠前的在前；次数相同的名次相同。"""
    ranks: dict[str, dict[str, int]] = {}
    for source, counts in counted.items():
        ordered = sorted(((n, code) for code, n in counts.items() if n > 0), key=lambda pair: (-pair[0], pair[1]))
        rank = 0
        for place, (n, code) in enumerate(ordered, start=1):
            if place == 1 or n != ordered[place - 2][0]:
                rank = place
            if rank > top:
                break
            ranks.setdefault(code, {})[source] = rank
    found = [
        Standing(code, {source: counts.get(code, 0) for source, counts in counted.items()}, held)
        for code, held in ranks.items()
    ]
    return sorted(found, key=lambda one: (one.best, -sum(one.counts.values()), one.code))
