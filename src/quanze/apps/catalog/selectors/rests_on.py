"""条目所依据的：某日现行的来源、来源的值、所属机构。Set-based: a fixed number of queries per tier, whatever the number of entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from quanze.apps.catalog.domain.list_types import INHERITABLE
from quanze.apps.catalog.models import DerivedEntryVersion, EntryReference, ItemVersion
from quanze.apps.catalog.selectors.lists import in_force

CHUNK = 500
DEEPEST = 4


def chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    """编号分批，避免一条语句带太多参数。"""
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), CHUNK):
        yield wanted[start : start + CHUNK]


@dataclass(frozen=True, slots=True)
class Source:
    """一处现行来源：事项版本或上级条目版本，名称、机构、摘要、最终所据的事项版本。"""

    kind: str
    identity: int
    version_id: int
    name: str
    body_id: int
    body_name: str
    digest: str
    item_version_id: int | None
    valid_from: date | None = None

    @property
    def key(self) -> tuple[str, int]:
        return self.kind, self.identity


def items_in_force(item_ids: Iterable[int], on: date) -> dict[tuple[str, int], Source]:
    """各事项某日现行的版本。"""
    found = {}
    for ids in chunks(item_ids):
        rows = ItemVersion.objects.filter(in_force(on), item_id__in=ids).select_related("item__power_list__body")
        for row in rows:
            body = row.item.power_list.body
            found["item", row.item_id] = Source(
                "item", row.item_id, row.pk, row.name, body.pk, body.name, row.content_hash, row.pk, row.valid_from
            )
    return found


def entries_in_force(entry_ids: Iterable[int], on: date) -> dict[tuple[str, int], Source]:
    """各条目某日现行的版本。"""
    found = {}
    for ids in chunks(entry_ids):
        rows = DerivedEntryVersion.objects.filter(in_force(on), entry_id__in=ids)
        for row in rows.select_related("entry__derived_list__body", "item_version"):
            body = row.entry.derived_list.body
            name = row.name or (row.item_version.name if row.item_version else row.entry.code)
            found["entry", row.entry_id] = Source(
                "entry",
                row.entry_id,
                row.pk,
                name,
                body.pk,
                body.name,
                row.content_hash,
                row.item_version_id,
                row.valid_from,
            )
    return found


def sources_in_force(keys: Iterable[tuple[str, int]], on: date) -> dict[tuple[str, int], Source]:
    """一批来源（种类，编号）某日现行的版本；已失效的不在结果里。"""
    held = list(keys)
    return {
        **items_in_force((one for kind, one in held if kind == "item"), on),
        **entries_in_force((one for kind, one in held if kind == "entry"), on),
    }


def values_of(sources: Sequence[Source]) -> list[dict[str, Any]]:
    """各来源的值：事项的要素，叠上各层上级条目的自有要素，近者为准。"""
    items: dict[int, dict[str, Any]] = {}
    for ids in chunks(one.item_version_id for one in sources if one.item_version_id is not None):
        items |= {row["id"]: row for row in ItemVersion.objects.filter(id__in=ids).values("id", *INHERITABLE)}
    layers = entry_layers([one.version_id for one in sources if one.kind == "entry"])
    found = []
    for one in sources:
        values = {k: v for k, v in items.get(one.item_version_id or 0, {}).items() if k != "id"}
        for layer in reversed(layers.get(one.version_id, [])) if one.kind == "entry" else ():
            values |= layer
        found.append(values)
    return found


def entry_layers(version_ids: Iterable[int]) -> dict[int, list[Mapping[str, Any]]]:
    """条目版本 → 自有要素，由近及远：自己的、上级条目的、再上级的。"""
    contents: dict[int, Mapping[str, Any]] = {}
    above: dict[int, int] = {}
    wanted = set(version_ids)
    waiting = set(wanted)
    for _ in range(DEEPEST):
        if not waiting:
            break
        found: set[int] = set()
        for ids in chunks(waiting):
            contents |= dict(DerivedEntryVersion.objects.filter(id__in=ids).values_list("id", "content"))
            rows = EntryReference.objects.filter(version_id__in=ids, ordinal=0, entry_version__isnull=False)
            for version_id, parent_id in rows.values_list("version_id", "entry_version_id"):
                if parent_id is not None:
                    above[version_id] = parent_id
                    found.add(parent_id)
        waiting = found - contents.keys()
    return {one: _layers(one, contents, above) for one in wanted}


def _layers(version_id: int, contents: Mapping[int, Any], above: Mapping[int, int]) -> list[Mapping[str, Any]]:
    layers: list[Mapping[str, Any]] = []
    current = version_id
    while current in contents and len(layers) <= DEEPEST:
        layers.append(contents[current])
        current = above.get(current, 0)
    return layers
