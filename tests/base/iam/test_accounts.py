"""账号的一生：没有口令地建立，凭一次性链接开通，更名、停用、启用；管理员不知道也不选择别人的口令。"""

import inspect
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import authenticate

from quanze.base.audit.models import FactRecord
from quanze.base.iam import accounts
from quanze.base.iam import public as iam
from quanze.base.iam.api_key_models import ApiKey, SystemAccount
from quanze.base.iam.models import AccountToken, LoginSession, PasswordHistory, User
from quanze.core.actor import SYSTEM, Actor
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
GOOD, BETTER = "Luhua-7tuancai", "Songjian-8mingyue"
KEEPER = Actor(user_id=900, name="管机", roles=frozenset({"system_admin"}))


def person(username="wangwu"):
    return iam.user_create(actor=KEEPER, username=username, full_name="王务", phone="0000-1", now=NOW)


def opened(username="wangwu", password=GOOD, now=NOW):
    user = person(username)
    link = iam.token_issue(actor=KEEPER, user_id=user.id, now=now)
    return iam.token_use(token=link.token, password=password, now=now)


def test_nothing_is_shipped_no_account_stands_in_a_fresh_database():
    assert User.objects.count() == 0


def test_an_account_starts_without_a_password():
    user = person()
    assert (user.kind, user.is_active, user.has_password, user.version) == ("person", True, False, 1)
    assert not User.objects.get(pk=user.id).has_usable_password()
    assert authenticate(None, username="wangwu", password="") is None


def test_no_service_lets_anybody_give_another_a_password():
    assert "password" not in inspect.signature(iam.user_create).parameters
    other = opened()
    for actor in (KEEPER, SYSTEM, Actor(user_id=901, name="别人", roles=frozenset({"security_admin"}))):
        with pytest.raises(NotPermitted):
            iam.user_password_change(actor=actor, user_id=other.id, old_password=GOOD, new_password=BETTER, now=NOW)


def test_the_link_works_once_and_the_password_is_the_persons_own():
    user = person()
    link = iam.token_issue(actor=KEEPER, user_id=user.id, now=NOW)
    assert link.expires_at == NOW + timedelta(hours=24)
    holder = iam.token_holder(link.token, now=NOW)
    assert (holder.username, holder.full_name, holder.is_first) == ("wangwu", "王务", True)
    iam.token_use(token=link.token, password=GOOD, now=NOW)
    assert authenticate(None, username="wangwu", password=GOOD).pk == user.id
    with pytest.raises(NotFound):
        iam.token_use(token=link.token, password=BETTER, now=NOW)
    # neither the link nor the password is anywhere to be read
    facts = "".join(f"{row.before}{row.after}{row.reason}" for row in FactRecord.objects.all())
    assert GOOD not in facts
    assert link.token not in facts
    assert AccountToken.objects.get().digest != link.token


def test_a_link_ends_after_a_day_and_a_new_one_ends_the_old():
    user = person()
    old = iam.token_issue(actor=KEEPER, user_id=user.id, now=NOW)
    iam.token_holder(old.token, now=NOW + timedelta(hours=23, minutes=59))
    with pytest.raises(NotFound):
        iam.token_holder(old.token, now=NOW + timedelta(hours=24))
    new = iam.token_issue(actor=KEEPER, user_id=user.id, now=NOW)
    with pytest.raises(NotFound):
        iam.token_holder(old.token, now=NOW)
    assert iam.token_holder(new.token, now=NOW).user_id == user.id
    assert FactRecord.objects.filter(action="iam.user.token_issued").count() == 2


def test_unknown_used_expired_and_disabled_links_answer_alike():
    user = person()
    link = iam.token_issue(actor=KEEPER, user_id=user.id, now=NOW)
    said = set()
    for token, now in (("no-such-link", NOW), (link.token, NOW + timedelta(days=2))):
        with pytest.raises(NotFound) as caught:
            iam.token_use(token=token, password=GOOD, now=now)
        said.add(str(caught.value))
    iam.user_disable(actor=KEEPER, user_id=user.id, reason="调离", seen_version=1, now=NOW)
    with pytest.raises(NotFound) as caught:
        iam.token_holder(link.token, now=NOW)
    said.add(str(caught.value))
    assert len(said) == 1


