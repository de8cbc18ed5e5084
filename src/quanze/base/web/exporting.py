"""导出：先二次验证，再把所见的列、符合条件的全部行写成工作簿下载，并记入访问记录。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from quanze.base.audit import public as audit
from quanze.base.iam.step_up import require_step_up
from quanze.base.sheets.writing import A4, TableSheet, write_table
from quanze.base.sheets.writing import Column as SheetColumn
from quanze.base.web.dates import zh_time
from quanze.core.actor import PUBLIC
from quanze.core.errors import InvalidInput

LARGEST_EXPORT = 50_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def export_workbook(
    request: HttpRequest,
    *,
    title: str,
    columns: Sequence[SheetColumn],
    rows: Sequence[Sequence[Any]],
    conditions: str = "全部",
) -> HttpResponse:
    """一张表 → xlsx 下载。A first note says what was asked for and when, so that a printed sheet explains itself.

    Taking many rows away asks for a second proof (step-up), here for every page of the desk. The public site, which knows
    nobody, has writers of its own.
    """
    require_step_up(request)
    if len(rows) > LARGEST_EXPORT:
        raise InvalidInput(
            f"符合条件的行超过 {LARGEST_EXPORT:,} 行，一次导不完",
            hint="请缩小筛选范围后分次导出。",
            code="export_too_large",
        )
    now = timezone.now()
    actor = getattr(request, "actor", PUBLIC)
    sheet = TableSheet(
        name=title,
        title=title,
        subtitle=f"筛选：{conditions}　导出：{zh_time(now)}　{actor.name}",
        columns=columns,
        rows=rows,
    )
    content = write_table(sheet, paper=A4)
    audit.access(
        actor=actor,
        action="web.table.exported",
        outcome="exported",
        subject_label=title,
        body_id=actor.body_id,
        detail=f"{len(rows)} 行；筛选：{conditions}",
        now=now,
    )
    return download(content, f"{title} {timezone.localdate(now):%Y-%m-%d}.xlsx", XLSX)


def download(content: bytes, name: str, content_type: str) -> HttpResponse:
    """以附件应答，中文文件名按 RFC 5987。"""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["Cache-Control"] = "no-store"
    return response
