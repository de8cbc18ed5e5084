"""一个单位的结果：得分树、指标下钻与人工评定、图表。"""

from __future__ import annotations

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.evaluation import public as evaluation
from quanze.apps.evaluation.domain.entries import entry_fields
from quanze.apps.evaluation.selectors.figures import ChartFigure, body_figures
from quanze.apps.evaluation.web import presenting
from quanze.apps.evaluation.web.forms import EntryForm
from quanze.apps.performance import public as performance
from quanze.base.web import charts
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.core.errors import NotFound

ENTRY_STATES = ("open", "computed")


@signed_in(*presenting.BUSINESS_ROLES)
def body_page(request: HttpRequest, round_id: int, body_id: int) -> HttpResponse:
    """得分：各组各指标，每项一句说明，点进去看到行。"""
    actor = request.actor  # type: ignore[attr-defined]
    result = evaluation.body_result(round_id, body_id, scope=actor.scope)
    score = result.score
    by_name = {group.name: group for group in score.groups} if score else {}
    groups = [
        {"name": name, "score": by_name.get(name), "lines": list(lines)}
        for name, lines in groupby(result.lines, key=lambda line: line.group)
    ]
    # The notes of a score speak of base indicators only; without the bonus ones the page does not add up.
    base = {indicator.code for indicator in result.round.indicators.base_indicators()}
    context = {
        "result": result,
        "round": result.round,
        "score": score,
        "groups": groups,
        "level": presenting.level_label(result.level),
        "with_data": sum(line.points is not None for line in result.lines),
        "counted": performance.items_counted(body_id=body_id, on=result.round.as_of),
        "unrated_bonus": sum(line.points is None and line.code not in base for line in result.lines),
        "tabs": presenting.body_tabs(round_id, body_id, "body"),
    }
    return render(request, "evaluation/body.html", context)


@signed_in(*presenting.BUSINESS_ROLES)
def body_charts(request: HttpRequest, round_id: int, body_id: int) -> HttpResponse:
    """图表：按类型、内设机构、月份、同比、有无运行。"""
    actor = request.actor  # type: ignore[attr-defined]
    result = evaluation.body_result(round_id, body_id, scope=actor.scope)
    figures = body_figures(result.round, body_id)
    context = {
        "result": result,
        "round": result.round,
        "charts": [_chart(figure) for figure in figures.charts if figure.labels],
        "empty": [figure for figure in figures.charts if not figure.labels],
        "tabs": presenting.body_tabs(round_id, body_id, "body_charts"),
    }
    return render(request, "evaluation/body_charts.html", context)


def _chart(figure: ChartFigure) -> charts.Chart:
    draw = {"line": charts.line, "hbar": charts.hbar}.get(figure.kind, charts.bar)
    return draw(figure.key, figure.title, figure.labels, figure.series, unit=figure.unit, note=figure.caption)


@signed_in(*presenting.BUSINESS_ROLES)
def indicator_page(
    request: HttpRequest, round_id: int, body_id: int, code: str, form: EntryForm | None = None
) -> HttpResponse:
    """一项指标：计分办法、读数、公式版本、背后的行、历次评定；可评定者在此评定。"""
    actor = request.actor  # type: ignore[attr-defined]
    result = evaluation.body_result(round_id, body_id, scope=actor.scope)
    line = next((line for line in result.lines if line.code == code), None)
    if line is None:
        raise NotFound("本轮没有这项指标", hint="请从单位得分页面打开。")
    indicator = result.round.indicators.indicator(code)
    may_enter = (
        line.takes_entry
        and actor.has(*presenting.ASSESSOR_ROLES)
        and actor.body_id != body_id
        and result.round.state in ENTRY_STATES
    )
    context = {
        "result": result,
        "round": result.round,
        "line": line,
        "reading": presenting.reading_facts(indicator, line.reading),
        "metrics": [evaluation.all_metrics()[key] for key in indicator.metrics().values()],
        "rows": presenting.evidence_rows(line, body_id),
        "entries": [
            {"label": presenting.part_text(entry.reading), "entry": entry, "is_current": n == 0}
            for n, entry in enumerate(line.entries)
        ],
        "form": form or (EntryForm(entry_fields=entry_fields(indicator)) if may_enter else None),
        "is_own": actor.body_id == body_id and actor.has(*presenting.ASSESSOR_ROLES),
    }
    return render(request, "evaluation/indicator.html", context)


@signed_in(*presenting.ASSESSOR_ROLES)
def score_enter(request: HttpRequest, round_id: int, body_id: int, code: str) -> HttpResponse:
    """人工评定。The fields follow from the indicator, so the form is bound here and not by the decorator."""
    actor = request.actor  # type: ignore[attr-defined]
    indicator = evaluation.round_view(round_id, scope=actor.scope).indicators.indicator(code)
    form = EntryForm(request.POST, entry_fields=entry_fields(indicator))

    @action(roles=presenting.ASSESSOR_ROLES)
    def enter(request: HttpRequest) -> Done:
        view = evaluation.score_enter(
            actor=actor,
            round_id=round_id,
            body_id=body_id,
            code=code,
            values=form.values(),
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
        said = "已计入总分并重排名次。" if view.state == "computed" else "将在系统计分时计入。"
        return Done(
            f"已评定“{indicator.name}”，{said}", to=reverse("evaluation:indicator", args=[round_id, body_id, code])
        )

    if request.method == "POST" and not form.is_valid():
        response = indicator_page(request, round_id=round_id, body_id=body_id, code=code, form=form)
        response.status_code = 422
        return response
    return enter(request)
