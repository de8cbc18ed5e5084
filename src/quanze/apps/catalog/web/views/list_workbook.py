"""编制稿下载为工作簿：与导入同一栏目，改几格即可再上传；表尾有填表人、审核人、日期。"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from django.http import HttpResponse
from django.utils import timezone

from quanze.apps.catalog.selectors import lists as selectors
from quanze.apps.catalog.selectors.item_lists import ItemQuery, ItemRow, each_item_row
from quanze.apps.catalog.selectors.lists import VersionView
from quanze.apps.catalog.selectors.workbook import list_sheet
from quanze.apps.catalog.services.packs import power_types
from quanze.apps.catalog.web.presenting import BUSINESS_ROLES
from quanze.apps.catalog.web.requests import DeskRequest
from quanze.base.audit import public as audit
from quanze.base.iam.step_up import require_step_up
from quanze.base.sheets.writing import write_table
from quanze.base.web.access import signed_in
from quanze.base.web.dates import zh_date
from quanze.base.web.exporting import LARGEST_EXPORT, XLSX, download
from quanze.core.errors import InvalidInput

SIGNATURES = "填表人：　　　　　　　　审核人：　　　　　　　　填表日期：　　　　年　　月　　日"
_BATCH = 500


@signed_in(*BUSINESS_ROLES)
def list_workbook(request: DeskRequest, list_id: int) -> HttpResponse:
    """下载编制稿：有草稿的写草稿，其余写现行；不改再导入毫无变化。"""
    require_step_up(request)
    actor, on, now = request.actor, timezone.localdate(), timezone.now()
    view = selectors.list_view(list_id=list_id, scope=actor.scope, on=on)
    rows = list(islice(each_item_row(ItemQuery(list_id, on), scope=actor.scope), LARGEST_EXPORT + 1))
    if len(rows) > LARGEST_EXPORT:
        raise InvalidInput(
            f"清单超过 {LARGEST_EXPORT:,} 项，一次导不完", hint="请在命令行导出。", code="export_too_large"
        )
    contents = _in_order(rows)
    mains = sum(row.parent_id is None for row in rows)
    sheet = list_sheet(
        contents,
        title=view.title,
        subtitle=f"编制稿　{zh_date(on)}",
        notes=(f"主项（含单项）{mains} 项、子项 {len(rows) - mains} 项。",),
        type_labels={one.code: one.label for one in power_types().types},
        is_internal=True,
    )
    content = write_table(replace(sheet, footers=(SIGNATURES, *sheet.footers)))
    audit.access(
        actor=actor,
        action="web.table.exported",
        outcome="exported",
        subject_label=f"{view.title}编制稿",
        body_id=actor.body_id,
        detail=f"{len(rows)} 行",
        now=now,
    )
    return download(content, f"{view.title} 编制稿 {on.isoformat()}.xlsx", XLSX)


def _in_order(rows: list[ItemRow]) -> list[VersionView]:
    """按清单次序，子项紧跟主项。"""
    places = {row.item_id: (row.ordinal, row.item_id) for row in rows}
    ordered = sorted(
        rows,
        key=lambda row: (
            places.get(row.parent_id or row.item_id, (row.ordinal, row.item_id)),
            row.parent_id is not None,
            row.ordinal,
            row.item_id,
        ),
    )
    found: dict[int, VersionView] = {}
    for start in range(0, len(ordered), _BATCH):
        found |= selectors.versions_by_ids([row.version_id for row in ordered[start : start + _BATCH]])
    return [found[row.version_id] for row in ordered]
