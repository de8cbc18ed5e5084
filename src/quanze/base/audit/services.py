"""写入记录。The only functions that insert facts and access records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import connection, transaction
from django.utils import timezone

from quanze.base.audit.actions import require_action
from quanze.base.audit.flooding import Flood
from quanze.base.audit.logs import FACTS
from quanze.base.audit.models import AccessRecord
from quanze.core.actor import Actor
from quanze.core.door import Door, current_door, through_door
from quanze.core.sealing import canonical_json
from quanze.core.subject import SubjectRef

Outcome = Literal["refused", "failed", "read", "exported", "signed_in", "signed_out"]


@dataclass(frozen=True, slots=True)
class Change:
    """一条变更：客体与前后内容，供批量记录。"""

    subject: SubjectRef
    before: Any = None
    after: Any = None
    reason: str = ""


def record(
    *,
    actor: Actor,
    action: str,
    subject: SubjectRef,
    before: Any = None,
    after: Any = None,
    reason: str = "",
    versions: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """记一条事实。Must run inside the transaction of the change itself, so that both stand or fall together.

    ``before`` and ``after`` hold str, int, bool, None, Decimal, date, datetime, lists and dicts of them; no floats.
    ``versions`` names what the decision rested on: rule packs, procedures, dated parameters, calendars in force.
    """
    record_many(
        actor=actor, action=action, changes=(Change(subject, before, after, reason),), versions=versions, now=now
    )


def record_many(
    *,
    actor: Actor,
    action: str,
    changes: Iterable[Change],
    versions: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """批量记事实：同一行为人、同一动作、多个客体。"""
    require_action(action)
    if not connection.in_atomic_block:
        raise RuntimeError("记录必须与变更在同一事务中写入：请在 transaction.atomic 内调用 audit.record")
    door = current_door()
    common = {
        **_actor_columns(actor),
        "at": _moment(now),
        "recorded_at": _moment(timezone.now()),
        "action": action,
        "versions": _content(versions or None),
        **_door_columns(door),
    }
    rows = [
        {
            **common,
            "subject_kind": change.subject.kind,
            "subject_id": str(change.subject.id),
            "subject_label": change.subject.label[:500],
            "body_id": change.subject.body_id,
            "before": _content(change.before),
            "after": _content(change.after),
            "reason": change.reason,
        }
        for change in changes
    ]
    # Past the ORM, which would write a batch of rows with twenty columns in dozens of statements.
    columns = FACTS.columns[1:]
    named, places = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {FACTS.table} ({named}) VALUES ({places})",
            [tuple(row[name] for name in columns) for row in rows],
        )


def _moment(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


@transaction.atomic
def access(
    *,
    actor: Actor,
    action: str,
    outcome: Outcome,
    subject_label: str = "",
    body_id: int | None = None,
    detail: str = "",
    repeats: int = 1,
    now: datetime,
) -> None:
    """记一条访问：拒绝、敏感查阅、导出。Called by doors after the service has rolled back, never inside a service."""
    door = current_door()
    AccessRecord.objects.create(
        **_actor_columns(actor),
        at=now,
        recorded_at=timezone.now(),
        action=action[:200],
        outcome=outcome,
        subject_label=subject_label[:500],
        body_id=body_id,
        detail=detail,
        repeats=repeats,
        **_door_columns(door),
    )


@dataclass(frozen=True, slots=True)
class _Attempt:
    """一次未成的尝试，等着写或并入次数。"""

    actor: Actor
    action: str
    outcome: Outcome
    subject_label: str
    body_id: int | None
    detail: str
    door: Door


_flood: Flood[_Attempt] = Flood()


def access_refused(
    *,
    actor: Actor,
    action: str,
    outcome: Outcome = "refused",
    subject_label: str = "",
    body_id: int | None = None,
    detail: str = "",
    now: datetime,
) -> None:
    """记一次被拒或未成：同一来源一分钟内前 20 次逐条，其后合并成带次数的一条。Called by doors after the rollback."""
    attempt = _Attempt(actor, action, outcome, subject_label, body_id, detail, current_door())
    source = (actor.user_id, attempt.door.client_address, action, outcome)
    for row, repeats in _flood.take(source, attempt, now):
        door = row.door
        with through_door(door.source, door.request_id, door.client_address):
            access(
                actor=row.actor,
                action=row.action,
                outcome=row.outcome,
                subject_label=row.subject_label,
                body_id=row.body_id,
                detail=row.detail,
                repeats=repeats,
                now=now,
            )


def _actor_columns(actor: Actor) -> dict[str, Any]:
    return {
        "actor_user_id": actor.user_id,
        "actor_name": actor.name[:100],
        "actor_body_id": actor.body_id,
        "actor_body_name": actor.body_name[:200],
        "actor_post": actor.post[:100],
        "actor_roles": ",".join(sorted(actor.roles))[:400],
        "on_behalf_of": actor.on_behalf_of[:200],
    }


def _door_columns(door: Door) -> dict[str, Any]:
    return {"source": door.source, "request_id": door.request_id, "client_address": door.client_address}


def _content(value: Any) -> str:
    return "" if value is None else canonical_json(value).decode()
