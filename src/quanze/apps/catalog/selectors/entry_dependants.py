"""依附于事项的关联清单条目：各层关联清单与镇（街道）清单里哪些条目随某些事项而动。"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from quanze.apps.catalog.models import DerivedEntryVersion, EntryReference
from quanze.apps.catalog.selectors.lists import in_force
from quanze.apps.catalog.selectors.rests_on import DEEPEST, chunks


@dataclass(frozen=True, slots=True)
class HangingEntry:
    """一个依附的条目：清单种类、牵头机构、版本、它所依据的版本（事项的或上级条目的）。

    ``lock_version`` is what the services that act on the entry want to have been seen.
    """

    entry_id: int
    list_type: str
    list_id: int
    body_id: int
    body_name: str
    name: str
    code: str
    version_id: int
    rests_on_item_version_id: int | None
    rests_on_entry_version_id: int | None
    parent_entry_id: int | None
    lock_version: int


def entries_on(item_ids: Iterable[int], *, on: date) -> dict[int, tuple[HangingEntry, ...]]:
    """各事项之下的条目，上层在前；没有的给空。

    Follows references through every tier (2 → 3 → 4, and the lists of towns). Meant are entries in force on the day and those
    that come into force later; ended ones are not. One query per tier and per 500 parents.
    """
    found: dict[int, dict[int, HangingEntry]] = {item_id: {} for item_id in item_ids}
    roots: dict[int, set[int]] = {}
    for ids in chunks(found):
        for row in _references(Q(item_version__item_id__in=ids), on):
            if row.item_version is not None:
                _add(found, roots, row.item_version.item_id, row)
    waiting = set(roots)
    for _ in range(DEEPEST):
        if not waiting:
            break
        below: dict[int, set[int]] = {}
        for ids in chunks(waiting):
            for row in _references(Q(entry_version__entry_id__in=ids), on):
                for item_id in roots[row.entry_version.entry_id] if row.entry_version is not None else ():
                    if row.version.entry_id not in found[item_id]:
                        _add(found, below, item_id, row)
        for entry_id, items in below.items():
            roots.setdefault(entry_id, set()).update(items)
        waiting = set(below)
    return {item_id: tuple(held.values()) for item_id, held in found.items()}


def _references(condition: Q, on: date) -> Iterator[EntryReference]:
    is_open = Q(version__valid_to__isnull=True) | Q(version__valid_to__gt=on)
    rows = EntryReference.objects.filter(condition, is_open, version__state="published")
    return (
        rows.select_related(
            "version__entry__derived_list__body", "version__item_version", "item_version", "entry_version"
        )
        .order_by("version__entry__derived_list_id", "version__entry__ordinal", "version_id", "ordinal")
        .iterator()
    )


def _add(
    found: Mapping[int, dict[int, HangingEntry]], roots: dict[int, set[int]], item_id: int, row: EntryReference
) -> None:
    version = row.version
    entry = version.entry
    found[item_id][entry.pk] = HangingEntry(
        entry_id=entry.pk,
        list_type=entry.derived_list.list_type,
        list_id=entry.derived_list_id,
        body_id=entry.derived_list.body_id,
        body_name=entry.derived_list.body.name,
        name=version.name or (version.item_version.name if version.item_version else entry.code),
        code=entry.code,
        version_id=version.pk,
        rests_on_item_version_id=row.item_version_id,
        rests_on_entry_version_id=row.entry_version_id,
        parent_entry_id=row.entry_version.entry_id if row.entry_version is not None else None,
        lock_version=entry.lock_version,
    )
    roots.setdefault(entry.pk, set()).add(item_id)


def entry_versions_in_force(entry_ids: Iterable[int], *, on: date) -> dict[int, int | None]:
    """各条目某日的现行版本；没有的为空。"""
    found: dict[int, int | None] = dict.fromkeys(entry_ids)
    for ids in chunks(found):
        found |= dict(DerivedEntryVersion.objects.filter(in_force(on), entry_id__in=ids).values_list("entry_id", "id"))
    return found
