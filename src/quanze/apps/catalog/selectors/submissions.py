"""送审件的读取：送审机构与各审查机构都看得见，其余答为没有。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from quanze.apps.catalog.domain.drafts import FieldChange, changes
from quanze.apps.catalog.domain.lifecycles import ENTRY_ACTIONS, SUBMISSION_FLOW
from quanze.apps.catalog.models import Submission, SubmissionItem
from quanze.apps.catalog.selectors.lists import VersionView, versions_by_ids
from quanze.apps.workflow import public as workflow
from quanze.core.actor import Actor
from quanze.core.errors import NotFound

SUBJECT_KIND = "catalog.submission"


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    """送审件一行。"""

    id: int
    list_id: int
    title: str
    body_id: int
    body_name: str
    procedure: str
    state: str
    state_label: str
    items: int
    returned: int
    created_by_name: str
    created_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class EntryView:
    """送审事项：动作、新旧版本、逐字段对照、检查发现数、历次意见、本步是否在看。"""

    id: int
    item_id: int
    item_code: str
    action: str
    action_label: str
    outcome: str
    new: VersionView | None
    old: VersionView | None
    changes: tuple[FieldChange, ...]
    finding_count: int
    opinions: tuple[tuple[str, str, workflow.ItemOpinion, datetime | None], ...]
    is_in_view: bool

    @property
    def name(self) -> str:
        shown = self.new or self.old
        return shown.content.name if shown else self.item_code


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """送审件全貌：要点、审查案卷、事项。"""

    row: SubmissionRow
    note: str
    case: workflow.CaseView | None
    entries: tuple[EntryView, ...]
    edition_id: int | None

    @property
    def id(self) -> int:
        return self.row.id


def _row(submission: Submission, items: int, returned: int) -> SubmissionRow:
    return SubmissionRow(
        id=submission.pk,
        list_id=submission.power_list_id,
        title=submission.title,
        body_id=submission.power_list.body_id,
        body_name=submission.power_list.body.name,
        procedure=workflow.procedure(submission.procedure).label,
        state=submission.state,
        state_label=SUBMISSION_FLOW.states[submission.state],
        items=items,
        returned=returned,
        created_by_name=submission.created_by_name,
        created_at=submission.created_at,
        closed_at=submission.closed_at,
    )


def submissions(*, actor: Actor, list_id: int | None = None, state: str = "", limit: int = 100) -> list[SubmissionRow]:
    """本范围的送审件，新者在前。"""
    rows = Submission.objects.select_related("power_list__body")
    if not actor.scope.is_all:
        rows = rows.filter(power_list__body_id__in=actor.scope.body_ids)
    if list_id is not None:
        rows = rows.filter(power_list_id=list_id)
    if state:
        rows = rows.filter(state=state)
    rows = rows.annotate(n=Count("items"), back=Count("items", filter=Q(items__outcome="return"))).order_by("-id")
    return [_row(row, row.n, row.back) for row in rows[:limit]]


def find(*, submission_id: int, actor: Actor, lock: bool = False) -> Submission:
    """看得见的送审件（可锁定）；看不见的答为没有。"""
    rows = Submission.objects.select_related("power_list__body")
    if lock:
        rows = rows.select_for_update(of=("self",))
    row = rows.filter(pk=submission_id).first()
    if row is None or not (
        actor.scope.covers(row.power_list.body_id)
        or workflow.sees_subject(subject_kind=SUBJECT_KIND, subject_id=submission_id, actor=actor)
    ):
        raise NotFound("没有这个送审件", hint="请从待办或清单中打开。")
    return row


def submission_view(*, submission_id: int, actor: Actor) -> SubmissionView:
    """送审件全貌。A fixed number of queries whatever the number of items."""
    row = find(submission_id=submission_id, actor=actor)
    case = workflow.case_by_subject(subject_kind=SUBJECT_KIND, subject_id=row.pk, actor=actor)
    entries = list(row.items.select_related("item").order_by("id"))
    versions = versions_by_ids([v for e in entries for v in (e.version_id, e.base_version_id) if v is not None])
    opinions = workflow.item_opinions([entry.pk for entry in entries])
    in_view = set(case.current.opinions) if case and case.current else set(case.focus_ids if case else ())
    return SubmissionView(
        row=_row(row, len(entries), sum(e.outcome == "return" for e in entries)),
        note=row.note,
        case=case,
        entries=tuple(_entry(entry, versions, opinions, in_view) for entry in entries),
        edition_id=getattr(getattr(row, "edition", None), "pk", None),
    )


def _entry(
    entry: SubmissionItem,
    versions: dict[int, VersionView],
    opinions: dict[int, list[tuple[str, str, workflow.ItemOpinion, datetime | None]]],
    in_view: set[int],
) -> EntryView:
    new = versions.get(entry.version_id) if entry.version_id else None
    old = versions.get(entry.base_version_id) if entry.base_version_id else None
    return EntryView(
        id=entry.pk,
        item_id=entry.item_id,
        item_code=entry.item.code,
        action=entry.action,
        action_label=ENTRY_ACTIONS[entry.action],
        outcome=entry.outcome,
        new=new,
        old=old,
        changes=changes(old.content if old else None, new.content) if new else (),
        finding_count=entry.finding_count,
        opinions=tuple(opinions.get(entry.pk, ())),
        is_in_view=entry.pk in in_view,
    )


def entry_view(*, submission_id: int, entry_id: int, actor: Actor) -> EntryView:
    """送审件中的一项；看不见的答为没有。For pages that fetch the entries one by one."""
    row = find(submission_id=submission_id, actor=actor)
    entry = row.items.select_related("item").filter(pk=entry_id).first()
    if entry is None:
        raise NotFound("送审件中没有这一项", hint="请刷新页面。")
    versions = versions_by_ids([v for v in (entry.version_id, entry.base_version_id) if v is not None])
    return _entry(entry, versions, workflow.item_opinions([entry.pk]), set())


def reviews_submission(*, submission_id: int, actor: Actor) -> bool:
    """是否因审查职责看得见这个送审件。"""
    return workflow.sees_subject(subject_kind=SUBJECT_KIND, subject_id=submission_id, actor=actor)
