"""清单外行权的核实：定性，或在清单补齐后再次对照入库。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.performance.models import QuarantinedEvent, QuarantinedFile
from quanze.apps.performance.selectors.quarantine import quarantined_rows
from quanze.apps.performance.services.judging import judge
from quanze.base.audit import public as audit
from quanze.core.actor import EVERYTHING, Actor
from quanze.core.errors import Conflict, NotFound, NotPermitted, RulesNotMet, WrongState
from quanze.warehouse import public as warehouse

audit.register_action("performance.quarantine.decided", "核实清单外行权")
audit.register_action("performance.quarantine.rechecked", "再次对照清单")

JUDGES = frozenset({"establishment", "supervisor", "system"})
VERDICTS = ("pending", "confirmed", "to_be_listed")


@transaction.atomic
def quarantine_decide(
    *, actor: Actor, group_id: int, verdict: str, note: str, seen_version: int, now: datetime
) -> None:
    """核实一组：confirmed 核实为清单外行权，to_be_listed 依现行法律而尚未列入清单，pending 更正为待核实。"""
    if not actor.has(*JUDGES):
        raise NotPermitted("核实清单外行权须由编办或督查办理", hint="请由有此职责的同事办理。")
    row = quarantined_rows(scope=actor.scope).select_for_update(of=("self",)).filter(pk=group_id).first()
    if row is None:
        raise NotFound("没有这一组待核实数据", hint="请从待核实列表进入。")
    if row.lock_version != seen_version:
        raise Conflict("这一组刚被他人核实过", hint="请刷新页面查看最新内容。")
    if verdict not in VERDICTS or row.verdict == QuarantinedEvent.Verdict.RELEASED:
        raise WrongState("已核销的数据不能再核实", hint="如有误，请重新报送。")
    if not note.strip():
        raise RulesNotMet("核实须写明依据或经过", hint="请在核实说明中写明后再提交。", code="reason_required")
    before = {"verdict": row.verdict, "note": row.note}
    row.verdict, row.note = verdict, note.strip()[:500]
    row.decided_by_name, row.decided_at = actor.name, now
    row.lock_version += 1
    row.save()
    audit.record(
        actor=actor,
        action="performance.quarantine.decided",
        subject=audit.SubjectRef("performance.quarantine", row.pk, str(row), row.body_id),
        before=before,
        after={"verdict": row.verdict, "note": row.note},
        reason=row.note,
        now=now,
    )


@transaction.atomic
def quarantine_recheck(*, actor: Actor, now: datetime) -> int:
    """把待核实的原件按现在的清单再对照一遍，对得上的入库，返回入库行数。

    Run after a list was published or a body entered the directory. What still has no item stays as it was.
    """
    if not actor.has(*JUDGES):
        raise NotPermitted("再次对照须由编办或督查办理", hint="请由有此职责的同事办理。")
    accepted = 0
    for file in QuarantinedFile.objects.select_for_update().filter(is_open=True).order_by("id"):
        accepted += _recheck(file, actor, now)
    if accepted:
        transaction.on_commit(lambda: warehouse.refresh_marts(now=now), robust=True)
    return accepted


def _recheck(file: QuarantinedFile, actor: Actor, now: datetime) -> int:
    stored = warehouse.StoredFrame(file.path, file.digest, file.rows)
    frame = warehouse.load_frame(stored, file_name=file.run_import.file_name)
    judged = judge(frame, source=file.source, actor=_for_everyone(actor), on=localdate(now))
    if not judged.kept.rows:
        return 0
    key = f"recheck:{file.pk}:{now.isoformat()}"
    result = warehouse.append_events(judged.kept, source=file.source, key=key, actor_name=actor.name, now=now)
    still = {(g.item_code, g.body_code, g.month): g for g in judged.groups}
    _settle(file.groups.all(), still, actor, now)
    left = warehouse.store_frame(judged.held, now=now) if judged.held.rows else None
    file.is_open = left is not None
    if left is not None:
        file.path, file.digest, file.rows = left.path, left.digest, left.rows
    file.save()
    audit.record(
        actor=actor,
        action="performance.quarantine.rechecked",
        subject=audit.SubjectRef("performance.quarantined_file", file.pk, file.run_import.file_name, actor.body_id),
        after={"accepted": result.rows_accepted, "left": judged.held.rows, "batch": result.batch_id},
        now=now,
    )
    return result.rows_accepted


def _settle(
    groups: Iterable[QuarantinedEvent],
    still: dict[tuple[str, str, str], warehouse.ExcludedGroup],
    actor: Actor,
    now: datetime,
) -> None:
    """入了库的组核销，余下的改为剩余的数目。"""
    for group in groups:
        left = still.get((group.item_code, group.body_code, group.month))
        if left is None:
            group.verdict = QuarantinedEvent.Verdict.RELEASED
            group.decided_by_name, group.decided_at = actor.name, now
        elif (left.rows, left.reason) == (group.rows, group.reason):
            continue
        else:
            group.rows, group.cases, group.reason = left.rows, left.cases, left.reason
        group.lock_version += 1
        group.save()


def _for_everyone(actor: Actor) -> Actor:
    """原件报送时已查过范围；再次对照针对的是清单，不是报送人。"""
    return replace(actor, scope=EVERYTHING)
