"""评估轮次与得分的读取。The office sees all; a body sees its own results once they are computed, never the others'."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from quanze.apps.catalog import public as catalog
from quanze.apps.evaluation.domain.lifecycles import ROUND_FLOW
from quanze.apps.evaluation.models import EvaluationRound, RoundBody
from quanze.apps.org import public as org
from quanze.apps.performance import public as performance
from quanze.core.actor import Scope
from quanze.core.errors import Conflict, NotFound
from quanze.core.scoring import IndicatorSet, indicator_set_from, select

SHOWN_TO_BODIES = ("computed", "concluded")


@dataclass(frozen=True)
class RoundView:
    """轮次：名称、方案、状态、期间、所依办法、参评单位数、自动指标数与结果摘要。"""

    id: int
    name: str
    state: str
    scheme_id: int
    scheme_name: str
    period_start: date
    period_end: date
    as_of: date
    regulation: str
    organisation: str
    result_use: str
    bodies: int
    indicators: IndicatorSet
    pack_label: str
    digest: str
    job_id: int | None
    created_by_name: str
    created_at: datetime
    opened_at: datetime | None
    computed_at: datetime | None
    concluded_at: datetime | None
    lock_version: int

    @property
    def state_label(self) -> str:
        return ROUND_FLOW.states[self.state]

    @property
    def automatic(self) -> int:
        return self.indicators.automatic_share()[0]

    @property
    def indicator_count(self) -> int:
        return self.indicators.automatic_share()[1]

    @property
    def period_label(self) -> str:
        return period_label(self.period_start, self.period_end)


@dataclass(frozen=True)
class BodyRow:
    """参评单位一行：总分、名次、各组得分（满分、有数据满分、得分）。"""

    id: int
    body_id: int
    body_name: str
    level: str
    total: Decimal | None
    rank: int | None
    ranked: int
    groups: tuple[GroupCell, ...]
    with_data: int
    conclusion_state: str


@dataclass(frozen=True)
class GroupCell:
    """矩阵一格：组编码、得分、有数据满分、满分。"""

    code: str
    points: Decimal
    available: Decimal
    full: Decimal


def period_label(start: date, end: date) -> str:
    """期间的说法：整年、整月起止，否则起止日。"""
    last = end - timedelta(days=1)
    if (start.month, start.day, end.month, end.day) == (1, 1, 1, 1) and end.year == start.year + 1:
        return f"{start.year}年度"
    if start.day == 1 and end.day == 1:
        same_year = start.year == last.year
        until = f"{last.month}月" if same_year else f"{last.year}年{last.month}月"
        return f"{start.year}年{start.month}月" + ("" if same_year and start.month == last.month else f"至{until}")
    return f"{start.year}年{start.month}月{start.day}日至{last.year}年{last.month}月{last.day}日"


def _visible(scope: Scope) -> Q:
    return Q() if scope.is_all else Q(state__in=SHOWN_TO_BODIES, bodies__body_id__in=scope.body_ids)


def frozen_set(row: EvaluationRound) -> IndicatorSet:
    """轮次的指标集：启动前取自方案，启动后取冻结的一份。"""
    frozen = row.indicator_set
    if frozen is None:
        weights = {line.code: line.weight for line in row.scheme.indicators.all()}
        return select(indicator_set_from(row.scheme.pack.data), weights, name=row.scheme.name)
    weights = {code: Decimal(weight) for code, weight in frozen["weights"].items()}
    return select(indicator_set_from(frozen["data"]), weights, name=frozen["name"])


def _view(row: EvaluationRound, bodies: int) -> RoundView:
    frozen = row.indicator_set
    pack = row.scheme.pack
    label = frozen["pack"]["label"] if frozen else str(pack)
    return RoundView(
        id=row.pk,
        name=row.name,
        state=row.state,
        scheme_id=row.scheme_id,
        scheme_name=row.scheme.name,
        period_start=row.period_start,
        period_end=row.period_end,
        as_of=row.as_of,
        regulation=row.regulation,
        organisation=row.organisation,
        result_use=row.result_use,
        bodies=bodies,
        indicators=frozen_set(row),
        pack_label=label,
        digest=row.digest,
        job_id=row.job_id,
        created_by_name=row.created_by_name,
        created_at=row.created_at,
        opened_at=row.opened_at,
        computed_at=row.computed_at,
        concluded_at=row.concluded_at,
        lock_version=row.lock_version,
    )


def rounds(*, scope: Scope) -> list[RoundView]:
    """看得见的轮次，新者在前。"""
    rows = EvaluationRound.objects.filter(_visible(scope)).select_related("scheme__pack").distinct()
    counts = dict(RoundBody.objects.values_list("round_id").annotate(n=Count("id")))
    return [_view(row, counts.get(row.pk, 0)) for row in rows]


def round_row(round_id: int, *, scope: Scope) -> EvaluationRound:
    """轮次的行；看不见的答为没有。"""
    row = EvaluationRound.objects.filter(_visible(scope), pk=round_id).select_related("scheme__pack").first()
    if row is None:
        raise NotFound("没有这个评估轮次", hint="请从“监督评估”页面打开。")
    return row


def round_view(round_id: int, *, scope: Scope) -> RoundView:
    """一个轮次。"""
    row = round_row(round_id, scope=scope)
    return _view(row, row.bodies.count())


def round_for_update(round_id: int, *, scope: Scope, seen_version: int | None = None) -> EvaluationRound:
    """锁定轮次。"""
    round_row(round_id, scope=scope)
    row = EvaluationRound.objects.select_for_update().get(pk=round_id)
    if seen_version is not None and row.lock_version != seen_version:
        raise Conflict("评估轮次在您打开之后已有变化", hint="请刷新页面后再办。")
    return row


def body_rows(round_id: int, *, scope: Scope) -> list[BodyRow]:
    """参评单位与各组得分；单位自己只看得见自己。"""
    round_row(round_id, scope=scope)
    rows = RoundBody.objects.filter(round_id=round_id).select_related("conclusion")
    if not scope.is_all:
        rows = rows.filter(body_id__in=scope.body_ids)
    return [_body_row(row) for row in rows]


def _body_row(row: RoundBody) -> BodyRow:
    result = row.result or {}
    groups = tuple(
        GroupCell(g["code"], Decimal(g["points"]), Decimal(g["available"]), Decimal(g["full"]))
        for g in result.get("groups", ())
    )
    conclusion = getattr(row, "conclusion", None)
    return BodyRow(
        id=row.pk,
        body_id=row.body_id,
        body_name=row.body_name,
        level=row.level,
        total=None if row.total is None else Decimal(result["total"]),
        rank=row.rank,
        ranked=row.ranked,
        groups=groups,
        with_data=sum(_with_data(group) for group in result.get("groups", ())),
        conclusion_state=conclusion.state if conclusion else "",
    )


def _with_data(node: dict[str, Any]) -> int:
    if "children" in node:
        return sum(_with_data(child) for child in node["children"])
    return int(node["points"] is not None)


def body_of_round(round_id: int, body_id: int, *, scope: Scope) -> RoundBody:
    """参评单位的行；看不见的答为没有。"""
    round_row(round_id, scope=scope)
    row = RoundBody.objects.filter(round_id=round_id, body_id=body_id).first()
    if row is None or not scope.covers(body_id):
        raise NotFound("这个轮次中没有该单位", hint="请从评估轮次页面打开。")
    return row


@dataclass(frozen=True, slots=True)
class UnexplainedBody:
    """一个参评单位尚未提交专项说明的特殊情形项数。"""

    body_id: int
    body_name: str
    items: int


def unexplained_bodies(row: EvaluationRound) -> list[UnexplainedBody]:
    """特殊情形还没有提交专项说明的参评单位，项数多的在前；按统计截止日判定。"""
    bodies = dict(row.bodies.values_list("body_id", "body_name"))
    code_of = {body.code: body.id for body in org.bodies_by_ids(list(bodies)).values()}
    flags = performance.flagged_without_explanation(body_ids=list(bodies), as_of=row.as_of)
    counts = Counter(code_of[flag.body_code] for flag in flags)
    return [UnexplainedBody(body_id, bodies[body_id], n) for body_id, n in counts.most_common()]


def round_unexplained(round_id: int, *, scope: Scope) -> list[UnexplainedBody]:
    """审定之前还要等哪些单位的专项说明。"""
    return unexplained_bodies(round_row(round_id, scope=scope))


def bodies_holding_powers(*, on: date) -> list[org.BodyView]:
    """全覆盖的口径：当日至少有一项现行事项的机构，按层级与名录次序。"""
    holders = {fact.body_id for fact in catalog.item_facts(on=on)}
    ranks = {str(level): n for n, level in enumerate(org.RegionLevel)}
    return sorted(
        (b for b in org.bodies(on=on) if b.id in holders), key=lambda b: ranks.get(b.region_level, len(ranks))
    )
