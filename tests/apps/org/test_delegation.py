"""代理与交接：有期限、不越权、起草与审查不因换人而合一。"""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.models import ItemVersion
from quanze.apps.org import public as org
from quanze.apps.org.models import Delegation, HandOver
from quanze.apps.workflow import public as workflow
from quanze.apps.workflow.models import Case
from quanze.base.audit.models import FactRecord
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState


def grant(staff, whose, deputy, roles, *, by=None, days=7, **more):
    county = staff.county
    more.setdefault("valid_from", county.today)
    more.setdefault("valid_to", county.today + timedelta(days=days))
    return org.delegation_grant(
        actor=county.actor(by or whose),
        appointment_id=staff.post_of(whose).pk,
        deputy_id=county.users[deputy],
        roles=roles,
        reason="年休假",
        now=county.now,
        **more,
    )


def acting(county, login, delegation_id, on=None):
    return org.actor_for_user(county.users[login], on=on or county.today, delegation_id=delegation_id)


def code(call, *errors):
    with pytest.raises(errors) as caught:
        call()
    return caught.value.code


def decide_as(county, actor, submission_id, **given):
    case = workflow.case_by_subject(subject_kind="catalog.submission", subject_id=submission_id, actor=actor)
    return catalog.submission_decide(
        actor=actor, submission_id=submission_id, seen_version=case.lock_version, verb="pass", now=county.now, **given
    )


def test_a_deputy_acts_under_his_own_name_on_behalf_of_the_other_and_the_record_names_both(staff, county):
    county.draft()
    submission_id = county.submit()
    county.pass_until(submission_id, stop_before="head")
    delegation = grant(staff, "head", "publisher", ["head"])
    actor = acting(county, "publisher", delegation)
    assert (actor.name, actor.on_behalf_of, actor.roles) == ("何明", "郑重", {"head"})
    assert actor.appointment_id == staff.post_of("head").pk
    assert actor.scope == county.actor("head").scope

    decide_as(county, actor, submission_id)

    fact = FactRecord.objects.filter(action="workflow.step.passed").latest("id")
    assert (fact.actor_name, fact.on_behalf_of) == ("何明", "郑重")


def test_a_delegation_ends_by_itself_on_its_day_and_does_not_begin_before(staff, county):
    start = county.today + timedelta(days=2)
    delegation = grant(staff, "head", "legal", ["head"], valid_from=start, valid_to=start + timedelta(days=3))
    roles = [acting(county, "legal", delegation, start + timedelta(days=n)).roles for n in (-1, 0, 2, 3)]
    assert roles == [{"legal_section"}, {"head"}, {"head"}, {"legal_section"}]
    assert [row.on_behalf_of for row in org.appointments_of(county.users["legal"], on=start)] == ["", "郑重"]
    assert county.users["legal"] in org.holders_of("head", county.bodies["QH-NY"], on=start)
    assert county.users["legal"] not in org.holders_of("head", county.bodies["QH-NY"], on=start + timedelta(days=3))


def test_only_the_roles_both_sides_still_hold_are_acted_in(staff, county):
    delegation = grant(staff, "legal", "publisher", ["legal_section"])
    staff.answer("sysadmin", staff.ask("secadmin", "legal", ["responder"]))
    assert acting(county, "publisher", delegation).roles == frozenset()


def test_what_cannot_be_delegated(staff, county):
    assert code(lambda: grant(staff, "head", "head", ["head"]), InvalidInput) == "deputy_is_self"
    assert code(lambda: grant(staff, "head", "legal", []), InvalidInput) == "delegation_empty"
    assert code(lambda: grant(staff, "head", "legal", ["publisher"]), RulesNotMet) == "role_not_held"
    assert code(lambda: grant(staff, "head", "legal", ["head"], days=0), InvalidInput) == "delegation_period"
    yesterday = county.today - timedelta(days=1)
    assert code(lambda: grant(staff, "head", "legal", ["head"], valid_from=yesterday), InvalidInput) == (
        "delegation_period"
    )
    seat = "administrators_exclusive"
    assert code(lambda: grant(staff, "establishment", "sysadmin", ["establishment"]), RulesNotMet) == seat
    assert code(lambda: grant(staff, "secadmin", "legal", ["security_admin"]), RulesNotMet) == "seat_not_delegable"
    # somebody of another body only through the security administrator
    assert code(lambda: grant(staff, "head", "forestry", ["head"]), NotPermitted) == "deputy_elsewhere"
    # somebody else's post is not there to be given away
    with pytest.raises(NotFound):
        grant(staff, "head", "legal", ["head"], by="drafter")
    assert not Delegation.objects.exists()
    assert grant(staff, "head", "forestry", ["head"], by="secadmin")


