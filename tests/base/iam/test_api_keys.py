"""接口密钥：只显示一次，到期、吊销、停用、任职结束即失效；频次用完答 429。"""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from quanze.base.audit.models import FactRecord
from quanze.base.iam import api_keys
from quanze.base.iam.models import ApiKey, User
from quanze.core.actor import SYSTEM
from quanze.core.errors import InvalidInput, NotFound, NotPermitted, NotSignedIn, TooOften

LISTS = "/api/v1/work/lists"


@pytest.fixture(autouse=True)
def _no_tokens_left_over():
    api_keys.drawn.forget()


def make(county, login="drafter", **given):
    given.setdefault("scopes", ["catalog.read"])
    given.setdefault("expires_at", timezone.now() + timedelta(days=30))
    given.setdefault("actor", county.actor(login))
    return api_keys.api_key_create(user_id=county.users[login], name="办件系统", now=timezone.now(), **given)


def get(token, path=LISTS):
    return Client().get(path, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.django_db
def test_a_key_is_shown_once_and_stored_as_a_digest(county):
    new = make(county)
    assert re.fullmatch(r"qz_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", new.token)
    row = ApiKey.objects.get()
    secret = new.token.rsplit("_", 1)[1] if new.token.count("_") == 2 else new.token.split("_", 2)[2]
    assert secret not in str(row.__dict__)
    assert len(row.digest) == 64
    entry = FactRecord.objects.get(action="iam.api_key.created")
    assert secret not in entry.after
    assert row.digest not in entry.after


@pytest.mark.django_db
def test_a_key_sees_what_its_account_sees_and_no_more(county):
    county.power_list("QH-NY")
    county.power_list("QH-LY")
    answer = get(make(county).token)
    assert answer.status_code == 200
    assert [one["body_name"] for one in answer.json()["lists"]] == ["青禾县农业农村局"]


@pytest.mark.django_db
@pytest.mark.parametrize("spoil", ["revoked", "expired", "disabled", "unappointed", "other_secret", "garbage"])
def test_a_key_that_is_not_good_any_more_is_answered_401(county, spoil):
    new = make(county)
    token = new.token
    if spoil == "revoked":
        api_keys.api_key_revoke(actor=county.actor("drafter"), key_id=new.key.id, now=timezone.now())
    elif spoil == "expired":
        now = timezone.now()
        ApiKey.objects.update(created_at=now - timedelta(days=9), expires_at=now - timedelta(seconds=1))
    elif spoil == "disabled":
        User.objects.filter(pk=county.users["drafter"]).update(is_active=False)
    elif spoil == "unappointed":
        User.objects.get(pk=county.users["drafter"]).appointments.update(valid_to=county.today - timedelta(days=400))
    elif spoil == "other_secret":
        token = token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB")
    else:
        token = "not-a-key"
    answer = get(token)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["code"] in ("key_invalid", "key_unappointed")


@pytest.mark.django_db
def test_a_key_bound_to_an_appointment_ends_with_it_and_takes_no_other(county):
    from quanze.apps.org import public as org

    first = county.actor("drafter").appointment_id
    org.appointment_make(
        actor=SYSTEM,
        user_id=county.users["drafter"],
        body_id=county.bodies["QH-LY"],
        roles=("drafter",),
        post="",
        scope_kind="own",
        valid_from=county.today - timedelta(days=9),
        now=county.now,
    )
    new = make(county, appointment_id=first)
    assert get(new.token).status_code == 200
    User.objects.get(pk=county.users["drafter"]).appointments.filter(pk=first).update(
        valid_to=county.today - timedelta(days=400)
    )
    assert get(new.token).json()["code"] == "key_unappointed"


@pytest.mark.django_db
def test_without_the_scope_a_key_is_refused_though_its_account_might(county):
    answer = get(make(county, scopes=["events.write"]).token)
    assert answer.status_code == 403
    assert answer.json()["code"] == "key_scope"


@pytest.mark.django_db
def test_a_bad_key_does_not_fall_back_on_the_session_beside_it(client_of):
    answer = client_of("drafter").get(LISTS, headers={"Authorization": "Bearer qz_bad"})
    assert answer.status_code == 401


@pytest.mark.django_db
def test_a_key_opens_no_page(county):
    answer = Client().get("/lists/", headers={"Authorization": f"Bearer {make(county).token}"})
    assert answer.status_code == 302


@pytest.mark.django_db
def test_a_session_may_read_but_writes_only_with_the_form_token(county, client_of):
    client = client_of("drafter")
    assert client.get(LISTS).status_code == 200
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(
        User.objects.get(pk=county.users["drafter"]), backend="django.contrib.auth.backends.ModelBackend"
    )
    answer = strict.post(f"{LISTS}/{county.power_list()}/submissions", {}, content_type="application/json")
    assert answer.status_code == 403
    assert answer.json()["code"] == "csrf"


@pytest.mark.django_db
def test_the_bucket_empties_and_refills(county):
    new = make(county)
    ApiKey.objects.filter(pk=new.key.id).update(burst=3, per_minute=60)
    now = timezone.now()
    for _ in range(3):
        api_keys.token_take(new.key.id, now=now)
    with pytest.raises(TooOften) as refused:
        api_keys.token_take(new.key.id, now=now)
    assert refused.value.retry_after == 1
    api_keys.token_take(new.key.id, now=now + timedelta(seconds=1))
    with pytest.raises(TooOften):
        api_keys.token_take(new.key.id, now=now + timedelta(seconds=1))


@pytest.mark.django_db
def test_too_many_requests_are_answered_429_with_a_time(county):
    new = make(county)
    ApiKey.objects.filter(pk=new.key.id).update(burst=1, per_minute=6)
    assert get(new.token).status_code == 200
    answer = get(new.token)
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 10
    assert answer.json()["code"] == "key_rate"


@pytest.mark.django_db
def test_tokens_drawn_by_one_process_are_gone_for_the_others(county):
    new = make(county)
    ApiKey.objects.filter(pk=new.key.id).update(burst=24, per_minute=1)
    now = timezone.now()
    spent = 0
    for _ in range(100):
        api_keys.drawn.forget()  # another process every time: what it drew and did not spend is lost, never doubled
        try:
            api_keys.token_take(new.key.id, now=now)
        except TooOften:
            break
        spent += 1
    assert spent == 12


@pytest.mark.django_db
def test_last_use_is_noted_at_most_once_a_minute(county):
    new = make(county)
    now = timezone.now()
    api_keys.token_take(new.key.id, now=now)
    api_keys.drawn.forget()
    api_keys.token_take(new.key.id, now=now + timedelta(seconds=30))
    assert ApiKey.objects.get().last_used_at == now
    api_keys.drawn.forget()
    api_keys.token_take(new.key.id, now=now + timedelta(seconds=61))
    assert ApiKey.objects.get().last_used_at == now + timedelta(seconds=61)


@pytest.mark.django_db
@pytest.mark.parametrize("days", [0, 366])
def test_a_key_must_expire_within_a_year(county, days):
    with pytest.raises(InvalidInput) as refused:
        make(county, expires_at=timezone.now() + timedelta(days=days))
    assert refused.value.code == "key_expiry"
    assert not ApiKey.objects.exists()


@pytest.mark.django_db
def test_unknown_scopes_are_refused(county):
    with pytest.raises(InvalidInput):
        make(county, scopes=["catalog.read", "everything"])
    assert not ApiKey.objects.exists()


@pytest.mark.django_db
def test_nobody_makes_a_key_for_another_person_not_even_the_administrator(county):
    for login in ("legal", "sysadmin"):
        with pytest.raises(NotFound):
            make(county, actor=county.actor(login))
    assert not ApiKey.objects.exists()


@pytest.mark.django_db
def test_the_system_administrator_makes_and_revokes_keys_of_system_accounts(county):
    admin = county.actor("sysadmin")
    now = timezone.now()
    user_id = api_keys.system_account_create(
        actor=admin, username="tongyi-shouli", full_name="统一受理平台", note="报送办件事件", now=now
    )
    new = api_keys.api_key_create(
        actor=admin,
        user_id=user_id,
        name="生产",
        scopes=["events.write"],
        expires_at=now + timedelta(days=90),
        per_minute=6000,
        now=now,
    )
    assert [one.user_name for one in api_keys.keys_of(actor=admin)] == ["统一受理平台"]
    assert api_keys.keys_of(actor=county.actor("drafter")) == []
    api_keys.api_key_revoke(actor=admin, key_id=new.key.id, now=now)
    with pytest.raises(NotSignedIn):
        api_keys.key_holder(new.token, now=now)


@pytest.mark.django_db
def test_system_accounts_are_the_administrators_business(county):
    with pytest.raises(NotPermitted):
        api_keys.system_account_create(
            actor=county.actor("drafter"), username="x", full_name="x", note="x", now=timezone.now()
        )
    assert not User.objects.filter(username="x").exists()
