"""备案的读取。"""

from __future__ import annotations

from quanze.apps.adjustment.models import Filing
from quanze.core.actor import Scope
from quanze.core.errors import Conflict, NotFound


def find(*, filing_id: int, scope: Scope, seen_version: int | None = None, lock: bool = False) -> Filing:
    """看得见的备案（可锁定）；看不见的答为没有。"""
    rows = Filing.objects.all()
    if lock:
        rows = rows.select_for_update()
    row = rows.filter(pk=filing_id).first()
    if row is None or not scope.covers(row.body_id):
        raise NotFound("没有这件备案", hint="请从“动态调整 → 备案”中打开。")
    if seen_version is not None and row.lock_version != seen_version:
        raise Conflict("这件备案在您打开之后已有办理", hint="请刷新页面后再办。")
    return row


def filings(*, scope: Scope, state: str = "", limit: int = 500) -> list[Filing]:
    """范围之内的备案，新者在前。"""
    rows = Filing.objects.all()
    if not scope.is_all:
        rows = rows.filter(body_id__in=scope.body_ids)
    if state:
        rows = rows.filter(state=state)
    return list(rows.order_by("-id")[:limit])
