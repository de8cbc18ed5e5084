"""读自己的站内消息。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quanze.base.notices.models import Notice
from quanze.core.actor import Actor


@dataclass(frozen=True, slots=True)
class NoticeView:
    """一条站内消息。"""

    id: int
    kind: str
    text: str
    link: str
    at: datetime
    is_read: bool


def unread_count(*, actor: Actor) -> int:
    """未读条数。"""
    if actor.user_id is None:
        return 0
    return Notice.objects.filter(to_user_id=actor.user_id, read_at__isnull=True).count()


def notices_of(*, actor: Actor, before_id: int | None = None, limit: int = 30) -> tuple[NoticeView, ...]:
    """自己的消息，新的在前。"""
    if actor.user_id is None:
        return ()
    rows = Notice.objects.filter(to_user_id=actor.user_id)
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    return tuple(
        NoticeView(row.pk, row.kind, row.text, row.link, row.at, row.read_at is not None)
        for row in rows.order_by("-id")[: max(1, min(limit, 200))]
    )
