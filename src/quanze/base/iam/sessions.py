"""登录会话：登录后开始、列出、退出某处、因故全部结束。

A login ends the oldest ones beyond the number allowed. Whatever ends a session says why, and the person is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from quanze.base.audit import public as audit
from quanze.base.iam.addresses import client_address
from quanze.base.iam.devices import device_label
from quanze.base.iam.models import User
from quanze.base.iam.passwords import days_left
from quanze.base.iam.session_models import ENDED_WORDS, LoginSession
from quanze.base.iam.session_store import SessionStore, end_rows
from quanze.base.iam.tiers import Tier, tier_of
from quanze.base.parameters import public as parameters
from quanze.core.actor import SYSTEM, Actor
from quanze.core.errors import NotFound

MUST_CHANGE = "must_change_password"


@dataclass(frozen=True, slots=True)
class SessionView:
    """一处登录：代号、设备、地址、起止、最近操作、是否就是现在这一处。"""

    handle: str
    device: str
    address: str
    started_at: datetime
    last_seen_at: datetime
    ends_at: datetime
    is_present: bool


@dataclass(frozen=True, slots=True)
class SessionRules:
    """会话的时限：无操作多久退出、最长多久、同时几处。"""

    idle: timedelta
    longest: timedelta
    most: int


@dataclass(frozen=True, slots=True)
class SignIn:
    """一次登录：此前一次的时间与地址、其后的失败次数、本次挤掉几处、口令还能用几天（不限为 None）。"""

    address: str
    device: str
    before_at: datetime | None
    before_from: str
    failures: int
    replaced: int
    password_days: int | None


def session_rules(tier: Tier, *, now: datetime) -> SessionRules:
    """某一档次当日的时限。"""
    codes = (f"session_idle_minutes_{tier.value}", "session_hours", f"session_most_{tier.value}")
    values = parameters.values_on(codes, on=timezone.localdate(now))
    idle, hours, most = (int(str(values[code])) for code in codes)
    return SessionRules(timedelta(minutes=idle), timedelta(hours=hours), most)


def session_begin(request: HttpRequest, user: User, *, now: datetime) -> SignIn:
    """登录完成后开始会话。Called once, after the last factor; the key is new already (Django cycles it at login)."""
    address, agent = client_address(request), request.headers.get("User-Agent", "")
    rules = session_rules(tier_of(user.pk, on=timezone.localdate(now)), now=now)
    store = _store(request)
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        row = store.begin(address=address, agent=agent, idle=rules.idle, until=now + rules.longest, now=now)
        replaced = _replace_oldest(locked, row, rules.most, now=now)
        before_at, before_from, failures = locked.signed_in_at, locked.signed_in_from, locked.failures_since
        User.objects.filter(pk=locked.pk).update(
            signed_in_at=now,
            signed_in_from=address,
            before_at=before_at,
            before_from=before_from,
            failures_since=0,
            failures_before=failures,
        )
    left = days_left(locked, on=timezone.localdate(now))
    if left == 0:
        request.session[MUST_CHANGE] = True
    return SignIn(address, device_label(agent), before_at, before_from, failures, replaced, left)


def sign_in_failed(username: str) -> None:
    """记下一次失败的登录，供本人下次登录时看到。Unknown names cost the same statement."""
    User.objects.filter(username=username).update(failures_since=F("failures_since") + 1)


def must_change_password(request: HttpRequest) -> bool:
    """口令是否已到期、须先修改。"""
    return bool(request.session.get(MUST_CHANGE))


def password_is_new(request: HttpRequest) -> None:
    """口令刚刚改过：不再催。"""
    request.session.pop(MUST_CHANGE, None)


def sessions_of(*, actor: Actor, present_key: str | None, now: datetime) -> list[SessionView]:
    """本人的各处登录，现在这一处在前，其余新者在前。"""
    rows = [row for row in _open_rows(actor.user_id) if not row.why_over(now)]
    views = [
        SessionView(
            handle=row.handle,
            device=device_label(row.agent),
            address=row.address,
            started_at=row.started_at,
            last_seen_at=row.last_seen_at,
            ends_at=row.expire_date,
            is_present=row.session_key == present_key,
        )
        for row in rows
    ]
    return sorted(views, key=lambda view: (not view.is_present, -view.started_at.timestamp()))


@transaction.atomic
def session_revoke(*, actor: Actor, handle: str, now: datetime) -> SessionView:
    """退出本人的某一处登录；别人的与不存在的回答相同。"""
    mine = LoginSession.objects.filter(user_id=actor.user_id or 0, ended_reason="")
    row = mine.select_for_update().filter(handle=handle).first()
    if row is None:
        raise NotFound("没有这处登录", hint="它可能已经退出，请刷新页面。")
    end_rows([row.session_key], "revoked", now=now)
    view = SessionView(
        row.handle, device_label(row.agent), row.address, row.started_at, row.last_seen_at, row.expire_date, False
    )
    _note(actor, actor.name, f"退出一处登录：{view.device}，{view.address}，{_time(view.started_at)}登录", now)
    return view


@transaction.atomic
def sessions_revoke_others(*, actor: Actor, present_key: str | None, now: datetime) -> int:
    """退出本人在别处的全部登录，返回处数。"""
    if actor.user_id is None:
        return 0
    return _end(actor.user_id, "revoked", actor=actor, keep=present_key, now=now)


@transaction.atomic
def sessions_end(
    user_id: int, reason: str, *, now: datetime | None = None, actor: Actor = SYSTEM, keep: str | None = None
) -> int:
    """因故结束某人的全部登录（``keep`` 除外），返回处数。``reason`` is one of ``ENDED_WORDS``.

    For services whose change makes a session untrue: roles changed, account disabled, password set.
    """
    return _end(user_id, reason, actor=actor, keep=keep, now=now or timezone.now())


def sessions_purge(now: datetime) -> None:
    """清除早已过期的会话。"""
    SessionStore.clear_expired()


def _store(request: HttpRequest) -> SessionStore:
    store = request.session
    if not isinstance(store, SessionStore):
        raise RuntimeError(f"SESSION_ENGINE 须为 quanze.base.iam.session_store，现为 {settings.SESSION_ENGINE}")
    return store


def _open_rows(user_id: int | None) -> list[LoginSession]:
    if user_id is None:
        return []
    rows = LoginSession.objects.filter(user_id=user_id, ended_reason="").defer("session_data")
    return list(rows.order_by("started_at", "session_key"))


def _replace_oldest(user: User, present: LoginSession, most: int, *, now: datetime) -> int:
    rows = [row for row in _open_rows(user.pk) if row.session_key != present.session_key and not row.why_over(now)]
    surplus = rows[: max(0, len(rows) + 1 - most)]
    ended = end_rows([row.session_key for row in surplus], "replaced", now=now) if surplus else 0
    if ended:
        places = "；".join(f"{device_label(row.agent)}，{row.address}，{_time(row.started_at)}登录" for row in surplus)
        _note(Actor(user_id=user.pk, name=user.full_name), user.full_name, f"超出 {most} 处，退出最早的：{places}", now)
    return ended


def _end(user_id: int, reason: str, *, actor: Actor, keep: str | None, now: datetime) -> int:
    if reason not in ENDED_WORDS:
        raise LookupError(f"会话结束的原因 {reason} 没有登记")
    rows = [row for row in _open_rows(user_id) if row.session_key != keep]
    ended = end_rows([row.session_key for row in rows], reason, now=now)
    if ended:
        name = User.objects.values_list("full_name", flat=True).get(pk=user_id)
        _note(actor, name, f"{reason}：退出 {ended} 处登录", now)
    return ended


def _note(actor: Actor, subject: str, detail: str, now: datetime) -> None:
    # In the transaction of the ending itself: a session ended and not recorded cannot be.
    audit.access(
        actor=actor,
        action="iam.session.revoked",
        outcome="signed_out",
        subject_label=subject,
        body_id=actor.body_id,
        detail=detail,
        now=now,
    )


def _time(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
