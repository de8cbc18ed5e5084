"""写得不规范的依据：没有书名号、尖括号、前面写明种类、条号连写——人读得懂的，都拆得开。"""

import pytest

from quanze.core.lawtext.citations import split_citations
from quanze.core.lawtext.locators import article_refs


def parts(text: str) -> list[tuple[str, str, str]]:
    return [(one.law, one.locator, one.quote) for one in split_citations(text)]


@pytest.mark.parametrize(
    "text",
    [
        "<甲法>第十条",
        "<<甲法>>第十条",
        "＜甲法＞第十条",
        "〈甲法〉第十条",
        "「甲法」第十条",
        "《《甲法》》第十条",
        "《甲法第十条",
        "甲法第十条",
        "1.甲法第十条",
        "《 甲 法 》（第十条）",
        "《甲法》——第十条",
    ],
)
def test_a_name_in_other_marks_or_none_is_a_name(text: str):
    split = split_citations(text)
    assert [(one.law, one.locator) for one in split] == [("甲法", "第十条")]
    assert split.unparsed == ()


@pytest.mark.parametrize(
    "text",
    [
        "违反甲法第十条",
        "本法第十条",
        "由公安机关依照甲法第十条处罚",
        "有下列情形之一的，按甲办法第三条",
        "参照省厅文件",
        "第一条规定第一条",
    ],
)
def test_a_sentence_about_a_law_is_no_name(text: str):
    assert parts(text) == []


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("法律：《甲法》第十条\n行政法规：《乙条例》第八条", ["法律", "行政法规"]),
        ("法律依据：《甲法》第十条　规章：《乙条例》第八条", ["法律", "规章"]),
        ("（法律）《甲法》第十条\n（行政法规）《乙条例》第八条", ["法律", "行政法规"]),
        ("1.法律：《甲法》第十条；2.部门规章：《乙条例》第八条", ["法律", "部门规章"]),
        ("依据：\n1、《甲法》第十条；\n2、《乙条例》第八条", ["", ""]),
    ],
)
def test_the_kind_written_before_a_law_is_its_label(text: str, labels: list[str]):
    split = split_citations(text)
    assert [(one.law, one.locator, one.quote) for one in split] == [("甲法", "第十条", ""), ("乙条例", "第八条", "")]
    assert [one.kind_label for one in split] == labels
    assert split.unparsed == ()


def test_the_number_may_stand_before_the_name():
    (one,) = split_citations("3.国务院令第412号《某决定》附件第15项")
    assert (one.law, one.locator, one.document_number) == ("某决定", "附件第15项", "国务院令第412号")


def test_a_law_that_changed_the_cited_one_is_not_taken_for_it():
    # the name after 根据 is that of the amending decision: better left than wrong
    text = "【部令】根据2017年国务院令第676号《某修改决定》第二次修正的《甲条例》:第十一条"
    assert [one.law for one in split_citations(text) if one.law == "某修改决定"] == []


@pytest.mark.parametrize(
    ("locator", "articles"),
    [("10条", [10]), ("第10-12条", [10, 11, 12]), ("第十、十一条", [10, 11]), ("第十条第（二）（三）项", [10])],
)
def test_article_numbers_written_together_are_each_an_article(locator: str, articles: list[int]):
    (one,) = split_citations(f"《甲法》{locator}")
    assert (one.locator, one.quote) == (locator, "")
    assert [ref.article for ref in article_refs(locator)] == articles
