"""依附于某事项的条目：由它认领而来的事项（范本、乡镇清单），与据此列入的各层关联清单条目，逐级往下。

An item that claims another names its code in ``template_key``: a town's item that of the county base, a base item that of
the department's. What hangs on an item is found by walking these keys down; each level is one query. On the item and on
every item below it hang the entries of derived lists (``entry_dependants``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from quanze.apps.catalog.domain.base_lists import BASE_LIST, LIST_TYPE_LABELS
from quanze.apps.catalog.models import ItemVersion, PowerItem
from quanze.apps.catalog.selectors.entry_dependants import HangingEntry, entries_on
from quanze.apps.catalog.selectors.list_types import list_types
from quanze.apps.catalog.selectors.lists import in_force

DEEPEST = 4
ITEM = "item"


@dataclass(frozen=True, slots=True)
class Dependant:
    """一个依附的条目：种类（item 为清单事项，其余为关联清单的类型代码）、编号、清单、所属机构、名称、现行版本。

    Of an entry of a derived list ``entry_id`` is the entry, ``rests_on_version_id`` the version it rests on (of the item, or of
    the entry above where there is a ``parent_entry_id``) and ``lock_version`` what ``entry_refresh`` and the like want seen.
    """

    kind: str
    entry_id: int
    list_id: int
    list_label: str
    tier: int
    body_id: int
    body_name: str
    name: str
    code: str
    version_id: int | None
    rests_on_version_id: int | None = None
    parent_entry_id: int | None = None
    lock_version: int = 0


def dependants_of(item_ids: Iterable[int], *, on: date) -> dict[int, tuple[Dependant, ...]]:
    """事项编号 → 依附于它的现行条目，逐级往下；没有的为空。At most ``DEEPEST`` queries whatever the number of items."""
    wanted = list(item_ids)
    codes = dict(PowerItem.objects.filter(id__in=wanted).values_list("code", "id"))
    found: dict[int, list[Dependant]] = {item_id: [] for item_id in wanted}
    roots = {code: {item_id} for code, item_id in codes.items()}
    seen: dict[int, set[int]] = defaultdict(set)
    for tier in range(1, DEEPEST + 1):
        if not roots:
            break
        rows = (
            ItemVersion.objects.filter(in_force(on), template_key__in=list(roots))
            .select_related("item__power_list__body__region")
            .order_by("item__power_list__body__region__code", "item__power_list_id", "item__ordinal", "item_id")
        )
        below: dict[str, set[int]] = defaultdict(set)
        for row in rows:
            for root in sorted(roots[row.template_key]):
                if row.item_id in seen[root] or row.item_id == root:
                    continue
                seen[root].add(row.item_id)
                found[root].append(_dependant(row, tier))
                below[row.item.code].add(root)
        roots = below
    _add_entries(found, on)
    return {item_id: tuple(rows) for item_id, rows in found.items()}


def _add_entries(found: dict[int, list[Dependant]], on: date) -> None:
    """关联清单的条目：事项自己的在前，认领而来的事项的在后，一个条目只列一次。"""
    claimed = {root: [one.entry_id for one in rows] for root, rows in found.items()}
    entries = entries_on({*found, *(item for items in claimed.values() for item in items)}, on=on)
    for root, items in claimed.items():
        hanging = {one.entry_id: one for item in (root, *items) for one in entries[item]}
        ordered = sorted(hanging.values(), key=lambda one: (_tier(one.list_type), one.list_type, one.entry_id))
        found[root] += [_hanging(one) for one in ordered]


def _tier(list_type: str) -> int:
    return int(list_types().of(list_type).tier.removeprefix("T"))


def _hanging(one: HangingEntry) -> Dependant:
    return Dependant(
        kind=one.list_type,
        entry_id=one.entry_id,
        list_id=one.list_id,
        list_label=list_types().of(one.list_type).label,
        tier=_tier(one.list_type),
        body_id=one.body_id,
        body_name=one.body_name,
        name=one.name,
        code=one.code,
        version_id=one.version_id,
        rests_on_version_id=one.rests_on_item_version_id or one.rests_on_entry_version_id,
        parent_entry_id=one.parent_entry_id,
        lock_version=one.lock_version,
    )


def _dependant(row: ItemVersion, tier: int) -> Dependant:
    power_list = row.item.power_list
    label = LIST_TYPE_LABELS.get(power_list.list_type, power_list.list_type)
    name = f"{power_list.body.region.name}{label}" if power_list.list_type == BASE_LIST else label
    return Dependant(
        kind=ITEM,
        entry_id=row.item_id,
        list_id=power_list.pk,
        list_label=name,
        tier=tier,
        body_id=power_list.body_id,
        body_name=power_list.body.name,
        name=row.name,
        code=row.item.code,
        version_id=row.pk,
    )


@dataclass(frozen=True, slots=True)
class ItemState:
    """事项此刻的样子：现行版本（没有为空）、是否有在编的修改。"""

    version_id: int | None
    is_working: bool


def item_states(item_ids: Iterable[int], *, on: date) -> dict[int, ItemState]:
    """各事项某日的现行版本与在编情况。"""
    ids = list(item_ids)
    current = dict(ItemVersion.objects.filter(in_force(on), item_id__in=ids).values_list("item_id", "id"))
    working = set(
        ItemVersion.objects.filter(item_id__in=ids, state__in=["draft", "frozen", "returned"]).values_list(
            "item_id", flat=True
        )
    )
    return {item_id: ItemState(current.get(item_id), item_id in working) for item_id in ids}
