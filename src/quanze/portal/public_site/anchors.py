"""记录封存公示：历次下锚的时间、封条号与摘要；原文可下载，供任何人日后对照。"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quanze.base.audit import public as audit

_SHOWN = 72
_LOGS = {"fact": "事实记录", "access": "访问记录"}


@require_safe
def anchors(request: HttpRequest) -> HttpResponse:
    """最近的下锚。"""
    problem = ""
    try:
        views = audit.anchors()
    except audit.AnchorFileError:
        views, problem = [], "摘要文件正在核查，暂不能显示；仍可下载原文。"
    shown = [(view.at, _LOGS.get(head.log, head.log), head) for view in reversed(views) for head in view.heads]
    context = {"anchors": shown[:_SHOWN], "count": len(views), "problem": problem, "section": ""}
    return render(request, "public/anchors.html", context)


@require_safe
def anchors_file(request: HttpRequest) -> HttpResponse:
    """锚文件原文：每行一次下锚的 JSON，``quanze audit verify --anchor`` 可直接使用。"""
    path = audit.anchor_path()
    content = path.read_bytes() if path.exists() else b""
    response = HttpResponse(content, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="anchors.jsonl"'
    response["Cache-Control"] = "no-store"
    return response
