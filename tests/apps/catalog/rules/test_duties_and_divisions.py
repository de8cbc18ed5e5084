"""依据、责任、机构。"""

import pytest

from quanze.apps.catalog.domain.items import AssistContent, AuthoritySource, BasisContent, DutyContent
from quanze.apps.catalog.rules.base import division_names
from quanze.apps.catalog.rules.examples import PENALTY, changed, coded, family
from quanze.core.lint import Severity


def test_a_law_cited_with_its_article_elsewhere_is_located(check):
    bases = (BasisContent("示例法"), BasisContent("示例法", "第三条"), BasisContent("另一法"))
    (finding,) = check(changed("a", bases=bases)).of("B307")
    assert finding.evidence == "《另一法》"


@pytest.mark.parametrize(
    "basis",
    [
        BasisContent("示例决定", "", "附件第88项：某某许可"),
        BasisContent("政府核准的投资项目目录（2016年本）"),
        BasisContent("关于收费标准的批复"),
    ],
)
def test_annexes_catalogues_and_replies_are_places_enough(check, basis):
    assert check(changed("a", bases=(basis,))).of("B307") == ()


def test_a_document_number_is_no_article(check):
    basis = BasisContent("示例决定", "", "国务院令第412号公布")
    assert len(check(changed("a", bases=(basis,))).of("B307")) == 1


def test_a_sub_item_with_the_basis_of_its_main_item_is_not_reported_again(check):
    bare = changed(bases=(BasisContent("示例法"),), basis_text="《示例法》").content
    sub = changed(
        name="临时平台搭建许可", power_code="130700-XK-011", bases=bare.bases, basis_text=bare.basis_text
    ).content
    assert [f.key for f in check(*family(sub, main=bare)).of("B307")] == ["main"]


@pytest.mark.req("H-46", "J-15")
def test_no_power_without_duty_and_accountability(check):
    report = check(
        changed(
            "a",
            duty_text="",
            duties=(),
            accountability_text="无",
            accountability_cases=(),
            accountability_basis_text="",
        )
    )
    assert [(f.code, f.field, f.severity) for f in report.of("R401", "R402")] == [
        ("R401", "duty_text", Severity.ERROR),
        ("R402", "accountability_basis_text", Severity.ERROR),
        ("R402", "accountability_text", Severity.ERROR),
    ]


def test_in_published_lists_a_missing_accountability_basis_is_only_a_warning(check):
    report = check(
        changed("a", accountability_text="", accountability_cases=(), accountability_basis_text=""),
        template="published-2024",
    )
    assert {f.field: f.severity for f in report.of("R402")} == {
        "accountability_text": Severity.ERROR,
        "accountability_basis_text": Severity.WARNING,
    }


def test_missing_stages_are_named_in_legal_order(check):
    item = changed("a", PENALTY, duty_text="1.调查取证。\n2.作出决定。", duties=(DutyContent("送达", "七日内交付。"),))
    (finding,) = check(item).of("R403")
    assert finding.message == "行政处罚的责任事项没有写：立案、审查、告知、执行"


def test_a_type_whose_items_mostly_lack_stages_is_one_finding(check):
    lacking = [coded(n, PENALTY, duty_text="依法实施处罚决定。", duties=()) for n in range(1, 7)]
    (finding,) = check(*lacking, coded(7, PENALTY)).of("R403")
    assert (finding.key, len(finding.related)) == ("", 6)
    assert finding.message == "行政处罚 7 项中有 6 项的责任事项没有按环节写全"
    assert finding.evidence.startswith("缺 立案 6 项、调查 6 项")
    few = check(*lacking[:4], *(coded(n, PENALTY) for n in range(7, 12))).of("R403")
    assert [f.key for f in few] == ["k1", "k2", "k3", "k4"]


def test_a_delegated_power_may_be_answered_for_by_its_delegator(check):
    apart = {"exercising_body": "示例镇人民政府", "responsible_body": "示例县农业农村局"}
    assert len(check(changed("a", **apart)).of("R404")) == 1
    assert check(changed("a", **apart, authority_source=AuthoritySource.ENTRUSTED)).of("R404") == ()
    assert check(changed("a", exercising_body="市统计局", responsible_body="示例市统计局")).of("R404") == ()


def test_division_names_are_split_outside_brackets():
    assert division_names("农业科（农产品、质量科)、畜牧科\n渔政科，办公室") == (
        "农业科（农产品、质量科)",
        "畜牧科",
        "渔政科",
        "办公室",
    )


ALIVE = frozenset({"市容科（广告管理科）", "法规科"})


@pytest.mark.parametrize("written", ["市容科", "广告管理科", "市容科(广告管理科)", "法规科"])
def test_a_division_is_alive_under_either_of_its_names(check, written):
    assert check(changed("a", lead_division=written), divisions=ALIVE).of("O501") == ()


def test_a_dissolved_division_is_named_with_the_likely_one(check):
    report = check(
        changed("a", lead_division="市容管理科", assists=(AssistContent("规费科", "收费"),)), divisions=ALIVE
    )
    assert [(f.field, f.message) for f in report.of("O501")] == [
        ("assists", "“规费科”不在本机构现有的内设机构之中"),
        ("lead_division", "“市容管理科”不在本机构现有的内设机构之中，是否为“市容科（广告管理科）”"),
    ]


def test_unknown_divisions_are_not_guessed_at(check):
    assert check(changed("a", lead_division="某科"), divisions=None).of("O501") == ()
    assert check(changed("a", lead_division="某科"), divisions=frozenset()).of("O501") == ()


def test_a_dissolved_body_stops_the_whole_list(check):
    (finding,) = check(changed("a"), body_is_alive=False).of("O501")
    assert (finding.key, finding.field) == ("", "body")


def test_shared_work_needs_a_split(check):
    assert len(check(changed("a", lead_division="市容科、法规科")).of("O503")) == 1
    assert check(changed("a", lead_division="市容科负责受理，法规科负责审核")).of("O503") == ()
    halves = (AssistContent("法规科", "审核"), AssistContent("财务科", "收费"))
    assert check(changed("a", lead_division="市容科、法规科、财务科", assists=halves)).of("O503") == ()
    (finding,) = check(changed("a", assists=(AssistContent("法规科"),))).of("O503")
    assert finding.field == "assists"


def test_a_list_without_a_single_known_division_is_one_finding(check):
    (finding,) = check(*(coded(n, lead_division=f"第{n}科") for n in range(1, 4)), divisions=ALIVE).of("O501")
    assert (finding.key, finding.related) == ("", ("k1", "k2", "k3"))
    assert finding.evidence == "第1科、第2科、第3科"
