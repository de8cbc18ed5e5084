"""筛选条：写在网址里，说不通的忽略并说明。"""

from datetime import date

import pytest
from django.http import QueryDict

from quanze.base.notices.models import Notice
from quanze.base.web.filters import ChoiceFilter, DateRangeFilter, DayFilter, FilterBar, FlagFilter, TextFilter


class Bar(FilterBar):
    q = TextFilter("名称", lookup="text__icontains")
    kind = ChoiceFilter("种类", choices=lambda: [(1, "甲"), (2, "乙")], lookup="to_user_id")
    at = DateRangeFilter("日期", lookup="at__date")
    mine = FlagFilter("只看本单位")
    on = DayFilter("截至哪天")


def bar(query):
    return Bar(QueryDict(query))


def test_values_are_read_with_their_own_types():
    assert bar("q= 烟花 &kind=2&at_from=2026-11-01&mine=1").values == {
        "q": "烟花",
        "kind": 2,
        "at": (date(2026, 11, 1), None),
        "mine": True,
        "on": None,
    }
    assert bar("on=2026-11-22").values["on"] == date(2026, 11, 22)
    assert bar("on=2026-11-22").words() == "截至哪天：2026-11-22"


def test_an_empty_bar_is_inactive_and_says_everything():
    empty = bar("page=2")
    assert not empty.is_active
    assert empty.words() == "全部"
    assert empty.chips == []


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("kind=9", "“种类”没有“9”这个选项，已忽略此条件。"),
        ("on=2026-13-01", "“截至哪天”的日期“2026-13-01”应写作 2026-11-22，已忽略此条件。"),
        ("at_from=昨天", "“日期”的日期“昨天”应写作 2026-11-22，已忽略此条件。"),
        ("at_from=2026-11-02&at_to=2026-11-01", "“日期”的结束日期早于开始日期，已忽略此条件。"),
    ],
)
def test_a_senseless_value_is_ignored_and_said_so(query, problem):
    read = bar(query)
    assert read.problems == [problem]
    assert not read.is_active


def test_a_chip_removes_only_its_own_condition_and_the_cursor():
    read = bar("q=烟花&kind=1&cols=name&cursor=abc")
    chips = {chip.label: chip for chip in read.chips}
    assert (chips["名称"].words, chips["种类"].words) == ("烟花", "甲")
    assert QueryDict(chips["名称"].url[1:]).dict() == {"kind": "1", "cols": "name"}
    assert QueryDict(read.clear_url[1:]).dict() == {"cols": "name"}


def test_foreign_parameters_are_kept_when_the_bar_is_sent():
    assert bar("q=烟花&cols=a&cols=b&cursor=x&export=xlsx").kept == [("cols", "a"), ("cols", "b")]


def test_the_words_go_into_the_export():
    assert bar("q=烟花&mine=1&at_to=2026-11-30").words() == "名称：烟花；日期：不限 至 2026-11-30；只看本单位"


@pytest.mark.django_db
def test_apply_narrows_the_query_by_every_declared_lookup():
    for user, text, day in ((1, "烟花", 1), (1, "渔业", 2), (2, "烟花", 3)):
        Notice.objects.create(to_user_id=user, kind="k", text=text, at=f"2026-11-0{day}T09:00:00+08:00")
    rows = bar("q=烟花&kind=1&at_to=2026-11-01").apply(Notice.objects.all())
    assert [(row.to_user_id, row.text) for row in rows] == [(1, "烟花")]
