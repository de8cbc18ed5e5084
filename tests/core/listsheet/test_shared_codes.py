"""一个编码格由主项与子项共用时，编码只归其一：同一编码写在两处，会被当作重复。"""

HEADER = ["序号", "事项名称", "子项", "职权类型", "职权编码", "实施依据"]
BASIS = "《甲法》第一条"


def codes(reading) -> list[tuple[str, list[str]]]:
    return [
        (item.fields.get("power_code", ""), [sub.fields.get("power_code", "") for sub in item.subitems])
        for item in reading.items
    ]


def test_the_code_of_a_main_item_with_its_only_subitem_is_the_main_items(read):
    reading = read([HEADER, ["1", "甲", "甲一", "行政许可", "XK-001", BASIS]])
    assert codes(reading) == [("XK-001", [""])]
    assert reading.items[0].subitems[0].raw["职权编码"] == "XK-001"


def test_subitems_listed_in_one_cell_have_no_codes(read):
    reading = read([HEADER, ["1", "甲", "1.甲一\n2.甲二", "行政许可", "XK-001", BASIS]])
    assert codes(reading) == [("XK-001", ["", ""])]


def test_where_every_subitem_has_its_code_the_first_row_has_that_of_its_subitem(read):
    rows = [HEADER, ["1", "甲", "甲一", "行政许可", "XK-001", BASIS], ["", "", "甲二", "", "XK-002", BASIS]]
    assert codes(read(rows)) == [("", ["XK-001", "XK-002"])]


def test_a_code_merged_over_the_rows_is_the_main_items(read):
    rows = [HEADER, ["1", "甲", "甲一", "行政许可", "XK-001", BASIS], ["", "", "甲二", "", "", BASIS]]
    assert codes(read(rows, merges=[(1, 4, 2, 4), (1, 0, 2, 0), (1, 1, 2, 1)])) == [("XK-001", ["", ""])]


def test_a_code_written_twice_stays_written_twice(read):
    rows = [HEADER, ["1", "甲", "", "行政许可", "XK-001", BASIS], ["", "", "甲一", "", "XK-001", BASIS]]
    assert codes(read(rows)) == [("XK-001", ["XK-001"])]
