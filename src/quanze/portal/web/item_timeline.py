"""事项的全过程：各能力所知的每一件事合成一页，可看截至某日、按某日所知、某一种的。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from quanze.apps.adjustment import public as adjustment
from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.base.web import subjects
from quanze.base.web.access import signed_in
from quanze.base.web.dates import end_of_day
from quanze.base.web.filters import ChoiceFilter, DayFilter, FilterBar
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table
from quanze.core.actor import Actor

READERS = tuple(role for role in org.ROLE_LABELS if role in org.CONTENT_ROLES)
Source = Callable[[int, Actor, date], list[catalog.ItemEvent]]

SOURCES: tuple[Source, ...] = (
    lambda item_id, actor, on: catalog.item_events(item_id=item_id, scope=actor.scope),
    lambda item_id, actor, on: adjustment.item_events(item_id=item_id, scope=actor.scope, on=on),
)


class TimelineFilters(FilterBar):
    kind = ChoiceFilter("种类", choices=list(catalog.EVENT_KINDS.items()))
    on = DayFilter("截至哪天生效的")
    known = DayFilter("按哪天所知")


@dataclass(frozen=True, slots=True)
class Line:
    """一行。"""

    order: int
    event: catalog.ItemEvent
    url: str


COLUMNS = (
    Column("event__at", "时间", kind="time", is_fixed=True),
    Column("event__kind_label", "种类"),
    Column("event__label", "经过", href=lambda line: line.url, clamp=True, is_fixed=True, width="20em"),
    Column("event__note", "说明", clamp=True, width="16em"),
    Column("event__who", "谁"),
    Column("event__on", "自何日起算", kind="date"),
)


@signed_in(*READERS)
def item_timeline(request: HttpRequest, item_id: int) -> HttpResponse:
    """一个事项的全过程。"""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    # The first source knows whether there is such an item for this person; a foreign one answers like an absent one.
    events = [event for source in SOURCES for event in source(item_id, actor, timezone.localdate())]
    brief = catalog.item_briefs([item_id], scope=actor.scope)[item_id]
    bar = TimelineFilters(request.GET)
    asked: Any = bar.values
    known_at = end_of_day(asked["known"]) if asked["known"] else None
    shown = catalog.events_seen(events, on=asked["on"], known_at=known_at, kind=asked["kind"] or "")
    lines = [Line(order, event, _url(event, item_id)) for order, event in enumerate(shown)]
    table = Table("timeline", COLUMNS, request=request, title=f"{brief.name}全过程", row_id=lambda line: line.order)
    if table.wants_export:
        return table.export(lines, filters=bar)
    context = {
        "brief": brief,
        "bar": bar,
        "table": table,
        "page": page_of(lines, request, order=("order",)),
        "total": len(events),
        "shown": len(lines),
    }
    return render(request, "item_timeline.html", context)


def _url(event: catalog.ItemEvent, item_id: int) -> str:
    if not event.subject_kind or (event.subject_kind, event.subject_id) == ("catalog.item", item_id):
        return ""
    return subjects.url_of(event.subject_kind, event.subject_id)
