"""账号的页面：修改口令、开通链接、登录情况、口令到期、登录过期时填写的内容不丢。"""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from quanze.base.audit.models import AccessRecord, FactRecord
from quanze.base.iam import public as iam
from quanze.base.iam.models import LoginSession, User
from quanze.base.web import resuming
from quanze.core.actor import SYSTEM

pytestmark = pytest.mark.django_db
COOKIE = settings.SESSION_COOKIE_NAME
NEW = "一段很长的新口令-2026"


def sign_in(county, login="drafter", **given):
    client = Client(HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36")
    response = client.post("/login/", {"username": login, "password": county.password, **given})
    assert response.status_code == 302
    return client, response


def change(client, old, new=NEW, again=None):
    return client.post("/account/password/", {"old_password": old, "new_password": new, "again": again or new})


def leave_alone(client):
    """没有操作，直到过期。"""
    key = client.cookies[COOKIE].value
    LoginSession.objects.filter(session_key=key).update(last_seen_at=timezone.now() - timedelta(hours=1))


class TestPassword:
    def test_it_is_changed_recorded_without_it_and_only_this_place_stays_in(self, county):
        here, _ = sign_in(county)
        there, _ = sign_in(county)
        before = here.cookies[COOKIE].value
        response = change(here, county.password)
        assert (response.status_code, response["Location"]) == (303, "/account/")
        assert here.cookies[COOKIE].value != before
        assert "您在其他地方的登录已退出" in here.get("/account/").content.decode()
        ended = there.get("/jobs/")
        assert (ended.status_code, ended["Location"]) == (302, "/login/?next=/jobs/&ended=password")
        assert User.objects.get(username="drafter").check_password(NEW)
        fact = FactRecord.objects.get(action="iam.user.password_changed")
        assert (fact.actor_name, fact.subject_label, fact.actor_body_name) == ("陈耕", "陈耕", "青禾县农业农村局")
        assert NEW not in f"{fact.before}{fact.after}{fact.reason}"

    @pytest.mark.parametrize(
        ("old", "new", "again", "words"),
        [
            ("wrong", NEW, NEW, "现在的口令不对"),
            (None, "short", "short", "至少要 12 位，请加长"),
            (None, "123456789012345", "123456789012345", "口令只有一类字符，须有三类"),
            (None, NEW, NEW + "x", "两次输入的新口令不一样"),
            (None, "Luhua-drafter-7", "Luhua-drafter-7", "口令含有“drafter”，容易被猜到，请去掉"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field_and_nothing_changes(self, county, old, new, again, words):
        client, _ = sign_in(county)
        response = change(client, old or county.password, new, again)
        assert response.status_code == 422
        assert words in response.content.decode()
        assert User.objects.get(username="drafter").check_password(county.password)
        assert not FactRecord.objects.filter(action="iam.user.password_changed").exists()

    def test_an_expired_one_must_be_changed_before_anything_else(self, county):
        User.objects.filter(username="drafter").update(password_set_at=timezone.now() - timedelta(days=91))
        client, _ = sign_in(county)
        for address in ("/", "/lists/", "/account/"):
            assert client.get(address)["Location"] == "/account/password/"
        assert client.get("/", HTTP_HX_REQUEST="true")["HX-Redirect"] == "/account/password/"
        answer = client.get("/", HTTP_ACCEPT="application/json")
        assert (answer.status_code, answer.json()["code"]) == (403, "password_expired")
        assert "口令已到期" in client.get("/account/password/").content.decode()
        assert change(client, county.password).status_code == 303
        assert client.get("/").status_code == 200

    def test_the_end_is_announced_a_week_ahead(self, county):
        User.objects.filter(username="drafter").update(password_set_at=timezone.now() - timedelta(days=85))
        client, _ = sign_in(county)
        assert "口令还有 5 天到期，请及时修改。" in client.get("/").content.decode()


class TestSetupLink:
    @pytest.fixture
    def link(self, county):
        user = iam.user_create(actor=SYSTEM, username="xinlai", full_name="辛来", now=timezone.now())
        return iam.token_issue(actor=SYSTEM, user_id=user.id, now=timezone.now())

    def test_a_new_person_chooses_a_password_and_signs_in(self, link):
        client = Client()
        response = client.get(f"/account/setup/{link.token}/", follow=True)
        # the link does not stay in the address
        assert response.redirect_chain == [("/account/setup/", 302)]
        html = response.content.decode()
        assert "辛来，您好" in html
        assert link.token not in html
        assert "no-store" in response["Cache-Control"]
        response = client.post("/account/setup/", {"new_password": NEW, "again": NEW})
        assert (response.status_code, response["Location"]) == (302, "/login/")
        assert client.post("/login/", {"username": "xinlai", "password": NEW}).status_code == 302
        assert FactRecord.objects.filter(action="iam.user.password_set", actor_name="辛来").count() == 1

    def test_looking_at_the_link_does_not_use_it_up(self, link):
        for _ in range(3):
            assert Client().get(f"/account/setup/{link.token}/", follow=True).status_code == 200

    def test_a_used_unknown_or_expired_link_says_what_to_do(self, link):
        iam.token_use(token=link.token, password=NEW, now=timezone.now())
        pages = set()
        for token in (link.token, "no-such-link"):
            response = Client().get(f"/account/setup/{token}/", follow=True)
            assert response.status_code == 404
            pages.add(response.content.decode())
        assert "请联系本单位系统管理员重新发放" in pages.pop()
        assert not pages

    def test_a_weak_password_is_explained_and_the_link_still_works(self, link):
        client = Client()
        client.get(f"/account/setup/{link.token}/")
        response = client.post("/account/setup/", {"new_password": "short", "again": "short"})
        assert response.status_code == 422
        assert "至少要 12 位，请加长" in response.content.decode()
        assert client.post("/account/setup/", {"new_password": NEW, "again": NEW}).status_code == 302

    def test_whoever_used_the_browser_before_is_signed_out(self, county, link):
        client, _ = sign_in(county)
        client.get(f"/account/setup/{link.token}/")
        client.post("/account/setup/", {"new_password": NEW, "again": NEW})
        assert client.get("/").status_code == 302


class TestDevices:
    def test_the_page_lists_the_places_and_one_is_ended(self, county):
        here, _ = sign_in(county)
        there, _ = sign_in(county)
        html = here.get("/account/").content.decode()
        assert html.count("Chrome 120 · Windows</strong>") == 2
        assert html.count("现在这一处") == 1
        assert all(client.cookies[COOKIE].value not in html for client in (here, there))
        handle = LoginSession.objects.get(session_key=there.cookies[COOKIE].value).handle
        assert here.post(f"/account/sessions/{handle}/end/").status_code == 303
        assert there.get("/")["Location"] == "/login/?next=/&ended=revoked"
        assert "已在“账号安全”页被退出" in there.get("/login/?next=/&ended=revoked").content.decode()

    def test_all_others_are_ended_at_once(self, county):
        here, _ = sign_in(county)
        others = [sign_in(county)[0] for _ in range(2)]
        assert here.post("/account/sessions/others/end/").status_code == 303
        assert here.get("/").status_code == 200
        assert [client.get("/").status_code for client in others] == [302, 302]

    def test_the_session_of_another_answers_like_none(self, county):
        theirs, _ = sign_in(county, "head")
        handle = LoginSession.objects.get(session_key=theirs.cookies[COOKIE].value).handle
        here, _ = sign_in(county)
        assert here.post(f"/account/sessions/{handle}/end/").status_code == 404
        assert theirs.get("/").status_code == 200

    def test_signing_in_and_out_are_recorded_with_the_address(self, county):
        client, _ = sign_in(county)
        client.post("/logout/")
        rows = AccessRecord.objects.order_by("id").values_list("action", "outcome", "actor_name", "client_address")
        assert list(rows) == [
            ("portal.signed_in", "signed_in", "陈耕", "127.0.0.1"),
            ("portal.signed_out", "signed_out", "陈耕", "127.0.0.1"),
        ]
        assert not LoginSession.objects.filter(user__isnull=False).exists()


class TestExpiredForm:
    TEXT = "拟将第三项“水产苗种生产许可”的承诺时限调为十个工作日"

    def test_what_was_typed_is_shown_kept_and_sent_after_signing_in(self, county):
        client, _ = sign_in(county)
        leave_alone(client)
        form = {"q": self.TEXT, "number": ["1", "2"], "old_password": "secret-of-mine"}
        response = client.post("/messages/read/?from=desk", form)
        html = response.content.decode()
        assert response.status_code == 401
        assert "刚才的提交没有办理" in html
        assert self.TEXT in html
        assert "secret-of-mine" not in html
        resume = re.search(r'name="resume" value="([^"]+)"', html)[1]
        _, response = sign_in(county, resume=resume)
        assert response["Location"] == "/account/resume/"
        client, _ = sign_in(county, resume=resume)
        html = client.get("/account/resume/").content.decode()
        assert 'action="/messages/read/?from=desk"' in html
        assert html.count('<input type="hidden" name="number"') == 2
        assert "secret-of-mine" not in html

    def test_what_one_person_typed_is_not_handed_to_another(self, county):
        client, _ = sign_in(county)
        leave_alone(client)
        html = client.post("/messages/read/", {"q": self.TEXT}).content.decode()
        resume = re.search(r'name="resume" value="([^"]+)"', html)[1]
        other, _ = sign_in(county, "head", resume=resume)
        html = other.get("/account/resume/").content.decode()
        assert self.TEXT not in html
        assert "没有要接着提交的内容" in html

    def test_a_forged_form_is_not_carried_along(self, county):
        _, response = sign_in(county, resume="forged:text")
        assert response["Location"] == "/"

    def test_fragments_and_saving_in_the_background_leave_the_page_as_it_is(self, county):
        client, _ = sign_in(county)
        leave_alone(client)
        key = client.cookies[COOKIE].value
        response = client.post("/messages/read/", HTTP_HX_REQUEST="true")
        assert (response.status_code, response["HX-Retarget"]) == (401, "#toasts")
        assert "您填写的内容还在页面上" in response.content.decode()
        client.cookies[COOKIE] = key
        response = client.post("/messages/read/", HTTP_ACCEPT="application/json")
        assert (response.status_code, response.json()["code"]) == (401, "signed_out")

    def test_reading_leads_to_the_login_page_and_back(self, county):
        client, _ = sign_in(county)
        leave_alone(client)
        key = client.cookies[COOKIE].value
        response = client.get(
            "/jobs/1/progress/", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL="http://testserver/jobs/"
        )
        assert (response.status_code, response["HX-Redirect"]) == (204, "/login/?next=/jobs/&ended=idle")
        client.cookies[COOKIE] = key
        assert client.get("/jobs/")["Location"] == "/login/?next=/jobs/&ended=idle"

    def test_a_very_long_text_is_shown_to_be_copied(self, county):
        client, _ = sign_in(county)
        leave_alone(client)
        html = client.post("/messages/read/", {"q": "长" * (resuming.LARGEST + 1)}).content.decode()
        assert "请先从下面抄走" in html
        assert 'name="resume"' not in html
