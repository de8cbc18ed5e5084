"""类型与项数：表名、小标题、写明的项数。"""

from collections import Counter

import pytest

HEADER = ["序号", "事项名称", "职权类型", "实施依据", "行使主体"]


def codes(reading) -> Counter[str]:
    return Counter(warning.code for warning in reading.warnings)


def test_the_type_comes_from_the_sheet_name_where_no_column_has_it(read, make_sheet):
    rows = [["序号", "事项名称", "依据", "主体"], ["1", "甲", "《甲法》第一条", "局"]]
    names = ["行政许可（1项）", "处罚", "其他行政权力事项", "2.行政检查类"]
    reading = read(*(make_sheet(name, rows) for name in names))
    assert [(item.power_type, item.power_type_source) for item in reading.items] == [
        ("license", "sheet"),
        ("penalty", "sheet"),
        ("other", "sheet"),
        ("inspection", "sheet"),
    ]


@pytest.mark.parametrize(
    "heading",
    [
        ["一、行政许可（1项）"],
        ["（一）行政许可"],
        ["一", "行政许可（1项）"],
        ["行政许可类", "行政许可类", "行政许可类", "行政许可类"],
        ["", "行政许可"],
    ],
)
def test_a_heading_row_gives_the_type_to_the_rows_below(read, heading: list[str]):
    rows = [
        ["序号", "事项名称", "依据", "主体"],
        heading,
        ["1", "甲", "《甲法》第一条", "局"],
        ["二、行政处罚"],
        ["1", "乙", "《甲法》第二条", "局"],
    ]
    reading = read(rows)
    assert [(item.name, item.power_type, item.power_type_source) for item in reading.items] == [
        ("甲", "license", "section"),
        ("乙", "penalty", "section"),
    ]


def test_a_blank_type_cell_takes_what_stands_over_it_and_says_so(read):
    rows = [HEADER, ["1", "甲", "行政许可", "《甲法》第一条", "局"], ["2", "乙", "", "《甲法》第一条", "局"]]
    reading = read(rows)
    assert [(item.power_type, item.power_type_source) for item in reading.items] == [
        ("license", "column"),
        ("license", "above"),
    ]
    assert [(w.code, w.row, w.column) for w in reading.warnings] == [("power_type_inherited", 3, 3)]


def test_a_type_merged_over_rows_belongs_to_each_of_them(read):
    rows = [HEADER, ["1", "甲", "行政\n强制", "《甲法》第一条", "局"], ["2", "乙", "", "《甲法》第一条", "局"]]
    reading = read(rows, merges=[(1, 2, 2, 2)])
    assert [item.power_type for item in reading.items] == ["coercion", "coercion"]
    assert reading.warnings == ()


def test_an_unknown_type_stays_unknown(read):
    reading = read([HEADER, ["1", "甲", "公共服务", "《甲法》第一条", "局"]], name="行政许可")
    assert (reading.items[0].power_type, reading.items[0].fields["power_type"]) == ("", "公共服务")
    assert codes(reading) == {"power_type_unknown": 1}


def test_the_name_of_an_office_is_not_a_type(read):
    rows = [["某市行政许可服务局权责清单"], ["序号", "事项名称", "依据", "主体"], ["1", "甲", "《甲法》第一条", "局"]]
    assert read(rows).items[0].power_type == ""


@pytest.mark.parametrize(
    ("name", "title", "stated", "is_said"),
    [
        ("行政许可（2项）", "", 2, False),
        ("Sheet1", "某局权责清单（共2项）", 2, False),
        ("行政许可（ 3 项）", "", 3, True),
        ("Sheet1", "共十二项", 12, True),
    ],
)
def test_a_stated_count_is_compared_with_what_was_read(read, name: str, title: str, stated: int, is_said: bool):
    rows = [
        [title or "清单"],
        HEADER,
        ["1", "甲", "行政许可", "《甲法》第一条", "局"],
        ["2", "乙", "行政许可", "《甲法》第一条", "局"],
    ]
    reading = read(rows, name=name)
    assert reading.sheets[0].stated_count == stated
    assert reading.stated_count == stated
    assert ("stated_count_differs" in codes(reading)) is is_said


def test_a_count_that_counts_numbers_agrees_with_a_row_that_takes_two(read):
    rows = [HEADER, ["1", "甲", "行政许可", "《甲法》第一条", "局"], ["2,3", "乙", "行政许可", "《甲法》第一条", "局"]]
    assert "stated_count_differs" not in codes(read(rows, name="行政许可（3项）"))


def test_a_heading_whose_count_is_wrong_is_said(read):
    rows = [["序号", "事项名称", "依据", "主体"], ["一、行政许可（2项）"], ["1", "甲", "《甲法》第一条", "局"]]
    assert [(w.code, w.row) for w in read(rows).warnings if w.row] == [("stated_count_differs", 2)]


def test_the_same_count_in_every_title_is_the_count_of_the_file(read, make_sheet):
    rows = [["某局权责清单（共2项）"], ["序号", "事项名称", "依据", "主体"], ["1", "甲", "《甲法》第一条", "局"]]
    reading = read(make_sheet("行政许可", rows), make_sheet("行政处罚", rows))
    assert (reading.stated_count, [sheet.stated_count for sheet in reading.sheets]) == (2, [None, None])
    assert reading.warnings == ()


def test_a_table_of_totals_by_type_is_not_a_list_of_items(read):
    rows = [
        ["序号", "权力名称", "数量", "备注"],
        ["1", "行政许可", "12", ""],
        ["2", "行政处罚类", "254", ""],
        ["合计", "", "266", ""],
    ]
    assert read(rows).item_count == 0


def test_a_bare_name_that_ends_in_a_type_is_an_item_where_names_alone_are_listed(read):
    rows = [
        ["事项名称", "依据", "主体"],
        ["对乱倒垃圾的行政处罚", "", ""],
        ["行政许可", "", ""],
        ["设立农家乐审批", "", ""],
    ]
    assert [(item.name, item.power_type) for item in read(rows).items] == [
        ("对乱倒垃圾的行政处罚", ""),
        ("设立农家乐审批", "license"),
    ]


def test_a_chapter_row_with_a_count_in_another_cell_is_a_heading(read):
    rows = [["序号", "事项名称", "依据", "备注"], ["一", "行政许可", "", "1项"], ["1", "甲", "《甲法》第一条", ""]]
    assert [(item.name, item.power_type) for item in read(rows).items] == [("甲", "license")]
