"""接口密钥页：建立时显示一次，吊销即刻失效；系统账号由系统管理员管理。"""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from quanze.base.iam import api_keys
from quanze.base.iam.models import ApiKey, SystemAccount
from quanze.portal.web import api_keys as page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _proved_lately(monkeypatch):
    api_keys.drawn.forget()
    monkeypatch.setattr(page, "require_step_up", lambda request: None)


def posted(**fields):
    return {
        "name": "办件系统",
        "scopes": ["catalog.read"],
        "expires_on": (timezone.localdate() + timedelta(days=30)).isoformat(),
        **fields,
    }


def test_a_key_is_shown_once_works_and_is_revoked(client_of):
    client = client_of("drafter")
    answer = client.post("/account/keys/create/", posted())
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    (token,) = re.findall(r"<code data-token>(qz_[^<]+)</code>", answer.content.decode())
    assert token not in client.get("/account/keys/").content.decode()
    assert Client().get("/api/v1/work/lists", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert client.post(f"/account/keys/{ApiKey.objects.get().pk}/revoke/").status_code == 303
    assert Client().get("/api/v1/work/lists", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert "吊销" in client.get("/account/keys/").content.decode()


@pytest.mark.parametrize("fields", [{"scopes": []}, {"scopes": ["all"]}, {"expires_on": "2020-01-01"}, {"name": ""}])
def test_a_wrong_form_comes_back_with_the_reason(client_of, fields):
    answer = client_of("drafter").post("/account/keys/create/", posted(**fields))
    assert answer.status_code == 422
    assert not ApiKey.objects.exists()


def test_nobody_uses_the_form_for_another_account(county, client_of):
    for login in ("legal", "sysadmin"):
        answer = client_of(login).post("/account/keys/create/", posted(account=county.users["drafter"]))
        assert answer.status_code == 404
    assert client_of("legal").post("/account/keys/create/", posted(appointment=999999)).status_code == 404
    assert not ApiKey.objects.exists()


def test_a_key_of_somebody_else_is_revoked_by_nobody(client_of):
    client_of("drafter").post("/account/keys/create/", posted())
    number = ApiKey.objects.get().pk
    for login in ("legal", "sysadmin"):
        assert client_of(login).post(f"/account/keys/{number}/revoke/").status_code == 404
    assert ApiKey.objects.get().revoked_at is None


def test_making_a_key_asks_once_more_who_it_is(client_of, monkeypatch):
    from quanze.base.iam import login_flow
    from quanze.base.iam.step_up import require_step_up

    monkeypatch.setattr(page, "require_step_up", require_step_up)
    monkeypatch.setattr(login_flow, "proved_at", lambda request: 0.0)
    answer = client_of("drafter").post("/account/keys/create/", posted())
    assert "step_up_secret" in answer.content.decode()
    assert not ApiKey.objects.exists()


def test_the_system_administrator_makes_an_account_of_a_system_and_its_key(county, client_of):
    client = client_of("sysadmin")
    fields = {"username": "shouli", "full_name": "统一受理平台", "note": "报送办件事件"}
    assert client.post("/account/keys/accounts/create/", fields).status_code == 303
    account = SystemAccount.objects.get().user
    assert not account.has_usable_password()
    assert client.post("/account/keys/create/", posted(account=account.pk)).status_code == 200
    assert "统一受理平台" in client.get("/account/keys/").content.decode()
    assert client_of("drafter").post("/account/keys/accounts/create/", fields).status_code == 403
