"""接口收到的文字：能存、能显示的才收。"""

import pytest

from quanze.base.web.api_texts import plain


def test_line_ends_are_one_and_blanks_around_are_gone() -> None:
    assert plain("  甲\r\n乙\r ") == "甲\n乙"


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "半个\ud800代理"])
def test_what_no_database_can_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="控制字符"):
        plain(text)
