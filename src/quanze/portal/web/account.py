"""账号安全：本人的各处登录，退出某处或别处全部；登录过期后接着提交。"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from quanze.base.iam import public as iam
from quanze.base.web import resuming
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.navigation import Tab

RESUME = "resume"


def account_tabs(active: str) -> list[Tab]:
    """账号的几页。"""
    pages = (
        ("account", "登录情况"),
        ("password_change", "修改口令"),
        ("second_factor", "第二因素"),
        ("api_keys", "接口密钥"),
    )
    return [Tab(label, url, name == active) for name, label in pages if (url := _url(name))]


@never_cache
@signed_in
def account(request: HttpRequest) -> HttpResponse:
    """账号安全：登录情况。"""
    now = timezone.now()
    actor = request.actor  # type: ignore[attr-defined]
    user = request.user
    sessions = iam.sessions_of(actor=actor, present_key=request.session.session_key, now=now)
    rules = iam.session_rules(iam.tier_of(actor.user_id, on=timezone.localdate(now)), now=now)
    context = {
        "user": user,
        "tabs": account_tabs("account"),
        "sessions": sessions,
        "others": sum(not each.is_present for each in sessions),
        "days_left": iam.days_left(user, on=timezone.localdate(now)),  # type: ignore[arg-type]
        "idle_minutes": int(rules.idle.total_seconds() // 60),
        "hours": int(rules.longest.total_seconds() // 3600),
        "most": rules.most,
    }
    return render(request, "account.html", context)


@action
def session_revoke(request: HttpRequest, handle: str) -> Done:
    """退出某处登录。"""
    view = iam.session_revoke(
        actor=request.actor,  # type: ignore[attr-defined]
        handle=handle,
        now=timezone.now(),
    )
    return Done(f"已退出在 {view.device}（{view.address or '地址不明'}）的登录。", to=reverse("account"))


@action
def sessions_revoke_others(request: HttpRequest) -> Done:
    """退出别处的全部登录。"""
    ended = iam.sessions_revoke_others(
        actor=request.actor,  # type: ignore[attr-defined]
        present_key=request.session.session_key,
        now=timezone.now(),
    )
    words = f"已退出其他 {ended} 处登录。" if ended else "没有其他登录。"
    return Done(words, to=reverse("account"))


@never_cache
@signed_in
def fresh_token(request: HttpRequest) -> HttpResponse:
    """在别的窗口重新登录后，还开着的页面换上新的表单令牌，填写的内容因而可以接着提交。"""
    return JsonResponse({"token": get_token(request)})


@never_cache
@signed_in
def resume(request: HttpRequest) -> HttpResponse:
    """登录过期前填写的内容：看过之后接着提交。"""
    kept = resuming.unpack(request.session.get(RESUME, ""))
    is_own = kept is not None and kept.user_id == request.user.pk
    return render(request, "resume.html", {"kept": kept if is_own else None})


@action
def resume_drop(request: HttpRequest) -> Done:
    """不再提交登录过期前填写的内容。"""
    request.session.pop(RESUME, None)
    return Done("没有提交，填写的内容已丢弃。", to=reverse("desk"))


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
