"""查阅记录。Every read is bounded by the reader's scope; pages are cut by row number, never by offset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from quanze.base.audit.actions import action_label
from quanze.base.audit.models import AccessRecord, FactRecord
from quanze.core.actor import Scope


@dataclass(frozen=True, slots=True)
class FactView:
    """一条事实，供页面与接口显示。"""

    id: int
    at: datetime
    action: str
    action_label: str
    actor_user_id: int | None
    actor_name: str
    actor_body_name: str
    actor_post: str
    subject_kind: str
    subject_id: str
    subject_label: str
    body_id: int | None
    before: Any
    after: Any
    reason: str
    source: str
    request_id: str


@dataclass(frozen=True, slots=True)
class FactPage:
    """一页事实，新的在前；``next_before_id`` 为空表示到底。"""

    rows: tuple[FactView, ...]
    next_before_id: int | None


@dataclass(frozen=True, slots=True)
class AccessView:
    """一条访问记录。"""

    id: int
    at: datetime
    action: str
    outcome: str
    actor_name: str
    actor_body_name: str
    subject_label: str
    detail: str
    source: str


def history_of(kind: str, id: int | str, *, scope: Scope, limit: int = 500) -> tuple[FactView, ...]:
    """某一客体的全部经过，旧的在前。"""
    rows = _visible(FactRecord.objects.filter(subject_kind=kind, subject_id=str(id)), scope).order_by("id")[:limit]
    return tuple(_view(row) for row in rows)


def facts(
    *,
    scope: Scope,
    before_id: int | None = None,
    limit: int = 50,
    action: str = "",
    actor_user_id: int | None = None,
    subject_kind: str = "",
    body_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> FactPage:
    """事实列表，新的在前。``since`` 含，``until`` 不含。"""
    limit = max(1, min(limit, 500))
    wanted: dict[str, Any] = {
        "id__lt": before_id,
        "action": action or None,
        "actor_user_id": actor_user_id,
        "subject_kind": subject_kind or None,
        "body_id": body_id,
        "at__gte": since,
        "at__lt": until,
    }
    rows = _visible(FactRecord.objects.filter(**{k: v for k, v in wanted.items() if v is not None}), scope)
    page = list(rows.order_by("-id")[: limit + 1])
    more = len(page) > limit
    page = page[:limit]
    return FactPage(tuple(_view(row) for row in page), page[-1].id if more else None)


def accesses(*, scope: Scope, before_id: int | None = None, limit: int = 50) -> tuple[AccessView, ...]:
    """访问记录，新的在前。"""
    rows = _visible(AccessRecord.objects.all(), scope)
    if before_id is not None:
        rows = rows.filter(id__lt=before_id)
    return tuple(
        AccessView(
            id=row.id,
            at=row.at,
            action=row.action,
            outcome=row.outcome,
            actor_name=row.actor_name,
            actor_body_name=row.actor_body_name,
            subject_label=row.subject_label,
            detail=row.detail,
            source=row.source,
        )
        for row in rows.order_by("-id")[: max(1, min(limit, 500))]
    )


def _visible(rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
    return rows if scope.is_all else rows.filter(body_id__in=scope.body_ids)


def _view(row: FactRecord) -> FactView:
    return FactView(
        id=row.id,
        at=row.at,
        action=row.action,
        action_label=action_label(row.action),
        actor_user_id=row.actor_user_id,
        actor_name=row.actor_name,
        actor_body_name=row.actor_body_name,
        actor_post=row.actor_post,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        subject_label=row.subject_label,
        body_id=row.body_id,
        before=row.before_data,
        after=row.after_data,
        reason=row.reason,
        source=row.source,
        request_id=row.request_id,
    )
