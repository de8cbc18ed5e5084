"""三定规定的读取：各机构现行的一版，某日有效的一版，一版的条款与内设机构职责。Internal: never on the public site."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from quanze.apps.org.models import DivisionDuty, MandateClause, MandateVersion
from quanze.core.actor import Scope
from quanze.core.errors import Conflict, NotFound

ADOPTED = ("in_force", "superseded")


@dataclass(frozen=True, slots=True)
class MandatePiece:
    """可挂接的一条：种类（clause 条款、duty 内设机构职责）、身份、编号或内设机构、文字、与上一版相比。"""

    kind: str
    key: str
    label: str
    text: str
    change: str = "same"
    before: str = ""


@dataclass(frozen=True, slots=True)
class MandateView:
    """一版三定：机构、版次、题名、文号、日期、状态；主要职责各条与内设机构各句。"""

    id: int
    body_id: int
    body_name: str
    number: int
    title: str
    document_number: str
    issued_on: date
    valid_from: date
    valid_to: date | None
    state: str
    duties: tuple[MandatePiece, ...]
    division_duties: tuple[MandatePiece, ...]

    @property
    def pieces(self) -> dict[str, MandatePiece]:
        """身份 → 条款或职责。"""
        return {one.key: one for one in (*self.duties, *self.division_duties)}


def _seen(scope: Scope) -> QuerySet[MandateVersion]:
    rows = MandateVersion.objects.select_related("body__region")
    return rows if scope.is_all else rows.filter(body_id__in=scope.body_ids)


def _on(on: date, known_at: datetime | None = None) -> Q:
    """某日有效；``known_at`` 只算当时已启用的（以后启用的取代也不算）。"""
    found = Q(state__in=ADOPTED, valid_from__lte=on)
    if known_at is None:
        return found & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    return found & Q(adopted_at__lte=known_at)


def in_force_row(body_id: int, *, lock: bool = False) -> MandateVersion | None:
    """某机构已启用的最新一版。"""
    rows = MandateVersion.objects.select_for_update() if lock else MandateVersion.objects
    return rows.filter(body_id=body_id, state="in_force").first()


def version_row(
    *, version_id: int, scope: Scope, lock: bool = False, seen_version: int | None = None
) -> MandateVersion:
    """一版；范围之外的与没有的答复相同。"""
    rows = _seen(scope)
    if lock:
        rows = rows.select_for_update(of=("self",))
    row = rows.filter(pk=version_id).first()
    if row is None:
        raise NotFound("没有这一版三定规定", hint="请从“三定规定”中打开。")
    if seen_version is not None and row.lock_version != seen_version:
        raise Conflict("这一版在您打开之后已被改动", hint="请刷新页面后再办。")
    return row


def versions(*, scope: Scope, body_id: int | None = None, text: str = "", state: str = "") -> QuerySet[MandateVersion]:
    """看得见的各版（放弃的除外），连同条款数与职责句数。"""
    rows = _seen(scope).exclude(state="discarded")
    if text:
        rows = rows.filter(Q(body__name__icontains=text) | Q(document_number__icontains=text))
    if state:
        rows = rows.filter(state=state)
    if body_id is not None:
        rows = rows.filter(body_id=body_id)
    return rows.annotate(
        duty_count=Count("clauses", filter=Q(clauses__is_duty=True), distinct=True),
        sentence_count=Count("clauses__duties", distinct=True),
    )


def mandate_on(*, body_id: int, scope: Scope, on: date, known_at: datetime | None = None) -> MandateView | None:
    """某机构某日有效（按某时所知）的三定；没有、看不见的为 None。Three queries."""
    row = _seen(scope).filter(_on(on, known_at), body_id=body_id).order_by("-valid_from").first()
    return None if row is None else view_of(row)


def clauses_of(row: MandateVersion) -> list[MandateClause]:
    """一版的全部条款，按次序，连同各句职责。Two queries."""
    return list(MandateClause.objects.filter(version=row).prefetch_related("duties"))


def view_of(row: MandateVersion) -> MandateView:
    """一版的全貌。"""
    clauses = MandateClause.objects.filter(version=row, is_duty=True)
    duties = DivisionDuty.objects.filter(clause__version=row)
    return MandateView(
        id=row.pk,
        body_id=row.body_id,
        body_name=row.body.name,
        number=row.number,
        title=row.title,
        document_number=row.document_number,
        issued_on=row.issued_on,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        state=row.state,
        duties=tuple(MandatePiece("clause", c.key, c.path, c.text, c.change, c.before) for c in clauses),
        division_duties=tuple(MandatePiece("duty", d.key, d.division, d.text, d.change, d.before) for d in duties),
    )


def mandate_keys(body_id: int) -> tuple[QuerySet[Any, Any], QuerySet[Any, Any]]:
    """某机构已启用的三定里各条、各句的身份，供别处作子查询。"""
    version = MandateVersion.objects.filter(body_id=body_id, state="in_force")
    return (
        MandateClause.objects.filter(version__in=version).values("key"),
        DivisionDuty.objects.filter(clause__version__in=version).values("key"),
    )


def bodies_with_mandates(*, scope: Scope, body_ids: Iterable[int] | None = None) -> set[int]:
    """有已启用的三定的机构。"""
    rows = _seen(scope).filter(state="in_force")
    if body_ids is not None:
        rows = rows.filter(body_id__in=list(body_ids))
    return set(rows.values_list("body_id", flat=True))
