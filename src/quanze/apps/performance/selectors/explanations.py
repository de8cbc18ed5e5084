"""专项说明的读取。"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from quanze.apps.performance.domain.special_cases import SPECIAL_CASE_LABELS, ItemFlag
from quanze.apps.performance.models import Explanation
from quanze.apps.performance.selectors.runs import special_cases
from quanze.core.actor import Scope
from quanze.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class ExplanationView:
    """一份专项说明。"""

    id: int
    item_code: str
    item_name: str
    body_id: int
    body_name: str
    kind: str
    kind_label: str
    year: int
    state: str
    statement: str
    text: str
    opinion: str
    opened_at: datetime
    submitted_at: datetime | None
    submitted_by_name: str
    decided_at: datetime | None
    decided_by_name: str
    lock_version: int


def explanations(
    *, scope: Scope, year: int | None = None, body_ids: Collection[int] | None = None, state: str = ""
) -> list[ExplanationView]:
    """专项说明，待说明的在前。"""
    rows = Explanation.objects.select_related("body")
    if not scope.is_all:
        rows = rows.filter(body_id__in=scope.body_ids)
    if year is not None:
        rows = rows.filter(year=year)
    if body_ids is not None:
        rows = rows.filter(body_id__in=list(body_ids))
    if state:
        rows = rows.filter(state=state)
    order = {"returned": 0, "open": 1, "submitted": 2, "accepted": 3}
    return [view(r) for r in sorted(rows, key=lambda r: (order[r.state], r.body_id, r.kind, r.item_code))]


def explanation(*, explanation_id: int, scope: Scope) -> ExplanationView:
    """一份专项说明；范围外的与不存在的回答相同。"""
    return view(explanation_row(explanation_id=explanation_id, scope=scope))


def explanation_row(*, explanation_id: int, scope: Scope, lock: bool = False) -> Explanation:
    """一行，办理时加锁。"""
    rows = Explanation.objects.select_for_update() if lock else Explanation.objects.select_related("body")
    row = rows.filter(pk=explanation_id).first()
    if row is None or not scope.covers(row.body_id):
        raise NotFound("没有这份专项说明", hint="请从专项说明列表进入。")
    return row


def flagged_without_explanation(*, body_ids: Collection[int], as_of: date) -> list[ItemFlag]:
    """特殊情形中还没有提交说明（或被退回）的事项：评估轮次据此不予提交。"""
    rows = Explanation.objects.filter(
        body_id__in=list(body_ids), year=as_of.year, state__in=("submitted", "accepted")
    ).select_related("body")
    done = {(r.body.code, r.item_code, r.kind) for r in rows}
    flags = special_cases(body_ids=body_ids, as_of=as_of)
    return [f for f in flags if (f.body_code, f.item_code, str(f.kind)) not in done]


def view(row: Explanation) -> ExplanationView:
    """行 → 视图。"""
    return ExplanationView(
        id=row.pk,
        item_code=row.item_code,
        item_name=row.item_name,
        body_id=row.body_id,
        body_name=row.body.name,
        kind=row.kind,
        kind_label=SPECIAL_CASE_LABELS[row.kind],
        year=row.year,
        state=row.state,
        statement=row.statement,
        text=row.text,
        opinion=row.opinion,
        opened_at=row.opened_at,
        submitted_at=row.submitted_at,
        submitted_by_name=row.submitted_by_name,
        decided_at=row.decided_at,
        decided_by_name=row.decided_by_name,
        lock_version=row.lock_version,
    )
