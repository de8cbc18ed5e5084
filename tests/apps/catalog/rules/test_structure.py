"""结构规则：必填、编码、主项与子项、有效期。"""

from datetime import date

import pytest

from quanze.apps.catalog.domain.items import NodeKind
from quanze.apps.catalog.rules.examples import COMPLETE, changed, coded, family, snapshot
from quanze.core.lint import Severity


def seen(report, code):
    return [(f.key, f.field) for f in report.of(code)]


@pytest.mark.req("J-01", "J-15")
def test_basis_body_and_responsible_body_must_be_stated(check):
    report = check(changed("a", basis_text="", bases=(), exercising_body="", responsible_body=""))
    assert seen(report, "S001") == [("a", "basis_text"), ("a", "exercising_body"), ("a", "responsible_body")]
    assert report.has_errors


@pytest.mark.parametrize("blank", ["无", " / ", "—", "暂无"])
def test_a_cell_that_says_nothing_counts_as_empty(check, blank):
    assert seen(check(changed("a", exercising_body=blank)), "S001") == [("a", "exercising_body")]


def test_a_sub_item_has_what_its_main_item_states_and_a_main_item_what_all_sub_items_state(check):
    sub = changed(
        name="临时观景平台搭建许可", power_code="130700-XK-011", exercising_body="", basis_text="", bases=()
    ).content
    other = changed(name="固定观景平台搭建许可", power_code="130700-XK-012", exercising_body="甲局").content
    assert seen(check(*family(sub, other)), "S001") == []
    bare_main = changed(exercising_body="").content
    assert seen(check(*family(other, other, main=bare_main)), "S001") == []
    assert seen(check(*family(sub, other, main=bare_main)), "S001") == [
        ("main", "exercising_body"),
        ("sub1", "exercising_body"),
    ]


def test_a_column_that_nobody_filled_is_one_finding(check):
    report = check(*(coded(n, hotline="") for n in range(1, 5)))
    (finding,) = report.of("S001")
    assert (finding.key, finding.severity) == ("", Severity.WARNING)
    assert finding.message == "全部 4 项都未填“监督电话”，表中大概没有这一栏"
    two = check(*(coded(n, hotline="") for n in range(1, 3)))
    assert seen(two, "S001") == [("k1", "hotline"), ("k2", "hotline")]
    one_filled = check(*(coded(n, hotline="" if n else "12345") for n in range(5)))
    assert len(one_filled.of("S001")) == 4


def test_a_local_addition_needs_its_reason(check):
    assert seen(check(changed("a", is_local_addition=True)), "S001") == [("a", "addition_reason")]
    assert seen(check(changed("a", is_local_addition=True, addition_reason="县规章第三条")), "S001") == []


def test_codes_repeat_only_once_and_placeholders_are_no_codes(check):
    report = check(changed("a"), changed("b", name="牌匾设置许可"), changed("c", name="灯箱设置许可", power_code="/"))
    assert seen(report, "S002") == [("b", "power_code")]
    assert report.of("S002")[0].related == ("a",)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("130700-处罚-1", "只能用字母、数字和连字符"),
        ("12", "长度应为 3 至 40 位，现为 2 位"),
    ],
)
def test_the_free_scheme_still_refuses_words_and_stubs(check, code, said):
    assert said in check(changed("a", power_code=code)).of("S002")[0].message


class TestSegmentedCodes:
    """湖北 16 位：区划、主体、类型、顺序、子项。"""

    @pytest.fixture
    def hubei(self, packs, check):
        from dataclasses import replace

        from quanze.apps.catalog.rules import check_list
        from quanze.apps.catalog.rules.examples import listed

        template = replace(packs.templates["full-2024"], code_scheme="hubei-16")
        local = replace(packs, templates={**packs.templates, "full-2024": template})
        return lambda *items: [f.message for f in check_list(listed(*items), local).of("S002")]

    def test_a_code_that_fits_passes(self, hubei):
        assert hubei(changed(power_code="4201000010100100")) == []

    def test_the_type_segment_must_say_the_type(self, hubei):
        (message,) = hubei(changed(power_code="4201000010200100"))
        assert message == "职权编码不符合“湖北 16 位”：第 10 至 11 位（职权类型）应为“01”，现为“02”"

    def test_length_and_alphabet_are_said_with_their_place(self, hubei):
        assert hubei(changed(power_code="42010000101001"))[0].endswith("应为 16 位，现为 14 位")
        assert hubei(changed(power_code="42010A0010100100"))[0].endswith(
            "第 1 至 6 位（行政区划）应为数字，现为“42010A”"
        )

    def test_a_sub_item_carries_the_prefix_of_its_main_item(self, hubei):
        main = changed(power_code="4201000010100100").content
        fits = changed(name="临时平台许可", power_code="4201000010100101").content
        strays = changed(name="固定平台许可", power_code="4201000010100201").content
        assert hubei(*family(fits, strays, main=main)) == [
            "职权编码不符合“湖北 16 位”：子项编码应以主项编码的前 14 位“42010000101001”开头"
        ]


def test_a_sub_item_without_main_and_a_sub_item_of_a_sub_item(check):
    orphan = changed("a", node_kind=NodeKind.SUB)
    assert check(orphan).of("S003")[0].message == "标为子项，但清单中找不到它的主项"
    top, child = family(changed(name="临时平台许可").content)
    grandchild = snapshot("deep", changed(name="平台小修许可", node_kind=NodeKind.SUB).content, parent_key="sub1")
    assert seen(check(top, child, grandchild), "S003") == [("deep", "node_kind")]


def test_a_sub_item_without_own_type_takes_the_type_of_its_main_item(check):
    report = check(*family(changed(name="临时平台搭建许可", power_type="").content))
    assert report.of("S003") == ()
    assert seen(report, "S001") == []


def test_main_items_need_two_sub_items(check):
    one = family(changed(name="临时平台搭建许可").content)
    assert check(*one).of("S004")[0].related == ("sub1",)
    assert check(one[0]).of("S004")[0].message == "标为主项，之下没有子项"
    assert check(*family(changed(name="甲类平台许可").content, changed(name="乙类平台许可").content)).of("S004") == ()


def test_a_validity_that_ends_on_its_first_day_is_wrong(check):
    day = date(2025, 3, 1)
    assert len(check(snapshot("a", COMPLETE, valid_from=day, valid_to=day)).of("S005")) == 1
    assert check(snapshot("a", COMPLETE, valid_from=day, valid_to=date(2025, 3, 2))).of("S005") == ()


def test_an_open_version_followed_by_another_overlaps(check):
    item = snapshot("a", COMPLETE, published_periods=((date(2025, 1, 1), None), (date(2025, 6, 1), None)))
    (finding,) = check(item).of("S005")
    assert finding.suggestion == "前一版本的失效日期应为 2025-06-01。"
