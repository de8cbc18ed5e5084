"""审查流程：次序、职责、退回后只看退回的、撤回、暂停计时。The subject here is a made-up one: the engine knows no business."""

from dataclasses import replace
from datetime import date

import pytest

from quanze.apps.workflow import public as workflow
from quanze.apps.workflow.domain import ProcedureInvalid, parse_procedure
from quanze.apps.workflow.models import Case, CaseStep, StepPause
from quanze.base.audit import public as audit
from quanze.base.notices import public as notices
from quanze.core.actor import EVERYTHING
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ITEMS = [101, 102, 103]


@pytest.fixture
def case(county):
    """农业农村局业务口送审三项。"""
    body_id = county.bodies["QH-NY"]
    outcome = workflow.case_open(
        actor=county.actor("drafter"),
        subject=workflow.CaseSubject("test.subject", 7, "三项", body_id, "县农业农村局"),
        procedure_code="six-step",
        item_ids=ITEMS,
        author_ids=[county.users["drafter"]],
        now=county.now,
    )
    return outcome.case_id


def _view(county, login="drafter"):
    return workflow.case_by_subject(subject_kind="test.subject", subject_id=7, actor=county.actor(login))


def _decide(county, case_id, login, verb="pass", **given):
    seen = Case.objects.get(pk=case_id).lock_version
    given.setdefault("now", county.now)
    return workflow.step_decide(
        actor=county.actor(login), case_id=case_id, seen_version=given.pop("seen_version", seen), verb=verb, **given
    )


@pytest.mark.req("J-23", "J-24", "J-25", "J-26", "J-27", "J-28")
def test_the_six_steps_come_in_their_order_with_their_bodies(county, case):
    reached = [_view(county).current.label]
    for login in ("legal", "deputy", "head", "justice", "establishment"):
        reached.append(_decide(county, case, login).next_label)
    _decide(county, case, "secretary", details={"meeting_number": "第3次", "resolution": "审定"})
    reached.append(_view(county).current.label)
    assert reached == [
        "部门法制审查",
        "分管领导签批",
        "主要领导签批",
        "司法局合法性复审",
        "编办合理性审核",
        "编委会议审定",
        "部门印发公布",
    ]
    assert _view(county).current.assignee_body_name == "青禾县农业农村局"


@pytest.mark.req("J-29", "H-31")
def test_a_later_reviewer_cannot_jump_the_order(county, case):
    facts = audit.facts(scope=EVERYTHING).rows
    with pytest.raises(NotFound):
        _decide(county, case, "justice")
    with pytest.raises(NotPermitted):
        _decide(county, case, "head")
    assert _view(county).current.label == "部门法制审查"
    assert audit.facts(scope=EVERYTHING).rows == facts


def test_the_due_date_counts_working_days_from_the_day_after(county, case):
    # 2026-11-02 is a Monday; five working days later is Monday the 9th.
    assert _view(county).current.due_on == date(2026, 11, 9)
    assert _view(county).current.due_is_projected is False


def test_a_drafter_may_not_review_what_she_drafted(county):
    author = county.users["legal"]
    outcome = workflow.case_open(
        actor=county.actor("drafter"),
        subject=workflow.CaseSubject("test.subject", 8, "自己的", county.bodies["QH-NY"], "县农业农村局"),
        procedure_code="six-step",
        item_ids=[1],
        author_ids=[author],
        now=county.now,
    )
    with pytest.raises(NotPermitted) as caught:
        _decide(county, outcome.case_id, "legal")
    assert caught.value.code == "own_draft"
    assert workflow.tasks_for(county.actor("legal")) == []


