"""序号的层次：一、（一） 1. （1） ① a，从哪一级起都行；在当前事项之下的是子项，并列的是事项。"""

import pytest

from quanze.core.listsheet.numbering import is_below
from quanze.core.listsheet.seqs import parse_seq

HEADER = ["序号", "事项名称", "职权类型", "实施依据", "行使主体"]


def row(seq: str, name: str) -> list[str]:
    return [seq, name, "行政许可", "《甲法》第一条", "某局"]


def shape(reading) -> list[tuple[str, list[str]]]:
    return [(item.name, [sub.name for sub in item.subitems]) for item in reading.items]


@pytest.mark.parametrize(
    "seqs",
    [
        ("1", "1.1", "1.2", "2"),
        ("1", "1.1.", "1.2.", "2"),
        ("1", "1—①", "1—②", "2"),
        ("1", "1(1)", "1(2)", "2"),
        ("1", "1.1.1", "1.1.2", "2"),
        ("1", "1月1日", "1月2日", "2"),
        ("1", "（一）", "（二）", "2"),
        ("1", "1）", "2）", "2"),
        ("1", "子项1", "子项2", "2"),
        ("1", "a", "b", "2"),
        ("一", "1", "2", "二"),
        ("一", "（一）", "（二）", "二"),
        ("（一）", "1", "2", "（二）"),
        ("（一）", "①", "②", "（二）"),
        ("（1）", "①", "②", "（2）"),
        ("壹", "1", "2", "贰"),
    ],
)
def test_what_is_numbered_below_an_item_is_its_subitem(read, seqs: tuple[str, ...]):
    names = ("甲", "甲一", "甲二", "乙")
    reading = read([HEADER, *(row(seq, name) for seq, name in zip(seqs, names, strict=True))])
    assert shape(reading) == [("甲", ["甲一", "甲二"]), ("乙", [])]


@pytest.mark.parametrize(
    "seqs",
    [
        ("⑴", "⑵", "⑶"),
        ("1）", "2）", "3）"),
        ("㈠", "㈡", "㈢"),
        ("①", "②", "③"),
        ("壹", "贰", "叁"),
        ("A", "B", "C"),
        ("1-1", "1-2", "2-1"),
        ("1.1", "1.2", "2.1"),
        ("XK-1", "XK-2", "XK-3"),
    ],
)
def test_a_list_may_be_numbered_in_any_of_these_ways_throughout(read, seqs: tuple[str, ...]):
    reading = read([HEADER, *(row(seq, name) for seq, name in zip(seqs, "甲乙丙", strict=True))])
    assert shape(reading) == [("甲", []), ("乙", []), ("丙", [])]


@pytest.mark.parametrize(
    "heading", [["一", "城市管理领域"], ["一", "城市管理领域", "2项"], ["一", "行政许可", "", "共2项"]]
)
def test_below_a_numbered_heading_the_numbers_are_the_items(read, heading: list[str]):
    reading = read([HEADER, heading, row("1", "甲"), row("2", "乙")])
    assert shape(reading) == [("甲", []), ("乙", [])]
    assert [skipped.reason for skipped in reading.sheets[0].skipped] == ["header", "section"]


def test_subitems_with_a_number_column_of_their_own_keep_their_names(read):
    reading = read(
        [
            ["主项序号", "主项名称", "子项序号", "子项名称", "职权类型", "实施依据"],
            ["1", "甲", "1", "甲一", "行政许可", "《甲法》第一条"],
            ["1", "甲", "2", "甲二", "行政许可", "《甲法》第一条"],
            ["2", "乙", "", "", "行政许可", "《甲法》第一条"],
        ]
    )
    assert shape(reading) == [("甲", ["甲一", "甲二"]), ("乙", [])]
    assert [sub.seq for sub in reading.items[0].subitems] == ["1", "2"]
    assert "subseq" not in reading.items[0].fields


def test_a_plain_number_is_below_only_where_it_begins_or_goes_on():
    main, one, two = parse_seq("一"), parse_seq("1"), parse_seq("2")
    assert main and one and two
    assert is_below(one, main, "", main_is_item=True)
    assert is_below(two, main, "1", main_is_item=True)
    assert not is_below(two, main, "", main_is_item=True)
    assert not is_below(one, main, "", main_is_item=False)
    assert not is_below(one, None, "", main_is_item=True)


def test_numbers_of_main_items_and_subitems_may_share_one_heading(read):
    rows = [
        ["序号", "", "事项名称", "职权类型", "实施依据"],
        ["主项", "子项", "", "", ""],
        ["1", "", "甲", "行政许可", "《甲法》第一条"],
        ["", "1", "甲一", "", "《甲法》第二条"],
        ["", "2", "甲二", "", "《甲法》第三条"],
        ["2", "", "乙", "行政许可", "《甲法》第一条"],
    ]
    reading = read(rows, merges=[(0, 0, 0, 1), (0, 2, 1, 2), (0, 3, 1, 3), (0, 4, 1, 4)])
    assert shape(reading) == [("甲", ["甲一", "甲二"]), ("乙", [])]
    assert [(sub.seq, sub.power_type) for sub in reading.items[0].subitems] == [("1", "license"), ("2", "license")]


def test_one_after_one_is_a_repeated_number_unless_another_type_begins(read):
    def codes(second_type: str) -> list[str]:
        second = ["1", "乙", second_type, "《甲法》第一条", "某局"]
        return [warning.code for warning in read([HEADER, row("1", "甲"), second]).warnings]

    assert codes("行政许可") == ["seq_repeated"]
    assert codes("行政处罚") == []
