"""首次设置之前：空系统只有设置页；健康检查与静态文件照常。"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from quanze.apps.org import public as org
from quanze.base.web.errors import error_response, wants_json

_OPEN = (settings.STATIC_URL, "/setup/", "/health", "/ready", "/metrics")


class FirstStartMiddleware:
    """没有完成首次设置的，一律转到设置页。Once finished it stays finished, so one look is enough."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response
        self._is_done = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.QUANZE_ASKS_FIRST_START and not self._is_done and not request.path.startswith(_OPEN):
            self._is_done = org.is_set_up()
            if not self._is_done:
                if wants_json(request) or request.path.startswith("/api/"):
                    return error_response(request, 503)
                return HttpResponseRedirect(reverse("setup"))
        response: HttpResponse = self.get_response(request)
        return response
