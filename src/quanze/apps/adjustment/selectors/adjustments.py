"""动态调整的读取：列表、一件的全貌、事项上的待调整标记、滞后统计。"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from django.db.models import Count, Prefetch, Q, QuerySet

from quanze.apps.adjustment.domain.clock import Clock
from quanze.apps.adjustment.domain.lifecycles import ADJUSTMENT_FLOW, OPEN_STATES
from quanze.apps.adjustment.models import (
    Adjustment,
    AdjustmentItem,
    AdjustmentPause,
    AdjustmentTrigger,
    DependantChange,
)
from quanze.apps.adjustment.selectors.clocks import clocks_of
from quanze.apps.adjustment.selectors.packs import packs
from quanze.apps.catalog import public as catalog
from quanze.core.actor import Actor, Scope
from quanze.core.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class TriggerView:
    """调整事由。"""

    id: int
    number: str
    kind: str
    kind_label: str
    title: str
    evidence: str
    legal_on: date
    registered_at: datetime
    registered_by_name: str
    note: str


@dataclass(frozen=True, slots=True)
class AdjustmentRow:
    """动态调整一行。"""

    id: int
    trigger: TriggerView
    list_id: int
    body_id: int
    body_name: str
    state: str
    items: int
    waiting: int
    clock: Clock
    applied_at: datetime | None
    closed_at: datetime | None

    @property
    def state_label(self) -> str:
        return ADJUSTMENT_FLOW.states[self.state]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


@dataclass(frozen=True, slots=True)
class ItemPlan:
    """一项怎样调整：事项、类型、填写的要素、是否有在编的修改。"""

    id: int
    item_id: int | None
    name: str
    reason: str
    kind: str
    kind_label: str
    said: tuple[tuple[str, str], ...]
    fields: dict[str, str]
    rejected: str
    is_working: bool


@dataclass(frozen=True, slots=True)
class DependantRow:
    """一个依附条目的同步变更。"""

    id: int
    adjustment_id: int
    source_name: str
    kind: str
    entry_id: int
    list_label: str
    body_id: int
    body_name: str
    name: str
    duty: str
    say: str
    state: str
    reason: str
    settled_by_name: str
    settled_at: datetime | None
    opened_at: datetime
    lock_version: int
    trigger_title: str


@dataclass(frozen=True, slots=True)
class AdjustmentView:
    """动态调整全貌。"""

    row: AdjustmentRow
    items: tuple[ItemPlan, ...]
    dependants: tuple[DependantRow, ...]
    pauses: tuple[AdjustmentPause, ...]
    submission_id: int | None
    duty_review: str
    accountability_review: str
    outcome: str
    published_on: date | None
    lock_version: int

    @property
    def id(self) -> int:
        return self.row.id


def scoped(scope: Scope) -> Q:
    """范围之内的调整：所属机构在范围之内。"""
    return Q() if scope.is_all else Q(body_id__in=scope.body_ids)


def _rows() -> QuerySet[Adjustment]:
    return Adjustment.objects.select_related("trigger").prefetch_related(
        Prefetch("pauses", AdjustmentPause.objects.order_by("id"))
    )


def _trigger(row: AdjustmentTrigger) -> TriggerView:
    kind = packs().triggers.get(row.kind)
    return TriggerView(
        row.pk,
        row.number,
        row.kind,
        kind.label if kind else row.kind,
        row.title,
        row.evidence,
        row.legal_on,
        row.registered_at,
        row.registered_by_name,
        row.note,
    )


def _views(rows: Sequence[Adjustment], today: date) -> list[AdjustmentRow]:
    ids = [row.pk for row in rows]
    counted = dict(
        AdjustmentItem.objects.filter(adjustment_id__in=ids, rejected="")
        .values_list("adjustment_id")
        .annotate(n=Count("id"))
    )
    waiting = dict(
        DependantChange.objects.filter(adjustment_id__in=ids, state="pending")
        .values_list("adjustment_id")
        .annotate(n=Count("id"))
    )
    clocks = clocks_of(rows, today=today)
    return [
        AdjustmentRow(
            id=row.pk,
            trigger=_trigger(row.trigger),
            list_id=row.power_list_id,
            body_id=row.body_id,
            body_name=row.body_name,
            state=row.state,
            items=counted.get(row.pk, 0),
            waiting=waiting.get(row.pk, 0),
            clock=clocks[row.pk],
            applied_at=row.applied_at,
            closed_at=row.closed_at,
        )
        for row in rows
    ]


def adjustments(
    *, scope: Scope, today: date, is_open: bool | None = None, list_id: int | None = None, limit: int = 500
) -> list[AdjustmentRow]:
    """范围之内的调整，新者在前。Five queries whatever the number."""
    rows = _rows().filter(scoped(scope))
    if is_open is not None:
        rows = rows.filter(state__in=OPEN_STATES) if is_open else rows.exclude(state__in=OPEN_STATES)
    if list_id is not None:
        rows = rows.filter(power_list_id=list_id)
    return _views(list(rows.order_by("-id")[:limit]), today)


def rows_of(wanted: Q, *, today: date, limit: int = 500) -> list[AdjustmentRow]:
    """符合条件的调整；条件由调用者按行为人定。"""
    return _views(list(_rows().filter(wanted).order_by("id")[:limit]), today)


def find(*, adjustment_id: int, actor: Actor, seen_version: int | None = None, lock: bool = False) -> Adjustment:
    """看得见的调整（可锁定）：本范围的，或因审查而见其送审件的；看不见的答为没有。"""
    rows = _rows()
    if lock:
        rows = rows.select_for_update(of=("self",))
    row = rows.filter(pk=adjustment_id).first()
    if row is None or not (
        actor.scope.covers(row.body_id)
        or (row.submission_id is not None and catalog.reviews_submission(submission_id=row.submission_id, actor=actor))
    ):
        raise NotFound("没有这件动态调整", hint="请从“动态调整”中打开。")
    if seen_version is not None and row.lock_version != seen_version:
        raise Conflict("这件调整在您打开之后已有新的办理", hint="请刷新页面，查看最新情况后再办。")
    return row


def adjustment_view(*, adjustment_id: int, actor: Actor, today: date) -> AdjustmentView:
    """一件调整的全貌。"""
    row = find(adjustment_id=adjustment_id, actor=actor)
    items = list(row.items.all())
    states = catalog.item_states([one.item_id for one in items if one.item_id is not None], on=today)
    return AdjustmentView(
        row=_views([row], today)[0],
        items=tuple(_plan(one, states) for one in items),
        dependants=tuple(
            _dependant(one) for one in row.dependants.select_related("source", "adjustment__trigger").order_by("id")
        ),
        pauses=tuple(row.pauses.all()),
        submission_id=row.submission_id,
        duty_review=row.duty_review,
        accountability_review=row.accountability_review,
        outcome=row.outcome,
        published_on=row.published_on,
        lock_version=row.lock_version,
    )


def _plan(row: AdjustmentItem, states: dict[int, catalog.ItemState]) -> ItemPlan:
    kind = packs().kinds.get(row.kind)
    shown = dict(row.fields)
    if "into_names" in shown:
        shown["into"] = shown.pop("into_names")
    said = tuple((one.label, shown[one.name]) for one in kind.fields if one.name in shown) if kind else ()
    is_working = row.item_id is not None and states[row.item_id].is_working
    return ItemPlan(
        row.pk,
        row.item_id,
        row.name,
        row.reason,
        row.kind,
        kind.label if kind else "",
        said,
        dict(row.fields),
        row.rejected,
        is_working,
    )


def _dependant(row: DependantChange) -> DependantRow:
    return DependantRow(
        row.pk,
        row.adjustment_id,
        row.source.name,
        row.kind,
        row.entry_id,
        row.list_label,
        row.body_id,
        row.body_name,
        row.name,
        row.duty,
        row.say,
        row.state,
        row.reason,
        row.settled_by_name,
        row.settled_at,
        row.opened_at,
        row.lock_version,
        row.adjustment.trigger.title,
    )


def dependants_for(*, scope: Scope, is_pending: bool = True, limit: int = 500) -> list[DependantRow]:
    """范围之内机构的同步变更：先开出的在前。"""
    rows = DependantChange.objects.select_related("source", "adjustment__trigger").order_by("id")
    if not scope.is_all:
        rows = rows.filter(body_id__in=scope.body_ids)
    if is_pending:
        rows = rows.filter(state="pending")
    return [_dependant(row) for row in rows[:limit]]


def open_adjustments_of(item_ids: Iterable[int], *, scope: Scope) -> dict[int, list[tuple[int, str]]]:
    """事项 → 未办结的调整（编号、事由）：事项因此是“待调整”。"""
    rows = AdjustmentItem.objects.filter(item_id__in=list(item_ids), adjustment__state__in=OPEN_STATES, rejected="")
    if not scope.is_all:
        rows = rows.filter(adjustment__body_id__in=scope.body_ids)
    found: dict[int, list[tuple[int, str]]] = {}
    for row in rows.select_related("adjustment__trigger").order_by("adjustment_id"):
        found.setdefault(row.item_id or 0, []).append((row.adjustment_id, row.adjustment.trigger.title))
    return found


@dataclass(frozen=True, slots=True)
class LagReport:
    """滞后统计：办结件数、用时中位数与最长（工作日）、超期件数、各类型事项数。"""

    closed: int
    median_workdays: float | None
    longest_workdays: int | None
    late: int
    by_kind: tuple[tuple[str, int], ...]


def lag_report(*, scope: Scope, since: date, until: date, today: date) -> LagReport:
    """某段时间内办结的调整：自法定日到办结用了几个工作日（扣除暂停），超期几件，各类型几项。"""
    rows = list(_rows().filter(scoped(scope), state="done", closed_at__date__gte=since, closed_at__date__lte=until))
    clocks = clocks_of(rows, today=today)
    used = [clocks[row.pk].used for row in rows]
    counts = dict(
        AdjustmentItem.objects.filter(adjustment__in=rows, rejected="").values_list("kind").annotate(n=Count("id"))
    )
    by_kind = tuple((one.label, counts[code]) for code, one in packs().kinds.items() if counts.get(code))
    return LagReport(
        closed=len(rows),
        median_workdays=median(used) if used else None,
        longest_workdays=max(used, default=None),
        late=sum(clocks[row.pk].light == "red" for row in rows),
        by_kind=by_kind,
    )
