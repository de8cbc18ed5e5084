"""审查流程的纯领域：程序（有序步骤，数据）、步骤与案卷的生命周期。

Knows no business: a case has a subject kind and id, item references that the subject's owner understands, and steps that
name a role. What a decision means for the subject is applied by the owner, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quanze.core.errors import Defect, ErrorPlace, NotPermitted, RulesNotMet
from quanze.core.statemachine import Lifecycle, Transition

CASE_FLOW = Lifecycle(
    name="workflow.case",
    label="审查案卷",
    initial="open",
    states={"open": "审查中", "returned": "已退回", "passed": "已办结", "refused": "不予通过", "withdrawn": "已撤回"},
    transitions=(
        Transition("open", "advance", "open", frozenset(), "进入下一步"),
        Transition("open", "complete", "passed", frozenset(), "办结"),
        Transition("open", "send_back", "returned", frozenset(), "退回修改"),
        Transition("open", "refuse", "refused", frozenset(), "不予通过"),
        Transition("open", "withdraw", "withdrawn", frozenset(), "撤回"),
        Transition("open", "recall", "open", frozenset(), "撤回意见"),
        Transition("returned", "resubmit", "open", frozenset(), "重新送审"),
        Transition("returned", "withdraw", "withdrawn", frozenset(), "撤回"),
    ),
)

STEP_FLOW = Lifecycle(
    name="workflow.step",
    label="审查步骤",
    initial="pending",
    states={
        "pending": "待办",
        "waiting": "暂停计时",
        "passed": "通过",
        "returned": "退回",
        "refused": "不予通过",
        "recalled": "意见已撤回",
        "void": "未办即止",
    },
    transitions=(
        Transition("pending", "pass", "passed", frozenset(), "通过"),
        Transition("pending", "send_back", "returned", frozenset(), "退回修改", reason_required=True),
        Transition("pending", "refuse", "refused", frozenset(), "不予通过", reason_required=True),
        Transition("pending", "pause", "waiting", frozenset(), "暂停计时", reason_required=True),
        Transition("waiting", "resume", "pending", frozenset(), "恢复计时"),
        Transition("pending", "void", "void", frozenset(), "中止"),
        Transition("waiting", "void", "void", frozenset(), "中止"),
        Transition("passed", "recall", "recalled", frozenset(), "撤回意见", reason_required=True),
    ),
)

STEP_KINDS = {"review": "审查", "sign": "签批", "meeting": "会议", "issue": "印发"}
PLACES = {"own_body": "本机构", "performing": "承担该职能的机构"}
VERDICTS = {"": "未表态", "accept": "同意", "return": "退回"}


@dataclass(frozen=True, slots=True)
class StepDefinition:
    """程序的一步：代码、名称、种类、角色、在何机构、办理时限（工作日）、通过按钮、必填的决定要素。"""

    code: str
    label: str
    kind: str
    role: str
    where: str
    due_workdays: int
    pass_label: str = "同意"
    return_to: str = "draft"
    pause_limit_workdays: int = 0
    requires: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Procedure:
    """审查程序：代码、版本、名称、来源、步骤。``edit_voids_earlier``: 退回修改后是否从第一步重走。"""

    code: str
    version: int
    label: str
    source: str
    subject_kind: str
    draft_label: str
    edit_voids_earlier: bool
    steps: tuple[StepDefinition, ...]


class ProcedureInvalid(ValueError):
    """程序定义有误。"""


def parse_procedure(data: Mapping[str, Any]) -> Procedure:
    """从数据包读出程序；缺项、重复步骤、未知种类都指明是哪一步。"""
    try:
        steps = tuple(StepDefinition(**{**step, "requires": dict(step.get("requires", ()))}) for step in data["steps"])
        procedure = Procedure(
            code=data["code"],
            version=data["version"],
            label=data["label"],
            source=data["source"],
            subject_kind=data["subject_kind"],
            draft_label=data["draft_label"],
            edit_voids_earlier=data["edit_voids_earlier"],
            steps=steps,
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise ProcedureInvalid(f"审查程序“{data.get('code', '?')}”的定义不完整或有多余的键：{problem}") from problem
    codes = [step.code for step in steps]
    if not codes or len(set(codes)) != len(codes):
        raise ProcedureInvalid(f"审查程序“{procedure.code}”没有步骤或步骤代码重复")
    for step in steps:
        if step.kind not in STEP_KINDS or step.where not in PLACES or step.due_workdays < 1:
            raise ProcedureInvalid(f"审查程序“{procedure.code}”的步骤“{step.code}”种类、机构或时限不合规定")
    return procedure


@dataclass(frozen=True, slots=True)
class ItemOpinion:
    """逐项意见：accept 同意 | return 退回；退回必须写明理由。"""

    verdict: str
    opinion: str = ""


def require_reviewer_is_not_author(*, person_ids: Collection[int], author_ids: Sequence[int]) -> None:
    """起草与审查分离：谁起草，谁不得审查；代人审查的，被代理的人起草过也不得审查。"""
    if not set(person_ids).isdisjoint(author_ids):
        raise NotPermitted("起草人不得审查自己起草的内容", hint="请由其他有审查职责的同事办理。", code="own_draft")


def require_details(step: StepDefinition, details: Mapping[str, str]) -> None:
    """决定要素齐全：会议号、决议、文号等按程序规定必填。"""
    missing = {key: label for key, label in step.requires.items() if not str(details.get(key, "")).strip()}
    if missing:
        raise RulesNotMet(
            f"“{step.label}”还缺：{'、'.join(missing.values())}",
            defects=[
                Defect("detail_missing", f"{label}没有填写", ErrorPlace(field=f"detail-{key}"))
                for key, label in missing.items()
            ],
            hint="请填写后再提交。",
            code="details_missing",
        )


def returned_items(items: Sequence[int], opinions: Mapping[int, ItemOpinion]) -> tuple[int, ...]:
    """退回的事项：点名退回的那些；一项未点名则为全部。"""
    named = tuple(ref for ref in items if ref in opinions and opinions[ref].verdict == "return")
    silent = [ref for ref in named if not opinions[ref].opinion.strip()]
    if silent:
        raise RulesNotMet(
            f"有 {len(silent)} 项退回未写理由", hint="请为每个退回的事项写明理由。", code="return_reason_missing"
        )
    if not named and len(opinions) == len(items) and all(o.verdict == "accept" for o in opinions.values()):
        raise RulesNotMet(
            "每一项都标为同意，没有要退回的", hint="请标出要退回的事项，或改为通过。", code="nothing_to_return"
        )
    return named or tuple(items)
