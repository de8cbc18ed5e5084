"""关联清单导入的读取。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quanze.apps.catalog.models import EntryImport
from quanze.apps.catalog.selectors.entry_locks import seen_by
from quanze.apps.catalog.selectors.list_types import list_types
from quanze.core.actor import Scope
from quanze.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """一行会怎样。"""

    row: int
    outcome: str
    code: str
    name: str
    column: str
    message: str
    entry_id: int | None


@dataclass(frozen=True, slots=True)
class EntryImportView:
    """一次上传。"""

    id: int
    list_id: int
    list_title: str
    list_label: str
    body_id: int
    file_name: str
    unchanged: int
    changes: int
    new: int
    refused: int
    created_by_name: str
    created_at: datetime
    applied_at: datetime | None
    lock_version: int
    rows: tuple[ImportedRow, ...]


def entry_import_view(*, import_id: int, scope: Scope) -> EntryImportView:
    """一次上传与逐行；看不见的答为没有。"""
    rows = EntryImport.objects.filter(seen_by(scope, "derived_list__body_id"), pk=import_id)
    row = rows.select_related("derived_list__body").first()
    if row is None:
        raise NotFound("没有这次导入", hint="请从关联清单中打开。")
    label = list_types().of(row.derived_list.list_type).label
    names = ("row", "outcome", "code", "name", "column", "message", "entry_id")
    return EntryImportView(
        id=row.pk,
        list_id=row.derived_list_id,
        list_title=f"{row.derived_list.body.name}{label}",
        list_label=label,
        body_id=row.derived_list.body_id,
        file_name=row.file_name,
        unchanged=row.unchanged,
        changes=row.changes,
        new=row.new,
        refused=row.refused,
        created_by_name=row.created_by_name,
        created_at=row.created_at,
        applied_at=row.applied_at,
        lock_version=row.lock_version,
        rows=tuple(ImportedRow(**{name: one[name] for name in names}) for one in row.rows),
    )
