"""公文样式的读取：本机构的样式。"""

from __future__ import annotations

from quanze.apps.adjustment.models import OfficeTemplate
from quanze.apps.adjustment.selectors.meetings import CONVENERS
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, NotFound


def templates(*, actor: Actor) -> list[OfficeTemplate]:
    """本机构在用的样式，按名称。"""
    if actor.body_id is None or not actor.has(*CONVENERS):
        return []
    return list(OfficeTemplate.objects.filter(owner_body_id=actor.body_id, is_retired=False))


def template_find(
    *, template_id: int, actor: Actor, seen_version: int | None = None, lock: bool = False
) -> OfficeTemplate:
    """看得见的样式（可锁定）；别的机构的、不办会的人看来没有。"""
    rows = OfficeTemplate.objects.filter(pk=template_id, owner_body_id=actor.body_id or 0)
    row = (rows.select_for_update() if lock else rows).first()
    if row is None or not actor.has(*CONVENERS):
        raise NotFound("没有这份公文样式", hint="请从“审定会议 → 公文样式”中打开。")
    if seen_version is not None and row.lock_version != seen_version:
        raise Conflict("这份样式在您打开之后已有改动", hint="请刷新页面。")
    return row
