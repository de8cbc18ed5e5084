"""S2 六步编制：法制科、分管与主要领导、司法局退回两项、编办、编委会议、印发公布；公开页看得见前一天的清单。"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from quanze.base.audit.models import FactRecord

pytestmark = [pytest.mark.scenario, pytest.mark.django_db]
NAMES = ("对使用电鱼方法捕捞的处罚", "对无证驾驶渔船的处罚", "对擅自占用渔港水域的处罚", "对销售禁捕渔获物的处罚")
ISSUE = {"document_number": "青农发〔2026〕12号", "issued_on": "2026-11-02", "valid_from": "2026-11-16"}
SUBJECT = "catalog.submission"


def case_of(submission_id: int):
    from quanze.apps.workflow import public as workflow
    from quanze.core.actor import SYSTEM

    return workflow.case_by_subject(subject_kind=SUBJECT, subject_id=submission_id, actor=SYSTEM)


def mend(county, submission_id: int, *names: str) -> None:
    """业务口改好退回的事项。"""
    from quanze.apps.catalog import public as catalog
    from quanze.apps.catalog.models import SubmissionItem

    back = SubmissionItem.objects.filter(submission_id=submission_id, outcome="return").select_related("version")
    assert sorted(entry.version.name for entry in back) == sorted(names)
    for entry in back:
        view = catalog.versions_by_ids([entry.version_id])[entry.version_id]
        draft_id = catalog.draft_start(actor=county.actor("drafter"), item_id=entry.item_id, now=county.now)
        catalog.draft_save(
            actor=county.actor("drafter"),
            version_id=draft_id,
            seen_version=1,
            content=replace(view.content, remark="已与市场监管部门划清职责。"),
            now=county.now,
        )


@pytest.mark.req("J-22", "J-23", "J-24", "J-25", "J-26", "J-27", "J-28", "J-29", "H-34")
def test_six_steps_with_two_items_returned_and_mended(county) -> None:
    from quanze.apps.catalog import public as catalog
    from quanze.apps.workflow import public as workflow
    from quanze.core.errors import NotPermitted, RulesNotMet

    # 草稿 → 法制科 → 分管、主要领导
    county.draft(*(county.content(name) for name in NAMES))
    submission_id = county.submit()
    with pytest.raises(NotPermitted):  # 次序不可跳越
        county.decide(submission_id, "head")
    county.pass_until(submission_id, stop_before="justice")

    # 司法局退回两项，各有理由
    case = case_of(submission_id)
    returned = case.item_ids[1:3]
    county.decide(
        submission_id,
        "justice",
        verb="send_back",
        opinion="两项与市场监管职责重叠。",
        item_opinions={ref: workflow.ItemOpinion("return", "职责重叠，请划清。") for ref in returned},
    )
    mend(county, submission_id, NAMES[1], NAMES[2])
    catalog.submission_resubmit(
        actor=county.actor("drafter"),
        submission_id=submission_id,
        seen_version=case_of(submission_id).lock_version,
        note="两项已划清",
        now=county.now,
    )

    # 只看这两项
    step = case_of(submission_id).current
    assert (step.role, set(step.opinions)) == ("justice", set(returned))
    county.decide(submission_id, "justice", opinion="同意")
    assert len(case_of(submission_id).current.opinions) == 4

    # 编办、编委会议：没有会议号不能审定
    county.decide(submission_id, "establishment", opinion="同意")
    with pytest.raises(RulesNotMet, match="会议号"):
        county.decide(submission_id, "secretary", details={"resolution": "审定"})
    county.decide(
        submission_id, "secretary", details={"meeting_number": "县编委〔2026〕第3次会议", "resolution": "审定通过"}
    )

    # 印发：文号要写本机关的代字
    with pytest.raises(RulesNotMet, match="机关代字"):
        county.decide(submission_id, "publisher", details={**ISSUE, "document_number": "青林发〔2026〕12号"})
    county.decide(submission_id, "publisher", details=ISSUE)

    # 自施行之日有效；前一天还没有
    assert [row.body_code for row in catalog.public_lists(on=date(2026, 11, 15))] == []
    listed = catalog.public_list(body_code="QH-NY", on=date(2026, 11, 16))
    assert (listed.items, listed.edition.document_number) == (4, "青农发〔2026〕12号")
    assert len(listed.edition.digest) == 64

    # 记录：每一步都在，别无其他
    steps = FactRecord.objects.filter(subject_kind=SUBJECT, subject_id=str(submission_id)).order_by("id")
    assert [(fact.action, fact.actor_name) for fact in steps] == [
        ("workflow.case.opened", "陈耕"),
        ("catalog.submission.submitted", "陈耕"),
        ("workflow.step.passed", "方衡"),
        ("workflow.step.passed", "孙既"),
        ("workflow.step.passed", "郑重"),
        ("workflow.step.returned", "秦正"),
        ("catalog.submission.returned", "秦正"),
        ("workflow.case.resubmitted", "陈耕"),
        ("catalog.submission.resubmitted", "陈耕"),
        ("workflow.step.passed", "秦正"),
        ("workflow.step.passed", "编小安"),
        ("workflow.step.passed", "纪要"),
        ("workflow.step.passed", "何明"),
    ]
    editions = FactRecord.objects.filter(action="catalog.edition.published")
    assert [fact.actor_name for fact in editions] == ["何明"]


@pytest.mark.req("J-24")
def test_nobody_reviews_what_he_drafted(county) -> None:
    from quanze.core.errors import NotPermitted

    # 林业局一人兼编制、法制审查与信息公开。
    county.draft(
        county.content(exercising_body="青禾县林业局", responsible_body="青禾县林业局", lead_division="法规科"),
        by="forestry",
        body_code="QH-LY",
    )
    submission_id = county.submit(by="forestry", body_code="QH-LY", title="林业局权责清单")
    before = FactRecord.objects.count()
    with pytest.raises(NotPermitted) as refused:
        county.decide(submission_id, "forestry")
    assert refused.value.code == "own_draft"
    assert FactRecord.objects.count() == before
    assert case_of(submission_id).current.state == "pending"


@pytest.mark.req("J-29")
def test_the_drafter_withdraws_before_the_first_step_acts_and_not_after(county) -> None:
    from quanze.apps.catalog import public as catalog
    from quanze.core.errors import WrongState

    county.draft()
    submission_id = county.submit()
    seen = case_of(submission_id).lock_version
    catalog.submission_withdraw(
        actor=county.actor("drafter"), submission_id=submission_id, seen_version=seen, reason="漏了一项", now=county.now
    )
    assert case_of(submission_id).state == "withdrawn"

    again = county.submit()
    county.decide(again, "legal")
    with pytest.raises(WrongState):
        catalog.submission_withdraw(
            actor=county.actor("drafter"),
            submission_id=again,
            seen_version=case_of(again).lock_version,
            reason="又漏了一项",
            now=county.now,
        )
    assert case_of(again).current.role == "deputy_head"
