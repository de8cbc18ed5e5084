"""第二因素：动态口令（TOTP）、安全密钥（WebAuthn）、恢复码。

allauth.mfa keeps the rows, computes the codes and speaks WebAuthn; what it leaves to caches or keeps readable is decided
here: one use per 30-second step is a fact of the row, recovery codes are digests, every change stands in the record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.internal.flows import login as login_records
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt, encrypt
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from quanze.base.audit import public as audit
from quanze.base.iam import recovery_codes
from quanze.base.iam.models import User
from quanze.base.iam.sessions import sessions_end
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput, NotFound, NotPermitted, WrongState

TOTP, SECURITY_KEY, RECOVERY_CODE = "totp", "webauthn", "recovery_codes"
KIND_LABELS = {TOTP: "动态口令", SECURITY_KEY: "安全密钥", RECOVERY_CODE: "恢复码"}
SECURITY_KEYS_AT_MOST = 5
_STEP_SECONDS = 30
# One step early or late: the clocks of phones and of servers without an outside time source differ.
_DRIFT_STEPS = 1

audit.register_actions(
    {
        "iam.second_factor.added": "添加第二因素",
        "iam.second_factor.removed": "移除第二因素",
        "iam.second_factor.reset": "重置第二因素",
        "iam.recovery_codes.renewed": "重新生成恢复码",
    }
)


@dataclass(frozen=True, slots=True)
class FactorView:
    """一个第二因素：编号、种类、名称、添加时间、最近使用时间。"""

    id: int
    kind: str
    name: str
    created_at: datetime
    last_used_at: datetime | None

    @property
    def kind_label(self) -> str:
        return KIND_LABELS[self.kind]


def factors_of(user_id: int) -> list[FactorView]:
    """账号的第二因素，不含恢复码，先添加的在前。"""
    rows = Authenticator.objects.filter(user_id=user_id).exclude(type=RECOVERY_CODE).order_by("pk")
    return [
        FactorView(row.pk, row.type, row.data.get("name") or KIND_LABELS[row.type], row.created_at, row.last_used_at)
        for row in rows
    ]


def has_factor(user_id: int, kind: str = "") -> bool:
    """是否有第二因素；给出种类的只看该种。"""
    rows = Authenticator.objects.filter(user_id=user_id).exclude(type=RECOVERY_CODE)
    return (rows.filter(type=kind) if kind else rows).exists()


def recovery_codes_left(user_id: int) -> int:
    """还剩几个恢复码。"""
    row = Authenticator.objects.filter(user_id=user_id, type=RECOVERY_CODE).first()
    return 0 if row is None else recovery_codes.left(row.data)


def fresh_totp_secret() -> str:
    """新的动态口令密钥（base32，160 位）。"""
    return totp.generate_totp_secret()


def totp_code(secret: str, *, now: datetime) -> str:
    """某密钥此刻的动态口令。"""
    return totp.format_hotp_value(totp.hotp_value(secret, _step(now)))


@transaction.atomic
def totp_add(*, actor: Actor, user_id: int, secret: str, code: str, now: datetime) -> list[str]:
    """启用动态口令：输对一次才算数。首次添加第二因素的，返回只显示这一次的恢复码。"""
    user = _own(actor, user_id)
    if has_factor(user_id, TOTP):
        raise WrongState("这个账号已启用动态口令", hint="要换手机，请先移除原来的，再重新添加。", code="totp_exists")
    step = _matching_step(secret, code, after=0, now=now)
    if step is None:
        raise InvalidInput(
            "动态口令不对", hint="请核对手机时间是否准确，输入此刻显示的 6 位数字。", code="second_factor_wrong"
        )
    Authenticator.objects.create(
        user=user, type=TOTP, data={"secret": encrypt(secret), "last_step": step}, created_at=now, last_used_at=now
    )
    return _added(actor, user, TOTP, KIND_LABELS[TOTP], now)


@transaction.atomic
def security_key_add(*, actor: Actor, user_id: int, name: str, credential: dict[str, Any], now: datetime) -> list[str]:
    """登记安全密钥。``credential`` is what the browser made of the challenge; the challenge waits in the session."""
    user = _own(actor, user_id)
    present = factors_of(user_id)
    keys = [each for each in present if each.kind == SECURITY_KEY]
    if len(keys) >= SECURITY_KEYS_AT_MOST:
        raise WrongState(
            f"最多登记 {SECURITY_KEYS_AT_MOST} 个安全密钥", hint="请先移除不再使用的。", code="too_many_keys"
        )
    try:
        webauthn.parse_registration_response(credential)
        webauthn.complete_registration(credential)
    except (ValidationError, ValueError, KeyError, TypeError):
        raise InvalidInput(
            "安全密钥没有登记成功", hint="请刷新页面后再试一次，按浏览器的提示操作。", code="second_factor_wrong"
        ) from None
    name = name.strip()[:40] or f"安全密钥 {len(keys) + 1}"
    row = webauthn.WebAuthn.add(user, name, credential).instance
    Authenticator.objects.filter(pk=row.pk).update(created_at=now)
    return _added(actor, user, SECURITY_KEY, name, now)


@transaction.atomic
def factor_remove(*, actor: Actor, user_id: int, factor_id: int, now: datetime) -> None:
    """移除本人的一个第二因素；最后一个移除时恢复码一并作废。"""
    user = _own(actor, user_id)
    chosen = next((each for each in factors_of(user_id) if each.id == factor_id), None)
    if chosen is None:
        raise NotFound("没有这个第二因素")
    Authenticator.objects.filter(pk=factor_id, user=user).delete()
    if not has_factor(user_id):
        Authenticator.objects.filter(user=user).delete()
    _record(actor, user, "iam.second_factor.removed", now, before={"kind": chosen.kind_label, "name": chosen.name})


@transaction.atomic
def recovery_codes_renew(*, actor: Actor, user_id: int, now: datetime) -> list[str]:
    """重新生成恢复码：旧的全部作废，新的只显示这一次。"""
    user = _own(actor, user_id)
    if not has_factor(user_id):
        raise WrongState("还没有第二因素，不需要恢复码", hint="请先添加动态口令或安全密钥。", code="no_second_factor")
    codes = _fresh_codes(user, now)
    _record(actor, user, "iam.recovery_codes.renewed", now, after={"count": len(codes)})
    return codes


@transaction.atomic
def factors_reset(*, actor: Actor, user_id: int, reason: str, now: datetime) -> int:
    """安全管理员重置他人的第二因素（手机与恢复码都丢失时）；须写明理由。返回移除的个数。

    The person enrols anew at the next login; nobody may reset his own factor this way.
    """
    if not actor.has("security_admin") or actor.user_id == user_id:
        raise NotPermitted("重置第二因素由安全管理员办理，且不能重置自己的", hint="请联系另一位安全管理员。")
    if not reason.strip():
        raise InvalidInput("请写明重置的理由", hint="例如：本人当面核实身份，手机遗失。", code="reason_required")
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise NotFound("没有这个账号")
    names = [f"{each.kind_label}“{each.name}”" for each in factors_of(user_id)]
    if not names:
        raise WrongState("这个账号没有第二因素，不需要重置", code="no_second_factor")
    Authenticator.objects.filter(user=user).delete()
    # Whoever holds the lost telephone may also be signed in with it.
    sessions_end(user_id, "factor", actor=actor, now=now)
    _record(actor, user, "iam.second_factor.reset", now, before={"factors": names}, reason=reason.strip())
    return len(names)


@transaction.atomic
def code_use(*, user_id: int, code: str, now: datetime) -> str:
    """核对动态口令或恢复码并用掉它；返回种类，不对为空。

    A step counts once, whatever process asks and however often: the row is locked and remembers its last step.
    """
    rows = Authenticator.objects.select_for_update().filter(user_id=user_id, type__in=(TOTP, RECOVERY_CODE))
    for row in rows.order_by("pk"):
        data: dict[str, Any] | None
        if row.type == TOTP:
            step = _matching_step(decrypt(row.data["secret"]), code, after=row.data["last_step"], now=now)
            data = None if step is None else {**row.data, "last_step": step}
        else:
            data = recovery_codes.spend(row.data, code)
        if data is not None:
            row.data, row.last_used_at = data, now
            row.save(update_fields=["data", "last_used_at"])
            return str(row.type)
    return ""


def security_key_use(*, user: User, credential: Any, now: datetime) -> bool:
    """核对安全密钥对本次挑战的应答；挑战用过即弃。"""
    try:
        webauthn.parse_authentication_response(credential)
        row = webauthn.complete_authentication(user, credential)
    except (ValidationError, ValueError, KeyError, TypeError, AttributeError):
        return False
    finally:
        webauthn.clear_state()
    Authenticator.objects.filter(pk=row.pk).update(last_used_at=now)
    return True


def passed_with(request: HttpRequest, user: User, kind: str) -> None:
    """在本次会话里记下：本人刚以某种第二因素证明过自己。"""
    login_records.record_authentication(request, user, "mfa", type=kind)


def _own(actor: Actor, user_id: int) -> User:
    """锁住账号行；只能改自己的（系统装入演示账号除外）。"""
    if actor.user_id != user_id and not actor.has("system"):
        raise NotPermitted("只能设置自己的第二因素")
    return User.objects.select_for_update().get(pk=user_id)


def _step(now: datetime) -> int:
    return int(now.timestamp()) // _STEP_SECONDS


def _matching_step(secret: str, code: str, *, after: int, now: datetime) -> int | None:
    """口令对应的时间步；早于或等于 ``after`` 的不算（已用过）。"""
    given = "".join(code.split())
    for step in range(_step(now) - _DRIFT_STEPS, _step(now) + _DRIFT_STEPS + 1):
        if step > after and compare_user_code(
            actual=given, expected=totp.format_hotp_value(totp.hotp_value(secret, step))
        ):
            return step
    return None


def _added(actor: Actor, user: User, kind: str, name: str, now: datetime) -> list[str]:
    _record(actor, user, "iam.second_factor.added", now, after={"kind": KIND_LABELS[kind], "name": name})
    if Authenticator.objects.filter(user=user, type=RECOVERY_CODE).exists():
        return []
    return _fresh_codes(user, now)


def _fresh_codes(user: User, now: datetime) -> list[str]:
    codes, data = recovery_codes.fresh()
    Authenticator.objects.filter(user=user, type=RECOVERY_CODE).delete()
    Authenticator.objects.create(user=user, type=RECOVERY_CODE, data=data, created_at=now)
    return codes


def _record(
    actor: Actor,
    user: User,
    action: str,
    now: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=audit.SubjectRef("iam.user", user.pk, user.full_name, None),
        before=before or {},
        after=after or {},
        reason=reason,
        now=now,
    )
