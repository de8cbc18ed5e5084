"""关联清单导入导出：写出一份表，读回、逐行对照，看过之后一次写成草稿；照原样再导入毫无变化。"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.catalog.domain.entry_tables import (
    CODE,
    NAME,
    SOURCE,
    Held,
    PlannedRow,
    cells_of,
    headers,
    plan,
    read_table,
)
from quanze.apps.catalog.domain.list_types import ListType
from quanze.apps.catalog.models import DerivedList, EntryImport
from quanze.apps.catalog.selectors.candidates import candidates_of, parent_sources
from quanze.apps.catalog.selectors.derived import DerivedListView
from quanze.apps.catalog.selectors.entry_choices import power_items_named
from quanze.apps.catalog.selectors.entry_lists import EntryQuery, EntryRow, each_entry_row
from quanze.apps.catalog.selectors.entry_locks import derived_list_for_update, entry_import_for_update
from quanze.apps.catalog.services.entries import NewEntry, Reference, entries_store, entry_revise, entry_save
from quanze.apps.catalog.services.entry_storing import kind_of, list_ref, require_keeper
from quanze.base.audit import public as audit
from quanze.base.sheets.reading import read_workbook
from quanze.base.sheets.writing import Column, TableSheet
from quanze.core.actor import EVERYTHING, Actor, Scope
from quanze.core.errors import InvalidInput, RulesNotMet, WrongState

audit.register_action("catalog.derived_list.imported", "导入关联清单")
MOST_CHANGES = 2_000


def entry_sheet(view: DerivedListView, *, scope: Scope, on: date, is_in_force: bool = False) -> TableSheet:
    """一份关联清单写成一张表：有草稿的写草稿，其余写现行；``is_in_force`` 只写某日现行的。"""
    query = EntryQuery(view.id, on, view="in_force" if is_in_force else "all")
    return TableSheet(
        name=view.label[:31],
        title=view.title,
        subtitle=f"{'现行' if is_in_force else '编制稿'}　{on.isoformat()}",
        columns=[Column(label, 30 if number else 20) for number, label in enumerate(headers(view.kind))],
        rows=(cells_of(view.kind, row) for row in each_entry_row(query, scope=scope)),
    )


def table_rows(view: DerivedListView, *, scope: Scope, on: date, is_in_force: bool = False) -> list[list[str]]:
    """同一张表的表头与各行，供 csv、json 写出。"""
    sheet = entry_sheet(view, scope=scope, on=on, is_in_force=is_in_force)
    return [[one.header for one in sheet.columns], *([str(cell or "") for cell in row] for row in sheet.rows)]


@transaction.atomic
def entries_import_preview(*, actor: Actor, list_id: int, data: bytes, file_name: str, now: datetime) -> int:
    """读入一份表，逐行说明会怎样，存下供核对；什么也不改。返回导入编号。Raises InvalidInput with file and sheet."""
    derived_list = derived_list_for_update(list_id=list_id, scope=actor.scope)
    require_keeper(actor, derived_list)
    kind, on = kind_of(derived_list), localdate(now)
    book = read_workbook(data, name=file_name)
    sheet = book.sheets[0]
    rows = [[str(cell).strip() if cell is not None else "" for cell in row] for row in sheet.rows]
    table = read_table(kind, rows, file=file_name, sheet=sheet.name)
    held = {one.code: _held(one) for one in each_entry_row(EntryQuery(list_id, on), scope=EVERYTHING)}
    names = {one.cells.get(SOURCE, "") or one.cells[NAME] for one in table if not one.cells.get(CODE)}
    planned = plan(kind, table, held, _sources(derived_list, kind, names, on) if names else {})
    counts = {code: sum(one.outcome == code for one in planned) for code in ("unchanged", "change", "new", "refused")}
    made = EntryImport.objects.create(
        derived_list=derived_list,
        file_name=file_name[:300],
        rows=[asdict(one) for one in planned],
        unchanged=counts["unchanged"],
        changes=counts["change"],
        new=counts["new"],
        refused=counts["refused"],
        created_by_name=actor.name,
        created_at=now,
    )
    return made.pk


def _held(row: EntryRow) -> Held:
    names = ("entry_id", "version_id", "code", "name", "variant", "content", "state", "lock_version", "version_lock")
    return Held(**{name: getattr(row, name) for name in names})


def _sources(derived_list: DerivedList, kind: ListType, names: set[str], on: date) -> dict[str, list[tuple[str, int]]]:
    """可以列入的来源，按名称：自动派生的照规则，逐项列入的是叫这个名称的现行事项。"""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    if kind.from_list:
        for one in parent_sources(derived_list, kind, on):
            found[one.name].append(one.key)
    elif kind.is_automatic:
        for one in candidates_of(derived_list, kind, on):
            found[one.name].append(one.key)
    else:
        rows = power_items_named(names, body_id=derived_list.body_id, kind=kind, on=on)
        for name, item_id in rows:
            found[name].append(("item", item_id))
    return found


@transaction.atomic
def entries_import_apply(*, actor: Actor, import_id: int, seen_version: int, now: datetime) -> tuple[int, int]:
    """把看过的修改与列入写成草稿，全成或全不成；预览之后条目被人改过的说明是哪一条。返回（修改、列入）条数。"""
    row = entry_import_for_update(import_id=import_id, scope=actor.scope, seen_version=seen_version)
    derived_list = row.derived_list
    require_keeper(actor, derived_list)
    if row.applied_at is not None:
        raise WrongState("这次上传已经导入", hint="要再改，请重新下载、修改、上传。", code="import_applied")
    planned = [PlannedRow(**{**one, "source": tuple(one["source"]) if one["source"] else None}) for one in row.rows]
    changes = [one for one in planned if one.outcome == "change"]
    new = [one for one in planned if one.outcome == "new"]
    if not (changes or new):
        raise WrongState("没有要导入的", hint="表格与清单一致，或各行都不能导入。", code="nothing_to_import")
    if len(changes) > MOST_CHANGES:
        raise InvalidInput(f"一次最多改 {MOST_CHANGES} 条", hint="请分几个文件导入。", code="too_many_changes")
    for one in changes:
        _change(actor, one, now)
    entries_store(
        actor=actor,
        derived_list=derived_list,
        entries=[
            NewEntry((Reference(*one.source),) if one.source else (), one.content, one.given_name, one.variant)
            for one in new
        ],
        now=now,
    )
    row.applied_at = now
    row.lock_version += 1
    row.save(update_fields=["applied_at", "lock_version"])
    audit.record(
        actor=actor,
        action="catalog.derived_list.imported",
        subject=list_ref(derived_list),
        after={"file": row.file_name, "changed": len(changes), "new": len(new), "refused": row.refused},
        now=now,
    )
    return len(changes), len(new)


def _change(actor: Actor, one: PlannedRow, now: datetime) -> None:
    version_id, seen = one.version_id or 0, one.seen
    try:
        if not one.is_draft:
            version_id = entry_revise(actor=actor, entry_id=one.entry_id or 0, seen_version=one.seen, now=now)
            seen = 1
        entry_save(
            actor=actor,
            version_id=version_id,
            seen_version=seen,
            content=one.content,
            name=one.given_name or None,
            now=now,
        )
    except RulesNotMet as error:
        raise RulesNotMet(
            f"第 {one.row} 行“{one.name}”：{error.message}", defects=error.defects, hint=error.hint, code=error.code
        ) from None
