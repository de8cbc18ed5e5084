"""接口密钥：建立、吊销、凭密钥进入、限制频次。

A key is 256 random bits, shown once and stored as a digest; its prefix finds the row. It can do no more than its account:
the door turns the account into an actor, and the scopes of the key only take away. The bucket lives in the database, so
that several processes share it; a process draws a few tokens at a time, otherwise every read would cost a synced write.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate

from quanze.base.audit import public as audit
from quanze.base.iam.api_key_models import ApiKey, SystemAccount
from quanze.base.iam.models import User
from quanze.base.parameters import public as parameters
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput, NotFound, NotPermitted, NotSignedIn, TooOften, WrongState

for _code, _label in {
    "iam.api_key.created": "建立接口密钥",
    "iam.api_key.revoked": "吊销接口密钥",
    "iam.system_account.created": "建立系统账号",
}.items():
    audit.register_action(_code, _label)

# 权限代码 → 名称。A key holds some of these; what its account may not do, no scope gives.
SCOPES: Mapping[str, str] = {
    "catalog.read": "读取清单、事项、草稿与检查发现",
    "catalog.write": "编制：起草、修改、送审、撤回",
    "review": "审查：待办与办理（不含印发公布）",
    "publish": "印发公布与勘误",
    "events.write": "报送行权数据",
    "events.read": "核对已报送的行权数据",
    "record.read": "查阅记录",
    "org.read": "读取机构名录",
}
_TOKEN = re.compile(r"^qz_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$")
_USED_EVERY = timedelta(minutes=1)
# How many tokens a process draws at once, as a part of the bucket, and how long it may keep them.
_DRAWN_PART = 12
_DRAWN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class ApiKeyView:
    """接口密钥，供显示；密钥本身只在建立时给出一次。"""

    id: int
    user_id: int
    user_name: str
    is_system: bool
    appointment_id: int | None
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    created_by_name: str
    expires_at: datetime
    revoked_at: datetime | None
    revoked_by_name: str
    last_used_at: datetime | None

    def is_usable(self, now: datetime) -> bool:
        """未吊销且未过期。"""
        return self.revoked_at is None and now < self.expires_at

    @property
    def scope_labels(self) -> str:
        return "；".join(SCOPES.get(scope, scope) for scope in self.scopes)


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """新密钥：``token`` 只此一次，不再显示。"""

    key: ApiKeyView
    token: str


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """出示密钥者：账号、所定任职、权限。"""

    key_id: int
    user_id: int
    appointment_id: int | None
    name: str
    scopes: frozenset[str]


def _view(row: ApiKey) -> ApiKeyView:
    return ApiKeyView(
        id=row.pk,
        user_id=row.user_id,
        user_name=row.user.full_name,
        is_system=hasattr(row.user, "system_account"),
        appointment_id=row.appointment_id,
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        created_by_name=row.created_by_name,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        revoked_by_name=row.revoked_by_name,
        last_used_at=row.last_used_at,
    )


def keys_of(*, actor: Actor) -> list[ApiKeyView]:
    """本人的密钥；系统管理员另见各系统账号的。"""
    rows = ApiKey.objects.select_related("user__system_account")
    own = rows.filter(user_id=actor.user_id) if actor.user_id is not None else rows.none()
    if actor.has("system_admin"):
        own = own | rows.filter(user__system_account__isnull=False)
    return [_view(row) for row in own.order_by("-id")]


def system_accounts() -> list[tuple[int, str, str]]:
    """系统账号：编号、名称、用途。"""
    rows = SystemAccount.objects.filter(user__is_active=True).order_by("user__username")
    return list(rows.values_list("user_id", "user__full_name", "note"))


@transaction.atomic
def system_account_create(*, actor: Actor, username: str, full_name: str, note: str, now: datetime) -> int:
    """建立系统账号：没有口令，凭密钥进入。返回账号编号。"""
    if not actor.has("system_admin", "system"):
        raise NotPermitted("系统账号由系统管理员建立", hint="请联系系统管理员。")
    if not username.strip() or not full_name.strip() or not note.strip():
        raise InvalidInput(
            "系统账号须写明登录名、名称与用途", hint="请补全后再建立。", code="system_account_incomplete"
        )
    if User.objects.filter(username=username).exists():
        raise InvalidInput(f"登录名“{username}”已被使用", hint="请换一个登录名。", code="username_taken")
    user = User(username=username, full_name=full_name, created_at=now)
    user.set_unusable_password()
    user.save()
    SystemAccount.objects.create(user=user, note=note[:300], created_at=now)
    audit.record(
        actor=actor,
        action="iam.system_account.created",
        subject=audit.SubjectRef("iam.user", user.pk, full_name, None),
        after={"username": username, "note": note},
        now=now,
    )
    return user.pk


@transaction.atomic
def api_key_create(
    *,
    actor: Actor,
    user_id: int,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime,
    appointment_id: int | None = None,
    per_minute: int | None = None,
    burst: int | None = None,
    now: datetime,
) -> NewApiKey:
    """建立密钥：本人的，或系统管理员为系统账号建的。``per_minute`` 与 ``burst`` 只有系统管理员能单独定。"""
    user = User.objects.select_for_update().filter(pk=user_id, is_active=True).first()
    _require_owner(actor, user_id, exists=user is not None)
    assert user is not None
    if not name.strip() or len(name) > 100:
        raise InvalidInput("密钥须有名称，不超过 100 字", hint="请写明给哪个系统用。", code="key_name")
    wanted = tuple(scope for scope in SCOPES if scope in set(scopes))
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not wanted:
        raise InvalidInput(
            f"没有这种权限：{'、'.join(unknown)}" if unknown else "密钥至少要有一项权限",
            hint=f"可用：{'、'.join(SCOPES)}。",
            code="key_scopes",
        )
    longest = parameters.value_int("api_key_longest_days", on=localdate(now))
    if expires_at <= now or expires_at > now + timedelta(days=longest):
        raise InvalidInput(f"有效期须在今后 {longest} 天之内", hint="请重新选择到期日期。", code="key_expiry")
    if (per_minute is not None or burst is not None) and not actor.has("system_admin", "system"):
        raise NotPermitted("请求频次由系统管理员定", hint="请留空，按默认频次。")
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    row = ApiKey.objects.create(
        user=user,
        appointment_id=appointment_id,
        name=name.strip(),
        prefix=prefix,
        digest=_digest(secret),
        scopes=list(wanted),
        per_minute=per_minute,
        burst=burst,
        created_at=now,
        created_by_name=actor.name[:100],
        expires_at=expires_at,
    )
    audit.record(
        actor=actor,
        action="iam.api_key.created",
        subject=audit.SubjectRef("iam.api_key", row.pk, f"{user.full_name}：{row.name}", None),
        after={"prefix": prefix, "scopes": list(wanted), "expires_at": expires_at, "account": user.username},
        now=now,
    )
    return NewApiKey(_view(row), f"qz_{prefix}_{secret}")


@transaction.atomic
def api_key_revoke(*, actor: Actor, key_id: int, now: datetime) -> None:
    """吊销密钥，即刻失效。"""
    row = ApiKey.objects.select_for_update(of=("self",)).select_related("user").filter(pk=key_id).first()
    _require_owner(actor, row.user_id if row else None, exists=row is not None)
    assert row is not None
    if row.revoked_at is not None:
        raise WrongState("这个密钥已经吊销", hint="请刷新页面。")
    row.revoked_at, row.revoked_by_name = now, actor.name[:100]
    row.save(update_fields=["revoked_at", "revoked_by_name"])
    audit.record(
        actor=actor,
        action="iam.api_key.revoked",
        subject=audit.SubjectRef("iam.api_key", row.pk, f"{row.user.full_name}：{row.name}", None),
        before={"prefix": row.prefix, "expires_at": row.expires_at},
        now=now,
    )


def _require_owner(actor: Actor, user_id: int | None, *, exists: bool) -> None:
    """自己的，或系统管理员之于系统账号；别人的与不存在的回答相同。"""
    if exists and user_id is not None:
        if user_id == actor.user_id or actor.has("system"):
            return
        if actor.has("system_admin") and SystemAccount.objects.filter(user_id=user_id).exists():
            return
    raise NotFound("没有这个账号或密钥", hint="只能管理自己的密钥；系统账号的由系统管理员管理。")


def _digest(secret: str) -> str:
    # 256 random bits cannot be guessed; a slow hash would only slow every request.
    return hashlib.sha256(secret.encode()).hexdigest()


def key_holder(token: str, *, now: datetime) -> KeyHolder:
    """凭密钥认出账号。Unknown, wrong, expired, revoked and disabled all give the one answer."""
    match = _TOKEN.match(token)
    row = None if match is None else ApiKey.objects.select_related("user").filter(prefix=match[1]).first()
    is_right = hmac.compare_digest(_digest(match[2] if match else ""), row.digest if row else "-" * 64)
    if row is None or not is_right or row.revoked_at is not None or now >= row.expires_at or not row.user.is_active:
        raise NotSignedIn(
            "接口密钥无效、已过期或已吊销", hint="请在“账号安全 → 接口密钥”核对，或重新建立。", code="key_invalid"
        )
    return KeyHolder(row.pk, row.user_id, row.appointment_id, row.name, frozenset(row.scopes))


class _Drawn:
    """本进程已领而未用的令牌。"""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self._lock = threading.Lock()
        self._left: dict[int, tuple[int, float]] = {}

    def spend(self, key_id: int) -> bool:
        with self._lock:
            left, until = self._left.get(key_id, (0, 0.0))
            if left < 1 or time.monotonic() > until:
                return False
            self._left[key_id] = (left - 1, until)
            return True

    def keep(self, key_id: int, tokens: int) -> None:
        with self._lock:
            self._left[key_id] = (tokens, time.monotonic() + _DRAWN_SECONDS)

    def forget(self) -> None:
        with self._lock:
            self._left.clear()


drawn = _Drawn()


def token_take(key_id: int, *, now: datetime) -> None:
    """取一个令牌；没有了则 TooOften，说明几秒后再来。Tokens drawn and not used expire, so the limit is never exceeded."""
    if drawn.spend(key_id):
        return
    # One thread draws and the others spend of it; if each drew for itself, most of what was drawn would expire unused.
    with drawn.turn:
        retry_after = None if drawn.spend(key_id) else _draw(key_id, now=now)
    if retry_after is not None:
        raise TooOften(
            "请求过于频繁，这个密钥的配额已用完",
            hint=f"请在 {retry_after} 秒后再试；长期不够用请联系系统管理员。",
            code="key_rate",
            retry_after=retry_after,
        )


@transaction.atomic
def _draw(key_id: int, *, now: datetime) -> int | None:
    """从桶里领一批；不够一个则返回须等的秒数。"""
    row = ApiKey.objects.select_for_update().get(pk=key_id)
    defaults = parameters.values_on(("api_requests_per_minute", "api_request_burst"), on=localdate(now))
    per_minute = row.per_minute or int(str(defaults["api_requests_per_minute"]))
    capacity = row.burst or int(str(defaults["api_request_burst"]))
    passed = 0.0 if row.bucket_at is None else max((now - row.bucket_at).total_seconds(), 0.0)
    tokens = float(capacity) if row.bucket_at is None else row.bucket_tokens + passed * per_minute / 60
    tokens = min(tokens, float(capacity))
    if tokens < 1:
        return max(1, math.ceil((1 - tokens) * 60 / per_minute))
    taken = max(1, min(int(tokens), capacity // _DRAWN_PART))
    row.bucket_tokens, row.bucket_at = tokens - taken, now
    fields = ["bucket_tokens", "bucket_at"]
    if row.last_used_at is None or now - row.last_used_at >= _USED_EVERY:
        row.last_used_at = now
        fields.append("last_used_at")
    row.save(update_fields=fields)
    drawn.keep(key_id, taken - 1)
    return None
