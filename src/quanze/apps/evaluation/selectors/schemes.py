"""评估方案的读取。Schemes are open to everybody signed in: how one is measured is no secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q

from quanze.apps.evaluation.models import EvaluationScheme
from quanze.apps.evaluation.selectors.packs import PackView, pack_view
from quanze.core.errors import Conflict, NotFound
from quanze.core.scoring import IndicatorSet, select


@dataclass(frozen=True)
class SchemeRow:
    """方案一行：编号、名称、重点、指标数、启用它的轮次数。"""

    id: int
    name: str
    focus: str
    indicators: int
    rounds: int
    created_by_name: str
    created_at: datetime


@dataclass(frozen=True)
class SchemeView:
    """方案：名称、重点、指标包、所选权重与由此得到的指标集；``is_used`` 为已有轮次启用。"""

    id: int
    name: str
    focus: str
    pack: PackView
    weights: dict[str, Decimal]
    indicators: IndicatorSet
    is_used: bool
    created_by_name: str
    created_at: datetime
    lock_version: int

    @property
    def automatic(self) -> int:
        return self.indicators.automatic_share()[0]

    @property
    def count(self) -> int:
        return self.indicators.automatic_share()[1]


def schemes() -> list[SchemeRow]:
    """全部方案，新者在前。"""
    rows = EvaluationScheme.objects.annotate(
        chosen=Count("indicators", distinct=True),
        used=Count("rounds", filter=~Q(rounds__state="draft"), distinct=True),
    ).order_by("-id")
    return [
        SchemeRow(row.pk, row.name, row.focus, row.chosen, row.used, row.created_by_name, row.created_at)
        for row in rows
    ]


def scheme_view(scheme_id: int) -> SchemeView:
    """一个方案。"""
    row = EvaluationScheme.objects.select_related("pack").filter(pk=scheme_id).first()
    if row is None:
        raise NotFound("没有这个评估方案", hint="请从“评估方案”页面打开。")
    weights = {line.code: line.weight for line in row.indicators.all()}
    pack = pack_view(row.pack)
    return SchemeView(
        id=row.pk,
        name=row.name,
        focus=row.focus,
        pack=pack,
        weights=weights,
        indicators=select(pack.indicators, weights, name=row.name),
        is_used=row.rounds.exclude(state="draft").exists(),
        created_by_name=row.created_by_name,
        created_at=row.created_at,
        lock_version=row.lock_version,
    )


def scheme_for_update(scheme_id: int, seen_version: int) -> EvaluationScheme:
    """锁定方案。"""
    row = EvaluationScheme.objects.select_for_update().filter(pk=scheme_id).first()
    if row is None:
        raise NotFound("没有这个评估方案", hint="请从“评估方案”页面打开。")
    if row.lock_version != seen_version:
        raise Conflict("方案在您打开之后已被改动", hint="请刷新页面后再改。")
    return row
