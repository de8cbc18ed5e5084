"""生命周期：送审件与导入。Roles are checked at the door of each step by ``workflow``; here only the drafting side is named."""

from __future__ import annotations

from quanze.apps.catalog.domain.channels import DISCLOSURE_FLOW
from quanze.apps.catalog.domain.entry_lifecycles import ENTRY_LIFECYCLES
from quanze.apps.catalog.domain.guides import GUIDE_FLOW
from quanze.apps.catalog.domain.nondisclosure import NONDISCLOSURE_FLOW
from quanze.core.statemachine import Lifecycle, Transition

_DRAFTERS = frozenset({"drafter"})
_SYSTEM = frozenset[str]()

SUBMISSION_FLOW = Lifecycle(
    name="catalog.submission",
    label="送审件",
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
        Transition("draft", "submit", "in_review", _DRAFTERS, "提交送审"),
        Transition("draft", "withdraw", "withdrawn", _DRAFTERS, "撤回"),
        Transition("in_review", "send_back", "returned", _SYSTEM, "退回修改", reason_required=True),
        Transition("in_review", "refuse", "refused", _SYSTEM, "不予通过", reason_required=True),
        Transition("in_review", "withdraw", "withdrawn", _DRAFTERS, "撤回"),
        Transition("in_review", "publish", "published", _SYSTEM, "印发公布"),
        Transition("returned", "resubmit", "in_review", _DRAFTERS, "重新送审"),
        Transition("returned", "withdraw", "withdrawn", _DRAFTERS, "撤回"),
    ),
)

IMPORT_FLOW = Lifecycle(
    name="catalog.import",
    label="清单导入",
    initial="uploaded",
    states={
        "uploaded": "待读取",
        "previewed": "待确认",
        "applied": "已导入",
        "failed": "读取失败",
        "cancelled": "已放弃",
    },
    transitions=(
        Transition("uploaded", "preview", "previewed", _SYSTEM, "读取"),
        Transition("uploaded", "fail", "failed", _SYSTEM, "读取失败"),
        Transition("uploaded", "cancel", "cancelled", _DRAFTERS, "放弃"),
        Transition("previewed", "apply", "applied", _DRAFTERS, "导入为草稿"),
        Transition("previewed", "cancel", "cancelled", _DRAFTERS, "放弃"),
    ),
)

VERSION_FLOW = Lifecycle(
    name="catalog.item_version",
    label="事项版本",
    initial="draft",
    states={
        "draft": "草稿",
        "frozen": "审查中",
        "returned": "已退回",
        "published": "已公布",
        "superseded": "已被替代",
        "discarded": "已放弃",
    },
    transitions=(
        Transition("draft", "freeze", "frozen", _DRAFTERS, "冻结送审"),
        Transition("draft", "discard", "discarded", _DRAFTERS, "放弃草稿"),
        Transition("frozen", "return", "returned", _SYSTEM, "退回"),
        Transition("frozen", "thaw", "draft", _DRAFTERS, "撤回为草稿"),
        Transition("frozen", "publish", "published", _SYSTEM, "公布"),
        Transition("frozen", "refuse", "discarded", _SYSTEM, "不予通过"),
        Transition("returned", "supersede", "superseded", _DRAFTERS, "另立修改稿"),
        Transition("returned", "refreeze", "frozen", _DRAFTERS, "未改动，重新送审"),
        Transition("returned", "discard", "discarded", _DRAFTERS, "放弃"),
    ),
)

MERGE_FLOW = Lifecycle(
    name="catalog.base_merge",
    label="范本合并",
    initial="open",
    states={"open": "待合并", "merged": "已合并", "declined": "不合并", "superseded": "已并入后一版"},
    transitions=(
        Transition("open", "merge", "merged", _DRAFTERS, "合并"),
        Transition("open", "decline", "declined", _DRAFTERS, "不合并", reason_required=True),
        Transition("open", "supersede", "superseded", _SYSTEM, "并入后一版"),
        Transition("merged", "reopen", "open", _DRAFTERS, "重新合并"),
        Transition("declined", "reopen", "open", _DRAFTERS, "重新合并"),
    ),
)

ENTRY_ACTIONS = {"add": "新增", "change": "变更", "cancel": "取消", "correct": "勘误"}
LIFECYCLES = (
    SUBMISSION_FLOW,
    IMPORT_FLOW,
    VERSION_FLOW,
    DISCLOSURE_FLOW,
    MERGE_FLOW,
    NONDISCLOSURE_FLOW,
    GUIDE_FLOW,
    *ENTRY_LIFECYCLES,
)
