"""三员各席的现状，供服务器上的命令显示：谁在任，账号能不能用。Holds no business content and needs no scope."""

from __future__ import annotations

from dataclasses import dataclass

from quanze.apps.org.domain import ADMINISTRATORS, ROLE_LABELS, ROLES
from quanze.apps.org.models import AdministratorSeat
from quanze.base.iam import public as iam


@dataclass(frozen=True, slots=True)
class SeatState:
    """一席与一位现任；空缺的姓名、登录名为空。``problems`` 是看得出的障碍，看不出的（忘了口令）不在其中。"""

    kind: str
    label: str
    username: str
    full_name: str
    problems: tuple[str, ...]


def seat_states() -> list[SeatState]:
    """三席的现任，按席位次序。"""
    found = []
    rows = list(AdministratorSeat.objects.select_related("user").order_by("id"))
    for kind in (code for code in ROLES if code in ADMINISTRATORS):
        held = [row for row in rows if row.kind == kind]
        if not held:
            found.append(SeatState(kind, ROLE_LABELS[kind], "", "", ("空缺",)))
        for row in held:
            checks = (
                ("账号已停用", not row.user.is_active),
                ("没有口令", not row.user.has_usable_password()),
                ("没有第二因素", not iam.has_factor(row.user_id)),
            )
            problems = tuple(words for words, is_so in checks if is_so)
            found.append(SeatState(kind, ROLE_LABELS[kind], row.user.username, row.user.full_name, problems))
    return found
