"""范本合并的读取：范本两版之间变了什么，与本级所写合在一起怎样。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from quanze.apps.catalog.domain.base_merging import BaseStep, Choice, ItemMerge, merge_items
from quanze.apps.catalog.domain.items import ItemContent
from quanze.apps.catalog.domain.lifecycles import MERGE_FLOW
from quanze.apps.catalog.models import BaseMerge, ItemVersion, PublishRecord
from quanze.apps.catalog.selectors.contents import content_of, with_content
from quanze.apps.catalog.selectors.lists import in_force, working_or_in_force
from quanze.core.actor import Scope
from quanze.core.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class MergeRow:
    """一份清单的合并：状态、版次、改动与冲突的数目。"""

    id: int
    list_id: int
    body_id: int
    body_name: str
    base_list_id: int
    from_number: int
    to_number: int
    state: str
    changed: int
    conflicts: int
    opened_at: datetime
    settled_at: datetime | None
    settled_by_name: str
    lock_version: int

    @property
    def state_label(self) -> str:
        return MERGE_FLOW.states[self.state]


@dataclass(frozen=True, slots=True)
class MergeView:
    """一件合并的全貌：各项、已有的选择。"""

    row: MergeRow
    items: tuple[ItemMerge, ...]
    choices: dict[tuple[str, str], Choice]

    @property
    def open_conflicts(self) -> int:
        return sum((item.base_code, one.unit) not in self.choices for item in self.items for one in item.conflicts)


def _scoped(scope: Scope) -> Q:
    return Q() if scope.is_all else Q(power_list__body_id__in=scope.body_ids)


def _row(row: BaseMerge) -> MergeRow:
    return MergeRow(
        row.pk,
        row.power_list_id,
        row.power_list.body_id,
        row.power_list.body.name,
        row.base_list_id,
        row.from_number,
        row.to_number,
        row.state,
        row.changed,
        row.conflicts,
        row.opened_at,
        row.settled_at,
        row.settled_by_name,
        row.lock_version,
    )


def find(*, merge_id: int, scope: Scope, seen_version: int | None = None, lock: bool = False) -> BaseMerge:
    """看得见的合并（可锁定）；看不见的答为没有。"""
    rows = BaseMerge.objects.filter(_scoped(scope)).select_related("power_list__body")
    if lock:
        rows = rows.select_for_update(of=("self",))
    row = rows.filter(pk=merge_id).first()
    if row is None:
        raise NotFound("没有这件范本合并", hint="请从清单的“范本”页打开。")
    if seen_version is not None and row.lock_version != seen_version:
        raise Conflict("这件合并在您打开之后已有改动", hint="请刷新页面后再办。")
    return row


def merges_of(*, list_id: int, scope: Scope) -> list[MergeRow]:
    """一份清单的历次合并，新者在前。"""
    rows = BaseMerge.objects.filter(_scoped(scope), power_list_id=list_id).select_related("power_list__body")
    return [_row(row) for row in rows]


def merges_offered(*, base_list_id: int, scope: Scope) -> list[MergeRow]:
    """某范本开出的合并，各清单只取最近一件：谁合并了，谁有冲突，谁还没动。制定范本的看得见全部。"""
    rows = BaseMerge.objects.filter(base_list_id=base_list_id).select_related("power_list__body", "base_list")
    latest: dict[int, BaseMerge] = {}
    for row in rows.order_by("id"):
        if scope.covers(row.base_list.body_id) or scope.covers(row.power_list.body_id):
            latest[row.power_list_id] = row
    return [_row(row) for row in latest.values()]


def merge_view(*, merge_id: int, scope: Scope, on: date) -> MergeView:
    """一件合并：此刻算出的各项与已有的选择。"""
    row = find(merge_id=merge_id, scope=scope)
    return MergeView(_row(row), items_of(row, on=on), choices_of(row.choices))


def choices_of(stored: dict[str, Any]) -> dict[tuple[str, str], Choice]:
    """存下的选择。"""
    return {(code, unit): Choice(*given) for code, units in stored.items() for unit, given in units.items()}


def items_of(row: BaseMerge, *, on: date) -> tuple[ItemMerge, ...]:
    """范本自某版到某版的变化，与清单此刻（在编的取在编）的内容合并。A fixed number of queries."""
    steps = _steps(row)
    wanted = {one.code for one in steps} | {one.parent_code for one in steps if one.parent_code}
    found = local_contents(row.power_list_id, codes=sorted(wanted), on=on)
    return merge_items(steps, {code: (item_id, content) for code, (item_id, _, content) in found.items()})


def _steps(row: BaseMerge) -> list[BaseStep]:
    records = PublishRecord.objects.filter(
        edition__power_list_id=row.base_list_id,
        edition__number__gt=row.from_number,
        edition__number__lte=row.to_number,
    ).order_by("item__ordinal", "item_id", "edition__number")
    first: dict[str, int | None] = {}
    last: dict[str, int | None] = {}
    parents: dict[str, str] = {}
    for record in records.select_related("item__parent"):
        parents[record.item.code] = record.item.parent.code if record.item.parent is not None else ""
        first.setdefault(record.item.code, record.old_version_id)
        last[record.item.code] = record.new_version_id
    wanted = [one for one in (*first.values(), *last.values()) if one is not None]
    contents = _contents(Q(pk__in=wanted))
    found = []
    for code, old in first.items():
        new = last[code]
        step = BaseStep(
            code,
            contents[old] if old is not None else None,
            contents[new] if new is not None else None,
            parents[code],
        )
        if step.old is not None or step.new is not None:
            found.append(step)
    return found


def _contents(wanted: Q) -> dict[int, ItemContent]:
    return {row.pk: content_of(row) for row in with_content(ItemVersion.objects.filter(wanted))}


def local_contents(list_id: int, *, codes: list[str], on: date) -> dict[str, tuple[int, ItemVersion, ItemContent]]:
    """清单里认领了这些范本事项的：范本事项标识 → 事项、所看的版本与内容。"""
    rows = with_content(
        ItemVersion.objects.filter(
            working_or_in_force(on), item__power_list_id=list_id, template_key__in=codes
        ).select_related("item")
    )
    return {row.template_key: (row.item_id, row, content_of(row)) for row in rows.order_by("item_id")}


@dataclass(frozen=True, slots=True)
class Misplaced:
    """归属与范本不同的一项：本级事项，范本归在哪个主项之下（空为不是子项），本级归在哪里。"""

    item_id: int
    name: str
    base_parent: str
    local_parent: str


def misplaced(*, list_id: int, base_list_id: int, on: date) -> list[Misplaced]:
    """认领的事项里，归属与范本此刻不同的。Where an item hangs has no versions, so this is told and not merged."""
    rows = ItemVersion.objects.filter(in_force(on), item__power_list_id=base_list_id)
    base = {
        code: (parent or "", name)
        for code, parent, name in rows.values_list("item__code", "item__parent__code", "name")
    }
    own = ItemVersion.objects.filter(working_or_in_force(on), item__power_list_id=list_id)
    held = list(own.values_list("item_id", "item__parent_id", "template_key", "name").order_by("item__ordinal"))
    keys = {item_id: key for item_id, _, key, _ in held}
    names = {item_id: name for item_id, _, _, name in held}
    found = []
    for item_id, parent_id, key, name in held:
        if key not in base:
            continue
        wanted = base[key][0]
        if wanted != (keys.get(parent_id, "") if parent_id else ""):
            found.append(
                Misplaced(
                    item_id,
                    name,
                    base[wanted][1] if wanted in base else "",
                    names.get(parent_id, "") if parent_id else "",
                )
            )
    return found


def base_content(*, base_list_id: int, codes: list[str], on: date) -> dict[str, ItemContent]:
    """范本若干项此刻现行的内容。"""
    rows = with_content(
        ItemVersion.objects.filter(in_force(on), item__power_list_id=base_list_id, item__code__in=codes).select_related(
            "item"
        )
    )
    return {row.item.code: content_of(row) for row in rows}


def waiting(*, body_id: int) -> list[MergeRow]:
    """某机构清单待办的合并。"""
    rows = BaseMerge.objects.filter(state="open", power_list__body_id=body_id).select_related("power_list__body")
    return [_row(row) for row in rows]


def waiting_rows(*, body_id: int) -> QuerySet[Any, Any]:
    """某机构清单待办的合并，一件一行。"""
    return BaseMerge.objects.filter(state="open", power_list__body_id=body_id).values("pk")
