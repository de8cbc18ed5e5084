"""动态调整的后台任务：机构合并、会议材料；定时职责：期限提醒。"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from quanze.apps.adjustment.services import extracting
from quanze.apps.adjustment.services.alarming import alarms_raise
from quanze.apps.adjustment.services.convening import material_make
from quanze.apps.adjustment.services.merging import lists_merge
from quanze.base.jobs.public import JobContext, job_handler, scheduled

MERGE_JOB = "adjustment.merge"
MATERIAL_JOB = "adjustment.material"


@job_handler(MERGE_JOB)
def merge_lists(
    context: JobContext, *, from_list_id: int, to_list_id: int, title: str, evidence: str, legal_on: str
) -> dict[str, Any]:
    """机构合并：成千的事项一次划转，全成或全不成。"""
    context.progress(0, 1, "核对两份清单")
    with context.transaction():
        merged = lists_merge(
            actor=context.actor,
            from_list_id=from_list_id,
            to_list_id=to_list_id,
            title=title,
            evidence=evidence,
            legal_on=date.fromisoformat(legal_on),
            now=context.now(),
        )
    context.progress(merged.items, merged.items, f"已划转 {merged.items} 项，两边各开一件调整")
    return {"adjustment_id": merged.in_id, "out_id": merged.out_id, "items": merged.items}


@job_handler(MATERIAL_JOB)
def make_material(context: JobContext, *, meeting_id: int, seen_version: int) -> dict[str, Any]:
    """会议材料：排版成百项的对照表要些时候。"""
    context.progress(0, 1, "排版议题表、三栏对照表、汇报稿")
    with context.transaction():
        made = material_make(actor=context.actor, meeting_id=meeting_id, seen_version=seen_version, now=context.now())
    context.progress(made, made, f"已生成 {made} 份材料，各有 Word 与 PDF")
    return {"meeting_id": meeting_id, "documents": made}


@job_handler(extracting.JOB_KIND)
def check_extract(
    context: JobContext, *, list_id: int, system: str, file_id: int, extract_on: str, synced_on: str
) -> dict[str, Any]:
    """大的上级清单提取件：读取、核对，两段进度。"""
    with context.transaction():
        check_id = extracting.extract_check_stored(
            actor=context.actor,
            list_id=list_id,
            system=system,
            file_id=file_id,
            extract_on=date.fromisoformat(extract_on),
            synced_on=date.fromisoformat(synced_on) if synced_on else None,
            progress=context.progress,
            now=context.now(),
        )
    context.progress(2, 2, "已核对")
    return {"check_id": check_id}


@scheduled("adjustment.alarms", every=timedelta(hours=1))
def alarms_keep_current(now: datetime) -> int:
    """到黄、橙、红的，每小时核对一次；停机期间到的，起动后第一次核对时补上。"""
    return alarms_raise(now=now)
