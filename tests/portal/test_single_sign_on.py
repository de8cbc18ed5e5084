"""单点登录，对着一个真的本机身份提供方（oidc-provider-mock，另一线程、真的网络请求、真的签名）。"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
import requests
from django.core.cache import cache
from django.test import Client
from oidc_provider_mock import User as Person
from oidc_provider_mock import run_server_in_thread

from quanze.base.audit.models import AccessRecord, FactRecord
from quanze.base.iam.models import User

pytestmark = pytest.mark.django_db
CALLBACK = "/login/single-sign-on/callback/"
PEOPLE = (
    Person(sub="s-001", claims={"preferred_username": "head", "name": "郑重"}),
    Person(sub="s-002", claims={"preferred_username": "nobody-here"}),
    Person(sub="s-003", claims={"preferred_username": "head"}),
    Person(sub="s-004", claims={}),
    Person(sub="s-005", claims={"preferred_username": ["head"]}),
    Person(sub="s-006", claims={"preferred_username": "sysadmin"}),
)


@pytest.fixture(scope="module")
def issuer():
    with run_server_in_thread(user_claims=PEOPLE, require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def switched_on(settings, issuer):
    cache.clear()
    settings.QUANZE_OIDC_ISSUER = issuer
    settings.QUANZE_OIDC_CLIENT_ID = "quanze"
    settings.QUANZE_OIDC_CLIENT_SECRET = "local-secret"
    settings.QUANZE_OIDC_NAME = "省统一身份认证"
    yield settings
    cache.clear()


@pytest.fixture
def browser(county, switched_on):
    return Client(SERVER_NAME="localhost")


def go(browser, next_url=""):
    """按下按钮：得到身份提供方的地址。"""
    answer = browser.get("/login/single-sign-on/", {"next": next_url} if next_url else {})
    assert answer.status_code == 302
    return answer["Location"]


def agree(address, subject):
    """在身份提供方选好是谁：得到送回本系统的地址。"""
    answer = requests.post(address, data={"sub": subject}, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def changed(address, **parameters):
    parts = urlsplit(address)
    query = {key: value for key, value in (dict(parse_qsl(parts.query)) | parameters).items() if value is not None}
    return urlunsplit(parts._replace(query=urlencode(query)))


def back(browser, address):
    """回到本系统。"""
    parts = urlsplit(address)
    return browser.get(f"{parts.path}?{parts.query}")


def sign_in(browser, subject, next_url=""):
    return back(browser, agree(go(browser, next_url), subject))


def is_in(browser):
    return browser.get("/jobs/").status_code == 200


def refused(browser, answer, words, detail):
    """没有登录，说了原因，记了一条。"""
    assert (answer.status_code, answer["Location"]) == (302, "/login/")
    page = browser.get("/login/").content.decode()
    assert words in page
    assert not is_in(browser)
    (row,) = AccessRecord.objects.filter(action="iam.single_sign_on.refused")
    assert (row.outcome, detail in row.detail) == ("refused", True), row.detail
    assert not AccessRecord.objects.filter(action="portal.signed_in").exists()


class TestOff:
    def test_there_is_no_button_and_no_address(self, county, monkeypatch):
        def no_connection(*args, **kwargs):
            raise AssertionError("an outgoing connection")

        monkeypatch.setattr(requests.Session, "send", no_connection)
        browser = Client()
        assert "single-sign-on" not in browser.get("/login/").content.decode()
        assert browser.get("/login/single-sign-on/").status_code == 404
        assert browser.get(CALLBACK, {"code": "x", "state": "y"}).status_code == 404
        assert browser.get("/login/single-sign-on/end/").status_code == 404


class TestSignedIn:
    def test_a_known_person_comes_in_where_he_wanted_to_go(self, browser):
        assert "用省统一身份认证登录" in browser.get("/login/").content.decode()
        answer = sign_in(browser, "s-001", "/jobs/")
        assert (answer.status_code, answer["Location"]) == (302, "/jobs/")
        assert is_in(browser)
        (row,) = AccessRecord.objects.filter(action="portal.signed_in")
        assert (row.actor_name, row.outcome, row.detail) == ("郑重", "signed_in", "单点登录")

    def test_the_request_carries_state_nonce_and_proof_key(self, browser):
        query = dict(parse_qsl(urlsplit(go(browser)).query))
        assert query["response_type"] == "code"
        assert query["redirect_uri"] == f"http://localhost{CALLBACK}"
        assert query["code_challenge_method"] == "S256"
        assert len(query["nonce"]) >= 32
        assert len(query["state"]) >= 16

    def test_it_is_enough_for_an_approver_and_not_for_an_administrator(self, browser, settings):
        settings.QUANZE_SECOND_FACTOR = "required_roles"
        sign_in(browser, "s-001")
        assert is_in(browser)
        other = Client(SERVER_NAME="localhost")
        sign_in(other, "s-006")
        assert other.get("/jobs/")["Location"] == "/account/second-factor/"

    def test_who_has_a_second_factor_of_his_own_is_asked_for_it(self, browser, county):
        from django.utils import timezone

        from quanze.base.iam import second_factor as factors

        actor, secret = county.actor("head"), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        now = timezone.now()
        codes = factors.totp_add(
            actor=actor, user_id=actor.user_id, secret=secret, code=factors.totp_code(secret, now=now), now=now
        )
        answer = sign_in(browser, "s-001", "/jobs/")
        assert answer["Location"] == "/login/second-factor/"
        assert not is_in(browser)
        assert browser.post("/login/second-factor/", {"code": codes[0]})["Location"] == "/jobs/"
        assert is_in(browser)

    def test_the_first_login_binds_and_keeps_no_personal_data(self, browser):
        from allauth.socialaccount.models import SocialAccount, SocialToken

        sign_in(browser, "s-001")
        row = SocialAccount.objects.get()
        assert (row.uid, row.user.username, row.extra_data) == ("s-001", "head", {})
        assert SocialToken.objects.count() == 0
        assert FactRecord.objects.filter(action="iam.single_sign_on.bound").count() == 1
        sign_in(Client(SERVER_NAME="localhost"), "s-001")
        assert FactRecord.objects.filter(action="iam.single_sign_on.bound").count() == 1

    def test_leaving_asks_whether_to_leave_there_too(self, browser, issuer):
        sign_in(browser, "s-001")
        answer = browser.post("/logout/")
        assert answer["Location"] == "/login/single-sign-on/ended/"
        assert not is_in(browser)
        assert "同时退出省统一身份认证" in browser.get("/login/single-sign-on/ended/").content.decode()
        target = browser.get("/login/single-sign-on/end/")["Location"]
        assert target.startswith(f"{issuer}/oauth2/end_session?")
        assert requests.get(target, timeout=10).status_code == 200


class TestRefused:
    def test_an_unknown_person_gets_no_account(self, browser):
        before = User.objects.count()
        answer = sign_in(browser, "s-002")
        refused(browser, answer, "没有与您的统一身份对应的账号", "preferred_username=nobody-here")
        assert User.objects.count() == before

    @pytest.mark.parametrize("subject", ["s-004", "s-005"])
    def test_without_a_proper_claim_nobody_is_guessed(self, browser, subject):
        refused(browser, sign_in(browser, subject), "没有与您的统一身份对应的账号", "没有对应的账号")

    def test_a_disabled_account_stays_shut(self, browser):
        User.objects.filter(username="head").update(is_active=False)
        refused(browser, sign_in(browser, "s-001"), "您在本系统的账号已停用", "账号已停用")

    def test_another_subject_under_the_same_name_does_not_take_over(self, browser):
        sign_in(Client(SERVER_NAME="localhost"), "s-001")
        answer = sign_in(browser, "s-003")
        assert answer["Location"] == "/login/"
        assert "与账号原来绑定的不一致" in browser.get("/login/").content.decode()
        assert not is_in(browser)

    def test_a_wrong_state_is_refused(self, browser):
        address = changed(agree(go(browser), "s-001"), state="made-up-elsewhere")
        refused(browser, back(browser, address), "没有通过核对", "state")

    def test_a_state_of_another_browser_is_refused(self, browser):
        address = agree(go(Client(SERVER_NAME="localhost")), "s-001")
        refused(browser, back(browser, address), "没有通过核对", "state")

    def test_an_answer_is_not_taken_twice(self, browser):
        address = agree(go(browser), "s-001")
        assert back(browser, address)["Location"] == "/"
        other = Client(SERVER_NAME="localhost")
        assert back(other, address)["Location"] == "/login/"
        browser.post("/logout/")
        assert back(browser, address)["Location"] == "/login/"
        assert not is_in(browser)

    def test_a_wrong_nonce_is_refused(self, browser):
        address = agree(changed(go(browser), nonce="nonce-of-somebody-else"), "s-001")
        refused(browser, back(browser, address), "没有通过核对", "nonce")

    def test_a_token_signed_by_another_key_is_refused(self, browser, issuer, monkeypatch):
        from quanze.base.iam import single_sign_on

        with run_server_in_thread() as other:
            found = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=10).json()
            found["jwks_uri"] = f"http://localhost:{other.server_port}/jwks"
            cache.set(f"quanze.oidc.{issuer}", found)
            address = agree(go(browser), "s-001")
            refused(browser, back(browser, address), "没有通过核对", "OAuth2Error")
        assert single_sign_on.is_on()

    def test_an_issuer_that_calls_itself_otherwise_is_refused(self, browser, settings, issuer):
        settings.QUANZE_OIDC_ISSUER = f"{issuer}/.well-known/openid-configuration"
        refused(browser, browser.get("/login/single-sign-on/"), "暂时连不上", "issuer 与设置的不同")

    def test_an_issuer_that_is_away_leaves_the_password(self, browser, settings, county):
        settings.QUANZE_OIDC_ISSUER = "http://localhost:9"
        refused(browser, browser.get("/login/single-sign-on/"), "暂时连不上", "ConnectionError")
        browser.post("/login/", {"username": "drafter", "password": county.password})
        assert is_in(browser)

    def test_who_cancels_there_is_back_here(self, browser):
        answer = requests.post(go(browser), data={"action": "deny"}, allow_redirects=False, timeout=10)
        address = changed(answer.headers["Location"], state=dict(parse_qsl(urlsplit(go(browser)).query))["state"])
        refused(browser, back(browser, address), "已取消", "取消")
