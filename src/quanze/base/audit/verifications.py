"""核验的结果留存：何人何时核过、是否完好。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from quanze.base.audit.actions import register_action
from quanze.base.audit.models import Seal, Verification
from quanze.base.audit.services import record
from quanze.base.audit.verifying import VerifyReport
from quanze.core.actor import Actor
from quanze.core.subject import SubjectRef

register_action("audit.record.verified", "核验记录")


@dataclass(frozen=True, slots=True)
class VerificationView:
    """一次核验的结果。"""

    at: datetime
    actor_name: str
    milliseconds: int
    records: int
    unsealed: int
    unanchored: int
    anchors: int
    is_sound: bool
    first_bad_row: int | None
    problem: str


@dataclass(frozen=True, slots=True)
class SealHeadView:
    """一本日志的最新封条。"""

    log: str
    number: int
    to_id: int
    records: int
    algorithm: str
    value: str
    sealed_at: datetime


@transaction.atomic
def verification_keep(*, actor: Actor, report: VerifyReport, milliseconds: int, now: datetime) -> None:
    """留存一次核验的结果。"""
    faults = [log.fault for log in report.logs if log.fault is not None]
    problem = "；".join([fault.problem for fault in faults] + ([report.anchor_fault] if report.anchor_fault else []))
    Verification.objects.create(
        at=now,
        actor_name=actor.name[:100],
        milliseconds=milliseconds,
        records=report.records,
        unsealed=sum(log.unsealed for log in report.logs),
        unanchored=sum(log.unanchored for log in report.logs),
        anchors=report.anchor_count,
        is_sound=report.is_sound,
        first_bad_row=next((fault.row_id for fault in faults if fault.row_id is not None), None),
        problem=problem,
    )
    record(
        actor=actor,
        action="audit.record.verified",
        subject=SubjectRef("record", "all", "全部记录", None),
        after={"records": report.records, "is_sound": report.is_sound, "problem": problem},
        now=now,
    )


def verifications(*, limit: int = 20) -> tuple[VerificationView, ...]:
    """历次核验，新的在前。"""
    rows = Verification.objects.order_by("-id")[:limit]
    names = VerificationView.__slots__
    return tuple(VerificationView(**{name: getattr(row, name) for name in names}) for row in rows)


def last_seals() -> tuple[SealHeadView, ...]:
    """各本日志的最新封条。"""
    found = []
    for log in ("fact", "access"):
        seals = Seal.objects.filter(log=log)
        last = seals.order_by("-number").first()
        if last is not None:
            total = seals.aggregate(total=Sum("count"))["total"]
            found.append(SealHeadView(log, last.number, last.to_id, total, last.algorithm, last.value, last.sealed_at))
    return tuple(found)
