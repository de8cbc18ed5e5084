"""目录范本的读取：有哪些范本可用，一份清单以哪份为准、符合多少，范本的一项由哪些清单认领。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from quanze.apps.catalog.domain.base_lists import BASE_LIST, Conformance, applicable, claim_kind, conformance
from quanze.apps.catalog.domain.items import ItemContent, ItemSnapshot
from quanze.apps.catalog.models import BaseBinding, BaseOmission, ItemVersion, PowerItem, PowerList
from quanze.apps.catalog.selectors.lists import counts_in_force, in_force, working_or_in_force
from quanze.apps.catalog.selectors.snapshots import base_nodes
from quanze.apps.org import public as org
from quanze.core.actor import Scope
from quanze.core.errors import NotFound

TOWN_KINDS = (org.BodyKind.TOWN, org.BodyKind.SUBDISTRICT)


@dataclass(frozen=True, slots=True)
class BaseView:
    """一份目录范本：编号、名称、制定机构、区划、现行项数。"""

    list_id: int
    name: str
    body_id: int
    body_name: str
    region_name: str
    items: int


@dataclass(frozen=True, slots=True)
class BoundBase:
    """清单所绑定的范本与符合情况。"""

    base: BaseView
    valid_from: date
    bound_by_name: str
    bound_at: datetime
    conformance: Conformance


@dataclass(frozen=True, slots=True)
class BoundList:
    """以某范本为准的一份清单与其现行事项的符合情况；``is_seen`` 表示本人能打开那份清单。"""

    list_id: int
    body_name: str
    items: int
    conformance: Conformance
    is_seen: bool


def base_name(row: PowerList) -> str:
    """范本的叫法：青禾县目录范本（青禾县委编办）。"""
    return f"{row.body.region.name}目录范本"


def _views(rows: list[PowerList], on: date) -> list[BaseView]:
    counts = counts_in_force([row.pk for row in rows], on)
    return [
        BaseView(row.pk, base_name(row), row.body_id, row.body.name, row.body.region.name, counts[row.pk][0])
        for row in rows
    ]


def base_choices(*, list_id: int, on: date) -> list[BaseView]:
    """某清单可用的目录范本：本区划与各级上级制定、已有现行事项的，近者在前。"""
    own = PowerList.objects.select_related("body__region__parent__parent__parent").get(pk=list_id)
    region: Any = own.body.region
    distance: dict[int, int] = {}
    while region is not None:
        distance[region.pk] = len(distance)
        region = region.parent
    rows = PowerList.objects.filter(list_type=BASE_LIST, body__region_id__in=distance).select_related("body__region")
    found = sorted(rows, key=lambda row: (distance[row.body.region_id], row.pk))
    return [view for view in _views(found, on) if view.items]


# What a comparison with the base looks at; a page shows it on every visit and needs no clause of any item.
_COMPARED = ("name", "power_type", "power_code", "node_kind", "is_local_addition", "addition_reason", "template_key")


def compared_items(*, list_id: int, on: date, view: str = "working") -> tuple[ItemSnapshot, ...]:
    """清单的在编（没有则现行）或现行事项，只取与范本比较所看的要素。One query."""
    shown = in_force(on) if view == "in_force" else working_or_in_force(on)
    rows = ItemVersion.objects.filter(shown, item__power_list_id=list_id).select_related("item")
    return tuple(
        ItemSnapshot(
            key=f"item:{row.item_id}",
            item_id=row.item_id,
            version_id=row.pk,
            content=ItemContent(**{field: getattr(row, field) for field in _COMPARED}),
            parent_key=f"item:{row.item.parent_id}" if row.item.parent_id else None,
        )
        for row in rows.only(*_COMPARED, "item__parent_id").order_by("item__ordinal", "item_id")
    )


def omissions_of(list_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """各清单写明不列入的范本事项：标识 → 理由。"""
    found: dict[int, dict[str, str]] = {}
    rows = BaseOmission.objects.filter(power_list_id__in=list(list_ids), withdrawn_at__isnull=True)
    for list_id, code, reason in rows.values_list("power_list_id", "base_code", "reason"):
        found.setdefault(list_id, {})[code] = reason
    return found


@dataclass(frozen=True, slots=True)
class Omission:
    """写明不列入的一项：范本事项、名称、理由、何人何时写明。"""

    base_code: str
    name: str
    reason: str
    omitted_by_name: str
    omitted_at: datetime


def omissions(*, list_id: int, scope: Scope) -> list[Omission]:
    """一份清单写明不列入的范本事项；看不见的清单没有。"""
    rows = BaseOmission.objects.filter(power_list_id=list_id, withdrawn_at__isnull=True).select_related("power_list")
    return [
        Omission(row.base_code, row.name, row.reason, row.omitted_by_name, row.omitted_at)
        for row in rows
        if scope.covers(row.power_list.body_id)
    ]


def list_conformance(*, power_list: PowerList, base_list_id: int, on: date, view: str = "working") -> Conformance:
    """清单与范本的符合情况：只看适用于这种机构的范本事项，写明不列入的不算缺少。"""
    nodes = applicable(
        base_nodes(base_list_id=base_list_id, on=on), claim_kind(power_list.body.kind, power_list.body.name)
    )
    return conformance(
        compared_items(list_id=power_list.pk, on=on, view=view),
        nodes,
        omissions=omissions_of([power_list.pk]).get(power_list.pk),
    )


def bound_base(*, list_id: int, scope: Scope, on: date) -> BoundBase | None:
    """清单当日所绑定的范本；没有绑定或看不见则为 None。The draft counts where there is one, as in the check."""
    row = (
        BaseBinding.objects.filter(power_list_id=list_id, valid_to__isnull=True)
        .select_related("base_list__body__region", "power_list__body")
        .first()
    )
    if row is None or row.valid_from > on or not scope.covers(row.power_list.body_id):
        return None
    return BoundBase(
        base=_views([row.base_list], on)[0],
        valid_from=row.valid_from,
        bound_by_name=row.bound_by_name,
        bound_at=row.bound_at,
        conformance=list_conformance(power_list=row.power_list, base_list_id=row.base_list_id, on=on),
    )


def bound_lists(*, base_list_id: int, scope: Scope, on: date) -> list[BoundList]:
    """以这份范本为准的各清单，按机构。Counted from what is in force and therefore public, so whoever keeps the base sees all."""
    rows = BaseBinding.objects.filter(base_list_id=base_list_id, valid_to__isnull=True).select_related(
        "power_list__body"
    )
    nodes = base_nodes(base_list_id=base_list_id, on=on)
    told = omissions_of(row.power_list_id for row in rows)
    found = []
    for row in rows.order_by("power_list__body__ordinal", "power_list__body__code"):
        items = compared_items(list_id=row.power_list_id, on=on, view="in_force")
        mains = sum(item.parent_key is None for item in items)
        found.append(
            BoundList(
                row.power_list_id,
                row.power_list.body.name,
                mains,
                conformance(
                    items,
                    applicable(nodes, claim_kind(row.power_list.body.kind, row.power_list.body.name)),
                    omissions=told.get(row.power_list_id),
                ),
                scope.covers(row.power_list.body_id),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class ClaimWaiting:
    """下发了范本而还一项都没有的清单：范本、自何日、范本几项。"""

    list_id: int
    body_name: str
    base_name: str
    valid_from: date
    items: int


def claims_waiting_rows(*, body_id: int) -> QuerySet[BaseBinding]:
    """某机构待认领的清单：已绑定范本而一项都没有，一份一行。"""
    rows = BaseBinding.objects.filter(power_list__body_id=body_id, valid_to__isnull=True)
    return rows.exclude(power_list__in=PowerItem.objects.filter(power_list__body_id=body_id).values("power_list"))


def claims_waiting(*, body_id: int) -> list[ClaimWaiting]:
    """某机构待认领的清单。"""
    rows = claims_waiting_rows(body_id=body_id).select_related("power_list__body", "base_list__body__region")
    return [
        ClaimWaiting(
            row.power_list_id,
            row.power_list.body.name,
            base_name(row.base_list),
            row.valid_from,
            counts_in_force([row.base_list_id], row.valid_from)[row.base_list_id][0],
        )
        for row in rows
    ]


def unbound_towns(*, base_list_id: int, on: date) -> list[org.BodyView]:
    """范本所在区划（县，或全市）之内还没有以它为准的镇、街道。"""
    base = PowerList.objects.select_related("body__region").get(pk=base_list_id)
    bound = set(
        BaseBinding.objects.filter(base_list=base, valid_to__isnull=True).values_list("power_list__body_id", flat=True)
    )
    towns = [body for body in org.bodies(on=on, kinds=TOWN_KINDS) if body.id not in bound]
    if base.body.region.level == org.RegionLevel.CITY:
        return towns
    counties = org.counties_of([body.id for body in towns])
    return [body for body in towns if counties[body.id] == base.body.region.name]


def base_list_named(name: str) -> PowerList:
    """某机构制定的目录范本：``name`` 为机构名称或编码。"""
    body = org.body_named(name)
    row = PowerList.objects.filter(body_id=body.id, list_type=BASE_LIST).first() if body is not None else None
    if body is None or row is None:
        raise NotFound(
            f"没有机构“{name}”，或不止一个" if body is None else f"“{body.name}”没有制定目录范本",
            hint="请写制定范本的机构的全称或编码。",
        )
    return row
