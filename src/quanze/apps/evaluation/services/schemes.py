"""拟订评估方案：任意组合指标，权重合计须为满分。"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from quanze.apps.evaluation.domain.lifecycles import OFFICE
from quanze.apps.evaluation.models import EvaluationScheme, SchemeIndicator
from quanze.apps.evaluation.selectors.packs import pack
from quanze.apps.evaluation.selectors.schemes import SchemeView, scheme_for_update, scheme_view
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, InvalidInput, NotPermitted, WrongState
from quanze.core.scoring import IndicatorSet, select, show


@transaction.atomic
def scheme_create(
    *, actor: Actor, name: str, pack_id: int, weights: Mapping[str, Decimal], focus: str = "", now: datetime
) -> SchemeView:
    """拟订方案。``weights`` 为所选指标编码与权重；基础指标合计不等于满分即拒绝。"""
    _require_office(actor)
    name = _name(name)
    chosen = select(pack(pack_id).indicators, weights, name=name)
    if EvaluationScheme.objects.filter(name=name).exists():
        raise Conflict(f"已有名为“{name}”的方案", hint="请换一个名称。", code="scheme_name_taken")
    scheme = EvaluationScheme.objects.create(
        name=name, focus=focus.strip(), pack_id=pack_id, created_by_name=actor.name, created_at=now
    )
    _store(scheme, chosen)
    _record(actor, "evaluation.scheme.created", scheme, None, _content(scheme, chosen), now)
    return scheme_view(scheme.pk)


@transaction.atomic
def scheme_change(
    *,
    actor: Actor,
    scheme_id: int,
    seen_version: int,
    name: str,
    weights: Mapping[str, Decimal],
    focus: str = "",
    now: datetime,
) -> SchemeView:
    """修改尚未启用的方案；已有轮次启用的不再改。"""
    _require_office(actor)
    scheme = scheme_for_update(scheme_id, seen_version)
    if scheme.rounds.exclude(state="draft").exists():
        raise WrongState("已有评估轮次启用这个方案，不能再改", hint="请以它为底另存一个新方案。")
    name = _name(name)
    if EvaluationScheme.objects.filter(name=name).exclude(pk=scheme.pk).exists():
        raise Conflict(f"已有名为“{name}”的方案", hint="请换一个名称。", code="scheme_name_taken")
    before = scheme_view(scheme.pk)
    chosen = select(pack(scheme.pack_id).indicators, weights, name=name)
    scheme.name, scheme.focus = name, focus.strip()
    scheme.lock_version += 1
    scheme.save(update_fields=["name", "focus", "lock_version"])
    scheme.indicators.all().delete()
    _store(scheme, chosen)
    old = {"name": before.name, "focus": before.focus, "weights": {c: show(w) for c, w in before.weights.items()}}
    _record(actor, "evaluation.scheme.changed", scheme, old, _content(scheme, chosen), now)
    return scheme_view(scheme.pk)


def _require_office(actor: Actor) -> None:
    if not actor.has(*OFFICE):
        raise NotPermitted("您当前的角色不能拟订评估方案", hint="评估方案由机构编制部门拟订。")


def _name(name: str) -> str:
    if not name.strip():
        raise InvalidInput("方案没有名称", hint="请填写方案名称。")
    return name.strip()


def _store(scheme: EvaluationScheme, chosen: IndicatorSet) -> None:
    SchemeIndicator.objects.bulk_create(
        SchemeIndicator(scheme=scheme, code=indicator.code, weight=indicator.weight, ordinal=n)
        for n, indicator in enumerate(chosen.indicators(), 1)
    )


def _content(scheme: EvaluationScheme, chosen: IndicatorSet) -> dict[str, object]:
    weights = {indicator.code: show(indicator.weight) for indicator in chosen.indicators()}
    return {"name": scheme.name, "focus": scheme.focus, "weights": weights}


def _record(actor: Actor, action: str, scheme: EvaluationScheme, before: object, after: object, now: datetime) -> None:
    subject = audit.SubjectRef("evaluation.scheme", scheme.pk, scheme.name)
    audit.record(actor=actor, action=action, subject=subject, before=before, after=after, now=now)
