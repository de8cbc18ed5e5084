"""把工作簿读成权责清单：逐表找表头、读行，再核对项数与序号。

Pure: the workbook is plain data, the words are handed in. It never fails on the content of a grid; what it cannot
read it says. ``read_power_list`` is the only entry.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from quanze.core.listsheet.cells import Cells, Report
from quanze.core.listsheet.column_contents import with_contents
from quanze.core.listsheet.copies import copies
from quanze.core.listsheet.drafts import ItemDraft
from quanze.core.listsheet.grids import Grid
from quanze.core.listsheet.header_wanted import header_wanted
from quanze.core.listsheet.hygiene import NO_PATTERNS, InjectionPatterns, are_mostly_wrapped, short_text
from quanze.core.listsheet.layout import Layout, find_layout, is_repeated_header, layout_at
from quanze.core.listsheet.reading import ListReading, ReadWarning, SheetReading
from quanze.core.listsheet.rows import RowReader
from quanze.core.listsheet.seqs import parse_seq
from quanze.core.listsheet.vocabulary import HeaderVocabulary, stated_count
from quanze.core.workbook import Sheet, Workbook

# A power list without these columns is read, and the absence is said.
USUAL_FIELDS = ("power_type", "basis_text")
SHOWN_HIDDEN = 5


@dataclass(slots=True)
class _SheetResult:
    reading: SheetReading
    drafts: list[ItemDraft] = field(default_factory=list)
    is_count_from_title: bool = False


def read_power_list(
    workbook: Workbook, vocabulary: HeaderVocabulary, patterns: InjectionPatterns = NO_PATTERNS
) -> ListReading:
    """读一份工作簿。``vocabulary`` are the header words, ``patterns`` what to report as injected text."""
    warnings: list[ReadWarning] = []
    results = [_read_sheet(sheet, vocabulary, patterns, warnings) for sheet in workbook.sheets]
    _set_copies_aside(results, warnings)
    stated = _file_count(results)
    readings = tuple(_checked_count(result, warnings) for result in results)
    _check_numbers(results, warnings)
    items = tuple(draft.freeze() for result in results for draft in result.drafts)
    for item in items:
        for text, cited in (
            ("实施依据", item.citations),
            ("责任事项依据", item.duty_citations),
            ("追责依据", item.accountability_citations),
        ):
            if cited.unparsed:
                message = f"“{text}”里有 {len(cited.unparsed)} 处没读懂，原样保留"
                warnings.append(ReadWarning("citation_unparsed", item.sheet, item.row, None, message))
    reading = ListReading(workbook.name, workbook.format, readings, items, (), stated)
    drafts = [draft for result in results for draft in result.drafts]
    if stated is not None and len(readings) > 1 and stated not in _counts(drafts):
        message = f"写明 {stated} 项，读到 {reading.item_count} 项（子项 {reading.subitem_count}）"
        warnings.append(ReadWarning("stated_count_differs", "", None, None, message))
    order = {sheet.name: place for place, sheet in enumerate(workbook.sheets)}
    warnings.sort(key=lambda w: (order.get(w.sheet, -1), w.row or 0, w.column or 0, w.code))
    return ListReading(workbook.name, workbook.format, readings, items, tuple(warnings), stated)


def _set_copies_aside(results: list[_SheetResult], warnings: list[ReadWarning]) -> None:
    """目录与重复的表不再计项。"""
    for aside in copies([result.drafts for result in results]):
        result = results[aside.place]
        name, message = result.reading.name, aside.message
        warnings.append(
            ReadWarning("contents_sheet", name, None, None, message)
            if aside.is_contents
            else ReadWarning("sheet_repeated", name, None, None, message)
        )
        result.drafts = []
        result.reading = replace(result.reading, items=0, subitems=0, numbers=0, stated_count=None)


def _read_sheet(
    sheet: Sheet, vocabulary: HeaderVocabulary, patterns: InjectionPatterns, warnings: list[ReadWarning]
) -> _SheetResult:
    def report(code: str, row: int | None, column: int | None, message: str) -> None:
        place = (None if row is None else row + 1, None if column is None else column + 1)
        warnings.append(ReadWarning(code, sheet.name, *place, message))

    nothing = _SheetResult(SheetReading(sheet.name, None, {}, 0, 0, 0, stated_count(sheet.name)))
    has_text = any(cell.strip() for row in sheet.rows for cell in row)
    if sheet.is_hidden:
        if has_text:
            report("hidden_sheet", None, None, "工作表是隐藏的，没有读；需要时请取消隐藏再读")
        return nothing
    if not has_text:
        report("empty_sheet", None, None, "空工作表")
        return nothing
    grid = Grid(sheet)
    if grid.has_unread_merges:
        report("merges_ignored", None, None, "合并单元格太多，超出部分没有按合并处理")
    layout = find_layout(grid, vocabulary)
    if layout is None:
        row, message = header_wanted(grid, vocabulary)
        report("sheet_without_list", row, None, message)
        return nothing
    layout = with_contents(layout, grid, vocabulary)
    return _SheetReader(sheet, grid, layout, vocabulary, patterns, report).read()


class _SheetReader:
    """一张有表头的表。"""

    def __init__(
        self,
        sheet: Sheet,
        grid: Grid,
        layout: Layout,
        vocabulary: HeaderVocabulary,
        patterns: InjectionPatterns,
        report: Report,
    ) -> None:
        self.sheet, self.grid, self.layout = sheet, grid, layout
        self.vocabulary, self.patterns, self.report = vocabulary, patterns, report
        self.is_wrapped = are_mostly_wrapped(cell for row in sheet.rows[layout.last_row + 1 :] for cell in row)

    def read(self) -> _SheetResult:
        """逐行读完，返回这张表的情况与未定形的事项。"""
        title = self._title()
        rows = self._row_reader(title)
        for row in range(self.layout.first_row):
            if not self.grid.is_blank(row):
                rows.skip(row, "title", " ".join(text for _, text in self.grid.distinct(row)))
        self._report_header()
        layout, cells = self.layout, self._cells(self.layout)
        row = layout.first_row
        while row < self.grid.height:
            if layout.first_row <= row <= layout.last_row:
                rows.skip(row, "header")
            elif self.grid.is_blank(row):
                rows.skip(row, "blank")
            elif is_repeated_header(self.grid, row, self.vocabulary) and (
                again := layout_at(self.grid, row, self.vocabulary)
            ):
                layout, cells = again, self._cells(again)
                continue
            else:
                rows.read(row, cells)
            row += 1
        for at, column in self.sheet.rounded:
            if at > self.layout.last_row:
                self.report("number_rounded", at, column, "数字超过 15 位，末几位不可靠；请把单元格改为文本格式后重填")
        self._report_hidden()
        self._check_sections(rows)
        return self._result(title, rows)

    def _cells(self, layout: Layout) -> Cells:
        return Cells(self.grid, layout, self.vocabulary, self.patterns, self.report, is_wrapped=self.is_wrapped)

    def _row_reader(self, title: str) -> RowReader:
        by_name = self.vocabulary.power_type_in(self.sheet.name)
        by_title = self.vocabulary.power_type_in(title)
        by_header = next((code for c in self.layout.of("name") if (code := self.vocabulary.named_type(c.header))), "")
        sources = ((by_name, "sheet"), (by_title, "title"), (by_header, "header"))
        seq_column = self.layout.index("seq")
        has_numbers = seq_column is not None and any(
            parse_seq(self.grid.own(row, seq_column)) for row in range(self.layout.last_row + 1, self.grid.height)
        )
        if seq_column is not None and not has_numbers:
            self.report("seq_column_empty", None, seq_column, "序号一栏没有序号，按事项名称计项")
        return RowReader(
            self.sheet.name,
            self.grid,
            self.vocabulary,
            self.report,
            sheet_type=next((source for source in sources if source[0]), ("", "")),
            has_numbers=has_numbers,
        )

    def _title(self) -> str:
        """表头之上的文字，一行一段。"""
        lines = [
            " ".join(short_text(self.grid.own(row, column)) for column, _ in self.grid.distinct(row))
            for row in range(self.layout.first_row)
            if not self.grid.is_blank(row)
        ]
        return "\n".join(lines)

    def _report_header(self) -> None:
        row = self.layout.last_row
        seen: set[str] = set()
        for column in self.layout.columns:
            label = self.vocabulary.spec(column.field).label if column.field else ""
            if column.is_loose:
                self.report(
                    "header_loose", row, column.index, f"栏目“{column.header}”按相近叫法或内容读作“{label}”，请核对"
                )
            elif not column.field:
                self.report("header_unknown", row, column.index, f"认不出栏目“{column.header}”，内容只留在原文里")
            elif column.field in seen and not column.part and column.field != "unused":
                self.report("header_repeated", row, column.index, f"“{label}”不止一栏，“{column.header}”是其中之一")
            seen.add(column.field)

    def _report_hidden(self) -> None:
        """隐藏的行照读：筛选忘了取消的多，真不要的少；但要让人知道。"""
        hidden = [row for row in self.sheet.hidden_rows if row > self.layout.last_row and not self.grid.is_blank(row)]
        if hidden:
            shown = "、".join(str(row + 1) for row in hidden[:SHOWN_HIDDEN]) + (
                "等" if len(hidden) > SHOWN_HIDDEN else ""
            )
            message = f"第 {shown} 行共 {len(hidden)} 行是隐藏的，照读；不该列入的，请取消隐藏或筛选后删去"
            self.report("hidden_rows", hidden[0], None, message)

    def _check_sections(self, rows: RowReader) -> None:
        """各小标题写明的项数与读到的核对。"""
        bounds = [section.first_item for section in rows.sections] + [len(rows.items)]
        for section, start, end in zip(rows.sections, bounds, bounds[1:], strict=False):
            drafts = rows.items[start:end]
            if section.stated is not None and section.stated not in _counts(drafts):
                message = f"“{section.text[:30]}”写明 {section.stated} 项，读到 {len(drafts)} 项"
                self.report("stated_count_differs", section.row, None, message)

    def _result(self, title: str, rows: RowReader) -> _SheetResult:
        by_name, by_title = stated_count(self.sheet.name), stated_count(title)
        sections = [section.stated for section in rows.sections]
        by_sections = sum(n or 0 for n in sections) if sections and all(n is not None for n in sections) else None
        stated = next((n for n in (by_name, by_title, rows.total_stated, by_sections) if n is not None), None)
        for usual in USUAL_FIELDS:
            has_other_type = usual == "power_type" and all(draft.power_type for draft in rows.items)
            if usual not in self.layout.fields and not has_other_type:
                label = self.vocabulary.spec(usual).label
                self.report("column_missing", self.layout.last_row, None, f"没有“{label}”一栏")
        reading = SheetReading(
            name=self.sheet.name,
            header_row=self.layout.first_row + 1,
            columns={c.index + 1: c.field for c in self.layout.columns if c.field},
            items=len(rows.items),
            subitems=sum(len(draft.subitems) for draft in rows.items),
            numbers=sum(max(1, len(draft.numbers)) for draft in rows.items),
            stated_count=stated,
            title=title,
            headers={c.index + 1: c.header for c in self.layout.columns if c.header},
            skipped=tuple(sorted(rows.skipped, key=lambda skipped: skipped.row)),
        )
        return _SheetResult(reading, rows.items, is_count_from_title=by_name is None and by_title is not None)


def _counts(drafts: list[ItemDraft]) -> set[int]:
    """写明的项数可能数的是什么：事项、所占序号、连子项在内、末级（有子项的按子项数）。"""
    subitems = sum(len(draft.subitems) for draft in drafts)
    return {
        len(drafts),
        sum(max(1, len(draft.numbers)) for draft in drafts),
        len(drafts) + subitems,
        sum(len(draft.subitems) or 1 for draft in drafts),
    }


def _file_count(results: list[_SheetResult]) -> int | None:
    """文件自称的项数：几张表的标题都写同一个数的，是全文件的数；否则各表之和（有一张没写则不知）。"""
    with_items = [result for result in results if result.drafts]
    if not with_items:
        return None
    titles = {result.reading.stated_count for result in with_items if result.is_count_from_title}
    if len(with_items) > 1 and len(titles) == 1 and all(result.is_count_from_title for result in with_items):
        stated = titles.pop()
        if stated is not None and all(stated not in _counts(result.drafts) for result in with_items):
            for result in with_items:
                result.reading = replace(result.reading, stated_count=None)
            return stated
    counts = [result.reading.stated_count for result in with_items]
    return sum(n for n in counts if n is not None) if all(n is not None for n in counts) else None


def _checked_count(result: _SheetResult, warnings: list[ReadWarning]) -> SheetReading:
    reading = result.reading
    if result.drafts and reading.stated_count is not None and reading.stated_count not in _counts(result.drafts):
        message = f"写明 {reading.stated_count} 项，读到 {reading.items} 项（占 {reading.numbers} 个序号，子项 {reading.subitems}）"
        warnings.append(ReadWarning("stated_count_differs", reading.name, None, None, message))
    return reading


def _check_numbers(results: list[_SheetResult], warnings: list[ReadWarning]) -> None:
    """序号是否连续。A list may start again at 1 in each sheet or section, or run on through the sheets."""
    last = 0
    for result in results:
        seen: dict[int, int] = {}
        is_first, last_type = True, ""
        for draft in result.drafts:
            if not draft.numbers:
                continue
            first = draft.numbers[0]
            # After a single item only another type begins anew at 1.
            if first == 1 and seen and (last > 1 or draft.power_type != last_type):
                seen = {}
            if first in seen:
                message = f"序号 {first} 与第 {seen[first] + 1} 行重复"
                warnings.append(ReadWarning("seq_repeated", draft.sheet, draft.row + 1, None, message))
            elif first not in (1, last + 1):
                message = f"序号从 {first} 起" if is_first else f"序号由 {last} 跳到 {first}"
                warnings.append(ReadWarning("seq_gap", draft.sheet, draft.row + 1, None, message))
            for number in draft.numbers:
                seen.setdefault(number, draft.row)
            last, last_type, is_first = draft.numbers[-1], draft.power_type, False
