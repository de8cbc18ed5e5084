"""人与安全的关系：谁是三员、谁是审批人员，谁的口令里不能有哪些单位的名称。

``iam`` knows no bodies and no roles; the portal knows both and tells it at start-up.
"""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from quanze.apps.org import public as org
from quanze.base.iam import public as iam


def tier_of(user_id: int, on: date) -> iam.Tier:
    """某人当日的档次：各任职的角色合在一起，从严。"""
    held = {role for row in org.appointments_of(user_id, on=on) for role in row.roles}
    if held & org.ADMINISTRATORS:
        return iam.Tier.ADMINISTRATOR
    if held & org.roles_requiring_second_factor().keys():
        return iam.Tier.APPROVER
    return iam.Tier.ORDINARY


def context_words(user_id: int) -> list[str]:
    """某人所在单位的名称与简称。"""
    body_ids = {row.body_id for row in org.appointments_of(user_id, on=timezone.localdate())}
    bodies = org.bodies_by_ids(body_ids).values() if body_ids else ()
    return [word for body in bodies for word in (body.name, body.short_name) if word]
