"""关注度高或办件量大的事项与它们的指南；依申请办理而没有指南的事项。"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.timezone import make_aware

from quanze.apps.catalog.domain.attention import attention_sources, standings, window_start
from quanze.apps.catalog.domain.base_lists import POWER_LIST
from quanze.apps.catalog.models import ErrorReport, ItemVersion, PlainGuide, PowerList
from quanze.apps.catalog.selectors.guides import items_with_guide
from quanze.apps.catalog.selectors.list_types import on_application_types
from quanze.apps.catalog.selectors.lists import _scoped, in_force
from quanze.core.actor import Scope


@dataclass(frozen=True, slots=True)
class AttentionRow:
    """一个关注度高或办件量大的事项：各来源次数与名次，指南情况。"""

    order: int
    item_id: int
    code: str
    name: str
    power_type: str
    body_id: int
    body_name: str
    counts: Mapping[str, int]
    ranks: Mapping[str, int]
    guide_url: str
    guide_number: int | None

    @property
    def is_in_hall(self) -> bool:
        """已进驻政务服务大厅，网上有办事指南：依规则不必另写。"""
        return bool(self.guide_url)

    @property
    def is_missing(self) -> bool:
        """应有指南而没有。"""
        return not self.is_in_hall and self.guide_number is None


def attention(*, scope: Scope, on: date, months: int, top: int, body_id: int | None = None) -> list[AttentionRow]:
    """近 ``months`` 个月各来源前 ``top`` 名的现行事项，范围之内。A fixed number of queries beside those of the sources."""
    lists = PowerList.objects.filter(_scoped(scope, "body_id"), list_type=POWER_LIST)
    if body_id is not None:
        lists = lists.filter(body_id=body_id)
    bodies = list(lists.values_list("body_id", flat=True))
    if not bodies:
        return []
    first = window_start(on, months)
    counted = {source.code: source.counts(bodies, first, on) for source in attention_sources()}
    found = standings(counted, top)
    rows = {
        row.item.code: row
        for row in ItemVersion.objects.filter(
            in_force(on),
            item__code__in=[one.code for one in found],
            item__power_list__body_id__in=bodies,
            item__power_list__list_type=POWER_LIST,
        ).select_related("item__power_list__body")
    }
    guides = items_with_guide(item_ids=[row.item_id for row in rows.values()], scope=scope, on=on)
    shown = [(one, rows[one.code]) for one in found if one.code in rows]
    return [
        AttentionRow(
            order=order,
            item_id=row.item_id,
            code=one.code,
            name=row.name,
            power_type=row.power_type,
            body_id=row.item.power_list.body_id,
            body_name=row.item.power_list.body.name,
            counts=one.counts,
            ranks=one.ranks,
            guide_url=row.guide_url,
            guide_number=guides.get(row.item_id),
        )
        for order, (one, row) in enumerate(shown)
    ]


def reports_counted(body_ids: Collection[int], first: date, last: date) -> dict[str, int]:
    """事项标识 → 收到的公众纠错件数，供关注度排名。"""
    since, until = (make_aware(datetime.combine(day, time.min)) for day in (first, last + timedelta(days=1)))
    rows = ErrorReport.objects.filter(
        item__power_list__body_id__in=list(body_ids), received_at__gte=since, received_at__lt=until
    )
    return dict(rows.values_list("item__code").annotate(n=Count("id")).order_by())


def unguided(*, scope: Scope, on: date) -> QuerySet[ItemVersion]:
    """依申请办理、现行，而既没有网上办事指南也没有简明指南的事项。"""
    guided = PlainGuide.objects.filter(in_force(on), item=OuterRef("item"))
    return (
        ItemVersion.objects.filter(
            in_force(on),
            _scoped(scope, "item__power_list__body_id"),
            item__power_list__list_type=POWER_LIST,
            power_type__in=on_application_types(),
            guide_url="",
        )
        .exclude(node_kind="main")
        .exclude(Exists(guided))
        .select_related("item__power_list__body")
    )


def named(rows: QuerySet[ItemVersion], text: str) -> QuerySet[ItemVersion]:
    """名称、标识或机构含有该文字的。"""
    return rows.filter(Q(name__icontains=text) | Q(item__code=text) | Q(item__power_list__body__name__icontains=text))
