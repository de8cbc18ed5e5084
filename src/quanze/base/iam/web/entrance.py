"""登录的第二步、单点登录与退出。"""

from __future__ import annotations

import json
from typing import Any

from allauth.account.internal.stagekit import clear_login
from allauth.account.stages import LoginStageController
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from quanze.base.audit import public as audit
from quanze.base.iam import attempts, login_flow, second_factor, single_sign_on
from quanze.base.iam.models import User
from quanze.base.iam.sessions import sign_in_failed
from quanze.base.iam.web.ceremony import authentication_options
from quanze.core.actor import Actor


@never_cache
def login_second_factor(request: HttpRequest) -> HttpResponse:
    """口令之后：输入动态口令、恢复码，或用安全密钥。"""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    stage = LoginStageController.enter(request, login_flow.SecondFactorStage.key)
    user = stage.login.user if stage is not None else None
    if stage is None or not isinstance(user, User) or not user.is_active:
        clear_login(request)
        messages.info(request, "登录没有完成或已超时，请重新输入口令。")
        return redirect(settings.LOGIN_URL)
    if "cancel" in request.POST:
        clear_login(request)
        return redirect(settings.LOGIN_URL)
    if attempts.is_locked(request, user):
        clear_login(request)
        return render(request, "login_locked.html", status=429)
    wrong = ""
    if request.method == "POST":
        kind = _passed(request, user)
        if kind:
            second_factor.passed_with(request, user, kind)
            if kind == second_factor.RECOVERY_CODE:
                left = second_factor.recovery_codes_left(user.pk)
                _note(user, "iam.recovery_code.used", "read", f"还剩 {left} 个")
                messages.warning(request, f"已用掉一个恢复码，还剩 {left} 个。手机或密钥丢失的，请尽快重新添加。")
            response: HttpResponse = stage.exit()
            return response
        attempts.failed(request, user)
        sign_in_failed(user.username)
        request.is_attempt_recorded = True  # type: ignore[attr-defined]
        _note(user, "iam.second_factor.failed", "failed", "安全密钥" if request.POST.get("credential") else "")
        wrong = "没有通过。动态口令 30 秒一换、只能用一次；请核对手机时间，等下一个再试。"
    kinds = {each.kind for each in second_factor.factors_of(user.pk)}
    context = {
        "wrong": wrong,
        "has_code": second_factor.TOTP in kinds,
        "options": authentication_options(user) if second_factor.SECURITY_KEY in kinds else None,
        "demo": _demo_secret(user.username),
    }
    return render(request, "iam/login_second_factor.html", context, status=422 if wrong else 200)


@require_GET
@never_cache
def single_sign_on_begin(request: HttpRequest) -> HttpResponse:
    """转到统一身份认证。A link and not a form: the page's policy forbids forms that end elsewhere."""
    return single_sign_on.begin(request, next_url=request.GET.get("next", ""), is_again="again" in request.GET)


@require_GET
@never_cache
def single_sign_on_callback(request: HttpRequest) -> HttpResponse:
    """统一身份认证送回的地址。"""
    return single_sign_on.complete(request)


@require_GET
@never_cache
def single_sign_on_ended(request: HttpRequest) -> HttpResponse:
    """已退出本系统；要不要同时退出统一身份认证，由本人点。"""
    name = single_sign_on.display_name()
    if not name:
        return redirect(settings.LOGIN_URL)
    return render(request, "iam/single_sign_on_ended.html", {"name": name})


@require_GET
@never_cache
def single_sign_on_end(request: HttpRequest) -> HttpResponse:
    """转到统一身份认证的退出地址。"""
    url = single_sign_on.end_session_url(request)
    if not url:
        messages.info(request, "统一身份认证没有提供退出地址，请关闭浏览器。")
        return redirect(settings.LOGIN_URL)
    return HttpResponseRedirect(url)


class SignOutView(LogoutView):
    """退出登录；单点登录来的，再问是否同时退出统一身份认证。"""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        came_from_outside = single_sign_on.is_on() and login_flow.came_by_single_sign_on(request)
        response = super().post(request, *args, **kwargs)
        return redirect("single_sign_on_ended") if came_from_outside else response


def _passed(request: HttpRequest, user: User) -> str:
    """通过的种类；没通过为空。"""
    now = timezone.now()
    credential = request.POST.get("credential", "")
    if not credential:
        return second_factor.code_use(user_id=user.pk, code=request.POST.get("code", ""), now=now)
    try:
        answer = json.loads(credential)
    except ValueError:
        return ""
    is_right = second_factor.security_key_use(user=user, credential=answer, now=now)
    return second_factor.SECURITY_KEY if is_right else ""


def _note(user: User, action: str, outcome: Any, detail: str) -> None:
    """登录未完成时的访问记录：只知道账号，还没有任职。"""
    actor = Actor(user_id=user.pk, name=user.full_name)
    now = timezone.now()
    audit.access(actor=actor, action=action, outcome=outcome, subject_label=user.username, detail=detail, now=now)


def _demo_secret(username: str) -> dict[str, str] | None:
    """演示账号公开的密钥与此刻的口令；正式环境没有。"""
    provider = getattr(settings, "QUANZE_DEMO_ACCOUNTS", "")
    if not settings.QUANZE_IS_DEMO or not provider:
        return None
    found = (each for each in import_string(provider)() if each.username == username)
    secret = getattr(next(found, None), "totp_secret", "")
    return {"secret": secret, "code": second_factor.totp_code(secret, now=timezone.now())} if secret else None
