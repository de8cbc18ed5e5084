"""动态调整的后台任务：机构合并；定时职责：期限提醒。"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from quanze.apps.adjustment.services.alarming import alarms_raise
from quanze.apps.adjustment.services.merging import lists_merge
from quanze.base.jobs.public import JobContext, job_handler, scheduled

MERGE_JOB = "adjustment.merge"


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


@scheduled("adjustment.alarms", every=timedelta(hours=1))
def alarms_keep_current(now: datetime) -> int:
    """到黄、橙、红的，每小时核对一次；停机期间到的，起动后第一次核对时补上。"""
    return alarms_raise(now=now)
