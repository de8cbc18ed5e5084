"""评估轮次：建立、启动（冻结指标集）、撤回、审定与更正。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from quanze.apps.evaluation.domain.lifecycles import OFFICE, ROUND_FLOW
from quanze.apps.evaluation.models import EvaluationRound, RoundBody
from quanze.apps.evaluation.selectors.rounds import (
    RoundView,
    frozen_set,
    round_for_update,
    round_view,
    unexplained_bodies,
)
from quanze.apps.evaluation.selectors.schemes import scheme_view
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, Defect, InvalidInput, NotPermitted, RulesNotMet
from quanze.core.scoring import show


@transaction.atomic
def round_create(
    *,
    actor: Actor,
    name: str,
    scheme_id: int,
    body_ids: Sequence[int],
    period_start: date,
    period_end: date,
    as_of: date,
    regulation: str,
    organisation: str,
    result_use: str,
    now: datetime,
) -> RoundView:
    """建立轮次。评估内容、组织实施、结果运用缺一不可；``period_end`` 不含当日。"""
    if not actor.has(*OFFICE):
        raise NotPermitted("您当前的角色不能建立评估轮次", hint="评估轮次由机构编制部门建立。")
    name = name.strip()
    _require_parts(name=name, regulation=regulation, organisation=organisation, result_use=result_use)
    if period_end <= period_start:
        raise InvalidInput("评估期间的止日必须晚于起日", hint="请核对期间。")
    if EvaluationRound.objects.filter(name=name).exists():
        raise Conflict(f"已有名为“{name}”的轮次", hint="请换一个名称。", code="round_name_taken")
    scheme = scheme_view(scheme_id)
    bodies = _bodies(body_ids, as_of)
    row = EvaluationRound.objects.create(
        name=name,
        scheme_id=scheme.id,
        period_start=period_start,
        period_end=period_end,
        as_of=as_of,
        regulation=regulation.strip(),
        organisation=organisation.strip(),
        result_use=result_use.strip(),
        created_by_name=actor.name,
        created_at=now,
    )
    RoundBody.objects.bulk_create(
        RoundBody(round=row, body_id=body.id, body_name=body.name, level=body.region_level, ordinal=n)
        for n, body in enumerate(bodies, 1)
    )
    after = {
        "scheme": scheme.name,
        "period": [period_start, period_end],
        "as_of": as_of,
        "bodies": [body.name for body in bodies],
    }
    _record(actor, "evaluation.round.created", row, None, after, "", now)
    return round_view(row.pk, scope=actor.scope)


@transaction.atomic
def round_open(*, actor: Actor, round_id: int, seen_version: int, now: datetime) -> RoundView:
    """启动评估：冻结指标集，此后方案与指标包的改动不影响本轮。"""
    row = round_for_update(round_id, scope=actor.scope, seen_version=seen_version)
    step = ROUND_FLOW.decide(row.state, "open", roles=actor.roles)
    if not row.bodies.exists():
        raise RulesNotMet("没有参评单位，不能启动", hint="请先选择参评单位。", code="no_bodies")
    indicators = frozen_set(row)
    pack = row.scheme.pack
    row.indicator_set = {
        "name": row.scheme.name,
        "pack": {"label": str(pack), "key": pack.key, "revision": pack.revision, "digest": pack.digest},
        "data": pack.data,
        "weights": {indicator.code: show(indicator.weight) for indicator in indicators.indicators()},
    }
    row.opened_at = now
    _move(row, step.target, "indicator_set", "opened_at")
    after = {"state": row.state, "pack_digest": pack.digest, "weights": row.indicator_set["weights"]}
    _record(actor, "evaluation.round.opened", row, {"state": step.source}, after, "", now)
    return round_view(row.pk, scope=actor.scope)


@transaction.atomic
def round_withdraw(*, actor: Actor, round_id: int, seen_version: int, reason: str, now: datetime) -> RoundView:
    """撤回启动，回到方案草拟；计分之后不能撤回。"""
    row = round_for_update(round_id, scope=actor.scope, seen_version=seen_version)
    step = ROUND_FLOW.decide(row.state, "withdraw", roles=actor.roles, reason=reason)
    row.opened_at, row.indicator_set = None, None
    _move(row, step.target, "indicator_set", "opened_at")
    _record(actor, "evaluation.round.withdrawn", row, {"state": step.source}, {"state": row.state}, reason, now)
    return round_view(row.pk, scope=actor.scope)


@transaction.atomic
def round_conclude(*, actor: Actor, round_id: int, seen_version: int, now: datetime) -> RoundView:
    """审定：此后公式、读数与评定不再变动，更正须写明理由。特殊情形没有专项说明的，先说明再审定。"""
    row = round_for_update(round_id, scope=actor.scope, seen_version=seen_version)
    step = ROUND_FLOW.decide(row.state, "conclude", roles=actor.roles)
    _require_explained(row)
    row.concluded_at = now
    _move(row, step.target, "concluded_at")
    after = {"state": row.state, "digest": row.digest}
    _record(actor, "evaluation.round.concluded", row, {"state": step.source}, after, "", now)
    return round_view(row.pk, scope=actor.scope)


@transaction.atomic
def round_correct(*, actor: Actor, round_id: int, seen_version: int, reason: str, now: datetime) -> RoundView:
    """更正：审定之后发现差错，写明理由回到已计分。"""
    row = round_for_update(round_id, scope=actor.scope, seen_version=seen_version)
    step = ROUND_FLOW.decide(row.state, "correct", roles=actor.roles, reason=reason)
    row.concluded_at = None
    _move(row, step.target, "concluded_at")
    before = {"state": step.source, "digest": row.digest}
    _record(actor, "evaluation.round.corrected", row, before, {"state": row.state}, reason, now)
    return round_view(row.pk, scope=actor.scope)


def _require_parts(**parts: str) -> None:
    labels = {"name": "名称", "regulation": "所依评估办法", "organisation": "组织实施", "result_use": "结果运用"}
    missing = [labels[key] for key, value in parts.items() if not value.strip()]
    if missing:
        defects = [Defect("part_missing", f"“{label}”没有填写") for label in missing]
        raise RulesNotMet(
            f"轮次缺少：{'、'.join(missing)}", defects=defects, hint="请补齐后再保存。", code="part_missing"
        )


def _require_explained(row: EvaluationRound) -> None:
    waiting = unexplained_bodies(row)
    if waiting:
        items = sum(body.items for body in waiting)
        raise RulesNotMet(
            f"{len(waiting)} 个参评单位的 {items} 项特殊情形还没有专项说明，不能审定",
            defects=[
                Defect("explanation_missing", f"{body.body_name}还有 {body.items} 项特殊情形没有提交专项说明")
                for body in waiting
            ],
            hint="请在“行权运行 · 专项说明”列出待说明事项，由各单位提交说明后再审定。",
            code="explanations_missing",
        )


def _bodies(body_ids: Sequence[int], as_of: date) -> list[org.BodyView]:
    found = org.bodies_by_ids(body_ids)
    unknown = [str(body_id) for body_id in body_ids if body_id not in found]
    if unknown:
        raise InvalidInput(f"没有这些机构：{'、'.join(unknown)}")
    if not found:
        raise RulesNotMet("没有选择参评单位", hint="至少选择一个单位。", code="no_bodies")
    alive = {body.id for body in org.bodies(on=as_of)}
    ended = [body.name for body in found.values() if body.id not in alive]
    if ended:
        raise InvalidInput(f"截至统计截止日已不存续：{'、'.join(ended)}", hint="请从参评单位中去掉。")
    ranks = {"city": 0, "county": 1, "town": 2}
    return sorted(found.values(), key=lambda b: (ranks.get(b.region_level, 3), b.region_code, list(found).index(b.id)))


def _move(row: EvaluationRound, target: str, *fields: str) -> None:
    row.state = target
    row.lock_version += 1
    row.save(update_fields=["state", "lock_version", *fields])


def _record(
    actor: Actor, action: str, row: EvaluationRound, before: object, after: object, reason: str, now: datetime
) -> None:
    subject = audit.SubjectRef("evaluation.round", row.pk, row.name)
    audit.record(actor=actor, action=action, subject=subject, before=before, after=after, reason=reason, now=now)
