"""以谁的身份办理：任职、代理、数据范围。Scopes are computed here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from quanze.apps.org.domain import ADMINISTRATORS, CONTENT_ROLES, DUTIES, ScopeKind
from quanze.apps.org.models import AdministratorSeat, Appointment, AppointmentRole, Delegation
from quanze.apps.org.selectors.directory import current, subtree
from quanze.base.iam.public import users_by_ids
from quanze.core.actor import EVERYTHING, NOTHING, Actor, Scope


@dataclass(frozen=True, slots=True)
class AppointmentView:
    """可用的身份：本人的任职，或代理他人的任职（delegation_id、on_behalf_of 不空）。"""

    id: int
    body_id: int
    body_name: str
    post: str
    roles: tuple[str, ...]
    delegation_id: int | None = None
    on_behalf_of: str = ""

    @property
    def key(self) -> str:
        """切换岗位用的标识：任职编号，代理为 d 加代理编号。"""
        return f"d{self.delegation_id}" if self.delegation_id else str(self.id)


def _appointments(on: date) -> QuerySet[Appointment]:
    rows = Appointment.objects.filter(current(on), user__is_active=True).select_related("body", "post")
    return rows.prefetch_related("roles", "named_bodies").order_by("valid_from", "id")


def _delegations(user_id: int, on: date) -> list[Delegation]:
    """当日有效的代理：双方账号启用，被代理的任职仍在任。"""
    rows = Delegation.objects.filter(
        current(on), deputy_id=user_id, state="granted", deputy__is_active=True, appointment__in=_appointments(on)
    )
    related = rows.select_related("appointment__body", "appointment__post", "appointment__user")
    return list(related.prefetch_related("appointment__roles", "appointment__named_bodies").order_by("id"))


def _roles(row: Appointment) -> frozenset[str]:
    return frozenset(role.role for role in row.roles.all())


def appointments_of(user_id: int, *, on: date) -> list[AppointmentView]:
    """某人当日可用的身份：自己的任职在前，代理的在后。"""
    own = [
        AppointmentView(
            row.pk, row.body_id, row.body.name, row.post.name if row.post else "", tuple(sorted(_roles(row)))
        )
        for row in _appointments(on).filter(user_id=user_id)
    ]
    acting = [
        AppointmentView(
            row.appointment_id,
            row.appointment.body_id,
            row.appointment.body.name,
            row.appointment.post.name if row.appointment.post else "",
            tuple(sorted(_roles(row.appointment) & set(row.roles))),
            delegation_id=row.pk,
            on_behalf_of=row.appointment.user.full_name,
        )
        for row in _delegations(user_id, on)
    ]
    return own + acting


def seat_of(user_id: int) -> str:
    """此人现任三员中的哪一员；不是三员为空。"""
    return AdministratorSeat.objects.filter(user_id=user_id).values_list("kind", flat=True).first() or ""


def _scope(row: Appointment, roles: frozenset[str], on: date) -> Scope:
    if roles.isdisjoint(CONTENT_ROLES):
        return NOTHING
    if row.scope_kind == ScopeKind.ALL:
        return EVERYTHING
    if row.scope_kind == ScopeKind.SUBTREE:
        return Scope(subtree(row.body_id, on=on))
    if row.scope_kind == ScopeKind.NAMED:
        return Scope(frozenset(named.body_id for named in row.named_bodies.all()))
    return Scope(frozenset({row.body_id}))


def actor_for_user(
    user_id: int, *, on: date, appointment_id: int | None = None, delegation_id: int | None = None
) -> Actor:
    """账号当前的行为人：所选任职或代理，未选或已失效时为自己的第一个任职。

    Without a current appointment the person is known by name and sees nothing. The three administrators see no business
    content whatever their appointment says; neither does an appointment without a role that reads content. A deputy acts
    with the roles and the scope of the person he stands in for, as far as both still hold, and the record names both.
    """
    user = users_by_ids([user_id]).get(user_id)
    if user is None:
        return Actor(user_id=None, name="", scope=NOTHING)
    if delegation_id is not None:
        acting = next((row for row in _delegations(user_id, on) if row.pk == delegation_id), None)
        if acting is not None and not seat_of(user_id):
            return _deputy(acting, name=user.full_name, on=on)
    rows = list(_appointments(on).filter(user_id=user_id))
    chosen = next((row for row in rows if row.pk == appointment_id), rows[0] if rows else None)
    if chosen is None:
        return Actor(user_id=user_id, name=user.full_name, scope=NOTHING)
    roles = _roles(chosen)
    if roles & ADMINISTRATORS:
        roles = roles & {seat_of(user_id)}
    return Actor(
        user_id=user_id,
        name=user.full_name,
        body_id=chosen.body_id,
        body_name=chosen.body.name,
        post=chosen.post.name if chosen.post else "",
        roles=roles,
        scope=_scope(chosen, roles, on),
        appointment_id=chosen.pk,
    )


def _deputy(row: Delegation, *, name: str, on: date) -> Actor:
    principal = row.appointment
    roles = (_roles(principal) & set(row.roles)) - ADMINISTRATORS
    return Actor(
        user_id=row.deputy_id,
        name=name,
        body_id=principal.body_id,
        body_name=principal.body.name,
        post=principal.post.name if principal.post else "",
        roles=roles,
        scope=_scope(principal, roles, on),
        appointment_id=principal.pk,
        on_behalf_of=principal.user.full_name,
        on_behalf_of_id=principal.user_id,
    )


def duties_missing(body_id: int, kind: str, *, on: date) -> list[str]:
    """某机构当日还没有人承担的职责（按机构种类须有的）。"""
    rows = AppointmentRole.objects.filter(appointment__in=_appointments(on).filter(body_id=body_id))
    held = set(rows.values_list("role", flat=True))
    return [duty.label for duty in DUTIES if kind in duty.kinds and held.isdisjoint(duty.roles)]


def own_bodies(actor: Actor, *, on: date) -> frozenset[int]:
    """行为人（与被代理人）当日各任职所在的机构，供回避：换一个岗位不等于换了单位。"""
    rows = _appointments(on).filter(user_id__in=actor.person_ids).values_list("body_id", flat=True)
    return frozenset(rows) | ({actor.body_id} if actor.body_id is not None else set())


def holders_of(role: str, body_id: int, *, on: date) -> list[int]:
    """当日在某机构能办某角色之事的账号编号：持有者与其代理人。"""
    rows = Appointment.objects.filter(current(on), body_id=body_id, roles__role=role, user__is_active=True)
    found = set(rows.values_list("user_id", flat=True))
    deputies = Delegation.objects.filter(
        current(on), state="granted", deputy__is_active=True, appointment__in=rows.values("id")
    )
    found |= {row.deputy_id for row in deputies if role in row.roles}
    return sorted(found)
