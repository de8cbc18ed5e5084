"""表头的识别：表头在哪一行（或两行）、每一栏是什么要素。

A header is recognised by what its cells say, never by where it stands. Two-row headers are read as group over leaf; a
leaf that is a field of its own wins over the group, otherwise it is a part of the group's field ("责任事项" over "受理 | 审查").
"""

from __future__ import annotations

from dataclasses import dataclass

from quanze.core.listsheet.grids import Grid
from quanze.core.listsheet.hygiene import short_text
from quanze.core.listsheet.vocabulary import HeaderMatch, HeaderVocabulary, header_key

SEARCHED_ROWS = 12
MAX_HEADER_LENGTH = 40
NAMING = ("name", "subitem")
# Parts of one sentence in cells of their own: 《甲法》 | 第十条 | 应当经批准。 They run on; other parts keep their label.
RUNNING_PARTS = (
    "名称",
    "法律名称",
    "法规名称",
    "依据名称",
    "文件名称",
    "条款",
    "条文",
    "具体条款",
    "条款内容",
    "条文内容",
    "内容",
    "具体内容",
)


@dataclass(frozen=True, slots=True)
class Column:
    """一栏：列（从 0 起）、表头文字、要素代码（认不出为 ""）、在要素里的部分名、是否只是近似对上。"""

    index: int
    header: str
    field: str
    part: str = ""
    is_loose: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """一段表的版式：表头首末行（从 0 起）与各栏。"""

    first_row: int
    last_row: int
    columns: tuple[Column, ...]

    def of(self, field: str) -> tuple[Column, ...]:
        """某要素的各栏，自左而右。"""
        return tuple(column for column in self.columns if column.field == field)

    def index(self, field: str) -> int | None:
        """某要素的首栏；没有则 None。"""
        return next((column.index for column in self.columns if column.field == field), None)

    @property
    def fields(self) -> frozenset[str]:
        """认出的要素。"""
        return frozenset(column.field for column in self.columns if column.field)


def find_layout(grid: Grid, vocabulary: HeaderVocabulary) -> Layout | None:
    """在前 12 个有字的行里找表头，取认出要素最多的一行；没有则 None。"""
    best: Layout | None = None
    seen = 0
    for row in range(grid.height):
        if grid.is_blank(row):
            continue
        seen += 1
        if seen > SEARCHED_ROWS:
            break
        layout = layout_at(grid, row, vocabulary)
        if layout is not None and (best is None or len(layout.fields) > len(best.fields)):
            best = layout
    return best


def layout_at(grid: Grid, row: int, vocabulary: HeaderVocabulary) -> Layout | None:
    """把某行（连同下一行）读成表头；不像表头则 None。"""
    if row >= grid.height or not _may_be_header(grid, row):
        return None
    single = _read(grid, row, row, vocabulary)
    double = _read(grid, row, row + 1, vocabulary) if _has_second_row(grid, row, vocabulary) else None
    # A second row that is one is read even where it adds no field: it names the stages ("受理 | 审查") and is no data.
    layout = double if double is not None and _worth(double) >= _worth(single) else single
    return layout if _is_header(layout) else None


def is_repeated_header(grid: Grid, row: int, vocabulary: HeaderVocabulary) -> bool:
    """表中间再次出现的表头（分页、分段各自带表头）：多数单元格都是栏目叫法。"""
    cells = [cell for _, cell in grid.distinct(row)]
    if len(cells) < 3 or any(len(cell) > MAX_HEADER_LENGTH for cell in cells):
        return False
    known = {vocabulary.exact(cell) for cell in cells} - {""}
    return len(known) >= 3 and len(known) * 10 >= len(cells) * 6 and bool(known & set(NAMING))


def _may_be_header(grid: Grid, row: int) -> bool:
    cells = grid.distinct(row)
    return len(cells) >= 2 and sum(1 for _, cell in cells if len(cell) <= MAX_HEADER_LENGTH) * 4 >= len(cells) * 3


def _worth(layout: Layout) -> tuple[int, int]:
    exact = {column.field for column in layout.columns if column.field and not column.is_loose}
    return len(exact), len(layout.fields)


def _is_header(layout: Layout) -> bool:
    exact = {column.field for column in layout.columns if column.field and not column.is_loose}
    if not exact & set(NAMING) and not ("name" in layout.fields and len(exact) >= 3):
        return False
    return len(layout.fields) >= 3 or exact >= {"seq", "name"}


