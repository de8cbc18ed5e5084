"""表头：次序、叫法、两层、换行、重复，都按内容认。"""

from collections import Counter

HEADER = ["序号", "事项名称", "职权类型", "实施依据", "行使主体"]


def summary(reading) -> list[tuple[str, str, str]]:
    return [(item.seq, item.name, item.power_type) for item in reading.items]


def codes(reading) -> Counter[str]:
    return Counter(warning.code for warning in reading.warnings)


def subs(item) -> list[tuple[str, str]]:
    return [(sub.seq, sub.name) for sub in item.subitems]


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


def test_stages_under_a_merged_group_are_kept_with_their_names_wherever_the_header_stands(read):
    rows = [
        ["序号", "事项名称", "职权类型", "责任事项", "", ""],
        ["", "", "", "受理", "审查", "决定"],
        ["1", "甲", "行政许可", "收件", "核对", "发证"],
    ]
    merges = [(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 1, 2), (0, 3, 0, 5)]
    reading = read(rows, merges=merges)
    assert reading.items[0].fields["duty_text"] == "受理：收件\n审查：核对\n决定：发证"
    assert [(duty.stage, duty.text) for duty in reading.items[0].responsibilities] == [
        ("受理", "收件"),
        ("审查", "核对"),
        ("决定", "发证"),
    ]
    assert [row.reason for row in reading.sheets[0].skipped] == ["header", "header"]


def test_numbered_starred_and_bilingual_headers_are_the_same_headers(read):
    for header in (
        ["1.序号", "2.事项名称*", "3.职权类型*", "4.实施依据"],
        ["序号\nNo.", "事项名称\nItem", "职权类型\nType", "实施依据\nBasis"],
        ["序号", "事项名称＜全称＞", "职权类型﹝十类﹞", "实施依据〈条款〉"],
    ):
        reading = read([header, ["1", "甲", "行政许可", "《甲法》第一条"]])
        assert reading.sheets[0].columns == {1: "seq", 2: "name", 3: "power_type", 4: "basis_text"}
        assert reading.warnings == ()


def test_a_column_full_of_types_or_citations_is_known_by_what_it_holds(read):
    reading = read(
        [
            ["序号", "职权事项", "性质", "职权来源"],
            ["1", "甲", "行政许可", "《甲法》第十条"],
            ["2", "乙", "行政处罚", "《乙条例》（2019年）第三条"],
        ]
    )
    assert reading.sheets[0].columns == {1: "seq", 2: "name", 3: "power_type", 4: "basis_text"}
    assert [(w.code, w.column, w.message) for w in reading.warnings] == [
        ("header_loose", 3, "栏目“性质”按相近叫法或内容读作“职权类型”，请核对"),
        ("header_loose", 4, "栏目“职权来源”按相近叫法或内容读作“实施依据”，请核对"),
    ]


def test_a_column_that_holds_something_else_is_left_alone(read):
    reading = read(
        [["序号", "职权事项", "性质", "职权来源"], ["1", "甲", "承诺件", "法定"], ["2", "乙", "即办件", "授权"]]
    )
    assert reading.sheets[0].columns == {1: "seq", 2: "name", 4: "authority_source"}
    assert codes(reading)["header_unknown"] == 1


def test_a_type_may_be_followed_by_its_finer_kind_but_not_by_another_type(vocabulary):
    assert [
        vocabulary.power_type(text) for text in ("其他-备案", "行政处罚：罚款", "1.行政许可", "许可/处罚", "备案")
    ] == [
        "other",
        "penalty",
        "license",
        "",
        "",
    ]
    assert vocabulary.heading_type("行政许可：对外贸易经营者备案") == ""
    assert [vocabulary.power_type_in(name) for name in ("其他权力1", "行政处罚（二）", "许可（续）")] == [
        "other",
        "penalty",
        "license",
    ]


def test_a_header_that_names_the_type_gives_the_type_of_its_items(read):
    for header, code in (("行政许可事项", "license"), ("处罚事项名称", "penalty"), ("行政检查项目", "inspection")):
        (item,) = read([["序号", header, "依据"], ["1", "甲", "《甲法》第一条"]]).items
        assert (item.name, item.power_type, item.power_type_source) == ("甲", code, "header")


def test_letters_of_the_type_are_its_name(vocabulary):
    assert [vocabulary.power_type(text) for text in ("XK", "CF", "JC", "ZZ")] == [
        "license",
        "penalty",
        "inspection",
        "",
    ]


def test_name_and_place_of_the_law_in_cells_of_their_own_are_one_text(read):
    rows = [
        ["序号", "事项名称", "职权类型", "实施依据", "", ""],
        ["", "", "", "名称", "条款", "内容"],
        ["1", "甲", "行政许可", "《甲法》", "第十条", "应当经批准。"],
    ]
    reading = read(rows, merges=[(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 1, 2), (0, 3, 0, 5)])
    (item,) = reading.items
    assert item.name == "甲"
    assert item.fields["basis_text"] == "《甲法》第十条应当经批准。"
    assert [(one.law, one.locator, one.quote) for one in item.citations] == [("甲法", "第十条", "应当经批准。")]
