"""送审的边角：主项与子项相符、拟取消的来去、起草人的认定、职责之外不可见。"""

from datetime import date

import pytest

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.models import ItemEnding, ItemVersion, PowerItem, SubmissionItem
from quanze.apps.catalog.selectors.submissions import submission_view, submissions
from quanze.apps.catalog.services.drafting import ending_clear
from quanze.apps.catalog.services.submitting import submission_item_remove
from quanze.apps.org import public as org
from quanze.apps.workflow import public as workflow
from quanze.core.actor import SYSTEM
from quanze.core.errors import InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
LATER = {"document_number": "青农发〔2026〕14号", "issued_on": "2026-11-02", "valid_from": "2026-11-10"}


def _family(county, *, publish=True):
    """一个主项与其子项；返回两个事项编号。"""
    made = catalog.items_create(
        actor=county.actor("drafter"),
        list_id=county.power_list(),
        items=[
            catalog.NewItem(county.permit("水产养殖许可", node_kind="main")),
            catalog.NewItem(county.permit("水产养殖许可（池塘）", node_kind="sub"), parent_index=0),
        ],
        now=county.now,
    )
    if publish:
        county.pass_until(county.submit())
    return [item_id for item_id, _ in made]


def _end(county, *item_ids, by="drafter"):
    catalog.ending_mark(actor=county.actor(by), item_ids=item_ids, reason="国务院决定取消", now=county.now)


def _submit(county, *item_ids, by="drafter"):
    return catalog.submission_submit(
        actor=county.actor(by), list_id=county.power_list(), title="", item_ids=item_ids or None, now=county.now
    )


def _seen(county, submission_id):
    return submission_view(submission_id=submission_id, actor=county.actor("drafter")).case.lock_version


def _publish(county, submission_id, details=LATER):
    county.pass_until(submission_id, stop_before="publisher")
    county.decide(submission_id, "publisher", details=dict(details))


def test_a_main_item_is_not_cancelled_while_its_subitem_stays(county):
    main, sub = _family(county)
    _end(county, main)
    with pytest.raises(InvalidInput) as caught:
        _submit(county)
    assert caught.value.code == "subitem_left_behind"
    _end(county, sub)
    _publish(county, _submit(county))
    assert not ItemVersion.objects.filter(state="published", valid_to__isnull=True).exists()


def test_a_subitem_does_not_go_without_its_main_item(county):
    main, sub = _family(county, publish=False)
    with pytest.raises(InvalidInput) as caught:
        _submit(county, sub)
    assert caught.value.code == "main_item_missing"
    assert {row.state for row in ItemVersion.objects.all()} == {"draft"}
    assert _submit(county, main, sub)


def test_a_main_item_taken_out_of_the_submission_holds_its_subitem_back(county):
    main, sub = _family(county, publish=False)
    submission_id = _submit(county)
    entry = SubmissionItem.objects.get(submission=submission_id, item=main)
    county.decide(
        submission_id, "legal", "send_back", item_opinions={entry.pk: workflow.ItemOpinion("return", "依据不足")}
    )
    submission_item_remove(
        actor=county.actor("drafter"), entry_id=entry.pk, submission_id=submission_id, reason="以后再送", now=county.now
    )
    with pytest.raises(InvalidInput) as caught:
        catalog.submission_resubmit(
            actor=county.actor("drafter"),
            submission_id=submission_id,
            seen_version=_seen(county, submission_id),
            now=county.now,
        )
    assert caught.value.code == "main_item_missing"
    assert ItemVersion.objects.get(item=sub).state == "frozen"


def test_an_ending_under_review_cannot_be_cleared_behind_the_reviewers(county):
    county.publish()
    item = PowerItem.objects.get(versions__power_type="license")
    _end(county, item.pk)
    submission_id = _submit(county)
    with pytest.raises(WrongState):
        ending_clear(actor=county.actor("drafter"), item_id=item.pk, now=county.now)
    catalog.submission_withdraw(
        actor=county.actor("drafter"), submission_id=submission_id, seen_version=1, now=county.now
    )
    ending_clear(actor=county.actor("drafter"), item_id=item.pk, now=county.now)
    assert not ItemEnding.objects.exists()


def test_a_refused_ending_is_over(county):
    county.publish()
    item = PowerItem.objects.get(versions__power_type="license")
    _end(county, item.pk)
    county.decide(_submit(county), "legal", "refuse", opinion="仍有依据")
    assert not ItemEnding.objects.exists()
    with pytest.raises(InvalidInput) as caught:
        _submit(county)
    assert caught.value.code == "no_items"


def test_an_ending_marked_during_a_review_outlives_its_publication(county):
    county.publish()
    item = PowerItem.objects.get(versions__power_type="license")
    version_id = catalog.draft_start(actor=county.actor("drafter"), item_id=item.pk, now=county.now)
    catalog.draft_save(
        actor=county.actor("drafter"),
        version_id=version_id,
        seen_version=1,
        content=county.permit(promised_limit_days=5),
        now=county.now,
    )
    submission_id = _submit(county)
    _end(county, item.pk)
    _publish(county, submission_id)
    assert ItemEnding.objects.get().item_id == item.pk


