"""一张表逐行读成事项：哪一行是主项、子项、另一层级、续行，哪一行什么都不是。

The decision rests on the row's own cells and on merges, in this order: blank; a repeated header; a heading, note or
total; a row with a 序号; a row without one. See docs/explanation/reading-lists.md for the counting rules.
"""

from __future__ import annotations

from dataclasses import dataclass

from quanze.core.listsheet.cells import Cells, Report
from quanze.core.listsheet.clauses import split_clauses
from quanze.core.listsheet.continuation import name_goes_on
from quanze.core.listsheet.drafts import ItemDraft, SubitemDraft, append_texts
from quanze.core.listsheet.grids import Grid
from quanze.core.listsheet.hygiene import long_text, short_text
from quanze.core.listsheet.not_items import (
    SUBSTANCE,
    TEXT_SHOWN,
    has_substance,
    heading,
    is_before_names,
    placeholder,
    says_nothing,
)
from quanze.core.listsheet.numbering import is_below
from quanze.core.listsheet.reading import ReadLevel, SkippedRow
from quanze.core.listsheet.seqs import Seq, as_range, parse_seq
from quanze.core.listsheet.vocabulary import HeaderVocabulary, main_count, stated_count

LEVEL_FIELDS = ("exercising_body", "exercise_level")


@dataclass(slots=True)
class Section:
    """小标题之下的一段：类型（可空）、写明的项数、首个事项的次序。"""

    row: int
    text: str
    power_type: str
    stated: int | None
    first_item: int


