"""序号的读法。"""

import pytest

from quanze.core.listsheet.seqs import as_range, parse_seq


@pytest.mark.parametrize(
    ("text", "numbers", "style"),
    [
        ("3", (3,), "plain"),
        ("３、", (3,), "plain"),
        ("第3项", (3,), "plain"),
        ("2,3", (2, 3), "plain"),
        ("2、3、5", (2, 3, 5), "plain"),
        ("十二", (12,), "chinese"),
        ("（三）", (3,), "bracketed"),
        ("(1)", (1,), "bracketed"),
        ("②", (2,), "bracketed"),
        ("XK-001", (), "code"),
    ],
)
def test_numbers_are_read_in_the_ways_lists_write_them(text: str, numbers: tuple[int, ...], style: str):
    seq = parse_seq(text)
    assert seq is not None
    assert (seq.numbers, seq.style) == (numbers, style)


@pytest.mark.parametrize(("text", "pair"), [("1.2", (1, 2)), ("1-2", (1, 2)), ("2024-01-02", (1, 2))])
def test_a_pair_is_left_to_the_reader_and_a_date_is_a_pair_that_the_spreadsheet_changed(
    text: str, pair: tuple[int, int]
):
    seq = parse_seq(text)
    assert seq is not None
    assert (seq.numbers, seq.pair) == ((), pair)


@pytest.mark.parametrize("text", ["", "注：", "合计", "说明", "9" * 30, "甲", "行政许可"])
def test_what_is_no_number_is_none(text: str):
    assert parse_seq(text) is None


def test_only_a_short_rising_pair_is_a_range():
    assert as_range((2, 4)) == (2, 3, 4)
    assert as_range((4, 2)) == ()
    assert as_range((1, 500)) == ()
