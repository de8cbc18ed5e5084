"""后台任务：读取上传的清单表格。"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from quanze.apps.catalog.services import deriving, importing, previewing
from quanze.base.jobs import public as jobs
from quanze.core.actor import SYSTEM
from quanze.core.errors import DomainError


@jobs.job_handler(importing.JOB_KIND)
def import_read(context: jobs.JobContext, import_id: int) -> dict[str, Any]:
    """读取 → 检查 → 对照，进度三段；读不成则导入记为失败，任务同样失败。"""
    if importing.is_read(import_id=import_id, actor=context.actor):
        return {"import_id": import_id}  # an earlier attempt had got so far before its worker was lost
    name, data = importing.file_of(import_id=import_id, actor=context.actor)
    try:
        reading = previewing.reading_of_upload(name=name, data=data, progress=context.progress)
    except DomainError as error:
        with context.transaction():
            importing.import_fail(actor=context.actor, import_id=import_id, error=error)
        raise
    context.stop_if_cancelled()
    context.progress(2, 3, "正在与现有清单对照")
    with context.transaction():
        importing.import_preview(actor=context.actor, import_id=import_id, reading=reading)
    items = reading["summary"]["items"]
    context.progress(3, 3, f"读到 {items} 项，请核对后导入")
    return {"import_id": import_id, "items": items}


@jobs.scheduled("catalog.drift", every=timedelta(days=1))
def drift_nightly(now: datetime) -> None:
    """每日核对关联清单的同步情况。"""
    deriving.drift_count(actor=SYSTEM, now=now)