def test_a_weak_password_does_not_use_up_the_link():
    user = person()
    link = iam.token_issue(actor=KEEPER, user_id=user.id, now=NOW)
    with pytest.raises(RulesNotMet) as caught:
        iam.token_use(token=link.token, password="short", now=NOW)
    assert [each.code for each in caught.value.defects] == ["too_short", "few_classes"]
    iam.token_use(token=link.token, password=GOOD, now=NOW)


def test_a_reset_link_replaces_the_password_and_ends_the_sessions():
    user = opened()
    session_row(user.id)
    link = iam.token_issue(actor=KEEPER, user_id=user.id, now=NOW)
    assert not iam.token_holder(link.token, now=NOW).is_first
    iam.token_use(token=link.token, password=BETTER, now=NOW)
    assert authenticate(None, username="wangwu", password=GOOD) is None
    assert authenticate(None, username="wangwu", password=BETTER) is not None
    assert LoginSession.objects.get().ended_reason == "password"


def test_ones_own_password_needs_the_present_one():
    user = opened()
    me = Actor(user_id=user.id, name="王务")
    with pytest.raises(InvalidInput) as caught:
        iam.user_password_change(actor=me, user_id=user.id, old_password="wrong", new_password=BETTER, now=NOW)
    assert caught.value.place.field == "old_password"
    iam.user_password_change(actor=me, user_id=user.id, old_password=GOOD, new_password=BETTER, now=NOW)
    assert authenticate(None, username="wangwu", password=BETTER) is not None


def test_the_last_five_passwords_are_not_taken_again_the_sixth_is():
    user = opened()
    me = Actor(user_id=user.id, name="王务")
    present, used = GOOD, [GOOD]
    for number in range(1, 6):
        new = f"Songjian-{number}mingyue"
        iam.user_password_change(actor=me, user_id=user.id, old_password=present, new_password=new, now=NOW)
        present = new
        used.append(new)
    for old in used[1:]:
        with pytest.raises(RulesNotMet) as caught:
            iam.user_password_change(actor=me, user_id=user.id, old_password=present, new_password=old, now=NOW)
        assert [each.code for each in caught.value.defects] == ["used_before"]
    iam.user_password_change(actor=me, user_id=user.id, old_password=present, new_password=used[0], now=NOW)
    assert not PasswordHistory.objects.filter(password__contains=GOOD).exists()


def session_row(user_id, key="k" * 32):
    return LoginSession.objects.create(
        session_key=key,
        session_data="x",
        expire_date=NOW + timedelta(days=3650),
        user_id=user_id,
        started_at=NOW,
        last_seen_at=NOW,
        idle_seconds=10**9,
    )


def test_disabling_ends_sessions_links_and_keys_in_one_record():
    user = opened()
    session_row(user.id)
    link = iam.token_issue(actor=KEEPER, user_id=user.id, now=NOW)
    key = ApiKey.objects.create(
        user_id=user.id,
        name="接口",
        prefix="p",
        digest="d",
        created_at=NOW,
        created_by_name="管机",
        expires_at=NOW + timedelta(days=9),
    )
    iam.user_disable(actor=KEEPER, user_id=user.id, reason="退休", seen_version=1, now=NOW)
    assert authenticate(None, username="wangwu", password=GOOD) is None
    assert LoginSession.objects.get().ended_reason == "disabled"
    key.refresh_from_db()
    assert (key.revoked_at, key.revoked_by_name) == (NOW, "管机")
    with pytest.raises(NotFound):
        iam.token_holder(link.token, now=NOW)
    fact = FactRecord.objects.get(action="iam.user.disabled")
    assert fact.after_data == {"is_active": False, "sessions_ended": 1, "api_keys_revoked": 1}
    assert fact.reason == "退休"


