"""谁看得见哪些记录、读得到哪些内容。

Business people see the rows of the bodies in their scope. The audit administrator sees every row, and the contents of
administrative rows only: of a business row he sees who did what to which object, and the digests. Nobody else of the
three reads the record.
"""

from __future__ import annotations

from dataclasses import dataclass

from quanze.apps.org import public as org
from quanze.base.audit.public import Contents
from quanze.core.actor import EVERYTHING, Actor, Scope
from quanze.core.errors import NotPermitted

AUDIT_ADMIN = "audit_admin"
# Whoever looks after accounts, appointments, parameters and the record does so by these actions.
ADMINISTRATIVE = ("iam.", "org.", "audit.", "parameters.", "calendar.", "record.", "portal.", "backup.")
_ADMINISTRATORS = frozenset({"system_admin", "security_admin", "audit_admin", "platform_operator"})
BUSINESS_ROLES = tuple(sorted(set(org.ROLE_LABELS) - _ADMINISTRATORS))
READERS = (*BUSINESS_ROLES, AUDIT_ADMIN)


@dataclass(frozen=True, slots=True)
class Reading:
    """查阅的范围与读得到内容的动作（None 为全部）。"""

    scope: Scope
    contents: Contents


def reading_of(actor: Actor) -> Reading:
    """某人的查阅范围；没有查阅职责的 NotPermitted。"""
    if actor.has(AUDIT_ADMIN):
        return Reading(EVERYTHING, ADMINISTRATIVE)
    if not actor.has(*BUSINESS_ROLES):
        raise NotPermitted("您现在的岗位不能查阅记录", hint="记录由审计管理员和各单位的业务人员按范围查阅。")
    return Reading(actor.scope, None)
