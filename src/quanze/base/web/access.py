"""入门检查：须登录、须有某角色。The service decides again; the door only spares people a page they cannot use."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

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
    """未登录者转登录页，登录后回到原处；已登录为 None。"""
    if request.actor.user_id is not None:  # type: ignore[attr-defined]
        return None
    login = resolve_url(settings.LOGIN_URL)
    if getattr(request, "htmx", False):
        # The fragment's own address is no page to come back to; the page around it is.
        back = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
        response = HttpResponse(status=204)
        response["HX-Redirect"] = redirect_to_login(back, login).url
        return response
    back = request.get_full_path() if request.method == "GET" else "/"
    return redirect_to_login(back, login)


def require_roles(request: HttpRequest, roles: tuple[str, ...]) -> None:
    """须有其一；没有则 NotPermitted。"""
    if roles and not request.actor.has(*roles):  # type: ignore[attr-defined]
        raise NotPermitted("您现在的岗位不能使用这个页面", hint="如有其他岗位，请在右上角切换后再试。")
