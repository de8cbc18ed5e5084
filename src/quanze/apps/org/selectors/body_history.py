"""机构沿革的读取：某日（按某日所知）各机构的样子，一个机构的历次变更。Names of bodies are open to the signed-in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from quanze.apps.org.domain import BODY_KIND_LABELS, BodyKind
from quanze.apps.org.domain.body_history import Statement, Told, state_on, told
from quanze.apps.org.models import Body, BodyChange, Region
from quanze.apps.org.selectors.directory import BodyView, bodies_by_ids
from quanze.apps.org.selectors.people import require_keeper
from quanze.core.actor import Actor


def statements_of(body_ids: Iterable[int]) -> dict[int, list[Statement]]:
    """各机构历次变更所说，一次查询。"""
    found: dict[int, list[Statement]] = {}
    for row in BodyChange.objects.filter(body_id__in=list(body_ids)):
        found.setdefault(row.body_id, []).append(Statement(row.pk, row.valid_from, row.recorded_at, row.values))
    return found


def bodies_on(body_ids: Iterable[int], *, on: date, known: datetime | None = None) -> dict[int, BodyView]:
    """各机构某日（按某一刻所知）的样子；那时还没有记录的不在其中。Three queries whatever the number."""
    ids = list(body_ids)
    views, statements = bodies_by_ids(ids), statements_of(ids)
    # A body nothing was ever said about is as it stands.
    states = {pk: state_on(statements[pk], on=on, known=known) if pk in statements else {} for pk in views}
    wanted = {state["region_id"] for state in states.values() if state and "region_id" in state}
    regions = Region.objects.in_bulk(wanted)
    return {pk: _shown(views[pk], state, regions) for pk, state in states.items() if state is not None}


def body_name_on(body_id: int, *, on: date, known: datetime | None = None) -> str:
    """机构某日（按某一刻所知）的名称；那时还没有记录的，为最早所记的名称。"""
    found = bodies_on([body_id], on=on, known=known).get(body_id)
    return (found or bodies_on([body_id], on=date.min)[body_id]).name


def body_names_on(body_id: int, days: Iterable[date]) -> dict[date, str]:
    """机构各日的名称，一并取得。"""
    view, statements = bodies_by_ids([body_id])[body_id], statements_of([body_id]).get(body_id, ())
    return {day: (state_on(statements, on=day) or {}).get("name", view.name) for day in days}


def _shown(view: BodyView, state: dict[str, Any], regions: dict[int, Region]) -> BodyView:
    if not state:
        return view
    region = regions[state["region_id"]]
    return replace(
        view,
        name=state["name"],
        short_name=state["short_name"],
        kind=state["kind"],
        document_mark=state["document_mark"],
        region_id=region.pk,
        region_code=region.code,
        region_name=region.name,
        region_level=region.level,
        valid_to=date.fromisoformat(state["valid_to"]) if state["valid_to"] else None,
    )


def parent_on(body_id: int, *, on: date, known: datetime | None = None) -> BodyView | None:
    """机构某日（按某一刻所知）的上级，名称也是那天的；没有为 None。"""
    state = state_on(statements_of([body_id]).get(body_id, ()), on=on, known=known) or {}
    parent_id = state.get("parent_id")
    return bodies_on([parent_id], on=on, known=known).get(parent_id) if parent_id else None


@dataclass(frozen=True, slots=True)
class ShownPiece:
    """沿革一行里的一项，已成文字。"""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class BodyEvent:
    """沿革的一行：自哪天起、是否设立、改了什么、理由、谁在何时记录。"""

    on: date
    is_first: bool
    pieces: Sequence[ShownPiece]
    reason: str
    recorded_at: datetime | None
    recorded_by: str


def body_events(*, actor: Actor, body_id: int) -> list[BodyEvent]:
    """一个机构的沿革，新者在前。"""
    require_keeper(actor)
    rows = {row.pk: row for row in BodyChange.objects.filter(body_id=body_id).select_related("recorded_by")}
    statements = [Statement(row.pk, row.valid_from, row.recorded_at, row.values) for row in rows.values()]
    lines = told(statements)
    pieces = [piece for _, each in lines for piece in each]
    words = _Words(pieces)
    return [
        BodyEvent(
            on=one.on,
            is_first=number == 0,
            pieces=[
                ShownPiece(piece.label, words.of(piece.key, piece.before), words.of(piece.key, piece.after))
                for piece in each
                if number or piece.after
            ],
            reason=rows[one.id].reason,
            recorded_at=one.recorded_at,
            recorded_by=getattr(rows[one.id].recorded_by, "full_name", ""),
        )
        for number, (one, each) in enumerate(lines)
    ][::-1]


class _Words:
    """各项的文字：编号换成名称，一类一次查询。"""

    def __init__(self, pieces: Iterable[Told]) -> None:
        ids: dict[str, set[int]] = {"region_id": set(), "parent_id": set()}
        for piece in pieces:
            if piece.key in ids:
                ids[piece.key] |= {each for each in (piece.before, piece.after) if each}
        self._names = {
            "region_id": dict(Region.objects.filter(pk__in=ids["region_id"]).values_list("pk", "name")),
            "parent_id": dict(Body.objects.filter(pk__in=ids["parent_id"]).values_list("pk", "name")),
        }

    def of(self, key: str, value: Any) -> str:
        if value in (None, ""):
            return "（无）"
        if key in self._names:
            return self._names[key].get(value, "（无）")
        return BODY_KIND_LABELS[BodyKind(value)] if key == "kind" else str(value)
