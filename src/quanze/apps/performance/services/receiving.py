"""接口报送：逐条检查、核对机构与重复，一批一个事务，落盘之后才确认；随后成批并入事件文件。

What a file goes through goes for the interface too: the same column checks on arrival, the same comparison with the lists
when the events are joined into files (``events_settle``). Apart from a file: an event has a number of its own, the whole
batch is refused when one of its events is wrong (unless asked otherwise), and a body that is not in the directory or not
the sender's is an error of the row, because a program can mend it at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from quanze.apps.org import public as org
from quanze.apps.performance.selectors.mappings import STANDARD_MAPPING
from quanze.apps.performance.services.ingest import ReadEvents, frame_import, require_sender
from quanze.base.audit import public as audit
from quanze.base.iam import public as iam
from quanze.core.actor import EVERYTHING, Actor
from quanze.core.errors import Defect, ErrorPlace, InvalidInput, NotFound, NotPermitted, RulesNotMet
from quanze.core.sealing import content_digest
from quanze.warehouse import public as warehouse

audit.register_action("performance.events.received", "接口报送行权数据")

LARGEST_BATCH = 10_000
# Rows that one settling transaction takes: the lock of a writer is held for about a second.
_SETTLED_AT_ONCE = 40_000


@dataclass(frozen=True, slots=True)
class SentEvent:
    """送来的一条事件：编号与内容。"""

    event_id: str
    row: warehouse.EventRow


@dataclass(frozen=True, slots=True)
class EventProblem:
    """一条事件的问题：在一批中的序号（从 0 计）、编号、字段、代码、说明。"""

    index: int
    event_id: str
    field: str
    code: str
    message: str


class EventsRefused(RulesNotMet):
    """整批未收：有事件不合要求。``problems`` lists them; nothing of the batch was stored."""

    code = "events_refused"

    def __init__(self, problems: Sequence[EventProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            f"有 {len(self.problems)} 条事件不合要求，整批未收",
            defects=[Defect(p.code, p.message, ErrorPlace(row=p.index + 1, field=p.field)) for p in self.problems[:50]],
            hint="请按 errors 逐条改正后重送整批；要收下其余的，请加 partial=true。",
        )


@dataclass(frozen=True, slots=True)
class ReceiveReport:
    """收下的结果：accepted + duplicate + rejected = received。"""

    batch_id: int
    received: int
    accepted: int
    duplicate: int
    rejected: int
    problems: tuple[EventProblem, ...]


def source_of(actor: Actor) -> str:
    """来源：送入的账号。Nobody can send, or ask about, events in another system's name."""
    user = None if actor.user_id is None else iam.users_by_ids([actor.user_id]).get(actor.user_id)
    if user is None:
        raise NotPermitted("接口报送须以账号进行", hint="请用接口密钥。")
    return f"api:{user.username}"[:60]


@transaction.atomic
def events_receive(
    *, actor: Actor, events: Sequence[SentEvent], is_partial: bool = False, now: datetime
) -> ReceiveReport:
    """收下一批事件。Raises EventsRefused (whole batch) unless ``is_partial``; a known event with the same content is a duplicate."""
    require_sender(actor)
    if not 1 <= len(events) <= LARGEST_BATCH:
        raise InvalidInput(f"一批须有 1 到 {LARGEST_BATCH} 条事件", hint="请分批报送。", code="batch_size")
    source = source_of(actor)
    warehouse.lock_source(source)
    rows = [one.row for one in events]
    digests = [warehouse.row_digest(row) for row in rows]
    digest = content_digest([[one.event_id, d.hex()] for one, d in zip(events, digests, strict=True)])
    frame = warehouse.frame_from_rows(rows, name=source, digest=digest, now=now)
    problems = {p.row - 1: _problem(p.row - 1, events, p.column, p.code, p.message) for p in frame.problems}
    for found in (_foreign_bodies(events, actor), _repeated(events, digests)):
        for problem in found:
            problems.setdefault(problem.index, problem)
    known = warehouse.known_events(source, [one.event_id for one in events])
    duplicates = set()
    for index, one in enumerate(events):
        if index in problems or one.event_id not in known:
            continue
        if known[one.event_id] == digests[index]:
            duplicates.add(index)
        else:
            message = "这个事件编号已收过另一份内容；要更正请用新的编号"
            problems[index] = _problem(index, events, "event_id", "event_conflict", message)
    if problems and not is_partial:
        raise EventsRefused([problems[index] for index in sorted(problems)])
    _hold_back_cases(events, problems)
    present = set(warehouse.row_numbers(frame))
    for index in range(len(events)):
        if index + 1 not in present and index not in problems:
            problems[index] = _problem(index, events, "", "too_many_problems", "不合要求；问题过多，未逐条列出")
    wanted = [i for i in range(len(events)) if i not in problems and i not in duplicates]
    kept = warehouse.only_rows(frame, {i + 1 for i in wanted})
    batch_id = warehouse.receive(
        kept,
        source=source,
        events={events[i].event_id: digests[i] for i in wanted},
        duplicates=len(duplicates),
        digest=digest,
        actor=actor,
        now=now,
    )
    report = ReceiveReport(
        batch_id=batch_id,
        received=len(events),
        accepted=len(wanted),
        duplicate=len(duplicates),
        rejected=len(problems),
        problems=tuple(problems[index] for index in sorted(problems)),
    )
    audit.record(
        actor=actor,
        action="performance.events.received",
        subject=audit.SubjectRef("performance.received", batch_id, source, actor.body_id),
        after={
            "digest": digest,
            "accepted": report.accepted,
            "duplicate": report.duplicate,
            "rejected": report.rejected,
        },
        now=now,
    )
    return report


