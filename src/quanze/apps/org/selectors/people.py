"""人员页面的读取：名单、一人的任职与经过、角色变更、代理、交接。

Two of the three administrators keep people; what each sees is said by ``require_keeper``. These pages hold no business
content: names, posts, roles and dates, which is also why the history of a person may be read without a scope.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from quanze.apps.org.domain import ADMINISTRATORS, ROLE_LABELS, ROLES
from quanze.apps.org.models import (
    AdministratorSeat,
    Appointment,
    Body,
    Delegation,
    Division,
    HandOver,
    Post,
    Region,
    RoleChange,
)
from quanze.apps.org.selectors.directory import current
from quanze.base.audit import public as audit
from quanze.core.actor import EVERYTHING, Actor
from quanze.core.errors import NotFound, NotPermitted

KEEPERS = frozenset({"system_admin", "security_admin"})


def require_keeper(actor: Actor, *roles: str) -> None:
    """须是系统管理员或安全管理员（可指定其一）。"""
    if not actor.has(*(roles or KEEPERS)):
        raise NotPermitted("这里由系统管理员和安全管理员使用", hint="如需变动账号或角色，请联系他们。")


def people(
    *, actor: Actor, q: str = "", body: int | None = None, role: str | None = None, state: str | None = None, on: date
) -> QuerySet[Any]:
    """人员名单：按姓名或登录名、机构、角色、账号状态；每行带当日的任职。"""
    require_keeper(actor)
    held = Appointment.objects.filter(current(on), user_id=OuterRef("pk"))
    rows = get_user_model().objects.select_related("system_account")
    if q:
        rows = rows.filter(Q(full_name__icontains=q) | Q(username__icontains=q))
    if body is not None:
        rows = rows.filter(Exists(held.filter(body_id=body)))
    if role is not None:
        rows = rows.filter(Exists(held.filter(roles__role=role)))
    if state == "disabled":
        rows = rows.filter(is_active=False)
    elif state == "active":
        rows = rows.filter(is_active=True)
    elif state == "system":
        rows = rows.filter(system_account__isnull=False)
    elif state == "idle":
        rows = rows.filter(~Exists(held))
    present = Appointment.objects.filter(current(on)).select_related("body", "post").prefetch_related("roles")
    return rows.prefetch_related(Prefetch("appointments", present.order_by("valid_from", "id"), to_attr="present"))


def is_system_account(row: Any) -> bool:
    """是否业务系统的账号：没有口令，只凭接口密钥进入；任职与角色照人的办法办。"""
    return hasattr(row, "system_account")


def role_words(codes: Iterable[str]) -> str:
    """角色名称，按角色表的次序。"""
    held = set(codes)
    return "、".join(ROLE_LABELS[code] for code in ROLES if code in held)


def person(*, actor: Actor, user_id: int) -> Any:
    """一个账号；没有则 NotFound。"""
    require_keeper(actor)
    row = get_user_model().objects.filter(pk=user_id).first()
    if row is None:
        raise NotFound("没有这个人", hint="请从人员名单中打开。")
    return row


def appointments_ever(*, actor: Actor, user_id: int) -> list[Appointment]:
    """某人的全部任职，新者在前。"""
    require_keeper(actor)
    rows = Appointment.objects.filter(user_id=user_id).select_related("body", "post__division", "user")
    return list(rows.prefetch_related("roles", "named_bodies__body").order_by("-valid_from", "-id"))


def appointment(*, actor: Actor, appointment_id: int) -> Appointment:
    """一段任职；没有则 NotFound。"""
    require_keeper(actor)
    rows = Appointment.objects.select_related("body", "post", "user").prefetch_related("roles", "named_bodies__body")
    row = rows.filter(pk=appointment_id).first()
    if row is None:
        raise NotFound("没有这个任职", hint="请从人员名单中打开。")
    return row


def history(*, actor: Actor, user_id: int) -> list[audit.FactView]:
    """某人账号、任职、角色变更的经过，新者在前。"""
    require_keeper(actor)
    places = [("iam.user", user_id)]
    places += [("org.appointment", pk) for pk in _ids(Appointment.objects.filter(user_id=user_id))]
    changes = RoleChange.objects.filter(Q(user_id=user_id) | Q(leaving_user_id=user_id))
    places += [("org.role_change", pk) for pk in _ids(changes)]
    mine = Delegation.objects.filter(Q(deputy_id=user_id) | Q(appointment__user_id=user_id))
    places += [("org.delegation", pk) for pk in _ids(mine)]
    facts = [fact for kind, pk in places for fact in audit.history_of(kind, pk, scope=EVERYTHING, limit=100)]
    return sorted(facts, key=lambda fact: fact.id, reverse=True)[:100]


def _ids(rows: QuerySet[Any]) -> list[int]:
    return list(rows.values_list("pk", flat=True))


def changes(*, actor: Actor, state: str | None = None) -> QuerySet[RoleChange]:
    """角色变更：两位管理员看全部，审计管理员只看三员任免。"""
    require_keeper(actor, *ADMINISTRATORS)
    rows = RoleChange.objects.select_related(
        "user", "body", "requested_by", "decided_by", "leaving_user", "appointment__post"
    )
    if not actor.has(*KEEPERS):
        rows = rows.filter(kind="seat")
    return rows if state is None else rows.filter(state=state)


def change(*, actor: Actor, change_id: int) -> RoleChange:
    """一项角色变更；看不见的答为没有。"""
    row = changes(actor=actor).filter(pk=change_id).first()
    if row is None:
        raise NotFound("没有这项申请", hint="请从角色变更清单中打开。")
    return row


def seats(*, actor: Actor) -> list[AdministratorSeat]:
    """现任三员。"""
    require_keeper(actor, *ADMINISTRATORS)
    return list(AdministratorSeat.objects.select_related("user").order_by("id"))


def delegations(*, actor: Actor) -> QuerySet[Delegation]:
    """代理：安全管理员看全部，系统管理员看待确认的，其他人看与自己有关的。"""
    rows = Delegation.objects.select_related(
        "appointment__user", "appointment__body", "appointment__post", "deputy", "granted_by"
    )
    if actor.has("security_admin"):
        return rows
    mine = Q(deputy_id=actor.user_id) | Q(appointment__user_id=actor.user_id)
    return rows.filter(mine | Q(state="asked") if actor.has("system_admin") else mine)


def own_appointments(*, actor: Actor, on: date) -> list[Appointment]:
    """本人当日有角色的任职，用来设定代理。"""
    if actor.user_id is None:
        return []
    rows = Appointment.objects.filter(current(on), user_id=actor.user_id, roles__isnull=False).distinct()
    return list(rows.select_related("body", "post").prefetch_related("roles").order_by("id"))


def colleagues(
    *, actor: Actor, body_ids: Iterable[int], on: date, without: Iterable[int] = ()
) -> list[tuple[int, str]]:
    """某些机构的在任同事（不含三员）：账号编号、姓名与岗位。"""
    rows = Appointment.objects.filter(
        current(on), body_id__in=list(body_ids), user__is_active=True, user__administrator_seat__isnull=True
    )
    found: dict[int, str] = {}
    for row in rows.exclude(user_id__in=list(without)).select_related("user", "post").order_by("user__full_name", "id"):
        found.setdefault(row.user_id, f"{row.user.full_name}{f'（{row.post.name}）' if row.post else ''}")
    return list(found.items())


def hand_overs(*, actor: Actor) -> QuerySet[HandOver]:
    """交接：系统管理员看全部，其他人看自己经办或参与的。"""
    rows = HandOver.objects.select_related("from_user", "to_user", "body", "made_by")
    if actor.has("system_admin"):
        return rows
    mine = Q(from_user_id=actor.user_id) | Q(to_user_id=actor.user_id) | Q(made_by_id=actor.user_id)
    return rows.filter(mine)


def hand_over(*, actor: Actor, hand_over_id: int) -> HandOver:
    """一次交接；无关的答为没有。"""
    row = hand_overs(actor=actor).filter(pk=hand_over_id).first()
    if row is None:
        raise NotFound("没有这次交接", hint="请从交接清单中打开。")
    return row


def body_row(*, actor: Actor, body_id: int) -> Body:
    """一个机构，含区划。"""
    require_keeper(actor)
    row = Body.objects.select_related("region").filter(pk=body_id).first()
    if row is None:
        raise NotFound("没有这个机构", hint="请从机构名录中打开。")
    return row


def body_rows(*, actor: Actor, q: str = "", kind: str | None = None, region: str | None = None) -> QuerySet[Body]:
    """机构名录。"""
    require_keeper(actor)
    rows = Body.objects.select_related("region")
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(short_name__icontains=q) | Q(code__icontains=q))
    if kind:
        rows = rows.filter(kind=kind)
    return rows.filter(region__code=region) if region else rows


def regions(*, actor: Actor) -> list[Region]:
    """行政区划。"""
    return list(Region.objects.order_by("code"))


def divisions_and_posts(*, actor: Actor, body_id: int) -> tuple[list[Division], list[Post]]:
    """机构的内设机构与岗位。"""
    require_keeper(actor)
    posts = Post.objects.filter(body_id=body_id).select_related("division").order_by("division__ordinal", "name")
    return list(Division.objects.filter(body_id=body_id)), list(posts)


def staff_of(*, actor: Actor, body_id: int, on: date) -> list[Appointment]:
    """机构当日的任职。"""
    require_keeper(actor)
    rows = Appointment.objects.filter(current(on), body_id=body_id).select_related("user", "post")
    return list(rows.prefetch_related("roles").order_by("user__full_name", "id"))
