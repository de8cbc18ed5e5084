"""行为人：每个请求以谁的名义、哪个岗位；记录仪注明来自网页还是接口。"""

from __future__ import annotations

import secrets
from typing import Any, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from quanze.apps.org import public as org
from quanze.base.audit.public import through_door
from quanze.core.actor import PUBLIC, Actor

SESSION_KEY = "appointment_id"
# The public site knows no accounts: the same page for everybody, and no cookie is read.
_WITHOUT_ACCOUNT = ("/public/", settings.STATIC_URL)


class ActorMiddleware:
    """给请求挂上 ``request.actor``。Anonymous visitors and the public site are PUBLIC."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = actor_of(request)  # type: ignore[attr-defined]
        source: Literal["api", "web"] = "api" if request.path.startswith("/api/") else "web"
        with through_door(source, secrets.token_hex(8)):
            return self.get_response(request)


def actor_of(request: HttpRequest) -> Actor:
    """请求的行为人：登录者所选的任职，未选为第一个。"""
    if request.path.startswith(_WITHOUT_ACCOUNT) or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return PUBLIC
    user = request.user
    if not user.is_authenticated:
        return PUBLIC
    return org.actor_for_user(user.pk, on=timezone.localdate(), appointment_id=request.session.get(SESSION_KEY))
