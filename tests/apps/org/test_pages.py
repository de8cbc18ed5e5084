"""人员与机构的页面：各管理员只见自己能办的，业务人员进不来。"""

import re
from datetime import timedelta

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from quanze.apps.org import public as org
from quanze.apps.org.models import Appointment, Body, Delegation, FirstStart, RoleChange
from quanze.base.audit.models import FactRecord
from quanze.base.iam import api_keys
from quanze.base.iam.models import User
from quanze.core.actor import SYSTEM

pytestmark = pytest.mark.django_db

KEEPER_PAGES = ["/staff/people/", "/staff/bodies/"]
THREE_PAGES = ["/staff/changes/", "/staff/seats/", "/staff/roles/"]


@pytest.fixture(autouse=True)
def _proved_lately(monkeypatch):
    """二次验证另有测试；这里当作刚验证过。"""
    monkeypatch.setattr("quanze.base.iam.step_up.is_fresh", lambda request: True)


def text(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize(
    ("login", "keeper", "three"),
    [
        ("sysadmin", 200, 200),
        ("secadmin", 200, 200),
        ("auditadmin", 403, 200),
        ("drafter", 403, 403),
        ("head", 403, 403),
    ],
)
def test_who_may_open_which_page(staff, client_of, login, keeper, three):
    client = client_of(login)
    assert {client.get(page).status_code for page in KEEPER_PAGES} == {keeper}
    assert {client.get(page).status_code for page in THREE_PAGES} == {three}
    assert client.get("/staff/delegations/").status_code == 200
    assert client.get("/staff/hand-overs/").status_code == 200


@pytest.mark.parametrize("login", ["sysadmin", "secadmin", "auditadmin"])
def test_none_of_the_three_opens_a_business_page(staff, county, client_of, login):
    county.draft()
    client = client_of(login)
    answers = {page: client.get(page) for page in ("/lists/", "/runs/", "/evaluations/")}
    assert {page: answer.status_code for page, answer in answers.items()} == dict.fromkeys(answers, 403)
    assert "电鱼方法" not in text(client.get("/search/?q=电鱼"))


def test_the_list_of_people_is_searched_filtered_paged_and_exported(staff, county, client_of):
    client = client_of("sysadmin")
    assert "陈耕" in text(client.get("/staff/people/"))
    found = text(client.get("/staff/people/", {"q": "陈耕"}))
    assert "陈耕" in found and "苗青" not in found
    found = text(client.get("/staff/people/", {"role": "justice"}))
    assert "秦正" in found and "陈耕" not in found
    found = text(client.get("/staff/people/", {"body": county.bodies["QH-LY"]}))
    assert "林深" in found and "陈耕" not in found
    assert "没有符合条件的人" in text(client.get("/staff/people/", {"state": "disabled"}))
    for number in range(60):
        staff.person(f"clerk{number:02}", f"科员{number:02}")
    first = text(client.get("/staff/people/", {"q": "科员"}))
    address = re.search(r'href="(\?[^"]*cursor=[^"]+)"', first).group(1).replace("&amp;", "&")
    assert "科员49" in first and "科员50" not in first
    assert "科员50" in text(client.get("/staff/people/" + address))
    export = client.get("/staff/people/", {"export": "xlsx", "role": "justice"})
    assert export["Content-Type"].startswith("application/vnd.openxmlformats")


def test_a_newcomer_gets_account_link_post_and_role_from_two_administrators(staff, county, client_of):
    system, security = client_of("sysadmin"), client_of("secadmin")
    # given an account without a password
    made = system.post("/staff/people/create/", {"full_name": "新人", "username": "xinren"})
    user = User.objects.get(username="xinren")
    assert made["Location"] == f"/staff/people/{user.pk}/"
    assert not user.has_usable_password()
    # a link that is shown once
    page = text(system.post(f"/staff/people/{user.pk}/link/"))
    assert re.search(r"/account/setup/[\w-]{20,}/", page)
    assert "/account/setup/" not in text(system.get(f"/staff/people/{user.pk}/"))
    # a post without roles
    system.post(
        f"/staff/people/{user.pk}/appointments/create/",
        {"body": county.bodies["QH-NY"], "post": "科员", "valid_from": timezone.localdate().isoformat()},
    )
    post = Appointment.objects.get(user=user)
    assert post.roles.count() == 0
    # the security administrator asks, the system administrator confirms
    asked = security.post(
        f"/staff/appointments/{post.pk}/roles/request/",
        {"roles": ["drafter"], "scope": "own", "reason": "任职文件", "seen_version": 1},
    )
    change = RoleChange.objects.get()
    assert asked["Location"] == f"/staff/changes/{change.pk}/"
    assert "确认变更" not in text(security.get(f"/staff/changes/{change.pk}/"))
    assert "确认变更" in text(system.get(f"/staff/changes/{change.pk}/"))
    done = system.post(f"/staff/changes/{change.pk}/decide/", {"verb": "confirm", "seen_version": 1})
    assert done.status_code == 303
    assert list(post.roles.values_list("role", flat=True)) == ["drafter"]
    page = text(system.get(f"/staff/people/{user.pk}/"))
    assert "确认角色变更" in page and "建立账号" in page


def test_the_security_administrator_creates_nothing_and_the_system_administrator_unlocks_nothing(
    staff, county, client_of
):
    system, security = client_of("sysadmin"), client_of("secadmin")
    user_id = county.users["drafter"]
    before = User.objects.count()
    assert security.post("/staff/people/create/", {"full_name": "x", "username": "x"}).status_code == 403
    assert security.post(f"/staff/people/{user_id}/link/").status_code == 403
    assert security.post(f"/staff/people/{user_id}/disable/", {"reason": "x"}).status_code == 403
    assert security.post("/staff/bodies/create/", {}).status_code == 403
    assert system.post(f"/staff/people/{user_id}/unlock/", {"reason": "x"}).status_code == 403
    assert system.post(f"/staff/people/{user_id}/sessions/end/", {"reason": "x"}).status_code == 403
    assert User.objects.count() == before
    assert User.objects.get(pk=user_id).is_active


def test_the_last_administrators_account_is_not_disabled(staff, county, client_of):
    staff.person("second", "二管", "QH-BB", ("system_admin",))
    client = client_of("second")
    response = client.post(
        f"/staff/people/{county.users['auditadmin']}/disable/", {"reason": "调离", "seen_version": 1}
    )
    assert response.status_code == 422
    assert "最后一位审计管理员" in text(response)
    assert User.objects.get(pk=county.users["auditadmin"]).is_active


def test_an_update_says_which_version_it_saw(staff, county, client_of):
    client = client_of("sysadmin")
    body = Body.objects.get(pk=county.bodies["QH-NY"])
    given = {"name": body.name, "short_name": "农业局", "document_mark": body.document_mark}
    assert client.post(f"/staff/bodies/{body.pk}/change/", given).status_code == 428
    assert client.post(f"/staff/bodies/{body.pk}/change/", given | {"seen_version": 1}).status_code == 303
    assert client.post(f"/staff/bodies/{body.pk}/change/", given | {"seen_version": 1}).status_code == 409
    assert Body.objects.get(pk=body.pk).short_name == "农业局"


def test_bodies_divisions_and_posts_are_kept_by_the_system_administrator(staff, county, client_of):
    client = client_of("sysadmin")
    made = client.post(
        "/staff/bodies/create/",
        {"name": "青禾县水务局", "code": "QH-SL", "kind": "government", "region": "990100", "valid_from": "2026-01-01",
         "parent": county.bodies["QH-ZF"]},
    )  # fmt: skip
    body = Body.objects.get(code="QH-SL")
    assert made["Location"] == f"/staff/bodies/{body.pk}/"
    client.post(
        f"/staff/bodies/{body.pk}/divisions/create/", {"name": "河道科", "code": "hd", "valid_from": "2026-01-01"}
    )
    division = body.divisions.get()
    client.post(f"/staff/bodies/{body.pk}/posts/create/", {"name": "河道管理员", "division": division.pk})
    page = text(client.get(f"/staff/bodies/{body.pk}/"))
    assert "河道科" in page and "河道管理员" in page
    assert org.subtree(county.bodies["QH-ZF"], on=timezone.localdate()) >= {body.pk}
    again = client.post(
        "/staff/bodies/create/",
        {"name": "又一个", "code": "QH-SL", "kind": "government", "region": "990100", "valid_from": "2026-01-01"},
    )
    assert again.status_code == 422 and "已被使用" in text(again)


def test_a_deputy_is_set_by_oneself_switched_to_and_ended(staff, county, client_of):
    head, legal = client_of("head"), client_of("legal")
    today = timezone.localdate()
    response = head.post(
        "/staff/delegations/create/",
        {
            "appointment": staff.post_of("head").pk,
            "deputy": county.users["legal"],
            "roles": ["head"],
            "valid_from": today.isoformat(),
            "last_day": (today + timedelta(days=3)).isoformat(),
            "reason": "外出学习",
        },
    )
    assert response["Location"] == "/staff/delegations/"
    row = Delegation.objects.get()
    assert row.valid_to == today + timedelta(days=4)
    assert f"代{'郑重'}：" in text(legal.get("/staff/delegations/"))
    legal.post("/account/appointment/", {"appointment": f"d{row.pk}", "next": "/staff/delegations/"})
    assert "方衡（代郑重）" in text(legal.get("/staff/delegations/"))
    legal.post(f"/staff/delegations/{row.pk}/end/", {"reason": "本人已返岗", "seen_version": 1})
    assert Delegation.objects.get().state == "ended"
    assert "方衡（代郑重）" not in text(legal.get("/staff/delegations/"))
    # somebody who is not concerned sees no such delegation
    other = client_of("drafter2")
    assert "郑重" not in text(other.get("/staff/delegations/"))
    assert other.post(f"/staff/delegations/{row.pk}/end/", {"reason": "x", "seen_version": 2}).status_code == 404


def test_a_hand_over_page_shows_names_to_the_person_and_only_counts_to_the_administrator(staff, county, client_of):
    county.draft()
    user_id = county.users["drafter"]
    own = text(client_of("drafter").get(f"/staff/people/{user_id}/hand-over/"))
    assert "电鱼" in own
    admin = client_of("sysadmin")
    page = text(admin.get(f"/staff/people/{user_id}/hand-over/"))
    assert "草稿（2 件）" in page and "电鱼" not in page
    assert client_of("forestry").get(f"/staff/people/{user_id}/hand-over/").status_code == 404
    done = admin.post(
        f"/staff/people/{user_id}/hand-over/make/", {"to_user": county.users["drafter2"], "reason": "调离"}
    )
    assert done.status_code == 303
    assert "电鱼" not in text(admin.get(done["Location"]))
    assert "电鱼" in text(client_of("drafter2").get(done["Location"]))
    assert client_of("forestry").get(done["Location"]).status_code == 404


SETUP = {
    "region_name": "云泽市", "region_code": "990000", "region_level": "city", "body_name": "市委编办",
    "system_admin_username": "xitong", "system_admin_full_name": "系一",
    "security_admin_username": "anquan", "security_admin_full_name": "安二",
    "audit_admin_username": "shenji", "audit_admin_full_name": "审三",
}  # fmt: skip


@override_settings(QUANZE_ASKS_FIRST_START=True)
def test_an_empty_system_shows_only_the_first_start_and_afterwards_never_again():
    client = Client()
    for page in ("/", "/login/", "/public/", "/lists/", "/staff/"):
        assert client.get(page)["Location"] == "/setup/"
    assert client.get("/api/v1/lists").status_code == 503
    assert client.get("/healthz").status_code == 200
    assert "首次设置" in text(client.get("/setup/"))

    wrong = client.post("/setup/", SETUP | {"token": "guessed"})
    assert wrong.status_code == 422 and "设置令牌不对或已过期" in text(wrong)
    assert not User.objects.exists()

    token, _ = org.setup_token_issue(now=timezone.now())
    same = client.post("/setup/", SETUP | {"token": token, "audit_admin_full_name": "安二"})
    assert same.status_code == 422 and "三个人" in text(same)
    assert not User.objects.exists()

    done = client.post("/setup/", SETUP | {"token": token})
    assert done.status_code == 200
    assert len(set(re.findall(r"/account/setup/[\w-]{20,}/", text(done)))) == 3
    assert done["Cache-Control"].startswith("no-store")
    assert client.get("/setup/").status_code == client.post("/setup/", SETUP | {"token": token}).status_code == 404
    assert client.get("/login/").status_code == 200
    assert {org.seat_of(user.pk) for user in User.objects.all()} == org.ADMINISTRATORS
    assert not any(user.has_usable_password() for user in User.objects.all())
    assert FactRecord.objects.filter(action="org.setup.finished").count() == 1
    assert FirstStart.objects.get().token_digest == ""


def test_a_token_expires_is_replaced_by_the_next_and_refused_after_the_first_start(staff):
    from quanze.core.errors import WrongState

    with pytest.raises(WrongState):
        org.setup_token_issue(now=timezone.now())


def test_only_the_newest_token_works_and_only_for_a_day():
    from quanze.core.errors import InvalidInput

    now = timezone.now()
    first, _ = org.setup_token_issue(now=now)
    second, until = org.setup_token_issue(now=now)
    given = {
        "region_code": "990000", "region_name": "云泽市", "region_level": "city", "body_name": "市委编办",
        "administrators": {kind: org.Newcomer(kind, f"姓名{kind}") for kind in org.ADMINISTRATORS},
    }  # fmt: skip
    for token, moment in ((first, now), (second, until), ("", now)):
        with pytest.raises(InvalidInput) as caught:
            org.setup_finish(token=token, now=moment, **given)
        assert caught.value.code == "setup_token_invalid"
    assert len(org.setup_finish(token=second, now=until - timedelta(seconds=1), **given)) == 3


def test_the_first_start_works_on_the_console_too(capsys):
    from quanze.portal.cli import main

    assert main(["setup", "state"]) == 1
    args = ["--region-name", "云泽市", "--region-code", "990000", "--body-name", "市委编办"]
    for kind, name in (("system-admin", "a:甲"), ("security-admin", "b:乙"), ("audit-admin", "c:丙")):
        args += [f"--{kind}", name]
    assert main(["setup", "run", *args]) == 0
    assert capsys.readouterr().out.count("/account/setup/") == 3
    assert main(["setup", "state"]) == 0
    assert main(["setup", "token"]) == 2
    assert SYSTEM.user_id is None


def test_a_system_account_is_listed_gets_appointments_and_no_link(staff, county, client_of):
    client = client_of("sysadmin")
    user_id = api_keys.system_account_create(
        actor=county.actor("sysadmin"),
        username="hotline-api",
        full_name="热线系统",
        note="报送热线工单",
        now=county.now,
    )
    for query in ("?q=hotline", "?state=system"):
        assert "热线系统" in text(client.get(f"/staff/people/{query}"))
    assert "陈耕" not in text(client.get("/staff/people/?state=system"))
    page = text(client.get(f"/staff/people/{user_id}/"))
    assert "报送热线工单" in page
    assert "新建任职" in page
    assert f"/staff/people/{user_id}/link/" not in page
    assert client.post(f"/staff/people/{user_id}/link/").status_code == 409
    given = {"body": county.bodies["QH-NY"], "valid_from": "2026-11-01"}
    assert client.post(f"/staff/people/{user_id}/appointments/create/", given).status_code == 303
    assert Appointment.objects.get(user_id=user_id).body_id == county.bodies["QH-NY"]


def test_an_outsider_learns_nothing_from_the_errors_of_a_hand_over(staff, county, client_of):
    user_id, client = county.users["drafter"], client_of("forestry")
    for number in (user_id, 987654):
        for given in ({}, {"to_user": county.users["drafter2"], "reason": "试"}, {"to_user": 987654, "reason": "试"}):
            answer = client.post(f"/staff/people/{number}/hand-over/make/", given)
            assert answer.status_code == 404, (number, given)
