"""发送与阅读站内消息。Not recorded by the audit: a notice follows from a recorded act and changes nothing itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from quanze.base.notices.models import Notice
from quanze.core.actor import Actor


@transaction.atomic
def notice_send(*, to_user_ids: Iterable[int], text: str, link: str = "", kind: str, now: datetime) -> int:
    """发站内消息，返回条数。``link`` is a path of this site; repeated recipients get one message."""
    if link and (not link.startswith("/") or link.startswith(("//", "/\\"))):
        raise ValueError(f"消息链接必须是站内路径：{link}")
    recipients = sorted(set(to_user_ids))
    Notice.objects.bulk_create(
        [Notice(to_user_id=user_id, kind=kind, text=text[:500], link=link, at=now) for user_id in recipients],
        batch_size=500,
    )
    return len(recipients)


@transaction.atomic
def notices_mark_read(*, actor: Actor, notice_ids: Iterable[int] | None = None, now: datetime) -> int:
    """标为已读：给出编号则只标这些，否则全部；只动自己的，返回条数。"""
    if actor.user_id is None:
        return 0
    unread = Notice.objects.filter(to_user_id=actor.user_id, read_at__isnull=True)
    if notice_ids is not None:
        unread = unread.filter(pk__in=list(notice_ids))
    return unread.update(read_at=now)
