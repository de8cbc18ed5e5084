"""依据拆分：法规、条款、引文，位置可回指，读不懂的留着。"""

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanze.core.lawtext.citations import Citation, split_citations
from quanze.core.lawtext.law_names import bare_name


def parts(text: str) -> list[tuple[str, str, str]]:
    return [(one.law, one.locator, one.quote) for one in split_citations(text)]


def test_a_tagged_law_with_history_article_and_quote_is_split_into_its_parts():
    # given a cell as published lists write it
    text = (
        "【法律】《湖泊保护法》（2005年12月29日第十届大会通过，2019年修正）\n    第三十一条第二款：沿湖建房须经批准。"
    )
    # when it is split
    (one,) = split_citations(text)
    # then every part is there, and every place points back into the text
    assert (one.kind_label, one.law, one.locator, one.quote) == (
        "法律",
        "湖泊保护法",
        "第三十一条第二款",
        "沿湖建房须经批准。",
    )
    assert one.history == "2005年12月29日第十届大会通过，2019年修正"
    assert text[slice(*one.quote_span)] == "沿湖建房须经批准。"
    assert text[slice(*one.law_span)] == "《湖泊保护法》"
    assert one.span == (0, len(text))
    assert [(ref.article, ref.paragraph, ref.item) for ref in one.articles] == [(31, 2, None)]


def test_several_laws_and_articles_in_one_cell_follow_each_other():
    text = (
        "1.《甲法》第一条：“应当登记。”\n第三条　可以免除。\n2、【行政法规】《乙条例》（国务院令第12号）第二条 内容。"
    )
    assert parts(text) == [
        ("甲法", "第一条", "应当登记。"),
        ("甲法", "第三条", "可以免除。"),
        ("乙条例", "第二条", "内容。"),
    ]


def test_articles_may_follow_each_other_within_a_line():
    text = "《甲法》（2003年通过）第三十条：应当公示。第三十二条：收到后处理。"
    assert parts(text) == [("甲法", "第三十条", "应当公示。"), ("甲法", "第三十二条", "收到后处理。")]


def test_laws_listed_without_quotes_are_separate_citations():
    assert parts("《安全法》第五条、第六条第二款；《消防法》第十条至第十二条。") == [
        ("安全法", "第五条、第六条第二款", ""),
        ("消防法", "第十条至第十二条", ""),
    ]
    assert parts("《甲法》《乙法》第三条") == [("甲法", "", ""), ("乙法", "第三条", "")]


def test_a_range_is_expanded_and_an_inserted_article_keeps_its_suffix():
    (one,) = split_citations("《消防法》第十条至第十二条")
    assert [ref.article for ref in one.articles] == [10, 11, 12]
    (other,) = split_citations("《刑罚法》第二百八十七条之一第一款第（三）项规定：内容。")
    ref = other.articles[0]
    assert (ref.article, ref.suffix, ref.paragraph, ref.item) == (287, 1, 1, 3)
    assert other.quote == "内容。"


def test_a_law_named_inside_a_law_stays_part_of_the_name():
    assert parts("《某省实施〈水法〉办法》第九条") == [("某省实施〈水法〉办法", "第九条", "")]
    assert parts("【规章】《某省实施<水法>办法》第九条") == [("某省实施〈水法〉办法", "第九条", "")]


def test_a_law_mentioned_inside_quoted_text_is_not_a_citation_of_its_own():
    text = "《甲法》第五条：违反的，依照《乙法》第六条的规定处罚；情节严重的，按照\n《丙办法》有关规定处理。"
    assert [one.law for one in split_citations(text)] == ["甲法"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("《关于下放事项的通知》（国发〔2015〕27号）附件第3项", "国发〔2015〕27号"),
        ("《关于下放事项的通知》（国发【2015】 27 号）附件第3项", "国发〔2015〕27号"),
        (
            "《甲条例》（1997年5月8日中华人民共和国国务院令第216号发布，2017年国务院令第677号修订）第一条",
            "国务院令第216号",
        ),
        ("《甲办法》（农业部令，第32号公布）第一条", "农业部令第32号"),
        ("【规章】2017年3月1日建设部令第23号《甲办法》第三条", "建设部令第23号"),
        ("《甲法》（第十届大会第十九次会议通过）第一条", ""),
    ],
)
def test_the_document_number_is_that_of_promulgation(text: str, number: str):
    (one,) = split_citations(text)
    assert one.document_number == number


