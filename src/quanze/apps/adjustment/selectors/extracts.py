"""上级清单核对的读取。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from quanze.apps.adjustment.domain.extracts import CheckedRow, alignment_rate
from quanze.apps.adjustment.models import ExtractCheck, ExtractTrigger
from quanze.core.actor import Scope
from quanze.core.errors import Conflict, NotFound

COUNTS = ("matched", "differing", "proposed", "unmatched", "extra", "late_items", "most_late")


@dataclass(frozen=True, slots=True)
class CheckSummary:
    """一次核对的数。"""

    id: int
    list_id: int
    body_id: int
    body_name: str
    system: str
    system_label: str
    file_name: str
    extract_on: date
    synced_on: date | None
    limit_workdays: int
    matched: int
    differing: int
    proposed: int
    unmatched: int
    extra: int
    late_items: int
    most_late: int
    checked_at: datetime
    checked_by_name: str
    lock_version: int

    @property
    def rate(self) -> int | None:
        """对应率（万分之几）。"""
        return alignment_rate(self.matched, self.matched + self.differing + self.proposed + self.unmatched)

    @property
    def rate_text(self) -> str:
        return "—" if self.rate is None else f"{self.rate / 100:.2f}%"

    @property
    def title(self) -> str:
        return f"{self.body_name}与{self.system_label}核对"


def check_for_update(*, check_id: int, scope: Scope, seen_version: int) -> ExtractCheck:
    """锁定一次核对；看不见的答为没有。"""
    row = ExtractCheck.objects.select_for_update().filter(pk=check_id).first()
    if row is None or not scope.covers(row.body_id):
        raise NotFound("没有这次核对", hint="请从“动态调整 → 上级清单”中打开。")
    if row.lock_version != seen_version:
        raise Conflict("这次核对在您打开之后已有办理", hint="请刷新页面后再办。")
    return row


def _rows(scope: Scope) -> QuerySet[ExtractCheck]:
    rows = ExtractCheck.objects.defer("rows").order_by("-id")
    return rows if scope.is_all else rows.filter(body_id__in=scope.body_ids)


def _summary(row: ExtractCheck) -> CheckSummary:
    names = [name for name in CheckSummary.__dataclass_fields__ if name not in ("id", "list_id")]
    return CheckSummary(id=row.pk, list_id=row.power_list_id, **{name: getattr(row, name) for name in names})


def extract_checks(
    *, scope: Scope, system: str = "", list_id: int | None = None, limit: int = 500
) -> list[CheckSummary]:
    """范围之内的核对，新者在前。"""
    rows = _rows(scope)
    if system:
        rows = rows.filter(system=system)
    if list_id is not None:
        rows = rows.filter(power_list_id=list_id)
    return [_summary(row) for row in rows[:limit]]


def extract_check_view(*, check_id: int, scope: Scope) -> tuple[CheckSummary, list[CheckedRow]]:
    """一次核对与逐行结果；看不见的答为没有。"""
    row = ExtractCheck.objects.filter(pk=check_id).first()
    if row is None or not scope.covers(row.body_id):
        raise NotFound("没有这次核对", hint="请从“动态调整 → 上级清单”中打开。")
    return _summary(row), [CheckedRow(**one) for one in row.rows]


def last_rows(*, list_id: int, system: str, before: date, scope: Scope) -> dict[int, CheckedRow]:
    """同一清单、同一系统上一次核对的各项（事项编号 → 那一行）。"""
    rows = ExtractCheck.objects.filter(power_list_id=list_id, system=system, extract_on__lte=before)
    row = rows.order_by("-extract_on", "-id").first()
    if row is None or not scope.covers(row.body_id):
        return {}
    return {one["item_id"]: CheckedRow(**one) for one in row.rows if one["item_id"] is not None}


def check_of_trigger(*, trigger_id: int, scope: Scope) -> CheckSummary | None:
    """开启某个事由的核对；没有或看不见为空。"""
    found = ExtractTrigger.objects.filter(trigger_id=trigger_id).values_list("extract_check_id", flat=True).first()
    row = _rows(scope).filter(pk=found).first() if found is not None else None
    return _summary(row) if row is not None else None


def adjustments_of_check(*, check_id: int, scope: Scope) -> list[tuple[int, int, str, str]]:
    """核对开启的各件调整（调整编号，事由编号，事由号，状态）。"""
    rows = ExtractTrigger.objects.filter(extract_check_id=check_id)
    if not scope.is_all:
        rows = rows.filter(extract_check__body_id__in=scope.body_ids)
    names = ("trigger__adjustments__id", "trigger_id", "trigger__number", "trigger__adjustments__state")
    return [one for one in rows.values_list(*names) if one[0] is not None]
