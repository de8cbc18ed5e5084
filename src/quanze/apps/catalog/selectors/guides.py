"""简明指南的读取：公开一侧某日有效的，工作台上一个事项的各版。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from quanze.apps.catalog.domain.base_lists import POWER_LIST
from quanze.apps.catalog.domain.guides import GUIDE_FLOW, GuideContent, read_content
from quanze.apps.catalog.models import PlainGuide
from quanze.apps.catalog.selectors.lists import _scoped, in_force
from quanze.apps.catalog.selectors.withheld import disclosed
from quanze.core.actor import Scope
from quanze.core.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class GuideView:
    """指南的一版。"""

    id: int
    item_id: int
    item_code: str
    body_id: int
    body_name: str
    state: str
    number: int | None
    valid_from: date | None
    valid_to: date | None
    published_at: datetime | None
    published_by_name: str
    ended_at: datetime | None
    end_reason: str
    change_note: str
    author_name: str
    updated_at: datetime
    content_hash: str
    lock_version: int
    content: GuideContent

    @property
    def state_label(self) -> str:
        return GUIDE_FLOW.states[self.state]


def guide_view(row: PlainGuide) -> GuideView:
    """一版。"""
    return GuideView(
        id=row.pk,
        item_id=row.item_id,
        item_code=row.item.code,
        body_id=row.item.power_list.body_id,
        body_name=row.item.power_list.body.name,
        state=row.state,
        number=row.number,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        published_at=row.published_at,
        published_by_name=row.published_by_name,
        ended_at=row.ended_at,
        end_reason=row.end_reason,
        change_note=row.change_note,
        author_name=row.author_name,
        updated_at=row.updated_at,
        content_hash=row.content_hash,
        lock_version=row.lock_version,
        content=read_content(row.content),
    )


def public_guide(*, code: str, on: date) -> GuideView | None:
    """某事项某日有效的指南；没有的、依法不公开的为 None。"""
    rows = PlainGuide.objects.filter(
        in_force(on), disclosed(), item__code=code, item__power_list__list_type=POWER_LIST
    ).select_related("item__power_list__body")
    row = rows.first()
    return guide_view(row) if row is not None else None


def guides_of_item(*, item_id: int, scope: Scope) -> list[GuideView]:
    """一个事项的各版，新者在前（放弃了的不列）。"""
    rows = PlainGuide.objects.filter(_scoped(scope, "item__power_list__body_id"), item_id=item_id)
    rows = rows.exclude(state="discarded").select_related("item__power_list__body")
    return [guide_view(row) for row in rows.order_by("-id")]


def guide(*, guide_id: int, scope: Scope) -> GuideView:
    """一版；看不见的答为没有。"""
    row = (
        PlainGuide.objects.filter(_scoped(scope, "item__power_list__body_id"), pk=guide_id)
        .select_related("item__power_list__body")
        .first()
    )
    if row is None:
        raise NotFound("没有这份指南", hint="请从事项页的“简明指南”打开。")
    return guide_view(row)


def guide_for_update(*, guide_id: int, scope: Scope, seen_version: int) -> PlainGuide:
    """锁定一版；已被他人改动的答为冲突。"""
    row = (
        PlainGuide.objects.select_for_update(of=("self",))
        .select_related("item__power_list__body")
        .filter(_scoped(scope, "item__power_list__body_id"), pk=guide_id)
        .first()
    )
    if row is None:
        raise NotFound("没有这份指南", hint="请从事项页的“简明指南”打开。")
    if row.lock_version != seen_version:
        raise Conflict("指南在您打开之后已被改动", hint="请刷新页面，核对他人的改动后再保存。")
    return row


def items_with_guide(*, item_ids: Iterable[int], scope: Scope, on: date) -> dict[int, int]:
    """事项编号 → 某日有效的指南版本号；没有的不在其中。"""
    rows = PlainGuide.objects.filter(
        Q(item_id__in=list(item_ids)), in_force(on), _scoped(scope, "item__power_list__body_id")
    )
    return {item_id: number or 0 for item_id, number in rows.values_list("item_id", "number")}
