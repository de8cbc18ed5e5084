"""全局搜索：事项、单位、编号。Each capability answers for its own; here they are only put side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.base.web import badges, subjects
from quanze.base.web.access import signed_in
from quanze.core.actor import Actor

PER_GROUP = 20


@dataclass(frozen=True, slots=True)
class Hit:
    """一条结果：标题、地址、说明。"""

    title: str
    url: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class HitGroup:
    """一组结果；``has_more`` 表示还有更多没有列出。"""

    label: str
    icon: str
    hits: tuple[Hit, ...]
    has_more: bool


@signed_in
def search(request: HttpRequest) -> HttpResponse:
    """搜索结果页。"""
    words = request.GET.get("q", "").strip()[:100]
    groups = [group for source in SOURCES if (group := source(words, request.actor)).hits] if words else []  # type: ignore[attr-defined]
    return render(request, "search.html", {"words": words, "groups": groups})


def group_of(label: str, icon: str, hits: list[Hit]) -> HitGroup:
    """多取一条以知道是否还有。"""
    return HitGroup(label, icon, tuple(hits[:PER_GROUP]), len(hits) > PER_GROUP)


def _items(words: str, actor: Actor) -> HitGroup:
    found = [
        Hit(row.name, subjects.url_of("catalog.item", row.item_id), " · ".join(filter(None, _item_notes(row))))
        for row in catalog.search_items(words, scope=actor.scope, on=timezone.localdate(), limit=PER_GROUP + 1)
    ]
    return group_of("事项", "list-details", found)


def _item_notes(row: catalog.ItemRow) -> tuple[str, ...]:
    label = catalog.power_types().label(row.power_type)
    state = "" if row.state == "published" else badges.badge_of("catalog.version", row.state).label
    return (label, row.exercising_body, row.lead_division, row.power_code or row.code, state)


def _bodies(words: str, actor: Actor) -> HitGroup:
    found = [
        Hit(
            body.name, "", f"{org.BODY_KIND_LABELS.get(org.BodyKind(body.kind), '')} · {body.region_name} · {body.code}"
        )
        for body in org.bodies(on=timezone.localdate())
        if words in body.name or words in body.short_name or words == body.code
    ]
    return group_of("单位", "building", found[: PER_GROUP + 1])


def _list_address(body_id: int, actor: Actor) -> str:
    """单位的清单；看不见的不给链接。"""
    if not actor.scope.covers(body_id):
        return ""
    found = catalog.lists(scope=actor.scope, on=timezone.localdate(), body_ids=[body_id])
    own = next((one for one in found if not one.is_base), None)
    return subjects.url_of("catalog.list", own.id) if own else ""


SOURCES: list[Callable[[str, Actor], HitGroup]] = [_items, _bodies]
