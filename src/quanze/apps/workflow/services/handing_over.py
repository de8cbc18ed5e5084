"""交接中属于审查的部分：待办的步骤与在途的送审件。

A step belongs to a body and a role, never to a person: it goes over when the successor holds that role there, and not
before. A case that was sent belongs to whoever sent it: the successor takes his place and counts as an author from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from quanze.apps.org import public as org
from quanze.apps.workflow import selectors
from quanze.apps.workflow.models import Case
from quanze.base.audit import public as audit
from quanze.core.errors import Defect, RulesNotMet

audit.register_action("workflow.case.handed_over", "在途送审件交接")
_OPEN = ("open", "returned")


def steps_of(user_id: int, on: date) -> list[selectors.TaskView]:
    """某人各任职能办的待办步骤，每步一次。"""
    found: dict[int, selectors.TaskView] = {}
    for appointment in org.appointments_of(user_id, on=on):
        if appointment.delegation_id is None:
            actor = org.actor_for_user(user_id, on=on, appointment_id=appointment.id)
            found |= {task.step_id: task for task in selectors.tasks_for(actor)}
    return list(found.values())


def find_steps(user_id: int, on: date) -> Sequence[org.OpenWork]:
    """待办。"""
    return [
        org.OpenWork(
            task.subject_kind, task.subject_id, f"{task.subject_label}（{task.step_label}）", None, task.due_on
        )
        for task in steps_of(user_id, on)
    ]


def move_steps(event: org.WorkHandedOver) -> None:
    """接手人须能办每一件待办；不能的逐件说明，全部不动。"""
    able = {task.step_id for task in steps_of(event.to_user_id, event.today)}
    missing = [task for task in steps_of(event.from_user_id, event.today) if task.step_id not in able]
    if missing:
        raise RulesNotMet(
            f"{event.to_name}还不能办其中 {len(missing)} 件待办",
            hint="请先给接手人相应的任职和角色（须两位管理员办理），或改选接手人。",
            defects=[
                Defect("successor_cannot_act", f"“{task.subject_label}”的“{task.step_label}”") for task in missing
            ],
            code="successor_cannot_act",
        )


def find_cases(user_id: int, on: date) -> Sequence[org.OpenWork]:
    """本人送审、尚未办结的。"""
    rows = Case.objects.filter(opened_by_id=user_id, state__in=_OPEN).order_by("id")
    return [org.OpenWork(row.subject_kind, row.subject_id, row.subject_label, row.body_id) for row in rows]


def move_cases(event: org.WorkHandedOver) -> None:
    """在途的送审件改由接手人负责：退回时找他，他也不得再审查这些件。"""
    actor = org.actor_for_user(event.to_user_id, on=event.today)
    rows = Case.objects.select_for_update().filter(opened_by_id=event.from_user_id, state__in=_OPEN)
    for row in rows.order_by("id"):
        before = row.opened_by_name
        row.opened_by_id, row.opened_by_name = event.to_user_id, actor.name
        row.author_ids = sorted({*row.author_ids, event.to_user_id})
        row.lock_version += 1
        row.save(update_fields=["opened_by_id", "opened_by_name", "author_ids", "lock_version"])
        audit.record(
            actor=event.actor,
            action="workflow.case.handed_over",
            subject=audit.SubjectRef(row.subject_kind, row.subject_id, row.subject_label, row.body_id),
            before={"opened_by": before},
            after={"opened_by": actor.name},
            reason=event.reason,
            now=event.now,
        )


SOURCES = (
    org.WorkSource("workflow.step", "待办", find_steps, move_steps),
    org.WorkSource("workflow.case", "在途送审件", find_cases, move_cases),
)
