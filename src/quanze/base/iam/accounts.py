"""账号的一生：建立、开通、更名、停用、启用；口令只由本人设定。

An administrator never sees or chooses a password: the account starts without one, and a link that works once and for a
day lets the person choose it. The link is shown to the administrator once and stored as a digest.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.utils import timezone

from quanze.base.audit import public as audit
from quanze.base.iam.api_key_models import ApiKey
from quanze.base.iam.models import AccountToken, PasswordHistory, User
from quanze.base.iam.passwords import password_check
from quanze.base.iam.sessions import sessions_end
from quanze.base.parameters import public as parameters
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, ErrorPlace, InvalidInput, NotFound, NotPermitted, WrongState

audit.register_actions(
    {
        "iam.user.created": "建立账号",
        "iam.user.disabled": "停用账号",
        "iam.user.enabled": "启用账号",
        "iam.user.renamed": "修改账号的姓名或登录名",
        "iam.user.password_changed": "修改口令",
        "iam.user.password_set": "凭开通链接设置口令",
        "iam.user.token_issued": "发放开通链接",
    }
)
_HISTORY_KEPT = 24
_KEEPERS = ("system_admin", "system")


# Who must not be switched off is known above: it registers a guard that raises.
class DisableGuard(Protocol):
    """停用账号之前的检查。"""

    def __call__(self, *, user_id: int) -> None: ...


_disable_guards: list[DisableGuard] = []


def register_disable_guard(guard: DisableGuard) -> None:
    """登记停用账号之前的检查：账号编号 → 不能停用时抛出领域错误。Called within the transaction of the disabling."""
    if guard not in _disable_guards:
        _disable_guards.append(guard)


@dataclass(frozen=True, slots=True)
class UserView:
    """账号：编号、登录名、姓名、办公电话、种类（person | system）、是否启用、版本、口令是否已设。"""

    id: int
    username: str
    full_name: str
    phone: str
    kind: str = "person"
    is_active: bool = True
    version: int = 1
    has_password: bool = False


@dataclass(frozen=True, slots=True)
class NewToken:
    """开通链接：``token`` 只此一次，不再显示；账号、有效期至。"""

    token: str
    user_id: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """持有效开通链接的人：账号编号、登录名、姓名、有效期至、是否第一次设置。"""

    user_id: int
    username: str
    full_name: str
    expires_at: datetime
    is_first: bool


@transaction.atomic
def user_create(*, actor: Actor, username: str, full_name: str, phone: str = "", now: datetime) -> UserView:
    """建立账号：没有口令，须再发开通链接；登录名不得重复。"""
    _require_keeper(actor)
    username, full_name = _checked_names(username, full_name, taken_by=None)
    user = User(username=username, full_name=full_name, phone=phone.strip(), created_at=now)
    user.set_unusable_password()
    user.save()
    _record(actor, "iam.user.created", user, after={"username": username, "full_name": full_name}, now=now)
    return user_view(user)


@transaction.atomic
def token_issue(*, actor: Actor, user_id: int, now: datetime) -> NewToken:
    """发放开通链接（首次开通或重设口令）；以前没用的即作废。"""
    _require_keeper(actor)
    user = _locked(user_id)
    if not user.is_active:
        raise WrongState("账号已停用，不能发放开通链接", hint="请先启用账号。", code="account_disabled")
    if _kind(user) == "system":
        raise WrongState("系统账号没有口令", hint="请为它建立接口密钥。", code="system_account")
    hours = parameters.value_int("account_token_hours", on=timezone.localdate(now))
    AccountToken.objects.filter(user=user, used_at=None, void_at=None).update(void_at=now)
    token = secrets.token_urlsafe(32)
    expires_at = now + timedelta(hours=hours)
    AccountToken.objects.create(
        user=user, digest=_digest(token), issued_at=now, issued_by_name=actor.name[:100], expires_at=expires_at
    )
    _record(actor, "iam.user.token_issued", user, after={"expires_at": expires_at}, now=now)
    return NewToken(token, user.pk, expires_at)


def token_holder(token: str, *, now: datetime) -> TokenHolder:
    """看开通链接属于谁，不消耗它；无效、过期、用过、停用的回答相同。"""
    row = _usable(token, now)
    user = row.user
    return TokenHolder(user.pk, user.username, user.full_name, row.expires_at, not user.has_usable_password())


@transaction.atomic
def token_use(*, token: str, password: str, now: datetime) -> UserView:
    """凭开通链接设置口令：只能一次；别处的登录全部退出。"""
    row = _usable(token, now, lock=True)
    user = _locked(row.user_id)
    password_check(user, password, on=timezone.localdate(now), field="new_password")
    row.used_at = now
    row.save(update_fields=["used_at"])
    _set_password(user, password, now=now)
    actor = Actor(user_id=user.pk, name=user.full_name)
    _record(actor, "iam.user.password_set", user, now=now)
    sessions_end(user.pk, "password", actor=actor, now=now)
    return user_view(user)


@transaction.atomic
def user_password_change(
    *, actor: Actor, user_id: int, old_password: str, new_password: str, present_key: str | None = None, now: datetime
) -> None:
    """修改本人口令：须先输对现在的；别处的登录退出。The record says that it changed, never what it is."""
    if actor.user_id is None or actor.user_id != user_id:
        raise NotPermitted("只能修改自己的口令", hint="他人忘记口令的，由系统管理员发放开通链接，本人自行设置。")
    user = _locked(user_id)
    if not check_password(old_password, user.password):
        raise InvalidInput(
            "现在的口令不对",
            hint="请重新输入；忘记了请联系系统管理员发放开通链接。",
            code="old_password_wrong",
            place=ErrorPlace(field="old_password"),
        )
    password_check(user, new_password, on=timezone.localdate(now), field="new_password")
    _set_password(user, new_password, now=now)
    _record(actor, "iam.user.password_changed", user, now=now)
    sessions_end(user.pk, "password", actor=actor, keep=present_key, now=now)


@transaction.atomic
def user_disable(*, actor: Actor, user_id: int, reason: str, seen_version: int, now: datetime) -> UserView:
    """停用账号：登录、接口密钥、未用的开通链接一并结束。"""
    _require_keeper(actor)
    user = _locked(user_id, seen_version)
    if actor.user_id == user.pk:
        raise NotPermitted("不能停用自己的账号", hint="请由另一位系统管理员办理。")
    if not user.is_active:
        raise WrongState("账号已经停用", hint="请刷新页面。")
    if not reason.strip():
        raise InvalidInput(
            "停用账号须写明理由",
            hint="如调离、退休、长期不用。",
            code="reason_missing",
            place=ErrorPlace(field="reason"),
        )
    for guard in _disable_guards:
        guard(user_id=user.pk)
    user.is_active = False
    _bump(user, "is_active")
    AccountToken.objects.filter(user=user, used_at=None, void_at=None).update(void_at=now)
    keys = ApiKey.objects.filter(user=user, revoked_at=None).update(revoked_at=now, revoked_by_name=actor.name[:100])
    sessions = sessions_end(user.pk, "disabled", actor=actor, now=now)
    after = {"is_active": False, "sessions_ended": sessions, "api_keys_revoked": keys}
    _record(actor, "iam.user.disabled", user, before={"is_active": True}, after=after, reason=reason.strip(), now=now)
    return user_view(user)


@transaction.atomic
def user_enable(*, actor: Actor, user_id: int, reason: str, seen_version: int, now: datetime) -> UserView:
    """启用账号：旧口令不再有效，须另发开通链接，由本人重新设置。"""
    _require_keeper(actor)
    user = _locked(user_id, seen_version)
    if user.is_active:
        raise WrongState("账号已经启用", hint="请刷新页面。")
    user.is_active = True
    user.set_unusable_password()
    _bump(user, "is_active", "password")
    _record(
        actor,
        "iam.user.enabled",
        user,
        before={"is_active": False},
        after={"is_active": True},
        reason=reason.strip(),
        now=now,
    )
    return user_view(user)


@transaction.atomic
def user_rename(
    *,
    actor: Actor,
    user_id: int,
    full_name: str,
    username: str | None = None,
    phone: str | None = None,
    seen_version: int,
    now: datetime,
) -> UserView:
    """修改姓名、登录名、办公电话；不给的不动。"""
    _require_keeper(actor)
    user = _locked(user_id, seen_version)
    before = {"username": user.username, "full_name": user.full_name, "phone": user.phone}
    user.username, user.full_name = _checked_names(
        user.username if username is None else username, full_name, taken_by=user.pk
    )
    user.phone = user.phone if phone is None else phone.strip()
    _bump(user, "username", "full_name", "phone")
    after = {"username": user.username, "full_name": user.full_name, "phone": user.phone}
    _record(actor, "iam.user.renamed", user, before=before, after=after, now=now)
    return user_view(user)


def user_view(user: User) -> UserView:
    """账号，供显示。"""
    return UserView(
        user.pk,
        user.username,
        user.full_name,
        user.phone,
        _kind(user),
        user.is_active,
        user.version,
        user.has_usable_password(),
    )


def _kind(user: User) -> str:
    return "system" if hasattr(user, "system_account") else "person"


def _require_keeper(actor: Actor) -> None:
    if not actor.has(*_KEEPERS):
        raise NotPermitted("账号由系统管理员管理", hint="请联系本单位系统管理员。")


def _locked(user_id: int, seen_version: int | None = None) -> User:
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise NotFound("没有这个账号", hint="请刷新页面后再看。")
    if seen_version is not None and user.version != seen_version:
        raise Conflict("账号已被他人修改", hint="请刷新页面，看清后再办理。")
    return user


def _bump(user: User, *fields: str) -> None:
    user.version += 1
    user.save(update_fields=[*fields, "version"])


def _checked_names(username: str, full_name: str, *, taken_by: int | None) -> tuple[str, str]:
    username, full_name = User.normalize_username(username.strip()), full_name.strip()
    for text, label, field in ((username, "登录名", "username"), (full_name, "姓名", "full_name")):
        if not text or len(text) > 64 or not text.isprintable():
            raise InvalidInput(
                f"{label}须为 1 至 64 个字",
                hint=f"请改正{label}。",
                code=f"{field}_invalid",
                place=ErrorPlace(field=field),
            )
    if any(char.isspace() for char in username):
        raise InvalidInput(
            "登录名不能有空格", hint="请去掉空格。", code="username_invalid", place=ErrorPlace(field="username")
        )
    if User.objects.filter(username=username).exclude(pk=taken_by or 0).exists():
        raise InvalidInput(
            f"登录名“{username}”已被使用",
            hint="请换一个登录名。",
            code="username_taken",
            place=ErrorPlace(field="username"),
        )
    return username, full_name


def _digest(token: str) -> str:
    # 256 random bits cannot be guessed: a plain digest is enough and finds the row.
    return hashlib.sha256(token.encode()).hexdigest()


def _usable(token: str, now: datetime, *, lock: bool = False) -> AccountToken:
    rows = AccountToken.objects.select_for_update(of=("self",)) if lock else AccountToken.objects
    row = rows.select_related("user").filter(digest=_digest(token)).first()
    is_usable = row is not None and row.used_at is None and row.void_at is None and now < row.expires_at
    # A link given out before the account became that of a system must not give it a password, either.
    if row is None or not is_usable or not row.user.is_active or _kind(row.user) == "system":
        raise NotFound(
            "这个开通链接无效：可能已经用过、已过期，或已另发新的",
            hint="请联系本单位系统管理员重新发放。",
            code="token_invalid",
        )
    return row


def _set_password(user: User, password: str, *, now: datetime) -> None:
    user.set_password(password)
    user.password_set_at = now
    user.save(update_fields=["password", "password_set_at"])
    PasswordHistory.objects.create(user=user, password=user.password, at=now)
    kept = PasswordHistory.objects.filter(user=user).order_by("-id").values_list("id", flat=True)[:_HISTORY_KEPT]
    PasswordHistory.objects.filter(user=user).exclude(id__in=list(kept)).delete()


def _record(
    actor: Actor,
    action: str,
    user: User,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
    now: datetime,
) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=audit.SubjectRef("iam.user", user.pk, user.full_name, None),
        before=before,
        after=after,
        reason=reason,
        now=now,
    )
