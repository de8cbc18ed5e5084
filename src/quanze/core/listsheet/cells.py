"""按要素取单元格：清理过的文字、原文，并报告单元格里的异物。"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from quanze.core.listsheet.grids import Grid
from quanze.core.listsheet.hygiene import CleanText, InjectionPatterns, cleaned
from quanze.core.listsheet.layout import RUNNING_PARTS, Column, Layout
from quanze.core.listsheet.vocabulary import HeaderVocabulary

# code, row, column, message — rows and columns from 0; the sheet is known to the receiver.
Report = Callable[[str, int | None, int | None, str], None]

# Fields in which "无" or "/" means that there is nothing.
EMPTIABLE = ("name", "subitem", "power_type", "seq", "subseq")
# Fields that number a row and say nothing of the item.
NUMBERING = ("seq", "subseq")
SHOWN_CHARACTERS = 20


class Cells:
    """一段表（一个版式）里的单元格。"""

    def __init__(
        self,
        grid: Grid,
        layout: Layout,
        vocabulary: HeaderVocabulary,
        patterns: InjectionPatterns,
        report: Report,
        *,
        is_wrapped: bool,
    ) -> None:
        self.grid, self.layout, self.vocabulary = grid, layout, vocabulary
        self._patterns, self._report, self._is_wrapped = patterns, report, is_wrapped
        self._reported: set[tuple[int, int]] = set()
        self._by_field: dict[str, tuple[Column, ...]] = {}
        for column in layout.columns:
            if column.field:
                self._by_field[column.field] = (*self._by_field.get(column.field, ()), column)
        self._clean = lru_cache(maxsize=20_000)(self._cleaned)

    def _cleaned(self, raw: str, field: str, is_long: bool) -> CleanText:
        return cleaned(raw, is_long=is_long, field=field, patterns=self._patterns, is_wrapped=self._is_wrapped)

    def has(self, field: str) -> bool:
        """这一段表有没有此要素的栏。"""
        return field in self._by_field

    def column(self, field: str) -> int:
        """要素的首栏（从 0 起）；调用前须知其有。"""
        return self._by_field[field][0].index

    def own(self, row: int, field: str) -> str:
        """自己写在这一行的文字；合并而来的不算。"""
        return self._value(row, field, is_shown=False)

    def shown(self, row: int, field: str) -> str:
        """看上去的文字：纵向合并的算在每一行。"""
        return self._value(row, field, is_shown=True)

    def is_merged_from_above(self, row: int, field: str) -> bool:
        """此要素的单元格是否属于上面一行开始的合并区域。"""
        return self.has(field) and self.grid.continues_above(row, self.column(field))

    def fields(self, row: int, *, is_shown: bool = True) -> dict[str, str]:
        """一行的全部要素，只留有字的；不含序号与不采用的栏目。"""
        found = {}
        for field in self._by_field:
            if field in NUMBERING or field == "unused":
                continue
            text = self._value(row, field, is_shown=is_shown)
            if text:
                found[field] = text
        return found

    def raw(self, row: int) -> dict[str, str]:
        """一行的原文，按表头；一个表头有几栏的，后面的加上列号。没有表头的列以“第 n 列”为名。"""
        found: dict[str, str] = {}
        headed = set()
        for column in self.layout.columns:
            headed.add(column.index)
            text = self._raw(row, column.index, is_shown=True)
            if text:
                header = column.header or f"第 {column.index + 1} 列"
                found[header if header not in found else f"{header}（第 {column.index + 1} 列）"] = text
        for index, text in enumerate(self.grid.rows[row]):
            if index not in headed and text.strip():
                found[f"第 {index + 1} 列"] = text
        return found

    def raw_of(self, row: int, field: str) -> str:
        """某要素自己写在这一行的原文，取首栏。"""
        columns = self._by_field.get(field, ())
        return self.grid.own(row, columns[0].index) if columns else ""

    def other_fields(self, row: int) -> list[str]:
        """除序号、名称、子项之外，自己写了字的要素。"""
        return [
            field
            for field in self._by_field
            if field not in (*NUMBERING, "name", "subitem", "unused") and self._value(row, field, is_shown=False)
        ]

    def _raw(self, row: int, index: int, *, is_shown: bool) -> str:
        own = self.grid.own(row, index)
        if own.strip() or not is_shown:
            return own
        start = self.grid.start_of(row, index)
        # A cell merged sideways shows its text once, in its first column.
        return self.grid.own(*start) if start[0] < row and start[1] == index else ""

    def _above(self, row: int, index: int) -> str:
        """写“同上”的，指上面最近一格自己有字而不是“同上”的。"""
        for at in range(row - 1, self.layout.last_row, -1):
            text = self.grid.own(at, index)
            if text.strip() and not self.vocabulary.is_ditto(text):
                return text
        return ""

    def _value(self, row: int, field: str, *, is_shown: bool) -> str:
        columns = self._by_field.get(field, ())
        is_long = bool(columns) and self.vocabulary.spec(field).kind == "long"
        texts: list[str] = []
        for column in columns:
            raw = self._raw(row, column.index, is_shown=is_shown)
            if not raw.strip():
                continue
            if field not in NUMBERING and self.vocabulary.is_ditto(raw):
                raw = self._above(row, column.index) or raw
            clean = self._clean(raw, field, is_long)
            self._tell(row, column, clean)
            text = clean.text
            if not text or (field in EMPTIABLE and self.vocabulary.is_none(text)):
                continue
            if column.part in RUNNING_PARTS:
                is_running = is_long and bool(texts) and not texts[-1].endswith(("。", "；"))
                texts[-1:] = [f"{texts[-1]}{text}"] if is_running else [*texts[-1:], text]
                continue
            if column.part:
                text = f"{column.part}：{text}"
            elif not is_long:
                if not texts:
                    texts.append(text)
                continue
            if text not in texts:
                texts.append(text)
        return ("\n" if is_long else "；").join(texts)

    def _tell(self, row: int, column: Column, clean: CleanText) -> None:
        if not (clean.has_control or clean.injections):
            return
        place = self.grid.start_of(row, column.index)
        if place in self._reported:
            return
        self._reported.add(place)
        if clean.has_control:
            self._report("control_characters", *place, f"“{column.header}”含有控制字符或不可见字符，已去掉，原文保留")
        for injection in clean.injections:
            seen = injection.text[:SHOWN_CHARACTERS]
            self._report(
                "injected_text", *place, f"“{column.header}”疑似混入{injection.label}：“{seen}”，请与正式文本核对"
            )
