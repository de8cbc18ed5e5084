"""关联清单送审件的读取。"""

from __future__ import annotations

from quanze.apps.catalog.models import DerivedSubmission
from quanze.apps.workflow import public as workflow
from quanze.core.actor import Actor
from quanze.core.errors import NotFound

SUBJECT_KIND = "catalog.derived_submission"


def find(*, submission_id: int, actor: Actor, lock: bool = False) -> DerivedSubmission:
    """看得见的送审件（可锁定）；看不见的答为没有。"""
    rows = DerivedSubmission.objects.select_related("derived_list__body")
    if lock:
        rows = rows.select_for_update(of=("self",))
    row = rows.filter(pk=submission_id).first()
    if row is None or not (
        actor.scope.covers(row.derived_list.body_id)
        or workflow.sees_subject(subject_kind=SUBJECT_KIND, subject_id=submission_id, actor=actor)
    ):
        raise NotFound("没有这个送审件", hint="请从待办或关联清单中打开。")
    return row
