"""三定对应的读取：一份清单的对应与核对，一个事项的对应，失去了条文的清单。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from quanze.apps.catalog.domain.mandate_coverage import Link, LinkedItem, MandateCoverage, Piece, coverage
from quanze.apps.catalog.models import ItemVersion, MandateLink
from quanze.apps.catalog.selectors.lists import _scoped, list_view, working_or_in_force
from quanze.apps.org import public as org
from quanze.core.actor import Actor, Scope


@dataclass(frozen=True, slots=True)
class ListCoverage:
    """一份清单的核对：三定（没有的为 None）、可对应的各条、结果。"""

    mandate: org.MandateView | None
    pieces: tuple[Piece, ...]
    result: MandateCoverage


def pieces_of(mandate: org.MandateView | None) -> tuple[Piece, ...]:
    """三定里可对应的各条。"""
    if mandate is None:
        return ()
    return tuple(Piece(one.kind, one.key, one.label, one.text) for one in (*mandate.duties, *mandate.division_duties))


def list_coverage(*, list_id: int, scope: Scope, on: date) -> ListCoverage:
    """一份清单各主项（在编优先）与机构某日三定的对应。A fixed number of queries."""
    view = list_view(list_id=list_id, scope=scope, on=on)
    mandate = org.mandate_on(body_id=view.body_id, scope=scope, on=on)
    rows = ItemVersion.objects.filter(
        working_or_in_force(on), item__power_list_id=list_id, item__parent__isnull=True
    ).order_by("item__ordinal", "item_id")
    items = [LinkedItem(*values) for values in rows.values_list("item_id", "name", "lead_division")]
    pieces = pieces_of(mandate)
    return ListCoverage(mandate, pieces, coverage(items, pieces, links_of(list_id=list_id, scope=scope, on=on)))


def links_of(*, list_id: int, scope: Scope, on: date, item_id: int | None = None) -> list[Link]:
    """某日有效的对应。"""
    rows = MandateLink.objects.filter(
        _scoped(scope, "item__power_list__body_id"), item__power_list_id=list_id, valid_from__lte=on
    ).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    if item_id is not None:
        rows = rows.filter(item_id=item_id)
    return [Link(*values) for values in rows.values_list("id", "item_id", "kind", "key", "label", "text")]


def history_of(*, item_id: int, scope: Scope) -> list[MandateLink]:
    """一个事项的全部对应，新者在前。"""
    rows = MandateLink.objects.filter(_scoped(scope, "item__power_list__body_id"), item_id=item_id)
    return list(rows.order_by("-id"))


def orphaned(actor: Actor) -> QuerySet[MandateLink]:
    """本机构失去了条文的对应：条款身份不在现行三定之中。"""
    clauses, duties = org.mandate_keys(actor.body_id or 0)
    rows = MandateLink.objects.filter(item__power_list__body_id=actor.body_id or 0, ended_at__isnull=True)
    return rows.exclude(key__in=clauses).exclude(key__in=duties)


def orphaned_lists(actor: Actor) -> QuerySet[Any, Any]:
    """有失去了条文的对应的清单，一份一行。"""
    return orphaned(actor).values("item__power_list_id").distinct()
