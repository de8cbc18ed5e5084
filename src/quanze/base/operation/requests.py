"""最外层：请求编号、大小上限、一行日志与一次计数。"""

from __future__ import annotations

import logging
import secrets
import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from quanze.base.operation.metrics import count_request
from quanze.base.web.errors import error_response

log = logging.getLogger("quanze.requests")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestMiddleware:
    """给请求编号，过大的不读就回绝，办完记一行。Must be the first of all."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.monotonic()
        request.request_id = secrets.token_hex(8)  # type: ignore[attr-defined]
        if _length(request) > settings.QUANZE_MAX_REQUEST_BYTES:
            response = error_response(request, 413)
        elif request.method not in _METHODS:
            response = HttpResponse(status=405)
        else:
            response = self.get_response(request)
        if _is_private(request):
            # What a signed-in person saw must not stay in a shared machine's cache.
            response.setdefault("Cache-Control", "private, no-store")
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        seconds = time.monotonic() - began
        route, method = route_of(request), request.method if request.method in _METHODS else "其他"
        count_request(route=route, method=str(method), status=response.status_code, seconds=seconds)
        log.info(
            "请求",
            extra={
                "request_id": request.request_id,  # type: ignore[attr-defined]
                "route": route,
                "method": method,
                "status": response.status_code,
                "ms": round(seconds * 1000, 1),
            },
        )
        return response


def route_of(request: HttpRequest) -> str:
    """路由的式样，不是地址：地址里可能有查询内容，也无穷无尽。"""
    match = getattr(request, "resolver_match", None)
    if match is not None:
        return f"/{match.route}"
    return settings.STATIC_URL if request.path.startswith(settings.STATIC_URL) else "无此地址"


def _is_private(request: HttpRequest) -> bool:
    """不是公开站点、静态文件的；公开接口只在出示了身份时算。"""
    if getattr(getattr(request, "actor", None), "user_id", None) is not None:
        return True
    return not request.path.startswith(("/public/", "/api/", settings.STATIC_URL))


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
