"""三员进不来时，在服务器上恢复：旧的一概作废，每席一条开通链接，记录里写明谁、为何、从哪里。"""

import json
import re

import pytest
from axes.models import AccessAttempt
from django.utils import timezone
from typer.testing import CliRunner

from quanze.apps.org import public as org
from quanze.apps.org.cli import app
from quanze.apps.org.models import AdministratorSeat, Appointment
from quanze.base.audit.models import AccessRecord, FactRecord
from quanze.base.iam import public as iam
from quanze.base.iam.models import User
from quanze.base.iam.second_factor import fresh_totp_secret, totp_add, totp_code
from quanze.base.notices.models import Notice
from quanze.core.actor import EVERYTHING, Actor
from quanze.core.errors import DomainError, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

pytestmark = pytest.mark.postgres
CONSOLE = Actor(user_id=None, name="编办主任（服务器 root）", roles=frozenset({"system"}), scope=EVERYTHING)
WHY = "三位管理员手机同时报废，县委编办〔2026〕9号批准"
PASSWORD = "Willow-Harbour-57-Lantern"
ALL_THREE = ["system_admin", "security_admin", "audit_admin"]


def locked_out(staff, login: str) -> None:
    """有口令、有动态口令，手机丢了，又输错到锁定。"""
    user = User.objects.get(pk=staff.county.users[login])
    user.set_password(PASSWORD)
    user.save()
    secret = fresh_totp_secret()
    totp_add(
        actor=Actor(user_id=user.pk, name=user.full_name),
        user_id=user.pk,
        secret=secret,
        code=totp_code(secret, now=staff.county.now),
        now=staff.county.now,
    )
    AccessAttempt.objects.create(
        username=login, ip_address="198.51.100.7", failures_since_start=5, attempt_time=timezone.now()
    )


def recover(county, **wanted):
    return org.seats_recover(actor=CONSOLE, reason=WHY, now=county.now, **wanted)


@pytest.mark.req("T-75")
def test_all_three_get_a_link_each_and_nothing_of_the_old_way_in_is_left(staff, county):
    # given three administrators who cannot sign in any more
    for login in ("sysadmin", "secadmin", "auditadmin"):
        locked_out(staff, login)
    User.objects.filter(username="auditadmin").update(is_active=False)

    # when the host lets them in again
    invitations = recover(county, reopened=ALL_THREE)

    # then each seat has one link, and password, device and lock of before are gone
    assert [(each.kind, each.username) for each in invitations] == [
        ("system_admin", "sysadmin"),
        ("security_admin", "secadmin"),
        ("audit_admin", "auditadmin"),
    ]
    for login in ("sysadmin", "secadmin", "auditadmin"):
        user = User.objects.get(username=login)
        assert (user.is_active, user.has_usable_password(), iam.has_factor(user.pk)) == (True, False, False)
    assert AccessAttempt.objects.count() == 0
    assert org.missing_kinds() == []

    # and the link sets a password once
    iam.token_use(token=invitations[0].token, password=PASSWORD, now=county.now)
    with pytest.raises(NotFound):
        iam.token_use(token=invitations[0].token, password=PASSWORD, now=county.now)


@pytest.mark.req("T-75")
def test_the_record_says_who_why_and_what_was_before(staff, county):
    locked_out(staff, "secadmin")
    before = FactRecord.objects.count()
    recover(county, reopened=["security_admin"])

    rows = list(FactRecord.objects.order_by("id")[before:])
    assert [row.action for row in rows] == ["iam.user.reopened", "iam.user.token_issued", "org.seat.recovered"]
    assert {(row.actor_name, row.reason) for row in rows if row.action != "iam.user.token_issued"} == {
        ("编办主任（服务器 root）", WHY)
    }
    assert json.loads(rows[0].before) == {
        "factors": ["动态口令“动态口令”"],
        "failures": 5,
        "has_password": True,
        "is_active": True,
    }
    assert rows[2].subject_label == "安全管理员"
    assert json.loads(rows[2].after) == {"reopened": ["安守"]}
    told = set(Notice.objects.filter(text__contains="恢复了三员：安全管理员安守").values_list("to_user_id", flat=True))
    assert told == {county.users[login] for login in ("sysadmin", "secadmin", "auditadmin")}


