"""一份关联清单的条目：筛选、一页、件数、全部。

A list may hold 100,000 entries. So everything here is a query set that a page cuts before it is read, a batch, or a count made
by the database; nothing reads the whole list at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from quanze.apps.catalog.models import DerivedEntryVersion, DriftFinding
from quanze.apps.catalog.selectors.entry_locks import seen_by
from quanze.apps.catalog.selectors.lists import in_force
from quanze.core.actor import Scope
from quanze.core.errors import NotFound

WORKING = ("draft", "frozen")
ORDER = ("entry__ordinal", "entry_id")
BATCH = 500


@dataclass(frozen=True, slots=True)
class EntryRow:
    """条目一行：所示版本的要点（在编的看草稿，否则看现行）；``drift`` 为不同步的情形。"""

    entry_id: int
    version_id: int
    code: str
    name: str
    variant: str
    holder_name: str
    item_id: int | None
    item_name: str
    power_type: str
    state: str
    is_ended: bool
    number: int | None
    valid_from: date | None
    valid_to: date | None
    content: dict[str, Any]
    ordinal: int
    lock_version: int
    version_lock: int
    change_note: str
    drift: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryQuery:
    """要看一份关联清单的哪些条目。

    ``view``: ``all`` shows the draft where there is one and else the version in force; ``in_force`` only what is in force on the
    day (and, with ``known_at``, had been published by then); ``draft`` only what is being drafted; ``ended`` what has ended for good.
    ``drift``: a kind of drift, or ``any``. ``source``: words of the item that the entry rests on, or its code.
    """

    list_id: int
    on: date
    view: str = "all"
    known_at: datetime | None = None
    text: str = ""
    power_type: str = ""
    holder: str = ""
    source: str = ""
    drift: str = ""


def entry_versions(query: EntryQuery, *, scope: Scope) -> QuerySet[DerivedEntryVersion]:
    """符合条件的版本，一条一个，未排序；供 ``base.web.paging`` 按 ``ORDER`` 取一页。"""
    rows = DerivedEntryVersion.objects.filter(
        seen_by(scope, "entry__derived_list__body_id"), entry__derived_list_id=query.list_id
    )
    of_entry = DerivedEntryVersion.objects.filter(entry=OuterRef("entry"))
    is_working = Q(state__in=WORKING)
    if query.view == "in_force":
        rows = rows.filter(in_force(query.on, query.known_at))
    elif query.view == "draft":
        rows = rows.filter(is_working)
    elif query.view == "ended":
        later = of_entry.filter(is_working | Q(state="published", number__gt=OuterRef("number")))
        rows = rows.filter(~Exists(later), state="published", valid_to__lte=query.on)
    else:
        rows = rows.filter(is_working | (in_force(query.on) & ~Exists(of_entry.filter(is_working))))
    if query.text:
        rows = rows.filter(
            Q(name__icontains=query.text)
            | Q(name="", item_version__name__icontains=query.text)
            | Q(entry__variant__icontains=query.text)
            | Q(entry__code__iexact=query.text)
        )
    if query.power_type:
        rows = rows.filter(item_version__power_type=query.power_type)
    if query.holder:
        rows = rows.filter(item_version__item__power_list__body__name__icontains=query.holder)
    if query.source:
        rows = rows.filter(
            Q(item_version__name__icontains=query.source) | Q(item_version__item__code__iexact=query.source)
        )
    if query.drift:
        found = DriftFinding.objects.filter(entry=OuterRef("entry"))
        rows = rows.filter(Exists(found if query.drift == "any" else found.filter(kind=query.drift)))
    return rows


def with_sources(rows: QuerySet[DerivedEntryVersion]) -> QuerySet[DerivedEntryVersion]:
    """连同条目、所据事项与其机构。"""
    return rows.select_related("entry", "item_version__item__power_list__body")


def rows_of(versions: Iterable[DerivedEntryVersion], *, on: date) -> list[EntryRow]:
    """取到的一页版本 → 各行；不同步之处一次取完。"""
    shown = list(versions)
    drift: dict[int | None, list[str]] = {}
    kinds = DriftFinding.objects.filter(entry__in=[row.entry_id for row in shown]).order_by("entry_id", "id")
    for entry_id, kind in kinds.values_list("entry_id", "kind"):
        if kind not in drift.setdefault(entry_id, []):
            drift[entry_id].append(kind)
    return [_entry_row(row, on, tuple(drift.get(row.entry_id, ()))) for row in shown]


def entry_count(query: EntryQuery, *, scope: Scope) -> int:
    """符合条件的条目数。"""
    return entry_versions(query, scope=scope).count()


def entry_page(
    query: EntryQuery, *, scope: Scope, after: tuple[int, int] | None = None, limit: int = 50
) -> list[EntryRow]:
    """条目的前若干行，按排序键；``after`` 为上次末行的（排序，条目编号）。"""
    rows = entry_versions(query, scope=scope)
    if after is not None:
        ordinal, entry_id = after
        rows = rows.filter(
            Q(entry__ordinal__gt=ordinal) | Q(entry__ordinal=ordinal, entry_id__gt=entry_id),
            entry__ordinal__gte=ordinal,
        )
    return rows_of(with_sources(rows).order_by(*ORDER)[:limit], on=query.on)


def entry_row_of_version(*, version_id: int, scope: Scope, on: date) -> EntryRow:
    """条目的一个版本；看不见的答为没有。"""
    rows = DerivedEntryVersion.objects.filter(seen_by(scope, "entry__derived_list__body_id"), pk=version_id)
    found = rows_of(with_sources(rows), on=on)
    if not found:
        raise NotFound("没有这个条目版本", hint="请从关联清单中打开。")
    return found[0]


def each_entry_row(query: EntryQuery, *, scope: Scope) -> Iterator[EntryRow]:
    """全部符合条件的行，逐批读取，供导出。"""
    after = None
    while batch := entry_page(query, scope=scope, after=after, limit=BATCH):
        yield from batch
        after = (batch[-1].ordinal, batch[-1].entry_id)


def entry_rows(*, list_id: int, scope: Scope, on: date, view: str = "all") -> list[EntryRow]:
    """一份清单的全部条目，按序号。``view`` 见 ``EntryQuery``。"""
    return list(each_entry_row(EntryQuery(list_id, on, view=view), scope=scope))


def _entry_row(row: DerivedEntryVersion, on: date, drift: tuple[str, ...]) -> EntryRow:
    item = row.item_version
    return EntryRow(
        entry_id=row.entry_id,
        version_id=row.pk,
        code=row.entry.code,
        name=row.name or (item.name if item else row.entry.code),
        variant=row.entry.variant,
        holder_name=item.item.power_list.body.name if item else "",
        item_id=item.item_id if item else None,
        item_name=item.name if item else "",
        power_type=item.power_type if item else "",
        state=row.state,
        is_ended=row.valid_to is not None and row.valid_to <= on,
        number=row.number,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        content=row.content,
        ordinal=row.entry.ordinal,
        lock_version=row.entry.lock_version,
        version_lock=row.lock_version,
        change_note=row.change_note,
        drift=drift,
    )