def _problem(index: int, events: Sequence[SentEvent], field: str, code: str, message: str) -> EventProblem:
    return EventProblem(index, events[index].event_id, field, code, message)


def _foreign_bodies(events: Sequence[SentEvent], actor: Actor) -> list[EventProblem]:
    """机构不在名录中，或不属于送入人的范围：两者回答相同。"""
    bodies = org.bodies_by_codes({one.row.body_code for one in events})
    own = {code for code, body in bodies.items() if actor.scope.covers(body.id)}
    message = "没有这个机构，或不在您的办理范围内"
    return [
        _problem(index, events, "body_code", "body_unknown", message)
        for index, one in enumerate(events)
        if one.row.body_code not in own
    ]


def _repeated(events: Sequence[SentEvent], digests: Sequence[bytes]) -> list[EventProblem]:
    """一批之内事件编号重复，或同一办件的同一环节送了两次。"""
    seen: set[str] = set()
    steps: set[tuple[str, int]] = set()
    found = []
    for index, one in enumerate(events):
        if one.event_id in seen:
            found.append(_problem(index, events, "event_id", "event_repeated", "同一批里事件编号重复"))
        elif (one.row.case_id, one.row.step_no) in steps:
            found.append(_problem(index, events, "step_no", "step_repeated", "同一批里同一办件的环节序号重复"))
        seen.add(one.event_id)
        steps.add((one.row.case_id, one.row.step_no))
    return found


def _hold_back_cases(events: Sequence[SentEvent], problems: dict[int, EventProblem]) -> None:
    """同一办件的事件或全收或全不收：有一条不合要求的，其余也不收。"""
    broken = {events[index].row.case_id for index in problems}
    for index, one in enumerate(events):
        if one.row.case_id in broken and index not in problems:
            message = "同一办件另有事件不合要求，改正后一并重送"
            problems[index] = _problem(index, events, "case_id", "case_held_back", message)


def events_settle(*, now: datetime) -> int:
    """把收下的事件对照清单、并入事件文件，返回并入的行数。A crash anywhere in between repeats it, and it counts once."""
    total = 0
    while True:
        with transaction.atomic():
            group = warehouse.waiting(rows=_SETTLED_AT_ONCE)
            if group is None:
                return total
            # What the sender may send was judged on arrival; his appointment may have ended meanwhile.
            sender = Actor(
                user_id=group.sender_id,
                name=group.sender_name,
                body_id=group.sender_body_id,
                body_name=group.sender_body_name,
                roles=frozenset({"system"}),
                scope=EVERYTHING,
            )
            digest = group.frame.digest
            key = f"received:{group.batch_ids[0]}-{group.batch_ids[-1]}:{digest[:16]}"
            read = ReadEvents(group.frame, digest, key, group.source, STANDARD_MAPPING, {})
            report = frame_import(read, actor=sender, now=now)
            warehouse.settled(group.batch_ids, event_batch_id=report.batch_id, now=now)
            total += group.frame.rows


def received_ids(*, actor: Actor, after: int = 0, limit: int) -> tuple[list[str], int | None]:
    """本账号已收的事件编号，供核对。"""
    return warehouse.received_ids(source=source_of(actor), after=after, limit=limit)


def received_batches(*, actor: Actor, before: int | None, limit: int) -> list[warehouse.ReceivedView]:
    """本账号的接收批次，新者在前。"""
    return warehouse.received_batches(source=source_of(actor), before=before, limit=limit)


def received_batch(*, actor: Actor, batch_id: int) -> warehouse.ReceivedView:
    """本账号的一个接收批次；别人的与没有的回答相同。"""
    found = warehouse.received_batch(source=source_of(actor), batch_id=batch_id)
    if found is None:
        raise NotFound("没有这个接收批次", hint="请核对编号。")
    return found
