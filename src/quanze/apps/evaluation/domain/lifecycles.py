"""评估轮次与评估结论的状态机。"""

from quanze.core.statemachine import Lifecycle, Transition

OFFICE = frozenset({"establishment"})
ASSESSORS = frozenset({"establishment", "assessor", "third_party_assessor"})

ROUND_FLOW = Lifecycle(
    name="evaluation_round",
    label="评估轮次",
    initial="draft",
    states={"draft": "方案草拟", "open": "评定中", "computed": "已计分", "concluded": "已审定"},
    transitions=(
        Transition("draft", "open", "open", OFFICE, "启动评估"),
        Transition("open", "withdraw", "draft", OFFICE, "撤回启动", reason_required=True),
        Transition("open", "compute", "computed", OFFICE, "系统计分"),
        Transition("computed", "compute", "computed", OFFICE, "重新计分"),
        Transition("open", "enter", "open", ASSESSORS, "人工评分"),
        Transition("computed", "enter", "computed", ASSESSORS, "人工评分"),
        Transition("computed", "conclude", "concluded", OFFICE, "审定"),
        Transition("concluded", "correct", "computed", OFFICE, "更正", reason_required=True),
    ),
)

CONCLUSION_FLOW = Lifecycle(
    name="evaluation_conclusion",
    label="评估结论",
    initial="draft",
    states={"draft": "起草中", "issued": "已印发"},
    transitions=(
        Transition("draft", "redraft", "draft", OFFICE, "重新起草"),
        Transition("draft", "edit", "draft", OFFICE, "修改"),
        Transition("draft", "issue", "issued", OFFICE, "印发"),
        Transition("issued", "correct", "draft", OFFICE, "勘误", reason_required=True),
    ),
)
