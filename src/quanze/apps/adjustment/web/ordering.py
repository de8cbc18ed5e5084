"""排好了的行加上次序：按算出来的先后翻页，键集分页就有了可比的键。"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class OrderedRow:
    """一行与它的次序；其余照原来的行。"""

    def __init__(self, order: int, row: Any) -> None:
        self.order, self._row = order, row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


def ordered(rows: Iterable[Any]) -> list[OrderedRow]:
    """逐行编上次序。"""
    return [OrderedRow(order, row) for order, row in enumerate(rows)]
