"""登录会话：新的密钥、无操作与最长时限、同时几处、退出某处、因故全部结束、少写库。"""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from quanze.base.audit.models import AccessRecord
from quanze.base.iam import public as iam
from quanze.base.iam.models import LoginSession, User
from quanze.base.iam.session_store import SessionStore
from quanze.core.errors import NotFound

pytestmark = pytest.mark.django_db
COOKIE = settings.SESSION_COOKIE_NAME


@pytest.fixture
def sign_in(county):
    """经登录页登录的浏览器。"""

    def enter(login, address="198.51.100.7", agent="Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36"):
        client = Client(REMOTE_ADDR=address, HTTP_USER_AGENT=agent)
        response = client.post("/login/", {"username": login, "password": county.password})
        assert response.status_code == 302, response.content.decode()[:300]
        return client

    return enter


def row_of(client):
    return LoginSession.objects.get(session_key=client.cookies[COOKIE].value)


def is_in(client):
    return client.get("/account/token/").status_code == 200


def age(client, **columns):
    """把会话的时间往前拨。"""
    back = {name: getattr(row_of(client), name) - span for name, span in columns.items()}
    LoginSession.objects.filter(session_key=client.cookies[COOKIE].value).update(**back)


def test_a_login_gets_a_new_key_and_the_old_one_opens_nothing(county):
    client = Client()
    visitor = client.session
    visitor["planted"] = "by somebody else"
    visitor.save()
    client.cookies[COOKIE] = visitor.session_key
    client.post("/login/", {"username": "drafter", "password": county.password})
    assert client.cookies[COOKIE].value != visitor.session_key
    assert not LoginSession.objects.filter(session_key=visitor.session_key).exists()
    planted = Client()
    planted.cookies[COOKIE] = visitor.session_key
    assert not is_in(planted)


@pytest.mark.parametrize(
    ("login", "minutes", "most"), [("sysadmin", 15, 1), ("head", 15, 3), ("legal", 15, 3), ("drafter", 30, 3)]
)
def test_the_figures_follow_what_a_person_may_do(sign_in, login, minutes, most):
    row = row_of(sign_in(login))
    assert row.idle_seconds == minutes * 60
    assert row.expire_date - row.started_at == timedelta(hours=8)
    first = row.session_key
    for _ in range(most):
        sign_in(login)
    ended = LoginSession.objects.get(session_key=first)
    assert ended.ended_reason == "replaced"
    open_rows = LoginSession.objects.filter(user__username=login, ended_reason="")
    assert open_rows.count() == most
    note = AccessRecord.objects.filter(action="iam.session.revoked").order_by("id").first()
    assert f"超出 {most} 处，退出最早的：Chrome 120 · Windows，198.51.100.7" in note.detail


@pytest.mark.parametrize(("idle", "inside"), [(29, True), (31, False)])
def test_a_session_left_alone_ends(sign_in, idle, inside):
    client = sign_in("drafter")
    age(client, last_seen_at=timedelta(minutes=idle))
    key = client.cookies[COOKIE].value
    assert is_in(client) is inside
    assert (LoginSession.objects.get(session_key=key).ended_reason == "idle") is not inside


def test_work_keeps_a_session_alive_but_not_longer_than_eight_hours(sign_in):
    client = sign_in("drafter")
    age(client, last_seen_at=timedelta(minutes=20))
    assert is_in(client)
    age(client, last_seen_at=timedelta(minutes=20))
    assert is_in(client)
    age(client, expire_date=timedelta(hours=8))
    key = client.cookies[COOKIE].value
    assert not is_in(client)
    row = LoginSession.objects.get(session_key=key)
    assert (row.ended_reason, row.session_data) == ("absolute", "")


def test_changing_something_in_a_session_does_not_move_its_end(sign_in):
    client = sign_in("drafter")
    ends = row_of(client).expire_date
    session = client.session
    session["anything"] = 1
    session.save()
    assert row_of(client).expire_date == ends


def test_a_screen_that_asks_by_itself_is_nobodys_activity(sign_in):
    client = sign_in("drafter")
    age(client, last_seen_at=timedelta(minutes=10))
    before = row_of(client).last_seen_at
    client.get("/jobs/1/progress/")
    assert row_of(client).last_seen_at == before
    client.get("/jobs/")
    assert row_of(client).last_seen_at > before


