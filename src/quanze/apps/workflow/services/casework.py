"""办理案卷共用的小件：记录的对象、修改次数、当前步骤。"""

from __future__ import annotations

from quanze.apps.workflow.domain import CASE_FLOW
from quanze.apps.workflow.models import Case, CaseStep
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import NotPermitted, WrongState


def subject_of(case: Case) -> audit.SubjectRef:
    """记录里的对象：送审对象，不是案卷。"""
    return audit.SubjectRef(case.subject_kind, case.subject_id, case.subject_label, case.body_id)


def bump(case: Case, *fields: str) -> None:
    """存下案卷的改动，修改次数加一。"""
    case.lock_version += 1
    case.save(update_fields=[*fields, "lock_version"])


def open_step(case: Case, actor: Actor) -> CaseStep:
    """当前步骤；本人不在办理机构或不持有角色则无权。"""
    step = case.steps.select_for_update().filter(state__in=["pending", "waiting"]).first()
    if step is None:
        raise WrongState(f"案卷当前为“{CASE_FLOW.states[case.state]}”，没有待办的步骤", hint="请刷新页面查看最新状态。")
    if actor.body_id != step.assignee_body_id or step.role not in actor.roles:
        raise NotPermitted(
            f"当前步骤“{step.label}”由{step.assignee_body_name}办理，您的岗位不能办理",
            hint="请由该机构有此职责的同事办理。",
        )
    return step
