"""读取结果：一份工作簿读成的权责清单，连同原文、位置与提示。

Everything is a frozen value. Rows and columns count from 1, as the clerk sees them. ``fields`` hold cleaned text by
field code of the header pack; ``raw`` the untouched cells by header. How items are counted:
docs/explanation/reading-lists.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from quanze.core.lawtext.citations import NOTHING_CITED, SplitText
from quanze.core.listsheet.clauses import Clause, ReadResponsibility

# Warning code → meaning. Codes are stable and never reused; docs/explanation/reading-lists.md lists them from here.
WARNINGS: dict[str, str] = {
    "hidden_sheet": "隐藏的工作表，没有读",
    "hidden_rows": "隐藏的行（筛选或手工隐藏），照读",
    "sheet_without_list": "工作表有内容，但前 12 行里没有找到表头",
    "empty_sheet": "空工作表",
    "contents_sheet": "只列名称、内容在其他表里的工作表，按目录对待，没有读",
    "sheet_repeated": "事项与其他表完全相同的工作表，没有重复读",
    "header_loose": "表头按相近叫法或内容对上，请核对",
    "header_unknown": "认不出的栏目，内容只留在原文里",
    "header_repeated": "同一要素有几栏，短字段取第一个有字的，长字段连起来",
    "column_missing": "缺少通常应有的栏目",
    "merges_ignored": "合并单元格太多，超出部分没有按合并处理",
    "power_type_missing": "没有职权类型，表名、标题、上文也没有写明",
    "power_type_unknown": "职权类型不在类型表内",
    "power_type_inherited": "本行没有写职权类型，取自表名、标题、小标题或上一行",
    "name_missing": "有序号而没有事项名称",
    "seq_missing": "有事项名称而没有序号",
    "seq_several": "一行占几个序号，按一项读",
    "seq_gap": "序号不连续",
    "seq_repeated": "序号重复",
    "seq_column_empty": "序号一栏全空，按事项名称计项",
    "item_repeated": "序号与名称都同上一项，按同一事项在另一层级（主体）的情况读",
    "row_number_only": "只有序号没有内容的行，没有读",
    "row_not_understood": "看不出是什么的行，没有读",
    "text_continued": "没有序号、名称空着或没写完的行，接在上一项之后",
    "stated_count_differs": "写明的项数与读到的不同",
    "control_characters": "含有控制字符或不可见字符，已去掉，原文保留",
    "injected_text": "疑似混入的广告或网页残留，原文保留",
    "citation_unparsed": "依据里有没读懂的文字，原样保留",
    "number_rounded": "数字超过 15 位，末几位不可靠，请改为文本格式",
}


@dataclass(frozen=True, slots=True)
class ReadWarning:
    """一条提示：代码（见 WARNINGS）、工作表、行、列（没有则 None）、说明。"""

    code: str
    sheet: str
    row: int | None
    column: int | None
    message: str


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """没有读成事项的行：行号、原因（title 标题 header 表头 blank 空行 note 注记 total 合计 section 小标题
    …）、文字。"""

    row: int
    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class ReadSubitem:
    """子项：序号（可空）、名称、自己一行的要素与原文。``fields`` is empty where it only has a name within the main
    row."""

    row: int
    seq: str
    name: str
    fields: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, str] = field(default_factory=dict)
    power_type: str = ""
    citations: SplitText = NOTHING_CITED
    responsibilities: tuple[ReadResponsibility, ...] = ()
    accountability: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadLevel:
    """同一事项在另一层级或由另一主体实施的情况（自治区级、县级…各一行）。It is not an item of its own."""

    row: int
    fields: Mapping[str, str]
    raw: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReadItem:
    """事项（主项）。``numbers`` are the 序号 it takes ("2,3" → (2, 3)); ``power_type`` a code of the type pack or "".

    ``power_type_source`` says where the type was taken from: column, section, sheet, title, header, above — or "" when there
    is none. ``citations`` split ``basis_text``; ``duty_citations`` ``duty_basis_text``; ``accountability_citations``
    the third.
    """

    sheet: str
    row: int
    seq: str
    numbers: tuple[int, ...]
    name: str
    power_type: str
    power_type_source: str
    fields: Mapping[str, str]
    raw: Mapping[str, str]
    subitems: tuple[ReadSubitem, ...] = ()
    levels: tuple[ReadLevel, ...] = ()
    citations: SplitText = NOTHING_CITED
    duty_citations: SplitText = NOTHING_CITED
    accountability_citations: SplitText = NOTHING_CITED
    responsibilities: tuple[ReadResponsibility, ...] = ()
    accountability: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetReading:
    """一张工作表的读取情况。``columns`` maps column number → field code; ``numbers`` counts 序号 taken by the items."""

    name: str
    header_row: int | None
    columns: Mapping[int, str]
    items: int
    subitems: int
    numbers: int
    stated_count: int | None
    title: str = ""
    headers: Mapping[int, str] = field(default_factory=dict)
    skipped: tuple[SkippedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class ListReading:
    """一个文件的读取结果。``stated_count`` is what the file says of itself: its title, or the sum over its sheets."""

    file: str
    format: str
    sheets: tuple[SheetReading, ...]
    items: tuple[ReadItem, ...]
    warnings: tuple[ReadWarning, ...]
    stated_count: int | None = None

    @property
    def item_count(self) -> int:
        """主项数。"""
        return len(self.items)

    @property
    def subitem_count(self) -> int:
        """子项数。"""
        return sum(len(item.subitems) for item in self.items)

    @property
    def number_count(self) -> int:
        """所占序号数：“2,3”占两个。"""
        return sum(max(1, len(item.numbers)) for item in self.items)
