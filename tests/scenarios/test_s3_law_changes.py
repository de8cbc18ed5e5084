"""S3 法律变了（尚无法规库，事由由编办登记）：到期日、同步处理、办结之前不能了结、超期亮灯，记录里步步都在。"""

from collections import Counter
from datetime import date, timedelta

import pytest

from quanze.apps.adjustment import public as adjustment
from quanze.apps.catalog import public as catalog
from quanze.apps.workflow import public as workflow
from quanze.base.audit import public as audit
from quanze.base.notices.models import Notice
from quanze.core.errors import NotFound, NotPermitted, RulesNotMet, WrongState

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
PENALTY = "对使用电鱼方法捕捞的处罚"
SECOND = "对使用毒鱼方法捕捞的处罚"
ISSUE = {
    "approval_number": "青编批〔2026〕5号",
    "document_number": "青农发〔2026〕15号",
    "issued_on": "2026-11-10",
    "valid_from": "2026-11-10",
}


def view(ladder, adjustment_id, login="establishment", day=0):
    return adjustment.adjustment_view(
        adjustment_id=adjustment_id,
        actor=ladder.county.actor(login),
        today=ladder.county.today + timedelta(days=day),
    )


def change_draft(ladder, name, **fields):
    county = ladder.county
    version_id = catalog.draft_start(actor=county.actor("drafter"), item_id=ladder.items[name], now=county.now)
    catalog.draft_save(
        actor=county.actor("drafter"),
        version_id=version_id,
        seen_version=1,
        content=county.content(name, **fields),
        change_note="条款顺延",
        now=county.now,
    )


def plan(ladder, adjustment_id, kind="change", name=PENALTY, **fields):
    seen = view(ladder, adjustment_id, "drafter")
    adjustment.item_plan(
        actor=ladder.county.actor("drafter"),
        adjustment_id=adjustment_id,
        seen_version=seen.lock_version,
        plan_id=next(one.id for one in seen.items if one.name == name),
        kind=kind,
        fields=fields or {"what": "所引条款由第三十八条改为第四十条"},
        now=ladder.county.now,
    )


def apply(ladder, adjustment_id, **given):
    seen = view(ladder, adjustment_id, "drafter")
    words = {"duty_review": "责任事项不变", "accountability_review": "追责依据改引第四十六条"} | given
    return adjustment.adjustment_apply(
        actor=ladder.county.actor("drafter"),
        adjustment_id=adjustment_id,
        seen_version=seen.lock_version,
        now=ladder.county.now,
        **words,
    )


def settle(ladder, login, verb, reason="", now=None):
    county = ladder.county
    actor = county.actor(login)
    row = next(one for one in adjustment.dependants_for(scope=actor.scope) if one.body_id == actor.body_id)
    adjustment.dependant_settle(
        actor=actor, change_id=row.id, seen_version=row.lock_version, verb=verb, reason=reason, now=now or county.now
    )


def decide(ladder, submission_id, login, verb="pass", now=None, **given):
    county = ladder.county
    actor = county.actor(login)
    case = workflow.case_by_subject(subject_kind="catalog.submission", subject_id=submission_id, actor=actor)
    return catalog.submission_decide(
        actor=actor,
        submission_id=submission_id,
        seen_version=case.lock_version,
        verb=verb,
        now=now or county.now,
        **given,
    )


