"""不公开标记的读取：本范围的标记、待审定与待复核的。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from quanze.apps.catalog.domain.nondisclosure import NONDISCLOSURE_FLOW
from quanze.apps.catalog.models import ItemVersion, NonDisclosure
from quanze.apps.catalog.selectors.lists import _scoped
from quanze.apps.catalog.selectors.nondisclosure_grounds import grounds
from quanze.core.actor import Actor, Scope
from quanze.core.errors import NotFound

# A town has nobody above its drafter in the system: there the establishment office decides.
WITHOUT_HEADS = ("town", "subdistrict")


def seen_by(scope: Scope) -> Q:
    """范围之内的标记。"""
    return _scoped(scope, "item__power_list__body_id")


@dataclass(frozen=True, slots=True)
class NonDisclosureView:
    """一个不公开标记。"""

    id: int
    item_id: int
    item_code: str
    item_name: str
    list_id: int
    body_id: int
    body_name: str
    state: str
    ground: str
    ground_label: str
    legal_basis: str
    reason: str
    proposed_by_id: int | None
    proposed_by_name: str
    proposed_at: datetime
    due_on: date
    due_is_projected: bool
    decided_by_name: str
    decided_at: datetime | None
    decision_note: str
    review_on: date | None
    lifted_by_name: str
    lifted_at: datetime | None
    lift_reason: str
    lock_version: int

    @property
    def state_label(self) -> str:
        return NONDISCLOSURE_FLOW.states[self.state]


def _views(rows: QuerySet[NonDisclosure]) -> list[NonDisclosureView]:
    newest = ItemVersion.objects.filter(item=OuterRef("item")).exclude(state="discarded").order_by("-id")
    named = rows.annotate(item_name=Subquery(newest.values("name")[:1])).select_related("item__power_list__body")
    return [
        NonDisclosureView(
            id=row.pk,
            item_id=row.item_id,
            item_code=row.item.code,
            item_name=row.item_name or row.item.code,
            list_id=row.item.power_list_id,
            body_id=row.item.power_list.body_id,
            body_name=row.item.power_list.body.name,
            state=row.state,
            ground=row.ground,
            ground_label=grounds().label(row.ground),
            legal_basis=row.legal_basis,
            reason=row.reason,
            proposed_by_id=row.proposed_by_id,
            proposed_by_name=row.proposed_by_name,
            proposed_at=row.proposed_at,
            due_on=row.due_on,
            due_is_projected=row.due_is_projected,
            decided_by_name=row.decided_by_name,
            decided_at=row.decided_at,
            decision_note=row.decision_note,
            review_on=row.review_on,
            lifted_by_name=row.lifted_by_name,
            lifted_at=row.lifted_at,
            lift_reason=row.lift_reason,
            lock_version=row.lock_version,
        )
        for row in named
    ]


def name_of(row: NonDisclosure) -> str:
    """事项的名称，取最近的一版；还没有内容的取标识。"""
    names = ItemVersion.objects.filter(item_id=row.item_id).exclude(state="discarded").order_by("-id")
    return names.values_list("name", flat=True).first() or row.item.code


def nondisclosures(*, scope: Scope, state: str = "", ground: str = "", text: str = "") -> list[NonDisclosureView]:
    """本范围的标记：待审定的在前，其余新者在前。Two queries whatever the number."""
    rows = NonDisclosure.objects.filter(seen_by(scope))
    if state:
        rows = rows.filter(state=state)
    if ground:
        rows = rows.filter(ground=ground)
    if text:
        rows = rows.filter(
            Q(item__versions__name__icontains=text)
            | Q(item__code=text)
            | Q(item__power_list__body__name__icontains=text)
            | Q(reason__icontains=text)
        ).distinct()
    order = {"proposed": 0, "active": 1}
    found = _views(rows.order_by("-id")[:2000])
    return sorted(found, key=lambda one: (order.get(one.state, 2), -one.id))


def nondisclosure(*, nondisclosure_id: int, scope: Scope) -> NonDisclosureView:
    """一个标记；看不见的答为没有。"""
    found = _views(NonDisclosure.objects.filter(seen_by(scope), pk=nondisclosure_id))
    if not found:
        raise NotFound("没有这个不公开标记", hint="请从“不公开事项”中打开。")
    return found[0]


def marks_of_item(*, item_id: int, scope: Scope) -> list[NonDisclosureView]:
    """一个事项的全部标记，新者在前。"""
    return _views(NonDisclosure.objects.filter(seen_by(scope), item_id=item_id).order_by("-id"))


def open_marks(*, item_ids: Iterable[int], scope: Scope) -> dict[int, str]:
    """事项编号 → 待审定或有效的标记的状态；没有的不在其中。"""
    rows = NonDisclosure.objects.filter(seen_by(scope), item_id__in=list(item_ids), state__in=("proposed", "active"))
    return dict(rows.values_list("item_id", "state"))


def _waiting(actor: Actor, today: date) -> QuerySet[NonDisclosure]:
    """待此人审定的申请与到期待复核的标记。"""
    decides = Q(pk__in=[])
    if actor.body_id is not None and actor.has("head", "deputy_head"):
        decides |= Q(item__power_list__body_id=actor.body_id)
    if actor.has("establishment"):
        decides |= seen_by(actor.scope) & Q(item__power_list__body__kind__in=WITHOUT_HEADS)
    due = Q(state="proposed") | Q(state="active", review_on__lte=today)
    own = Q(state="proposed", proposed_by_id__in=actor.person_ids)
    return NonDisclosure.objects.filter(decides & due).exclude(own)


def waiting_for(actor: Actor, today: date) -> list[NonDisclosureView]:
    """待此人办理的标记，近期限者在前。"""
    return _views(_waiting(actor, today).order_by(F("review_on").asc(nulls_first=True), "due_on", "id"))


def waiting_rows(actor: Actor, today: date) -> QuerySet[Any, Any]:
    """待此人办理的，一件一行。"""
    return _waiting(actor, today).values("pk")
