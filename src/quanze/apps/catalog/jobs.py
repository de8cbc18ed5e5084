"""后台任务：读取上传的清单表格。"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import localdate

from quanze.apps.catalog.selectors import links as link_selectors
from quanze.apps.catalog.services import deriving, importing, link_checking, previewing
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


@jobs.job_handler(deriving.JOB_KIND)
def drift_count(context: jobs.JobContext, list_id: int) -> dict[str, Any]:
    """核对一份长清单。"""
    context.progress(0, 1, "正在逐条核对")
    with context.transaction():
        (found,) = deriving.drift_count(actor=context.actor, list_ids=[list_id], now=context.now())
    context.progress(1, 1, f"不同步 {found.drifting} 条、应列未列 {found.missing} 条")
    return {"list_id": list_id, "drifting": found.drifting, "missing": found.missing}


@jobs.scheduled("catalog.links", every=timedelta(days=1))
def links_daily(now: datetime) -> None:
    """每日核查办事指南链接；设置里没有写网站的不做事。"""
    link_checking.links_check_request(actor=SYSTEM, now=now)


@jobs.job_handler(link_checking.JOB_KIND)
def links_check(context: jobs.JobContext) -> dict[str, Any]:
    """逐批探看、逐批记下；网络上的等待不占数据库的事务。"""
    urls = link_selectors.urls_to_check(localdate(context.now()))
    done, dead = context.saved_checkpoint() or (0, 0)
    for start in range(done, len(urls), link_checking.BATCH):
        context.stop_if_cancelled()
        part = urls[start : start + link_checking.BATCH]
        answers = link_checking.links_ask(part)
        if not answers:  # switched off meanwhile
            break
        with context.transaction():
            dead += link_checking.links_record(actor=context.actor, answers=answers, now=context.now())
            context.checkpoint((start + len(part), dead))
        context.progress(start + len(part), len(urls), f"已核查 {start + len(part)} 个网址，打不开 {dead} 个")
    return {"checked": len(urls), "dead": dead}
