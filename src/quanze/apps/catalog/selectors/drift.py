"""不同步的发现：逐份清单核对现行条目与所据事项，按条目逐处说明。A fixed number of queries per list, whatever its length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max, QuerySet

from quanze.apps.catalog.domain.drift import DriftKind, DriftRow, ListDrift
from quanze.apps.catalog.domain.entry_content import Party, broken_codes, incomplete, not_tightened
from quanze.apps.catalog.domain.items import CONTENT_LABELS
from quanze.apps.catalog.domain.list_types import ListType
from quanze.apps.catalog.models import DerivedEntryVersion, DerivedList, EntryReference, ItemVersion
from quanze.apps.catalog.selectors.candidates import candidates_of
from quanze.apps.catalog.selectors.entry_locks import seen_by
from quanze.apps.catalog.selectors.list_types import list_types
from quanze.apps.catalog.selectors.lists import in_force
from quanze.apps.catalog.selectors.powerless import powerless
from quanze.apps.catalog.selectors.rests_on import Source, chunks, sources_in_force, values_of
from quanze.core.actor import Scope


@dataclass(frozen=True, slots=True)
class _Rests:
    """一处引用：来源的键，所据的版本，确认时看过的版本。"""

    key: tuple[str, int]
    version_id: int
    confirmed: frozenset[int]


def drift_of(*, scope: Scope, on: date, list_ids: Iterable[int] | None = None) -> list[ListDrift]:
    """看得见的（或所给的）各份清单的同步情况，上层清单在前。"""
    rows = DerivedList.objects.filter(seen_by(scope, "body_id")).select_related("body")
    if list_ids is not None:
        rows = rows.filter(id__in=list(list_ids))
    order = {one.code: number for number, one in enumerate(list_types().types)}
    held = sorted((row for row in rows if row.list_type in order), key=lambda row: (order[row.list_type], row.pk))
    return [_list_drift(row, list_types().of(row.list_type), on) for row in held]


def drift_of_entries(*, entry_ids: Sequence[int], on: date) -> list[DriftRow]:
    """所给条目的不同步之处；别的条目与应列未列的不看。A fixed number of queries per list that the entries belong to."""
    found: list[DriftRow] = []
    rows = DerivedList.objects.filter(entries__in=entry_ids).select_related("body").distinct().order_by("pk")
    types = list_types()
    for derived_list in rows:
        if derived_list.list_type in types.by_code:
            kind = types.of(derived_list.list_type)
            found += _drift_of_versions(derived_list, kind, _versions(derived_list, on).filter(entry__in=entry_ids), on)
    return found


def _versions(derived_list: DerivedList, on: date) -> QuerySet[DerivedEntryVersion]:
    return (
        DerivedEntryVersion.objects.filter(in_force(on), entry__derived_list=derived_list)
        .select_related("entry", "item_version")
        .prefetch_related("references__item_version", "references__entry_version", "references__confirmations")
        .order_by("entry__ordinal", "entry_id")
    )


def _list_drift(derived_list: DerivedList, kind: ListType, on: date) -> ListDrift:
    versions = list(_versions(derived_list, on))
    rows = _drift_of_versions(derived_list, kind, versions, on)
    return ListDrift(derived_list.pk, len(versions), (*rows, *_missing(derived_list, kind, on)))


def _drift_of_versions(
    derived_list: DerivedList, kind: ListType, held: Iterable[DerivedEntryVersion], on: date
) -> list[DriftRow]:
    versions = list(held)
    rests = {version.pk: [_rests(one) for one in version.references.all()] for version in versions}
    sources = sources_in_force({one.key for held in rests.values() for one in held}, on)
    ended = _ended_on({one.key for held in rests.values() for one in held if one.key not in sources})
    texts = _inherited_texts(kind, versions, sources, rests)
    present = [version for version in versions if rests[version.pk] and rests[version.pk][0].key in sources]
    values = dict(
        zip(
            (version.pk for version in present),
            values_of([sources[rests[version.pk][0].key] for version in present]),
            strict=True,
        )
    )
    found: list[DriftRow] = []
    for version in versions:
        found += _entry_drift(derived_list.pk, kind, version, rests[version.pk], sources, ended, texts)
        if not kind.is_taking_back:
            found += _content_drift(derived_list.pk, kind, version, rests[version.pk], sources, values)
    return [*found, *powerless(derived_list, kind, versions, on)]


def _rests(one: EntryReference) -> _Rests:
    seen = frozenset(c.item_version_id or c.entry_version_id or 0 for c in one.confirmations.all())
    if one.item_version is not None:
        return _Rests(("item", one.item_version.item_id), one.item_version.pk, seen)
    entry_version = one.entry_version
    return _Rests(("entry", entry_version.entry_id if entry_version else 0), one.entry_version_id or 0, seen)


def _ended_on(keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], date | None]:
    """已失效的来源最后止于哪天。"""
    found: dict[tuple[str, int], date | None] = {}
    for ids in chunks(one for kind, one in keys if kind == "item"):
        rows = ItemVersion.objects.filter(item_id__in=ids, state="published").values_list("item_id")
        found |= {("item", one): until for one, until in rows.annotate(until=Max("valid_to"))}
    for ids in chunks(one for kind, one in keys if kind == "entry"):
        entries = DerivedEntryVersion.objects.filter(entry_id__in=ids, state="published").values_list("entry_id")
        found |= {("entry", one): until for one, until in entries.annotate(until=Max("valid_to"))}
    return found


def _inherited_texts(
    kind: ListType,
    versions: Sequence[DerivedEntryVersion],
    sources: Mapping[tuple[str, int], Source],
    rests: Mapping[int, Sequence[_Rests]],
) -> dict[int, Mapping[str, Any]]:
    """只取变了的：条目所据的旧事项版本与现行版本的继承要素。"""
    wanted: set[int] = set()
    for version in versions:
        for one in rests[version.pk][:1]:
            source = sources.get(one.key)
            if source is not None and source.version_id != one.version_id:
                wanted |= {number for number in (version.item_version_id, source.item_version_id) if number}
    found: dict[int, Mapping[str, Any]] = {}
    for ids in chunks(wanted):
        found |= {row["id"]: row for row in ItemVersion.objects.filter(id__in=ids).values("id", *kind.inherited)}
    return found


def _entry_drift(
    list_id: int,
    kind: ListType,
    version: DerivedEntryVersion,
    rests: Sequence[_Rests],
    sources: Mapping[tuple[str, int], Source],
    ended: Mapping[tuple[str, int], date | None],
    texts: Mapping[int, Mapping[str, Any]],
) -> list[DriftRow]:
    if kind.is_taking_back:
        return []  # what was taken back rests on what has ended: that is its meaning
    found = []
    name = version.name or (version.item_version.name if version.item_version else version.entry.code)
    for number, one in enumerate(rests):
        source = sources.get(one.key)
        what = "事项" if one.key[0] == "item" else "上级条目"
        if source is None:
            until = ended.get(one.key)
            message = f"所据{what}已于 {until} 失效" if until else f"所据{what}不是现行的"
            found.append(_row(list_id, DriftKind.SOURCE_ENDED, version, name, message, one.key, "", until))
        elif source.version_id != one.version_id and source.version_id not in one.confirmed:
            labels = (
                _changed_labels(kind, texts, version.item_version_id, source.item_version_id) if number == 0 else []
            )
            drift = DriftKind.TEXT_DIFFERS if labels else DriftKind.SOURCE_CHANGED
            message = f"所据{what}自 {source.valid_from} 有新版本" + (f"：{'、'.join(labels)}已变" if labels else "")
            found.append(_row(list_id, drift, version, name, message, one.key, source.body_name, source.valid_from))
    return found


def _changed_labels(
    kind: ListType, texts: Mapping[int, Mapping[str, Any]], old_id: int | None, new_id: int | None
) -> list[str]:
    old, new = texts.get(old_id or 0), texts.get(new_id or 0)
    if old is None or new is None:
        return []
    return [CONTENT_LABELS[name] for name in kind.inherited if old[name] != new[name]]


def _content_drift(
    list_id: int,
    kind: ListType,
    version: DerivedEntryVersion,
    rests: Sequence[_Rests],
    sources: Mapping[tuple[str, int], Source],
    values: Mapping[int, Mapping[str, Any]],
) -> list[DriftRow]:
    name = version.name or (version.item_version.name if version.item_version else version.entry.code)
    parties = [
        Party(sources[one.key].body_id, sources[one.key].body_name, sources[one.key].name)
        if one.key in sources
        else Party(-number, "", "")
        for number, one in enumerate(rests)
    ]
    key = rests[0].key if rests else ("item", 0)
    parent = values.get(version.pk, {})
    checks = (
        (
            DriftKind.LOOSER,
            [*not_tightened(kind, version.content, parent), *broken_codes(kind, version.content, parent)],
        ),
        (DriftKind.INCOMPLETE, incomplete(kind, version.content, name=name, parties=parties)),
    )
    return [
        _row(list_id, drift, version, name, "；".join(one.message for one in defects), key, "", None)
        for drift, defects in checks
        if defects
    ]


def _row(
    list_id: int,
    kind: DriftKind,
    version: DerivedEntryVersion,
    name: str,
    message: str,
    key: tuple[str, int],
    body_name: str,
    since: date | None,
) -> DriftRow:
    entry = version.entry
    return DriftRow(
        list_id, kind, name, message, key[0], key[1], body_name, since, entry.pk, entry.code, entry.lock_version
    )


def _missing(derived_list: DerivedList, kind: ListType, on: date) -> list[DriftRow]:
    candidates = candidates_of(derived_list, kind, on)
    if not candidates:
        return []
    held = held_sources(derived_list, on)
    return [
        DriftRow(
            derived_list.pk,
            DriftKind.MISSING,
            one.name,
            f"{one.body_name}的{'事项' if one.kind == 'item' else '上级条目'}符合列入条件，没有条目",
            one.kind,
            one.identity,
            one.body_name,
            one.valid_from,
        )
        for one in candidates
        if one.key not in held
    ]


def held_sources(derived_list: DerivedList, on: date) -> set[tuple[str, int]]:
    """已有现行条目或草稿的来源。"""
    rows = DerivedEntryVersion.objects.filter(entry__derived_list=derived_list)
    rows = rows.filter(in_force(on)) | rows.filter(state__in=["draft", "frozen"])
    pairs = rows.values_list("entry__subject_item_id", "entry__parent_entry_id").distinct()
    found: set[tuple[str, int]] = set()
    for item, parent in pairs:
        if item is not None:
            found.add(("item", item))
        elif parent is not None:
            found.add(("entry", parent))
    return found