def test_names_broken_over_lines_are_joined_and_a_newline_in_the_history_does_not_end_it():
    text = (
        "【法律】《 中华\n人民共和国某\n处罚法》\n（1996年3月\n17日第八届全\n国大会\n第四次会议通过）\n第五章、第六章。"
    )
    assert parts(text) == [("中华人民共和国某处罚法", "第五章、第六章", "")]


def test_what_is_not_a_citation_is_left_and_reported_not_guessed():
    for text in (
        "参照省厅文件执行",
        "第三十条 有条文而没有法名",
        "【法规】（禁止使用某工规定》（2002年公布）\n第四条：内容",
    ):
        split = split_citations(text)
        assert len(split) == 0
        assert [text[a:b] for a, b in split.unparsed] == [text]


@pytest.mark.parametrize("text", ["", "无", "/", "  \n ", "——"])
def test_an_empty_cell_gives_nothing_and_reports_nothing(text: str):
    split = split_citations(text)
    assert (len(split), split.unparsed) == (0, ())


def test_a_law_cited_as_a_whole_has_no_locator():
    (one,) = split_citations("【规范性文件】《定价目录》（某政发〔2019〕49号）\n    全文适用。")
    assert (one.locator, one.quote, one.articles) == ("", "全文适用。", ())


def consistent(text: str, one: Citation) -> None:
    assert 0 <= one.span[0] < one.span[1] <= len(text)
    assert bare_name(text[slice(*one.law_span)]) == one.law
    assert one.law
    if one.locator_span:
        assert re.sub(r"\s", "", text[slice(*one.locator_span)]) == one.locator
        assert one.span[0] <= one.locator_span[0] <= one.locator_span[1] <= one.span[1]
    else:
        assert one.locator == ""
    if one.quote_span:
        assert text[slice(*one.quote_span)] == one.quote
        assert one.quote_span[1] <= one.span[1]
    else:
        assert one.quote == ""


PIECES = st.sampled_from(
    [
        "法律：",
        "<丁办法>",
        "戊条例",
        "《己规定",
        "【法律】",
        "【 规章 】",
        "《甲法》",
        "《乙〈丙〉条例》",
        "《",
        "》",
        "（2005年通过，修正）",
        "（",
        "）",
        "国发〔2015〕27号",
        "国务院令第1号",
        "第一条",
        "第十二条之一第二款",
        "第（三）项",
        "、",
        "至",
        "：",
        "。",
        "；",
        "\n",
        " ",
        "\u3000",
        "“",
        "”",
        "1.",
        "（一）",
        "①",
        "依照",
        "规定",
        "应当登记",
        "附件第3项",
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join))
@settings(max_examples=400, deadline=None)
def test_spans_lie_inside_the_text_in_order_and_slices_equal_the_parts(text: str):
    split = split_citations(text)
    for one in split:
        consistent(text, one)
    spans = [one.span for one in split]
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert all(0 <= a < b <= len(text) for a, b in split.unparsed)


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_split_without_failing(text: str):
    for one in split_citations(text):
        consistent(text, one)


def test_the_result_reads_like_a_tuple():
    split = split_citations("《甲法》第一条、《乙法》第二条")
    assert len(split) == 2
    assert split[1].law == "乙法"
    assert [one.law for one in split[:1]] == ["甲法"]


def test_a_long_hostile_cell_is_split_in_linear_time():
    for text in (
        "《" * 20_000,
        "（" * 20_000 + "《甲法》" * 2000,
        "第一条、" * 20_000,
        "《甲法》（" * 5000,
        "1." * 30_000,
        "第" * 30_000,
    ):
        start = time.perf_counter()
        split_citations(text)
        assert time.perf_counter() - start < 5, text[:4]


def test_a_bracket_that_is_never_closed_ends_where_the_next_article_begins():
    assert parts("【法律】《甲法》（2005年12月29日通过\n    第三条：内容。") == [("甲法", "第三条", "内容。")]
