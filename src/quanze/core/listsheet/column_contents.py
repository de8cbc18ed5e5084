"""叫法认不出的栏目，按内容认：满栏都是职权类型的，就是职权类型。

Only the two fields that a list cannot do without, only where no column has the name, and always said ("请核对").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from quanze.core.listsheet.grids import Grid
from quanze.core.listsheet.hygiene import short_text
from quanze.core.listsheet.layout import Column, Layout
from quanze.core.listsheet.vocabulary import HeaderVocabulary

_CITED = re.compile(r"《[^《》\n]{2,60}》[^《》]{0,80}?第\s*[\d零〇一二三四五六七八九十百千]+\s*条")
# Names that say little of what a column holds.
_VAGUE = {"power_type": ("", "category", "status_text"), "basis_text": ("", "authority_source", "remark")}


def with_contents(layout: Layout, grid: Grid, vocabulary: HeaderVocabulary) -> Layout:
    """补认职权类型、实施依据两栏。"""
    layout = _found(layout, grid, "power_type", lambda cell: bool(vocabulary.power_type(cell)), share=9)
    return _found(layout, grid, "basis_text", lambda cell: _CITED.search(cell) is not None, share=6)


def _found(layout: Layout, grid: Grid, field: str, is_such: Callable[[str], bool], *, share: int) -> Layout:
    """``share``: of ten filled cells so many must be such."""
    if field in layout.fields:
        return layout
    for column in layout.columns:
        if column.field in _VAGUE[field] and not column.part and _holds(column, grid, layout, is_such, share):
            columns = tuple(replace(c, field=field, is_loose=True) if c is column else c for c in layout.columns)
            return replace(layout, columns=columns)
    return layout


def _holds(column: Column, grid: Grid, layout: Layout, is_such: Callable[[str], bool], share: int) -> bool:
    cells = [short_text(grid.own(row, column.index)) for row in range(layout.last_row + 1, grid.height)]
    filled = [cell for cell in cells if cell]
    return bool(filled) and sum(map(is_such, filled)) * 10 >= len(filled) * share
