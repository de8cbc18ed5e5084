"""安全档次：三员、审批人员、其他人员。Which roles make which is known above; the portal says it here at start-up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum


class Tier(StrEnum):
    """安全档次：决定会话时限、会话数与第二重验证。"""

    ADMINISTRATOR = "administrator"
    APPROVER = "approver"
    ORDINARY = "ordinary"


TIER_LABELS = {Tier.ADMINISTRATOR: "三员", Tier.APPROVER: "审批人员", Tier.ORDINARY: "其他人员"}
Judge = Callable[[int, date], Tier]
_judges: list[Judge] = []


def register_tiers(judge: Judge) -> None:
    """登记判断者：账号编号与日期 → 档次；再登记即替换。"""
    _judges[:] = [judge]


def tier_of(user_id: int, *, on: date) -> Tier:
    """某人当日的档次；无人判断时从严。"""
    return _judges[0](user_id, on) if _judges else Tier.ADMINISTRATOR