def test_looking_around_writes_at_most_once_a_minute_and_asks_nothing_more(sign_in):
    client = sign_in("drafter")

    def queries():
        with CaptureQueriesContext(connection) as seen:
            client.get("/account/token/")
        return [each["sql"] for each in seen.captured_queries if "iam_loginsession" in each["sql"]]

    assert [sql.split()[0] for sql in queries()] == ["SELECT"]
    age(client, last_seen_at=timedelta(seconds=61))
    assert [sql.split()[0] for sql in queries()] == ["SELECT", "UPDATE"]
    assert [sql.split()[0] for sql in queries()] == ["SELECT"]


def test_a_person_sees_the_own_sessions_and_ends_one(sign_in, county):
    here, there = (
        sign_in("drafter"),
        sign_in("drafter", address="203.0.113.9", agent="Mozilla/5.0 (Android) Firefox/119.0"),
    )
    sign_in("head")
    me = county.actor("drafter")
    views = iam.sessions_of(actor=me, present_key=here.cookies[COOKIE].value, now=timezone.now())
    assert [(view.is_present, view.device, view.address) for view in views] == [
        (True, "Chrome 120 · Windows", "198.51.100.7"),
        (False, "Firefox 119 · 安卓", "203.0.113.9"),
    ]
    iam.session_revoke(actor=me, handle=views[1].handle, now=timezone.now())
    assert is_in(here)
    assert not is_in(there)
    row = AccessRecord.objects.get(action="iam.session.revoked")
    assert (row.actor_name, row.outcome) == ("陈耕", "signed_out")
    assert "Firefox 119 · 安卓，203.0.113.9" in row.detail


def test_nobody_ends_the_session_of_another_and_cannot_tell_that_it_exists(sign_in, county):
    theirs = row_of(sign_in("head")).handle
    me = county.actor("drafter")
    said = set()
    for handle in (theirs, "0" * 16):
        with pytest.raises(NotFound) as caught:
            iam.session_revoke(actor=me, handle=handle, now=timezone.now())
        said.add(str(caught.value))
    assert len(said) == 1


def test_all_sessions_end_with_a_reason_and_the_keys_open_nothing(sign_in, county):
    clients = [sign_in("drafter"), sign_in("drafter")]
    assert iam.sessions_end(county.users["drafter"], "roles", now=timezone.now()) == 2
    assert not any(is_in(client) for client in clients)
    assert iam.sessions_end(county.users["drafter"], "roles", now=timezone.now()) == 0
    with pytest.raises(LookupError):
        iam.sessions_end(county.users["drafter"], "no such reason", now=timezone.now())


def test_a_request_under_way_does_not_bring_an_ended_session_back(sign_in, county):
    client = sign_in("drafter")
    under_way = SessionStore(client.cookies[COOKIE].value)
    assert under_way["_auth_user_id"]
    iam.sessions_end(county.users["drafter"], "disabled", now=timezone.now())
    under_way["late"] = 1
    under_way.save()
    row = LoginSession.objects.get(session_key=client.cookies[COOKIE].value)
    assert (row.ended_reason, row.session_data) == ("disabled", "")
    assert not is_in(client)


def test_a_login_remembers_the_one_before_and_the_failures_since(county, sign_in):
    sign_in("drafter", address="203.0.113.9")
    for _ in range(2):
        Client().post("/login/", {"username": "drafter", "password": "wrong"})
    html = sign_in("drafter").get("/").content.decode()
    assert "来自 203.0.113.9。其后有 2 次失败的登录；如不是您本人，请修改口令并告知安全管理员。" in html
    user = User.objects.get(username="drafter")
    assert (user.failures_before, user.failures_since, user.before_from) == (2, 0, "203.0.113.9")


def test_old_rows_are_cleared_away(sign_in):
    client = sign_in("drafter")
    Client().get("/login/")
    SessionStore.clear_expired()
    assert is_in(client)
    age(client, expire_date=timedelta(days=8))
    SessionStore.clear_expired()
    assert not LoginSession.objects.filter(user__isnull=False).exists()
