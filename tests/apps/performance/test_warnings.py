"""行权风险警示：该警示的警示一次，说清级别与接收人；再判不重复；办理各有其人。"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from quanze.apps.performance import public as performance
from quanze.apps.performance.domain.special_cases import ItemFlag, SpecialCase
from quanze.apps.performance.domain.warnings import (
    OVERSEERS,
    RECEIVERS,
    WARNING_FLOW,
    WarningKind,
    WarningLevel,
    WarningLimits,
    limit_of,
    outside_the_lists,
    unusual_volume,
)
from quanze.apps.performance.models import RiskWarning
from quanze.base.audit.models import FactRecord
from quanze.base.notices import public as notices
from quanze.base.parameters.public import parameter_set
from quanze.core.actor import EVERYTHING
from quanze.core.errors import Conflict, NotFound, NotPermitted, RulesNotMet, WrongState

from .conftest import case_rows

PERMIT = "水产苗种生产许可证核发"
PENALTY = "对使用电鱼方法捕捞的处罚"
LIMITS = WarningLimits(severe_workdays=10, severe_ratio=Decimal(1), severe_cases=5, months=6)


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 1, tzinfo=UTC)


def told(county) -> list[notices.NoticeView]:
    """业务口收到的警示消息。"""
    return [n for n in notices.notices_of(actor=county.actor("drafter")) if n.kind == "performance.warning"]


@pytest.fixture
def sent(published, csv_file, django_capture_on_commit_callbacks):
    """今天是 2026-11-02（星期一）。许可承诺 10、法定 20 个工作日。"""
    permit = published.code(PERMIT)
    rows = [
        case_rows("在办超期", permit, at(10, 12))[0],
        *case_rows("超过法定", permit, at(9, 1), days=59),
        *case_rows("到期日办结", permit, at(10, 12), days=14),
        case_rows("还没到期", permit, at(10, 27))[0],
        *case_rows("没有时限", published.code(PENALTY), at(9, 1), days=59),
        *case_rows("没有依据", "没有的事项", at(10, 12)),
    ]
    with django_capture_on_commit_callbacks(execute=True):
        performance.events_import(
            actor=published.county.actor("drafter"), path=csv_file(rows), now=published.county.now
        )
    return published


@pytest.mark.req("W-47", "T-84", "H-27")
def test_an_overdue_case_and_an_unlisted_act_are_warned_of_once(sent) -> None:
    county = sent.county
    found = {(w.kind, w.case_ref or w.item_code): w for w in performance.warnings(scope=EVERYTHING)}
    assert set(found) == {("overdue", "在办超期"), ("overdue", "超过法定"), ("unlisted", "没有的事项")}

    open_case = found["overdue", "在办超期"]
    assert (open_case.level, open_case.state, open_case.period) == ("attention", "new", "2026-10")
    assert open_case.statement == (
        "办件 在办超期 于 2026-10-12 开始，应于 2026-10-26 前办结；尚未办结，已超期 5 个工作日（超过承诺时限）"
    )
    assert open_case.facts["workdays"] == 5
    # The two drafters of the bureau; it has no division head.
    assert set(open_case.receiver_names.split("、")) == {"陈耕", "苗青"}
    beyond_law = found["overdue", "超过法定"]
    assert beyond_law.level == "severe"
    assert "2026-10-30 办结" in beyond_law.statement and "超过法定时限" in beyond_law.statement
    # A list creates no power: what lies outside it waits to be verified.
    unlisted = found["unlisted", "没有的事项"]
    assert unlisted.statement == "2026-10 有 1 件办件的事项标识 没有的事项：清单中没有这个事项，待核实"
    assert (unlisted.level, unlisted.item_name) == ("attention", "")

    # One message per receiver, whatever the number of warnings; and one row in the record.
    (notice,) = told(county)
    assert notice.text == "新的行权风险警示 3 件（超期 2 件、无依据（待核实） 1 件），其中严重 1 件"
    assert notice.link == reverse("performance:warnings") + "?state=new"
    fact = FactRecord.objects.get(action="performance.warnings.raised")
    assert fact.after_data["by_kind"] == {"overdue/attention": 1, "overdue/severe": 1, "unlisted/attention": 1}

    # The next run raises no duplicate, tells nobody, records nothing.
    again = performance.warnings_raise(now=county.now)
    assert (again.found, again.raised, again.told) == (3, 0, 0)
    assert RiskWarning.objects.count() == 3
    assert len(told(county)) == 1
    assert FactRecord.objects.filter(action="performance.warnings.raised").count() == 1


@pytest.mark.req("W-47")
def test_a_case_becomes_overdue_by_the_mere_passing_of_time(sent) -> None:
    county = sent.county
    # 2026-10-27 + 10 working days: the 10th of November is still in time, the 11th is not.
    on_the_day = performance.warnings_raise(now=county.now + timedelta(days=8))
    assert on_the_day.raised == 0
    the_day_after = performance.warnings_raise(now=county.now + timedelta(days=9))
    assert the_day_after.raised == 1
    assert performance.warnings(scope=EVERYTHING)[0].case_ref == "还没到期"


@pytest.mark.req("W-47")
def test_a_volume_that_changed_a_lot_is_warned_of_once_a_year(
    published, csv_file, many_cases, django_capture_on_commit_callbacks
) -> None:
    rows = [
        *many_cases(published.code(PERMIT), date(2024, 12, 1), 10),
        *many_cases(published.code(PERMIT), date(2026, 4, 1), 25),
        *many_cases(published.code(PENALTY), date(2024, 12, 1), 2),
        *many_cases(published.code(PENALTY), date(2026, 4, 1), 4),
        *many_cases(published.code(PENALTY), date(2024, 10, 1), 1),
    ]
    county = published.county
    with django_capture_on_commit_callbacks(execute=True):
        performance.events_import(actor=county.actor("drafter"), path=csv_file(rows), now=county.now)
    (one,) = performance.warnings(scope=EVERYTHING)
    assert (one.kind, one.item_name, one.period, one.level) == ("unusual_volume", PERMIT, "2026", "severe")
    assert "同比 +150.0%" in one.statement
    assert performance.warnings_raise(now=county.now + timedelta(days=20)).raised == 0


@pytest.mark.req("W-47")
def test_thresholds_are_dated_parameters(sent) -> None:
    county = sent.county
    RiskWarning.objects.all().delete()
    parameter_set(
        actor=county.actor("sysadmin"),
        code="run_warning_severe_workdays",
        value=5,
        valid_from=date(2026, 11, 1),
        source="县监督办法第九条",
        now=county.now,
    )
    performance.warnings_raise(now=county.now)
    levels = {w.case_ref: w.level for w in performance.warnings(scope=EVERYTHING) if w.kind == "overdue"}
    assert levels == {"在办超期": "severe", "超过法定": "severe"}


def test_the_body_explains_and_the_supervisor_may_send_back(sent) -> None:
    county = sent.county
    one = next(w for w in performance.warnings(scope=EVERYTHING) if w.case_ref == "在办超期")

    def decide(login: str, verb: str, seen: int, text: str = ""):
        return performance.warning_decide(
            actor=county.actor(login), warning_id=one.id, verb=verb, seen_version=seen, text=text, now=county.now
        )

    with pytest.raises(RulesNotMet):
        decide("drafter", "explain", 1)
    with pytest.raises(NotFound):
        decide("forestry", "read", 1)
    with pytest.raises(NotPermitted):
        decide("establishment", "explain", 1, "代为说明")
    assert FactRecord.objects.filter(action__startswith="performance.warning.").count() == 0
    read = decide("drafter", "read", 1)
    assert (read.state, read.read_by_name) == ("read", "陈耕")
    with pytest.raises(Conflict):
        decide("drafter", "explain", 1, "等待检测报告。")
    explained = decide("drafter", "explain", 2, "等待检测报告。")
    assert (explained.state, explained.explanation) == ("explained", "等待检测报告。")
    back = decide("establishment", "send_back", 3, "请写明报告编号。")
    assert (back.state, back.opinion) == ("read", "请写明报告编号。")
    assert "说明被退回" in told(county)[0].text


def test_the_page_shows_own_warnings_marks_them_read_and_exports(sent, client_of) -> None:
    page = client_of("drafter").get(reverse("performance:warnings"))
    assert page.status_code == 200
    assert page.context["counts"] == {"new": 3, "read": 0, "explained": 0, "severe": 1}
    assert "标为已阅" in page.content.decode()
    assert client_of("forestry").get(reverse("performance:warnings")).context["counts"]["new"] == 0
    severe = client_of("establishment").get(reverse("performance:warnings") + "?level=severe")
    assert [row.case_ref for row in severe.context["page"].rows] == ["超过法定"]
    exported = client_of("establishment").get(reverse("performance:warnings") + "?export=xlsx")
    assert exported["Content-Type"].startswith("application/vnd.openxmlformats")

    chosen = list(RiskWarning.objects.values_list("id", flat=True))
    answer = client_of("drafter").post(reverse("performance:warnings_read"), {"chosen": chosen})
    assert answer.status_code == 303
    assert set(RiskWarning.objects.values_list("state", flat=True)) == {"read"}

    one = RiskWarning.objects.get(case_ref="在办超期")
    address = reverse("performance:warning", args=[one.pk])
    assert "说明情况" in client_of("drafter").get(address).content.decode()
    assert client_of("forestry").get(address).status_code == 404
    answer = client_of("drafter").post(
        reverse("performance:warning_decide", args=[one.pk]),
        {"verb": "explain", "text": "等待检测报告。", "seen_version": one.lock_version},
    )
    assert answer.status_code == 303
    one.refresh_from_db()
    assert (one.state, one.explained_by_name) == ("explained", "陈耕")


def test_the_number_of_queries_of_the_list_does_not_grow(sent, client_of, django_assert_max_num_queries) -> None:
    first = RiskWarning.objects.first()
    for n in range(60):
        first.pk, first.case_ref = None, f"更多 {n}"
        first.save()
    client = client_of("establishment")
    client.get(reverse("performance:warnings"))
    with django_assert_max_num_queries(20):
        client.get(reverse("performance:warnings"))


@pytest.mark.parametrize("role", ["drafter", "division_head", "establishment", "supervisor", "legal_section"])
@pytest.mark.parametrize("verb", ["read", "explain", "withdraw", "send_back"])
@pytest.mark.parametrize("state", list(WARNING_FLOW.states))
def test_every_cell(state: str, verb: str, role: str) -> None:
    allowed = {
        ("new", "read"): ("read", RECEIVERS),
        ("new", "explain"): ("explained", RECEIVERS),
        ("read", "explain"): ("explained", RECEIVERS),
        ("explained", "withdraw"): ("read", RECEIVERS),
        ("explained", "send_back"): ("read", OVERSEERS),
    }
    cell = allowed.get((state, verb))
    if cell is None:
        with pytest.raises(WrongState):
            WARNING_FLOW.decide(state, verb, roles={role}, reason="理由")
    elif role not in cell[1]:
        with pytest.raises(NotPermitted):
            WARNING_FLOW.decide(state, verb, roles={role}, reason="理由")
    else:
        assert WARNING_FLOW.decide(state, verb, roles={role}, reason="理由").target == cell[0]


@pytest.mark.parametrize(
    ("legal", "promised", "days", "is_legal"),
    [(20, 10, 10, False), (20, None, 20, True), (None, 5, 5, False), (10, 10, 10, True), (10, 15, 10, True)],
)
def test_the_shorter_limit_counts(legal, promised, days, is_legal) -> None:
    limit = limit_of(legal, promised)
    assert (limit.workdays, limit.is_legal) == (days, is_legal)
    assert limit_of(None, None) is None


def test_levels_follow_the_limits() -> None:
    group = {"label": "清单中没有这个事项", "body_code": "B", "item_code": "X", "month": "2026-10", "limits": LIMITS}
    few = outside_the_lists(reason="unknown_item", cases=4, **group)
    many = outside_the_lists(reason="wrong_holder", cases=5, **group)
    assert (few.kind, few.level) == (WarningKind.UNLISTED, WarningLevel.ATTENTION)
    assert (many.kind, many.level) == (WarningKind.BEYOND_POWERS, WarningLevel.SEVERE)
    assert outside_the_lists(reason="unknown_body", cases=9, **group) is None
    grown = ItemFlag("X", "B", SpecialCase.CHANGED, 16, 10, Decimal("0.6"), "变化")
    stopped = ItemFlag("X", "B", SpecialCase.CHANGED, 0, 12, Decimal(-1), "变化")
    assert unusual_volume(grown, year=2026, limits=LIMITS).level is WarningLevel.ATTENTION
    assert unusual_volume(stopped, year=2026, limits=LIMITS).level is WarningLevel.SEVERE
