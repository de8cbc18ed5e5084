"""谁在等谁：某人要办的调整、声明与同步变更。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from quanze.apps.adjustment.models import Adjustment, DependantChange
from quanze.apps.adjustment.selectors.adjustments import AdjustmentRow, rows_of
from quanze.apps.adjustment.selectors.clocks import clocks_of
from quanze.core.actor import Actor
from quanze.core.workdays import DueDate


@dataclass(frozen=True, slots=True)
class DependantGroup:
    """一件调整之下某机构待处理的条目。"""

    adjustment_id: int
    trigger_title: str
    from_body_name: str
    count: int
    opened_at: datetime
    due: DueDate


def _mine(actor: Actor) -> Q:
    """本机构待申请的；编办范围之内待确认的声明。"""
    wanted = Q(pk__in=[])
    if actor.has("drafter") and actor.body_id is not None:
        wanted |= Q(state="pending", body_id=actor.body_id)
    if actor.has("establishment"):
        within = Q() if actor.scope.is_all else Q(body_id__in=actor.scope.body_ids)
        wanted |= Q(state="declared") & within
    return wanted


def _owned(actor: Actor) -> Q:
    is_owner = actor.has("drafter") and actor.body_id is not None
    return Q(state="pending", body_id=actor.body_id) if is_owner else Q(pk__in=[])


def adjustments_waiting(actor: Actor, *, today: date) -> list[AdjustmentRow]:
    """此人要办的调整与声明。"""
    return rows_of(Q(_mine(actor)), today=today)


def dependants_waiting(actor: Actor, *, today: date) -> list[DependantGroup]:
    """此人机构待处理的同步变更，一件调整一组。"""
    counted = dict(DependantChange.objects.filter(_owned(actor)).values_list("adjustment_id").annotate(n=Count("id")))
    rows = list(
        Adjustment.objects.filter(pk__in=list(counted))
        .select_related("trigger")
        .prefetch_related("pauses")
        .order_by("id")
    )
    clocks = clocks_of(rows, today=today)
    return [
        DependantGroup(
            row.pk,
            row.trigger.title,
            row.body_name,
            counted[row.pk],
            row.applied_at or row.opened_at,
            clocks[row.pk].due,
        )
        for row in rows
    ]


def waiting_rows(actor: Actor) -> list[QuerySet[Any, Any]]:
    """待办的调整一件一行，同步处理一件调整一行。"""
    return [
        Adjustment.objects.filter(_mine(actor)).values("pk"),
        DependantChange.objects.filter(_owned(actor)).values("adjustment_id").distinct(),
    ]
