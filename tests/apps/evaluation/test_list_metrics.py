"""清单数据项：要素、规则问题、公布、审查程序、范本，各与背后的行相符。"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from quanze.apps.catalog import public as catalog
from quanze.core.actor import SYSTEM

pytestmark = pytest.mark.django_db

LISTS = {"1.1": "10", "1.2": "20", "1.3": "10", "1.4": "20", "1.5": "10", "2.1": "20", "3.5": "10"}


def test_items_with_findings_of_the_family_are_counted_and_named(office, county) -> None:
    # given: one of two names does not say what is unlawful, and one basis cites no article
    county.publish(
        county.content("对使用电鱼方法捕捞的处罚", bases=(), basis_text="《青禾县渔业管理办法》"),
        county.content("渔业安全管理"),
    )
    view = office.computed("QH-NY", scheme=office.scheme(LISTS))
    naming = office.line(view.id, "1.4")
    assert naming.explanation == "2 项中 1 项名称和类别规范，得 10.00/20 分"
    (row,) = naming.evidence["rows"]
    assert row["label"] == "渔业安全管理"
    assert row["why"] == "N102"
    basis = office.line(view.id, "1.3")
    assert basis.points == Decimal("5.00")
    assert [row["label"] for row in basis.evidence["rows"]] == ["对使用电鱼方法捕捞的处罚"]
    assert office.line(view.id, "1.5").points == Decimal("10.00")


def test_a_waived_finding_does_not_count_against_the_body(office, county) -> None:
    county.draft(county.content("渔业安全管理"))
    list_id = county.power_list()
    (row,) = catalog.search_items("渔业安全管理", scope=SYSTEM.scope, on=county.today)
    found = catalog.list_qualities(body_ids=[county.bodies["QH-NY"]], on=county.today)
    assert found[0].items == ()  # a draft is not in force
    catalog.waiver_grant(
        actor=county.actor("establishment"),
        list_id=list_id,
        code="N102",
        item_id=row.item_id,
        reason="沿用法律用语",
        now=county.now,
    )
    county.pass_until(county.submit())
    view = office.computed("QH-NY", scheme=office.scheme(LISTS))
    assert office.line(view.id, "1.4").points == Decimal("20.00")


def test_missing_elements_are_counted_one_by_one(office, county) -> None:
    county.publish(
        county.content("对使用电鱼方法捕捞的处罚"), county.content("对炸鱼的处罚", power_code="330100-CF-01")
    )
    view = office.computed("QH-NY", scheme=office.scheme(LISTS))
    line = office.line(view.id, "1.2")
    assert line.reading.denominator - line.reading.numerator == 1
    assert [(row["label"], row["why"]) for row in line.evidence["rows"]] == [("对使用电鱼方法捕捞的处罚", "缺职权编码")]


def test_what_passed_every_step_but_is_not_issued_counts_as_not_public(office, county) -> None:
    county.publish(county.content("对使用电鱼方法捕捞的处罚"))
    county.draft(county.permit("水产苗种生产许可证核发"))
    county.pass_until(county.submit(title="增补一项"), stop_before="publisher")
    view = office.computed("QH-NY", scheme=office.scheme(LISTS))
    line = office.line(view.id, "2.1")
    assert line.explanation == "2 项应公开事项中 1 项已公布，得 10.00/20 分"
    assert line.evidence["rows"][0]["why"] == "1 项审查通过，尚未印发公布"


def test_a_review_whose_steps_have_no_opinion_is_not_complete(office, county) -> None:
    county.publish(county.content("对使用电鱼方法捕捞的处罚"))
    view = office.computed("QH-NY", scheme=office.scheme(LISTS))
    line = office.line(view.id, "3.5")
    assert line.explanation == "1 次办结的审查中 0 次程序完整，得 0.00/10 分"
    assert "“部门法制审查”意见" in line.evidence["rows"][0]["why"]
    # steps with stated particulars (meeting number, document number) need no further opinion
    assert "编委" not in line.evidence["rows"][0]["why"]


def test_a_review_with_an_opinion_at_every_step_is_complete(office, county) -> None:
    county.draft(county.content("对使用电鱼方法捕捞的处罚"))
    submission = county.submit()
    for login in ("legal", "deputy", "head", "justice", "establishment"):
        county.decide(submission, login, opinion="同意")
    county.decide(
        submission, "secretary", details={"meeting_number": "县编委〔2026〕第3次会议", "resolution": "审定通过"}
    )
    issued = {"document_number": "青农发〔2026〕12号", "issued_on": "2026-11-02", "valid_from": "2026-11-02"}
    county.decide(submission, "publisher", details=issued)
    view = office.computed("QH-NY", scheme=office.scheme(LISTS))
    assert office.line(view.id, "3.5").points == Decimal("10.00")


def test_without_a_bound_template_coverage_has_no_data(office, county) -> None:
    county.publish(county.content("对使用电鱼方法捕捞的处罚"))
    view = office.computed("QH-NY", scheme=office.scheme(LISTS))
    assert office.line(view.id, "1.1").explanation == "没有数据：清单没有绑定通用目录（范本）"


@pytest.mark.req("H-22")
def test_channels_that_are_due_and_do_not_show_the_edition_in_force_count_against_the_body(office, county) -> None:
    # given: two items, published on Monday 2 November; the column is reported, the account is not due before the 9th
    county.publish(county.content("对使用电鱼方法捕捞的处罚"), county.permit())
    edition = catalog.editions(county.power_list())[0]
    by_channel = {
        task.channel: task
        for task in catalog.disclosure_tasks(edition_id=edition.id, scope=county.actor("legal").scope)
    }
    catalog.disclosure_report(
        actor=county.actor("publisher"),
        task_id=by_channel["column"].id,
        seen_version=1,
        done_on=date(2026, 11, 2),
        url="https://example.invalid/column",
        now=county.now,
    )
    body_id = county.bodies["QH-NY"]

    def shown(day: date) -> list[tuple[str, int, bool]]:
        states = catalog.channel_states(body_ids=[body_id], on=day)
        return [(state.label, state.items, state.is_consistent) for state in states]

    assert shown(date(2026, 11, 1)) == []
    assert shown(date(2026, 11, 6)) == [("政府网站", 2, True), ("部门网站专栏", 2, True)]
    # when the round counts as of the end of November, the account and the hall are due and show nothing
    view = office.computed("QH-NY", scheme=office.scheme({"2.2": "100"}), as_of=date(2026, 11, 30))
    line = office.line(view.id, "2.2")
    # then half of what is owed is shown, and the channels behind it are named
    assert line.explanation == "8 处公开内容中 4 处与现行版本一致，得 50.00/100 分"
    assert [(row["label"], row["why"]) for row in line.evidence["rows"]] == [
        ("微信公众号", "第 1 版 2 项到期没有公开"),
        ("办事大厅", "第 1 版 2 项到期没有公开"),
    ]


def test_a_body_without_an_edition_owes_no_channel_anything(office, county) -> None:
    county.draft(county.content("对使用电鱼方法捕捞的处罚"))
    view = office.computed("QH-NY", scheme=office.scheme({"2.2": "100"}))
    assert office.line(view.id, "2.2").explanation == "没有数据：现行清单还没有到期的公开渠道任务"
