"""三员席位：就任与离任。每一员至少一人，最后一人不能离任；一人只占一席，也不兼任业务角色。

Called by the services of appointments and role changes; records nothing itself, because the caller records the whole act.
"""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from quanze.apps.org.domain import ADMINISTRATORS, ROLE_LABELS
from quanze.apps.org.domain.changes import require_separate_duties
from quanze.apps.org.models import AdministratorSeat, Appointment, AppointmentRole, Post
from quanze.core.errors import RulesNotMet


def seat_take(*, user_id: int, kind: str, since: date) -> None:
    """就任：此人没有其他席位，也没有业务角色。已在此席者不变。"""
    seat = AdministratorSeat.objects.select_for_update().filter(user_id=user_id).first()
    if seat is not None:
        require_separate_duties({seat.kind, kind})
        return
    still = Q(appointment__valid_to__isnull=True) | Q(appointment__valid_to__gt=since)
    held = AppointmentRole.objects.filter(still, appointment__user_id=user_id).values_list("role", flat=True)
    require_separate_duties({kind, *held})
    AdministratorSeat.objects.create(user_id=user_id, kind=kind, since=since)


def seat_leave(*, user_id: int) -> str:
    """离任：最后一人不能离任。返回离开的是哪一席，没有席位为空。"""
    mine = AdministratorSeat.objects.filter(user_id=user_id).first()
    if mine is None:
        return ""
    # All of the kind are locked: two of the last two cannot leave at once.
    same = AdministratorSeat.objects.select_for_update().filter(kind=mine.kind).order_by("id")
    if not [seat for seat in same if seat.user_id != user_id and seat.user.is_active]:
        raise RulesNotMet(
            f"这是最后一位{ROLE_LABELS[mine.kind]}，不能离任",
            hint="请先由接替的人就任，再办理离任。",
            code="last_administrator",
        )
    mine.delete()
    return mine.kind


def seat_arrive(*, user_id: int, kind: str, body_id: int, since: date) -> Appointment:
    """就任连同任职：席位、以席位为名的岗位、角色。"""
    seat_take(user_id=user_id, kind=kind, since=since)
    post = Post.objects.get_or_create(body_id=body_id, division=None, name=ROLE_LABELS[kind])[0]
    row = Appointment.objects.create(user_id=user_id, body_id=body_id, post=post, valid_from=since)
    AppointmentRole.objects.create(appointment=row, role=kind)
    return row


def seat_depart(*, user_id: int, kind: str, on: date) -> bool:
    """离任连同任职：任职自当日终止。此人已不在这一席的为 False。"""
    ending = Appointment.objects.select_for_update().filter(user_id=user_id, roles__role=kind)
    for row in ending.filter(valid_to__isnull=True) | ending.filter(valid_to__gt=on):
        row.valid_to = on
        row.lock_version += 1
        row.save(update_fields=["valid_to", "lock_version"])
    return seat_leave(user_id=user_id) == kind


def require_no_seat(*, user_id: int, roles: set[str], valid_to: date | None) -> None:
    """给业务角色之前：此人不是三员（三员之前已终止的任职不算）。"""
    seat = AdministratorSeat.objects.select_for_update().filter(user_id=user_id).first()
    if seat is not None and roles - {seat.kind} and (valid_to is None or valid_to > seat.since):
        require_separate_duties({seat.kind, *roles})


def require_last_remains(*, user_id: int) -> None:
    """停用账号之前：不是最后一位同类管理员。"""
    seat = AdministratorSeat.objects.filter(user_id=user_id).first()
    if seat is None:
        return
    # All of the kind are locked: two of the last two cannot be switched off at once.
    same = AdministratorSeat.objects.select_for_update(of=("self",)).select_related("user").filter(kind=seat.kind)
    if not [each for each in same.order_by("id") if each.user_id != user_id and each.user.is_active]:
        raise RulesNotMet(
            f"这是最后一位{ROLE_LABELS[seat.kind]}，账号不能停用",
            hint="请先由接替的人就任，再停用这个账号。",
            code="last_administrator",
        )


def missing_kinds() -> list[str]:
    """还没有启用账号担任的席位。"""
    present = set(AdministratorSeat.objects.filter(user__is_active=True).values_list("kind", flat=True))
    return sorted(ADMINISTRATORS - present)
