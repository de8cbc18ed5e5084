"""条款定位语的读法。"""

import pytest

from quanze.core.lawtext.locators import ArticleRef, article_refs, chinese_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("二十四", 24),
        ("一百零八", 108),
        ("十", 10),
        ("二百八十七", 287),
        ("一千零一", 1001),
        ("12", 12),
        ("１２", 12),
        ("二〇二四", 2024),
        ("两百", 200),
    ],
)
def test_chinese_and_arabic_numbers_are_read(text: str, number: int):
    assert chinese_number(text) == number


@pytest.mark.parametrize("text", ["", "甲", "1234567890", "三点五"])
def test_what_is_no_number_is_none(text: str):
    assert chinese_number(text) is None


def test_lists_ranges_and_missing_ordinals_are_read():
    assert article_refs("第十一条、十四条第二款") == (ArticleRef(11), ArticleRef(14, paragraph=2))
    assert article_refs("第三条至第五条") == (ArticleRef(3), ArticleRef(4), ArticleRef(5))
    assert article_refs("第四十一条第（五）项") == (ArticleRef(41, item=5),)


def test_chapters_and_annexes_have_no_articles():
    assert article_refs("第五章、第六章") == ()
    assert article_refs("附件第3项") == ()


def test_an_absurd_range_is_not_expanded():
    assert article_refs("第一条至第九千条") == (ArticleRef(1), ArticleRef(9000))
