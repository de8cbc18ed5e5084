"""关联清单送审件的读取。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quanze.apps.catalog.domain.list_types import ListType
from quanze.apps.catalog.models import DerivedEntryVersion, DerivedSubmission
from quanze.apps.catalog.selectors.list_types import list_types
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


@dataclass(frozen=True, slots=True)
class SubmittedEntry:
    """送审的一条：名称、编码、自有要素、此前的自有要素（新列入的为空）。"""

    entry_id: int
    version_id: int
    code: str
    name: str
    holder_name: str
    content: dict[str, Any]
    state: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class DerivedSubmissionView:
    """送审件全貌。"""

    id: int
    list_id: int
    kind: ListType
    body_id: int
    body_name: str
    title: str
    state: str
    created_by_name: str
    created_at: datetime
    entries: tuple[SubmittedEntry, ...]


def submission_page(*, submission_id: int, actor: Actor) -> DerivedSubmissionView:
    """送审件与所含条目；看不见的答为没有。"""
    row = find(submission_id=submission_id, actor=actor)
    versions = list(
        row.versions.select_related("entry", "item_version__item__power_list__body").order_by("entry__ordinal", "id")
    )
    earlier = set(
        DerivedEntryVersion.objects.filter(entry_id__in=[one.entry_id for one in versions], state="published")
        .exclude(id__in=[one.pk for one in versions])
        .values_list("entry_id", flat=True)
    )
    return DerivedSubmissionView(
        row.pk,
        row.derived_list_id,
        list_types().of(row.derived_list.list_type),
        row.derived_list.body_id,
        row.derived_list.body.name,
        row.title,
        row.state,
        row.created_by_name,
        row.created_at,
        tuple(
            SubmittedEntry(
                one.entry_id,
                one.pk,
                one.entry.code,
                one.name or (one.item_version.name if one.item_version else one.entry.code),
                one.item_version.item.power_list.body.name if one.item_version else "",
                one.content,
                one.state,
                one.entry_id not in earlier,
            )
            for one in versions
        ),
    )
