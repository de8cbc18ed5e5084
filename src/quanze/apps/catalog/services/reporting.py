"""公众纠错：收到、编号、定答复期限；承办人答复。"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.catalog.models import ErrorReport, ItemVersion
from quanze.apps.catalog.selectors.withheld import disclosed
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.base.calendar import public as calendar
from quanze.base.parameters import public as parameters
from quanze.core.actor import PUBLIC, Actor
from quanze.core.errors import InvalidInput, NotFound, NotPermitted, WrongState

audit.register_action("catalog.report.received", "收到公众纠错")
audit.register_action("catalog.report.answered", "答复公众纠错")

LONGEST = 2000


@transaction.atomic
def report_receive(*, item_code: str, text: str, contact: str = "", now: datetime) -> str:
    """收到公众对公开事项的纠错，返回编号。联系方式可不留，只用于答复。"""
    words = text.strip()
    if not words:
        raise InvalidInput("请写明哪里有误", hint="例如：监督电话号码已停用。", code="report_empty")
    if len(words) > LONGEST or len(contact) > 100:
        raise InvalidInput(
            f"反映内容最多 {LONGEST} 字，联系方式最多 100 字", hint="请精简后再提交。", code="report_too_long"
        )
    version = (
        ItemVersion.objects.filter(disclosed(), item__code=item_code, state="published")
        .select_related("item__power_list__body")
        .order_by("-number")
        .first()
    )
    if version is None:
        raise NotFound("没有这个事项", hint="请从清单或搜索中打开。")
    today = localdate(now)
    due = calendar.due(today, parameters.value_int("report_answer_workdays", on=today))
    row = ErrorReport.objects.create(
        number="",
        item=version.item,
        version=version,
        text=words,
        contact=contact.strip(),
        received_at=now,
        due_on=due.on,
    )
    row.number = f"JC{today:%Y%m%d}-{row.pk:05d}"
    row.save(update_fields=["number"])
    audit.record(
        actor=PUBLIC,
        action="catalog.report.received",
        subject=audit.SubjectRef("catalog.item", version.item_id, version.name, version.item.power_list.body_id),
        after={"number": row.number, "due_on": due.on},
        now=now,
    )
    return row.number


@transaction.atomic
def report_answer(*, actor: Actor, report_id: int, answer: str, now: datetime) -> None:
    """答复纠错：由事项所属机构信息公开人员，或编办。"""
    row = (
        ErrorReport.objects.select_for_update(of=("self",))
        .select_related("item__power_list")
        .filter(pk=report_id)
        .first()
    )
    if row is None or not actor.scope.covers(row.item.power_list.body_id):
        raise NotFound("没有这件纠错", hint="请从纠错列表中打开。")
    if not (
        actor.has("establishment")
        or (actor.body_id == row.item.power_list.body_id and actor.has("publisher", "drafter"))
    ):
        raise NotPermitted("纠错由事项所属机构或编办答复", hint="请由有信息公开职责的同事办理。")
    if row.answered_at is not None:
        raise WrongState("这件纠错已经答复", hint="请刷新页面查看答复。")
    if not answer.strip():
        raise InvalidInput("答复不能为空", hint="请写明核实情况与处理结果。", code="answer_empty")
    row.answer, row.answered_at, row.answered_by_name = answer.strip(), now, actor.name
    row.save(update_fields=["answer", "answered_at", "answered_by_name"])
    audit.record(
        actor=actor,
        action="catalog.report.answered",
        subject=audit.SubjectRef("catalog.item", row.item_id, row.number, row.item.power_list.body_id),
        after={
            "number": row.number,
            "body": org.bodies_by_ids([row.item.power_list.body_id])[row.item.power_list.body_id].name,
        },
        reason=answer,
        now=now,
    )
