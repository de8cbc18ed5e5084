"""回避：换一个岗位、请人代理，都不能评定本单位。"""

from datetime import date, timedelta

import pytest

from quanze.apps.evaluation import public as evaluation
from quanze.apps.evaluation.models import ManualEntry
from quanze.apps.org import public as org
from quanze.core.actor import SYSTEM
from quanze.core.errors import NotFound, NotPermitted


def enter(county, actor, view, body):
    return evaluation.score_enter(
        actor=actor,
        round_id=view.id,
        body_id=county.bodies[body],
        code="4.6",
        values={"numerator": "1", "denominator": "1"},
        reason="据考勤记录",
        now=county.now,
    )


def appoint(county, login, body, roles, **more):
    return org.appointment_make(
        actor=SYSTEM,
        user_id=county.users[login],
        body_id=county.bodies[body],
        roles=roles,
        valid_from=date(2025, 1, 1),
        now=county.now,
        **more,
    )


@pytest.mark.req("W-59")
def test_another_post_of_the_same_person_does_not_score_the_own_body(office, county, forty_items) -> None:
    view = office.computed("QH-NY", "QH-LY")
    post = appoint(county, "drafter2", "QH-BB", ["assessor"], scope_kind="all")
    actor = org.actor_for_user(county.users["drafter2"], on=county.today, appointment_id=post)
    assert (actor.roles, actor.body_id) == ({"assessor"}, county.bodies["QH-BB"])
    with pytest.raises(NotPermitted) as caught:
        enter(county, actor, view, "QH-NY")
    assert caught.value.code == "own_body"
    assert not ManualEntry.objects.exists()
    enter(county, actor, view, "QH-LY")


@pytest.mark.req("W-59")
def test_a_deputy_scores_neither_his_own_body_nor_that_of_the_other(office, county, forty_items) -> None:
    view = office.computed("QH-NY", "QH-LY", "QH-SF")
    post = appoint(county, "justice", "QH-SF", ["assessor"], scope_kind="all")
    appoint(county, "drafter2", "QH-SF", [])
    delegation = org.delegation_grant(
        actor=org.actor_for_user(county.users["justice"], on=county.today, appointment_id=post),
        appointment_id=post,
        deputy_id=county.users["drafter2"],
        roles=["assessor"],
        valid_from=county.today,
        valid_to=county.today + timedelta(days=3),
        reason="出差",
        now=county.now,
    )
    actor = org.actor_for_user(county.users["drafter2"], on=county.today, delegation_id=delegation)
    for body in ("QH-NY", "QH-SF"):
        with pytest.raises(NotPermitted):
            enter(county, actor, view, body)
    assert not ManualEntry.objects.exists()


@pytest.mark.req("H-51")
def test_a_third_party_scores_only_where_all_bodies_of_the_round_are_his_and_only_until_his_last_day(
    office, county, forty_items
) -> None:
    view = office.computed("QH-NY", "QH-LY")
    named = [county.bodies["QH-NY"], county.bodies["QH-LY"]]
    until = county.today + timedelta(days=10)
    appoint(
        county, "publisher", "QH-BB", ["third_party_assessor"], scope_kind="named", named_body_ids=named, valid_to=until
    )
    posts = org.appointments_of(county.users["publisher"], on=county.today)
    post = next(row.id for row in posts if row.roles == ("third_party_assessor",))
    actor = org.actor_for_user(county.users["publisher"], on=county.today, appointment_id=post)
    assert actor.scope.body_ids == set(named)
    enter(county, actor, view, "QH-LY")
    with pytest.raises(NotPermitted):
        enter(county, actor, view, "QH-NY")
    with pytest.raises((NotPermitted, NotFound)):
        enter(county, actor, view, "QH-SF")
    later = org.actor_for_user(county.users["publisher"], on=until, appointment_id=post)
    assert "third_party_assessor" not in later.roles
