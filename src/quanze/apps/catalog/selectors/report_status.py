"""纠错的办理情况：凭编号查，谁都可以；不含反映内容与联系方式。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from quanze.apps.catalog.models import ErrorReport
from quanze.apps.catalog.selectors.withheld import NO_NAME, withheld_ids
from quanze.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class ReportStatus:
    """纠错办理情况：编号、事项（依法不公开的不说是哪一项）、收到时间、答复期限、答复。"""

    number: str
    item_code: str
    item_name: str
    body_name: str
    received_at: datetime
    due_on: date
    answered_at: datetime | None
    answer: str


def report_status(*, number: str) -> ReportStatus:
    """一件纠错的办理情况。What was written and how to reach the writer is left out: a number can be guessed."""
    row = ErrorReport.objects.filter(number=number).select_related("version", "item__power_list__body").first()
    if row is None:
        raise NotFound("没有这个编号", hint="请核对提交后得到的编号，形如 JC20261122-00001。")
    is_hidden = bool(withheld_ids([row.item_id]))
    return ReportStatus(
        number=row.number,
        item_code="" if is_hidden else row.item.code,
        item_name=NO_NAME if is_hidden else row.version.name,
        body_name=row.item.power_list.body.name,
        received_at=row.received_at,
        due_on=row.due_on,
        answered_at=row.answered_at,
        answer=row.answer,
    )
