"""计分：取数、合成读数、得分、排名；人工评定后即时重算该单位。"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.evaluation.domain.entries import reading_of_entry
from quanze.apps.evaluation.domain.lifecycles import ROUND_FLOW
from quanze.apps.evaluation.domain.measuring import Measured, MeasureRequest
from quanze.apps.evaluation.domain.ranking import standings
from quanze.apps.evaluation.metrics import all_metrics
from quanze.apps.evaluation.models import EvaluationRound, IndicatorScore, ManualEntry, RoundBody
from quanze.apps.evaluation.selectors.results import current_entries, results_payload, scored
from quanze.apps.evaluation.selectors.rounds import (
    RoundView,
    body_of_round,
    frozen_set,
    round_for_update,
    round_row,
    round_view,
)
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.base.jobs.public import enqueue
from quanze.core.actor import Actor
from quanze.core.errors import NotPermitted, RulesNotMet
from quanze.core.periods import Period
from quanze.core.scoring import IndicatorSet, Reading
from quanze.core.sealing import digest

COMPUTE_JOB = "evaluation.round.compute"
Progress = Callable[[int, int, str], None]
Measurements = Mapping[str, Mapping[int, Measured]]


def round_compute(
    *,
    actor: Actor,
    round_id: int,
    now: datetime,
    progress: Progress | None = None,
    commit: Callable[[], AbstractContextManager[object]] = transaction.atomic,
) -> RoundView:
    """系统计分。Reading the metrics may take a while and needs no lock; only the storing is one transaction.

    ``commit`` lets a background job store under its lease, so that exactly one attempt writes.
    """
    row = round_row(round_id, scope=actor.scope)
    ROUND_FLOW.decide(row.state, "compute", roles=actor.roles)
    frozen = row.indicator_set
    indicators = frozen_set(row)
    measured = _measure(row, indicators, progress or (lambda done, total, message: None))
    with commit():
        row = round_for_update(round_id, scope=actor.scope)
        step = ROUND_FLOW.decide(row.state, "compute", roles=actor.roles)
        if row.indicator_set != frozen:
            raise RulesNotMet("取数期间方案有变，本次结果作废", hint="请重新计分。", code="scheme_changed_meanwhile")
        before = {"state": step.source, "digest": row.digest}
        _store_readings(row, indicators, measured)
        _rescore(row, indicators)
        row.state, row.computed_at = step.target, now
        row.lock_version += 1
        row.save(update_fields=["state", "computed_at", "digest", "lock_version"])
        _record(actor, "evaluation.round.computed", row, before, {"state": row.state, "digest": row.digest}, now)
    return round_view(round_id, scope=actor.scope)


@transaction.atomic
def round_compute_request(*, actor: Actor, round_id: int, seen_version: int, back_url: str = "", now: datetime) -> int:
    """提交后台计分，返回任务编号。The rights are checked here already, so that a refusal does not wait in a queue."""
    row = round_for_update(round_id, scope=actor.scope, seen_version=seen_version)
    ROUND_FLOW.decide(row.state, "compute", roles=actor.roles)
    row.job_id = enqueue(
        kind=COMPUTE_JOB,
        payload={"round_id": row.pk},
        actor=actor,
        label=f"系统计分：{row.name}",
        now=now,
        back_url=back_url,
    )
    row.save(update_fields=["job_id"])
    return row.job_id


@transaction.atomic
def score_enter(
    *,
    actor: Actor,
    round_id: int,
    body_id: int,
    code: str,
    values: Mapping[str, str],
    reason: str,
    now: datetime,
) -> RoundView:
    """人工评定一项指标。本单位的人不评本单位；已计分的轮次随即重算。"""
    row = round_for_update(round_id, scope=actor.scope)
    ROUND_FLOW.decide(row.state, "enter", roles=actor.roles)
    body = body_of_round(round_id, body_id, scope=actor.scope)
    if body_id in org.own_bodies(actor, on=localdate(now)):
        raise NotPermitted("评估人员不能评定本单位", hint="请由其他单位的评估人员评定。", code="own_body")
    if not reason.strip():
        raise RulesNotMet("人工评定必须写明理由", hint="请写明依据的材料或情况。", code="reason_required")
    indicators = frozen_set(row)
    reading = reading_of_entry(indicators.indicator(code), values)
    earlier = current_entries([body.pk]).get((body.pk, code))
    ManualEntry.objects.create(
        round_body=body,
        code=code,
        reading=reading.as_data(),
        reason=reason.strip(),
        actor_id=actor.user_id,
        actor_name=actor.name,
        actor_body_name=actor.body_name,
        at=now,
    )
    if row.state == "computed":
        _rescore(row, indicators)
    row.lock_version += 1
    row.save(update_fields=["digest", "lock_version"])
    subject = audit.SubjectRef("evaluation.score", f"{body.pk}/{code}", f"{body.body_name} {code}", body.body_id)
    audit.record(
        actor=actor,
        action="evaluation.score.entered",
        subject=subject,
        before=earlier.reading if earlier else None,
        after=reading.as_data(),
        reason=reason,
        now=now,
    )
    return round_view(round_id, scope=actor.scope)


def _measure(row: EvaluationRound, indicators: IndicatorSet, progress: Progress) -> Measurements:
    """逐个数据项、一次取全部单位。"""
    registry = all_metrics()
    wanted = sorted({key for indicator in indicators.indicators() for key in indicator.metrics().values()})
    unknown = [key for key in wanted if key not in registry]
    if unknown:
        raise RulesNotMet(f"指标用到未登记的数据项：{'、'.join(unknown)}", hint="请核对指标包。", code="unknown_metric")
    body_ids = tuple(row.bodies.values_list("body_id", flat=True))
    request = MeasureRequest(body_ids, Period(row.period_start, row.period_end), row.as_of)
    found: dict[str, Mapping[int, Measured]] = {}
    for n, key in enumerate(wanted):
        progress(n, len(wanted), f"正在取数：{registry[key].label}")
        measure = registry[key].measure
        if measure is None:
            absent = Measured(Reading.absent(registry[key].pending))
            found[key] = dict.fromkeys(body_ids, absent)
        else:
            found[key] = measure(request)
    progress(len(wanted), len(wanted), "取数完毕，正在计分")
    return found


def _store_readings(row: EvaluationRound, indicators: IndicatorSet, measured: Measurements) -> None:
    registry = all_metrics()
    pack = (row.indicator_set or {})["pack"]
    IndicatorScore.objects.filter(round_body__round=row).delete()
    scores = []
    for body in row.bodies.all():
        for n, indicator in enumerate(indicators.indicators(), 1):
            parts = {part: measured[key].get(body.body_id) for part, key in indicator.metrics().items()}
            nothing = Measured(Reading.absent("本单位没有这项数据"))
            values = {part: value or nothing for part, value in parts.items()}
            version = f"{pack['key']}@{indicators.edition}.r{pack['revision']}/{indicator.code}v{indicator.version}"
            for key in indicator.metrics().values():
                version += f"+{registry[key].version_label}"
            scores.append(
                IndicatorScore(
                    round_body=body,
                    code=indicator.code,
                    automatic={part: value.reading.as_data() for part, value in values.items()},
                    evidence=next((value.evidence() for value in values.values()), {}),
                    reading={},
                    full=indicator.weight,
                    formula_version=version,
                    source=indicator.source_label,
                    ordinal=n,
                )
            )
    IndicatorScore.objects.bulk_create(scores, batch_size=500)


def _rescore(row: EvaluationRound, indicators: IndicatorSet) -> None:
    """由存储的读数与人工评定重算全轮：得分、总分、名次与结果摘要。"""
    bodies = list(row.bodies.prefetch_related("scores"))
    entries = current_entries(body.pk for body in bodies)
    totals: dict[int, Decimal | None] = {}
    changed: list[IndicatorScore] = []
    for body in bodies:
        own = {code: entry for (body_pk, code), entry in entries.items() if body_pk == body.pk}
        score, readings = scored(indicators, body.scores.all(), own)
        points = {leaf.code: leaf.points for leaf in score.leaves()}
        body.result, body.total = score.as_data(), score.total
        totals[body.body_id] = score.total
        for stored in body.scores.all():
            stored.reading, stored.points = readings[stored.code].as_data(), points[stored.code]
            changed.append(stored)
    for body in bodies:
        standing = standings(totals, {b.body_id: b.level for b in bodies})[body.body_id]
        body.rank, body.ranked = standing.rank, standing.of
    IndicatorScore.objects.bulk_update(changed, ["reading", "points"], batch_size=300)
    RoundBody.objects.bulk_update(bodies, ["result", "total", "rank", "ranked"], batch_size=100)
    row.digest = digest(results_payload((body, body.result or {}) for body in bodies))


def _record(actor: Actor, action: str, row: EvaluationRound, before: object, after: object, now: datetime) -> None:
    subject = audit.SubjectRef("evaluation.round", row.pk, row.name)
    frozen = row.indicator_set or {}
    versions = {"indicators": frozen["pack"]["label"], "scheme": frozen["name"]} if frozen else None
    audit.record(actor=actor, action=action, subject=subject, before=before, after=after, versions=versions, now=now)
