"""公众纠错的读取：本范围事项的纠错，未答复、期限近者在前。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F

from quanze.apps.catalog.models import ErrorReport
from quanze.apps.catalog.selectors.lists import _scoped
from quanze.core.actor import Scope
from quanze.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class ReportView:
    """一件纠错。"""

    id: int
    number: str
    item_id: int
    item_code: str
    item_name: str
    version_number: int | None
    body_id: int
    body_name: str
    text: str
    contact: str
    received_at: datetime
    due_on: date
    answered_at: datetime | None
    answered_by_name: str
    answer: str


def _view(row: ErrorReport) -> ReportView:
    return ReportView(
        id=row.pk,
        number=row.number,
        item_id=row.item_id,
        item_code=row.item.code,
        item_name=row.version.name,
        version_number=row.version.number,
        body_id=row.item.power_list.body_id,
        body_name=row.item.power_list.body.name,
        text=row.text,
        contact=row.contact,
        received_at=row.received_at,
        due_on=row.due_on,
        answered_at=row.answered_at,
        answered_by_name=row.answered_by_name,
        answer=row.answer,
    )


def reports(*, scope: Scope, answered: bool | None = None, limit: int = 1000) -> list[ReportView]:
    """纠错列表：未答复的在前，期限近者在前。"""
    rows = ErrorReport.objects.filter(_scoped(scope, "item__power_list__body_id"))
    if answered is not None:
        rows = rows.filter(answered_at__isnull=not answered)
    rows = rows.select_related("version", "item__power_list__body")
    return [_view(row) for row in rows.order_by(F("answered_at").desc(nulls_first=True), "due_on", "id")[:limit]]


def report(*, report_id: int, scope: Scope) -> ReportView:
    """一件纠错；看不见的答为没有。"""
    row = (
        ErrorReport.objects.filter(_scoped(scope, "item__power_list__body_id"), pk=report_id)
        .select_related("version", "item__power_list__body")
        .first()
    )
    if row is None:
        raise NotFound("没有这件纠错", hint="请从纠错列表中打开。")
    return _view(row)
