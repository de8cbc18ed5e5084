"""三员：互斥由数据库保证；不读业务内容；每一员至少一人。"""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from quanze.apps.org import public as org
from quanze.apps.org.models import AdministratorSeat, Appointment, AppointmentRole
from quanze.apps.org.services.seats import seat_leave
from quanze.core.actor import NOTHING
from quanze.core.errors import NotPermitted, RulesNotMet

pytestmark = pytest.mark.postgres


def refused_by_the_database(write) -> str:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        write()
    return str(caught.value)


@pytest.mark.parametrize("second", ["security_admin", "audit_admin"])
def test_one_person_cannot_hold_two_seats_even_past_the_services(staff, county, second):
    post = staff.post_of("sysadmin")
    refused_by_the_database(
        lambda: AdministratorSeat.objects.create(user_id=county.users["sysadmin"], kind=second, since=county.today)
    )
    refused_by_the_database(lambda: AppointmentRole.objects.create(appointment=post, role=second))
    with pytest.raises(RulesNotMet) as caught:
        staff.appoint("sysadmin", "QH-BB", (second,))
    assert caught.value.code == "administrators_exclusive"
    assert list(AdministratorSeat.objects.filter(user_id=county.users["sysadmin"]).values_list("kind", flat=True)) == [
        "system_admin"
    ]


def test_a_seat_and_a_business_role_never_meet_in_one_person_whatever_comes_first(staff, county):
    # seat first, then the role: in the same appointment, and in another
    post = staff.post_of("sysadmin")
    assert "三员互斥" in refused_by_the_database(
        lambda: AppointmentRole.objects.create(appointment=post, role="drafter")
    )
    other = Appointment.objects.create(
        user_id=county.users["sysadmin"], body_id=county.bodies["QH-NY"], valid_from=county.today
    )
    refused_by_the_database(lambda: AppointmentRole.objects.create(appointment=other, role="drafter"))

    # role first, then the seat
    assert "三员互斥" in refused_by_the_database(
        lambda: AdministratorSeat.objects.create(
            user_id=county.users["drafter"], kind="audit_admin", since=county.today
        )
    )
    # an administrator's role without a seat
    assert "席位" in refused_by_the_database(
        lambda: AppointmentRole.objects.create(appointment=staff.post_of("drafter"), role="audit_admin")
    )
    # a role changed in place
    role = AppointmentRole.objects.get(appointment=post)
    refused_by_the_database(lambda: AppointmentRole.objects.filter(pk=role.pk).update(role="drafter"))


def test_a_drafter_of_former_years_may_become_administrator_but_his_old_post_does_not_come_back(staff, county):
    staff.person("former", "旧任", "QH-NY", ("drafter",), valid_from=date(2022, 1, 1), valid_to=date(2025, 1, 1))
    staff.appoint("former", "QH-BB", ("audit_admin",), valid_from=date(2025, 6, 1))
    old = staff.post_of("former")
    assert county.actor("former").roles == {"audit_admin"}
    refused_by_the_database(lambda: Appointment.objects.filter(pk=old.pk).update(valid_to=None))
    refused_by_the_database(lambda: Appointment.objects.filter(pk=old.pk).update(valid_to=date(2026, 1, 1)))


@pytest.mark.parametrize("login", ["sysadmin", "secadmin", "auditadmin"])
def test_none_of_the_three_has_a_scope(staff, county, login):
    Appointment.objects.filter(user_id=county.users[login]).update(scope_kind="all")
    assert county.actor(login).scope == NOTHING


def test_a_person_without_a_role_and_the_operator_see_nothing_either(staff, county):
    staff.person("newcomer", "新来")
    staff.person("operator", "运维", "QH-BB", ("platform_operator",), scope_kind="all")
    assert county.actor("newcomer").scope == county.actor("operator").scope == NOTHING


def test_the_last_of_a_kind_cannot_leave_and_one_of_two_can(staff, county):
    with pytest.raises(RulesNotMet) as caught:
        seat_leave(user_id=county.users["auditadmin"])
    assert caught.value.code == "last_administrator"
    with pytest.raises(RulesNotMet):
        org.require_last_remains(user_id=county.users["auditadmin"])
    staff.person("audit2", "复审", "QH-BB", ("audit_admin",))
    org.require_last_remains(user_id=county.users["auditadmin"])
    assert seat_leave(user_id=county.users["auditadmin"]) == "audit_admin"
    assert county.actor("auditadmin").roles == frozenset()
    assert org.missing_kinds() == []


def test_the_system_administrator_appoints_but_gives_no_role_and_no_scope(staff, county):
    given = {
        "actor": county.actor("sysadmin"),
        "user_id": county.users["drafter"],
        "body_id": county.bodies["QH-LY"],
        "valid_from": county.today,
        "now": county.now,
    }
    for more in ({"roles": ["head"]}, {"scope_kind": "all"}):
        with pytest.raises(NotPermitted) as caught:
            org.appointment_make(**given, **more)
        assert caught.value.code == "roles_need_two_people"
    made = Appointment.objects.get(pk=org.appointment_make(**given, post="借调"))
    assert (made.roles.count(), made.scope_kind) == (0, "own")
    for login in ("secadmin", "auditadmin", "head"):
        with pytest.raises(NotPermitted):
            org.appointment_make(**(given | {"actor": county.actor(login)}))


def test_ending_a_post_ends_what_it_gave_and_seats_go_another_way(staff, county):
    post = staff.post_of("drafter2")
    end = {"valid_to": county.today, "reason": "调离", "now": county.now}
    org.appointment_end(actor=county.actor("sysadmin"), appointment_id=post.pk, seen_version=1, **end)
    assert county.actor("drafter2").roles == frozenset()
    with pytest.raises(RulesNotMet) as caught:
        org.appointment_end(
            actor=county.actor("sysadmin"), appointment_id=staff.post_of("secadmin").pk, seen_version=1, **end
        )
    assert caught.value.code == "seat_needs_two_people"
    assert org.seat_of(county.users["secadmin"]) == "security_admin"


@pytest.mark.req("H-51")
def test_a_third_party_assessor_needs_an_end_date_and_sees_only_the_named_bodies_until_then(staff, county):
    with pytest.raises(RulesNotMet) as caught:
        staff.person("third", "第三方", "QH-BB", ("third_party_assessor",), scope_kind="named", named_body_ids=[1])
    assert caught.value.code == "end_date_required"
    named = [county.bodies["QH-NY"], county.bodies["QH-HX"]]
    staff.appoint(
        "third",
        "QH-BB",
        ("third_party_assessor",),
        scope_kind="named",
        named_body_ids=named,
        valid_to=county.today + timedelta(days=30),
    )
    user_id = county.users["third"]
    last = county.today + timedelta(days=29)
    assert org.actor_for_user(user_id, on=last).scope.body_ids == set(named)
    assert not org.actor_for_user(user_id, on=last).scope.covers(county.bodies["QH-BB"])
    after = org.actor_for_user(user_id, on=last + timedelta(days=1))
    assert (after.scope, after.roles) == (NOTHING, frozenset())