@pytest.mark.req("T-75")
def test_what_the_security_administrator_sets_for_another_holds_only_when_a_second_person_confirms(staff, county):
    # given a delegation that the security administrator has set alone
    made = grant(staff, "head", "forestry", ["head"], by="secadmin")
    assert acting(county, "forestry", made).roles == county.actor("forestry").roles
    # when it is confirmed by him, by the deputy, by somebody else
    given = {"delegation_id": made, "seen_version": 1, "now": county.now}
    for login, error in (
        ("secadmin", NotFound),
        ("forestry", NotFound),
        ("deputy", NotFound),
        ("auditadmin", NotFound),
    ):
        with pytest.raises(error):
            org.delegation_confirm(actor=county.actor(login), **given)
    assert Delegation.objects.get().state == "asked"
    # then nothing holds until the person himself has
    org.delegation_confirm(actor=county.actor("head"), **given)
    assert acting(county, "forestry", made).roles == {"head"}
    facts = FactRecord.objects.filter(subject_kind="org.delegation").order_by("id")
    assert [(one.action, one.actor_name) for one in facts] == [
        ("org.delegation.asked", "安守"),
        ("org.delegation.confirmed", county.actor("head").name),
    ]
    with pytest.raises(Conflict):
        org.delegation_confirm(actor=county.actor("sysadmin"), **given)


def test_a_system_administrator_confirms_where_the_person_cannot(staff, county, client_of, monkeypatch):
    monkeypatch.setattr("quanze.base.iam.step_up.is_fresh", lambda request: True)
    today = timezone.localdate()
    term = {"valid_from": today, "valid_to": today + timedelta(days=7)}
    made = grant(staff, "head", "forestry", ["head"], by="secadmin", **term)
    client = client_of("sysadmin")
    assert "确认代理" in client.get("/staff/delegations/").content.decode()
    answer = client.post(f"/staff/delegations/{made}/confirm/", {"seen_version": 1})
    assert answer["Location"] == "/staff/delegations/"
    assert Delegation.objects.get().state == "granted"
    assert client_of("forestry").post(f"/staff/delegations/{made}/confirm/", {"seen_version": 2}).status_code == 404


def test_two_deputies_for_one_duty_at_one_time_are_refused(staff, county):
    grant(staff, "head", "legal", ["head"])
    assert code(lambda: grant(staff, "head", "publisher", ["head"]), WrongState) == "deputy_already"
    later = county.today + timedelta(days=7)
    assert grant(staff, "head", "publisher", ["head"], valid_from=later, valid_to=later + timedelta(days=1))


def test_a_deputy_does_not_pass_the_duty_on(staff, county):
    delegation = grant(staff, "head", "legal", ["head"])
    with pytest.raises(NotFound):
        org.delegation_grant(
            actor=acting(county, "legal", delegation),
            appointment_id=staff.post_of("head").pk,
            deputy_id=county.users["publisher"],
            roles=["head"],
            valid_from=county.today,
            valid_to=county.today + timedelta(days=1),
            reason="转交",
            now=county.now,
        )


def test_a_deputy_does_not_review_what_he_drafted(staff, county):
    county.draft(by="drafter")
    submission_id = county.submit()
    actor = acting(county, "drafter", grant(staff, "legal", "drafter", ["legal_section"]))
    assert workflow.tasks_for(actor) == []
    assert code(lambda: decide_as(county, actor, submission_id), NotPermitted) == "own_draft"
    assert not FactRecord.objects.filter(action="workflow.step.passed").exists()


def test_nobody_reviews_through_a_deputy_what_he_drafted_himself(staff, county):
    """科长自己起草，请人代审：同样不行；代人起草的，被代的人也不能审。"""
    staff.appoint("legal", roles=("drafter",), valid_from=date(2019, 1, 1))
    county.draft(by="legal")
    submission_id = county.submit(by="drafter2")
    legal_post = next(
        row for row in org.appointments_of(county.users["legal"], on=county.today) if row.roles == ("legal_section",)
    )
    delegation = org.delegation_grant(
        actor=county.actor("legal"),
        appointment_id=legal_post.id,
        deputy_id=county.users["publisher"],
        roles=["legal_section"],
        valid_from=county.today,
        valid_to=county.today + timedelta(days=5),
        reason="培训",
        now=county.now,
    )
    actor = acting(county, "publisher", delegation)
    assert actor.roles == {"legal_section"}
    assert code(lambda: decide_as(county, actor, submission_id), NotPermitted) == "own_draft"


def test_what_a_deputy_drafts_counts_as_drafted_by_both(staff, county):
    actor = acting(county, "publisher", grant(staff, "drafter", "publisher", ["drafter"]))
    catalog.item_create(actor=actor, list_id=county.power_list(), content=county.content(), now=county.now)
    assert set(ItemVersion.objects.get().author_ids) == {county.users["drafter"], county.users["publisher"]}