class RowReader:
    """一张表的逐行读取；``read`` 一行一行喂，结果在各属性里。"""

    def __init__(
        self,
        sheet: str,
        grid: Grid,
        vocabulary: HeaderVocabulary,
        report: Report,
        *,
        sheet_type: tuple[str, str],
        has_numbers: bool,
    ) -> None:
        self.sheet, self.grid, self.vocabulary = sheet, grid, vocabulary
        self.report, self.sheet_type, self.has_numbers = report, sheet_type, has_numbers
        self.items: list[ItemDraft] = []
        self.sections: list[Section] = []
        self.skipped: list[SkippedRow] = []
        self.total_stated: int | None = None
        self.current: ItemDraft | None = None
        self.last_type = ""

    # --- one row -----------------------------------------------------------------------------------------------

    def read(self, row: int, cells: Cells) -> None:
        """读一行。"""
        seq_text = cells.own(row, "seq") if self.has_numbers else ""
        seq = parse_seq(seq_text) if seq_text else None
        reason = placeholder(row, seq_text, cells) or says_nothing(row, cells)
        if reason:
            self.skip(row, reason, " ".join(text for _, text in self.grid.distinct(row)))
            return
        if self._is_apart(row, cells, seq):
            return
        if seq is not None:
            self._numbered(row, cells, seq)
        else:
            self._unnumbered(row, cells)

    def skip(self, row: int, reason: str, text: str = "") -> None:
        """记下没有读成事项的行。"""
        self.skipped.append(SkippedRow(row + 1, reason, text[:TEXT_SHOWN]))

    def _is_apart(self, row: int, cells: Cells, seq: Seq | None) -> bool:
        """小标题、注记、合计：不属于任何事项的行。"""
        distinct = self.grid.distinct(row)
        first_column, first = distinct[0]
        leading = first if seq is None else ""
        if leading and is_before_names(first_column, cells):
            if self.vocabulary.is_total(leading):
                self.total_stated = stated_count("".join(text for _, text in distinct)) or self.total_stated
                self.skip(row, "total", " ".join(text for _, text in distinct))
                return True
            if len(distinct) <= 6 and self.vocabulary.is_note(leading):
                self.total_stated = self.total_stated or main_count(leading)
                self.skip(row, "note", leading)
                self.current = None
                return True
        title = heading(row, cells, seq, distinct)
        if title:
            self.sections.append(
                Section(row, title, self.vocabulary.power_type_in(title), stated_count(title), len(self.items))
            )
            self.skip(row, "section", title)
            self.current = None
            return True
        return False

    # --- a row with a number -----------------------------------------------------------------------------------

    def _numbered(self, row: int, cells: Cells, seq: Seq) -> None:
        current = self.current
        own_name, own_sub = cells.own(row, "name"), cells.own(row, "subitem")
        others = cells.other_fields(row)
        if not own_name and not own_sub and not others:
            self.report("row_number_only", row, None, f"只有序号“{seq.text}”没有内容，没有读")
            self.skip(row, "number_only", seq.text)
            return
        numbers = seq.numbers
        if seq.pair is not None:
            if current is not None and seq.pair[0] in current.numbers:
                self._add_subitem(row, cells, seq.text, own_sub or own_name)
                return
            # "2-4" after 1 takes three numbers; "1-2" after "1-1" is the next of a list numbered by its parts.
            is_next = current is None or (current.numbers and seq.pair[0] == max(current.numbers) + 1)
            numbers = as_range(seq.pair) if is_next else ()
        if current is not None and (own_name or own_sub) and self._is_below(seq, current):
            self._add_subitem(row, cells, seq.text, own_sub or own_name)
            return
        name = own_name or cells.shown(row, "name")
        if own_name and not any(ch.isalpha() for ch in own_name + own_sub):
            # A table of counts under a header that looks like one of items: "1 某局 3 4".
            self.report("row_not_understood", row, None, f"名称一栏只有数字“{own_name[:20]}”，没有读")
            self.skip(row, "not_understood", own_name)
            return
        if self.vocabulary.heading_type(name) and not has_substance(row, cells):
            # A table of totals by type under the same kind of header: "1 行政许可 12".
            self.report("row_not_understood", row, None, f"“{name}”是一类职权而不是事项，没有读")
            self.skip(row, "not_understood", name)
            return
        if current is not None and name == current.name and numbers == current.numbers and numbers:
            if own_sub:
                self._add_subitem(row, cells, "", own_sub)
            else:
                self._add_level(row, cells)
                self.report(
                    "item_repeated", row, None, f"序号 {seq.text} 与名称都同第 {current.row + 1} 行，按同一事项读"
                )
            return
        if not name and own_sub:
            name, own_sub = own_sub, ""
        self._open_item(row, cells, seq.text, numbers, name)

    def _is_below(self, seq: Seq, current: ItemDraft) -> bool:
        last_sub = current.subitems[-1].seq if current.subitems else ""
        main = parse_seq(current.seq) if current.seq else None
        return is_below(seq, main, last_sub, main_is_item=any(current.fields.get(field) for field in SUBSTANCE))

    # --- a row without a number --------------------------------------------------------------------------------

    def _unnumbered(self, row: int, cells: Cells) -> None:
        current = self.current
        own_name, own_sub = cells.own(row, "name"), cells.own(row, "subitem")
        others = cells.other_fields(row)
        # A bare number or mark in the name column belongs to some other little table.
        is_name = any(ch.isalpha() for ch in own_name)
        is_new_name = is_name and (current is None or own_name != current.name)
        is_inside = self.has_numbers and cells.is_merged_from_above(row, "seq")
        if is_new_name and not own_sub and current is not None and self._name_goes_on(row, cells, current, own_name):
            return
        if own_sub and not (is_new_name and not is_inside):
            if current is None:
                self._open_item(row, cells, "", (), cells.shown(row, "name") or own_sub)
            else:
                self._add_subitem(row, cells, "", own_sub)
        elif (
            is_new_name
            and current is not None
            and (is_inside or cells.own(row, "subseq") or self._is_listed_below(own_name))
        ):
            self._add_subitem(row, cells, "", own_name)
        elif is_new_name and (others or own_sub or not self.has_numbers):
            self._open_item(row, cells, "", (), own_name)
            if self.has_numbers:
                self.report("seq_missing", row, None, f"“{own_name[:20]}”没有序号，按一个事项读")
        elif current is not None and not is_new_name and (own_name == current.name or (others and not own_name)):
            self._more_of_current(row, cells, current)
        else:
            text = " ".join(text for _, text in self.grid.distinct(row))
            self.report("row_not_understood", row, None, f"看不出这一行是什么，没有读：“{text[:20]}”")
            self.skip(row, "not_understood", text)

    def _is_listed_below(self, name: str) -> bool:
        """名称一栏里、主项之下以 1. （1）开头列出的，是子项。"""
        return (
            self.has_numbers and bool(name) and (name[0] in "（(①②③④⑤⑥⑦⑧⑨" or name[:2].rstrip(".．、") in "123456789")
        )

    def _name_goes_on(self, row: int, cells: Cells, current: ItemDraft, rest: str) -> bool:
        """名称没写完而在这一行写完的，接上；是则 True。"""
        if current.subitems or cells.own(row, "power_type"):
            return False
        if not name_goes_on(current.name, rest, self.vocabulary):
            return False
        current.name = current.fields["name"] = current.name + rest
        more = cells.fields(row, is_shown=False)
        more.pop("name", None)
        joined = "、".join(self.vocabulary.spec(code).label for code in ("name", *append_texts(current.fields, more)))
        self.report("text_continued", row, None, f"没有序号，{joined}接在第 {current.row + 1} 行之后")
        return True

    def _more_of_current(self, row: int, cells: Cells, current: ItemDraft) -> None:
        own = cells.fields(row, is_shown=False)
        own.pop("name", None)
        # The row goes on where the last one stood: at the last sub-item, unless that shares the main row.
        last = current.subitems[-1] if current.subitems and current.subitems[-1].row != current.row else None
        before = last.fields if last is not None else current.fields
        if any(own.get(code) and own[code] != before.get(code) for code in LEVEL_FIELDS):
            self._add_level(row, cells)
            return
        joined = append_texts(before, own)
        if joined:
            labels = "、".join(self.vocabulary.spec(code).label for code in joined)
            at = last.row if last is not None else current.row
            self.report("text_continued", row, None, f"没有序号和名称，{labels}接在第 {at + 1} 行之后")

    # --- building ----------------------------------------------------------------------------------------------

    def _open_item(self, row: int, cells: Cells, seq: str, numbers: tuple[int, ...], name: str) -> None:
        if not name:
            self.report("name_missing", row, None, f"序号 {seq} 没有事项名称")
        if len(numbers) > 1:
            self.report("seq_several", row, None, f"一行占序号 {seq}，按一项读、计 {len(numbers)} 个序号")
        power_type, source = self._power_type(row, cells)
        fields = cells.fields(row)
        fields["name"] = name
        sub = fields.pop("subitem", "")
        self.current = ItemDraft(self.sheet, row, seq, numbers, name, power_type, source, fields, cells.raw(row))
        self.items.append(self.current)
        if sub and sub != name:
            self._add_subitem(row, cells, "", sub)

    def _add_subitem(self, row: int, cells: Cells, seq: str, name: str) -> None:
        if self.current is None:
            return
        listed = split_clauses(long_text(cells.raw_of(row, "subitem"))).clauses
        fields = cells.fields(row)
        fields.pop("subitem", None)
        if row != self.current.row and not cells.own(row, "power_code"):
            fields.pop("power_code", None)  # a code merged over the rows is that of the main item
        power_type, _ = self._own_type(row, cells)
        if len(listed) >= 2:
            # Several sub-items written in one cell share the row's other columns.
            for clause in listed:
                self._append_sub(row, clause.number, short_text(clause.text), fields, cells, power_type)
            return
        seq = seq or cells.own(row, "subseq")
        if len(listed) == 1 and listed[0].number and not seq:
            seq, name = listed[0].number, short_text(listed[0].text)
        self._append_sub(row, seq, name, fields, cells, power_type)

    def _append_sub(self, row: int, seq: str, name: str, fields: dict[str, str], cells: Cells, power_type: str) -> None:
        assert self.current is not None
        name = name.rstrip("；;")
        self.current.subitems.append(SubitemDraft(row, seq, name, {**fields, "name": name}, cells.raw(row), power_type))

    def _add_level(self, row: int, cells: Cells) -> None:
        assert self.current is not None
        self.current.levels.append(ReadLevel(row + 1, cells.fields(row), cells.raw(row)))

    # --- the type ----------------------------------------------------------------------------------------------

    def _own_type(self, row: int, cells: Cells) -> tuple[str, str]:
        """(代码, 单元格文字)；没写为 ("", "")。"""
        text = cells.shown(row, "power_type")
        return (self.vocabulary.power_type(text) or self.vocabulary.power_type_in(text), text) if text else ("", "")

    def _power_type(self, row: int, cells: Cells) -> tuple[str, str]:
        """事项的类型与出处。A type that is written but unknown stays unknown: nothing is put in its place."""
        code, text = self._own_type(row, cells)
        if text:
            if not code:
                self.report("power_type_unknown", row, cells.column("power_type"), f"职权类型“{text[:20]}”不在类型表内")
            self.last_type = code or self.last_type
            return code, "column" if code else ""
        section = self.sections[-1].power_type if self.sections else ""
        above = self.last_type if cells.has("power_type") else ""
        code, source = next(
            ((code, source) for code, source in ((section, "section"), self.sheet_type, (above, "above")) if code),
            ("", ""),
        )
        if cells.has("power_type"):
            column = cells.column("power_type")
            if not code:
                self.report("power_type_missing", row, column, "没有职权类型，表名、标题、上文也没有写明")
            else:
                label = next((t.label for t in self.vocabulary.power_types if t.code == code), code)
                where = {"section": "小标题", "sheet": "表名", "title": "标题", "header": "表头", "above": "上一项"}[
                    source
                ]
                self.report("power_type_inherited", row, column, f"本行没有写职权类型，按{where}取“{label}”")
        return code, source
