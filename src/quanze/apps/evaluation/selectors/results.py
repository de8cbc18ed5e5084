"""得分的读取与复算：存储的读数、人工评定与冻结的指标集合起来就是分，别无其他。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from quanze.apps.evaluation.domain.entries import merged_reading, takes_entries
from quanze.apps.evaluation.models import IndicatorScore, ManualEntry, RoundBody
from quanze.apps.evaluation.selectors.rounds import (
    SHOWN_TO_BODIES,
    RoundView,
    body_of_round,
    frozen_set,
    round_row,
    round_view,
)
from quanze.core.actor import Scope
from quanze.core.errors import NotFound, WrongState
from quanze.core.scoring import IndicatorSet, Reading, SetScore, score_set
from quanze.core.sealing import canonical_json, content_digest, digest


@dataclass(frozen=True)
class Line:
    """一项指标在一个单位的全部：得分、读数、说明、公式与版本、背后的行、历次人工评定。"""

    code: str
    name: str
    group: str
    full: Decimal
    points: Decimal | None
    reading: Reading
    explanation: str
    sentence: str
    formula: str
    formula_version: str
    needs: str
    source: str
    evidence: dict[str, Any]
    takes_entry: bool
    entries: tuple[EntryView, ...]


@dataclass(frozen=True)
class EntryView:
    """一次人工评定：读数、理由、何人何时。"""

    reading: Reading
    reason: str
    actor_name: str
    actor_body_name: str
    at: datetime


@dataclass(frozen=True)
class BodyResult:
    """一个单位的评估结果：得分树与各项指标。"""

    round: RoundView
    id: int
    body_id: int
    body_name: str
    level: str
    rank: int | None
    ranked: int
    score: SetScore | None
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Verification:
    """复算：存储的与重算的结果摘要，以及不一致的单位。"""

    stored: str
    recomputed: str
    payload: bytes
    differing: tuple[str, ...]

    @property
    def is_identical(self) -> bool:
        return self.stored == self.recomputed and not self.differing


def current_entries(round_body_ids: Iterable[int]) -> dict[tuple[int, str], ManualEntry]:
    """各单位各指标现行（最后一次）的人工评定。"""
    found: dict[tuple[int, str], ManualEntry] = {}
    for entry in ManualEntry.objects.filter(round_body_id__in=list(round_body_ids)).order_by("id"):
        found[(entry.round_body_id, entry.code)] = entry
    return found


def automatic_readings(score: IndicatorScore) -> dict[str, Reading]:
    """存储的自动读数：部分的键 → 读数。"""
    return {part: Reading.from_data(data) for part, data in score.automatic.items()}


def scored(
    indicators: IndicatorSet, scores: Iterable[IndicatorScore], entries: dict[str, ManualEntry]
) -> tuple[SetScore, dict[str, Reading]]:
    """由存储的自动读数与现行人工评定计分。Nothing else goes in: that is what makes a closed round reproducible."""
    by_code = {score.code: score for score in scores}
    readings: dict[str, Reading] = {}
    for indicator in indicators.indicators():
        score, entry = by_code.get(indicator.code), entries.get(indicator.code)
        automatic = automatic_readings(score) if score else {}
        given = Reading.from_data(entry.reading) if entry else None
        readings[indicator.code] = merged_reading(indicator, automatic, given)
    versions = {code: score.formula_version for code, score in by_code.items()}
    return score_set(indicators, readings, versions), readings


def results_payload(results: Iterable[tuple[RoundBody, dict[str, Any]]]) -> bytes:
    """全轮结果的规范字节：按单位次序，每单位名称与得分树。"""
    ordered = sorted(results, key=lambda pair: pair[0].ordinal)
    return canonical_json([{"body": row.body_id, "name": row.body_name, "result": result} for row, result in ordered])


def round_verify(round_id: int, *, scope: Scope) -> Verification:
    """复算已计分的轮次：只用冻结的指标集、存储的读数与人工评定。"""
    row = round_row(round_id, scope=scope)
    if not scope.is_all:
        raise NotFound("没有这个评估轮次", hint="复算由机构编制部门办理。")
    if row.state not in SHOWN_TO_BODIES:
        raise WrongState("本轮尚未计分，没有可复算的结果", hint="请先办理系统计分。")
    indicators = frozen_set(row)
    bodies = list(row.bodies.prefetch_related("scores"))
    entries = current_entries(body.pk for body in bodies)
    again: list[tuple[RoundBody, dict[str, Any]]] = []
    differing = []
    for body in bodies:
        own = {code: entry for (body_pk, code), entry in entries.items() if body_pk == body.pk}
        score, _ = scored(indicators, body.scores.all(), own)
        data = score.as_data()
        again.append((body, data))
        if content_digest(data) != content_digest(body.result):
            differing.append(body.body_name)
    payload = results_payload(again)
    return Verification(row.digest, digest(payload), payload, tuple(differing))


def body_result(round_id: int, body_id: int, *, scope: Scope) -> BodyResult:
    """一个单位的得分树与各项指标，供页面下钻与起草结论。"""
    body = body_of_round(round_id, body_id, scope=scope)
    row = round_row(round_id, scope=scope)
    indicators = frozen_set(row)
    scores = {score.code: score for score in body.scores.all()}
    history: dict[str, list[EntryView]] = {}
    for entry in body.entries.all():
        view = EntryView(
            Reading.from_data(entry.reading), entry.reason, entry.actor_name, entry.actor_body_name, entry.at
        )
        history.setdefault(entry.code, []).append(view)
    current = {code: entry for (_, code), entry in current_entries([body.pk]).items()}
    score, readings = scored(indicators, scores.values(), current)
    leaves = {leaf.code: leaf for leaf in score.leaves()}
    lines = []
    for group in indicators.groups:
        for indicator in group.indicators():
            leaf, stored = leaves[indicator.code], scores.get(indicator.code)
            lines.append(
                Line(
                    code=indicator.code,
                    name=indicator.name,
                    group=group.name,
                    full=indicator.weight,
                    points=leaf.points,
                    reading=readings[indicator.code],
                    explanation=leaf.explanation,
                    sentence=leaf.sentence,
                    formula=indicator.formula,
                    formula_version=leaf.formula_version,
                    needs=indicator.needs,
                    source=indicator.source_label,
                    evidence=stored.evidence if stored else {},
                    takes_entry=takes_entries(indicator),
                    entries=tuple(reversed(history.get(indicator.code, []))),
                )
            )
    return BodyResult(
        round=round_view(round_id, scope=scope),
        id=body.pk,
        body_id=body.body_id,
        body_name=body.body_name,
        level=body.level,
        rank=body.rank,
        ranked=body.ranked,
        score=score if body.result else None,
        lines=tuple(lines),
    )
