"""审定会议的读取：等待会议的送审件，会议的议题，逐项的原内容、拟改内容、理由与决定。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.timezone import localdate

from quanze.apps.adjustment.domain.determining import DECISIONS
from quanze.apps.adjustment.domain.lifecycles import MEETING_FLOW
from quanze.apps.adjustment.models import Adjustment, CommitteeMeeting, MeetingDocument, MeetingEntry, MeetingTopic
from quanze.apps.adjustment.selectors.packs import packs
from quanze.apps.catalog import public as catalog
from quanze.apps.workflow import public as workflow
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, NotFound

SUBJECT_KIND = "catalog.submission"
CONVENERS = ("establishment", "committee_secretary", "joint_meeting")
# What the committee reads of an item that is new or goes: the rest stands in the submission.
CORE_FIELDS = (
    "name",
    "power_type",
    "exercising_body",
    "lead_division",
    "basis_text",
    "target",
    "exercise_level",
    "promised_limit_days",
)
LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True)
class Candidate:
    """等待会议的送审件：提请机构、事项数、到会议这一步的日期与期限。"""

    submission_id: int
    title: str
    body_name: str
    role: str
    step_label: str
    items: int
    due_on: date
    is_paused: bool
    meeting_number: str


@dataclass(frozen=True, slots=True)
class FieldLine:
    """一处对照：要素名、原文、拟改文。"""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class EntryLine:
    """议题之下的一项：对照、理由、决定。"""

    id: int
    topic_id: int
    item_code: str
    name: str
    action: str
    action_label: str
    lines: tuple[FieldLine, ...]
    reason: str
    decision: str
    remark: str

    @property
    def decision_label(self) -> str:
        return DECISIONS.get(self.decision, "")

    @property
    def old_text(self) -> str:
        return "\n".join(f"{one.label}：{one.old}" for one in self.lines if one.old)

    @property
    def new_text(self) -> str:
        return "\n".join(f"{one.label}：{one.new}" for one in self.lines if one.new)


@dataclass(frozen=True, slots=True)
class Review:
    """会前的一步审查：步骤、办理人、日期、意见。"""

    label: str
    verdict: str
    by: str
    on: date
    opinion: str


@dataclass(frozen=True, slots=True)
class TopicView:
    """一个议题：送审件、逐项、会前的审查。"""

    id: int
    ordinal: int
    submission_id: int
    title: str
    body_name: str
    outcome: str
    note: str
    procedure: str
    submitted_on: date
    entries: tuple[EntryLine, ...]
    reviews: tuple[Review, ...]

    def counted(self) -> Mapping[str, int]:
        """各种动作的项数。"""
        return Counter(one.action_label for one in self.entries)


def find(*, meeting_id: int, actor: Actor, seen_version: int | None = None, lock: bool = False) -> CommitteeMeeting:
    """看得见的会议（可锁定）：筹备机构中办会的人；别人看来没有。Its material holds drafts of other bodies."""
    rows = CommitteeMeeting.objects.filter(pk=meeting_id)
    row = (rows.select_for_update() if lock else rows).first()
    if row is None or not actor.has(*CONVENERS) or not actor.scope.covers(row.owner_body_id):
        raise NotFound("没有这次会议", hint="请从“动态调整 → 审定会议”中打开。")
    if seen_version is not None and row.lock_version != seen_version:
        raise Conflict("会议在您打开之后已有改动", hint="请刷新页面后再办。")
    return row


def meetings(*, actor: Actor, limit: int = 200) -> list[CommitteeMeeting]:
    """本机构筹备的会议，新者在前。"""
    if not actor.has(*CONVENERS):
        return []
    rows = CommitteeMeeting.objects.all()
    if not actor.scope.is_all:
        rows = rows.filter(owner_body_id__in=actor.scope.body_ids)
    return list(rows.prefetch_related("topics").order_by("-id")[:limit])


def candidates(*, actor: Actor) -> list[Candidate]:
    """等待本机构开会审定的送审件；已列入未开的会议的，写明是哪一次。"""
    if not actor.has(*CONVENERS):
        return []
    cases = workflow.cases_waiting_at(subject_kind=SUBJECT_KIND, step_kind="meeting", actor=actor)
    taken = dict(
        MeetingTopic.objects.filter(is_open=True, submission_id__in=[one.subject_id for one in cases]).values_list(
            "submission_id", "meeting__number"
        )
    )
    found = []
    for case in cases:
        step = case.current
        if step is None:
            continue
        found.append(
            Candidate(
                case.subject_id,
                case.subject_label,
                case.body_name,
                step.role,
                step.label,
                len(case.focus_ids or case.item_ids),
                step.due_on,
                step.state == "waiting",
                taken.get(case.subject_id, ""),
            )
        )
    return found


def topics_of(*, meeting: CommitteeMeeting, actor: Actor) -> list[TopicView]:
    """会议的各议题，连同逐项的对照。A fixed number of queries, whatever the number of topics and items."""
    del actor  # whoever found the meeting reads its topics
    topics = list(meeting.topics.prefetch_related("entries"))
    rows = [entry for topic in topics for entry in topic.entries.all()]
    versions = catalog.versions_by_ids(
        [number for row in rows for number in (row.version_id, row.base_version_id) if number is not None]
    )
    labels = {one.code: one.label for one in catalog.power_types().types}
    return [
        TopicView(
            topic.pk,
            topic.ordinal,
            topic.submission_id,
            topic.title,
            topic.body_name,
            topic.outcome,
            topic.note,
            topic.procedure,
            topic.submitted_on,
            tuple(_line(row, versions, labels) for row in topic.entries.all()),
            tuple(
                Review(label, verdict, by, date.fromisoformat(on), said)
                for label, verdict, by, on, said in topic.reviews
            ),
        )
        for topic in topics
    ]


def reviews_of(case: workflow.CaseView) -> list[Review]:
    """会前各步的审查：通过了的，会议自身的不算。"""
    return [
        Review(
            step.label,
            case.procedure.steps[step.ordinal].pass_label,
            step.paper_signed_by or step.decided_by_name,
            localdate(step.decided_at),
            step.opinion,
        )
        for step in case.steps
        if step.state == "passed" and step.kind != "meeting" and step.decided_at is not None
    ]


def _line(row: MeetingEntry, versions: Mapping[int, catalog.VersionView], labels: Mapping[str, str]) -> EntryLine:
    new = versions.get(row.version_id) if row.version_id else None
    old = versions.get(row.base_version_id) if row.base_version_id else None
    return EntryLine(
        row.pk,
        row.topic_id,
        row.item_code,
        row.name,
        row.action,
        catalog.ENTRY_ACTIONS[row.action],
        tuple(compared(old.content if old else None, new.content if new else None, labels)),
        row.reason,
        row.decision,
        row.remark,
    )


def compared(
    old: catalog.ItemContent | None, new: catalog.ItemContent | None, labels: Mapping[str, str]
) -> list[FieldLine]:
    """三栏对照的前两栏：变更的列改动之处，新增、取消的列主要要素。"""

    def said(content: catalog.ItemContent | None, field: str) -> str:
        text = catalog.readable(content, field) if content else ""
        return labels.get(text, text) if field == "power_type" else text

    if old is not None and new is not None:
        return [
            FieldLine(one.label, labels.get(one.old, one.old), labels.get(one.new, one.new))
            if one.field == "power_type"
            else FieldLine(one.label, one.old, one.new)
            for one in catalog.changes(old, new)
        ]
    return [
        FieldLine(catalog.CONTENT_LABELS[field], said(old, field), said(new, field))
        for field in CORE_FIELDS
        if said(old, field) or said(new, field)
    ]


def reasons_for(*, submission_id: int, entries: Sequence[catalog.EntryView], actor: Actor) -> dict[int, str]:
    """各项的理由与依据，取自已有的话：调整事由与填写的要素、改动说明、依据条款。Written for the meeting, and edited there."""
    del actor  # the entries are the ones he sees
    plans = {}
    adjustment = (
        Adjustment.objects.filter(submission_id=submission_id)
        .select_related("trigger")
        .prefetch_related("items")
        .first()
    )
    if adjustment is not None:
        plans = {one.item_id: one for one in adjustment.items.all() if one.item_id is not None}
    endings = catalog.ending_reasons([entry.item_id for entry in entries if entry.action == "cancel"])
    found = {}
    for entry in entries:
        parts = []
        plan = plans.get(entry.item_id)
        if adjustment is not None and plan is not None:
            parts.append(f"{adjustment.trigger.title}（{adjustment.trigger.evidence}）。")
            kind = packs().kinds.get(plan.kind)
            parts += [
                f"{field.label}：{plan.fields[field.name]}。"
                for field in (kind.fields if kind else ())
                if field.type in ("text", "date") and plan.fields.get(field.name)
            ]
        if endings.get(entry.item_id):
            parts.append(f"{endings[entry.item_id].rstrip('。')}。")
        shown = entry.new or entry.old
        if entry.new is not None and entry.new.change_note:
            parts.append(f"{entry.new.change_note.rstrip('。')}。")
        if shown is not None and entry.action != "cancel":
            basis = catalog.readable(shown.content, "bases").replace("\n", "、")
            if basis:
                parts.append(f"依据{basis}。")
        found[entry.id] = "".join(parts)[:LONGEST_REASON] or "见送审说明。"
    return found


def documents_of(*, meeting: CommitteeMeeting, actor: Actor) -> list[MeetingDocument]:
    """会议的材料。"""
    del actor  # whoever found the meeting reads its material
    return list(meeting.documents.all())


def document_find(*, document_id: int, actor: Actor) -> MeetingDocument:
    """看得见的一份材料；看不见的答为没有。"""
    row = MeetingDocument.objects.select_related("meeting").filter(pk=document_id).first()
    if row is None or not actor.has(*CONVENERS) or not actor.scope.covers(row.meeting.owner_body_id):
        raise NotFound("没有这份材料", hint="请从会议的页面打开。")
    return row


def state_label(row: CommitteeMeeting) -> str:
    """状态的名称。"""
    return MEETING_FLOW.states[row.state]
