"""许可的监管主体。"""

import pytest

from quanze.apps.catalog.rules.examples import PENALTY, changed, family


@pytest.mark.req("H-12")
def test_a_licence_says_who_supervises_and_a_penalty_need_not(check):
    told = {"supervising_body": "示例市城市管理局"}
    report = check(changed("a", extra=told), changed("b", power_code="130700-XK-002"), changed("c", PENALTY))
    assert [(finding.key, finding.severity.value) for finding in report.of("O507")] == [("b", "warning")]
    assert check(changed("a", extra={"supervising_body": "无"})).of("O507") != ()


@pytest.mark.req("H-12")
def test_where_no_licence_of_a_list_says_it_the_column_is_missing(check):
    licences = [changed(str(n), name=f"第{n}种观景平台许可", power_code=f"130700-XK-00{n}") for n in range(1, 5)]
    (finding,) = check(*licences, changed("p", PENALTY)).of("O507")
    assert (finding.key, finding.message) == ("", "全部 4 项许可都没有写监管主体，表中大概没有这一栏")


def test_a_sub_item_may_say_it_and_published_lists_are_not_asked(check):
    sub = changed(name="临时平台搭建许可", power_code="130700-XK-011", extra={"supervising_body": "市容所"}).content
    assert check(*family(sub)).of("O507") == ()
    assert check(changed("a"), template="published-2024").of("O507") == ()