@pytest.mark.req("J-03", "J-44", "J-46", "J-47", "J-48", "J-51", "J-52", "H-41", "H-45")
def test_a_changed_law_ripples_through_template_and_towns_and_closes_only_when_all_is_settled(ladder, opened):
    # given: the office enters the changed law; the bureau's item is concerned
    county = ladder.county
    number = opened(PENALTY)
    seen = view(ladder, number, "drafter")
    assert (seen.row.state, seen.row.clock.due.on) == ("pending", date(2026, 11, 23))
    assert adjustment.open_adjustments_of([ladder.items[PENALTY]], scope=county.actor("drafter").scope) == {
        ladder.items[PENALTY]: [(number, "渔业管理办法修订")]
    }
    assert Notice.objects.filter(to_user_id=county.users["drafter"], text__contains="待调整").count() == 1

    # when: without a kind, without a draft, without words on duties and accountability it is refused, all at once
    with pytest.raises(RulesNotMet) as caught:
        apply(ladder, number, duty_review="", accountability_review=" ")
    assert [one.code for one in caught.value.defects] == [
        "kind_missing",
        "duty_unreviewed",
        "accountability_unreviewed",
    ]
    plan(ladder, number)
    with pytest.raises(RulesNotMet) as caught:
        apply(ladder, number)
    assert [one.code for one in caught.value.defects] == ["draft_missing"]
    assert view(ladder, number).row.state == "pending"

    change_draft(ladder, PENALTY, duty_basis_text="《青禾县渔业管理办法》第四十二条")
    submission_id = apply(ladder, number)

    # then: three steps, and whatever hangs on the item has its own task
    case = workflow.case_by_subject(
        subject_kind="catalog.submission", subject_id=submission_id, actor=county.actor("establishment")
    )
    assert [case.procedure.draft_label, *(step.label for step in case.procedure.steps)] == [
        "部门申请",
        "法制审查",
        "批复公布",
    ]
    dependants = view(ladder, number).dependants
    assert [(one.list_label, one.body_name, one.duty) for one in dependants] == [
        ("青禾县目录范本", "中共青禾县委机构编制委员会办公室", "update"),
        ("权责清单", "禾溪镇人民政府", "update"),
        ("权责清单", "新河镇人民政府", "update"),
    ]

    # when: returned once, sent again, approved and published
    decide(ladder, submission_id, "justice", "send_back", opinion="追责依据写到条")
    assert view(ladder, number).row.state == "returned"
    case = workflow.case_by_subject(
        subject_kind="catalog.submission", subject_id=submission_id, actor=county.actor("drafter")
    )
    catalog.submission_resubmit(
        actor=county.actor("drafter"),
        submission_id=submission_id,
        seen_version=case.lock_version,
        note="已写明到条，内容不变",
        now=county.now,
    )
    decide(ladder, submission_id, "justice")
    later = county.later(days=8)
    decide(ladder, submission_id, "establishment", details=ISSUE, now=later)

    # then: in force, and not closed while others have not done theirs
    seen = view(ladder, number)
    assert (seen.row.state, seen.published_on) == ("syncing", date(2026, 11, 10))
    with pytest.raises(RulesNotMet, match="还没有新的公布版本"):
        settle(ladder, "town_drafter", "update", now=later)
    with pytest.raises(RulesNotMet):
        settle(ladder, "other_town", "confirm", now=later)
    settle(ladder, "town_drafter", "confirm", "本镇没有水域，条款变动不影响", now=later)
    settle(ladder, "other_town", "confirm", "引用上级清单，随之更新", now=later)
    assert view(ladder, number).row.state == "syncing"
    with pytest.raises(WrongState):
        adjustment.dependant_settle(
            actor=county.actor("town_drafter"),
            change_id=dependants[1].id,
            seen_version=2,
            verb="confirm",
            reason="再说一次",
            now=later,
        )
    settle(ladder, "establishment", "confirm", "范本文字不引条款", now=later)

    # then: closed in time, every step on record
    seen = view(ladder, number, day=8)
    assert (seen.row.state, seen.row.clock.light, seen.row.clock.used) == ("done", "green", 6)
    steps = Counter(
        fact.action
        for fact in audit.history_of("adjustment.adjustment", number, scope=county.actor("establishment").scope)
    )
    assert steps == {
        "adjustment.opened": 1,
        "adjustment.planned": 1,
        "adjustment.applied": 1,
        "adjustment.dependants_opened": 1,
        "adjustment.returned": 1,
        "adjustment.resubmitted": 1,
        "adjustment.published": 1,
        "adjustment.dependant_settled": 3,
        "adjustment.closed": 1,
    }
    report = adjustment.lag_report(
        scope=county.actor("establishment").scope,
        since=date(2026, 1, 1),
        until=date(2026, 12, 31),
        today=county.today + timedelta(days=8),
    )
    assert (report.closed, report.median_workdays, report.late, report.by_kind) == (1, 6, 0, (("变更", 1),))


@pytest.mark.req("H-24", "J-46")
def test_who_is_late_is_told_once_at_yellow_once_at_orange_once_at_red(ladder, opened):
    number = opened(PENALTY)
    county = ladder.county

    def texts():
        return list(
            Notice.objects.filter(to_user_id=county.users["drafter"], kind="adjustment")
            .order_by("id")
            .values_list("text", flat=True)
        )[1:]

    for day in (13, 14, 14, 17, 22, 23, 23):
        adjustment.alarms_raise(now=county.later(days=day))
    assert [text.split("：")[0] for text in texts()] == ["黄色提醒", "橙色提醒", "超期"]
    assert texts()[-1].endswith("已超期 1 个工作日")
    assert Notice.objects.filter(to_user_id=county.users["head"], kind="adjustment").count() == 1
    assert view(ladder, number, day=23).row.clock.light == "red"


def test_after_a_stop_of_a_month_one_notice_says_where_it_stands(ladder, opened):
    opened(PENALTY)
    county = ladder.county
    assert adjustment.alarms_raise(now=county.later(days=60)) == 1
    assert adjustment.alarms_raise(now=county.later(days=61)) == 0