def test_a_vacant_seat_is_taken_by_a_newcomer_and_a_person_gone_is_followed(staff, county):
    # given nobody in the seat of the security administrator
    AdministratorSeat.objects.filter(kind="security_admin").delete()
    assert org.missing_kinds() == ["security_admin"]
    with pytest.raises(WrongState) as vacant:
        recover(county, reopened=["security_admin"])
    assert vacant.value.code == "seat_vacant"

    # when a newcomer takes it, and another follows the audit administrator who has left
    recover(
        county,
        replaced={
            "security_admin": org.Newcomer("weihu", "卫护"),
            "audit_admin": org.Newcomer("hecha", "核查"),
        },
    )

    # then the seats are held by them alone and the old term has ended
    assert dict(AdministratorSeat.objects.values_list("user__username", "kind")) == {
        "sysadmin": "system_admin",
        "weihu": "security_admin",
        "hecha": "audit_admin",
    }
    newcomer = User.objects.get(username="weihu")
    assert org.actor_for_user(newcomer.pk, on=county.today).roles == {"security_admin"}
    assert Appointment.objects.get(user_id=county.users["auditadmin"]).valid_to == county.today
    assert county.actor("auditadmin").roles == frozenset()


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({}, "seat_nobody"),
        ({"reopened": ["drafter"]}, "seat_unknown"),
        ({"reopened": ["audit_admin"], "replaced": {"audit_admin": org.Newcomer("x", "某")}}, "seat_twice"),
        ({"replaced": {"audit_admin": org.Newcomer("drafter", "另一个名字")}}, "seat_other_person"),
        ({"replaced": {"audit_admin": org.Newcomer("second", "安守")}}, "administrators_exclusive"),
        ({"replaced": {"audit_admin": org.Newcomer("secadmin", "安守")}}, "administrators_exclusive"),
    ],
)
def test_what_is_refused_changes_nothing_and_leaves_no_fact(staff, county, wanted, code):
    seats, facts = sorted(AdministratorSeat.objects.values_list("user_id", "kind")), FactRecord.objects.count()
    with pytest.raises(DomainError) as refused:
        recover(county, **wanted)
    assert refused.value.code == code
    assert sorted(AdministratorSeat.objects.values_list("user_id", "kind")) == seats
    assert FactRecord.objects.count() == facts


def test_a_person_with_a_business_role_does_not_take_a_seat_this_way_either(staff, county):
    name = User.objects.get(username="drafter").full_name
    with pytest.raises(RulesNotMet) as refused:
        recover(county, replaced={"audit_admin": org.Newcomer("drafter", name)})
    assert refused.value.code == "administrators_exclusive"
    assert User.objects.get(username="drafter").is_active


def test_it_needs_the_host_a_reason_and_a_finished_first_start(staff, county):
    with pytest.raises(NotPermitted):
        org.seats_recover(actor=county.actor("sysadmin"), reopened=ALL_THREE, reason=WHY, now=county.now)
    with pytest.raises(RulesNotMet) as refused:
        org.seats_recover(actor=CONSOLE, reopened=ALL_THREE, reason=" ", now=county.now)
    assert refused.value.code == "reason_required"
    AdministratorSeat.objects.all().delete()
    with pytest.raises(WrongState) as early:
        recover(county, reopened=ALL_THREE)
    assert early.value.code == "not_set_up"


def run(*arguments: str, answer: str = ""):
    return CliRunner().invoke(app, ["recover", *arguments], input=answer)


def test_the_command_shows_the_seats_asks_first_and_seals_what_it_did(staff, county, settings, tmp_path):
    settings.QUANZE_ANCHOR_DIR = tmp_path
    shown = run()
    assert shown.exit_code == 0
    assert "audit_admin 审计管理员 审明（auditadmin） 没有第二因素" in shown.output

    said_no = run("--seat", "audit_admin", "--by", "编办主任", "--reason", WHY, answer="n\n")
    assert said_no.exit_code == 1
    assert FactRecord.objects.filter(action="org.seat.recovered").count() == 0

    done = run("--seat", "audit_admin", "--by", "编办主任", "--reason", WHY, "--yes")
    assert done.exit_code == 0, done.output
    assert len(re.findall(r"审计管理员 审明（auditadmin）：/account/setup/[\w-]{43}/", done.output)) == 1
    row = FactRecord.objects.get(action="org.seat.recovered")
    assert re.fullmatch(r"编办主任（服务器 .+）", row.actor_name)
    assert (tmp_path / "anchors.jsonl").exists()


def test_the_command_wants_a_name_and_a_person_written_whole(staff, county):
    assert isinstance(run("--seat", "audit_admin", "--reason", WHY, "--yes").exception, InvalidInput)
    assert isinstance(
        run("--replace", "audit_admin=hecha", "--by", "编办主任", "--reason", WHY, "--yes").exception, InvalidInput
    )
    assert AccessRecord.objects.count() == 0
