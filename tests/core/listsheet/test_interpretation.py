"""各地写法的权责清单：表头、子项、小标题、计数，都按内容读。"""

from collections import Counter

import pytest

HEADER = ["序号", "事项名称", "职权类型", "实施依据", "行使主体"]


def summary(reading) -> list[tuple[str, str, str]]:
    return [(item.seq, item.name, item.power_type) for item in reading.items]


def codes(reading) -> Counter[str]:
    return Counter(warning.code for warning in reading.warnings)


def subs(item) -> list[tuple[str, str]]:
    return [(sub.seq, sub.name) for sub in item.subitems]


# --- headers ---------------------------------------------------------------------------------------------------------


def test_a_plain_table_gives_its_items_columns_and_header_row(read):
    reading = read([["某局权责清单"], HEADER, ["1", "甲许可", "行政许可", "《甲法》第一条", "市局"]])
    (sheet,) = reading.sheets
    assert (sheet.header_row, sheet.title) == (2, "某局权责清单")
    assert sheet.columns == {1: "seq", 2: "name", 3: "power_type", 4: "basis_text", 5: "exercising_body"}
    (item,) = reading.items
    assert (item.row, item.numbers, item.power_type, item.power_type_source) == (3, (1,), "license", "column")
    assert item.fields["basis_text"] == "《甲法》第一条"
    assert item.citations[0].locator == "第一条"
    assert reading.warnings == ()


def test_columns_in_any_order_with_other_names_are_understood(read):
    reading = read(
        [
            ["追责情形", "法律依据", "权力类别", "职权名称", "实施机关", "序 号"],
            ["1.a；", "《甲法》第一条", "处罚", "甲", "市局", "1"],
        ]
    )
    assert reading.sheets[0].columns == {
        1: "accountability_text",
        2: "basis_text",
        3: "power_type",
        4: "name",
        5: "exercising_body",
        6: "seq",
    }
    assert summary(reading) == [("1", "甲", "penalty")]


def test_the_header_is_found_in_row_six_under_titles_and_notes(read):
    rows = [[], ["附件1"], ["某局权力清单和责任清单"], ["填报单位：某局", "", "填报日期：2024年"], [""], HEADER]
    reading = read([*rows, ["1", "甲", "行政许可", "《甲法》第一条", "市局"]])
    assert reading.sheets[0].header_row == 6
    assert [row.reason for row in reading.sheets[0].skipped] == ["title", "title", "title", "header"]
    assert reading.item_count == 1


def test_headers_with_line_breaks_brackets_and_blanks_are_the_same_headers(read):
    reading = read(
        [
            ["序\n号", "事项\n名称", "权力\n类型", "实施依据（法律名称、条款）", "法定期限（天/日）"],
            ["1", "甲", "行政\n处罚", "《甲法》第一条", "60日"],
        ]
    )
    assert set(reading.sheets[0].columns.values()) == {"seq", "name", "power_type", "basis_text", "legal_limit"}
    assert reading.items[0].power_type == "penalty"


def test_a_two_row_header_with_merges_is_read_as_group_over_leaf(read):
    rows = [
        ["序号", "职权名称", "", "职权类别", "实施依据", "责任事项", "", ""],
        ["", "主项", "子项", "", "", "受理", "审查", "依据"],
        ["1", "甲", "甲一", "行政许可", "《甲法》第一条", "收件", "核对", "《甲法》第九条"],
        ["", "", "甲二", "", "《甲法》第二条", "收件二", "核对", ""],
    ]
    merges = [
        (0, 0, 1, 0),
        (0, 1, 0, 2),
        (0, 3, 1, 3),
        (0, 4, 1, 4),
        (0, 5, 0, 7),
        (2, 0, 3, 0),
        (2, 1, 3, 1),
        (2, 3, 3, 3),
    ]
    reading = read(rows, merges=merges)
    (item,) = reading.items
    assert subs(item) == [("", "甲一"), ("", "甲二")]
    assert item.fields["duty_text"] == "受理：收件\n审查：核对"
    assert [(duty.stage, duty.text) for duty in item.responsibilities] == [("受理", "收件"), ("审查", "核对")]
    assert item.fields["duty_basis_text"] == "《甲法》第九条"
    assert item.subitems[1].power_type == "license"


def test_a_header_over_two_columns_without_leaves_continues_in_the_second(read):
    rows = [
        ["序号", "事项名称", "权力类型", "实施依据", "实施层级及权限", ""],
        ["1", "甲", "行政许可", "《甲法》第一条", "市级", "负责市区"],
    ]
    merged, unmerged = read(rows, merges=[(0, 4, 0, 5)]), read(rows)
    repeated = read([[*rows[0][:5], "实施层级及权限"], rows[1]])
    for reading in (merged, unmerged, repeated):
        assert reading.items[0].fields["exercise_level"] == "市级"
        assert reading.items[0].fields["level_split"] == "负责市区"


def test_direct_and_guidance_duties_in_two_columns_become_one_text_with_headings(read):
    rows = [
        ["序号", "事项名称", "类型", "实施依据", "直接实施责任", "指导监督责任"],
        ["1", "甲", "行政给付", "《甲法》第一条", "1.受理", "2.指导"],
    ]
    (item,) = read(rows).items
    assert [(duty.group, duty.text) for duty in item.responsibilities] == [
        ("直接实施责任", "受理"),
        ("指导监督责任", "指导"),
    ]


