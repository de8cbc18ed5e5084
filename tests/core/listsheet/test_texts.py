"""文字：换行、控制字符、混入的广告。"""

import pytest

HEADER = ["序号", "事项名称", "职权类型", "实施依据", "行使主体"]


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
