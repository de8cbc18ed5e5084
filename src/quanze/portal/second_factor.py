"""谁必须有第二因素：岗位说了算，登录之后、办事之前检查。

``base.iam`` knows factors and no roles, ``apps.org`` knows what each role demands; only here do they meet.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.checks import CheckMessage, Error, Tags, register
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.base.iam import login_flow
from quanze.base.web.errors import error_response, wants_json

REQUIRED_ROLES, ADMINISTRATORS, EVERYONE, OFF = "required_roles", "administrators", "everyone", "off"
POLICIES = (REQUIRED_ROLES, ADMINISTRATORS, EVERYONE, OFF)
_REQUIRED, _EITHER = "required", "sso_or_totp"
# What somebody may open who still has to enrol: enrolment itself, his password, another post, the way out.
_OPEN = ("/account/", "/login/", "/logout/", "/public/", settings.STATIC_URL)


@register(Tags.security)
def policy_check(**_: Any) -> list[CheckMessage]:
    """谁必须有第二因素：设置须认得，正式运行不得关闭。conf.production says the same before anything starts."""
    policy = settings.QUANZE_SECOND_FACTOR
    if policy not in POLICIES:
        words = f"QUANZE_SECOND_FACTOR 不认得 {policy}"
        return [Error(words, hint=f"可用：{'、'.join(POLICIES)}。", id="quanze.E003")]
    # Cookies over HTTPS only are the mark of a system in earnest: neither the desk of one person nor the tests have them.
    if policy in (OFF, ADMINISTRATORS) and settings.SESSION_COOKIE_SECURE:
        words = "正式运行不能免去第二因素"
        return [Error(words, hint="请把 QUANZE_SECOND_FACTOR 设为 required_roles 或 everyone。", id="quanze.E004")]
    return []


class SecondFactorMiddleware:
    """岗位要求而本次登录没有经过第二因素的，只能去添加。"""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor = request.actor  # type: ignore[attr-defined]
        # A key of the interface is its own credential, with scopes and an end date.
        if actor.user_id is None or getattr(request, "api_key", None) is not None:
            return self._answer(request)
        wanted = demanded(actor.roles, settings.QUANZE_SECOND_FACTOR)
        if not wanted or satisfies(login_flow.method_of(request), wanted):
            return self._answer(request)
        request.second_factor_demanded = wanted  # type: ignore[attr-defined]
        if request.path.startswith(_OPEN):
            return self._answer(request)
        return _led_to_enrolment(request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self.get_response(request)
        return response


def demanded(roles: Iterable[str], policy: str) -> str:
    """这些角色要求什么：required、sso_or_totp，或空（不要求）。"""
    if policy == OFF:
        return ""
    levels = org.roles_requiring_second_factor()
    found = {levels[role] for role in roles if role in levels}
    if _REQUIRED in found:
        return _REQUIRED
    if policy == EVERYONE or (_EITHER in found and policy == REQUIRED_ROLES):
        return _EITHER
    return ""


def satisfies(method: str, wanted: str) -> bool:
    """登录的方式是否达到要求。Single sign-on is enough for approvers, never for the three administrators."""
    return method in login_flow.SECOND_FACTORS or (wanted == _EITHER and method == login_flow.SINGLE_SIGN_ON)


def note_sign_in(request: HttpRequest, user: Any, method: str) -> None:
    """登录完成：以当日任职写入访问记录，注明方式。"""
    now = timezone.now()
    audit.access(
        actor=org.actor_for_user(user.pk, on=timezone.localdate(now)),
        action="portal.signed_in",
        outcome="signed_in",
        subject_label=user.username,
        detail=login_flow.METHOD_LABELS[method],
        now=now,
    )


def _led_to_enrolment(request: HttpRequest) -> HttpResponse:
    words = "您的岗位要求登录时使用第二因素，请先添加。"
    target = reverse("second_factor")
    if wants_json(request):
        return error_response(request, 403, code="second_factor_required", message=words, hint=f"请打开 {target}")
    if getattr(request, "htmx", False):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = target
        return response
    if request.method == "POST":
        messages.warning(request, f"{words}刚才的提交没有办理。")
    return HttpResponseRedirect(target)
