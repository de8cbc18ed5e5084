"""规则所见的快照：清单的在编或现行事项、可比清单、存续的内设机构，一次备齐。"""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Exists, OuterRef, Q

from quanze.apps.catalog.domain.items import ItemSnapshot, ListSnapshot, PeerList
from quanze.apps.catalog.models import ItemVersion, PowerList, SourceCell
from quanze.apps.catalog.selectors.contents import content_of, with_content
from quanze.apps.catalog.selectors.lists import WORKING_STATES, _scoped, in_force
from quanze.apps.org import public as org
from quanze.core.actor import Scope
from quanze.core.errors import NotFound


def _peers(power_list: PowerList, on: date) -> tuple[PeerList, ...]:
    siblings = {body.id: body for body in org.siblings_of(power_list.body_id, on=on)}
    rows = (
        ItemVersion.objects.filter(
            in_force(on), item__power_list__body_id__in=siblings, item__power_list__list_type=power_list.list_type
        )
        .values_list("item__power_list__body_id")
        .annotate(items=Count("id", filter=~Q(node_kind="sub")), subs=Count("id", filter=Q(node_kind="sub")))
    )
    counties = org.counties_of(siblings)
    return tuple(
        PeerList(body_name=siblings[body_id].name, region=counties[body_id], items=items, subitems=subs)
        for body_id, items, subs in sorted(rows)
    )


def list_snapshot(*, list_id: int, scope: Scope, on: date, view: str = "working") -> ListSnapshot:
    """清单快照；``view`` 为 working（在编优先）或 in_force（现行）。事项按排序键。"""
    power_list = PowerList.objects.filter(_scoped(scope, "body_id"), pk=list_id).select_related("body__region").first()
    if power_list is None:
        raise NotFound("没有这份清单", hint="请从“清单编制”中打开。")
    shown = in_force(on)
    if view == "working":
        working = ItemVersion.objects.filter(item=OuterRef("item"), state__in=WORKING_STATES)
        shown = Q(state__in=WORKING_STATES) | (in_force(on) & ~Q(Exists(working)))
    rows = list(
        with_content(ItemVersion.objects.filter(shown, item__power_list=power_list).select_related("item")).order_by(
            "item__ordinal", "item_id"
        )
    )
    sources = {cell.version_id: cell for cell in SourceCell.objects.filter(version__in=[row.pk for row in rows])}
    periods: dict[int, list[tuple[date, date | None]]] = {}
    published = ItemVersion.objects.filter(item__power_list=power_list, state="published").order_by("number")
    for item_id, start, end in published.values_list("item_id", "valid_from", "valid_to"):
        if start is not None and start != end:
            periods.setdefault(item_id, []).append((start, end))
    body = power_list.body
    return ListSnapshot(
        body_name=body.name,
        body_id=body.pk,
        list_id=power_list.pk,
        list_type=power_list.list_type,
        template=power_list.template,
        body_is_alive=body.valid_from <= on and (body.valid_to is None or on < body.valid_to),
        divisions=frozenset(division.name for division in org.divisions_of([body.pk], on=on)),
        peers=_peers(power_list, on) if body.kind in (org.BodyKind.TOWN, org.BodyKind.SUBDISTRICT) else (),
        region=org.counties_of([body.pk])[body.pk],
        on=on,
        items=tuple(
            ItemSnapshot(
                key=f"item:{row.item_id}",
                item_id=row.item_id,
                version_id=row.pk,
                content=content_of(row),
                place=_place(row, sources.get(row.pk)),
                parent_key=f"item:{row.item.parent_id}" if row.item.parent_id else None,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                published_periods=tuple(periods.get(row.item_id, ())),
                texts=sources[row.pk].cells if row.pk in sources else {},
            )
            for row in rows
        ),
    )


def _place(row: ItemVersion, source: SourceCell | None) -> str:
    if source is None:
        return f"事项 {row.item.code}"
    return f"工作表“{source.sheet}”第 {source.row} 行"