@pytest.mark.req("J-44")
def test_a_bureau_declares_itself_unaffected_and_the_office_confirms_or_asks_for_more(ladder, opened):
    from quanze.apps.adjustment.services.planning import declaration_decide

    county, number = ladder.county, opened(PENALTY)
    seen = view(ladder, number, "drafter")
    adjustment.declare_unaffected(
        actor=county.actor("drafter"),
        adjustment_id=number,
        seen_version=seen.lock_version,
        reason="所引条款没有变动",
        now=county.now,
    )
    office = {"actor": county.actor("establishment"), "adjustment_id": number, "now": county.now}
    seen = view(ladder, number)
    declaration_decide(**office, seen_version=seen.lock_version, is_confirmed=False, reason="第三十八条已改")
    assert view(ladder, number).row.state == "pending"
    seen = view(ladder, number, "drafter")
    adjustment.declare_unaffected(
        actor=county.actor("drafter"),
        adjustment_id=number,
        seen_version=seen.lock_version,
        reason="已核对",
        now=county.now,
    )
    declaration_decide(**office, seen_version=view(ladder, number).lock_version, is_confirmed=True, reason="")
    assert view(ladder, number).row.state == "unaffected"
    assert adjustment.open_adjustments_of([ladder.items[PENALTY]], scope=county.actor("drafter").scope) == {}


@pytest.mark.req("H-41")
def test_merging_one_item_into_another_keeps_where_it_went(ladder, opened):
    county = ladder.county
    from quanze.apps.catalog.models import PowerItem

    number = opened(SECOND, kind="own_application")
    heir = PowerItem.objects.get(pk=ladder.items[PENALTY]).code
    with pytest.raises(RulesNotMet):
        plan(ladder, number, "merge", SECOND, reason="同一违法行为")
    plan(ladder, number, "merge", SECOND, into=heir, reason="同一违法行为")
    submission_id = apply(ladder, number)
    decide(ladder, submission_id, "justice")
    decide(ladder, submission_id, "establishment", details=ISSUE, now=county.later(days=8))
    assert view(ladder, number).row.state == "done"
    day = date(2026, 11, 10)
    assert adjustment.successors_of(ladder.items.values(), on=day - timedelta(days=1))[ladder.items[SECOND]] == (
        ladder.items[SECOND],
    )
    assert adjustment.successors_of(ladder.items.values(), on=day)[ladder.items[SECOND]] == (ladder.items[PENALTY],)
    assert [row.name for row in catalog.public_items(on=day, list_id=county.power_list())] == [
        PENALTY,
        "对使用炸鱼方法捕捞的处罚",
    ]


def test_only_the_office_and_the_body_itself_open_and_a_stranger_finds_nothing(ladder, opened):
    county, number = ladder.county, opened(PENALTY)
    for login in ("forestry", "town_drafter"):
        with pytest.raises(NotFound):
            view(ladder, number, login)
    with pytest.raises(NotFound):
        adjustment.trigger_open(
            actor=county.actor("forestry"),
            kind="own_application",
            title="x",
            evidence="x",
            legal_on=county.today,
            item_reasons={ladder.items[PENALTY]: ""},
            now=county.now,
        )
    with pytest.raises(NotPermitted):
        adjustment.trigger_open(
            actor=county.actor("legal"),
            kind="own_application",
            title="x",
            evidence="x",
            legal_on=county.today,
            item_reasons={ladder.items[PENALTY]: ""},
            now=county.now,
        )


@pytest.mark.req("H-42", "H-43", "H-44")
def test_a_filing_is_no_approval_and_opens_an_adjustment_in_one_act_linked_both_ways(ladder):
    from quanze.apps.adjustment.selectors.filings import find

    county = ladder.county
    filing_id = adjustment.filing_make(
        actor=county.actor("forestry"),
        catalogue="行政许可事项清单",
        document_number="青林发〔2026〕3号",
        published_on=date(2026, 10, 30),
        text="水域内的许可并入一项",
        item_ids=[ladder.items[PENALTY]],
        now=county.now,
    )
    assert Notice.objects.filter(to_user_id=county.users["establishment"], text__contains="报送备案").exists()
    adjustment.filing_accept(
        actor=county.actor("establishment"), filing_id=filing_id, seen_version=1, is_adjusting=True, now=county.now
    )
    filing = find(filing_id=filing_id, scope=county.actor("establishment").scope)
    assert (filing.state, filing.trigger.kind, filing.trigger.legal_on) == (
        "accepted",
        "linked_filing",
        date(2026, 10, 30),
    )
    row = adjustment.adjustments(scope=county.actor("drafter").scope, today=county.today)[0]
    assert (row.trigger.id, row.items, row.clock.used) == (filing.trigger_id, 1, 1)
