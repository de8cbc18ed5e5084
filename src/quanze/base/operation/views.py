"""``/healthz``、``/readyz``、``/metrics``：给机器看的三页。"""

from __future__ import annotations

import secrets
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from quanze.base.operation.metrics import exposition
from quanze.base.operation.probes import probe_all

_RETRY_SECONDS = "10"


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """进程活着。Asks nothing: a database that is away must not make a supervisor restart the process."""
    return _plain(HttpResponse("ok\n", content_type="text/plain; charset=utf-8"))


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """能否接客；不能时 503，并逐项说明。"""
    results = probe_all(timezone.now())
    is_ready = all(result.is_ok for result in results)
    body = {"ready": is_ready, "probes": {result.name: result.message for result in results}}
    response = JsonResponse(body, status=200 if is_ready else 503, json_dumps_params={"ensure_ascii": False})
    if not is_ready:
        response["Retry-After"] = _RETRY_SECONDS
    return _plain(response)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """指标；不许看的人得到的与没有这一页相同。"""
    if not _may_measure(request):
        raise Http404
    return _plain(HttpResponse(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8"))


def _may_measure(request: HttpRequest) -> bool:
    words = request.headers.get("Authorization", "").split()
    token = settings.QUANZE_METRICS_TOKEN
    if token and len(words) == 2 and words[0].lower() == "bearer":
        return secrets.compare_digest(words[1].encode(), token.encode())
    if not settings.QUANZE_METRICS_ALLOW or "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        # Behind a proxy on the same machine everybody comes from loopback.
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in ip_network(allowed, strict=False) for allowed in settings.QUANZE_METRICS_ALLOW)


def _plain(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