@pytest.mark.req("J-25")
def test_returned_items_are_looked_at_alone_until_the_returning_step_has_passed(county, case):
    for login in ("legal", "deputy", "head"):
        _decide(county, case, login)
    outcome = _decide(
        county,
        case,
        "justice",
        "send_back",
        item_opinions={102: workflow.ItemOpinion("return", "依据条款已修订")},
    )
    assert (outcome.case_state, outcome.returned_item_ids) == ("returned", (102,))
    again = workflow.case_resubmit(
        actor=county.actor("drafter"), case_id=case, seen_version=_view(county).lock_version, now=county.now
    )
    assert again.next_label == "司法局合法性复审"
    assert set(_view(county).current.opinions) == {102}
    _decide(county, case, "justice")
    assert set(_view(county).current.opinions) == set(ITEMS)
    assert _view(county).focus_ids == ()


def test_a_return_without_reasons_is_refused_and_changes_nothing(county, case):
    with pytest.raises(RulesNotMet):
        _decide(county, case, "legal", "send_back")
    with pytest.raises(RulesNotMet) as caught:
        _decide(
            county,
            case,
            "legal",
            "send_back",
            opinion="见各项",
            item_opinions={101: workflow.ItemOpinion("return", " ")},
        )
    assert caught.value.code == "return_reason_missing"
    assert _view(county).state == "open"


def test_passing_with_a_returned_item_in_hand_is_refused(county, case):
    with pytest.raises(InvalidInput) as caught:
        _decide(county, case, "legal", item_opinions={101: workflow.ItemOpinion("return", "改")})
    assert caught.value.code == "return_within_pass"


@pytest.mark.req("J-27", "H-33")
def test_the_committee_cannot_determine_without_number_and_resolution(county, case):
    for login in ("legal", "deputy", "head", "justice", "establishment"):
        _decide(county, case, login)
    with pytest.raises(RulesNotMet) as caught:
        _decide(county, case, "secretary", details={"meeting_number": "第3次"})
    assert caught.value.message == "“编委会议审定”还缺：决议"


def test_refusal_ends_the_case(county, case):
    assert _decide(county, case, "legal", "refuse", opinion="没有法律依据").case_state == "refused"
    with pytest.raises(WrongState):
        _decide(county, case, "legal")


def test_the_submitter_may_withdraw_until_the_first_step_acts(county, case):
    workflow.case_withdraw(actor=county.actor("drafter"), case_id=case, seen_version=1, now=county.now)
    assert _view(county).state == "withdrawn"
    assert workflow.tasks_for(county.actor("legal")) == []


def test_withdrawing_after_the_first_step_acted_is_refused(county, case):
    _decide(county, case, "legal")
    with pytest.raises(WrongState) as caught:
        workflow.case_withdraw(
            actor=county.actor("drafter"), case_id=case, seen_version=_view(county).lock_version, now=county.now
        )
    assert caught.value.code == "already_acted"
    assert caught.value.message == "“部门法制审查”已由方衡办理，不能再撤回送审"


def test_an_opinion_may_be_recalled_until_the_next_step_acts(county, case):
    _decide(county, case, "legal", opinion="同意")
    view = _view(county)
    workflow.step_recall(
        actor=county.actor("legal"), case_id=case, seen_version=view.lock_version, reason="看错了", now=county.now
    )
    assert _view(county).current.label == "部门法制审查"
    _decide(county, case, "legal")
    _decide(county, case, "deputy")
    with pytest.raises(NotPermitted):
        workflow.step_recall(
            actor=county.actor("legal"),
            case_id=case,
            seen_version=_view(county).lock_version,
            reason="晚了",
            now=county.now,
        )


def test_an_opinion_that_was_recalled_no_longer_stands_beside_the_item(county, case):
    _decide(county, case, "legal", item_opinions={101: workflow.ItemOpinion("accept", "同意")})
    assert len(workflow.item_opinions([101])[101]) == 1
    # when
    view = _view(county)
    workflow.step_recall(
        actor=county.actor("legal"), case_id=case, seen_version=view.lock_version, reason="看错了", now=county.now
    )
    # then
    assert workflow.item_opinions([101]) == {}
    _decide(county, case, "legal", item_opinions={101: workflow.ItemOpinion("accept", "再看过，同意")})
    assert [opinion.opinion for _, _, opinion, _ in workflow.item_opinions([101])[101]] == ["再看过，同意"]


