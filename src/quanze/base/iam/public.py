"""账号的公开接口。"""

from __future__ import annotations

from quanze.base.iam.accounts import (
    NewToken,
    TokenHolder,
    UserView,
    register_disable_guard,
    token_holder,
    token_issue,
    token_use,
    user_create,
    user_disable,
    user_enable,
    user_password_change,
    user_rename,
    user_view,
)
from quanze.base.iam.addresses import client_address
from quanze.base.iam.devices import device_label
from quanze.base.iam.lockout import (
    LockView,
    account_unlock,
    address_unlock,
    failure_note,
    is_locked_out,
    just_locked,
    lock_time,
    lock_words,
    locks,
)
from quanze.base.iam.models import User
from quanze.base.iam.passwords import PasswordPolicy, days_left, policy_on, register_context_words
from quanze.base.iam.reopening import user_reopen
from quanze.base.iam.second_factor import FactorView, factors_of, factors_reset, has_factor
from quanze.base.iam.session_models import ENDED_WORDS
from quanze.base.iam.sessions import (
    SessionView,
    SignIn,
    must_change_password,
    password_is_new,
    session_begin,
    session_revoke,
    session_rules,
    sessions_end,
    sessions_of,
    sessions_revoke_others,
    sign_in_failed,
)
from quanze.base.iam.step_up import StepUpRequired, require_step_up
from quanze.base.iam.tiers import TIER_LABELS, Tier, register_tiers, tier_of

__all__ = [
    "ENDED_WORDS",
    "TIER_LABELS",
    "FactorView",
    "LockView",
    "NewToken",
    "PasswordPolicy",
    "SessionView",
    "SignIn",
    "StepUpRequired",
    "Tier",
    "TokenHolder",
    "UserView",
    "account_unlock",
    "address_unlock",
    "client_address",
    "days_left",
    "device_label",
    "factors_of",
    "factors_reset",
    "failure_note",
    "has_factor",
    "is_locked_out",
    "just_locked",
    "lock_time",
    "lock_words",
    "locks",
    "must_change_password",
    "password_is_new",
    "policy_on",
    "register_context_words",
    "register_disable_guard",
    "register_tiers",
    "require_step_up",
    "session_begin",
    "session_revoke",
    "session_rules",
    "sessions_end",
    "sessions_of",
    "sessions_revoke_others",
    "sign_in_failed",
    "tier_of",
    "token_holder",
    "token_issue",
    "token_use",
    "user_by_username",
    "user_create",
    "user_disable",
    "user_enable",
    "user_password_change",
    "user_rename",
    "user_reopen",
    "users_by_ids",
]


def users_by_ids(user_ids: list[int]) -> dict[int, UserView]:
    """按编号批量取账号；不存在的不在结果里。"""
    rows = User.objects.select_related("system_account").filter(id__in=user_ids)
    return {row.pk: user_view(row) for row in rows}


def user_by_username(username: str) -> UserView | None:
    """按登录名取启用的账号。"""
    row = User.objects.select_related("system_account").filter(username=username, is_active=True).first()
    return None if row is None else user_view(row)
