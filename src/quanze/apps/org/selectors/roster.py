"""值班表的读取：某段时间的班、此刻谁值班。The scope of the caller bounds every answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from quanze.apps.org.domain.roster import PART_LABELS, ROSTER_KEEPERS, RosterPart
from quanze.apps.org.models import Appointment, Body, Division, RosterTurn
from quanze.apps.org.selectors.directory import current
from quanze.core.actor import Actor, Scope
from quanze.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class OnDuty:
    """此刻值班的一人：机构、内设机构、姓名、办公电话、带班或值班、到何时。"""

    turn_id: int
    body_id: int
    body_name: str
    division: str
    user_id: int
    full_name: str
    phone: str
    part: str
    ends_at: datetime
    note: str

    @property
    def part_label(self) -> str:
        return PART_LABELS[RosterPart(self.part)]


def turns(
    *, scope: Scope, body_id: int | None = None, starts: date | None = None, state: str = "planned"
) -> QuerySet[RosterTurn]:
    """范围内各机构的班，先到的在前；``starts`` 起（按日期）。"""
    rows = RosterTurn.objects.filter(state=state).select_related("body", "division", "user")
    if not scope.is_all:
        rows = rows.filter(body_id__in=scope.body_ids)
    if body_id is not None:
        rows = rows.filter(body_id=body_id)
    return rows if starts is None else rows.filter(on_date__gte=starts)


def on_duty(*, scope: Scope, at: datetime, body_ids: Iterable[int] | None = None) -> list[OnDuty]:
    """某一时刻值班的人：起时在内、止时不在内；带班的在前。停用的账号不算有人。"""
    rows = turns(scope=scope).filter(starts_at__lte=at, ends_at__gt=at, user__is_active=True)
    if body_ids is not None:
        rows = rows.filter(body_id__in=list(body_ids))
    return [
        OnDuty(
            row.pk,
            row.body_id,
            row.body.name,
            row.division.name if row.division else "",
            row.user_id,
            row.user.full_name,
            row.user.phone,
            row.part,
            row.ends_at,
            row.note,
        )
        for row in rows.order_by("body__region__code", "body__ordinal", "body__code", "part", "starts_at", "id")
    ]


def turn(*, scope: Scope, turn_id: int) -> RosterTurn:
    """一班；范围之外的与没有的答复相同。"""
    row = turns(scope=scope).filter(pk=turn_id).first()
    if row is None:
        raise NotFound("没有这一班", hint="请从值班表中打开。")
    return row


def keeps_roster(actor: Actor) -> bool:
    """是否为本机构排班。"""
    return actor.body_id is not None and actor.has(*ROSTER_KEEPERS) and actor.scope.covers(actor.body_id)


def bodies_seen(*, scope: Scope) -> list[tuple[int, str]]:
    """范围内排过班的机构，供筛选。"""
    rows = Body.objects.filter(roster_turns__isnull=False).distinct()
    if not scope.is_all:
        rows = rows.filter(pk__in=scope.body_ids)
    return [(row.pk, row.short_name or row.name) for row in rows]


def people_of(*, actor: Actor, on: date) -> list[tuple[int, str, str]]:
    """本机构在任的同事（不含三员）：账号、登录名、姓名。"""
    rows = Appointment.objects.filter(
        current(on), body_id=actor.body_id or 0, user__is_active=True, user__administrator_seat__isnull=True
    )
    found = {row.user_id: (row.user_id, row.user.username, row.user.full_name) for row in rows.select_related("user")}
    return sorted(found.values(), key=lambda one: (one[2], one[1]))


def divisions_of(*, actor: Actor, on: date) -> dict[str, int]:
    """本机构的内设机构：编码与名称都认。"""
    rows = Division.objects.filter(current(on), body_id=actor.body_id or 0)
    return {text: row.pk for row in rows for text in (row.code, row.name)}
