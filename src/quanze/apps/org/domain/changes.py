"""角色变更与代理的规则：一人申请、另一人确认，任何人不办自己的；三员互斥；代理有期限。

Pure decisions over plain values. The administrators check each other: what one asks for, another kind of administrator
confirms. The audit administrator confirms nothing but who holds the three seats, so that no seat can block its own
succession.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from quanze.apps.org.domain.kinds import SCOPE_LABELS, ScopeKind
from quanze.apps.org.domain.mandate_versions import MANDATE_FLOW
from quanze.apps.org.domain.roles import ADMINISTRATORS, ROLE_LABELS, ROLES
from quanze.apps.org.domain.roster import TURN_FLOW
from quanze.core.errors import InvalidInput, NotPermitted, RulesNotMet
from quanze.core.statemachine import Lifecycle, Transition

ASKERS = frozenset({"system_admin", "security_admin"})

ROLE_CHANGE_FLOW = Lifecycle(
    name="org.role_change",
    label="角色变更",
    initial="requested",
    states={"requested": "待确认", "confirmed": "已确认", "refused": "不予确认", "withdrawn": "已撤回"},
    transitions=(
        Transition("requested", "confirm", "confirmed", ADMINISTRATORS, "确认变更"),
        Transition("requested", "refuse", "refused", ADMINISTRATORS, "不予确认", reason_required=True),
        Transition("requested", "withdraw", "withdrawn", ASKERS, "撤回申请"),
    ),
)

DELEGATION_FLOW = Lifecycle(
    name="org.delegation",
    label="代理",
    # One's own delegation holds at once; what the security administrator sets for another waits for a second person.
    initial="asked",
    states={"asked": "待确认", "granted": "有效", "ended": "提前终止"},
    transitions=(
        Transition("asked", "confirm", "granted", frozenset(), "确认代理"),
        Transition("asked", "end", "ended", frozenset(), "终止代理", reason_required=True),
        Transition("granted", "end", "ended", frozenset(), "终止代理", reason_required=True),
    ),
)
LIFECYCLES = (ROLE_CHANGE_FLOW, DELEGATION_FLOW, TURN_FLOW, MANDATE_FLOW)


@dataclass(frozen=True, slots=True)
class Decider:
    """办理人：账号、现任的三员种类。"""

    user_id: int | None
    kinds: frozenset[str]


def require_two_people(
    *, decider: Decider, asked_by: int, asked_as: str, gains: Collection[int], is_for_seat: bool
) -> None:
    """两人办理：申请人不确认，同一种管理员不确认，得到角色的人不确认；审计管理员只确认三员任免。"""
    if decider.user_id is None or decider.user_id == asked_by:
        raise NotPermitted(
            "角色变更须由另一人确认，申请人不能确认自己的申请",
            hint="请由另一类管理员办理。",
            code="second_person_required",
        )
    if decider.user_id in gains:
        raise NotPermitted("不能确认给自己的角色", hint="请由另一位管理员办理。", code="own_roles")
    allowed = (ADMINISTRATORS if is_for_seat else ASKERS) - {asked_as}
    if decider.kinds.isdisjoint(allowed):
        names = "或".join(ROLE_LABELS[code] for code in ROLES if code in allowed)
        raise NotPermitted(f"这项变更由{names}确认", hint="请由其办理。", code="other_administrator_required")


def require_asker(*, asker: Decider, gains: Collection[int]) -> tuple[int, str]:
    """申请人须是系统管理员或安全管理员，且不为自己申请。返回申请人与以哪种身份申请。"""
    held = sorted(asker.kinds & ASKERS)
    if not held or asker.user_id is None:
        raise NotPermitted("角色变更由系统管理员或安全管理员申请", hint="请由其办理。")
    if asker.user_id in gains:
        raise NotPermitted("不能为自己申请角色", hint="请由另一位管理员申请。", code="own_roles")
    return asker.user_id, held[0]


def require_known(roles: Collection[str]) -> None:
    """角色代码须在角色表中。"""
    unknown = [role for role in roles if role not in ROLES]
    if unknown:
        raise InvalidInput(
            f"未知角色：{'、'.join(unknown)}", hint=f"可用角色：{'、'.join(ROLE_LABELS)}。", code="role_unknown"
        )


def require_separate_duties(roles: Collection[str]) -> None:
    """三员互斥：三员之间、三员与业务角色之间都不能兼任。"""
    seats = ADMINISTRATORS & set(roles)
    if seats and len(set(roles)) > 1:
        raise RulesNotMet(
            "三员互斥：" + "、".join(ROLE_LABELS[role] for role in ROLES if role in roles) + "不能由一人兼任",
            hint="系统管理员、安全管理员、审计管理员由三个人分别担任，也不兼任业务角色。",
            code="administrators_exclusive",
        )


def require_scope(*, roles: Collection[str], scope_kind: str, named: Sequence[int], valid_to: date | None) -> None:
    """数据范围与期限：指定机构须列出机构；第三方评估等须有终止日期。"""
    if scope_kind not in SCOPE_LABELS:
        raise InvalidInput(
            f"没有“{scope_kind}”这种数据范围", hint=f"可用：{'、'.join(SCOPE_LABELS)}。", code="scope_unknown"
        )
    if scope_kind == ScopeKind.NAMED and not named:
        raise RulesNotMet(
            "数据范围为“指定机构”，但没有指定任何机构", hint="请至少选一个机构。", code="named_bodies_missing"
        )
    undated = [ROLE_LABELS[role] for role in ROLES if role in roles and ROLES[role].needs_end_date and valid_to is None]
    if undated:
        raise RulesNotMet(
            f"{'、'.join(undated)}的任职须写明终止日期", hint="请填写到哪一天为止。", code="end_date_required"
        )


@dataclass(frozen=True, slots=True)
class DelegationTerms:
    """代理的内容：谁的任职、谁代、代哪些角色、起止（左闭右开）。"""

    grantor_id: int
    deputy_id: int
    held: frozenset[str]
    roles: frozenset[str]
    valid_from: date
    valid_to: date
    appointment_to: date | None


def require_delegable(terms: DelegationTerms, *, today: date) -> None:
    """可否代理：不代自己、不代三员、不超出本人角色与任期、有起止。"""
    if terms.grantor_id == terms.deputy_id:
        raise InvalidInput("代理人不能是本人", hint="请选择另一位同事。", code="deputy_is_self")
    if not terms.roles:
        raise InvalidInput("没有选择代理的职责", hint="请至少选一项。", code="delegation_empty")
    if terms.roles & ADMINISTRATORS:
        raise RulesNotMet(
            "系统管理员、安全管理员、审计管理员的职责不能代理", hint="请按程序更换人员。", code="seat_not_delegable"
        )
    if not terms.roles <= terms.held:
        extra = "、".join(ROLE_LABELS.get(role, role) for role in sorted(terms.roles - terms.held))
        raise RulesNotMet(f"本人没有这些职责：{extra}", hint="只能代理本人持有的职责。", code="role_not_held")
    if terms.valid_to <= terms.valid_from or terms.valid_to <= today:
        raise InvalidInput("代理的终止日期须在开始日期和今天之后", hint="请改正起止日期。", code="delegation_period")
    if terms.appointment_to is not None and terms.valid_to > terms.appointment_to:
        raise RulesNotMet("代理不能超出本人的任期", hint="请把终止日期改到任期之内。", code="delegation_beyond_term")
