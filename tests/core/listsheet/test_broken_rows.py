"""断成两行的名称、写“同上”的单元格、签字栏、别的小表：人一眼看得出的，读法与人相同。"""

from dataclasses import replace

import pytest

HEADER = ["序号", "事项名称", "职权类型", "实施依据", "行使主体"]


def row(seq: str, name: str, power_type: str = "行政处罚") -> list[str]:
    return [seq, name, power_type, "《甲法》第一条", "某局"]


def codes(reading) -> list[str]:
    return [warning.code for warning in reading.warnings]


@pytest.mark.parametrize(
    ("first", "rest"),
    [
        ("对违反规定", "的行为的处罚"),
        ("对擅自占用", "城市道路行为的处罚"),
        ("对未取得许可证（含", "临时许可）经营的处罚"),
        ("对伪造、变造、", "转让证件的处罚"),
        ("对违反《甲条例", "》第三条行为的处罚"),
    ],
)
def test_a_name_broken_over_two_rows_is_one_name(read, first: str, rest: str):
    reading = read([HEADER, row("1", first), ["", rest, "", "第二条：略", ""], row("2", "对乙的处罚")])
    assert [item.name for item in reading.items] == [first + rest, "对乙的处罚"]
    assert reading.items[0].fields["name"] == first + rest
    assert reading.items[0].fields["basis_text"] == "《甲法》第一条\n第二条：略"
    (told,) = [warning for warning in reading.warnings if warning.code == "text_continued"]
    assert (told.row, told.message) == (3, "没有序号，事项名称、实施依据接在第 2 行之后")


@pytest.mark.parametrize(
    ("first", "second", "power_type"),
    [
        ("对甲的处罚", "对乙的处罚", ""),
        ("对甲行为", "对乙的处罚", ""),
        ("甲许可", "乙审批", ""),
        ("对甲", "乙的处罚", "行政处罚"),
    ],
)
def test_two_whole_names_stay_two_items(read, first: str, second: str, power_type: str):
    reading = read([HEADER, row("1", first), ["", second, power_type, "《甲法》第二条", "某局"]])
    assert [item.name for item in reading.items] == [first, second]
    assert "seq_missing" in codes(reading)


def test_ditto_means_the_cell_above_and_the_raw_cell_keeps_the_mark(read):
    reading = read(
        [
            HEADER,
            row("1", "对甲的处罚"),
            ["2", "对乙的处罚", "〃", "同上", "（同上）"],
            ["3", "对丙的处罚", '"', "同上。", "县局"],
        ]
    )
    assert [item.power_type for item in reading.items] == ["penalty"] * 3
    assert [item.fields["basis_text"] for item in reading.items] == ["《甲法》第一条"] * 3
    assert [item.fields["exercising_body"] for item in reading.items] == ["某局", "某局", "县局"]
    assert reading.items[1].raw["实施依据"] == "同上"


@pytest.mark.parametrize(
    "last",
    [
        ["", "填表人签名：", "", "", "联系方式：123"],
        ["", "主要负责人（签字）：张三", "", "李四"],
        ["单位（公章）：某局", "", "", "", "2024年3月1日"],
        ["单位负责人签字", "", "", "王五"],
    ],
)
def test_a_line_for_signatures_is_no_item(read, last: list[str]):
    reading = read([HEADER, row("1", "对甲的处罚"), last])
    assert [item.name for item in reading.items] == ["对甲的处罚"]
    assert reading.items[0].fields["exercising_body"] == "某局"


def test_a_small_table_of_totals_below_the_list_is_no_item(read):
    reading = read(
        [HEADER, row("1", "对甲的处罚"), ["序号", "职权类型", "数量"], ["1", "行政处罚", "1"], ["合计", "", "1"]]
    )
    assert [item.name for item in reading.items] == ["对甲的处罚"]


@pytest.mark.parametrize("nothing", ["无", "（无）", "无。", "--", "———", "/", "○"])
def test_a_mark_for_nothing_is_no_subitem(read, nothing: str):
    rows = [["序号", "事项名称", "子项", "职权类型", "实施依据"], ["1", "甲", nothing, "行政许可", "《甲法》第一条"]]
    assert [item.subitems for item in read(rows).items] == [()]


@pytest.mark.parametrize("name", ["无", "（无）", "/", "——", "暂无"])
@pytest.mark.parametrize("seq", ["2", ""])
def test_a_row_that_says_there_is_nothing_is_no_item(read, seq: str, name: str):
    reading = read([HEADER, row("1", "对甲的处罚"), [seq, name, "/", "/", ""]])
    assert [item.name for item in reading.items] == ["对甲的处罚"]
    assert [skipped.reason for skipped in reading.sheets[0].skipped] == ["header", "nothing"]


def test_a_mark_in_the_name_column_beside_a_subitem_leaves_the_subitem(read):
    rows = [
        ["序号", "事项名称", "子项", "职权类型", "实施依据"],
        ["1", "甲", "甲一", "行政许可", "《甲法》第一条"],
        ["", "/", "甲二", "行政许可", "《甲法》第二条"],
    ]
    (item,) = read(rows).items
    assert [sub.name for sub in item.subitems] == ["甲一", "甲二"]


def test_hidden_rows_are_read_and_said(read, make_sheet):
    rows = [HEADER, row("1", "对甲的处罚"), row("2", "对乙的处罚"), row("3", "对丙的处罚"), ["", "", "", "", ""]]
    reading = read(replace(make_sheet("清单", rows), hidden_rows=(0, 2, 3, 4)))
    assert reading.item_count == 3
    assert [(w.code, w.row, w.message) for w in reading.warnings] == [
        ("hidden_rows", 3, "第 3、4 行共 2 行是隐藏的，照读；不该列入的，请取消隐藏或筛选后删去")
    ]


def test_a_table_of_counts_by_office_has_no_items(read):
    rows = [["序号", "部门", "行政许可事项", "行政处罚事项"], ["1", "某局", "3", "4"], ["2", "某办", "5", "6"]]
    reading = read(rows)
    assert reading.items == ()
    assert [(w.code, w.row) for w in reading.warnings if w.row and w.row > 1] == [
        ("row_not_understood", 2),
        ("row_not_understood", 3),
    ]
