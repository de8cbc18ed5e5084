"""被拒与未成的请求：从应答看出，写入访问记录。

The domain errors are recorded where they become an answer (``errors``); this middleware records what is left: writes
with invalid content, failed writes, refused tokens, strangers sent to the login page. It runs when the view's
transaction is long over.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from quanze.base.web.errors import REFUSED, record_attempt

_READS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class AttemptMiddleware:
    """请求未成而尚未记下的，记一条访问。Reads that fail are nobody's attempt on the data, except when refused."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        status = response.status_code
        if status in REFUSED:
            record_attempt(request, "refused", f"状态 {status}")
        elif request.method not in _READS:
            if _is_sent_to_login(request, response):
                record_attempt(request, "refused", "未登录")
            elif status >= 400 and not (status in (404, 405) and request.resolver_match is None):
                record_attempt(request, "failed", f"状态 {status}")
        return response


def _is_sent_to_login(request: HttpRequest, response: HttpResponse) -> bool:
    target = response.get("Location") or response.get("HX-Redirect") or ""
    login = resolve_url(settings.LOGIN_URL)
    return not request.path.startswith(login) and target.split("?")[0] == login and "?" in target