def test_a_decision_on_what_somebody_else_changed_is_a_conflict(county, case):
    _decide(county, case, "legal")
    with pytest.raises(Conflict):
        _decide(county, case, "deputy", seen_version=1)


def test_a_signed_paper_is_registered_as_such(county, case):
    _decide(
        county,
        case,
        "legal",
        paper=workflow.PaperDecision(signed_by="方衡", signed_on=date(2026, 11, 1), file_id=None),
    )
    step = _view(county).steps[0]
    assert (step.is_from_paper, step.paper_signed_by) == (True, "方衡")


def test_waiting_for_a_meeting_stops_the_clock_within_its_own_limit(county, case):
    for login in ("legal", "deputy", "head", "justice", "establishment"):
        _decide(county, case, login)
    before = _view(county).current.due_on
    limit = workflow.step_pause(
        actor=county.actor("secretary"),
        case_id=case,
        seen_version=_view(county).lock_version,
        reason="等待编委会议",
        now=county.now,
    )
    assert limit == date(2026, 12, 14)
    with pytest.raises(WrongState):
        _decide(county, case, "secretary", details={"meeting_number": "1", "resolution": "2"})
    due = workflow.step_resume(
        actor=county.actor("secretary"),
        case_id=case,
        seen_version=_view(county).lock_version,
        now=county.later(days=7),
    )
    assert (before, due) == (date(2026, 11, 23), date(2026, 11, 30))


def test_a_paused_step_is_not_paused_again_and_never_by_an_author(county, case):
    for login in ("legal", "deputy", "head", "justice", "establishment"):
        _decide(county, case, login)

    def pause(actor):
        return workflow.step_pause(
            actor=actor, case_id=case, seen_version=_view(county).lock_version, reason="等待会议", now=county.now
        )

    secretary = county.actor("secretary")
    author = replace(secretary, user_id=_view(county).author_ids[0])
    with pytest.raises(NotPermitted, match="起草人"):
        pause(author)
    pause(secretary)
    with pytest.raises(WrongState):
        pause(secretary)
    with pytest.raises(NotPermitted, match="起草人"):
        workflow.step_resume(actor=author, case_id=case, seen_version=_view(county).lock_version, now=county.now)
    assert StepPause.objects.count() == 1


def test_each_missing_detail_is_a_defect_of_its_own(county, case):
    for login in ("legal", "deputy", "head", "justice", "establishment"):
        _decide(county, case, login)
    with pytest.raises(RulesNotMet) as caught:
        _decide(county, case, "secretary", details={"meeting_number": " "})
    assert [(one.message, one.place.field) for one in caught.value.defects] == [
        ("会议号没有填写", "detail-meeting_number"),
        ("决议没有填写", "detail-resolution"),
    ]


def test_an_ordinary_step_cannot_be_paused(county, case):
    with pytest.raises(WrongState) as caught:
        workflow.step_pause(actor=county.actor("legal"), case_id=case, seen_version=1, reason="等等", now=county.now)
    assert caught.value.code == "pause_not_allowed"
    assert CaseStep.objects.get().state == "pending"


def test_tasks_reach_those_who_hold_the_role_in_the_body(county, case):
    assert [task.step_label for task in workflow.tasks_for(county.actor("legal"))] == ["部门法制审查"]
    assert workflow.tasks_for(county.actor("justice")) == []
    assert [view.id for view in workflow.opened_by(county.actor("drafter"))] == [case]
    _decide(county, case, "legal", opinion="同意")
    assert [task.step_label for task in workflow.done_by(county.actor("legal"))] == ["部门法制审查"]
    assert workflow.tasks_for(county.actor("legal")) == []


def test_a_body_that_is_not_concerned_sees_no_case(county, case):
    assert _view(county, "forestry") is None
    assert _view(county, "justice") is None
    for login in ("legal", "deputy", "head"):
        _decide(county, case, login)
    assert _view(county, "justice").id == case


