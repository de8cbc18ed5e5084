"""第二因素的门：登录两步、岗位要求、二次验证，正反两面。"""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from quanze.apps.org import public as org
from quanze.base.audit.models import AccessRecord, FactRecord
from quanze.base.iam import second_factor as factors
from quanze.portal.second_factor import demanded, satisfies
from security_key import SoftKey

pytestmark = pytest.mark.django_db
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def code_at(moment):
    return factors.totp_code(SECRET, now=moment)


@pytest.fixture
def clock(monkeypatch):
    """可拨动的钟：第二因素与二次验证都看它。"""

    class Clock:
        # The beginning of the present step: libraries that read the clock by themselves must not find another day.
        now = datetime.fromtimestamp(int(time.time()) // 30 * 30, UTC)

        def forward(self, **span):
            self.now += timedelta(**span)

    made = Clock()
    monkeypatch.setattr("django.utils.timezone.now", lambda: made.now)
    monkeypatch.setattr("time.time", lambda: made.now.timestamp())  # noqa: PLW0108  the clock moves
    return made


@pytest.fixture
def enrol(county, clock):
    """某人启用动态口令，返回恢复码；此后到下一个时间步。"""

    def do(login):
        actor = county.actor(login)
        codes = factors.totp_add(
            actor=actor, user_id=actor.user_id, secret=SECRET, code=code_at(clock.now), now=clock.now
        )
        clock.forward(seconds=60)
        return codes

    return do


def password(client, county, login, **more):
    return client.post("/login/", {"username": login, "password": county.password, **more})


def is_in(client):
    return client.get("/jobs/").status_code == 200


def seen(action):
    return list(AccessRecord.objects.filter(action=action))


class TestLogin:
    def test_the_password_alone_leaves_the_door_shut(self, county, enrol, clock):
        enrol("head")
        client = Client()
        answer = password(client, county, "head", next="/jobs/")
        assert (answer.status_code, answer["Location"]) == (302, "/login/second-factor/")
        assert not is_in(client)
        assert seen("portal.signed_in") == []
        # when the code follows, then he is in, where he wanted to go, and the record says how
        answer = client.post("/login/second-factor/", {"code": code_at(clock.now)})
        assert (answer.status_code, answer["Location"]) == (302, "/jobs/")
        assert is_in(client)
        (row,) = seen("portal.signed_in")
        assert (row.actor_name, row.outcome, row.detail) == ("郑重", "signed_in", "口令和动态口令")

    def test_wrong_code_and_used_code_are_refused_and_recorded(self, county, enrol, clock):
        enrol("head")
        first = Client()
        password(first, county, "head")
        first.post("/login/second-factor/", {"code": code_at(clock.now)})
        # given a code that has just been used elsewhere
        second = Client()
        password(second, county, "head")
        answer = second.post("/login/second-factor/", {"code": code_at(clock.now)})
        assert answer.status_code == 422
        assert "没有通过" in answer.content.decode()
        assert not is_in(second)
        (row,) = seen("iam.second_factor.failed")
        assert (row.actor_name, row.outcome) == ("郑重", "failed")

    def test_the_page_without_a_password_before_it_leads_back(self, county, enrol):
        enrol("head")
        assert Client().get("/login/second-factor/")["Location"] == "/login/"
        assert Client().post("/login/second-factor/", {"code": "123456"})["Location"] == "/login/"

    def test_five_minutes_later_the_password_is_asked_again(self, county, enrol, clock):
        enrol("head")
        client = Client()
        password(client, county, "head")
        clock.forward(minutes=6)
        assert client.post("/login/second-factor/", {"code": code_at(clock.now)})["Location"] == "/login/"
        assert not is_in(client)

    def test_an_account_disabled_between_the_steps_does_not_get_in(self, county, enrol, clock):
        from quanze.base.iam.models import User

        enrol("head")
        client = Client()
        password(client, county, "head")
        User.objects.filter(username="head").update(is_active=False)
        assert client.post("/login/second-factor/", {"code": code_at(clock.now)})["Location"] == "/login/"
        assert not is_in(client)

    def test_a_recovery_code_opens_once_and_is_recorded(self, county, enrol, clock):
        codes = enrol("head")
        client, again = Client(), Client()
        password(client, county, "head")
        assert client.post("/login/second-factor/", {"code": codes[0]})["Location"] == "/"
        password(again, county, "head")
        assert again.post("/login/second-factor/", {"code": codes[0]}).status_code == 422
        (row,) = seen("iam.recovery_code.used")
        assert row.detail == "还剩 9 个"

    def test_another_account_may_be_chosen(self, county, enrol):
        enrol("head")
        client = Client()
        password(client, county, "head")
        assert client.post("/login/second-factor/", {"cancel": "1"})["Location"] == "/login/"
        assert client.get("/login/second-factor/")["Location"] == "/login/"

    def test_wrong_codes_lock_the_account_like_wrong_passwords(self, county, enrol, clock, settings):
        settings.AXES_ENABLED = True
        enrol("head")
        client = Client()
        password(client, county, "head")
        for _ in range(5):
            client.post("/login/second-factor/", {"code": "000000"})
        # then neither the right code nor, in another browser, the right password helps
        answer = client.post("/login/second-factor/", {"code": code_at(clock.now)})
        assert answer.status_code in (302, 429)
        assert not is_in(client)
        assert password(Client(), county, "head").status_code == 429

    def test_without_a_second_factor_the_password_is_enough_where_none_is_demanded(self, county):
        client = Client()
        assert password(client, county, "drafter")["Location"] == "/"
        assert is_in(client)


class TestSecurityKey:
    def options(self, answer):
        text = answer.content.decode()
        return json.loads(text.split('id="security-key-options" type="application/json">')[1].split("</script>")[0])

    def register(self, client, key):
        page = client.get("/account/second-factor/key/")
        credential = key.register(self.options(page))
        return client.post("/account/second-factor/key/", {"name": "办公室密钥", "credential": json.dumps(credential)})

    @pytest.fixture
    def browser(self, county):
        client = Client(SERVER_NAME="localhost")
        password(client, county, "drafter")
        return client

    def test_a_key_is_registered_and_opens_the_next_login(self, county, browser):
        key = SoftKey()
        answer = self.register(browser, key)
        assert answer.status_code == 200
        assert "只显示这一次" in answer.content.decode()
        assert [each.name for each in factors.factors_of(county.users["drafter"])] == ["办公室密钥"]
        # when he comes again
        client = Client(SERVER_NAME="localhost")
        password(client, county, "drafter")
        page = client.get("/login/second-factor/")
        answer = client.post("/login/second-factor/", {"credential": json.dumps(key.sign(self.options(page)))})
        assert answer["Location"] == "/"
        assert seen("portal.signed_in")[-1].detail == "口令和安全密钥"

    @pytest.mark.parametrize("fault", ["another key", "another challenge", "another site", "no answer"])
    def test_what_is_not_this_key_for_this_question_is_refused(self, county, browser, fault):
        key = SoftKey()
        self.register(browser, key)
        client = Client(SERVER_NAME="localhost")
        password(client, county, "drafter")
        options = self.options(client.get("/login/second-factor/"))
        if fault == "another key":
            stranger = SoftKey()
            stranger.id = key.id
            credential = stranger.sign(options)
        elif fault == "another challenge":
            credential = key.sign(options, challenge="A" * 43)
        elif fault == "another site":
            key.origin = "https://elsewhere.example"
            credential = key.sign(options)
        else:
            credential = "x"
        answer = client.post("/login/second-factor/", {"credential": json.dumps(credential)})
        assert answer.status_code == 422
        assert not is_in(client)

    def test_an_answer_is_not_taken_twice(self, county, browser):
        key = SoftKey()
        self.register(browser, key)
        client = Client(SERVER_NAME="localhost")
        password(client, county, "drafter")
        credential = json.dumps(key.sign(self.options(client.get("/login/second-factor/"))))
        assert client.post("/login/second-factor/", {"credential": credential})["Location"] == "/"
        again = Client(SERVER_NAME="localhost")
        password(again, county, "drafter")
        assert again.post("/login/second-factor/", {"credential": credential}).status_code == 422


class TestDemand:
    def test_what_roles_demand_under_each_policy(self):
        table = {
            "required_roles": ("required", "sso_or_totp", ""),
            "administrators": ("required", "", ""),
            "everyone": ("required", "sso_or_totp", "sso_or_totp"),
            "off": ("", "", ""),
        }
        for policy, (administrator, approver, other) in table.items():
            assert demanded({"system_admin"}, policy) == administrator
            assert demanded({"drafter", "head"}, policy) == approver
            assert demanded({"drafter"}, policy) == other

    def test_single_sign_on_is_enough_for_approvers_and_not_for_administrators(self):
        assert satisfies("single_sign_on", "sso_or_totp")
        assert not satisfies("single_sign_on", "required")
        assert not satisfies("password", "sso_or_totp")
        for kind in ("totp", "webauthn", "recovery_codes"):
            assert satisfies(kind, "required")

    def test_who_must_and_has_none_can_do_nothing_but_enrol(self, county, clock, settings):
        settings.QUANZE_SECOND_FACTOR = "required_roles"
        client = Client()
        password(client, county, "head")
        for address in ("/", "/lists/", "/search/?q=x", "/jobs/"):
            answer = client.get(address)
            assert (answer.status_code, answer["Location"]) == (302, "/account/second-factor/"), address
        assert client.post("/messages/read/")["Location"] == "/account/second-factor/"
        answer = client.get("/api/v1/lists", headers={"accept": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_required")
        page = client.get("/account/second-factor/")
        assert "请先添加第二因素" in page.content.decode()
        # when he enrols, then the desk opens at once
        page = client.get("/account/second-factor/app/").content.decode()
        secret = page.split('<code class="code">')[1].split("</code>")[0].replace(" ", "")
        answer = client.post("/account/second-factor/app/", {"code": factors.totp_code(secret, now=clock.now)})
        assert answer.content.decode().count("<li><code>") == 10
        assert client.get("/jobs/").status_code == 200
        assert FactRecord.objects.filter(action="iam.second_factor.added").count() == 1

    def test_who_removes_his_last_factor_is_led_to_enrolment_again(self, county, enrol, clock, settings):
        settings.QUANZE_SECOND_FACTOR = "required_roles"
        enrol("head")
        client = Client()
        password(client, county, "head")
        client.post("/login/second-factor/", {"code": code_at(clock.now)})
        assert is_in(client)
        (view,) = factors.factors_of(county.users["head"])
        client.post(f"/account/second-factor/{view.id}/remove/")
        assert client.get("/jobs/")["Location"] == "/account/second-factor/"

    def test_who_need_not_is_left_alone(self, county, settings):
        settings.QUANZE_SECOND_FACTOR = "required_roles"
        client = Client()
        password(client, county, "drafter")
        assert is_in(client)


class TestStepUp:
    """以移除第二因素、重置他人的第二因素为例：它们要求二次验证。"""

    @pytest.fixture
    def old_login(self, county, clock):
        def do(login):
            client = Client()
            password(client, county, login)
            clock.forward(minutes=6)
            return client

        return do

    @pytest.fixture
    def security(self, county):
        from quanze.base.iam import public as iam
        from quanze.core.actor import SYSTEM

        user = iam.user_create(actor=SYSTEM, username="security", full_name="安全员", now=county.now)
        link = iam.token_issue(actor=SYSTEM, user_id=user.id, now=county.now)
        iam.token_use(token=link.token, password=county.password, now=county.now)
        org.appointment_make(
            actor=SYSTEM,
            user_id=user.id,
            body_id=county.bodies["QH-BB"],
            roles=("security_admin",),
            post="安全管理员",
            scope_kind="own",
            valid_from=county.today,
            now=county.now,
        )

    def test_fresh_from_the_login_nothing_is_asked(self, county):
        client = Client()
        password(client, county, "drafter")
        assert client.get("/account/second-factor/app/").status_code == 200

    def test_a_page_is_shown_after_the_password(self, county, old_login):
        client = old_login("drafter")
        page = client.get("/account/second-factor/app/")
        assert "请再次验证是您本人" in page.content.decode()
        assert 'value="/account/second-factor/app/"' in page.content.decode()
        wrong = client.post("/account/step-up/", {"step_up_secret": "wrong", "next": "/account/second-factor/app/"})
        assert wrong.status_code == 422
        assert "请再次验证" in client.get("/account/second-factor/app/").content.decode()
        right = client.post(
            "/account/step-up/", {"step_up_secret": county.password, "next": "/account/second-factor/app/"}
        )
        assert right["Location"] == "/account/second-factor/app/"
        assert "二维码" in client.get("/account/second-factor/app/").content.decode()
        assert [
            row.outcome for row in AccessRecord.objects.filter(action__startswith="iam.step_up").order_by("id")
        ] == [
            "failed",
            "read",
        ]

    def test_it_does_not_lead_to_another_site(self, county, old_login):
        client = old_login("drafter")
        answer = client.post(
            "/account/step-up/", {"step_up_secret": county.password, "next": "https://elsewhere.example/"}
        )
        assert answer["Location"] == "/"

    def test_what_was_posted_survives_the_detour(self, county, enrol, old_login, clock):
        enrol("drafter")
        (view,) = factors.factors_of(county.users["drafter"])
        client = Client()
        password(client, county, "drafter")
        client.post("/login/second-factor/", {"code": code_at(clock.now)})
        clock.forward(minutes=6)
        address = f"/account/second-factor/{view.id}/remove/"
        page = client.post(address, {"note": '甲<乙>"丙"', "chosen": ["1", "2"]})
        text = page.content.decode()
        assert f'action="{address}"' in text
        assert 'name="note" value="甲&lt;乙&gt;&quot;丙&quot;"' in text
        assert text.count('name="chosen"') == 2
        assert factors.has_factor(county.users["drafter"])
        # when the code is added, then the same request is carried out
        answer = client.post(address, {"note": "甲", "step_up_secret": code_at(clock.now)})
        assert answer["Location"] == "/account/second-factor/"
        assert not factors.has_factor(county.users["drafter"])

    def test_with_a_wrong_answer_nothing_is_carried_out(self, county, enrol, clock):
        enrol("drafter")
        (view,) = factors.factors_of(county.users["drafter"])
        client = Client()
        password(client, county, "drafter")
        client.post("/login/second-factor/", {"code": code_at(clock.now)})
        clock.forward(minutes=6)
        address = f"/account/second-factor/{view.id}/remove/"
        assert client.post(address, {"step_up_secret": "wrong"}).status_code == 422
        assert factors.has_factor(county.users["drafter"])
        assert not FactRecord.objects.filter(action="iam.second_factor.removed").exists()

    def test_publishing_asks_first_and_goes_on_with_what_was_filled_in(self, county, client_of, clock):
        from quanze.apps.catalog.models import ItemVersion
        from quanze.apps.workflow import public as workflow

        county.draft(county.content())
        submission_id = county.submit()
        county.pass_until(submission_id, stop_before="publisher")
        case = workflow.case_by_subject(
            subject_kind="catalog.submission", subject_id=submission_id, actor=county.actor("publisher")
        )
        client = client_of("publisher")
        clock.forward(minutes=6)
        given = {
            "verb": "pass",
            "detail-document_number": "青农发〔2026〕12号",
            "detail-issued_on": "2026-11-02",
            "detail-valid_from": "2026-11-02",
            "seen_version": case.lock_version,
        }
        address = f"/lists/submissions/{submission_id}/decide/"
        page = client.post(address, given).content.decode()
        assert "请再次验证是您本人" in page
        assert 'name="detail-document_number" value="青农发〔2026〕12号"' in page
        assert ItemVersion.objects.get().state != "published"
        client.post(address, given | {"step_up_secret": county.password})
        assert ItemVersion.objects.get().state == "published"

    def test_a_fragment_is_sent_to_the_page_and_a_program_is_told(self, county, old_login):
        client = old_login("drafter")
        headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/jobs/"}
        answer = client.get("/account/second-factor/app/", headers=headers)
        assert answer["HX-Redirect"] == "/account/step-up/?next=%2Fjobs%2F"
        answer = client.get("/account/second-factor/app/", headers={"accept": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")

    def test_the_security_administrator_resets_after_step_up(self, county, enrol, security, old_login, clock):
        enrol("drafter")
        client = old_login("security")
        given = {"username": "drafter", "reason": "手机遗失，当面核实"}
        assert "请再次验证" in client.post("/account/second-factor/reset/do/", given).content.decode()
        assert factors.has_factor(county.users["drafter"])
        client.post("/account/second-factor/reset/do/", given | {"step_up_secret": county.password})
        assert not factors.has_factor(county.users["drafter"])
        assert FactRecord.objects.get(action="iam.second_factor.reset").reason == "手机遗失，当面核实"

    def test_others_do_not_reset(self, county, enrol, client_of):
        enrol("drafter")
        for login in ("head", "sysadmin"):
            answer = client_of(login).post("/account/second-factor/reset/do/", {"username": "drafter", "reason": "x"})
            assert answer.status_code == 403
        assert factors.has_factor(county.users["drafter"])


class TestPolicyCheck:
    def found(self):
        from quanze.portal.second_factor import policy_check

        return [problem.id for problem in policy_check()]

    def test_off_is_refused_where_the_system_is_in_earnest(self, settings):
        settings.SESSION_COOKIE_SECURE = True
        for policy, problems in (
            ("off", ["quanze.E004"]),
            ("administrators", ["quanze.E004"]),
            ("required_roles", []),
            ("everyone", []),
            ("maybe", ["quanze.E003"]),
        ):
            settings.QUANZE_SECOND_FACTOR = policy
            assert self.found() == problems

    def test_a_desk_without_https_may_choose(self, settings):
        settings.SESSION_COOKIE_SECURE = False
        settings.QUANZE_SECOND_FACTOR = "off"
        assert self.found() == []

    @pytest.mark.parametrize(
        ("name", "value"), [("QUANZE_SECOND_FACTOR", "off"), ("QUANZE_OIDC_ISSUER", "http://sso.example")]
    )
    def test_production_does_not_start_with_what_is_weak(self, tmp_path, name, value):
        import os
        import subprocess
        import sys

        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "quanze.conf.production",
            "QUANZE_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghij",
            "QUANZE_ALLOWED_HOSTS": "qz.example",
            "QUANZE_CITY_NAME": "测试市",
            "QUANZE_DATA_DIR": str(tmp_path),
            "QUANZE_DB": "sqlite",
        }
        command = [sys.executable, "-c", "from django.conf import settings; settings.DEBUG"]
        assert subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0
        weak = subprocess.run(command, env=environment | {name: value}, capture_output=True, text=True, check=False)
        assert weak.returncode != 0
        assert f"RuntimeError: {name} " in weak.stderr
