"""专项说明的生命周期：待说明 → 已提交 → 已采纳 / 已退回。"""

from __future__ import annotations

from quanze.core.statemachine import Lifecycle, Transition

WRITERS = frozenset({"drafter", "division_head", "system"})
JUDGES = frozenset({"establishment", "assessor", "system"})
READERS = frozenset({"supervisor", "discipline", "congress_reader", "auditor"})

EXPLANATION_FLOW = Lifecycle(
    name="performance.explanation",
    label="专项说明",
    initial="open",
    states={"open": "待说明", "submitted": "已提交", "accepted": "已采纳", "returned": "已退回"},
    transitions=(
        Transition("open", "submit", "submitted", WRITERS, "提交说明", reason_required=True),
        Transition("returned", "submit", "submitted", WRITERS, "重新提交", reason_required=True),
        Transition("submitted", "withdraw", "open", WRITERS, "撤回"),
        Transition("submitted", "accept", "accepted", JUDGES, "采纳"),
        Transition("submitted", "return", "returned", JUDGES, "退回补充", reason_required=True),
        Transition("accepted", "reopen", "returned", JUDGES, "更正认定", reason_required=True),
    ),
)
