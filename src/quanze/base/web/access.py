"""入门检查：须登录、须有某角色。The service decides again; the door only spares people a page they cannot use."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url

from quanze.base.web import resuming
from quanze.base.web.errors import error_response, wants_json
from quanze.core.errors import NotPermitted

View = Callable[..., HttpResponse]


def signed_in(*roles: Any) -> Any:
    """页面须登录；给出角色时须有其一。Usable as ``@signed_in`` and ``@signed_in("drafter")``."""
    if len(roles) == 1 and callable(roles[0]):
        return _guard(roles[0], ())
    return lambda view: _guard(view, roles)


def _guard(view: View, roles: tuple[str, ...]) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        refused = refuse_strangers(request)
        if refused is not None:
            return refused
        require_roles(request, roles)
        return view(request, *args, **kwargs)

    return guarded


def refuse_strangers(request: HttpRequest) -> HttpResponse | None:
    """未登录者转登录页，登录后回到原处；登录刚过期的，填写的内容不丢。已登录为 None。"""
    if request.actor.user_id is not None:  # type: ignore[attr-defined]
        return None
    # Set by the session engine when the cookie named a session that is over.
    ended = getattr(request.session, "ended", "")
    is_htmx = getattr(request, "htmx", False)
    if ended and request.method == "POST":
        # Fragments and saving in the background leave the page and its text where they are.
        return _say_signed_out(request) if is_htmx or wants_json(request) else _keep_form(request)
    login = resolve_url(settings.LOGIN_URL)
    if is_htmx:
        # The fragment's own address is no page to come back to; the page around it is.
        back = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
        response = HttpResponse(status=204)
        response["HX-Redirect"] = _login_address(back, login, ended)
        return response
    back = request.get_full_path() if request.method == "GET" else "/"
    return HttpResponseRedirect(_login_address(back, login, ended))


def _login_address(back: str, login: str, ended: str) -> str:
    address = redirect_to_login(back, login).url
    return f"{address}&ended={ended}" if ended else address


def _say_signed_out(request: HttpRequest) -> HttpResponse:
    return error_response(
        request,
        401,
        code="signed_out",
        message="登录已过期，这次没有办理；您填写的内容还在页面上。",
        hint="请在新窗口重新登录，再回到这里提交。",
    )


def _keep_form(request: HttpRequest) -> HttpResponse:
    session: Any = request.session
    kept = resuming.kept_of(request, session.ended_user_id)
    login = resolve_url(settings.LOGIN_URL)
    context = {"kept": kept, "resume": resuming.pack(kept), "words": session.ended_words, "login": login}
    return render(request, "signed_out.html", context, status=401)


def require_roles(request: HttpRequest, roles: tuple[str, ...]) -> None:
    """须有其一；没有则 NotPermitted。"""
    if roles and not request.actor.has(*roles):  # type: ignore[attr-defined]
        raise NotPermitted("您现在的岗位不能使用这个页面", hint="如有其他岗位，请在右上角切换后再试。")
