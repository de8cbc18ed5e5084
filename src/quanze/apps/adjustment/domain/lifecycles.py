"""生命周期：调整、同步变更、备案。Review roles are checked by the procedure; here the department's and the office's side."""

from __future__ import annotations

from quanze.core.statemachine import Lifecycle, Transition

_DRAFTERS = frozenset({"drafter"})
_OFFICE = frozenset({"establishment"})
_OWNERS = frozenset({"drafter", "publisher", "establishment"})
_FILERS = frozenset({"drafter", "publisher", "government_services", "justice"})
_SYSTEM = frozenset[str]()

ADJUSTMENT_FLOW = Lifecycle(
    name="adjustment.adjustment",
    label="动态调整",
    initial="pending",
    states={
        "pending": "待申请",
        "declared": "待确认不涉及",
        "in_review": "审查中",
        "returned": "已退回",
        "syncing": "同步处理",
        "done": "已办结",
        "unaffected": "不涉及",
        "refused": "不予调整",
        "cancelled": "事由撤销",
    },
    transitions=(
        Transition("pending", "apply", "in_review", _DRAFTERS, "部门申请"),
        Transition("pending", "declare", "declared", _DRAFTERS, "声明不涉及", reason_required=True),
        Transition("declared", "confirm", "unaffected", _OFFICE, "确认不涉及"),
        Transition("declared", "reject", "pending", _OFFICE, "要求调整", reason_required=True),
        Transition("in_review", "send_back", "returned", _SYSTEM, "退回修改"),
        Transition("returned", "resubmit", "in_review", _SYSTEM, "重新申请"),
        Transition("in_review", "recall", "pending", _SYSTEM, "撤回申请"),
        Transition("returned", "recall", "pending", _SYSTEM, "撤回申请"),
        Transition("in_review", "refuse", "refused", _SYSTEM, "不予调整"),
        Transition("in_review", "publish", "syncing", _SYSTEM, "批复公布"),
        Transition("syncing", "close", "done", _SYSTEM, "办结"),
        Transition("pending", "cancel", "cancelled", _OFFICE, "撤销事由", reason_required=True),
        Transition("declared", "cancel", "cancelled", _OFFICE, "撤销事由", reason_required=True),
    ),
)
OPEN_STATES = ("pending", "declared", "in_review", "returned", "syncing")
CLOSED_STATES = ("done", "unaffected", "refused", "cancelled")

DEPENDANT_FLOW = Lifecycle(
    name="adjustment.dependant_change",
    label="同步变更",
    initial="pending",
    states={"pending": "待处理", "updated": "已更新", "ended": "已终止", "unaffected": "确认不受影响"},
    transitions=(
        Transition("pending", "update", "updated", _OWNERS, "登记已更新"),
        Transition("pending", "end", "ended", _OWNERS, "登记已终止"),
        Transition("pending", "confirm", "unaffected", _OWNERS, "确认不受影响", reason_required=True),
    ),
)

FILING_FLOW = Lifecycle(
    name="adjustment.filing",
    label="备案",
    initial="filed",
    states={"filed": "已报备", "returned": "要求补正", "accepted": "予以备案", "withdrawn": "已撤回"},
    transitions=(
        Transition("filed", "accept", "accepted", _OFFICE, "予以备案"),
        Transition("filed", "send_back", "returned", _OFFICE, "要求补正", reason_required=True),
        Transition("filed", "withdraw", "withdrawn", _FILERS, "撤回"),
        Transition("returned", "refile", "filed", _FILERS, "补正后再报"),
        Transition("returned", "withdraw", "withdrawn", _FILERS, "撤回"),
    ),
)

YEARLY_FLOW = Lifecycle(
    name="adjustment.yearly_catalogue",
    label="年度目录",
    initial="drafted",
    states={"drafted": "汇总草案", "checking": "部门核对", "determined": "编委审定", "issued": "已印发"},
    transitions=(
        Transition("drafted", "send", "checking", _OFFICE, "送部门核对"),
        Transition("checking", "recall", "drafted", _OFFICE, "收回草案", reason_required=True),
        Transition(
            "checking", "determine", "determined", frozenset({"committee_secretary", "establishment"}), "登记编委审定"
        ),
        Transition("determined", "issue", "issued", _OFFICE, "印发公布"),
    ),
)

CHECK_FLOW = Lifecycle(
    name="adjustment.catalogue_check",
    label="部门核对",
    initial="pending",
    states={"pending": "待核对", "confirmed": "核对无误", "objected": "提出异议", "answered": "异议已答复"},
    transitions=(
        Transition("pending", "confirm", "confirmed", _OWNERS, "核对无误"),
        Transition("pending", "object", "objected", _OWNERS, "提出异议", reason_required=True),
        Transition("objected", "confirm", "confirmed", _OWNERS, "核对无误"),
        Transition("objected", "answer", "answered", _OFFICE, "答复异议", reason_required=True),
        Transition("answered", "confirm", "confirmed", _OWNERS, "核对无误"),
    ),
)

CAMPAIGN_FLOW = Lifecycle(
    name="adjustment.campaign",
    label="专项工作",
    initial="drafted",
    states={"drafted": "方案草拟", "running": "进行中", "closed": "已结束", "dropped": "不再开展"},
    transitions=(
        Transition("drafted", "start", "running", _OFFICE, "下发开始"),
        Transition("drafted", "drop", "dropped", _OFFICE, "不再开展", reason_required=True),
        Transition("running", "close", "closed", _OFFICE, "结束", reason_required=True),
    ),
)

CAMPAIGN_TASK_FLOW = Lifecycle(
    name="adjustment.campaign_task",
    label="专项任务",
    initial="pending",
    states={"pending": "待完成", "done": "已完成", "excused": "不需办理"},
    transitions=(
        Transition("pending", "report", "done", _OWNERS, "报告完成", reason_required=True),
        Transition("done", "reopen", "pending", _OFFICE, "要求补办", reason_required=True),
        Transition("pending", "excuse", "excused", _OFFICE, "免予办理", reason_required=True),
    ),
)

_CONVENERS = frozenset({"establishment", "committee_secretary", "joint_meeting"})

MEETING_FLOW = Lifecycle(
    name="adjustment.meeting",
    label="审定会议",
    initial="preparing",
    states={"preparing": "准备材料", "prepared": "材料已成", "decided": "已审定", "cancelled": "不再召开"},
    transitions=(
        Transition("preparing", "make", "prepared", _CONVENERS, "生成材料"),
        Transition("prepared", "make", "prepared", _CONVENERS, "重新生成材料"),
        Transition("prepared", "reopen", "preparing", _CONVENERS, "改动议题与理由"),
        Transition(
            "prepared", "decide", "decided", frozenset({"committee_secretary", "joint_meeting"}), "登记会议决定"
        ),
        Transition("preparing", "cancel", "cancelled", _CONVENERS, "不再召开", reason_required=True),
        Transition("prepared", "cancel", "cancelled", _CONVENERS, "不再召开", reason_required=True),
    ),
)

LIFECYCLES = (
    ADJUSTMENT_FLOW,
    DEPENDANT_FLOW,
    FILING_FLOW,
    YEARLY_FLOW,
    CHECK_FLOW,
    CAMPAIGN_FLOW,
    CAMPAIGN_TASK_FLOW,
    MEETING_FLOW,
)
