"""目录表、总表与分表：同一事项在几张表里各写一遍，只读一遍，并说明。"""

HEADER = ["序号", "事项名称", "职权类型", "实施依据", "行使主体"]


def row(seq: str, name: str, power_type: str = "行政许可", body: str = "某局") -> list[str]:
    return [seq, name, power_type, "《甲法》第一条", body]


def names(reading) -> list[tuple[str, str]]:
    return [(item.sheet, item.name) for item in reading.items]


def told(reading) -> list[tuple[str, str, str]]:
    kinds = ("contents_sheet", "sheet_repeated")
    return [(w.sheet, w.code, w.message) for w in reading.warnings if w.code in kinds]


def test_a_table_of_contents_is_not_a_second_list(read, make_sheet):
    contents = make_sheet(
        "总目录",
        [
            ["某局权责清单目录（共 2 项）"],
            ["序号", "事项名称", "职权类型", "页码"],
            ["1", "甲", "行政许可", "1"],
            ["2", "乙", "行政许可", "3"],
        ],
    )
    reading = read(contents, make_sheet("清单", [HEADER, row("1", "甲"), row("2", "乙")]))
    assert names(reading) == [("清单", "甲"), ("清单", "乙")]
    assert told(reading) == [
        ("总目录", "contents_sheet", "这张表只列了 2 个事项的名称，内容在其他表里，按目录对待，没有读")
    ]
    assert [(sheet.items, sheet.stated_count) for sheet in reading.sheets] == [(0, None), (2, None)]


def test_a_list_of_names_alone_is_read_where_nothing_else_has_them(read, make_sheet):
    rows = [["序号", "职权名称", "备注"], ["1", "甲", ""], ["2", "乙", ""]]
    assert names(read(make_sheet("目录", rows))) == [("目录", "甲"), ("目录", "乙")]
    # half of the names stand nowhere else: the sheet is not the contents of the other
    reading = read(make_sheet("目录", rows), make_sheet("清单", [HEADER, row("1", "甲")]))
    assert (reading.item_count, told(reading)) == (3, [])


def test_one_table_of_everything_beside_a_table_per_type_is_read_once(read, make_sheet):
    licences, penalty = [row("1", "甲"), row("2", "乙")], row("1", "对丙的处罚", "行政处罚")
    reading = read(
        make_sheet("行政许可", [HEADER, *licences]),
        make_sheet("行政处罚", [HEADER, penalty]),
        make_sheet("总表", [HEADER, *licences, row("3", "对丙的处罚", "行政处罚")]),
    )
    assert names(reading) == [("总表", "甲"), ("总表", "乙"), ("总表", "对丙的处罚")]
    assert [(sheet, code) for sheet, code, _ in told(reading)] == [
        ("行政许可", "sheet_repeated"),
        ("行政处罚", "sheet_repeated"),
    ]


def test_of_two_equal_sheets_the_first_is_read(read, make_sheet):
    rows = [HEADER, row("1", "甲")]
    assert names(read(make_sheet("清单", rows), make_sheet("清单 (2)", rows))) == [("清单", "甲")]


def test_the_same_names_for_another_body_or_type_are_other_items(read, make_sheet):
    reading = read(
        make_sheet("市级", [HEADER, row("1", "甲", body="市局")]),
        make_sheet("县级", [HEADER, row("1", "甲", body="县局")]),
        make_sheet("处罚", [HEADER, row("1", "甲", "行政处罚", "市局")]),
    )
    assert (reading.item_count, told(reading)) == (3, [])
