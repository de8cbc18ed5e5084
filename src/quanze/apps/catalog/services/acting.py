"""命令行以谁的名义办理：登录名 → 行为人，在该机构有任职的用该任职。"""

from __future__ import annotations

from datetime import date

from quanze.apps.org import public as org
from quanze.base.iam import public as iam
from quanze.core.actor import Actor
from quanze.core.errors import NotFound


def actor_named(username: str, body_id: int, on: date) -> Actor:
    """某账号当日的身份；没有这个账号则报错。"""
    user = iam.user_by_username(username) if username else None
    if user is None:
        raise NotFound(
            f"没有账号“{username}”" if username else "没有写明以谁的名义办理",
            hint="请用 --as 写明办理人的登录名。",
        )
    posts = [one.id for one in org.appointments_of(user.id, on=on) if one.body_id == body_id]
    return org.actor_for_user(user.id, on=on, appointment_id=posts[0] if posts else None)