def test_a_column_nobody_knows_is_reported_and_kept_in_the_raw_cells(read):
    reading = read([[*HEADER, "专属栏"], ["1", "甲", "行政许可", "《甲法》第一条", "市局", "内容"]])
    assert codes(reading) == {"header_unknown": 1}
    assert reading.items[0].raw["专属栏"] == "内容"
    assert "内容" not in reading.items[0].fields.values()


def test_a_header_known_only_by_its_kind_is_used_and_reported(read):
    reading = read(
        [
            ["序号", "事项名称", "权力类型", "实施和设定的主要依据文件", "行使主体"],
            ["1", "甲", "行政许可", "《甲法》第一条", "市局"],
        ]
    )
    assert codes(reading) == {"header_loose": 1}
    assert reading.items[0].fields["basis_text"] == "《甲法》第一条"


def test_a_header_repeated_on_the_next_page_is_not_an_item(read):
    rows = [HEADER, ["1", "甲", "行政许可", "x", "局"], HEADER, ["2", "乙", "行政许可", "x", "局"]]
    reading = read(rows)
    assert summary(reading) == [("1", "甲", "license"), ("2", "乙", "license")]


def test_a_second_table_with_another_header_is_read_by_its_own_header(read):
    rows = [
        HEADER,
        ["1", "甲", "行政许可", "x", "局"],
        ["序号", "行使主体", "职权名称", "权力类型"],
        ["1", "局", "乙", "行政处罚"],
    ]
    assert summary(read(rows)) == [("1", "甲", "license"), ("1", "乙", "penalty")]


def test_a_sheet_without_a_header_in_twelve_rows_is_said_and_not_read(read, make_sheet):
    late = make_sheet("晚", [["说明文字"]] * 13 + [HEADER, ["1", "甲", "行政许可", "x", "局"]])
    summary_sheet = make_sheet("汇总", [["类型", "数量"], ["许可", "1"]])
    empty = make_sheet("空", [])
    hidden = make_sheet("旧", [HEADER, ["1", "甲", "行政许可", "x", "局"]], is_hidden=True)
    reading = read(late, summary_sheet, empty, hidden)
    assert reading.item_count == 0
    assert codes(reading) == {"sheet_without_list": 2, "empty_sheet": 1, "hidden_sheet": 1}


def test_a_sheet_of_256_columns_is_read_by_those_that_are_headed(read):
    pad = [""] * 251
    reading = read([["标题", *[""] * 255], [*HEADER, *pad], ["1", "甲", "行政许可", "《甲法》第一条", "市局", *pad]])
    assert (reading.item_count, len(reading.sheets[0].columns)) == (1, 5)
    assert reading.warnings == ()


# --- rows ------------------------------------------------------------------------------------------------------------


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


# --- types and counts ------------------------------------------------------------------------------------------------


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


# --- texts -----------------------------------------------------------------------------------------------------------


def test_words_wrapped_over_lines_are_joined_in_short_fields_and_paragraphs_are_kept_in_long_ones(read):
    rows = [
        [*HEADER, "责任事项"],
        [
            "1",
            "对乱倒\n垃圾的\n处罚",
            "行政\n处罚",
            "《甲法》第一条\n第二条：x",
            "市\n局",
            "1.立案责任：查。\n2.决定责任：罚。",
        ],
    ]
    (item,) = read(rows).items
    assert (item.name, item.fields["exercising_body"]) == ("对乱倒垃圾的处罚", "市局")
    assert item.fields["basis_text"] == "《甲法》第一条\n第二条：x"
    assert [duty.stage for duty in item.responsibilities] == ["立案", "决定"]
    assert item.raw["事项名称"] == "对乱倒\n垃圾的\n处罚"


@pytest.mark.req("L-80")
def test_control_characters_and_advertising_are_reported_removed_and_kept_raw(read):
    advert = "海角·体育(综合)官方APP下载"
    rows = [HEADER, ["1", "对违法\u200b建设的\x07处罚", "行政处罚", f"《甲法》第一条{advert}，限期改正", "市局"]]
    reading = read(rows)
    (item,) = reading.items
    assert (item.name, item.fields["basis_text"]) == ("对违法建设的处罚", "《甲法》第一条，限期改正")
    assert item.raw["实施依据"] == f"《甲法》第一条{advert}，限期改正"
    assert item.raw["事项名称"] == "对违法\u200b建设的\x07处罚"
    assert [(w.code, w.row, w.column) for w in reading.warnings] == [
        ("control_characters", 2, 2),
        ("injected_text", 2, 4),
    ]


def test_lawful_words_that_advertising_also_uses_are_left_alone(read):
    rows = [
        HEADER,
        ["1", "对擅自销售彩票、举办高危险性体育赛事的处罚", "行政处罚", "《体育法》第一百一十五条", "市体育局"],
    ]
    assert read(rows).warnings == ()


def test_a_number_too_long_for_a_spreadsheet_is_reported(vocabulary, patterns):
    from quanze.core.listsheet.interpretation import read_power_list
    from quanze.core.workbook import Sheet, Workbook

    rows = (("序号", "事项名称", "职权编码", "依据"), ("1", "甲", "320583199001011200", "《甲法》第一条"))
    reading = read_power_list(
        Workbook("a.xlsx", "xlsx", (Sheet("行政许可", rows, rounded=((1, 2),)),)), vocabulary, patterns
    )
    assert [(w.code, w.row, w.column) for w in reading.warnings] == [("number_rounded", 2, 3)]
