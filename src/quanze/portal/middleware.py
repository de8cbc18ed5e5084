"""行为人：每个请求以谁的名义、哪个岗位；记录仪注明来自网页还是接口。

A request to the interface that carries a key is its account's and nobody else's: a session beside it does not count.
"""

from __future__ import annotations

import secrets
from typing import Any, Literal

from django.conf import settings
from django.db import DatabaseError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from quanze.apps.org import public as org
from quanze.base.audit.public import through_door
from quanze.base.iam import api_keys
from quanze.base.iam.public import client_address
from quanze.base.web.errors import busy, is_disk_full, respond
from quanze.core.actor import PUBLIC, Actor
from quanze.core.errors import DomainError, NotSignedIn

SESSION_KEY = "appointment_id"
DELEGATION_KEY = "delegation_id"
# The public site knows no accounts: the same page for everybody, and no cookie is read.
_WITHOUT_ACCOUNT = ("/public/", settings.STATIC_URL)


class ActorMiddleware:
    """给请求挂上 ``request.actor``。Anonymous visitors and the public site are PUBLIC."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        source: Literal["api", "web"] = "api" if request.path.startswith("/api/") else "web"
        request_id = getattr(request, "request_id", "") or secrets.token_hex(8)
        with through_door(source, request_id, client_address(request)):
            request.actor = PUBLIC  # type: ignore[attr-defined]
            try:
                request.actor = key_actor_of(request) or actor_of(request)  # type: ignore[attr-defined]
            except DomainError as error:
                return respond(request, error)
            except OperationalError as error:
                return busy(request, error)
            return self.get_response(request)


def key_actor_of(request: HttpRequest) -> Actor | None:
    """凭接口密钥来的行为人；没有出示密钥为 None。An ended appointment ends the key, another one does not take its place."""
    words = request.headers.get("Authorization", "").split()
    if not request.path.startswith("/api/") or not words:
        return None
    if len(words) != 2 or words[0].lower() != "bearer":
        raise NotSignedIn("只认 Authorization: Bearer 加接口密钥", hint="请核对请求头。", code="key_malformed")
    now = timezone.now()
    holder = api_keys.key_holder(words[1], now=now)
    on = timezone.localdate(now)
    actor = org.actor_for_user(holder.user_id, on=on, appointment_id=holder.appointment_id)
    is_ended = holder.appointment_id is not None and actor.appointment_id != holder.appointment_id
    if actor.user_id is None or not actor.roles or is_ended:
        raise NotSignedIn("密钥所属账号现在没有任职", hint="任职到期或已停用，请联系管理员。", code="key_unappointed")
    try:
        api_keys.token_take(holder.key_id, now=now)
    except (DatabaseError, OSError) as error:
        # A full disk: nothing can be written, yet reading goes on, uncounted.
        if request.method not in ("GET", "HEAD") or not is_disk_full(error):
            raise
    request.api_key = holder  # type: ignore[attr-defined]
    return actor


def actor_of(request: HttpRequest) -> Actor:
    """请求的行为人：登录者所选的任职或代理，未选为自己的第一个任职。"""
    if request.path.startswith(_WITHOUT_ACCOUNT) or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return PUBLIC
    user = request.user
    if not user.is_authenticated:
        return PUBLIC
    return org.actor_for_user(
        user.pk,
        on=timezone.localdate(),
        appointment_id=request.session.get(SESSION_KEY),
        delegation_id=request.session.get(DELEGATION_KEY),
    )
