"""登记会议的决定：逐项审定、修改后审定、不予，一次落到各送审件上，全成或全不成。"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from quanze.apps.adjustment.domain.determining import OUTCOMES, Decision, outcome_of, require_decided
from quanze.apps.adjustment.domain.lifecycles import MEETING_FLOW
from quanze.apps.adjustment.models import CommitteeMeeting, MeetingEntry, MeetingTopic
from quanze.apps.adjustment.selectors import meetings as selectors
from quanze.apps.adjustment.services.convening import bump, require_unchanged, subject_of
from quanze.apps.catalog import public as catalog
from quanze.apps.workflow import public as workflow
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import ErrorPlace, InvalidInput, RulesNotMet, WrongState

audit.register_action("adjustment.meeting.decided", "登记会议决定")


@transaction.atomic
def meeting_decide(
    *,
    actor: Actor,
    meeting_id: int,
    seen_version: int,
    decisions: Mapping[int, Decision],
    resolution: str,
    now: datetime,
) -> dict[int, str]:
    """登记会议的决定（键为议题事项），按每件送审件合成一种办理，经送审件自己的门落下。返回送审件 → 办理。

    Whatever one submission refuses (withdrawn meanwhile, an opinion missing, a role not held) undoes the whole.
    """
    row = selectors.find(meeting_id=meeting_id, actor=actor, seen_version=seen_version, lock=True)
    step = MEETING_FLOW.decide(row.state, "decide", roles=actor.roles)
    if not resolution.strip():
        raise RulesNotMet("决议没有填写", hint="例如：原则同意，按会议意见修改后印发。", code="resolution_missing")
    entries = {one.pk: one for one in MeetingEntry.objects.filter(topic__meeting=row).select_related("topic")}
    if not decisions.keys() <= entries.keys():
        raise InvalidInput("有不在这次会议的事项", hint="请刷新页面后再登记。", code="entry_unknown")
    require_decided({pk: one.name for pk, one in entries.items()}, decisions)
    require_unchanged(row, actor)
    for pk, given in decisions.items():
        entries[pk].decision, entries[pk].remark = given.decision, given.remark.strip()[:500]
    MeetingEntry.objects.bulk_update(entries.values(), ["decision", "remark"], batch_size=500)
    row.resolution = resolution.strip()[:500]
    done: dict[int, str] = {}
    for topic in row.topics.order_by("ordinal"):
        own = {one.entry_id: decisions[one.pk] for one in entries.values() if one.topic_id == topic.pk}
        topic.outcome, topic.is_open = _apply(actor, row, topic, own, now), False
        topic.save(update_fields=["outcome", "is_open"])
        done[topic.submission_id] = topic.outcome
    row.state, row.decided_at, row.decided_by_name = step.target, now, actor.name
    bump(row, "state", "resolution", "decided_at", "decided_by_name")
    audit.record(
        actor=actor,
        action="adjustment.meeting.decided",
        subject=subject_of(row),
        after={
            "topics": [[topic.title, OUTCOMES[topic.outcome]] for topic in row.topics.order_by("ordinal")],
            "items": [[one.item_code, one.decision, one.remark] for one in entries.values()],
        },
        reason=row.resolution,
        now=now,
    )
    return done


def _apply(
    actor: Actor, row: CommitteeMeeting, topic: MeetingTopic, decisions: Mapping[int, Decision], now: datetime
) -> str:
    """一件送审件：恢复计时（等会而暂停的），再照合成的办理。"""
    case = _case(actor, topic)
    if case.current is not None and case.current.state == "waiting":
        workflow.step_resume(actor=actor, case_id=case.id, seen_version=case.lock_version, now=now)
        case = _case(actor, topic)
    definition = case.current_definition
    known = {"meeting_number": row.number, "resolution": row.resolution}
    wanted = definition.requires if definition else {}
    if extra := [label for key, label in wanted.items() if key not in known]:
        raise WrongState(
            f"“{topic.title}”的会议步骤还要填{'、'.join(extra)}",
            hint="这一件请在送审件的页面办理。",
            code="details_unknown",
        )
    outcome = outcome_of(decisions)
    opinions = {
        entry_id: workflow.ItemOpinion("return", outcome.returned[entry_id])
        if entry_id in outcome.returned
        else workflow.ItemOpinion("accept", given.remark.strip())
        for entry_id, given in decisions.items()
    }
    try:
        catalog.submission_decide(
            actor=actor,
            submission_id=topic.submission_id,
            seen_version=case.lock_version,
            verb=outcome.verb,
            opinion=outcome.opinion or f"{row.number}：{row.resolution}",
            item_opinions={} if outcome.verb == "refuse" else opinions,
            details=dict(known) if outcome.verb == "pass" else {},
            now=now,
        )
    except (RulesNotMet, InvalidInput) as problem:
        problem.place = problem.place or ErrorPlace(field=topic.title)
        raise
    return outcome.verb


def _case(actor: Actor, topic: MeetingTopic) -> workflow.CaseView:
    case = workflow.case_by_subject(subject_kind=selectors.SUBJECT_KIND, subject_id=topic.submission_id, actor=actor)
    assert case is not None  # require_unchanged has seen it at the meeting step
    return case
