"""限流记录：同一来源反复被拒时，头若干次逐条记，其后合并成带次数的一条。

Somebody who knocks ten thousand times a minute must neither fill the disk nor go unnoticed. After the first few of a
minute a row is written at every doubling; what is left over is written when the minute is over and somebody knocks
again. Counting is per process and lost with it: at most half of what was counted since the last row.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

Row = TypeVar("Row")
WINDOW = timedelta(minutes=1)
ONE_BY_ONE = 20
SOURCES = 500
_REST = object()


@dataclass(slots=True)
class _Count(Generic[Row]):
    row: Row
    seen: int = 0
    written: int = 0


class Flood(Generic[Row]):
    """一个进程内的计数。``take`` answers which rows to write now, each with how many attempts it stands for."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ends: datetime | None = None
        self._counts: dict[Hashable, _Count[Row]] = {}

    def take(self, key: Hashable, row: Row, now: datetime) -> list[tuple[Row, int]]:
        """来了一次；返回此刻应写的行与各自的次数。"""
        with self._lock:
            due = self._turn(now)
            if key not in self._counts and len(self._counts) >= SOURCES:
                # Ever new sources are one flood, too.
                key = _REST
            count = self._counts.setdefault(key, _Count(row))
            count.row = row
            count.seen += 1
            if count.seen <= ONE_BY_ONE or count.seen >= 2 * count.written:
                due.append((row, count.seen - count.written))
                count.written = count.seen
            return due

    def _turn(self, now: datetime) -> list[tuple[Row, int]]:
        if self._ends is not None and self._ends - WINDOW <= now < self._ends:
            return []
        left = [(one.row, one.seen - one.written) for one in self._counts.values() if one.seen > one.written]
        self._counts = {}
        self._ends = now + WINDOW
        return left
