"""乡镇比较的读取：各县各镇街的项数，同县逐项对照，一条规则在各镇的发现。What is in force is public, so everybody sees all of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from statistics import median

from django.db.models import Count, Q

from quanze.apps.catalog.domain.base_lists import BASE_LIST, POWER_LIST, applicable, claim_kind
from quanze.apps.catalog.domain.items import ItemContent, ItemSnapshot, TemplateNode
from quanze.apps.catalog.domain.naming import canonical_name
from quanze.apps.catalog.domain.town_comparison import (
    CountyGap,
    TownComparison,
    TownList,
    common_nodes,
    compare_towns,
    county_gap,
)
from quanze.apps.catalog.models import BaseBinding, ItemVersion, PowerList, StoredFinding
from quanze.apps.catalog.selectors.bases import TOWN_KINDS, base_name, omissions_of
from quanze.apps.catalog.selectors.lists import _scoped, counts_in_force, in_force
from quanze.apps.catalog.selectors.snapshots import base_nodes
from quanze.apps.org import public as org
from quanze.core.actor import Scope


@dataclass(frozen=True, slots=True)
class TownCount:
    """一份镇街清单的项数；``expected`` 为应有的项数，没有可比的为 None。"""

    list_id: int
    body_id: int
    name: str
    kind: str
    county: str
    county_code: str
    items: int
    subitems: int
    expected: float | None
    is_outlier: bool

    @property
    def gap(self) -> float | None:
        return None if self.expected is None else self.items - self.expected


@dataclass(frozen=True, slots=True)
class CountyRow:
    """一个县：镇街清单、范本、典型项数（中位数）、与别县相差过大的说明。"""

    code: str
    name: str
    towns: tuple[TownCount, ...]
    base_list_id: int | None
    base_name: str
    base_items: int
    typical: float
    gap: CountyGap | None

    @property
    def least(self) -> int:
        return min(one.items for one in self.towns)

    @property
    def most(self) -> int:
        return max(one.items for one in self.towns)

    @property
    def total(self) -> int:
        return sum(one.items for one in self.towns)

    @property
    def outliers(self) -> int:
        return sum(one.is_outlier for one in self.towns)


@dataclass(frozen=True, slots=True)
class CountyComparison:
    """同县逐项对照：县、尺子（范本；没有的为多数共有的事项）、结果。"""

    code: str
    name: str
    base_list_id: int | None
    base_name: str
    result: TownComparison


@dataclass(frozen=True, slots=True)
class AcrossTowns:
    """一条规则在各镇的发现：同名的归一行，列出是哪几份清单。"""

    name: str
    message: str
    suggestion: str
    places: tuple[tuple[int, int | None, str], ...]  # list, item, town


def _town_lists(county_code: str = "") -> list[PowerList]:
    rows = PowerList.objects.filter(list_type=POWER_LIST, body__kind__in=TOWN_KINDS).select_related(
        "body__region__parent"
    )
    if county_code:
        rows = rows.filter(Q(body__region__parent__code=county_code) | Q(body__region__code=county_code))
    found = list(rows.order_by("body__region__code", "body__ordinal", "body__code"))
    return [row for row in found if not county_code or _county(row)[0] == county_code]


def _county(row: PowerList) -> tuple[str, str]:
    region = row.body.region
    if region.level == org.RegionLevel.TOWN and region.parent is not None:
        region = region.parent
    return region.code, region.name


def _bases(lists: Iterable[PowerList], on: date) -> dict[str, PowerList]:
    """县代码 → 该县镇街多数绑定的目录范本；没有绑定的，取本县制定的。"""
    counties = {row.pk: _county(row)[0] for row in lists}
    bound: dict[str, dict[int, int]] = {}
    held: dict[int, PowerList] = {}
    bindings = BaseBinding.objects.filter(power_list_id__in=counties, valid_from__lte=on)
    bindings = bindings.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    for one in bindings.select_related("base_list__body__region").order_by("id"):
        counted = bound.setdefault(counties[one.power_list_id], {})
        counted[one.base_list_id] = counted.get(one.base_list_id, 0) + 1
        held[one.base_list_id] = one.base_list
    found = {code: held[max(counted, key=lambda key: counted[key])] for code, counted in bound.items()}
    own = PowerList.objects.filter(list_type=BASE_LIST, body__region__code__in=set(counties.values()) - found.keys())
    for row in own.select_related("body__region").order_by("-id"):
        found[row.body.region.code] = row
    return found


def counties(*, on: date, limit_percent: int, county_limit_percent: int) -> list[CountyRow]:
    """各县镇街清单的项数（某日现行），县与县、镇与镇相差是否过大。A fixed number of queries plus one for each base."""
    lists = _town_lists()
    counts = counts_in_force([row.pk for row in lists], on)
    lists = [row for row in lists if counts[row.pk][0]]
    bases = _bases(lists, on)
    nodes = {code: base_nodes(base_list_id=row.pk, on=on) for code, row in bases.items()}
    grouped: dict[tuple[str, str], list[PowerList]] = {}
    for row in lists:
        grouped.setdefault(_county(row), []).append(row)
    typical = {name: float(median(counts[r.pk][0] for r in rows)) for (_, name), rows in grouped.items()}
    found = []
    for (code, name), rows in grouped.items():
        base = bases.get(code) if nodes.get(code) else None
        found.append(
            CountyRow(
                code=code,
                name=name,
                towns=tuple(
                    _town_count(row, rows, counts, nodes.get(code, ()), (code, name), limit_percent) for row in rows
                ),
                base_list_id=base.pk if base else None,
                base_name=base_name(base) if base else "",
                base_items=len(nodes.get(code, ())),
                typical=typical[name],
                gap=county_gap(name, typical, limit_percent=county_limit_percent),
            )
        )
    return found


def _town_count(
    row: PowerList,
    rows: list[PowerList],
    counts: dict[int, tuple[int, int]],
    nodes: tuple[TemplateNode, ...],
    county: tuple[str, str],
    limit_percent: int,
) -> TownCount:
    kind = claim_kind(row.body.kind, row.body.name)
    peers = [counts[one.pk][0] for one in rows if claim_kind(one.body.kind, one.body.name) == kind]
    expected: float | None = None
    if nodes:
        expected = float(sum(not node.is_optional for node in applicable(nodes, kind)))
    elif len(peers) >= 3:
        expected = float(median(peers))
    items, subitems = counts[row.pk]
    is_outlier = expected is not None and abs(items - expected) * 100 > limit_percent * expected
    return TownCount(
        row.pk, row.body_id, row.body.name, row.body.kind, county[1], county[0], items, subitems, expected, is_outlier
    )


_COMPARED = ("name", "power_type", "power_code", "node_kind", "is_local_addition", "addition_reason", "template_key")


def _items(list_ids: Iterable[int], on: date) -> dict[int, list[ItemSnapshot]]:
    """各清单某日现行的事项，只取比较所看的要素。One query."""
    rows = ItemVersion.objects.filter(in_force(on), item__power_list_id__in=list(list_ids))
    rows = rows.order_by("item__power_list_id", "item__ordinal", "item_id")
    found: dict[int, list[ItemSnapshot]] = {}
    wanted = ("item__power_list_id", "item_id", "pk", "item__parent_id", *_COMPARED)
    for list_id, item_id, version_id, parent_id, *values in rows.values_list(*wanted):
        found.setdefault(list_id, []).append(
            ItemSnapshot(
                key=f"item:{item_id}",
                item_id=item_id,
                version_id=version_id,
                content=ItemContent(**dict(zip(_COMPARED, values, strict=True))),
                parent_key=f"item:{parent_id}" if parent_id else None,
            )
        )
    return found


def county_comparison(*, county_code: str, on: date, limit_percent: int) -> CountyComparison | None:
    """一个县各镇街清单逐项对照；没有这个县或没有清单为 None。A fixed number of queries, whatever the number of towns."""
    lists = _town_lists(county_code)
    items = _items([row.pk for row in lists], on)
    lists = [row for row in lists if row.pk in items]
    if not lists:
        return None
    base = _bases(lists, on).get(county_code)
    nodes = base_nodes(base_list_id=base.pk, on=on) if base is not None else ()
    omissions = omissions_of([row.pk for row in lists])
    bound = set(
        BaseBinding.objects.filter(power_list__in=lists, base_list=base, valid_to__isnull=True).values_list(
            "power_list_id", flat=True
        )
        if base is not None
        else ()
    )
    towns = [
        TownList(
            list_id=row.pk,
            body_id=row.body_id,
            name=row.body.short_name or row.body.name,
            kind=claim_kind(row.body.kind, row.body.name),
            items=items[row.pk],
            omissions=omissions.get(row.pk, {}),
            is_bound=row.pk in bound,
        )
        for row in lists
    ]
    return CountyComparison(
        code=county_code,
        name=_county(lists[0])[1],
        base_list_id=base.pk if base is not None and nodes else None,
        base_name=base_name(base) if base is not None and nodes else "",
        result=compare_towns(towns, nodes or common_nodes(towns), limit_percent=limit_percent),
    )


def county_choices() -> list[tuple[str, str]]:
    """有镇街清单的县：代码与名称。"""
    rows = PowerList.objects.filter(list_type=POWER_LIST, body__kind__in=TOWN_KINDS)
    own = rows.filter(body__region__level=org.RegionLevel.TOWN, body__region__parent__isnull=False)
    found = set(own.values_list("body__region__parent__code", "body__region__parent__name"))
    found |= set(rows.exclude(pk__in=own.values("pk")).values_list("body__region__code", "body__region__name"))
    return sorted(found)


def rule_counts(*, scope: Scope) -> list[tuple[str, int, int]]:
    """看得见的镇街清单里，各条规则有几处发现、在几份清单里：（规则，处数，清单数），按规则。"""
    rows = StoredFinding.objects.filter(
        _scoped(scope, "power_list__body_id"),
        power_list__body__kind__in=TOWN_KINDS,
        power_list__list_type=POWER_LIST,
        version__isnull=False,
    )
    counted = rows.values_list("code").annotate(n=Count("id"), lists=Count("power_list", distinct=True))
    return list(counted.order_by("code"))


def findings_across(*, code: str, scope: Scope, county_code: str = "") -> list[AcrossTowns]:
    """一条规则在看得见的各镇街清单里的发现，同名事项归一行，涉及清单多者在前。One query."""
    rows = StoredFinding.objects.filter(
        _scoped(scope, "power_list__body_id"),
        code=code,
        power_list__body__kind__in=TOWN_KINDS,
        power_list__list_type=POWER_LIST,
        version__isnull=False,
    )
    if county_code:
        rows = rows.filter(power_list__body__region__parent__code=county_code)
    rows = rows.select_related("version", "power_list__body")
    grouped: dict[str, list[StoredFinding]] = {}
    for row in rows.order_by("power_list__body__region__code", "power_list__body__code", "id"):
        grouped.setdefault(canonical_name(row.version.name if row.version else ""), []).append(row)
    found = [
        AcrossTowns(
            held[0].version.name if held[0].version else "",
            held[0].message,
            held[0].suggestion,
            tuple(
                dict.fromkeys(
                    (one.power_list_id, one.version.item_id if one.version else None, one.power_list.body.name)
                    for one in held
                )
            ),
        )
        for held in grouped.values()
    ]
    return sorted(found, key=lambda one: -len(one.places))
