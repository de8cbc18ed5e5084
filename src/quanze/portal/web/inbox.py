"""站内消息页。"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.base.notices import public as notices
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action

PAGE = 30


@signed_in
def inbox(request: HttpRequest) -> HttpResponse:
    """我的消息，新的在前。"""
    before = request.GET.get("before", "")
    before_id = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    rows = notices.notices_of(actor=request.actor, before_id=before_id, limit=PAGE)  # type: ignore[attr-defined]
    return render(request, "inbox.html", {"notices": rows, "last_id": rows[-1].id if len(rows) == PAGE else None})


@action
def inbox_read(request: HttpRequest) -> Done:
    """全部标为已读。"""
    count = notices.notices_mark_read(actor=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    return Done(f"已把 {count} 条消息标为已读。" if count else "没有未读消息。", to=reverse("messages"))
