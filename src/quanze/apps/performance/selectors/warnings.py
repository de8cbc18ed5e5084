"""行权风险警示的读取，与判定警示所需事实的汇集。"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import Count, Q, QuerySet

from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.apps.performance.domain.outside import REASON_LABELS
from quanze.apps.performance.domain.special_cases import SpecialCase, month_of, months_before
from quanze.apps.performance.domain.warnings import (
    WARNING_KIND_LABELS,
    WARNING_LEVEL_LABELS,
    Finding,
    WarningLimits,
    limit_of,
    outside_the_lists,
    overdue,
    unusual_volume,
)
from quanze.apps.performance.models import QuarantinedEvent, RiskWarning
from quanze.apps.performance.selectors.runs import special_cases
from quanze.base.calendar.public import work_calendar
from quanze.base.parameters.public import values_on
from quanze.core.actor import Scope
from quanze.core.errors import NotFound
from quanze.warehouse import public as warehouse


@dataclass(frozen=True, slots=True)
class RiskWarningView:
    """一件行权风险警示。"""

    id: int
    kind: str
    kind_label: str
    level: str
    level_label: str
    body_id: int
    body_name: str
    item_code: str
    item_name: str
    case_ref: str
    period: str
    statement: str
    facts: Mapping[str, Any]
    receiver_names: str
    state: str
    raised_at: datetime
    read_at: datetime | None
    read_by_name: str
    explanation: str
    explained_at: datetime | None
    explained_by_name: str
    opinion: str
    lock_version: int


def warning_limits(*, on: date) -> WarningLimits:
    """某日有效的警示界限。"""
    codes = (
        "run_warning_severe_workdays",
        "run_warning_severe_percent",
        "run_warning_severe_cases",
        "run_warning_months",
    )
    workdays, percent, cases, months = (int(str(v)) for v in values_on(codes, on=on).values())
    return WarningLimits(workdays, Decimal(percent) / 100, cases, months)


def warning_findings(*, bodies: Mapping[str, org.BodyView], today: date) -> list[Finding]:
    """今日应警示的全部事情：超期、清单外（待核实）、办件量异常。"""
    limits = warning_limits(on=today)
    return [
        *_overdue(bodies, today, limits),
        *_outside(bodies, today, limits),
        *_unusual(bodies, today, limits),
    ]


def _overdue(bodies: Mapping[str, org.BodyView], today: date, limits: WarningLimits) -> list[Finding]:
    first = months_before(month_of(today), limits.months - 1)
    codes = {c.item_code for c in warehouse.case_counts(by=("item_code",), body_codes=list(bodies), from_month=first)}
    versions = catalog.item_limits_by_codes(codes)
    calendar = work_calendar()

    @cache
    def after(start: date, workdays: int) -> date:
        return calendar.due(start, workdays).on

    def version_on(item_code: str, day: date) -> catalog.ItemLimit | None:
        # A case from before the first list of its item is held to nothing.
        found = [v for v in versions.get(item_code, ()) if v.valid_from <= day]
        return found[-1] if found else None

    def due_day(item_code: str, started_on: date) -> date | None:
        version = version_on(item_code, started_on)
        limit = None if version is None else limit_of(version.legal_workdays, version.promised_workdays)
        return None if limit is None else after(started_on, limit.workdays)

    found = []
    for case in warehouse.overrun_cases(due_day=due_day, on=today, from_month=first, body_codes=set(bodies)):
        version = version_on(case.item_code, case.started_on)
        legal = version.legal_workdays if version else None
        found.append(
            overdue(
                body_code=case.body_code,
                item_code=case.item_code,
                source=case.source,
                case_ref=case.case_id,
                started_on=case.started_on,
                due_on=case.due_on,
                closed_on=case.closed_on,
                legal_due_on=None if legal is None else after(case.started_on, legal),
                today=today,
                calendar=calendar,
                limits=limits,
            )
        )
    return found


def _outside(bodies: Mapping[str, org.BodyView], today: date, limits: WarningLimits) -> list[Finding]:
    """待核实之中还没有定论的组；同一事项同月的几组合为一件。"""
    code_of = {body.id: code for code, body in bodies.items()}
    first = months_before(month_of(today), limits.months - 1)
    groups: dict[tuple[str, str, str, str], int] = {}
    rows = QuarantinedEvent.objects.filter(
        verdict__in=("pending", "confirmed"), body_id__in=list(code_of), month__gte=f"{first:%Y-%m}"
    )
    for reason, body_id, item, month, cases in rows.values_list("reason", "body_id", "item_code", "month", "cases"):
        key = (reason, code_of[body_id or 0], item, month)
        groups[key] = groups.get(key, 0) + cases
    found = [
        outside_the_lists(
            reason=reason,
            label=REASON_LABELS[reason],
            body_code=body_code,
            item_code=item,
            month=month,
            cases=cases,
            limits=limits,
        )
        for (reason, body_code, item, month), cases in sorted(groups.items())
    ]
    return [f for f in found if f is not None]


def _unusual(bodies: Mapping[str, org.BodyView], today: date, limits: WarningLimits) -> list[Finding]:
    flags = special_cases(body_ids=[body.id for body in bodies.values()], as_of=today)
    return [unusual_volume(f, year=today.year, limits=limits) for f in flags if f.kind is SpecialCase.CHANGED]


def existing_keys(body_ids: Collection[int]) -> set[tuple[str, ...]]:
    """已提出的警示的键。"""
    rows = RiskWarning.objects.filter(body_id__in=list(body_ids))
    return set(rows.values_list("kind", "body__code", "item_code", "source", "case_ref", "period"))


def warning_rows(*, scope: Scope) -> QuerySet[RiskWarning]:
    """范围内的警示。"""
    rows = RiskWarning.objects.select_related("body")
    return rows if scope.is_all else rows.filter(body_id__in=scope.body_ids)


def warning_row(*, warning_id: int, scope: Scope, lock: bool = False) -> RiskWarning:
    """一行，办理时加锁；范围外的与不存在的回答相同。"""
    rows = RiskWarning.objects.select_for_update() if lock else RiskWarning.objects.select_related("body")
    row = rows.filter(pk=warning_id).first()
    if row is None or not scope.covers(row.body_id):
        raise NotFound("没有这件风险警示", hint="请从风险警示列表进入。")
    return row


def warning(*, warning_id: int, scope: Scope) -> RiskWarningView:
    """一件警示。"""
    return warning_view(warning_row(warning_id=warning_id, scope=scope))


def warnings(
    *, scope: Scope, body_ids: Collection[int] | None = None, state: str = "", after_id: int = 0
) -> list[RiskWarningView]:
    """范围内的警示，新者在前；督办等上层能力据此办理。"""
    rows = warning_rows(scope=scope).filter(id__gt=after_id)
    if body_ids is not None:
        rows = rows.filter(body_id__in=list(body_ids))
    if state:
        rows = rows.filter(state=state)
    return [warning_view(row) for row in rows.order_by("-id")]


def warning_view(row: RiskWarning) -> RiskWarningView:
    """行 → 视图。"""
    return RiskWarningView(
        id=row.pk,
        kind=row.kind,
        kind_label=WARNING_KIND_LABELS[row.kind],
        level=row.level,
        level_label=WARNING_LEVEL_LABELS[row.level],
        body_id=row.body_id,
        body_name=row.body.name,
        item_code=row.item_code,
        item_name=row.item_name,
        case_ref=row.case_ref,
        period=row.period,
        statement=row.statement,
        facts=row.facts,
        receiver_names=row.receiver_names,
        state=row.state,
        raised_at=row.raised_at,
        read_at=row.read_at,
        read_by_name=row.read_by_name,
        explanation=row.explanation,
        explained_at=row.explained_at,
        explained_by_name=row.explained_by_name,
        opinion=row.opinion,
        lock_version=row.lock_version,
    )


def warnings_matching(
    rows: QuerySet[RiskWarning], *, words: str = "", body_id: int | None = None, **columns: str
) -> QuerySet[RiskWarning]:
    """按文字、机构与各列筛选。"""
    if words:
        rows = rows.filter(
            Q(item_name__icontains=words)
            | Q(item_code__icontains=words)
            | Q(case_ref__icontains=words)
            | Q(body__name__icontains=words)
        )
    if body_id:
        rows = rows.filter(body_id=body_id)
    return rows.filter(**columns)


def warning_counts(rows: QuerySet[RiskWarning]) -> dict[str, int]:
    """各状态的件数，与未说明的严重警示件数。"""
    counts = dict.fromkeys(("new", "read", "explained"), 0)
    counts |= dict(rows.order_by().values_list("state").annotate(n=Count("id")))
    counts["severe"] = rows.filter(level="severe").exclude(state="explained").count()
    return counts
