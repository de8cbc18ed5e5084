"""机构沿革的写入：设立时的样子，以及此后每次变更自哪天起改了什么。

Called by the services that write bodies, inside their transaction; they record the act, this keeps what the body was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from quanze.apps.org.domain.body_history import ATTRIBUTE_LABELS, last_stated
from quanze.apps.org.models import Body, BodyChange, BodyParent
from quanze.apps.org.selectors.body_history import statements_of
from quanze.core.actor import Actor
from quanze.core.errors import ErrorPlace, InvalidInput


def _first_values(row: Body, parent_id: int | None) -> dict[str, Any]:
    values = {key: getattr(row, key) for key in ("name", "short_name", "kind", "region_id", "document_mark")}
    return values | {"parent_id": parent_id, "valid_to": row.valid_to.isoformat() if row.valid_to else None}


def bodies_begun(rows: Iterable[Body], *, parents: Mapping[int, int], actor: Actor, now: datetime | None) -> None:
    """写下各机构设立时的样子。``parents`` maps body to parent; ``now`` is None for what stood there before."""
    BodyChange.objects.bulk_create(
        BodyChange(
            body=row,
            valid_from=row.valid_from,
            values=_first_values(row, parents.get(row.pk)),
            recorded_at=now,
            recorded_by_id=actor.user_id,
        )
        for row in rows
    )


def ensure_begun(row: Body, actor: Actor) -> None:
    """还没有沿革的机构，先按改动之前的样子写下一行。A body written by another door is then no gap."""
    if BodyChange.objects.filter(body=row).exists():
        return
    edge = BodyParent.objects.filter(body=row, valid_to__isnull=True).first()
    bodies_begun([row], parents={row.pk: edge.parent_id} if edge else {}, actor=actor, now=None)


def require_day(row: Body, attributes: Iterable[str], *, on: date, latest: date | None) -> None:
    """生效日期须在设立之后、这几项最近一次变更之后；``latest`` 给出时不晚于该日。

    Raises InvalidInput ``body_change_day``: a change under a later one would be overruled unseen.
    """
    place = ErrorPlace(field="on")
    if on < row.valid_from:
        raise InvalidInput(
            f"生效日期早于机构设立日期（{row.valid_from.isoformat()}）", hint="请改正日期。", code="body_change_day",
            place=place,
        )  # fmt: skip
    if latest is not None and on > latest:
        raise InvalidInput("生效日期不能晚于今天", hint="请到生效那天再办。", code="body_change_day", place=place)
    last = last_stated(statements_of([row.pk]).get(row.pk, ()), attributes)
    if last is not None and on < last[0]:
        raise InvalidInput(
            f"{ATTRIBUTE_LABELS[last[1]]}自 {last[0].isoformat()} 起已有变更，生效日期不能早于该日",
            hint="更正那次变更的，请填该日。", code="body_change_day", place=place,
        )  # fmt: skip


def body_stated(row: Body, values: Mapping[str, Any], *, on: date, reason: str, actor: Actor, now: datetime) -> None:
    """写下一次变更。"""
    BodyChange.objects.create(
        body=row, valid_from=on, values=dict(values), reason=reason, recorded_at=now, recorded_by_id=actor.user_id
    )
