"""查阅记录。Every read is bounded by the reader's scope; pages are cut by time and row number, never by offset.

``contents`` says of which rows the reader may see what was written: None of all that the scope covers, otherwise only of
actions whose code starts so. The three administrators look after the system and read no business: of a business row they
see who did what to which object and the digests of what changed, so that they can compare without reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet

from quanze.base.audit import searching
from quanze.base.audit.actions import action_label
from quanze.base.audit.models import AccessRecord, FactRecord, Seal
from quanze.core.actor import Scope
from quanze.core.errors import NotFound
from quanze.core.sealing import digest

Contents = tuple[str, ...] | None
_LARGEST_PAGE = 1000
# SQLite joins at most 500 SELECTs.
_BODIES_AT_ONCE = 400
# Stands for the body in a statement that is compiled once and run for many.
_ANY_BODY = -(2**60)


@dataclass(frozen=True, slots=True)
class FactView:
    """一条事实，供页面与接口显示。``is_hidden``: the reader sees the digests instead of the contents."""

    id: int
    at: datetime
    recorded_at: datetime
    action: str
    action_label: str
    actor_user_id: int | None
    actor_name: str
    actor_body_name: str
    actor_post: str
    actor_roles: tuple[str, ...]
    on_behalf_of: str
    subject_kind: str
    subject_id: str
    subject_label: str
    body_id: int | None
    before: Any
    after: Any
    reason: str
    versions: Any
    before_digest: str
    after_digest: str
    is_hidden: bool
    source: str
    request_id: str
    client_address: str


@dataclass(frozen=True, slots=True)
class FactPage:
    """一页事实，新的在前；``next_before`` 与 ``next_before_id`` 为空表示到底。"""

    rows: tuple[FactView, ...]
    next_before: tuple[datetime, int] | None

    @property
    def next_before_id(self) -> int | None:
        return self.next_before[1] if self.next_before else None


@dataclass(frozen=True, slots=True)
class AccessView:
    """一条访问记录。"""

    id: int
    at: datetime
    action: str
    outcome: str
    actor_user_id: int | None
    actor_name: str
    actor_body_name: str
    actor_post: str
    on_behalf_of: str
    subject_label: str
    detail: str
    repeats: int
    source: str
    request_id: str
    client_address: str


@dataclass(frozen=True, slots=True)
class AccessPage:
    """一页访问记录，新的在前。"""

    rows: tuple[AccessView, ...]
    next_before: tuple[datetime, int] | None


@dataclass(frozen=True, slots=True)
class SealState:
    """一行的封存状态：封条序号与时间，未封存为空。"""

    number: int | None
    sealed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactFilter:
    """查找事实的条件，空的不算。``since`` 含，``until`` 不含；``text`` 至少两个字。"""

    action: str = ""
    actor_user_id: int | None = None
    actor_name: str = ""
    subject_kind: str = ""
    subject_id: str = ""
    body_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""

    def condition(self) -> Q:
        wanted = {
            "action": self.action or None,
            "actor_user_id": self.actor_user_id,
            "actor_name": self.actor_name or None,
            "subject_kind": self.subject_kind or None,
            "subject_id": self.subject_id or None,
            "body_id": self.body_id,
            "at__gte": self.since,
            "at__lt": self.until,
        }
        return Q(**{name: value for name, value in wanted.items() if value is not None})


def history_of(
    kind: str, id: int | str, *, scope: Scope, contents: Contents = None, limit: int = 500
) -> tuple[FactView, ...]:
    """某一客体的全部经过，旧的在前。"""
    rows = _visible(FactRecord.objects.filter(subject_kind=kind, subject_id=str(id)), scope).order_by("id")[:limit]
    return tuple(_view(row, contents) for row in rows)


def fact(fact_id: int, *, scope: Scope, contents: Contents = None) -> FactView:
    """一条事实；范围之外的与没有的回答相同。"""
    row = _visible(FactRecord.objects.filter(id=fact_id), scope).first()
    if row is None:
        raise NotFound("没有这条记录", hint="请从记录查询进入。")
    return _view(row, contents)


def seal_state(fact_id: int) -> SealState:
    """某条事实在第几号封条里。"""
    seal = Seal.objects.filter(log="fact", to_id__gte=fact_id).order_by("number").first()
    if seal is None or seal.from_id > fact_id:
        return SealState(None, None)
    return SealState(seal.number, seal.sealed_at)


def facts(
    *,
    scope: Scope,
    contents: Contents = None,
    before: tuple[datetime, int] | None = None,
    before_id: int | None = None,
    limit: int = 50,
    text: str = "",
    **wanted: Any,
) -> FactPage:
    """事实列表，新的在前；条件见 ``FactFilter``。``before``: the mark of the page before this one."""
    limit = max(1, min(limit, _LARGEST_PAGE))
    condition = FactFilter(**wanted).condition()
    if before_id is not None:
        condition &= Q(id__lt=before_id)
    if text:
        page = _by_text(text, condition, scope, contents, before, limit + 1)
    else:
        is_narrow = any(wanted.get(name) for name in ("action", "actor_user_id", "actor_name", "subject_kind"))
        rows = FactRecord.objects.filter(condition & _older(before))
        page = _newest(rows, scope, limit + 1, is_narrow=is_narrow)
    more = len(page) > limit
    page = page[:limit]
    return FactPage(tuple(_view(row, contents) for row in page), (page[-1].at, page[-1].id) if more else None)


def accesses(
    *,
    scope: Scope,
    before: tuple[datetime, int] | None = None,
    limit: int = 50,
    outcome: str = "",
    actor_name: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> AccessPage:
    """访问记录，新的在前。"""
    limit = max(1, min(limit, _LARGEST_PAGE))
    wanted = {"outcome": outcome or None, "actor_name": actor_name or None, "at__gte": since, "at__lt": until}
    condition = Q(**{name: value for name, value in wanted.items() if value is not None})
    page = list(
        _visible(AccessRecord.objects.filter(condition & _older(before)), scope).order_by("-at", "-id")[: limit + 1]
    )
    more = len(page) > limit
    page = page[:limit]
    return AccessPage(tuple(_access_view(row) for row in page), (page[-1].at, page[-1].id) if more else None)


def _older(before: tuple[datetime, int] | None) -> Q:
    if before is None:
        return Q()
    at, row_id = before
    return Q(at__lte=at) & (Q(at__lt=at) | Q(id__lt=row_id))


def _newest(rows: QuerySet[Any], scope: Scope, limit: int, *, is_narrow: bool) -> list[Any]:
    """范围内最新的若干行。``is_narrow``: another condition already has an index that hands them out in order.

    Several bodies: the newest of each, then the newest of these. One ``IN`` would make SQLite gather and sort every row
    of every body before it hands out the first.
    """
    bodies = sorted(scope.body_ids)
    if scope.is_all or len(bodies) <= 1:
        return list(_visible(rows, scope).order_by("-at", "-id")[:limit])
    if is_narrow:
        # The sum keeps the planner from the index of bodies, which would gather and sort.
        return list(rows.alias(of_body=F("body_id") + 0).filter(of_body__in=bodies).order_by("-at", "-id")[:limit])
    found: list[tuple[Any, int]] = []
    one = rows.filter(body_id=_ANY_BODY).order_by("-at", "-id").values_list("at", "id")[:limit]
    sql, values = one.query.sql_with_params()
    for start in range(0, len(bodies), _BODIES_AT_ONCE):
        some = bodies[start : start + _BODIES_AT_ONCE]
        joined = " UNION ALL ".join(f"SELECT * FROM ({sql}) AS part" for _ in some)
        parameters = [body if value == _ANY_BODY else value for body in some for value in values]
        with connection.cursor() as cursor:
            cursor.execute(joined, parameters)
            found += cursor.fetchall()
    ids = [row_id for _, row_id in sorted(found, reverse=True)[:limit]]
    return list(FactRecord.objects.filter(id__in=ids).order_by("-at", "-id"))


def _by_text(
    text: str, condition: Q, scope: Scope, contents: Contents, before: tuple[datetime, int] | None, limit: int
) -> list[Any]:
    """含某几个字的行，新写入的在前。Who may not read the contents cannot feel for them by searching either."""
    said = Q(subject_label__icontains=text) | Q(actor_name__icontains=text) | Q(actor_body_name__icontains=text)
    if contents is None:
        said |= Q(reason__icontains=text)
    rows = _visible(FactRecord.objects.filter(condition & said), scope)
    if before is not None:
        rows = rows.filter(id__lt=before[1])
    return searching.newest_with(text, rows, limit)


def _visible(rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
    if scope.is_all:
        return rows
    bodies = sorted(scope.body_ids)
    return rows.filter(body_id=bodies[0]) if len(bodies) == 1 else rows.filter(body_id__in=bodies)


def _view(row: FactRecord, contents: Contents) -> FactView:
    is_hidden = contents is not None and not row.action.startswith(contents)
    return FactView(
        id=row.id,
        at=row.at,
        recorded_at=row.recorded_at,
        action=row.action,
        action_label=action_label(row.action),
        actor_user_id=row.actor_user_id,
        actor_name=row.actor_name,
        actor_body_name=row.actor_body_name,
        actor_post=row.actor_post,
        actor_roles=tuple(role for role in row.actor_roles.split(",") if role),
        on_behalf_of=row.on_behalf_of,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        subject_label=row.subject_label,
        body_id=row.body_id,
        before=None if is_hidden else row.before_data,
        after=None if is_hidden else row.after_data,
        reason="" if is_hidden else row.reason,
        versions=row.versions_data,
        before_digest=_digest(row.before),
        after_digest=_digest(row.after),
        is_hidden=is_hidden,
        source=row.source,
        request_id=row.request_id,
        client_address=row.client_address,
    )


def _digest(content: str) -> str:
    return digest(content.encode()) if content else ""


def _access_view(row: AccessRecord) -> AccessView:
    return AccessView(
        id=row.id,
        at=row.at,
        action=row.action,
        outcome=row.outcome,
        actor_user_id=row.actor_user_id,
        actor_name=row.actor_name,
        actor_body_name=row.actor_body_name,
        actor_post=row.actor_post,
        on_behalf_of=row.on_behalf_of,
        subject_label=row.subject_label,
        detail=row.detail,
        repeats=row.repeats,
        source=row.source,
        request_id=row.request_id,
        client_address=row.client_address,
    )
