"""送审：检查把关、冻结、逐步办理、退回的事项单独回来、撤回。"""

import pytest

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.models import ItemVersion, Submission, SubmissionItem
from quanze.apps.catalog.selectors.submissions import submission_view
from quanze.apps.workflow import public as workflow
from quanze.base.audit import public as audit
from quanze.core.actor import EVERYTHING
from quanze.core.errors import InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def _resubmit(county, submission_id, **given):
    view = submission_view(submission_id=submission_id, actor=county.actor("drafter"))
    return catalog.submission_resubmit(
        actor=county.actor("drafter"),
        submission_id=submission_id,
        seen_version=view.case.lock_version,
        now=county.now,
        **given,
    )


def _states():
    return list(ItemVersion.objects.order_by("id").values_list("name", "state"))


@pytest.mark.req("H-34", "H-46")
def test_a_power_without_accountability_is_not_submitted_and_nothing_is_frozen(county):
    county.draft(county.content(accountability_text="", accountability_cases=()), county.permit())
    facts = len(audit.facts(scope=EVERYTHING).rows)
    with pytest.raises(RulesNotMet) as caught:
        county.submit()
    assert caught.value.code == "findings_blocking"
    assert {defect.code for defect in caught.value.defects} == {"R402"}
    assert {state for _, state in _states()} == {"draft"}
    assert not Submission.objects.exists()
    assert len(audit.facts(scope=EVERYTHING).rows) == facts


def test_submitting_freezes_what_is_sent_and_reaches_the_first_step(county):
    county.draft()
    submission_id = county.submit()
    assert {state for _, state in _states()} == {"frozen"}
    view = submission_view(submission_id=submission_id, actor=county.actor("legal"))
    assert view.case.current.label == "部门法制审查"
    assert [entry.action for entry in view.entries] == ["add", "add"]


def test_a_frozen_version_can_no_longer_be_written(county):
    version_id = county.draft()[0]
    county.submit()
    version = ItemVersion.objects.get(pk=version_id)
    with pytest.raises(WrongState):
        catalog.draft_save(
            actor=county.actor("drafter"),
            version_id=version_id,
            seen_version=version.lock_version,
            content=county.content("改了名的处罚"),
            now=county.now,
        )


def test_one_submission_per_list_at_a_time(county):
    county.draft()
    county.submit()
    county.draft(county.content("对在禁渔期捕捞的处罚"))
    with pytest.raises(WrongState) as caught:
        county.submit()
    assert caught.value.code == "submission_open"


def test_an_empty_submission_is_refused(county):
    county.power_list()
    with pytest.raises(InvalidInput):
        county.submit()


def test_only_the_drafters_of_the_body_submit(county):
    county.draft()
    with pytest.raises(NotPermitted):
        county.submit(by="legal")
    with pytest.raises(NotFound):
        county.submit(by="forestry")


@pytest.mark.scenario
@pytest.mark.req("J-25")
def test_the_justice_bureau_returns_one_item_and_only_this_one_comes_back(county):
    county.draft()
    submission_id = county.submit()
    county.pass_until(submission_id, stop_before="justice")
    penalty = SubmissionItem.objects.get(submission=submission_id, version__power_type="penalty")
    county.decide(
        submission_id,
        "justice",
        "send_back",
        item_opinions={penalty.pk: workflow.ItemOpinion("return", "罚款幅度有误")},
    )
    assert sorted(state for _, state in _states()) == ["frozen", "returned"]

    version_id = catalog.draft_start(actor=county.actor("drafter"), item_id=penalty.item_id, now=county.now)
    catalog.draft_save(
        actor=county.actor("drafter"),
        version_id=version_id,
        seen_version=1,
        content=county.content(remark="已按司法局意见修改"),
        now=county.now,
    )
    _resubmit(county, submission_id)

    view = submission_view(submission_id=submission_id, actor=county.actor("justice"))
    assert [entry.item_id for entry in view.entries if entry.is_in_view] == [penalty.item_id]
    assert [
        (step, opinion.opinion) for step, _, opinion, _ in view.entries[0].opinions if opinion.verdict == "return"
    ] == [("司法局合法性复审", "罚款幅度有误")]
    assert sorted(state for _, state in _states()) == ["frozen", "frozen", "superseded"]


def test_an_unchanged_returned_item_needs_a_word_of_reason(county):
    county.draft()
    submission_id = county.submit()
    county.decide(submission_id, "legal", "send_back", opinion="请核对")
    with pytest.raises(InvalidInput) as caught:
        _resubmit(county, submission_id)
    assert caught.value.code == "unchanged_needs_note"
    _resubmit(county, submission_id, note="已核对，原文无误，理由见附件")
    assert {state for _, state in _states()} == {"frozen"}


def test_withdrawing_turns_the_frozen_back_into_drafts(county):
    county.draft()
    submission_id = county.submit()
    catalog.submission_withdraw(
        actor=county.actor("drafter"), submission_id=submission_id, seen_version=1, now=county.now
    )
    assert {state for _, state in _states()} == {"draft"}
    assert county.submit() != submission_id


def test_refusal_discards_the_versions_but_keeps_them(county):
    county.draft()
    submission_id = county.submit()
    county.decide(submission_id, "legal", "refuse", opinion="没有依据")
    assert {state for _, state in _states()} == {"discarded"}
    assert Submission.objects.get().state == "refused"


def test_reviewers_see_the_submission_and_others_do_not(county):
    county.draft()
    submission_id = county.submit()
    for login in ("forestry", "justice", "town_drafter", "sysadmin"):
        with pytest.raises(NotFound):
            submission_view(submission_id=submission_id, actor=county.actor(login))
    county.pass_until(submission_id, stop_before="justice")
    assert submission_view(submission_id=submission_id, actor=county.actor("justice")).id == submission_id


def test_the_record_tells_the_whole_story_in_order(county):
    county.draft()
    submission_id = county.submit()
    county.pass_until(submission_id)
    actions = [fact.action for fact in audit.history_of("catalog.submission", submission_id, scope=EVERYTHING)]
    assert actions == ["workflow.case.opened", "catalog.submission.submitted", *["workflow.step.passed"] * 7]
