"""重复、近似重复、文字整理、千篇一律。"""

from dataclasses import replace

import pytest

from quanze.apps.catalog.domain.items import BasisContent, DutyContent
from quanze.apps.catalog.domain.packs import Thresholds
from quanze.apps.catalog.rules.examples import PENALTY, changed, coded, family, snapshot
from quanze.apps.catalog.rules.tidying import tidy_long, tidy_short


def pair(check, one, other, **fields):
    """两项处罚，只有名称（与指定字段）不同。"""
    items = (
        changed("a", PENALTY, name=one, power_code="130700-CF-001"),
        changed("b", PENALTY, name=other, power_code="130700-CF-002", **fields),
    )
    report = check(*items)
    return [f.code for f in report.findings if f.code in ("S007", "S008")]


def test_same_name_type_basis_and_body_is_a_duplicate_whatever_the_width_of_brackets(check):
    assert pair(check, "对擅自设置广告（牌匾）的处罚", "对擅自设置广告(牌匾) 的处罚") == ["S007"]


def test_same_name_with_another_basis_or_body_is_a_near_duplicate(check):
    other_basis = {"bases": (BasisContent("示例市广告管理办法", "第三条"),)}
    assert pair(check, "对擅自设置广告的处罚", "对擅自设置广告的处罚", **other_basis) == ["S008"]
    assert pair(check, "对擅自设置广告的处罚", "对擅自设置广告的处罚", exercising_body="示例县城管局") == ["S008"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("对擅自占道经营的处罚", "对占道经营行为的处罚"),
        ("对拒绝登帐的处罚", "对拒绝登账的处罚"),
        ("对骗取财物以及泄露标底的处罚", "对骗取财物，泄露标底的处罚"),
        ("对毁坏路灯、护栏的处罚", "对毁坏护栏、路灯的处罚"),
    ],
)
def test_names_that_differ_only_in_empty_words_spelling_or_order_are_near_duplicates(check, one, other):
    assert pair(check, one, other) == ["S008"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("对无证生产农药的处罚", "对无证经营农药的处罚"),
        ("对违反《示例条例》第五十五条的处罚", "对违反《示例条例》第五十六条的处罚"),
        ("对违反《示例条例》第五十六条的处罚", "对违反《示例条例》第六十五条的处罚"),
        ("对提供虚假建筑师注册材料的处罚", "对提供虚假建造师注册材料的处罚"),
        ("对未按规定备案的处罚", "对按规定未备案的处罚者的处罚"),
    ],
)
def test_siblings_that_differ_in_a_word_of_substance_are_left_alone(check, one, other):
    assert pair(check, one, other) == []


def test_a_main_item_and_its_own_sub_item_may_share_a_name(check):
    report = check(*family(changed(power_code="130700-XK-002").content))
    assert report.of("S007", "S008") == ()


def test_short_texts_are_joined_and_brackets_made_wide():
    assert tidy_short("行政\n处罚 科（综合\u200b科)") == "行政处罚科（综合科）"
    assert tidy_short("市容科,法规科") == "市容科，法规科"
    assert tidy_short("第１２号") == "第12号"
    assert tidy_short("0000-1234567") == "0000-1234567"
    assert tidy_short("A(B)类") == "A(B)类"


def test_long_texts_keep_their_paragraphs():
    text = "直接实施责任：\n1.受理申请。\n2.作出决定。。\n指导监督责任：\n3.加强指导。"
    assert tidy_long(text) == text.replace("。。", "。")
    assert tidy_long("《示例法》（2005年4月27日)第十条") == "《示例法》（2005年4月27日）第十条"
    assert tidy_long("见(一)项") == "见(一)项"


@pytest.mark.req("L-80")
def test_injected_advertising_is_reported_with_its_field_and_never_removed_by_machine(check):
    report = check(changed("a", duty_text="受理、审查、决定、送达、监管。官方APP下载"))
    (finding,) = [f for f in report.of("S009") if "混入" in f.message]
    assert (finding.key, finding.field, finding.evidence) == ("a", "duty_text", "官方APP下载")
    assert finding.fix is None


@pytest.mark.req("L-80")
def test_what_the_reader_removed_is_still_reported_from_the_raw_cell(check):
    item = snapshot(
        "a", changed().content, texts={"责任事项": "受理。官方APP下载", "监督电话": "https://example.com/tel"}
    )
    (finding,) = check(item).of("S009")
    assert finding.message == "原始单元格“责任事项”混入了应用下载广告，与事项无关"


def test_the_fix_of_a_long_text_also_tidies_the_parts_it_was_split_into(check):
    duties = (DutyContent("受理", "当场答复。。"), DutyContent("决定", "审查、送达、监管。"))
    untidy = changed("a", duty_text="受理：当场答复。。\n决定：审查、送达、监管。", duties=duties)
    (finding,) = check(untidy).of("S009")
    assert finding.fix == {
        "duty_text": "受理：当场答复。\n决定：审查、送达、监管。",
        "duties": (DutyContent("受理", "当场答复。"), duties[1]),
    }
    assert check(snapshot("a", replace(untidy.content, **finding.fix))).of("S009") == ()


def test_boilerplate_needs_a_share_above_the_limit_and_a_list_of_some_size(check):
    same = [coded(n) for n in range(1, 9)]
    own = [coded(n, accountability_text=f"第{n}种情形。", accountability_cases=()) for n in range(9, 11)]
    assert check(*same, *own).of("S010") == ()
    assert check(*same, *own, thresholds=Thresholds(boilerplate_share_percent=79)).of("S010")[0].message == (
        "10 项中有 8 项的追责情形一字不差"
    )
    assert check(*same, thresholds=Thresholds(boilerplate_share_percent=79)).of("S010") == ()
