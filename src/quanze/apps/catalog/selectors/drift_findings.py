"""不同步之处的读取：存下的各处，一份清单的一页、各情形的数，与工作台上的待办。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from quanze.apps.catalog.domain.drift import DriftKind, DriftRow
from quanze.apps.catalog.models import DerivedList, DriftFinding
from quanze.apps.catalog.selectors.entry_locks import seen_by
from quanze.apps.catalog.selectors.list_types import list_types
from quanze.core.actor import Scope

ORDER = ("pk",)


def drift_findings(*, list_id: int, scope: Scope, kind: str = "", text: str = "") -> QuerySet[DriftFinding]:
    """一份清单存下的各处，供翻页。"""
    rows = DriftFinding.objects.filter(seen_by(scope, "derived_list__body_id"), derived_list_id=list_id)
    if kind:
        rows = rows.filter(kind=kind)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(entry__code__iexact=text))
    return rows.select_related("entry").order_by("pk")


def drift_rows_of(findings: Iterable[DriftFinding]) -> list[DriftRow]:
    """取到的一页 → 各行。"""
    return [
        DriftRow(
            row.derived_list_id,
            DriftKind(row.kind),
            row.name,
            row.message,
            row.source_kind,
            row.source_id,
            row.source_body_name,
            row.since,
            row.entry_id,
            row.entry.code if row.entry is not None else "",
            row.entry.lock_version if row.entry is not None else 0,
        )
        for row in findings
    ]


@dataclass(frozen=True, slots=True)
class DriftMatter:
    """一份清单等着同步：几条不同步、几项应列未列，最早自哪天。"""

    list_id: int
    label: str
    body_name: str
    drifting: int
    missing: int
    since: date
    found_on: date


def drifting_rows(*, body_id: int) -> QuerySet[Any, Any]:
    """本机构有不同步之处的关联清单。"""
    found = DriftFinding.objects.filter(derived_list=OuterRef("pk"))
    return DerivedList.objects.filter(Exists(found), body_id=body_id).values("pk")


def drifting_for(*, body_id: int) -> list[DriftMatter]:
    """本机构等着同步的关联清单。"""
    rows = DriftFinding.objects.filter(derived_list__body_id=body_id).order_by()
    counted = rows.values("derived_list_id", "derived_list__list_type", "derived_list__body__name").annotate(
        drifting=Count("entry", distinct=True),
        missing=Count("pk", filter=Q(kind=DriftKind.MISSING)),
        since=Min("since"),
        found_on=Min("found_on"),
    )
    labels = {one.code: one.label for one in list_types().types}
    return [
        DriftMatter(
            row["derived_list_id"],
            labels.get(row["derived_list__list_type"], row["derived_list__list_type"]),
            row["derived_list__body__name"],
            row["drifting"],
            row["missing"],
            row["since"] or row["found_on"],
            row["found_on"],
        )
        for row in counted.order_by("derived_list_id")
    ]
