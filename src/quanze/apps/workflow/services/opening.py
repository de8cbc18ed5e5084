"""到达某一步：确定办理机构与期限，建立步骤与逐项意见的空行。"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.timezone import localdate

from quanze.apps.org import public as org
from quanze.apps.workflow.domain import Procedure, StepDefinition
from quanze.apps.workflow.models import Case, CaseStep, StepItem
from quanze.base.calendar import public as calendar
from quanze.base.notices import public as notices
from quanze.core.errors import InvalidInput


def _assignee(step: StepDefinition, body_id: int) -> org.BodyView:
    assignee = body_id if step.where == "own_body" else org.body_performing(step.role, for_body_id=body_id)
    if assignee is None:
        raise InvalidInput(
            f"步骤“{step.label}”没有承担机构",
            hint=f"请系统管理员在机构管理中指定本地区承担“{org.ROLE_LABELS.get(step.role, step.role)}”的机构。",
            code="step_without_body",
        )
    return org.bodies_by_ids([assignee])[assignee]


def require_assignees(procedure: Procedure, body_id: int) -> None:
    """送审之前就查清每一步都有机构承担，而不是走到半路才发现。"""
    for step in procedure.steps:
        _assignee(step, body_id)


def step_open(case: Case, procedure: Procedure, ordinal: int, *, now: datetime) -> CaseStep:
    """到达第 ordinal 步（从 0 计）：本轮只看的事项，在退回的那一步之前（含）只列这些。"""
    definition = procedure.steps[ordinal]
    assignee = _assignee(definition, case.body_id)
    due = calendar.due(localdate(now), definition.due_workdays)
    step = CaseStep.objects.create(
        case=case,
        round_no=case.round_no,
        ordinal=ordinal,
        code=definition.code,
        label=definition.label,
        kind=definition.kind,
        role=definition.role,
        assignee_body_id=assignee.id,
        assignee_body_name=assignee.name,
        opened_at=now,
        due_on=due.on,
        due_is_projected=due.projected,
    )
    in_view = case.focus_ids if case.focus_ids and ordinal <= case.focus_until else case.item_ids
    StepItem.objects.bulk_create(StepItem(step=step, item_id=item_id) for item_id in in_view)
    holders = org.holders_of(definition.role, assignee.id, on=localdate(now))
    tell(
        case,
        [user_id for user_id in holders if user_id not in case.author_ids],
        f"待办：{case.body_name}“{case.subject_label}”到达“{definition.label}”，办理期限 {due.on:%Y年%-m月%-d日}",
        now=now,
    )
    return step


def tell(case: Case, user_ids: Iterable[int], text: str, *, now: datetime) -> None:
    """发站内消息，链接到送审对象。"""
    link = f"/open/{case.subject_kind}/{case.subject_id}/"
    notices.notice_send(to_user_ids=user_ids, text=text, link=link, kind="workflow", now=now)
