"""行权运行的后台任务：大文件报送、统计集更新与清理。"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from quanze.apps.performance.services.ingest import events_read, events_store
from quanze.apps.performance.services.receiving import events_settle
from quanze.apps.performance.services.warning import warnings_raise
from quanze.base.files import public as files
from quanze.base.jobs.public import JobContext, job_handler, scheduled
from quanze.warehouse import public as warehouse

IMPORT_JOB = "performance.import"


@job_handler(IMPORT_JOB)
def import_file(context: JobContext, *, file_id: int, mapping_code: str, constants: dict[str, str]) -> dict[str, Any]:
    """报送一个已上传的文件。The idempotency key makes a second attempt give the first answer."""
    context.progress(0, 3, "读取并检查")
    opened = files.open_file(file_id, scope=context.actor.scope)
    with opened.stream:
        read = events_read(
            actor=context.actor,
            path=Path(opened.stream.name),
            name=opened.view.name,
            mapping_code=mapping_code,
            constants=constants,
            now=context.now(),
        )
    context.stop_if_cancelled()
    context.progress(1, 3, "对照清单并入库")
    with context.transaction():
        report = events_store(actor=context.actor, read=read, now=context.now())
    context.progress(
        3,
        3,
        f"入库 {report.rows_accepted} 行，待核实 {report.rows_quarantined} 行，有问题 {report.rows_rejected} 行",
        skipped=report.rows_read - report.rows_accepted,
    )
    return {"import_id": report.import_id, "rows_accepted": report.rows_accepted, "is_replay": report.is_replay}


@scheduled("performance.marts", every=timedelta(minutes=5))
def marts_keep_current(now: datetime) -> None:
    """入库后未及更新的统计集在此补上。A crash between commit and refresh leaves them stale, never wrong."""
    if warehouse.mart_status().is_stale:
        warehouse.refresh_marts(now=now)


@scheduled("performance.warnings", every=timedelta(hours=1))
def warnings_keep_current(now: datetime) -> int:
    """到期未办结的，与接口收下的数据，每小时判定一次风险警示。"""
    return warnings_raise(now=now).raised


@scheduled("performance.garbage", every=timedelta(hours=6))
def garbage_collect(now: datetime) -> int:
    """清理无人引用的事件文件。"""
    return warehouse.collect_garbage(now=now)


@scheduled("performance.settle", every=timedelta(seconds=5))
def received_settle(now: datetime) -> int:
    """接口收下的事件成批并入事件文件，随后更新统计集。"""
    return events_settle(now=now)
