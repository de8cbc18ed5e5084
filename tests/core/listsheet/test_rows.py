"""行：子项、空行、说明行、续行、序号。"""

from collections import Counter

import pytest

HEADER = ["序号", "事项名称", "职权类型", "实施依据", "行使主体"]


def summary(reading) -> list[tuple[str, str, str]]:
    return [(item.seq, item.name, item.power_type) for item in reading.items]


def codes(reading) -> Counter[str]:
    return Counter(warning.code for warning in reading.warnings)


def subs(item) -> list[tuple[str, str]]:
    return [(sub.seq, sub.name) for sub in item.subitems]


def test_blank_note_total_and_signature_rows_are_never_items(read):
    rows = [
        HEADER,
        ["1", "甲", "行政许可", "x", "局"],
        ["", "", "", "", ""],
        ["2", "乙", "行政许可", "x", "局"],
        ["合计", "2", "", "", ""],
        ["注：1.本清单由某局编制。"],
        ["备注：略", "", "", "", ""],
        ["", "说明：以公布为准"],
        ["填表人：某某", "", "审核人：某某"],
    ]
    reading = read(rows)
    assert reading.item_count == 2
    assert [row.reason for row in reading.sheets[0].skipped if row.reason not in ("header",)] == [
        "blank",
        "total",
        "note",
        "note",
        "note",
        "note",
    ]


def test_column_numbers_examples_and_bare_numbers_are_never_items(read):
    rows = [
        HEADER,
        ["1", "2", "3", "4", "5"],
        ["例", "某某许可", "行政许可", "x", "局"],
        ["1", "甲", "行政许可", "x", "局"],
        ["2", "", "", "", ""],
        ["3", "", "", "", ""],
    ]
    reading = read(rows)
    assert summary(reading) == [("1", "甲", "license")]
    assert codes(reading)["row_number_only"] == 2


def test_rows_below_the_main_item_with_a_subitem_are_its_subitems(read):
    rows = [
        ["序号", "事项名称", "子项名称", "权力类型", "实施依据"],
        ["1", "甲", "1.甲一", "行政许可", "《甲法》第一条"],
        ["", "", "2.甲二", "行政许可", "《甲法》第二条"],
        ["", "甲", "3.甲三", "行政许可", "《甲法》第三条"],
        ["2", "乙", "无", "行政处罚", "《甲法》第四条"],
        ["3", "丙", "丙一", "行政处罚", "《甲法》第五条"],
        ["3", "丙", "丙二", "行政处罚", "《甲法》第六条"],
    ]
    reading = read(rows)
    assert [subs(item) for item in reading.items] == [
        [("1", "甲一"), ("2", "甲二"), ("3", "甲三")],
        [],
        [("", "丙一"), ("", "丙二")],
    ]
    assert (reading.item_count, reading.subitem_count) == (3, 5)
    assert reading.items[0].subitems[1].citations[0].locator == "第二条"


def test_several_subitems_in_one_cell_share_the_row(read):
    rows = [
        ["序号", "职权名称", "子项", "职权类型", "依据"],
        ["1", "甲", "1.设立\n2.变更\n3.注销", "行政许可", "《甲法》第一条"],
    ]
    (item,) = read(rows).items
    assert subs(item) == [("1", "设立"), ("2", "变更"), ("3", "注销")]
    assert {sub.row for sub in item.subitems} == {2}


def test_subnumbers_below_a_main_number_are_subitems(read):
    rows = [
        HEADER,
        ["1", "甲", "行政许可", "x", "局"],
        ["1.1", "甲一", "行政许可", "x", "局"],
        ["1.2", "甲二", "行政许可", "x", "局"],
        ["2", "乙", "行政许可", "x", "局"],
        ["（1）", "乙一", "", "x", "局"],
        ["2-2", "乙二", "", "x", "局"],
    ]
    reading = read(rows)
    assert [(item.name, subs(item)) for item in reading.items] == [
        ("甲", [("1.1", "甲一"), ("1.2", "甲二")]),
        ("乙", [("（1）", "乙一"), ("2-2", "乙二")]),
    ]


@pytest.mark.parametrize(
    ("seq", "numbers"),
    [("2,3", (2, 3)), ("2、3", (2, 3)), ("2-3", (2, 3)), ("２", (2,)), ("2.", (2,)), ("第2项", (2,))],
)
def test_a_row_with_several_numbers_is_one_item_that_takes_them_all(read, seq: str, numbers: tuple[int, ...]):
    reading = read([HEADER, ["1", "甲", "行政许可", "x", "局"], [seq, "乙", "行政许可", "x", "局"]])
    assert reading.items[1].numbers == numbers
    assert (reading.item_count, reading.number_count) == (2, 1 + len(numbers))


def test_the_same_item_at_several_levels_is_one_item_with_level_rows(read):
    rows = [
        [*HEADER, "实施层级"],
        ["1", "甲", "行政征收", "《甲法》第一条", "省厅", "省级"],
        ["", "", "", "", "县局", "县级"],
        ["1", "甲", "行政征收", "《甲法》第一条", "市局", "市级"],
        ["2", "乙", "行政征收", "《甲法》第一条", "市局", "市级"],
    ]
    reading = read(rows, merges=[(1, 0, 2, 0), (1, 1, 2, 1)])
    assert [(item.name, [level.fields["exercising_body"] for level in item.levels]) for item in reading.items] == [
        ("甲", ["县局", "市局"]),
        ("乙", []),
    ]
    assert reading.items[0].fields["exercising_body"] == "省厅"
    assert codes(reading) == {"item_repeated": 1}


def test_text_that_goes_on_in_the_next_row_joins_its_item(read):
    rows = [
        [*HEADER, "追责情形"],
        ["1", "甲", "行政许可", "《甲法》第一条", "局", "1.一；"],
        ["", "", "", "", "", "2.二。"],
    ]
    reading = read(rows)
    (item,) = reading.items
    assert [clause.text for clause in item.accountability] == ["一；", "二。"]
    assert codes(reading) == {"text_continued": 1}


def test_an_item_without_a_number_is_read_and_reported(read):
    reading = read([HEADER, ["1", "甲", "行政许可", "x", "局"], ["", "乙", "行政处罚", "x", "局"]])
    assert summary(reading) == [("1", "甲", "license"), ("", "乙", "penalty")]
    assert codes(reading)["seq_missing"] == 1


def test_a_list_without_numbers_counts_names(read):
    rows = [
        ["事项名称", "子项名称", "权力类型", "依据"],
        ["甲", "", "行政许可", "x"],
        ["乙", "乙一", "行政许可", "x"],
        ["乙", "乙二", "行政许可", "x"],
    ]
    reading = read(rows)
    assert [(item.name, len(item.subitems)) for item in reading.items] == [("甲", 0), ("乙", 2)]


def test_numbers_that_jump_or_repeat_are_reported_where_they_stand(read):
    rows = [HEADER, *([n, f"事项{i}", "行政许可", "《甲法》第一条", "局"] for i, n in enumerate(["1", "2", "4", "4"]))]
    reading = read(rows)
    assert [(w.code, w.row) for w in reading.warnings] == [("seq_gap", 4), ("seq_repeated", 5)]
