"""会话的守门：口令到期的先改口令；记下最近操作与退出。

Stands inside the middleware that knows the actor. Costs no query: what it needs came with the session row.
"""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import messages
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from quanze.base.audit import public as audit
from quanze.base.iam import public as iam
from quanze.base.web.errors import error_response, wants_json

log = logging.getLogger("quanze.web")
_OPEN_BEFORE_CHANGE = ("/account/password/", "/account/token/", "/logout/", "/login/", "/public/", "/static/")
# Pages that ask by themselves again and again: a screen left open is nobody's activity.
_PASSIVE = frozenset({"job_progress", "import_progress"})


class SessionGuardMiddleware:
    """登录会话的守门。"""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor = request.actor  # type: ignore[attr-defined]
        if actor.user_id is None or getattr(request, "api_key", None) is not None:
            response: HttpResponse = self.get_response(request)
            return response
        if iam.must_change_password(request) and not request.path.startswith(_OPEN_BEFORE_CHANGE):
            return _led_to_change(request)
        username = request.user.get_username()
        response = self.get_response(request)
        if not request.user.is_authenticated:
            audit.access(
                actor=actor,
                action="portal.signed_out",
                outcome="signed_out",
                subject_label=username,
                body_id=actor.body_id,
                now=timezone.now(),
            )
        elif not _is_passive(request):
            _touch(request)
        return response


def _touch(request: HttpRequest) -> None:
    try:
        request.session.touch(timezone.now())  # type: ignore[attr-defined]
    except DatabaseError:
        # The page is done; that it was looked at is not worth an error. The idle limit errs on the strict side.
        log.warning("最近操作的时间没有记下")


def _is_passive(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.url_name in _PASSIVE


def _led_to_change(request: HttpRequest) -> HttpResponse:
    words = "口令已到期，请先修改口令。"
    target = reverse("password_change")
    if wants_json(request):
        return error_response(request, 403, code="password_expired", message=words, hint=f"请打开 {target}")
    if getattr(request, "htmx", False):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = target
        return answer
    if request.method == "POST":
        messages.warning(request, f"{words}刚才的提交没有办理。")
    return HttpResponseRedirect(target)
