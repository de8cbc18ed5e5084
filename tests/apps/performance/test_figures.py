"""机构运行数字：分类、科室、月份、同比与合计对得上，读取次数不随机构增加。"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quanze.apps.performance import public as performance
from quanze.apps.performance.domain.special_cases import SpecialCase
from quanze.apps.performance.models import MonthlyCount
from quanze.base.audit.models import FactRecord
from quanze.base.parameters import public as parameters
from quanze.core.actor import SYSTEM
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

from .conftest import case_rows

PERMIT = "水产苗种生产许可证核发"
PENALTY = "对使用电鱼方法捕捞的处罚"
SEEDS = "对销售不合格种子的处罚"
ANIMALS = "动物防疫条件合格证核发"
AS_OF = date(2026, 11, 2)


@pytest.fixture
def ran(published, csv_file, many_cases, django_capture_on_commit_callbacks):
    """两年半的运行数据：许可 2025 年度 10 件、2026 年度 25 件；处罚两件；种子处罚 2024 年 1 件；动物防疫从未运行。"""
    county = published.county
    rows = [
        *many_cases(published.code(PERMIT), date(2025, 3, 1), 10),
        *many_cases(published.code(PERMIT), date(2025, 12, 1), 15),
        *many_cases(published.code(PERMIT), date(2026, 4, 1), 10),
        *many_cases(published.code(PENALTY), date(2026, 5, 1), 2),
        *many_cases(published.code(SEEDS), date(2024, 2, 1), 1),
        *case_rows("late", published.code(PENALTY), datetime(2026, 5, 5, 1, tzinfo=UTC), days=30, due=10),
        *case_rows("open", published.code(PENALTY), datetime(2026, 9, 7, 1, tzinfo=UTC), due=10)[:1],
    ]
    with django_capture_on_commit_callbacks(execute=True):
        performance.events_import(actor=county.actor("drafter"), path=csv_file(rows), now=county.now)
    return published


def figures(published, **more):
    body = published.county.bodies["QH-NY"]
    return performance.body_run_figures(body_ids=[body], as_of=AS_OF, **more)[body]


@pytest.mark.req("W-48")
def test_each_breakdown_adds_up_to_the_total(ran) -> None:
    found = figures(ran)
    assert (found.from_month, found.to_month) == (date(2025, 12, 1), date(2026, 11, 1))
    assert found.cases == 29
    assert found.by_type == {"license": 25, "penalty": 4}
    assert found.by_division == {"渔政科": 29}
    assert {m: n for m, n in found.by_month.items() if n} == {
        date(2025, 12, 1): 15,
        date(2026, 4, 1): 10,
        date(2026, 5, 1): 3,
        date(2026, 9, 1): 1,
    }
    assert len(found.by_month) == 12
    assert {m: n for m, n in found.year_before.items() if n} == {date(2025, 3, 1): 10}
    assert list(found.year_before) == [m.replace(year=m.year - 1) for m in found.by_month]


def test_on_time_late_and_overdue_open_are_counted_once(ran) -> None:
    found = figures(ran)
    assert (found.closed, found.on_time, found.late, found.overdue_open) == (28, 27, 1, 1)
    item = next(i for i in found.items if i.item_name == PENALTY)
    assert (item.cases, item.closed, item.on_time, item.late, item.overdue_open) == (4, 3, 2, 1, 1)
    assert item.on_time_rate == 0.5


def test_items_that_never_ran_in_the_span_are_named(ran) -> None:
    found = figures(ran)
    assert set(found.never_run) == {ran.code(SEEDS), ran.code(ANIMALS)}
    assert (found.items_run, len(found.items)) == (2, 4)
    whole = figures(ran, from_month=date(2024, 1, 1), to_month=date(2026, 11, 1))
    assert whole.never_run == (ran.code(ANIMALS),)


@pytest.mark.req("W-17", "W-18")
def test_special_cases_follow_the_dated_parameters(ran) -> None:
    # by default: 24 months, 3 cases in 12 months, 50 % with at least 10
    flags = {(f.item_code, f.kind) for f in figures(ran).flagged}
    assert flags == {
        (ran.code(SEEDS), SpecialCase.DORMANT),
        (ran.code(ANIMALS), SpecialCase.DORMANT),
        (ran.code(PERMIT), SpecialCase.CHANGED),
    }
    # the county sets its own limits from 1 November on, with a source
    for code, value in {"run_change_percent": 200, "run_seldom_cases": 5, "run_dormant_months": 34}.items():
        parameters.parameter_set(
            actor=SYSTEM,
            code=code,
            valid_from=date(2026, 11, 1),
            value=value,
            source="青评办〔2026〕2号",
            now=ran.county.now,
        )
    changed = {(f.item_code, f.kind) for f in figures(ran).flagged}
    assert changed == {
        (ran.code(SEEDS), SpecialCase.SELDOM),
        (ran.code(ANIMALS), SpecialCase.SELDOM),
        (ran.code(PENALTY), SpecialCase.SELDOM),
    }
    assert performance.thresholds(on=date(2026, 10, 31)).seldom_runs == 3


def test_a_body_without_run_data_is_not_called_dormant(published) -> None:
    found = figures(published)
    assert (found.cases, found.flagged) == (0, ())
    assert len(found.never_run) == 4


def test_reports_sent_by_the_tenth_of_the_next_month_are_in_time(
    published, csv_file, django_capture_on_commit_callbacks
) -> None:
    county = published.county
    permit = published.code(PERMIT)
    sent = (("八月", date(2026, 8, 1), datetime(2026, 9, 10, 9, tzinfo=UTC)), ("九月", date(2026, 9, 1), county.now))
    for name, month, now in sent:
        start = datetime(month.year, month.month, 5, 1, tzinfo=UTC)
        path = csv_file(case_rows(name, permit, start), name=f"{name}.csv")
        with django_capture_on_commit_callbacks(execute=True):
            performance.events_import(actor=county.actor("drafter"), path=path, now=now)
    found = figures(published)
    assert (found.events_entered_in_time, found.events_entered) == (2, 4)


def test_the_number_of_reads_does_not_grow_with_the_bodies(ran) -> None:
    county = ran.county

    def reads(codes: list[str]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            performance.body_run_figures(body_ids=[county.bodies[c] for c in codes], as_of=AS_OF)
        return len(captured)

    reads(["QH-NY"])
    one = reads(["QH-NY"])
    assert reads(["QH-NY", "QH-LY", "QH-HX", "QH-XH", "QH-SF"]) == one
    assert one <= 40


@pytest.mark.req("W-19")
def test_flagged_items_are_explained_and_judged_by_another_body(ran) -> None:
    county = ran.county
    body = county.bodies["QH-NY"]
    drafter, office = county.actor("drafter"), county.actor("establishment")
    # given the three flagged items, none explained
    assert len(performance.flagged_without_explanation(body_ids=[body], as_of=AS_OF)) == 3
    assert performance.explanations_open(actor=office, body_ids=[body], as_of=AS_OF, now=county.now) == 3
    assert performance.explanations_open(actor=office, body_ids=[body], as_of=AS_OF, now=county.now) == 0
    open_ones = {e.item_code: e for e in performance.explanations(scope=drafter.scope, year=2026)}
    assert {e.state for e in open_ones.values()} == {"open"}
    assert len(figures(ran).unexplained) == 3
    seeds = open_ones[ran.code(SEEDS)]

    def decide(actor, verb, version, text=""):
        return performance.explanation_decide(
            actor=actor, explanation_id=seeds.id, verb=verb, seen_version=version, text=text, now=county.now
        )

    # an explanation without words is refused; the body does not judge itself; nobody else may write it
    with pytest.raises(RulesNotMet):
        decide(drafter, "submit", 1)
    with pytest.raises(NotPermitted):
        decide(office, "submit", 1, "替人说明")
    with pytest.raises(NotFound):
        decide(county.actor("forestry"), "submit", 1, "越权说明")
    view = decide(drafter, "submit", 1, "辖区内近两年无种子经营户。")
    assert (view.state, view.submitted_by_name) == ("submitted", "陈耕")
    with pytest.raises(Conflict):
        decide(office, "accept", 1)
    with pytest.raises(NotPermitted):
        decide(drafter, "accept", 2)
    # returned with a reason, submitted again, accepted
    with pytest.raises(RulesNotMet):
        decide(office, "return", 2)
    decide(office, "return", 2, "请附经营户名录。")
    decide(drafter, "submit", 3, "辖区内近两年无种子经营户，名录见附件。")
    decide(drafter, "withdraw", 4)
    decide(drafter, "submit", 5, "辖区内近两年无种子经营户，名录见附件。")
    assert decide(office, "accept", 6).state == "accepted"
    with pytest.raises(WrongState):
        decide(drafter, "withdraw", 7)
    # then two are left, and the record tells each step and no more
    left = performance.flagged_without_explanation(body_ids=[body], as_of=AS_OF)
    assert {f.item_code for f in left} == {ran.code(ANIMALS), ran.code(PERMIT)}
    assert figures(ran).explained == {(ran.code(SEEDS), "dormant")}
    steps = FactRecord.objects.filter(action__startswith="performance.explanation").order_by("id")
    assert [s.action.rsplit(".", 1)[1] for s in steps] == [
        "opened",
        "submitted",
        "returned",
        "submitted",
        "withdrawn",
        "submitted",
        "accepted",
    ]


@pytest.mark.req("W-46")
def test_counts_entered_by_hand_join_the_statistics_once(ran) -> None:
    county = ran.county
    body, actor = county.bodies["QH-NY"], county.actor("drafter")

    def save(month: date, counts: dict[str, int], now: datetime = county.now) -> tuple[int, int]:
        return performance.month_counts_save(actor=actor, body_id=body, month=month, counts=counts, now=now)

    # given counts for an item without a case system, and one for a month that has events already
    assert save(date(2026, 10, 1), {ran.code(ANIMALS): 7}) == (1, 0)
    assert save(date(2026, 4, 1), {ran.code(PERMIT): 99}) == (1, 0)
    found = figures(ran)
    # then the first counts, the second does not, and the breakdowns still add up
    assert found.cases == 36
    assert sum(found.by_type.values()) == sum(found.by_division.values()) == sum(found.by_month.values()) == 36
    assert set(found.never_run) == {ran.code(SEEDS)}
    # corrections are recorded with what stood before; the same again changes nothing
    assert save(date(2026, 10, 1), {ran.code(ANIMALS): 8}, county.now + timedelta(hours=1)) == (0, 1)
    assert save(date(2026, 10, 1), {ran.code(ANIMALS): 8}) == (0, 0)
    facts = FactRecord.objects.filter(action="performance.counts.saved").order_by("id")
    assert [f.before_data for f in facts] == [None, None, {ran.code(ANIMALS): 7}]


def test_a_wrong_count_saves_none_of_them(ran) -> None:
    county = ran.county
    body, actor = county.bodies["QH-NY"], county.actor("drafter")
    common = {"actor": actor, "body_id": body, "now": county.now}
    with pytest.raises(RulesNotMet) as caught:
        performance.month_counts_save(
            month=date(2026, 10, 1), counts={ran.code(ANIMALS): 7, "没有的": 1, ran.code(PERMIT): -1}, **common
        )
    assert [d.code for d in caught.value.defects] == ["unknown_item", "bad_number"]
    with pytest.raises(InvalidInput):
        performance.month_counts_save(month=date(2027, 1, 1), counts={ran.code(ANIMALS): 7}, **common)
    with pytest.raises(NotFound):
        performance.month_counts_save(
            actor=county.actor("forestry"),
            body_id=body,
            month=date(2026, 10, 1),
            counts={ran.code(ANIMALS): 7},
            now=county.now,
        )
    assert MonthlyCount.objects.count() == 0
    assert not FactRecord.objects.filter(action="performance.counts.saved").exists()
