"""审查人的一次办理：有检查发现的事项须逐项表态，纸质签批的扫描件一并收存。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO

from django.db import transaction

from quanze.apps.catalog.models import SubmissionItem
from quanze.apps.catalog.selectors import submissions as selectors
from quanze.apps.catalog.services.submitting import require_seen, submission_decide
from quanze.apps.workflow import public as workflow
from quanze.base.files import public as files
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput

PAPER_PURPOSE = "catalog.paper"


@dataclass(frozen=True, slots=True)
class PaperScan:
    """纸质签批：签批人、日期、扫描件（文件名与内容）。"""

    signed_by: str
    signed_on: date
    name: str
    data: bytes | BinaryIO


@transaction.atomic
def submission_review(
    *,
    actor: Actor,
    submission_id: int,
    seen_version: int,
    verb: str,
    opinion: str = "",
    item_opinions: Mapping[int, workflow.ItemOpinion] | None = None,
    details: Mapping[str, str] | None = None,
    scan: PaperScan | None = None,
    now: datetime,
) -> workflow.StepOutcome:
    """办理当前步骤。整批同意只限没有检查发现的事项；据纸质签批登记的，扫描件同一事务收存。"""
    given = dict(item_opinions or {})
    if verb == "pass":
        _require_attended(submission_id, actor, given, seen_version)
    paper = None
    if scan is not None:
        stored = files.store(
            data=scan.data, name=scan.name, body_id=actor.body_id, actor=actor, purpose=PAPER_PURPOSE, now=now
        )
        paper = workflow.PaperDecision(scan.signed_by, scan.signed_on, stored.id)
    return submission_decide(
        actor=actor,
        submission_id=submission_id,
        seen_version=seen_version,
        verb=verb,
        opinion=opinion,
        item_opinions=given,
        details=details,
        paper=paper,
        now=now,
    )


def _require_attended(
    submission_id: int, actor: Actor, given: Mapping[int, workflow.ItemOpinion], seen_version: int
) -> None:
    """审查步骤通过时，有检查发现的事项都表了态。Signing, meeting and issuing decide on the whole."""
    case = workflow.case_by_subject(subject_kind=selectors.SUBJECT_KIND, subject_id=submission_id, actor=actor)
    require_seen(case, seen_version)
    if case is None or case.current is None or case.current.kind != "review":
        return
    if actor.body_id != case.current.assignee_body_id or case.current.role not in actor.roles:
        return  # somebody who may only look: the decision itself refuses him, without a word about findings
    in_view = set(case.current.opinions)
    marked = SubmissionItem.objects.filter(pk__in=in_view, finding_count__gt=0).values_list("pk", flat=True)
    silent = [pk for pk in marked if pk not in given or not given[pk].verdict]
    if silent:
        raise InvalidInput(
            f"有 {len(silent)} 项有检查发现而没有表态",
            hint="整批同意只限没有发现的事项，有发现的请逐项看过再表态。",
            code="findings_unattended",
        )
