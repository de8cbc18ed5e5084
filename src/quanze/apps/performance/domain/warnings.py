"""行权风险警示：种类、级别、状态，与由事实判定警示的规则。

A warning points at something to look at, it is no verdict: what lies outside the lists waits to be verified (practice
4), and whoever is warned may explain. Orders and rectification are the business of supervision, which stands above.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from quanze.apps.performance.domain.special_cases import ItemFlag
from quanze.core.statemachine import Lifecycle, Transition
from quanze.core.workdays import WorkCalendar


class WarningKind(StrEnum):
    """警示种类。重复投诉要有热线工单才能判定，随其能力再加。"""

    OVERDUE = "overdue"
    UNLISTED = "unlisted"
    BEYOND_POWERS = "beyond_powers"
    UNUSUAL_VOLUME = "unusual_volume"


class WarningLevel(StrEnum):
    """警示级别。"""

    ATTENTION = "attention"
    SEVERE = "severe"


WARNING_KIND_LABELS: dict[str, str] = {
    WarningKind.OVERDUE: "超期",
    WarningKind.UNLISTED: "无依据（待核实）",
    WarningKind.BEYOND_POWERS: "超权（待核实）",
    WarningKind.UNUSUAL_VOLUME: "异常量",
}
WARNING_LEVEL_LABELS: dict[str, str] = {WarningLevel.ATTENTION: "关注", WarningLevel.SEVERE: "严重"}

RECEIVERS = frozenset({"drafter", "division_head"})
OVERSEERS = frozenset({"establishment", "supervisor"})

WARNING_FLOW = Lifecycle(
    name="performance.warning",
    label="行权风险警示",
    initial="new",
    states={"new": "未阅", "read": "已阅", "explained": "已说明"},
    transitions=(
        Transition("new", "read", "read", RECEIVERS, "标为已阅"),
        Transition("new", "explain", "explained", RECEIVERS, "说明情况", reason_required=True),
        Transition("read", "explain", "explained", RECEIVERS, "说明情况", reason_required=True),
        Transition("explained", "withdraw", "read", RECEIVERS, "撤回说明"),
        Transition("explained", "send_back", "read", OVERSEERS, "退回补充", reason_required=True),
    ),
)

# 待核实的理由 → 警示种类；机构不明的没有可以警示的人，只在待核实之列。
QUARANTINE_KINDS: dict[str, WarningKind] = {
    "unknown_item": WarningKind.UNLISTED,
    "item_not_in_force": WarningKind.UNLISTED,
    "wrong_holder": WarningKind.BEYOND_POWERS,
}


@dataclass(frozen=True, slots=True)
class WarningLimits:
    """判定级别的界限与逐件核对的期间。

    ``severe_workdays``: overdue by so many working days; ``severe_ratio`` (1 = 100 %): change on the year;
    ``severe_cases``: cases without a listed item in one month; ``months``: how far back cases are looked at.
    """

    severe_workdays: int
    severe_ratio: Decimal
    severe_cases: int
    months: int


@dataclass(frozen=True, slots=True)
class Finding:
    """应警示的一件事；（种类、机构、事项、来源与办件、期间）相同的只警示一次。"""

    kind: WarningKind
    level: WarningLevel
    body_code: str
    item_code: str
    source: str
    case_ref: str
    period: str
    statement: str
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        return (str(self.kind), self.body_code, self.item_code, self.source, self.case_ref, self.period)


@dataclass(frozen=True, slots=True)
class Limit:
    """一件办件适用的时限：工作日数，与它是法定还是承诺的。"""

    workdays: int
    is_legal: bool


def limit_of(legal: int | None, promised: int | None) -> Limit | None:
    """先到者为限：承诺时限不长于法定时限的按承诺，没有承诺的按法定，都没有的不判。"""
    if promised is not None and (legal is None or promised <= legal):
        return Limit(promised, is_legal=promised == legal)
    return None if legal is None else Limit(legal, is_legal=True)


def overdue(
    *,
    body_code: str,
    item_code: str,
    source: str,
    case_ref: str,
    started_on: date,
    due_on: date,
    closed_on: date | None,
    legal_due_on: date | None,
    today: date,
    calendar: WorkCalendar,
    limits: WarningLimits,
) -> Finding:
    """超期的一件。超过法定时限，或超期太久的，为严重。"""
    until = closed_on or today
    days = calendar.between(due_on, until)
    is_beyond_law = legal_due_on is not None and until > legal_due_on
    level = WarningLevel.SEVERE if is_beyond_law or days >= limits.severe_workdays else WarningLevel.ATTENTION
    which = "法定时限" if is_beyond_law else "承诺时限"
    end = f"{closed_on.isoformat()} 办结，超期 {days} 个工作日" if closed_on else f"尚未办结，已超期 {days} 个工作日"
    return Finding(
        WarningKind.OVERDUE,
        level,
        body_code,
        item_code,
        source,
        case_ref,
        f"{started_on:%Y-%m}",
        f"办件 {case_ref} 于 {started_on.isoformat()} 开始，应于 {due_on.isoformat()} 前办结；{end}（超过{which}）",
        {"started_on": started_on, "due_on": due_on, "closed_on": closed_on, "workdays": days},
    )


def outside_the_lists(
    *, reason: str, label: str, body_code: str, item_code: str, month: str, cases: int, limits: WarningLimits
) -> Finding | None:
    """清单外行权（待核实）的一组。A list creates no power: the words say that it is still to be verified."""
    kind = QUARANTINE_KINDS.get(reason)
    if kind is None:
        return None
    level = WarningLevel.SEVERE if cases >= limits.severe_cases else WarningLevel.ATTENTION
    statement = f"{month} 有 {cases} 件办件的事项标识 {item_code}：{label}，待核实"
    return Finding(kind, level, body_code, item_code, "", "", month, statement, {"cases": cases, "reason": reason})


def unusual_volume(flag: ItemFlag, *, year: int, limits: WarningLimits) -> Finding:
    """办件量同比变化较大的一项，一年警示一次。"""
    severe = flag.change is None or flag.cases == 0 or abs(flag.change) >= limits.severe_ratio
    return Finding(
        WarningKind.UNUSUAL_VOLUME,
        WarningLevel.SEVERE if severe else WarningLevel.ATTENTION,
        flag.body_code,
        flag.item_code,
        "",
        "",
        str(year),
        flag.statement,
        {"cases": flag.cases, "previous": flag.previous},
    )
