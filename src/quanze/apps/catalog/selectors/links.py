"""办事指南链接的读取：要核查的网址、核查结果、打不开的事项。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from quanze.apps.catalog.domain.base_lists import POWER_LIST
from quanze.apps.catalog.models import ItemVersion, LinkCheck
from quanze.apps.catalog.selectors.lists import _scoped, in_force
from quanze.base.links.public import DEAD, NOT_ASKED, OUTCOMES
from quanze.core.actor import Actor, Scope

# What people do about a dead link: the body corrects it or asks the portal.
TELLS = ("publisher", "drafter")


@dataclass(frozen=True, slots=True)
class LinkView:
    """一个网址的核查结果。"""

    url: str
    outcome: str
    status: int | None
    detail: str
    is_dead: bool
    dead_since: datetime | None
    checked_at: datetime

    @property
    def label(self) -> str:
        return OUTCOMES[self.outcome]


def linked(on: date) -> QuerySet[ItemVersion]:
    """某日现行、写了办事指南网址的事项。"""
    return ItemVersion.objects.filter(in_force(on), item__power_list__list_type=POWER_LIST).exclude(guide_url="")


def urls_to_check(on: date) -> list[str]:
    """要核查的网址，不重复，按字母次序。"""
    return list(linked(on).values_list("guide_url", flat=True).distinct().order_by("guide_url"))


def link_rows(*, scope: Scope, on: date, state: str = "") -> QuerySet[Any]:
    """范围之内有网址的事项，各带最近一次核查的结果（没有核查过的为空）。One query.

    ``state``: ``dead`` 打不开 | ``ok`` 可以打开 | ``unasked`` 不在核查范围 | ``unchecked`` 还没有核查 | empty for all.
    """
    found = LinkCheck.objects.filter(url=OuterRef("guide_url"))
    names = ("outcome", "status", "detail", "dead_since", "checked_at")
    rows: QuerySet[Any] = (
        linked(on)
        .filter(_scoped(scope, "item__power_list__body_id"))
        .annotate(**{name: Subquery(found.values(name)[:1]) for name in names})
        .select_related("item__power_list__body")
    )
    wanted = {"dead": DEAD, "unasked": NOT_ASKED, "ok": OUTCOMES.keys() - DEAD - NOT_ASKED}
    if state in wanted:
        return rows.filter(outcome__in=wanted[state])
    return rows.filter(outcome__isnull=True) if state == "unchecked" else rows


def counts_of(*, scope: Scope, on: date) -> tuple[int, int, int]:
    """有网址的事项数，其中核查过的、打不开的。"""
    rows = linked(on).filter(_scoped(scope, "item__power_list__body_id"))
    checked = LinkCheck.objects.filter(url=OuterRef("guide_url"))
    return (
        rows.count(),
        rows.filter(Exists(checked)).count(),
        rows.filter(Exists(checked.filter(is_dead=True))).count(),
    )


def link_of(url: str) -> LinkView | None:
    """一个网址的核查结果；没有核查过的为 None。"""
    row = LinkCheck.objects.filter(url=url).first()
    if row is None:
        return None
    return LinkView(row.url, row.outcome, row.status, row.detail, row.is_dead, row.dead_since, row.checked_at)


def _dead(actor: Actor, today: date) -> QuerySet[ItemVersion]:
    # Switched off, what was found before is old news; the desk does not ask for it on every page.
    if actor.body_id is None or not actor.has(*TELLS) or not settings.QUANZE_LINK_CHECK_HOSTS:
        return ItemVersion.objects.none()
    dead = LinkCheck.objects.filter(url=OuterRef("guide_url"), is_dead=True)
    return linked(today).filter(Exists(dead), item__power_list__body_id=actor.body_id)


@dataclass(frozen=True, slots=True)
class DeadLink:
    """一个打不开的链接：事项、机构、网址、结果、自何时。"""

    item_id: int
    item_name: str
    body_name: str
    url: str
    label: str
    dead_since: datetime


def dead_links(actor: Actor, today: date) -> list[DeadLink]:
    """本机构打不开的链接，久的在前。"""
    found = LinkCheck.objects.filter(url=OuterRef("guide_url"))
    rows = _dead(actor, today).annotate(
        since=Subquery(found.values("dead_since")[:1]), outcome=Subquery(found.values("outcome")[:1])
    )
    rows = rows.select_related("item__power_list__body").order_by(F("since"), "item_id")
    return [
        DeadLink(row.item_id, row.name, row.item.power_list.body.name, row.guide_url, OUTCOMES[row.outcome], row.since)
        for row in rows
    ]


def dead_rows(actor: Actor, today: date) -> QuerySet[Any, Any]:
    """本机构打不开的链接，一项一行。"""
    return _dead(actor, today).values("pk")
