"""规则所见的快照：清单的在编或现行事项、可比清单、存续的内设机构，一次备齐。"""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.db.models import Count, Q

from quanze.apps.catalog.domain.base_lists import POWER_LIST, applicable, claim_kind, claim_kinds, is_optional
from quanze.apps.catalog.domain.items import ItemSnapshot, ListSnapshot, MandateFacts, PeerList, TemplateNode
from quanze.apps.catalog.models import BaseBinding, ItemVersion, PowerList, SourceCell
from quanze.apps.catalog.selectors.contents import content_of, with_content
from quanze.apps.catalog.selectors.lists import _scoped, in_force, working_or_in_force
from quanze.apps.catalog.selectors.mandate_links import links_of
from quanze.apps.org import public as org
from quanze.core.actor import EVERYTHING, Scope
from quanze.core.errors import NotFound

# Towns and subdistricts are compared with each other county by county, every other kind with its own.
_TOWN_KINDS = (org.BodyKind.TOWN, org.BodyKind.SUBDISTRICT)


def _peers(power_list: PowerList, on: date) -> tuple[PeerList, ...]:
    own = power_list.body
    kinds = _TOWN_KINDS if own.kind in _TOWN_KINDS else (own.kind,)
    siblings = {
        body.id: body
        for body in org.bodies(on=on, kinds=kinds)
        if body.region_level == own.region.level and body.id != own.pk
    }
    rows = (
        ItemVersion.objects.filter(
            in_force(on), item__power_list__body_id__in=siblings, item__power_list__list_type=power_list.list_type
        )
        .values_list("item__power_list__body_id", "power_type")
        .annotate(items=Count("id", filter=~Q(node_kind="sub")), subs=Count("id", filter=Q(node_kind="sub")))
    )
    types: dict[int, dict[str, int]] = {}
    subitems: dict[int, int] = {}
    for body_id, power_type, items, subs in rows:
        types.setdefault(body_id, {})[power_type] = items
        subitems[body_id] = subitems.get(body_id, 0) + subs
    counties = org.counties_of(types)
    return tuple(
        PeerList(
            body_name=siblings[body_id].name,
            region=counties[body_id],
            items=sum(types[body_id].values()),
            subitems=subitems[body_id],
            kind=siblings[body_id].kind,
            types=types[body_id],
        )
        for body_id in sorted(types)
    )


def base_nodes(*, base_list_id: int, on: date) -> tuple[TemplateNode, ...]:
    """范本当日现行的各项，键为范本事项的标识。"""
    rows = ItemVersion.objects.filter(in_force(on), item__power_list_id=base_list_id).order_by(
        "item__ordinal", "item_id"
    )
    found = list(
        rows.values_list("item_id", "item__parent_id", "item__code", "name", "power_type", "power_code", "extra")
    )
    subitems = Counter(parent_id for _, parent_id, *_ in found if parent_id is not None)
    return tuple(
        TemplateNode(
            code, name, power_type, subitems[item_id], power_code, is_optional(extra or {}), claim_kinds(extra or {})
        )
        for item_id, parent_id, code, name, power_type, power_code, extra in found
        if parent_id is None
    )


def base_list_of(*, list_id: int, on: date) -> int | None:
    """清单当日所绑定的目录范本；没有则为 None。"""
    rows = BaseBinding.objects.filter(power_list_id=list_id, valid_from__lte=on)
    rows = rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    return rows.order_by("-id").values_list("base_list_id", flat=True).first()


def list_snapshot(*, list_id: int, scope: Scope, on: date, view: str = "working") -> ListSnapshot:
    """清单快照；``view`` 为 working（在编优先）或 in_force（现行）。事项按排序键。"""
    power_list = PowerList.objects.filter(_scoped(scope, "body_id"), pk=list_id).select_related("body__region").first()
    if power_list is None:
        raise NotFound("没有这份清单", hint="请从“清单编制”中打开。")
    shown = working_or_in_force(on) if view == "working" else in_force(on)
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
    base_list_id = base_list_of(list_id=power_list.pk, on=on)
    return ListSnapshot(
        body_name=body.name,
        body_id=body.pk,
        body_kind=body.kind,
        list_id=power_list.pk,
        list_type=power_list.list_type,
        template=power_list.template,
        body_is_alive=body.valid_from <= on and (body.valid_to is None or on < body.valid_to),
        divisions=frozenset(division.name for division in org.divisions_of([body.pk], on=on)),
        peers=_peers(power_list, on),
        base_nodes=()
        if base_list_id is None
        else applicable(base_nodes(base_list_id=base_list_id, on=on), claim_kind(body.kind, body.name)),
        mandate=_mandate_facts(power_list, on) if power_list.list_type == POWER_LIST else None,
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


def _mandate_facts(power_list: PowerList, on: date) -> MandateFacts | None:
    """机构现行三定与本清单的对应；没有三定为 None。"""
    mandate = org.mandate_on(body_id=power_list.body_id, scope=EVERYTHING, on=on)
    if mandate is None:
        return None
    pieces = mandate.pieces
    linked: dict[str, tuple[str, ...]] = {}
    orphaned: dict[str, str] = {}
    for link in links_of(list_id=power_list.pk, scope=EVERYTHING, on=on):
        key = f"item:{link.item_id}"
        if link.key not in pieces:
            orphaned[key] = link.label
        elif link.kind == "clause":
            linked[key] = (*linked.get(key, ()), link.key)
    return MandateFacts({one.key: f"{one.label} {one.text}" for one in mandate.duties}, linked, orphaned)
