"""锁定关联清单与条目：看不见的答为没有，看过之后变了的答为冲突。"""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q

from quanze.apps.catalog.models import DerivedEntry, DerivedEntryVersion, DerivedList, EntryImport
from quanze.apps.catalog.selectors.rests_on import chunks
from quanze.core.actor import Scope
from quanze.core.errors import Conflict, NotFound


def seen_by(scope: Scope, path: str) -> Q:
    """范围之内。"""
    return Q() if scope.is_all else Q(**{f"{path}__in": scope.body_ids})


def derived_list_for_update(*, list_id: int, scope: Scope) -> DerivedList:
    """锁定关联清单。"""
    rows = DerivedList.objects.select_for_update(of=("self",)).select_related("body")
    row = rows.filter(seen_by(scope, "body_id"), pk=list_id).first()
    if row is None:
        raise NotFound("没有这份关联清单", hint="请从“关联清单”中打开。")
    return row


def entries_for_update(*, seen: Mapping[int, int], scope: Scope) -> list[DerivedEntry]:
    """锁定一批条目（编号 → 看过的修改次数），按编号。"""
    rows: list[DerivedEntry] = []
    for ids in chunks(seen):
        found = DerivedEntry.objects.select_for_update(of=("self",)).select_related("derived_list__body")
        rows += found.filter(seen_by(scope, "derived_list__body_id"), id__in=ids).order_by("id")
    if len(rows) != len(seen):
        raise NotFound("没有这个条目", hint="请从关联清单中打开。")
    for row in rows:
        if row.lock_version != seen[row.pk]:
            raise Conflict(f"条目 {row.code} 在您打开之后已被改动", hint="请刷新页面后再办。")
    return rows


def entry_version_for_update(*, version_id: int, scope: Scope, seen_version: int) -> DerivedEntryVersion:
    """锁定条目版本。"""
    rows = DerivedEntryVersion.objects.select_for_update(of=("self",)).select_related("entry__derived_list__body")
    row = rows.filter(seen_by(scope, "entry__derived_list__body_id"), pk=version_id).first()
    if row is None:
        raise NotFound("没有这个条目版本", hint="请从关联清单中打开。")
    if row.lock_version != seen_version:
        raise Conflict("条目在您打开之后已被改动", hint="请刷新页面，核对他人的改动后再保存。")
    return row


def entry_import_for_update(*, import_id: int, scope: Scope, seen_version: int) -> EntryImport:
    """锁定关联清单导入，连同清单。"""
    rows = EntryImport.objects.select_for_update(of=("self",)).select_related("derived_list__body")
    row = rows.filter(seen_by(scope, "derived_list__body_id"), pk=import_id).first()
    if row is None:
        raise NotFound("没有这次导入", hint="请从关联清单中打开。")
    if row.lock_version != seen_version:
        raise Conflict("这次导入在您打开之后已被办理", hint="请刷新页面。")
    return row
