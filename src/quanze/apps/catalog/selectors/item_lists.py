"""一份清单的事项：筛选、一页、件数，与全局搜索。

A list may hold 100,000 items. So everything here is one of two kinds: a query set that a page cuts before it is read, or a
count made by the database; nothing reads the whole list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from quanze.apps.catalog.models import ItemVersion, PowerItem, StoredFinding
from quanze.apps.catalog.selectors.lists import WORKING_STATES, _scoped, in_force, working_or_in_force
from quanze.core.actor import Scope

ORDER = ("item__ordinal", "item_id")
BATCH = 500


@dataclass(frozen=True, slots=True)
class ItemRow:
    """事项一行：编号、标识、主项、所示版本的要点；``working_*`` 为在编版本。"""

    item_id: int
    code: str
    parent_id: int | None
    version_id: int
    state: str
    number: int | None
    name: str
    power_type: str
    power_code: str
    node_kind: str
    seq: str
    lead_division: str
    exercising_body: str
    valid_from: date | None
    valid_to: date | None
    errors: int
    warnings: int
    ordinal: int
    is_ending: bool


@dataclass(frozen=True, slots=True)
class ItemQuery:
    """要看一份清单的哪些事项。

    ``view``: ``working`` shows the draft where there is one and else the version in force; ``in_force`` only what is in
    force on the day (and, with ``known_at``, had been published by then); ``changed`` only what is being drafted.
    ``severity``: ``error``, ``warning`` or ``clean``.
    """

    list_id: int
    on: date
    view: str = "working"
    known_at: datetime | None = None
    text: str = ""
    power_type: str = ""
    state: str = ""
    severity: str = ""
    is_ending: bool = False


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """符合条件的件数：主项（含单项）、子项，有必须改的、请核对的事项。"""

    mains: int
    subs: int
    errors: int
    warnings: int

    @property
    def items(self) -> int:
        return self.mains + self.subs


def item_versions(query: ItemQuery, *, scope: Scope) -> QuerySet[ItemVersion]:
    """符合条件的版本，一项一个，未排序；供 ``base.web.paging`` 按 ``ORDER`` 取一页。"""
    versions = ItemVersion.objects.filter(
        _scoped(scope, "item__power_list__body_id"), item__power_list_id=query.list_id
    )
    if query.view == "in_force":
        versions = versions.filter(in_force(query.on, query.known_at))
    elif query.view == "changed":
        versions = versions.filter(state__in=WORKING_STATES)
    else:
        versions = versions.filter(working_or_in_force(query.on))
    if query.text:
        versions = versions.filter(
            Q(name__icontains=query.text) | Q(power_code__icontains=query.text) | Q(item__code=query.text)
        )
    if query.power_type:
        versions = versions.filter(power_type=query.power_type)
    if query.state:
        versions = versions.filter(state=query.state)
    found = StoredFinding.objects.filter(version=OuterRef("pk"))
    if query.severity == "clean":
        versions = versions.filter(~Exists(found.filter(severity__in=["error", "warning"])))
    elif query.severity:
        versions = versions.filter(Exists(found.filter(severity=query.severity)))
    if query.is_ending:
        versions = versions.filter(item__ending__isnull=False)
    return versions.select_related("item", "item__ending")


def rows_of(versions: Iterable[ItemVersion]) -> list[ItemRow]:
    """取到的一页版本 → 各行；检查发现一次数完。"""
    shown = list(versions)
    counted: dict[tuple[int | None, str], int] = {}
    for version_id, severity, n in (
        StoredFinding.objects.filter(version__in=[row.pk for row in shown])
        .values_list("version_id", "severity")
        .annotate(n=Count("id"))
    ):
        counted[version_id, severity] = n
    return [
        _item_row(
            row,
            errors=counted.get((row.pk, "error"), 0),
            warnings=counted.get((row.pk, "warning"), 0),
            is_ending=hasattr(row.item, "ending"),
        )
        for row in shown
    ]


def item_rows(
    query: ItemQuery, *, scope: Scope, after: tuple[int, int] | None = None, limit: int = 50
) -> list[ItemRow]:
    """清单事项的前若干行，按排序键；``after`` 为上次末行的（排序，事项编号）。"""
    versions = item_versions(query, scope=scope)
    if after is not None:
        ordinal, item_id = after
        versions = versions.filter(
            Q(item__ordinal__gt=ordinal) | Q(item__ordinal=ordinal, item_id__gt=item_id), item__ordinal__gte=ordinal
        )
    return rows_of(versions.order_by(*ORDER)[:limit])


def each_item_row(query: ItemQuery, *, scope: Scope) -> Iterator[ItemRow]:
    """全部符合条件的行，逐批读取，供导出。"""
    after = None
    while batch := item_rows(query, scope=scope, after=after, limit=BATCH):
        yield from batch
        after = (batch[-1].ordinal, batch[-1].item_id)


def item_counts(query: ItemQuery, *, scope: Scope) -> ItemCounts:
    """符合条件的件数。Two queries: one over the index alone, one that starts from the findings."""
    versions = item_versions(query, scope=scope).select_related(None)
    counted = versions.aggregate(
        mains=Count("item_id", filter=~Q(node_kind="sub")), subs=Count("item_id", filter=Q(node_kind="sub"))
    )
    flagged = dict(
        versions.filter(findings__power_list_id=query.list_id)
        .values_list("findings__severity")
        .annotate(n=Count("pk", distinct=True))
    )
    return ItemCounts(counted["mains"], counted["subs"], flagged.get("error", 0), flagged.get("warning", 0))


def in_force_among(item_ids: Sequence[int], *, on: date, scope: Scope) -> set[int]:
    """所给的事项中某日现行的。"""
    rows = ItemVersion.objects.filter(_scoped(scope, "item__power_list__body_id"), in_force(on), item__in=item_ids)
    return set(rows.values_list("item_id", flat=True))


def items_of_list(item_ids: Sequence[int], *, list_id: int, scope: Scope) -> set[int]:
    """所给的事项中属于这份清单的。"""
    rows = PowerItem.objects.filter(_scoped(scope, "power_list__body_id"), power_list_id=list_id, pk__in=item_ids)
    return set(rows.values_list("pk", flat=True))


def _item_row(
    row: ItemVersion, *, errors: int = 0, warnings: int = 0, is_ending: bool = False, holder: str = ""
) -> ItemRow:
    return ItemRow(
        item_id=row.item_id,
        code=row.item.code,
        parent_id=row.item.parent_id,
        version_id=row.pk,
        state=row.state,
        number=row.number,
        name=row.name,
        power_type=row.power_type,
        power_code=row.power_code,
        node_kind=row.node_kind,
        seq=row.seq,
        lead_division=row.lead_division,
        exercising_body=holder or row.exercising_body,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        errors=errors,
        warnings=warnings,
        ordinal=row.item.ordinal,
        is_ending=is_ending,
    )


def search_items(text: str, *, scope: Scope, on: date, limit: int = 30) -> list[ItemRow]:
    """全局搜索：名称、编码含有该文字的现行或在编事项。"""
    rows = (
        ItemVersion.objects.filter(_scoped(scope, "item__power_list__body_id"))
        .filter(working_or_in_force(on))
        .filter(Q(name__icontains=text) | Q(power_code__icontains=text) | Q(item__code__iexact=text))
        .select_related("item", "item__power_list__body")
        .order_by("item__ordinal", "item_id")[:limit]
    )
    return [_item_row(row, holder=row.item.power_list.body.name) for row in rows]
