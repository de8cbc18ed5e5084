"""交接中属于清单编制的部分：未送审的草稿、被退回待改的事项，由接手人继续。

Whoever wrote a word before stays an author and never reviews it. A mark 拟取消 keeps its author for the same reason; any
drafter of the body may send or clear it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import QuerySet

from quanze.apps.catalog.models import ItemVersion
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.core.errors import RulesNotMet

audit.register_action("catalog.draft.handed_over", "草稿交接")


def _drafts(user_id: int) -> QuerySet[ItemVersion]:
    rows = ItemVersion.objects.filter(author_id=user_id, state__in=["draft", "returned"])
    return rows.select_related("item__power_list").order_by("id")


def find_drafts(user_id: int, on: date) -> Sequence[org.OpenWork]:
    """本人最后动笔的草稿与退回件。"""
    return [
        org.OpenWork("catalog.item", row.item_id, row.name, row.item.power_list.body_id) for row in _drafts(user_id)
    ]


def move_drafts(event: org.WorkHandedOver) -> None:
    """草稿改由接手人起草：他成为起草人之一，日后不得审查；接手人须是该机构的业务口。"""
    rows = list(_drafts(event.from_user_id).select_for_update(of=("self",)))
    bodies = {row.item.power_list.body_id for row in rows}
    unable = [b for b in bodies if event.to_user_id not in org.holders_of("drafter", b, on=event.today)]
    if unable:
        raise RulesNotMet(
            f"{event.to_name}不是草稿所在单位的业务口，不能接手草稿",
            hint="请先给接手人业务口的任职和角色，或改选接手人。",
            code="successor_cannot_draft",
        )
    for row in rows:
        before = row.author_name
        row.author_id, row.author_name = event.to_user_id, event.to_name
        row.author_ids = sorted({*row.author_ids, event.to_user_id})
        row.lock_version += 1
        row.save(update_fields=["author_id", "author_name", "author_ids", "lock_version"])
        audit.record(
            actor=event.actor,
            action="catalog.draft.handed_over",
            subject=audit.SubjectRef("catalog.item", row.item_id, row.name, row.item.power_list.body_id),
            before={"author": before},
            after={"author": event.to_name},
            reason=event.reason,
            now=event.now,
        )


SOURCES = (org.WorkSource("catalog.draft", "草稿", find_drafts, move_drafts),)