def _has_second_row(grid: Grid, row: int, vocabulary: HeaderVocabulary) -> bool:
    """下一行是不是第二行表头：各格都短，都在一个大栏之下或自己就是栏目叫法，且没有数据的样子。"""
    below = row + 1
    if below >= grid.height or grid.is_blank(below):
        return False
    is_group_seen = False
    for column in range(grid.width):
        leaf = grid.own(below, column)
        if not leaf.strip():
            continue
        key = header_key(leaf)
        if len(key) > 20 or key.isdecimal():
            return False
        above_own = grid.own(row, column).strip()
        group = _group_of(grid, row, column)
        is_under_group = not above_own or _spans(grid, row, column)
        is_word = bool(vocabulary.exact(leaf) or (group and vocabulary.exact(group + leaf)))
        if not is_word and not (is_under_group and group and vocabulary.match(group)):
            return False
        if above_own and not _spans(grid, row, column) and not is_word:
            return False
        is_group_seen = is_group_seen or is_under_group
    return is_group_seen


def _spans(grid: Grid, row: int, column: int) -> bool:
    """这一格是否横向合并。"""
    start = grid.start_of(row, column)
    return start[1] < column or grid.start_of(row, column + 1) == start


def _group_of(grid: Grid, row: int, column: int) -> str:
    """上一行在这一列之上的大栏：合并而来的，或左边最近一个有字而右边空着的。"""
    shown = grid.shown(row, column)
    if shown.strip():
        return short_text(shown)
    at = column - 1
    while at >= 0 and not grid.own(row, at).strip():
        at -= 1
    return short_text(grid.own(row, at)) if at >= 0 else ""


def _read(grid: Grid, first: int, last: int, vocabulary: HeaderVocabulary) -> Layout:
    columns: list[Column] = []
    used: set[str] = set()
    previous: Column | None = None
    for index in range(grid.width):
        leaf = short_text(grid.own(last, index)) if last > first else ""
        top = short_text(grid.shown(first, index))
        if leaf and grid.start_of(last, index)[0] == first:
            leaf = ""  # merged over both rows: the top says it all
        column = _column(index, top if not leaf else _group_of(grid, first, index), leaf, vocabulary)
        column = _continued(column, previous, used, vocabulary, is_merged=grid.start_of(first, index)[1] < index)
        if column is None:
            continue
        columns.append(column)
        if column.field:
            used.add(column.field)
        previous = column
    return Layout(first, last, tuple(columns))


def _column(index: int, group: str, leaf: str, vocabulary: HeaderVocabulary) -> Column | None:
    """一栏的要素：子栏连大栏、子栏自己、大栏（子栏作部分名），依次对照。"""
    if not leaf:
        if not group:
            return Column(index, "", "")
        match = vocabulary.match(group)
        return Column(index, group, match.code if match else "", is_loose=bool(match and match.is_loose))
    header = f"{group}/{leaf}" if group and group != leaf else leaf
    over = vocabulary.match(group) if group else None
    if over is not None and over.is_loose:
        loose_group, over = over, None
    else:
        loose_group = None
    for words in (group + leaf, leaf):
        code = vocabulary.exact(words)
        if over is not None and over.code == "seq" and code in NAMING and words == leaf:
            return Column(index, header, "seq" if code == "name" else "subseq")  # "序号" over "主项 | 子项"
        # "实施依据" over "名称" is the name of the law, not of the item.
        is_of_group = code in NAMING and words == leaf and over is not None and over.code not in NAMING
        if code and not is_of_group:
            is_part = over is not None and over.code == code and leaf in RUNNING_PARTS
            return Column(index, header, code, part=leaf if is_part else "")
    if over is not None:
        return Column(index, header, over.code, part=leaf)
    loose: HeaderMatch | None = vocabulary.match(group + leaf) or vocabulary.match(leaf) or loose_group
    return Column(index, header, loose.code if loose else "", is_loose=loose is not None)


def _continued(
    column: Column | None,
    previous: Column | None,
    used: set[str],
    vocabulary: HeaderVocabulary,
    *,
    is_merged: bool,
) -> Column | None:
    """横跨两栏而没有子栏的表头：第二栏是它的后续要素（如层级之后是权限）。"""
    if column is None:
        return None
    is_repeat = bool(column.field and not column.part and column.field in used)
    if previous is not None and previous.field and (not column.header or is_repeat):
        follows = vocabulary.spec(previous.field).continued_as
        is_next = previous.index == column.index - 1
        if follows and follows not in used and is_next and (not column.header or column.field == previous.field):
            return Column(column.index, column.header or previous.header, follows)
        if is_repeat and is_merged and is_next and column.field == previous.field:
            return Column(column.index, column.header, column.field, part="", is_loose=False)
    return column if column.header else None
