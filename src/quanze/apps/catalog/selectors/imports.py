"""清单导入的读取：一次导入的全貌、清单的历次导入、与之对照的现有事项。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from quanze.apps.catalog.domain.difference import Existing
from quanze.apps.catalog.domain.lifecycles import IMPORT_FLOW
from quanze.apps.catalog.models import ItemVersion, ListImport
from quanze.apps.catalog.selectors.contents import content_of, with_content
from quanze.apps.catalog.selectors.lists import WORKING_STATES, _scoped
from quanze.core.actor import Scope
from quanze.core.errors import Conflict, NotFound
from quanze.core.sealing import content_digest


@dataclass(frozen=True, slots=True)
class ImportRow:
    """一次导入的要点；``counts`` 为对照的各类数量，读取之前为空。"""

    id: int
    list_id: int
    file_name: str
    state: str
    state_label: str
    created_by_name: str
    created_at: datetime
    applied_at: datetime | None
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ImportView:
    """一次导入的全貌：读取结果、对照、失败原因、后台任务。"""

    row: ImportRow
    body_id: int
    body_name: str
    file_id: int
    reading: Mapping[str, Any]
    difference: Mapping[str, Any]
    error: str
    failure: Mapping[str, str]
    job_id: int | None
    lock_version: int


def _row(record: ListImport, counts: Mapping[str, int] | None) -> ImportRow:
    return ImportRow(
        id=record.pk,
        list_id=record.power_list_id,
        file_name=record.file_name,
        state=record.state,
        state_label=IMPORT_FLOW.states[record.state],
        created_by_name=record.created_by_name,
        created_at=record.created_at,
        applied_at=record.applied_at,
        counts=counts or {},
    )


def imports(*, list_id: int, scope: Scope, limit: int = 100) -> list[ImportRow]:
    """清单的历次导入，新者在前。The readings themselves are large and stay in the table."""
    rows = (
        ListImport.objects.filter(_scoped(scope, "power_list__body_id"), power_list_id=list_id)
        .defer("reading", "difference")
        .values_list("id", "difference__counts")
    )
    counts = dict(rows)
    found = ListImport.objects.filter(id__in=list(counts)).defer("reading", "difference").order_by("-id")[:limit]
    return [_row(record, counts[record.pk]) for record in found]


def import_view(*, import_id: int, scope: Scope) -> ImportView:
    """一次导入；看不见的答为没有。"""
    record = (
        ListImport.objects.filter(_scoped(scope, "power_list__body_id"), pk=import_id)
        .select_related("power_list__body")
        .first()
    )
    if record is None:
        raise NotFound("没有这次导入", hint="请从清单的“导入”页打开。")
    return ImportView(
        row=_row(record, record.difference.get("counts")),
        body_id=record.power_list.body_id,
        body_name=record.power_list.body.name,
        file_id=record.file_id,
        reading=record.reading,
        difference=record.difference,
        error=record.error,
        failure=record.failure,
        job_id=record.job_id,
        lock_version=record.lock_version,
    )


def import_for_update(*, import_id: int, scope: Scope, seen_version: int | None = None) -> ListImport:
    """锁定一次导入；已被他人办过的答为冲突。"""
    record = (
        ListImport.objects.select_for_update(of=("self",))
        .filter(_scoped(scope, "power_list__body_id"), pk=import_id)
        .select_related("power_list__body")
        .first()
    )
    if record is None:
        raise NotFound("没有这次导入", hint="请从清单的“导入”页打开。")
    if seen_version is not None and record.lock_version != seen_version:
        raise Conflict("这次导入在您打开之后已有变化", hint="请刷新页面，核对最新的对照后再办。")
    return record


def existing_items(*, list_id: int) -> tuple[tuple[Existing, ...], dict[int, ItemVersion]]:
    """与表格对照的现有事项，按清单次序；并按事项给出所取的版本（在编优先，否则现行）。"""
    rows = with_content(
        ItemVersion.objects.filter(
            Q(state__in=WORKING_STATES) | Q(state="published", valid_to__isnull=True), item__power_list_id=list_id
        ).select_related("item")
    ).order_by("item__ordinal", "item_id", "id")
    chosen: dict[int, ItemVersion] = {}
    in_force: dict[int, ItemVersion] = {}
    for row in rows:
        if row.state == "published":
            in_force[row.item_id] = row
        held = chosen.get(row.item_id)
        if held is None or held.state == "published":
            chosen[row.item_id] = row
    found = tuple(
        Existing(
            item_id=item_id,
            content=content_of(row),
            parent_id=row.item.parent_id,
            is_locked=row.state == "frozen",
            is_in_force=item_id in in_force,
            in_force=content_of(in_force[item_id]) if item_id in in_force and row.state != "published" else None,
        )
        for item_id, row in chosen.items()
    )
    return found, chosen


def fingerprint(versions: Sequence[ItemVersion]) -> str:
    """现有事项的指纹：对照之后有人改动清单，便与存下的不同。"""
    return content_digest([[row.item_id, row.pk, row.state, row.content_hash] for row in versions])
