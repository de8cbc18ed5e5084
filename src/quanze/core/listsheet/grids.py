"""网格：在一张表上按行列取文字，合并区域里的空格能取到区域的文字。"""

from __future__ import annotations

from quanze.core.workbook import Sheet

# A hostile sheet may merge overlapping areas of millions of cells; beyond this many covered cells merges are not
# followed.
MAX_COVERED = 2_000_000

Place = tuple[int, int]


class Grid:
    """一张表的只读视图。行列从 0 起；越界取得 ""。"""

    def __init__(self, sheet: Sheet) -> None:
        self.rows = sheet.rows
        self.height = len(sheet.rows)
        self.width = max((len(row) for row in sheet.rows), default=0)
        self._top_left: dict[Place, Place] = {}
        self.has_unread_merges = False
        budget = MAX_COVERED
        for merge in sheet.merges:
            bottom, right = min(merge.last_row, self.height - 1), min(merge.last_column, self.width - 1)
            area = (bottom - merge.first_row + 1) * (right - merge.first_column + 1)
            if bottom < merge.first_row or right < merge.first_column:
                continue
            budget -= area
            if budget < 0:
                self.has_unread_merges = True
                break
            start = (merge.first_row, merge.first_column)
            for row in range(merge.first_row, bottom + 1):
                for column in range(merge.first_column, right + 1):
                    self._top_left[row, column] = start

    def own(self, row: int, column: int) -> str:
        """单元格自己的文字。"""
        cells = self.rows[row] if 0 <= row < self.height else ()
        return cells[column] if 0 <= column < len(cells) else ""

    def start_of(self, row: int, column: int) -> Place:
        """所在合并区域的左上角；未合并则是自己。"""
        return self._top_left.get((row, column), (row, column))

    def shown(self, row: int, column: int) -> str:
        """看上去的文字：自己的，或所在合并区域的。"""
        own = self.own(row, column)
        if own.strip():
            return own
        return self.own(*self.start_of(row, column))

    def continues_above(self, row: int, column: int) -> bool:
        """是否在自上而来的合并区域里（不是其首行）。"""
        return self.start_of(row, column)[0] < row

    def is_blank(self, row: int) -> bool:
        """整行没有自己的文字。"""
        return not any(cell.strip() for cell in self.rows[row])

    def distinct(self, row: int) -> list[tuple[int, str]]:
        """行内各不相同的文字及其首列；横向复制或合并的同一文字只算一次。"""
        seen: dict[str, int] = {}
        for column, cell in enumerate(self.rows[row]):
            text = "".join(cell.split())
            if text:
                seen.setdefault(text, column)
        return [(column, text) for text, column in seen.items()]
