"""锁定时的应答：与账号是否存在无关，说明停多久、怎么办。"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quanze.base.iam import public as iam
from quanze.base.web.errors import error_response, wants_json


def locked_out(request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """暂时不能登录（429）。Called by django-axes in place of the answer of the view."""
    seconds = int(iam.lock_time().total_seconds())
    words = f"这个登录名或您所在的地址连续多次输错口令，为保护账号已暂停登录 {seconds // 60} 分钟。"
    if wants_json(request):
        answer = error_response(request, 429, code="login_locked", message=words)
    else:
        answer = render(request, "login_locked.html", {"words": words, "minutes": seconds // 60}, status=429)
    answer["Retry-After"] = str(seconds)
    return answer