def test_the_record_holds_each_step_and_nothing_else(county, case):
    _decide(county, case, "legal", opinion="同意")
    _decide(county, case, "deputy", "send_back", opinion="材料不全")
    history = audit.history_of("test.subject", 7, scope=EVERYTHING)
    assert [fact.action for fact in history] == [
        "workflow.case.opened",
        "workflow.step.passed",
        "workflow.step.returned",
    ]
    assert history[2].reason == "材料不全"


@pytest.mark.req("H-31", "H-32", "H-33")
def test_the_three_steps_of_towns_pass_the_group_before_the_joint_meeting():
    labels = [step.label for step in workflow.procedure("three-step").steps]
    assert labels == ["内部初审", "审核小组全面审核", "联席会议集中审议", "印发公布"]


def test_a_vertically_managed_body_only_publishes():
    assert [step.kind for step in workflow.procedure("publish-only").steps] == ["sign", "issue"]


def test_every_shipped_procedure_ends_by_issuing():
    assert {p.steps[-1].kind for p in workflow.procedures().values()} == {"issue"}


def test_a_faulty_procedure_is_named():
    with pytest.raises(ProcedureInvalid, match="坏程序"):
        parse_procedure({"code": "坏程序", "steps": []})


def test_own_phrases_come_before_shared_ones(county):
    actor = county.actor("legal")
    workflow.phrase_save(actor=actor, text="请补充裁量基准。")
    workflow.phrase_save(actor=actor, text="请补充裁量基准。")
    phrases = workflow.phrases_for(actor=actor, step_kind="review")
    assert phrases[0] == "请补充裁量基准。"
    assert len(phrases) == len(set(phrases)) == 6


def test_those_who_must_act_and_those_who_acted_are_told(county, case):
    assert [notice.text for notice in notices.notices_of(actor=county.actor("legal"))] == [
        "待办：县农业农村局“三项”到达“部门法制审查”，办理期限 2026年11月9日"
    ]
    _decide(county, case, "legal")
    _decide(county, case, "deputy", "send_back", opinion="材料不全")
    for login in ("drafter", "legal"):
        assert notices.notices_of(actor=county.actor(login))[0].text == "县农业农村局“三项”在“分管领导签批”已退回"
    assert notices.unread_count(actor=county.actor("justice")) == 0


def test_a_recall_on_the_way_back_keeps_what_is_looked_at(county, case):
    """退回后从第一步重走的程序：第一步撤回意见，其后各步仍只看退回的。"""
    row = Case.objects.get(pk=case)
    row.procedure = {**row.procedure, "edit_voids_earlier": True}
    row.save(update_fields=["procedure"])
    for login in ("legal", "deputy"):
        _decide(county, case, login)
    _decide(county, case, "head", "send_back", item_opinions={102: workflow.ItemOpinion("return", "依据不足")})
    workflow.case_resubmit(
        actor=county.actor("drafter"), case_id=case, seen_version=_view(county).lock_version, now=county.now
    )
    _decide(county, case, "legal")
    workflow.step_recall(
        actor=county.actor("legal"),
        case_id=case,
        seen_version=_view(county).lock_version,
        reason="看错了",
        now=county.now,
    )
    _decide(county, case, "legal")
    assert set(_view(county).current.opinions) == {102}


def test_what_i_opened_is_listed_without_the_opinions_on_each_item(county, case, django_assert_num_queries):
    for login in ("legal", "deputy"):
        _decide(county, case, login)
    actor = county.actor("drafter")
    with django_assert_num_queries(2):
        (view,) = workflow.opened_by(actor)
    assert view.current.label == "主要领导签批"
    assert [dict(step.opinions) for step in view.steps] == [{}, {}, {}]


def test_returning_while_agreeing_to_every_item_is_refused(county, case):
    agreed = {item: workflow.ItemOpinion("accept") for item in ITEMS}
    with pytest.raises(RulesNotMet) as caught:
        _decide(county, case, "legal", "send_back", opinion="再看看", item_opinions=agreed)
    assert caught.value.code == "nothing_to_return"
    assert _view(county).state == "open"