def test_an_enabled_account_needs_a_new_link():
    user = opened()
    iam.user_disable(actor=KEEPER, user_id=user.id, reason="借调", seen_version=1, now=NOW)
    with pytest.raises(WrongState):
        iam.token_issue(actor=KEEPER, user_id=user.id, now=NOW)
    view = iam.user_enable(actor=KEEPER, user_id=user.id, reason="借调期满", seen_version=2, now=NOW)
    assert (view.is_active, view.has_password, view.version) == (True, False, 3)
    assert authenticate(None, username="wangwu", password=GOOD) is None


def test_a_name_is_changed_with_what_was_before_and_a_stale_page_is_refused():
    user = opened()
    view = iam.user_rename(
        actor=KEEPER, user_id=user.id, full_name="王务实", username="wangwushi", seen_version=1, now=NOW
    )
    assert (view.full_name, view.username, view.phone, view.version) == ("王务实", "wangwushi", "0000-1", 2)
    fact = FactRecord.objects.get(action="iam.user.renamed")
    assert (fact.before_data["full_name"], fact.after_data["full_name"]) == ("王务", "王务实")
    with pytest.raises(Conflict):
        iam.user_rename(actor=KEEPER, user_id=user.id, full_name="王五", seen_version=1, now=NOW)


@pytest.mark.parametrize("username", ["", "   ", "wang wu", "a" * 65, "wang\x00wu"])
def test_a_login_name_that_cannot_be_typed_is_refused(username):
    with pytest.raises(InvalidInput):
        person(username)


def test_a_login_name_is_taken_once():
    person()
    with pytest.raises(InvalidInput) as caught:
        person()
    assert caught.value.code == "username_taken"


@pytest.mark.parametrize("role", ["security_admin", "audit_admin", "drafter", "establishment"])
def test_only_the_system_administrator_keeps_accounts(role):
    actor = Actor(user_id=901, name="别人", roles=frozenset({role}))
    user = person()
    with pytest.raises(NotPermitted):
        iam.user_create(actor=actor, username="x", full_name="某", now=NOW)
    with pytest.raises(NotPermitted):
        iam.token_issue(actor=actor, user_id=user.id, now=NOW)
    with pytest.raises(NotPermitted):
        iam.user_disable(actor=actor, user_id=user.id, reason="无", seen_version=1, now=NOW)
    with pytest.raises(NotPermitted):
        iam.user_rename(actor=actor, user_id=user.id, full_name="某", seen_version=1, now=NOW)


def test_nobody_disables_himself():
    user = person()
    me = Actor(user_id=user.id, name="王务", roles=frozenset({"system_admin"}))
    with pytest.raises(NotPermitted):
        iam.user_disable(actor=me, user_id=user.id, reason="误点", seen_version=1, now=NOW)


def test_whom_a_guard_keeps_stays_switched_on(monkeypatch):
    user = opened()

    def keep(*, user_id: int) -> None:
        if user_id == user.id:
            raise RulesNotMet("还离不开", code="kept")

    monkeypatch.setattr(accounts, "_disable_guards", [])
    iam.register_disable_guard(keep)
    iam.register_disable_guard(keep)
    assert accounts._disable_guards == [keep]
    with pytest.raises(RulesNotMet, match="还离不开"):
        iam.user_disable(actor=KEEPER, user_id=user.id, reason="退休", seen_version=1, now=NOW)
    assert User.objects.get(pk=user.id).is_active
    assert not FactRecord.objects.filter(action="iam.user.disabled").exists()


def test_a_system_account_takes_no_link_even_an_old_one():
    user = iam.user_create(actor=KEEPER, username="api", full_name="接口", now=NOW)
    link = iam.token_issue(actor=KEEPER, user_id=user.id, now=NOW)
    SystemAccount.objects.create(user_id=user.id, note="报送", created_at=NOW)
    with pytest.raises(WrongState, match="系统账号没有口令"):
        iam.token_issue(actor=KEEPER, user_id=user.id, now=NOW)
    for use in (
        lambda: iam.token_holder(link.token, now=NOW),
        lambda: iam.token_use(token=link.token, password=GOOD, now=NOW),
    ):
        with pytest.raises(NotFound):
            use()
    assert not User.objects.get(pk=user.id).has_usable_password()
