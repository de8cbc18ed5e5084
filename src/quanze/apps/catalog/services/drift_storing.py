"""不同步之处的登记：核对的结果存成各行；一个事项、一个条目变了，只重看受影响的条目。

Derived from the tables, therefore not an act to record: the acts that changed the tables are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db.models import Count, Q
from django.utils.timezone import localdate

from quanze.apps.catalog.domain.drift import DriftKind, DriftRow, ListDrift
from quanze.apps.catalog.models import DerivedEntry, DerivedEntryVersion, DriftCount, DriftFinding, EntryReference
from quanze.apps.catalog.selectors.drift import drift_of_entries
from quanze.apps.catalog.selectors.entry_dependants import entries_on
from quanze.apps.catalog.selectors.lists import in_force
from quanze.apps.catalog.selectors.rests_on import chunks


def drift_store(found: Sequence[ListDrift], *, now: datetime) -> None:
    """一次全面核对的结果：各清单当日的数与各处。"""
    today, ids = localdate(now), [one.list_id for one in found]
    DriftCount.objects.filter(counted_on=today, derived_list_id__in=ids).delete()
    DriftCount.objects.bulk_create(
        [
            DriftCount(
                derived_list_id=one.list_id,
                counted_on=today,
                entries=one.entries,
                drifting=one.drifting,
                missing=one.missing,
                counted_at=now,
            )
            for one in found
        ]
    )
    earlier = _found_on(DriftFinding.objects.filter(derived_list_id__in=ids))
    DriftFinding.objects.filter(derived_list_id__in=ids).delete()
    _write([row for one in found for row in one.rows], earlier, today)


def drift_after_items(item_ids: Iterable[int], *, now: datetime) -> None:
    """事项有了新版本或取消：重看依附于它们的各层条目。"""
    hanging = entries_on(item_ids, on=localdate(now))
    drift_recheck({one.entry_id for held in hanging.values() for one in held}, now=now)


def drift_after_entries(entry_ids: Iterable[int], *, now: datetime) -> None:
    """条目有了新版本、终止或确认：重看它们与直接由它们派生的条目。"""
    changed = set(entry_ids)
    below: set[int] = set()
    for ids in chunks(changed):
        rows = EntryReference.objects.filter(in_force_version(localdate(now)), entry_version__entry_id__in=ids)
        below |= set(rows.values_list("version__entry_id", flat=True))
    drift_recheck(changed | below, now=now)


def in_force_version(on: date) -> Q:
    """引用所在的条目版本现行。"""
    is_open = Q(version__valid_to__isnull=True) | Q(version__valid_to__gt=on)
    return Q(version__state="published", version__valid_from__lte=on) & is_open


def drift_recheck(entry_ids: Iterable[int], *, now: datetime) -> None:
    """重看所给的条目，替换它们的各处，当日的数随之更新；从没有全面核对过的清单不记数。"""
    today = localdate(now)
    touched: set[int] = set()
    for ids in chunks(entry_ids):
        touched |= set(DerivedEntry.objects.filter(id__in=ids).values_list("derived_list_id", flat=True).distinct())
        kept = DriftFinding.objects.filter(entry__in=ids)
        earlier = _found_on(kept)
        kept.delete()
        _write(drift_of_entries(entry_ids=ids, on=today), earlier, today)
    drift_recount_stored(touched, now=now)


def drift_listed(list_id: int, sources: Iterable[tuple[str, int]], *, now: datetime) -> None:
    """来源已经列入：不再是应列未列。"""
    gone = 0
    for kind in ("item", "entry"):
        for ids in chunks(identity for one, identity in sources if one == kind):
            rows = DriftFinding.objects.filter(derived_list_id=list_id, kind=DriftKind.MISSING, source_kind=kind)
            gone += rows.filter(source_id__in=ids).delete()[0]
    if gone:
        drift_recount_stored([list_id], now=now)


def drift_recount_stored(list_ids: Iterable[int], *, now: datetime) -> None:
    """按存下的各处更新当日的数。"""
    today = localdate(now)
    counted = set(
        DriftCount.objects.filter(derived_list_id__in=list_ids).values_list("derived_list_id", flat=True).distinct()
    )
    if not counted:
        return
    rows = DerivedEntryVersion.objects.filter(in_force(today), entry__derived_list_id__in=counted)
    entries = dict(rows.values_list("entry__derived_list_id").annotate(n=Count("id")))
    found = DriftFinding.objects.filter(derived_list_id__in=counted).order_by().values_list("derived_list_id")
    off = {
        one: (drifting, missing)
        for one, drifting, missing in found.annotate(
            drifting=Count("entry", distinct=True), missing=Count("id", filter=Q(kind=DriftKind.MISSING))
        )
    }
    for list_id in sorted(counted):
        drifting, missing = off.get(list_id, (0, 0))
        DriftCount.objects.update_or_create(
            derived_list_id=list_id,
            counted_on=today,
            defaults={"entries": entries.get(list_id, 0), "drifting": drifting, "missing": missing, "counted_at": now},
        )


Key = tuple[int, int | None, str, str, int]


def _found_on(rows: Iterable[DriftFinding]) -> dict[Key, date]:
    return {(row.derived_list_id, row.entry_id, row.kind, row.source_kind, row.source_id): row.found_on for row in rows}


def _write(rows: Sequence[DriftRow], earlier: dict[Key, date], today: date) -> None:
    """写成各行；原来就有的保留发现日期。"""
    DriftFinding.objects.bulk_create(
        [
            DriftFinding(
                derived_list_id=row.list_id,
                entry_id=row.entry_id,
                kind=str(row.kind),
                name=row.name,
                message=row.message,
                source_kind=row.source_kind,
                source_id=row.source_id,
                source_body_name=row.source_body_name,
                since=row.since,
                found_on=earlier.get((row.list_id, row.entry_id, str(row.kind), row.source_kind, row.source_id), today),
            )
            for row in rows
        ],
        batch_size=500,
    )
