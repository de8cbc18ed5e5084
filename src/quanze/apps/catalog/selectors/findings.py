"""检查发现的读取：一份清单、一批版本的发现，按规则的数量，已作的豁免。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from quanze.apps.catalog.models import FindingWaiver, ItemVersion, PowerList, StoredFinding
from quanze.apps.catalog.selectors.lists import _scoped
from quanze.core.actor import Scope


@dataclass(frozen=True, slots=True)
class FindingRow:
    """一条发现，连同事项。``item_id`` is None where the list as a whole is meant."""

    id: int
    list_id: int
    item_id: int | None
    item_code: str
    item_name: str
    version_id: int | None
    version_state: str
    code: str
    severity: str
    field: str
    message: str
    evidence: str
    suggestion: str
    is_fixable: bool
    found_at: datetime


@dataclass(frozen=True, slots=True)
class WaiverRow:
    """一次豁免。"""

    id: int
    code: str
    item_id: int | None
    item_name: str
    reason: str
    granted_by_name: str
    granted_at: datetime


def _rows(rows: QuerySet[StoredFinding]) -> list[FindingRow]:
    return [
        FindingRow(
            id=row.pk,
            list_id=row.power_list_id,
            item_id=row.version.item_id if row.version else None,
            item_code=row.version.item.code if row.version else "",
            item_name=row.version.name if row.version else "整份清单",
            version_id=row.version_id,
            version_state=row.version.state if row.version else "",
            code=row.code,
            severity=row.severity,
            field=row.field,
            message=row.message,
            evidence=row.evidence,
            suggestion=row.suggestion,
            is_fixable=bool(row.fix),
            found_at=row.found_at,
        )
        for row in rows.select_related("version__item").order_by("id")
    ]


def findings(*, list_id: int, scope: Scope, code: str = "", severity: str = "", text: str = "") -> list[FindingRow]:
    """清单现存的发现，重者在前（存入时的次序）。"""
    rows = StoredFinding.objects.filter(_scoped(scope, "power_list__body_id"), power_list_id=list_id)
    if code:
        rows = rows.filter(code=code)
    if severity:
        rows = rows.filter(severity=severity)
    if text:
        rows = rows.filter(version__name__icontains=text)
    return _rows(rows)


def findings_of_versions(version_ids: Iterable[int]) -> dict[int, list[FindingRow]]:
    """各版本的发现（调用者已核对范围）。"""
    found: dict[int, list[FindingRow]] = {}
    for row in _rows(StoredFinding.objects.filter(version_id__in=list(version_ids))):
        if row.version_id is not None:
            found.setdefault(row.version_id, []).append(row)
    return found


def finding_counts(*, list_id: int, scope: Scope) -> list[tuple[str, str, int]]:
    """按级别与规则的数量：（级别、规则、条数），重者、多者在前。"""
    rows = (
        StoredFinding.objects.filter(_scoped(scope, "power_list__body_id"), power_list_id=list_id)
        .values_list("severity", "code")
        .annotate(n=Count("id"))
    )
    order = {"error": 0, "warning": 1, "info": 2}
    return sorted(rows, key=lambda row: (order.get(row[0], 3), -row[2], row[1]))


@dataclass(frozen=True, slots=True)
class CheckState:
    """检查的时点；``is_stale`` 表示此后清单又有改动，发现可能已经过时。"""

    checked_at: datetime | None
    is_stale: bool


def check_state(*, list_id: int, scope: Scope) -> CheckState:
    """清单上次检查于何时，此后有没有改动。"""
    rows = PowerList.objects.filter(_scoped(scope, "body_id"), pk=list_id)
    checked = rows.values_list("checked_at", flat=True).first()
    versions = ItemVersion.objects.filter(item__power_list_id=list_id)
    touched = versions.filter(updated_at__gt=checked) if checked else versions
    return CheckState(checked, touched.exists())


def waivers(*, list_id: int, scope: Scope, item_id: int | None = None) -> list[WaiverRow]:
    """清单的豁免，新者在前。"""
    rows = FindingWaiver.objects.filter(_scoped(scope, "power_list__body_id"), power_list_id=list_id)
    if item_id is not None:
        rows = rows.filter(item_id=item_id)
    rows = rows.select_related("item").prefetch_related("item__versions").order_by("-id")
    return [
        WaiverRow(
            id=row.pk,
            code=row.code,
            item_id=row.item_id,
            item_name=_latest_name(row) if row.item_id else "整份清单",
            reason=row.reason,
            granted_by_name=row.granted_by_name,
            granted_at=row.granted_at,
        )
        for row in rows
    ]


def _latest_name(row: FindingWaiver) -> str:
    versions = list(row.item.versions.all()) if row.item else []
    return versions[-1].name if versions else ""
