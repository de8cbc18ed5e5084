"""账号的公开接口。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from quanze.base.audit import public as audit
from quanze.base.iam.models import User
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput, NotPermitted

__all__ = ["UserView", "user_by_username", "user_create", "user_password_change", "users_by_ids"]

audit.register_action("iam.user.created", "建立账号")
audit.register_action("iam.user.password_changed", "修改口令")


@dataclass(frozen=True, slots=True)
class UserView:
    """账号：编号、登录名、姓名、办公电话。"""

    id: int
    username: str
    full_name: str
    phone: str


def users_by_ids(user_ids: list[int]) -> dict[int, UserView]:
    """按编号批量取账号；不存在的不在结果里。"""
    rows = User.objects.filter(id__in=user_ids).values_list("id", "username", "full_name", "phone")
    return {row[0]: UserView(*row) for row in rows}


def user_by_username(username: str) -> UserView | None:
    """按登录名取启用的账号。"""
    row = User.objects.filter(username=username, is_active=True).first()
    return None if row is None else UserView(row.pk, row.username, row.full_name, row.phone)


@transaction.atomic
def user_create(
    *, actor: Actor, username: str, full_name: str, password: str, phone: str = "", now: datetime
) -> UserView:
    """建立账号：登录名不得重复。"""
    if User.objects.filter(username=username).exists():
        raise InvalidInput(f"登录名“{username}”已被使用", hint="请换一个登录名。", code="username_taken")
    user = User(username=username, full_name=full_name, phone=phone, created_at=now)
    user.set_password(password)
    user.save()
    audit.record(
        actor=actor,
        action="iam.user.created",
        subject=audit.SubjectRef("iam.user", user.pk, full_name, None),
        after={"username": username, "full_name": full_name},
        now=now,
    )
    return UserView(user.pk, username, full_name, phone)


@transaction.atomic
def user_password_change(*, actor: Actor, user_id: int, password: str, now: datetime) -> None:
    """修改本人口令；强度由表单按设置检查。The record says that it changed, never what it is."""
    if actor.user_id != user_id:
        raise NotPermitted("只能修改自己的口令")
    user = User.objects.select_for_update().get(pk=user_id)
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record(
        actor=actor,
        action="iam.user.password_changed",
        subject=audit.SubjectRef("iam.user", user.pk, user.full_name, actor.body_id),
        now=now,
    )
