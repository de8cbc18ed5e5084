"""角色变更须两人办理。"""

import pytest

from quanze.apps.org import public as org
from quanze.apps.org.domain.changes import ROLE_CHANGE_FLOW
from quanze.apps.org.models import AdministratorSeat, RoleChange
from quanze.base.audit.models import FactRecord
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState


def codes(call, *errors):
    with pytest.raises(errors) as caught:
        call()
    return caught.value.code


def test_what_one_administrator_asks_for_another_confirms_and_then_it_holds(staff, county, client_of):
    client = client_of("drafter2")
    change = staff.ask("secadmin", "drafter2", ["drafter", "legal_section"])
    assert county.actor("drafter2").roles == {"drafter"}

    assert staff.answer("sysadmin", change) == "confirmed"

    assert county.actor("drafter2").roles == {"drafter", "legal_section"}
    facts = list(
        FactRecord.objects.filter(action__startswith="org.role_change.")
        .order_by("id")
        .values_list("action", "actor_name", "reason")
    )
    assert facts == [
        ("org.role_change.requested", "安守", "县委组〔2026〕18号"),
        ("org.role_change.confirmed", "管机", ""),
    ]
    # the person's sessions ended with it
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("asker", ["secadmin", "sysadmin"])
def test_nobody_confirms_his_own_request_nor_one_of_his_own_kind(staff, county, asker):
    kind = "security_admin" if asker == "secadmin" else "system_admin"
    staff.person("colleague", "同侪", "QH-BB", (kind,))
    change = staff.ask(asker, "drafter2", ["head"])
    assert codes(lambda: staff.answer(asker, change), NotPermitted) == "second_person_required"
    assert codes(lambda: staff.answer("colleague", change), NotPermitted) == "other_administrator_required"
    assert codes(lambda: staff.answer("auditadmin", change), NotPermitted) == "other_administrator_required"
    assert codes(lambda: staff.answer("head", change), NotPermitted) == "not_permitted"
    assert county.actor("drafter2").roles == {"drafter"}
    assert not FactRecord.objects.filter(action="org.role_change.confirmed").exists()


@pytest.mark.parametrize("login", ["drafter", "head", "establishment", "auditadmin"])
def test_only_the_two_administrators_ask(staff, login):
    assert codes(lambda: staff.ask(login, "drafter2", ["head"]), NotPermitted) == "not_permitted"
    assert not RoleChange.objects.exists()


def test_requests_that_cannot_become_true_are_refused_at_once(staff, county):
    ask = staff.ask
    assert codes(lambda: ask("secadmin", "drafter2", ["drafter"]), InvalidInput) == "nothing_changed"
    assert codes(lambda: ask("secadmin", "drafter2", ["king"]), InvalidInput) == "role_unknown"
    assert codes(lambda: ask("secadmin", "drafter2", ["system_admin"]), RulesNotMet) == "seat_needs_two_people"
    assert codes(lambda: ask("secadmin", "sysadmin", ["drafter"]), RulesNotMet) == "seat_needs_two_people"
    assert codes(lambda: ask("secadmin", "drafter2", ["assessor"], "named"), RulesNotMet) == "named_bodies_missing"
    assert codes(lambda: ask("secadmin", "drafter2", ["third_party_assessor"]), RulesNotMet) == "end_date_required"
    assert codes(lambda: ask("secadmin", "drafter2", ["head"], reason=" "), RulesNotMet) == "reason_required"
    assert codes(lambda: ask("secadmin", "secadmin", ["drafter"]), NotPermitted) == "own_roles"
    assert not RoleChange.objects.exists()


def test_refusing_needs_a_reason_and_changes_nothing(staff, county):
    change = staff.ask("sysadmin", "drafter2", ["publisher"])
    assert codes(lambda: staff.answer("secadmin", change, "refuse"), RulesNotMet) == "reason_required"
    assert staff.answer("secadmin", change, "refuse", "岗位不符") == "refused"
    assert codes(lambda: staff.answer("secadmin", change, seen=2), WrongState) == "wrong_state"
    assert county.actor("drafter2").roles == {"drafter"}


def test_one_open_request_per_post_and_only_the_asker_withdraws(staff, county):
    change = staff.ask("secadmin", "drafter2", ["publisher"])
    assert codes(lambda: staff.ask("secadmin", "drafter2", ["head"]), WrongState) == "change_pending"
    given = {"change_id": change, "seen_version": 1, "now": county.now}
    with pytest.raises(NotFound):
        org.role_change_withdraw(actor=county.actor("sysadmin"), **given)
    org.role_change_withdraw(actor=county.actor("secadmin"), **given)
    assert RoleChange.objects.get().state == "withdrawn"
    assert staff.ask("secadmin", "drafter2", ["head"]) > change


