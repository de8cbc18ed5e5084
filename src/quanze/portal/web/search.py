"""全局搜索：事项、单位、编号。Each capability answers for its own; here they are only put side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from quanze.apps.org import public as org
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


def _bodies(words: str, actor: Actor) -> HitGroup:
    found = [
        Hit(
            body.name, "", f"{org.BODY_KIND_LABELS.get(org.BodyKind(body.kind), '')} · {body.region_name} · {body.code}"
        )
        for body in org.bodies(on=timezone.localdate())
        if words in body.name or words in body.short_name or words == body.code
    ]
    return group_of("单位", "building", found[: PER_GROUP + 1])


SOURCES: list[Callable[[str, Actor], HitGroup]] = [_bodies]
