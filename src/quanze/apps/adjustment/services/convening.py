"""筹备审定会议：选等待会议的送审件为议题，逐项写理由与依据，生成材料。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.adjustment.domain.lifecycles import MEETING_FLOW
from quanze.apps.adjustment.models import CommitteeMeeting, MeetingDocument, MeetingEntry, MeetingTopic
from quanze.apps.adjustment.selectors import meetings as selectors
from quanze.apps.adjustment.services.meeting_papers import papers_of
from quanze.apps.catalog import public as catalog
from quanze.base.audit import public as audit
from quanze.base.documents import public as documents
from quanze.base.files import public as files
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, ErrorPlace, InvalidInput, NotPermitted, RulesNotMet, WrongState

for _code, _label in {
    "adjustment.meeting.convened": "筹备审定会议",
    "adjustment.meeting.revised": "改动审定会议",
    "adjustment.meeting.reasons_written": "写议题事项的理由",
    "adjustment.meeting.material_made": "生成会议材料",
    "adjustment.meeting.cancelled": "不再召开审定会议",
}.items():
    audit.register_action(_code, _label)

PURPOSE = "adjustment.meeting"


def subject_of(row: CommitteeMeeting) -> audit.SubjectRef:
    return audit.SubjectRef("adjustment.meeting", row.pk, f"{row.number} {row.title}", row.owner_body_id)


def bump(row: CommitteeMeeting, *fields: str) -> None:
    row.lock_version += 1
    row.save(update_fields=[*fields, "lock_version"])


@transaction.atomic
def meeting_convene(
    *,
    actor: Actor,
    number: str,
    title: str,
    held_on: date,
    place: str,
    submission_ids: Sequence[int],
    now: datetime,
) -> int:
    """筹备一次会议：会议号、日期、地点，议题为等待会议的送审件，按所给次序。返回编号。"""
    if not actor.has(*selectors.CONVENERS) or actor.body_id is None:
        raise NotPermitted("会议由编办、编委办秘书筹备", hint="请由有此职责的同事办理。")
    _require_facts(number, title, place)
    chosen = _chosen(actor, submission_ids)
    _require_new_number(actor.body_id, number, 0)
    row = CommitteeMeeting.objects.create(
        number=number.strip()[:100],
        title=title.strip()[:200],
        owner_body_id=actor.body_id,
        owner_body_name=actor.body_name,
        step_role=chosen[0].role,
        held_on=held_on,
        place=place.strip()[:100],
        created_by_name=actor.name,
        created_at=now,
    )
    _set_topics(actor, row, chosen)
    audit.record(
        actor=actor,
        action="adjustment.meeting.convened",
        subject=subject_of(row),
        after={"held_on": held_on, "place": row.place, "submissions": list(submission_ids)},
        now=now,
    )
    return row.pk


def _require_facts(number: str, title: str, place: str) -> None:
    for field, text, label in (("number", number, "会议号"), ("title", title, "会议名称"), ("place", place, "地点")):
        if not text.strip():
            raise InvalidInput(f"{label}没有填写", hint="请填写后再存。", place=ErrorPlace(field=field))


def _require_new_number(body_id: int, number: str, meeting_id: int) -> None:
    taken = CommitteeMeeting.objects.filter(owner_body_id=body_id, number=number.strip()).exclude(state="cancelled")
    if taken.exclude(pk=meeting_id).exists():
        raise InvalidInput(f"会议号“{number.strip()}”已经用过", hint="请核对会议号。", place=ErrorPlace(field="number"))


def _chosen(
    actor: Actor, submission_ids: Sequence[int], *, own: frozenset[int] = frozenset()
) -> list[selectors.Candidate]:
    waiting = {one.submission_id: one for one in selectors.candidates(actor=actor)}
    wanted = list(dict.fromkeys(submission_ids))
    if not wanted:
        raise InvalidInput(
            "没有选议题", hint="请至少选一件等待会议的送审件。", place=ErrorPlace(field="submission_ids")
        )
    chosen = []
    for number in wanted:
        one = waiting.get(number)
        if one is None or (one.meeting_number and number not in own):
            held = f"已列入{one.meeting_number}" if one else "不在等待会议"
            raise InvalidInput(
                f"所选的送审件{held}", hint="请刷新页面后重选。", place=ErrorPlace(field="submission_ids")
            )
        chosen.append(one)
    if len({one.role for one in chosen}) > 1:
        raise InvalidInput(
            "所选的送审件由不同的会议审定",
            hint="编委会议与联席会议请分开筹备。",
            place=ErrorPlace(field="submission_ids"),
            code="mixed_meetings",
        )
    return chosen


def _set_topics(actor: Actor, row: CommitteeMeeting, chosen: Sequence[selectors.Candidate]) -> None:
    """议题照所给的重排：留下的保住已写的理由，新来的从已有的话起草。"""
    wanted = {one.submission_id: n for n, one in enumerate(chosen, 1)}
    row.topics.exclude(submission_id__in=wanted).delete()
    held = {topic.submission_id: topic for topic in row.topics.all()}
    for one in chosen:
        topic = held.get(one.submission_id)
        if topic is not None:
            topic.ordinal = wanted[one.submission_id]
            topic.save(update_fields=["ordinal"])
            continue
        view = catalog.submission_view(submission_id=one.submission_id, actor=actor)
        topic = MeetingTopic.objects.create(
            meeting=row,
            ordinal=wanted[one.submission_id],
            submission_id=one.submission_id,
            title=view.row.title[:300],
            body_id=view.row.body_id,
            body_name=view.row.body_name,
            note=view.note,
            procedure=view.row.procedure,
            submitted_on=localdate(view.row.created_at),
            reviews=[
                [review.label, review.verdict, review.by, review.on.isoformat(), review.opinion]
                for review in (selectors.reviews_of(view.case) if view.case else ())
            ],
        )
        entries = [entry for entry in view.entries if entry.is_in_view]
        reasons = selectors.reasons_for(submission_id=one.submission_id, entries=entries, actor=actor)
        MeetingEntry.objects.bulk_create(
            [
                MeetingEntry(
                    topic=topic,
                    entry_id=entry.id,
                    item_code=entry.item_code,
                    name=entry.name,
                    action=entry.action,
                    version_id=entry.new.id if entry.new else None,
                    base_version_id=entry.old.id if entry.old else None,
                    reason=reasons[entry.id],
                )
                for entry in entries
            ],
            batch_size=500,
        )


def _reopened(actor: Actor, row: CommitteeMeeting) -> None:
    """材料已成的，改动之后材料作废，要重新生成。"""
    if row.state == "prepared":
        row.state = MEETING_FLOW.decide(row.state, "reopen", roles=actor.roles).target
        row.documents.all().delete()
    elif row.state != "preparing":
        raise WrongState(f"会议{MEETING_FLOW.states[row.state]}，不能再改", hint="请刷新页面。")


@transaction.atomic
def meeting_revise(
    *,
    actor: Actor,
    meeting_id: int,
    seen_version: int,
    number: str,
    title: str,
    held_on: date,
    place: str,
    submission_ids: Sequence[int],
    now: datetime,
) -> None:
    """改动会议：会议号、日期、地点、议题与次序；已成的材料作废。"""
    row = selectors.find(meeting_id=meeting_id, actor=actor, seen_version=seen_version, lock=True)
    _reopened(actor, row)
    _require_facts(number, title, place)
    _require_new_number(row.owner_body_id, number, row.pk)
    own = frozenset(row.topics.values_list("submission_id", flat=True))
    chosen = _chosen(actor, submission_ids, own=own)
    before = {"number": row.number, "held_on": row.held_on, "place": row.place, "submissions": sorted(own)}
    row.number, row.title, row.held_on = number.strip()[:100], title.strip()[:200], held_on
    row.place, row.step_role = place.strip()[:100], chosen[0].role
    _set_topics(actor, row, chosen)
    bump(row, "number", "title", "held_on", "place", "step_role", "state")
    audit.record(
        actor=actor,
        action="adjustment.meeting.revised",
        subject=subject_of(row),
        before=before,
        after={
            "number": row.number,
            "held_on": held_on,
            "place": row.place,
            "submissions": [one.submission_id for one in chosen],
        },
        now=now,
    )


@transaction.atomic
def reasons_write(
    *, actor: Actor, meeting_id: int, seen_version: int, reasons: Mapping[int, str], now: datetime
) -> int:
    """逐项写理由与依据（键为议题事项），返回改动的项数；已成的材料作废。"""
    row = selectors.find(meeting_id=meeting_id, actor=actor, seen_version=seen_version, lock=True)
    entries = {entry.pk: entry for entry in MeetingEntry.objects.filter(topic__meeting=row)}
    if not reasons.keys() <= entries.keys():
        raise InvalidInput("有不在这次会议的事项", hint="请刷新页面后再写。", code="entry_unknown")
    empty = [entries[pk].name for pk, text in reasons.items() if not text.strip()]
    if empty:
        raise RulesNotMet(f"“{empty[0]}”的理由与依据没有填写", hint="每一项都要有理由与依据。", code="reason_required")
    changed = []
    for pk, text in reasons.items():
        if entries[pk].reason != text.strip():
            entries[pk].reason = text.strip()[: selectors.LONGEST_REASON]
            changed.append(entries[pk])
    if not changed:
        return 0
    _reopened(actor, row)
    MeetingEntry.objects.bulk_update(changed, ["reason"], batch_size=500)
    bump(row, "state")
    audit.record(
        actor=actor,
        action="adjustment.meeting.reasons_written",
        subject=subject_of(row),
        after={"items": [one.item_code for one in changed]},
        now=now,
    )
    return len(changed)


@transaction.atomic
def material_make(*, actor: Actor, meeting_id: int, seen_version: int, now: datetime) -> int:
    """生成议题表、三栏对照表、汇报稿，各有 Word 与 PDF。返回份数。送审件已变的，先改议题。"""
    row = selectors.find(meeting_id=meeting_id, actor=actor, seen_version=seen_version, lock=True)
    row.state = MEETING_FLOW.decide(row.state, "make", roles=actor.roles).target
    topics = selectors.topics_of(meeting=row, actor=actor)
    require_unchanged(row, actor)
    row.documents.filter(kind__in=["agenda", "comparison", "briefing"]).delete()
    made = []
    for kind, title, paper in papers_of(row, topics, now):
        stored = []
        for render, extension in ((documents.render_docx, "docx"), (documents.render_pdf, "pdf")):
            stored.append(
                files.store(
                    data=render(paper),
                    name=f"{title}（{row.number}）.{extension}",
                    body_id=row.owner_body_id,
                    actor=actor,
                    purpose=PURPOSE,
                    now=now,
                ).id
            )
        made.append(
            MeetingDocument(
                meeting=row,
                kind=kind,
                title=title,
                docx_file_id=stored[0],
                pdf_file_id=stored[1],
                digest=paper.digest(),
                made_at=now,
                made_by_name=actor.name,
            )
        )
    MeetingDocument.objects.bulk_create(made)
    bump(row, "state")
    audit.record(
        actor=actor,
        action="adjustment.meeting.material_made",
        subject=subject_of(row),
        after={one.title: one.digest for one in made},
        now=now,
    )
    return len(made)


def require_unchanged(row: CommitteeMeeting, actor: Actor) -> None:
    """各送审件仍在会议这一步，送的仍是列入时的那些版本；撤回、改过的指明是哪一件。"""
    for topic in row.topics.prefetch_related("entries"):
        view = catalog.submission_view(submission_id=topic.submission_id, actor=actor)
        step = view.case.current if view.case else None
        listed = {(one.entry_id, one.version_id) for one in topic.entries.all()}
        present = {(one.id, one.new.id if one.new else None) for one in view.entries if one.is_in_view}
        if step is None or step.kind != "meeting" or listed != present:
            raise Conflict(
                f"“{topic.title}”列入之后已有变动（撤回、退回或改过）",
                hint="请在“改动会议”中移出，或移出后重新列入，再生成材料。",
                code="topic_changed",
            )


@transaction.atomic
def meeting_cancel(*, actor: Actor, meeting_id: int, seen_version: int, reason: str, now: datetime) -> None:
    """不再召开：议题放回，可列入别的会议。"""
    row = selectors.find(meeting_id=meeting_id, actor=actor, seen_version=seen_version, lock=True)
    row.state = MEETING_FLOW.decide(row.state, "cancel", roles=actor.roles, reason=reason).target
    row.cancelled_because = reason.strip()[:500]
    row.topics.update(is_open=False)
    bump(row, "state", "cancelled_because")
    audit.record(actor=actor, action="adjustment.meeting.cancelled", subject=subject_of(row), reason=reason, now=now)