def test_a_second_confirmation_and_a_changed_post_are_conflicts(staff, county):
    change = staff.ask("secadmin", "drafter2", ["publisher"])
    post = staff.post_of("drafter2")
    post.roles.create(role="responder")
    with pytest.raises(Conflict):
        staff.answer("sysadmin", change)
    post.roles.filter(role="responder").delete()
    staff.answer("sysadmin", change)
    with pytest.raises(Conflict):
        staff.answer("sysadmin", change)


def test_scope_and_named_bodies_change_with_the_confirmation(staff, county):
    named = [county.bodies["QH-LY"], county.bodies["QH-HX"]]
    staff.answer("sysadmin", staff.ask("secadmin", "drafter2", ["assessor"], "named", named))
    assert county.actor("drafter2").scope.body_ids == set(named)
    post = staff.post_of("drafter2")
    assert post.lock_version == 2
    staff.answer("sysadmin", staff.ask("secadmin", "drafter2", ["assessor"], "all"))
    assert county.actor("drafter2").scope.is_all
    assert post.named_bodies.count() == 0


def seat(staff, by, kind, new, leaving=None):
    county = staff.county
    return org.seat_change_request(
        actor=county.actor(by),
        kind=kind,
        body_id=county.bodies["QH-BB"],
        user_id=county.users[new] if new else None,
        leaving_user_id=county.users[leaving] if leaving else None,
        reason="岗位轮换",
        now=county.now,
    )


def test_an_administrator_is_replaced_without_a_moment_of_vacancy(staff, county):
    staff.person("next", "继任", roles=None)
    change = seat(staff, "secadmin", "system_admin", "next", "sysadmin")
    # who leaves may confirm his successor; the audit administrator could as well
    assert staff.answer("sysadmin", change) == "confirmed"
    assert county.actor("next").roles == {"system_admin"}
    assert county.actor("sysadmin").roles == frozenset()
    assert dict(AdministratorSeat.objects.values_list("kind", "user__username")) == {
        "system_admin": "next", "security_admin": "secadmin", "audit_admin": "auditadmin",
    }  # fmt: skip


def test_the_audit_administrator_confirms_seats_so_that_no_seat_blocks_its_own_succession(staff, county):
    staff.person("next", "继任", roles=None)
    assert staff.answer("auditadmin", seat(staff, "secadmin", "system_admin", "next", "sysadmin")) == "confirmed"


def test_the_last_administrator_does_not_leave_without_a_successor(staff, county):
    change = seat(staff, "sysadmin", "audit_admin", None, "auditadmin")
    assert codes(lambda: staff.answer("secadmin", change), RulesNotMet) == "last_administrator"
    assert org.seat_of(county.users["auditadmin"]) == "audit_admin"


def test_nobody_with_a_business_role_or_another_seat_takes_a_seat(staff):
    exclusive = "administrators_exclusive"
    assert codes(lambda: seat(staff, "secadmin", "system_admin", "drafter"), RulesNotMet) == exclusive
    assert codes(lambda: seat(staff, "sysadmin", "security_admin", "auditadmin"), RulesNotMet) == exclusive
    assert codes(lambda: seat(staff, "secadmin", "audit_admin", "secadmin"), NotPermitted) == "own_roles"
    assert not RoleChange.objects.exists()


@pytest.mark.parametrize("state", list(ROLE_CHANGE_FLOW.states))
@pytest.mark.parametrize("verb", ["confirm", "refuse", "withdraw"])
@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin", "head"])
def test_every_cell_of_the_table(state, verb, role):
    if state != "requested":
        with pytest.raises(WrongState):
            ROLE_CHANGE_FLOW.decide(state, verb, roles={role}, reason="x")
    elif role == "head" or (verb == "withdraw" and role == "audit_admin"):
        with pytest.raises(NotPermitted):
            ROLE_CHANGE_FLOW.decide(state, verb, roles={role}, reason="x")
    else:
        target = {"confirm": "confirmed", "refuse": "refused", "withdraw": "withdrawn"}[verb]
        assert ROLE_CHANGE_FLOW.decide(state, verb, roles={role}, reason="x").target == target
