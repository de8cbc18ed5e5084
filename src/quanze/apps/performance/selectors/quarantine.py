"""清单外行权（待核实）的读取。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from quanze.apps.org import public as org
from quanze.apps.performance.models import QuarantinedEvent, RunImport
from quanze.core.actor import Actor, Scope
from quanze.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class QuarantineView:
    """待核实的一组。"""

    id: int
    reason: str
    item_code: str
    body_code: str
    body_name: str
    month: str
    rows: int
    cases: int
    verdict: str
    verdict_label: str
    note: str
    decided_by_name: str
    decided_at: datetime | None
    file_name: str
    lock_version: int


@dataclass(frozen=True, slots=True)
class ImportView:
    """一次数据报送。"""

    id: int
    file_name: str
    mapping_code: str
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    rows_rejected: int
    created_by_name: str
    created_at: datetime


def quarantined_rows(*, scope: Scope) -> QuerySet[QuarantinedEvent]:
    """范围内的待核实组。Rows of an unknown body belong to nobody and are shown to the whole city only."""
    rows = QuarantinedEvent.objects.select_related("file__run_import")
    return rows if scope.is_all else rows.filter(body_id__in=scope.body_ids)


def quarantined(*, scope: Scope, verdict: str = "") -> list[QuarantineView]:
    """清单外行权（待核实）各组，新月份在前。"""
    rows = quarantined_rows(scope=scope)
    if verdict:
        rows = rows.filter(verdict=verdict)
    found = list(rows.order_by("-month", "body_code", "item_code", "id")[:1000])
    names = {b.id: b.name for b in org.bodies_by_ids({r.body_id for r in found if r.body_id}).values()}
    return [
        QuarantineView(
            id=r.pk,
            reason=r.reason,
            item_code=r.item_code,
            body_code=r.body_code,
            body_name=names.get(r.body_id or 0, "名录中没有的机构"),
            month=r.month,
            rows=r.rows,
            cases=r.cases,
            verdict=r.verdict,
            verdict_label=r.get_verdict_display(),
            note=r.note,
            decided_by_name=r.decided_by_name,
            decided_at=r.decided_at,
            file_name=r.file.run_import.file_name,
            lock_version=r.lock_version,
        )
        for r in found
    ]


def visible_imports(*, actor: Actor) -> QuerySet[RunImport]:
    """看得见的报送：本机构送的，或全市范围。"""
    rows = RunImport.objects.all()
    return rows if actor.scope.is_all else rows.filter(body_id__in=actor.scope.body_ids)


def imports(*, actor: Actor, limit: int = 50) -> list[ImportView]:
    """最近的报送。"""
    return [
        ImportView(
            r.pk,
            r.file_name,
            r.mapping_code,
            r.report["rows_read"],
            r.report["rows_accepted"],
            r.report["rows_quarantined"],
            r.report["rows_rejected"],
            r.created_by_name,
            r.created_at,
        )
        for r in visible_imports(actor=actor).order_by("-id")[:limit]
    ]


def import_row(*, import_id: int, actor: Actor) -> RunImport:
    """一次报送；看不见的与不存在的回答相同。"""
    row = visible_imports(actor=actor).filter(pk=import_id).first()
    if row is None:
        raise NotFound("没有这次报送", hint="请从报送列表进入。")
    return row
