"""关联清单的生命周期：条目版本与送审件。"""

from __future__ import annotations

from quanze.core.statemachine import Lifecycle, Transition

_KEEPERS = frozenset({"drafter", "establishment", "system"})
_SYSTEM = frozenset[str]()

ENTRY_FLOW = Lifecycle(
    name="catalog.entry_version",
    label="关联清单条目版本",
    initial="draft",
    states={"draft": "草稿", "frozen": "审查中", "published": "现行", "discarded": "已放弃"},
    transitions=(
        Transition("draft", "freeze", "frozen", _KEEPERS, "冻结送审"),
        Transition("draft", "discard", "discarded", _KEEPERS, "放弃草稿"),
        Transition("draft", "publish", "published", _SYSTEM, "同步生效"),
        Transition("frozen", "thaw", "draft", _SYSTEM, "退回或撤回为草稿"),
        Transition("frozen", "publish", "published", _SYSTEM, "公布"),
    ),
)

DERIVED_SUBMISSION_FLOW = Lifecycle(
    name="catalog.derived_submission",
    label="关联清单送审件",
    initial="draft",
    states={
        "draft": "待送审",
        "in_review": "审查中",
        "returned": "已退回",
        "published": "已公布",
        "refused": "不予通过",
        "withdrawn": "已撤回",
    },
    transitions=(
        Transition("draft", "submit", "in_review", _KEEPERS, "提交送审"),
        Transition("in_review", "send_back", "returned", _SYSTEM, "退回修改", reason_required=True),
        Transition("in_review", "withdraw", "withdrawn", _KEEPERS, "撤回"),
        Transition("in_review", "refuse", "refused", _SYSTEM, "不予通过", reason_required=True),
        Transition("in_review", "publish", "published", _SYSTEM, "印发公布"),
        Transition("returned", "resubmit", "in_review", _KEEPERS, "重新送审"),
        Transition("returned", "withdraw", "withdrawn", _KEEPERS, "撤回"),
    ),
)
ENTRY_LIFECYCLES = (ENTRY_FLOW, DERIVED_SUBMISSION_FLOW)
