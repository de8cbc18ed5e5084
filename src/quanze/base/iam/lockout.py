"""锁定：同一登录名或同一地址连续输错达到次数，停一段时间；由安全管理员提前解除。

django-axes counts in the database and refuses before any password is looked at. Three things are different here: the two
dimensions have their own figures (dated parameters), a good login forgives its own account only (else somebody with an
account could reset the count of his address between guesses at another), and what was posted is not kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.db import transaction
from django.db.models import Max, Sum
from django.http import HttpRequest
from django.utils import timezone

from quanze.base.audit import public as audit
from quanze.base.iam.models import User
from quanze.base.parameters import public as parameters
from quanze.core.actor import Actor
from quanze.core.errors import NotFound, NotPermitted, WrongState

audit.register_action("iam.lock.removed", "解除登录锁定")
_BY_ACCOUNT, _BY_ADDRESS, _MINUTES = "login_failures_account", "login_failures_address", "login_lock_minutes"


@dataclass(frozen=True, slots=True)
class LockView:
    """一个锁定：登录名或地址、失败次数、最近一次失败、何时自动解除；``kind`` 为 account 或 address。"""

    kind: str
    value: str
    failures: int
    last_failed_at: datetime
    until: datetime
    full_name: str = ""


class LockHandler(AxesDatabaseHandler):
    """按登录名与按地址，各有各的次数。"""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """换算成登录名的次数：超出自己限度最多的那一边说了算。"""
        limits = _limits()
        username = get_client_username(request, credentials)
        address = request.axes_ip_address  # type: ignore[attr-defined]
        since = request.axes_attempt_time - lock_time()  # type: ignore[attr-defined]
        rows = AccessAttempt.objects.filter(attempt_time__gte=since)
        by_account = _sum(rows.filter(username=username)) - limits[_BY_ACCOUNT]
        by_address = _sum(rows.filter(ip_address=address)) - limits[_BY_ADDRESS] if address else -limits[_BY_ADDRESS]
        return limits[_BY_ACCOUNT] + max(by_account, by_address)

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        super().user_login_failed(sender, credentials, request, **kwargs)
        if request is not None:
            # The form of a login holds nothing worth keeping and may hold a password typed into the wrong field.
            name = get_client_username(request, credentials)
            AccessAttempt.objects.filter(username=name).update(get_data="", post_data="")

    def reset_user_attempts(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        username = get_client_username(request, credentials)
        count, _ = AccessAttempt.objects.filter(username=username).delete()
        return count


def failure_limit(request: HttpRequest, credentials: Any) -> int:
    """AXES_FAILURE_LIMIT。"""
    return _limits()[_BY_ACCOUNT]


def lock_time(request: HttpRequest | None = None) -> timedelta:
    """AXES_COOLOFF_TIME。"""
    return timedelta(minutes=parameters.value_int(_MINUTES, on=timezone.localdate()))


def lock_words() -> str:
    """连续输错几次、停多久，写给人看。"""
    limits = _limits()
    return f"连续输错 {limits[_BY_ACCOUNT]} 次将暂停登录 {int(lock_time().total_seconds() // 60)} 分钟"


def failure_note(request: HttpRequest, username: str) -> None:
    """在登录页以外输错口令（如修改口令时），同样计数。"""
    AxesProxyHandler.user_login_failed(sender="quanze.base.iam", credentials={"username": username}, request=request)


def just_locked(request: HttpRequest) -> bool:
    """这次失败是否正好触发了锁定。"""
    return is_locked_out(request) and getattr(request, "axes_failures_since_start", None) is not None


def is_locked_out(request: HttpRequest) -> bool:
    """这次请求是否因锁定被拒。"""
    return bool(getattr(request, "axes_locked_out", False))


def locks(*, actor: Actor, now: datetime) -> list[LockView]:
    """现在的锁定，供安全管理员查看。"""
    _require_security(actor)
    limits, span = _limits(), lock_time()
    rows = AccessAttempt.objects.filter(attempt_time__gte=now - span)
    found = []
    for kind, column, limit in (
        ("account", "username", limits[_BY_ACCOUNT]),
        ("address", "ip_address", limits[_BY_ADDRESS]),
    ):
        sums = rows.exclude(**{column: None}).values_list(column)
        for value, failures, last in sums.annotate(Sum("failures_since_start"), Max("attempt_time")).order_by(column):
            if failures >= limit:
                found.append(LockView(kind, str(value), failures, last, last + span))
    names = dict(
        User.objects.filter(username__in=[each.value for each in found if each.kind == "account"]).values_list(
            "username", "full_name"
        )
    )
    return [
        LockView(
            each.kind,
            each.value,
            each.failures,
            each.last_failed_at,
            each.until,
            names.get(each.value, "") if each.kind == "account" else "",
        )
        for each in found
    ]


@transaction.atomic
def account_unlock(*, actor: Actor, user_id: int, reason: str, now: datetime) -> None:
    """解除某账号的锁定。"""
    _require_security(actor)
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFound("没有这个账号", hint="请刷新页面后再看。")
    _unlock(actor, AccessAttempt.objects.filter(username=user.username), user.pk, user.full_name, reason, now)


@transaction.atomic
def address_unlock(*, actor: Actor, address: str, reason: str, now: datetime) -> None:
    """解除某地址的锁定；各登录名自己的次数随该地址的失败一并清除。"""
    _require_security(actor)
    _unlock(actor, AccessAttempt.objects.filter(ip_address=address), address, address, reason, now)


def _unlock(actor: Actor, rows: Any, subject_id: int | str, label: str, reason: str, now: datetime) -> None:
    failures = _sum(rows)
    if not failures:
        raise WrongState("没有锁定，也没有输错的记录", hint="锁定到时会自动解除，请刷新页面。", code="not_locked")
    rows.delete()
    audit.record(
        actor=actor,
        action="iam.lock.removed",
        subject=audit.SubjectRef("iam.lock", subject_id, label, None),
        before={"failures": failures},
        reason=reason.strip(),
        now=now,
    )


def _sum(rows: Any) -> int:
    return int(rows.aggregate(total=Sum("failures_since_start"))["total"] or 0)


def _limits() -> dict[str, int]:
    values = parameters.values_on((_BY_ACCOUNT, _BY_ADDRESS), on=timezone.localdate())
    return {code: int(str(value)) for code, value in values.items()}


def _require_security(actor: Actor) -> None:
    if not actor.has("security_admin", "system"):
        raise NotPermitted("解除锁定由安全管理员办理", hint="请联系本单位安全管理员。")
