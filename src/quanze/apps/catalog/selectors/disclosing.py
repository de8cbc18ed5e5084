"""公开渠道的读取：各渠道办到哪一步、哪些逾期、覆盖多少，手册发到了哪里。"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from quanze.apps.catalog.domain.base_lists import POWER_LIST
from quanze.apps.catalog.domain.channels import DISCLOSURE_FLOW, coverage
from quanze.apps.catalog.models import DisclosureTask, HandbookDelivery, ListEdition
from quanze.core.actor import Actor, Scope
from quanze.core.errors import NotFound


def seen_by(scope: Scope) -> Q:
    """范围之内的任务。"""
    return Q() if scope.is_all else Q(edition__power_list__body_id__in=scope.body_ids)


def edition_seen_by(scope: Scope) -> Q:
    """范围之内的版次。"""
    return Q() if scope.is_all else Q(power_list__body_id__in=scope.body_ids)


@dataclass(frozen=True, slots=True)
class TaskView:
    """一项渠道任务。"""

    id: int
    edition_id: int
    edition_number: int
    list_id: int
    body_id: int
    body_name: str
    channel: str
    label: str
    state: str
    due_on: date
    due_is_projected: bool
    digest: str
    done_on: date | None
    url: str
    place: str
    receipt_file_id: int | None
    note: str
    reported_by_name: str
    opened_at: datetime
    lock_version: int

    @property
    def state_label(self) -> str:
        return DISCLOSURE_FLOW.states[self.state]


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """一处手册发放。"""

    place: str
    copies: int
    delivered_on: date
    recorded_by_name: str


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """一份清单最新一版的渠道情况：各渠道的任务、覆盖率（没有应公开的为 None）、逾期数。"""

    list_id: int
    body_id: int
    body_name: str
    region_name: str
    edition_number: int
    valid_from: date
    tasks: dict[str, TaskView]
    percent: int | None
    late: int


def _views(rows: QuerySet[DisclosureTask]) -> list[TaskView]:
    return [
        TaskView(
            id=row.pk,
            edition_id=row.edition_id,
            edition_number=row.edition.number,
            list_id=row.edition.power_list_id,
            body_id=row.edition.power_list.body_id,
            body_name=row.edition.power_list.body.name,
            channel=row.channel,
            label=row.channel_label,
            state=row.state,
            due_on=row.due_on,
            due_is_projected=row.due_is_projected,
            digest=row.digest,
            done_on=row.done_on,
            url=row.url,
            place=row.place,
            receipt_file_id=row.receipt_file_id,
            note=row.note,
            reported_by_name=row.reported_by_name,
            opened_at=row.opened_at,
            lock_version=row.lock_version,
        )
        for row in rows.select_related("edition__power_list__body")
    ]


def tasks_of(*, edition_id: int, scope: Scope) -> list[TaskView]:
    """一版的各渠道任务，按渠道表的次序。"""
    return _views(DisclosureTask.objects.filter(seen_by(scope), edition_id=edition_id))


def task(*, task_id: int, scope: Scope) -> TaskView:
    """一项任务；看不见的答为没有。"""
    found = _views(DisclosureTask.objects.filter(seen_by(scope), pk=task_id))
    if not found:
        raise NotFound("没有这项公开任务", hint="请从清单的“公开”页打开。")
    return found[0]


def deliveries_of(*, edition_id: int, scope: Scope) -> list[DeliveryView]:
    """一版手册的发放登记，先登记的在前。"""
    rows = HandbookDelivery.objects.filter(edition_id=edition_id)
    if not scope.is_all:
        rows = rows.filter(edition__power_list__body_id__in=scope.body_ids)
    return [DeliveryView(row.place, row.copies, row.delivered_on, row.recorded_by_name) for row in rows]


def _mine(actor: Actor) -> QuerySet[DisclosureTask]:
    """本机构待公开的：由信息公开人员办。"""
    if actor.body_id is None or not actor.has("publisher"):
        return DisclosureTask.objects.none()
    return DisclosureTask.objects.filter(state="pending", edition__power_list__body_id=actor.body_id)


def waiting_for(actor: Actor) -> list[TaskView]:
    """此人待公开的渠道，近期限者在前。"""
    return _views(_mine(actor).order_by("due_on", "id"))


def waiting_rows(actor: Actor) -> QuerySet[Any, Any]:
    """此人还有渠道待公开的版次，一版一行。"""
    return _mine(actor).values("edition_id").distinct()


def channel_coverage(*, scope: Scope, today: date, body_ids: Iterable[int] | None = None) -> list[CoverageRow]:
    """各权责清单最新一版的渠道覆盖，按区划与机构排序。Three queries whatever the number of lists."""
    editions = ListEdition.objects.filter(edition_seen_by(scope), power_list__list_type=POWER_LIST)
    if body_ids is not None:
        editions = editions.filter(power_list__body_id__in=list(body_ids))
    latest: dict[int, ListEdition] = {}
    for edition in editions.select_related("power_list__body__region").order_by("power_list_id", "number"):
        latest[edition.power_list_id] = edition
    tasks: dict[int, dict[str, TaskView]] = defaultdict(dict)
    for view in _views(DisclosureTask.objects.filter(edition_id__in=[one.pk for one in latest.values()])):
        tasks[view.edition_id][view.channel] = view
    rows = []
    for edition in latest.values():
        body, found = edition.power_list.body, tasks[edition.pk]
        rows.append(
            (
                (body.region.code, body.ordinal, body.code),
                CoverageRow(
                    list_id=edition.power_list_id,
                    body_id=body.pk,
                    body_name=body.name,
                    region_name=body.region.name,
                    edition_number=edition.number,
                    valid_from=edition.valid_from,
                    tasks=found,
                    percent=coverage([one.state for one in found.values()]),
                    late=sum(one.state == "pending" and one.due_on < today for one in found.values()),
                ),
            )
        )
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]
