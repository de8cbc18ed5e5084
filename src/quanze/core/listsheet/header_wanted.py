"""找不到表头时，说清最像表头的是哪一行、缺什么，或者表头其实在第几行。"""

from __future__ import annotations

from quanze.core.listsheet.grids import Grid
from quanze.core.listsheet.layout import NAMING, SEARCHED_ROWS, layout_at
from quanze.core.listsheet.vocabulary import HeaderVocabulary

LOOKED_AT = 60
NO_HEADER = f"前 {SEARCHED_ROWS} 行里没有找到表头，没有读；表头至少要有“事项名称”和另外两栏"


def header_wanted(grid: Grid, vocabulary: HeaderVocabulary) -> tuple[int | None, str]:
    """(行, 说明)；行从 0 起，没有一行像表头则 None。"""
    best_row: int | None = None
    best_labels: list[str] = []
    for row in range(min(grid.height, LOOKED_AT)):
        if layout_at(grid, row, vocabulary) is not None:
            # Only rows beyond the searched ones can be headers here.
            return (
                row,
                f"表头在第 {row + 1} 行，而只在前 {SEARCHED_ROWS} 个有字的行里找，没有读；请删去或合并表头上面的行",
            )
        codes = list(dict.fromkeys(code for _, cell in grid.distinct(row) if (code := vocabulary.exact(cell))))
        if len(codes) >= 2 and len(codes) > len(best_labels):
            best_row, best_labels = row, codes
    if best_row is None:
        return None, NO_HEADER
    known = "、".join(f"“{vocabulary.spec(code).label}”" for code in best_labels[:4])
    lack = (
        "没有“事项名称”（或职权名称）一栏"
        if not set(best_labels) & set(NAMING)
        else "还要有另外的栏目，如“职权类型”“实施依据”"
    )
    return best_row, f"第 {best_row + 1} 行最像表头，认出{known}，但{lack}，没有读"
