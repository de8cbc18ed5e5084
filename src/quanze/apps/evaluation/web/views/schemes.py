"""评估方案与指标包。"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.evaluation import public as evaluation
from quanze.apps.evaluation.web import presenting
from quanze.apps.evaluation.web.forms import SchemeForm
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.core.errors import NotFound
from quanze.core.scoring import GroupRole, show

OFFICE = presenting.OFFICE_ROLES


@signed_in(*presenting.ASSESSOR_ROLES)
def scheme_list(request: HttpRequest) -> HttpResponse:
    """全部方案。"""
    actor = request.actor  # type: ignore[attr-defined]
    context = {"schemes": evaluation.schemes(), "is_office": presenting.is_office(actor)}
    return render(request, "evaluation/schemes.html", context)


@signed_in(*OFFICE)
def scheme_new(request: HttpRequest, form: SchemeForm | None = None, pack_id: int | None = None) -> HttpResponse:
    """组方案：勾选指标、填权重，合计实时显示；可以某方案为底。"""
    base = request.GET.get("from", "")
    initial: dict[str, Any] = {}
    if form is None and base.isdigit() and len(base) < 19:
        source = evaluation.scheme_view(int(base))
        initial = {"name": f"{source.name}（副本）", "focus": source.focus}
        return _builder(request, source.pack, source.weights, SchemeForm(initial=initial))
    packs = evaluation.packs()
    if not packs:
        raise NotFound("还没有装入指标包", hint="请系统管理员执行 quanze evaluate packs --install。")
    pack = next((pack for pack in packs if pack.id == pack_id), packs[0])
    weights = {i.code: i.weight for i in pack.indicators.indicators()}
    return _builder(request, pack, weights, form or SchemeForm())


def _builder(
    request: HttpRequest,
    pack: evaluation.PackView,
    weights: Mapping[str, Decimal],
    form: SchemeForm,
    scheme: evaluation.SchemeView | None = None,
) -> HttpResponse:
    posted = request.POST if form.is_bound else None
    groups = []
    for group in pack.indicators.groups:
        rows = []
        for indicator in group.indicators():
            code = indicator.code
            if posted is not None:
                is_chosen, weight = code in posted.getlist("chosen"), posted.get(f"weight-{code}", "")
            else:
                is_chosen, weight = code in weights, show(weights.get(code, indicator.weight))
            rows.append({"indicator": indicator, "is_chosen": is_chosen, "weight": weight})
        groups.append({"group": group, "rows": rows, "is_bonus": group.role is GroupRole.BONUS})
    is_locked = scheme is not None and scheme.is_used
    actor = request.actor  # type: ignore[attr-defined]
    context = {
        "form": form,
        "pack": pack,
        "groups": groups,
        "scheme": scheme,
        "full": show(pack.indicators.full),
        "is_locked": is_locked or not presenting.is_office(actor),
        "is_office": presenting.is_office(actor),
    }
    return render(request, "evaluation/scheme_builder.html", context)


@action(form=SchemeForm, roles=OFFICE, invalid=scheme_new)
def scheme_create(request: HttpRequest, form: SchemeForm, pack_id: int) -> Done:
    """保存新方案。"""
    view = evaluation.scheme_create(
        actor=request.actor,  # type: ignore[attr-defined]
        name=form.cleaned_data["name"],
        focus=form.cleaned_data["focus"],
        pack_id=pack_id,
        weights=form.weights(),
        now=timezone.now(),
    )
    said = f"{view.count} 项指标，其中 {view.automatic} 项全自动。下一步：建立评估轮次。"
    return Done(f"已保存方案“{view.name}”，{said}", to=reverse("evaluation:scheme", args=[view.id]))


@signed_in(*presenting.ASSESSOR_ROLES)
def scheme_page(request: HttpRequest, scheme_id: int, form: SchemeForm | None = None) -> HttpResponse:
    """一个方案：未启用的可改，启用的只看。"""
    view = evaluation.scheme_view(scheme_id)
    return _builder(
        request,
        view.pack,
        view.weights,
        form or SchemeForm(initial={"name": view.name, "focus": view.focus}),
        view,
    )


@action(form=SchemeForm, roles=OFFICE, invalid=scheme_page)
def scheme_change(request: HttpRequest, form: SchemeForm, scheme_id: int) -> Done:
    """保存修改。"""
    view = evaluation.scheme_change(
        actor=request.actor,  # type: ignore[attr-defined]
        scheme_id=scheme_id,
        seen_version=seen_version(request),
        name=form.cleaned_data["name"],
        focus=form.cleaned_data["focus"],
        weights=form.weights(),
        now=timezone.now(),
    )
    return Done(f"已保存方案“{view.name}”。", to=reverse("evaluation:scheme", args=[view.id]))


@signed_in(*presenting.BUSINESS_ROLES)
def pack_list(request: HttpRequest) -> HttpResponse:
    """已装入的指标包。"""
    return render(request, "evaluation/packs.html", {"packs": evaluation.packs()})


@signed_in(*presenting.BUSINESS_ROLES)
def pack_page(request: HttpRequest, pack_id: int) -> HttpResponse:
    """一个指标包：每项指标的公式、计分办法、所需数据与现状。"""
    pack = next((pack for pack in evaluation.packs() if pack.id == pack_id), None)
    if pack is None:
        raise NotFound("没有这个指标包", hint="请从“指标包”页面打开。")
    metrics = evaluation.all_metrics()
    groups, ready = [], 0
    for group in pack.indicators.groups:
        rows = []
        for indicator in group.indicators():
            pending = "；".join(metrics[k].pending for k in indicator.metrics().values() if metrics[k].pending)
            ready += indicator.is_automatic and not pending
            origin = presenting.ORIGIN_LABELS.get(indicator.name_origin, "")
            rows.append({"indicator": indicator, "origin": origin, "pending": pending})
        groups.append({"group": group, "is_bonus": group.role is GroupRole.BONUS, "rows": rows})
    return render(request, "evaluation/pack.html", {"pack": pack, "groups": groups, "ready": ready})