def test_several_posts_of_one_person_do_not_let_him_review_his_own_draft(staff, county):
    staff.appoint("drafter", roles=("legal_section",), post="法制审核员")
    county.draft(by="drafter")
    submission_id = county.submit(by="drafter2")
    post = org.appointments_of(county.users["drafter"], on=county.today)[1]
    actor = org.actor_for_user(county.users["drafter"], on=county.today, appointment_id=post.id)
    assert actor.roles == {"legal_section"}
    assert code(lambda: decide_as(county, actor, submission_id), NotPermitted) == "own_draft"


def hand_over(staff, leaver, successor, by="sysadmin", reason="调离"):
    county = staff.county
    return org.work_hand_over(
        actor=county.actor(by),
        from_user_id=county.users[leaver],
        to_user_id=county.users[successor],
        reason=reason,
        now=county.now,
    )


def test_drafts_go_to_the_successor_and_neither_reviews_them_later(staff, county):
    county.draft(by="drafter")
    made = HandOver.objects.get(pk=hand_over(staff, "drafter", "drafter2"))
    assert [(item.source, item.label) for item in made.items.all()] == [
        ("catalog.draft", "对使用电鱼方法捕捞的处罚"),
        ("catalog.draft", "水产苗种生产许可证核发"),
    ]
    for version in ItemVersion.objects.all():
        assert version.author_id == county.users["drafter2"]
        assert set(version.author_ids) == {county.users["drafter"], county.users["drafter2"]}
    submission_id = county.submit(by="drafter2")
    staff.appoint("drafter", roles=("legal_section",))
    post = org.appointments_of(county.users["drafter"], on=county.today)[-1]
    actor = org.actor_for_user(county.users["drafter"], on=county.today, appointment_id=post.id)
    assert code(lambda: decide_as(county, actor, submission_id), NotPermitted) == "own_draft"


def test_a_submission_on_its_way_goes_to_the_successor_who_then_does_not_review_it(staff, county):
    county.draft(by="drafter")
    county.submit(by="drafter")
    hand_over(staff, "drafter", "drafter2", by="head")
    case = Case.objects.get()
    assert (case.opened_by_id, case.opened_by_name) == (county.users["drafter2"], "苗青")
    assert county.users["drafter2"] in case.author_ids
    assert [view.subject_id for view in workflow.opened_by(county.actor("drafter2"))] == [case.subject_id]


@pytest.mark.req("H-36")
def test_open_tasks_of_a_member_who_leaves_go_to_a_successor_who_can_do_them(staff, county):
    """专班（审核小组）成员退出：没有职责的人接不了，一件也不动；有职责的接手后看得到、办得成。"""
    staff.person("member", "专一", "QH-NY", ("task_force", "legal_section"))
    staff.person("fresh", "新人", "QH-NY", ("task_force",))
    county.draft(by="drafter")
    submission_id = county.submit(by="drafter")
    assert len(workflow.tasks_for(county.actor("member"))) == 1

    assert code(lambda: hand_over(staff, "member", "fresh"), RulesNotMet) == "successor_cannot_act"
    assert not HandOver.objects.exists()
    assert not FactRecord.objects.filter(action="org.work.handed_over").exists()

    staff.answer("sysadmin", staff.ask("secadmin", "fresh", ["task_force", "legal_section"]))
    made = HandOver.objects.get(pk=hand_over(staff, "member", "fresh", reason="退出专班"))
    post = staff.post_of("member")
    org.appointment_end(
        actor=county.actor("sysadmin"),
        appointment_id=post.pk,
        seen_version=post.lock_version,
        valid_to=county.today,
        reason="退出专班",
        now=county.now,
    )
    assert [(item.source, item.subject_id) for item in made.items.all()] == [("workflow.step", submission_id)]
    assert workflow.tasks_for(county.actor("member")) == []
    assert [task.subject_id for task in workflow.tasks_for(county.actor("fresh"))] == [submission_id]
    decide_as(county, county.actor("fresh"), submission_id)


def test_who_may_hand_over_and_to_whom(staff, county):
    county.draft(by="drafter")
    for outsider in ("drafter2", "forestry", "secadmin", "auditadmin", "establishment"):
        with pytest.raises(NotFound):
            hand_over(staff, "drafter", "drafter2", by=outsider)
    assert code(lambda: hand_over(staff, "drafter", "forestry"), InvalidInput) == "successor_unfit"
    assert code(lambda: hand_over(staff, "drafter", "drafter"), InvalidInput) == "successor_unfit"
    assert code(lambda: hand_over(staff, "drafter", "legal"), RulesNotMet) == "successor_cannot_draft"
    assert code(lambda: hand_over(staff, "drafter2", "drafter"), RulesNotMet) == "nothing_to_hand_over"
    assert code(lambda: hand_over(staff, "drafter", "drafter2", reason=""), RulesNotMet) == "reason_required"
    assert not HandOver.objects.exists()
    assert hand_over(staff, "drafter", "drafter2", by="drafter")