def test_a_draft_left_beside_a_cancelled_item_does_not_bring_it_back(county):
    county.publish()
    item = PowerItem.objects.get(versions__power_type="license")
    version_id = catalog.draft_start(actor=county.actor("drafter"), item_id=item.pk, now=county.now)
    _end(county, item.pk)
    _publish(county, _submit(county))
    assert ItemVersion.objects.get(pk=version_id).state == "discarded"


def test_an_item_is_not_brought_back_before_its_last_version_ends(county):
    county.publish()
    item = PowerItem.objects.get(versions__power_type="license")
    _end(county, item.pk)
    _publish(county, _submit(county))
    catalog.draft_start(actor=county.actor("drafter"), item_id=item.pk, now=county.now)
    submission_id = _submit(county)
    details = {**LATER, "document_number": "青农发〔2026〕15号", "valid_from": "2026-11-05"}
    with pytest.raises(RulesNotMet) as caught:
        _publish(county, submission_id, details)
    assert caught.value.code == "valid_from_too_early"
    county.decide(submission_id, "publisher", details={**details, "valid_from": "2026-11-10"})
    assert catalog.public_item(code=item.code, on=date(2026, 11, 10)).number == 2


def test_who_marked_an_ending_or_rewrote_a_returned_item_does_not_review_it(county):
    org.appointment_make(
        actor=SYSTEM,
        user_id=county.users["drafter2"],
        body_id=county.bodies["QH-NY"],
        roles=("drafter", "legal_section"),
        valid_from=date(2019, 1, 1),
        now=county.now,
    )
    assert county.actor("drafter2").has("legal_section")
    county.publish()
    penalty = PowerItem.objects.get(versions__power_type="penalty")
    _end(county, penalty.pk, by="drafter2")
    submission_id = _submit(county)
    with pytest.raises(NotPermitted) as caught:
        county.decide(submission_id, "drafter2")
    assert caught.value.code == "own_draft"
    county.decide(submission_id, "legal", "refuse", opinion="仍有依据")

    item = PowerItem.objects.get(versions__power_type="license")
    catalog.draft_start(actor=county.actor("drafter"), item_id=item.pk, now=county.now)
    submission_id = _submit(county)
    county.decide(submission_id, "legal", "send_back", opinion="请改时限")
    version_id = catalog.draft_start(actor=county.actor("drafter2"), item_id=item.pk, now=county.now)
    assert ItemVersion.objects.get(pk=version_id).author_id == county.users["drafter2"]
    catalog.submission_resubmit(
        actor=county.actor("drafter"),
        submission_id=submission_id,
        seen_version=_seen(county, submission_id),
        now=county.now,
    )
    with pytest.raises(NotPermitted) as caught:
        county.decide(submission_id, "drafter2")
    assert caught.value.code == "own_draft"


def test_only_those_whose_duty_it_was_see_another_bodys_submission(county):
    """司法局有复审职责的看得见，编办的系统管理员到了编办也看不见。"""
    county.draft()
    submission_id = county.submit()
    county.pass_until(submission_id, stop_before="secretary")
    assert submission_view(submission_id=submission_id, actor=county.actor("justice")).id == submission_id
    with pytest.raises(NotFound):
        submission_view(submission_id=submission_id, actor=county.actor("sysadmin"))


def test_an_administrator_is_given_no_business_role_and_sees_no_submission(county):
    with pytest.raises(RulesNotMet) as caught:
        org.appointment_make(
            actor=SYSTEM,
            user_id=county.users["sysadmin"],
            body_id=county.bodies["QH-BB"],
            roles=("establishment",),
            scope_kind="all",
            valid_from=date(2019, 1, 1),
            now=county.now,
        )
    assert caught.value.code == "administrators_exclusive"
    county.draft()
    submission_id = county.submit()
    county.pass_until(submission_id, stop_before="establishment")
    actor = county.actor("sysadmin")
    assert actor.roles == {"system_admin"}
    assert workflow.tasks_for(actor) == []
    assert submissions(actor=actor) == []
    with pytest.raises(NotFound):
        county.decide(submission_id, "sysadmin")


def test_everyone_who_wrote_a_word_counts_as_an_author(county):
    """陈耕起草，苗青改一笔并送审：两人都是起草人，谁也不得审查。"""
    version_id = county.draft(county.content())[0]
    catalog.draft_save(
        actor=county.actor("drafter2"),
        version_id=version_id,
        seen_version=1,
        content=county.content(remark="苗青补充"),
        now=county.now,
    )
    submission_id = _submit(county, by="drafter2")
    case = workflow.case_by_subject(
        subject_kind="catalog.submission", subject_id=submission_id, actor=county.actor("drafter")
    )
    assert set(case.author_ids) == {county.users["drafter"], county.users["drafter2"]}
