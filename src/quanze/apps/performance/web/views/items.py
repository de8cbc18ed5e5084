"""一项事项的运行：逐月件数、环节、路径；整页，或供事项页取用的片段。"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.apps.performance.selectors import runs
from quanze.apps.performance.selectors.explanations import explanations
from quanze.apps.performance.web.presenting import month_label, unreported_words, until_reported
from quanze.base.web import charts
from quanze.base.web.access import signed_in
from quanze.core.errors import NotFound
from quanze.warehouse import public as warehouse

_HOUR_MS = 3_600_000


@signed_in(*org.CONTENT_ROLES)
def item_page(request: HttpRequest, body_id: int, code: str) -> HttpResponse:
    """一项事项的运行数据。"""
    return render(request, "performance/item.html", _context(request, body_id, code))


@signed_in(*org.CONTENT_ROLES)
def item_fragment(request: HttpRequest, body_id: int, code: str) -> HttpResponse:
    """片段：事项页的“运行”一栏以 htmx 取用。"""
    return render(request, "performance/_item_runs.html", _context(request, body_id, code))


def _context(request: HttpRequest, body_id: int, code: str) -> dict[str, Any]:
    scope = request.actor.scope  # type: ignore[attr-defined]
    body = runs.visible_body(body_id=body_id, scope=scope)
    versions = [f for f in catalog.item_facts_by_codes([code]).get(code, []) if f.body_id == body_id]
    if not versions:
        raise NotFound("没有这项事项", hint="请从清单或运行数据页进入。")
    on = timezone.localdate()
    first, last = runs.span_of(on, 24)
    months = runs.case_months(body_codes={body.code: body.id}, item_codes=[code]).get((body.code, code), {})
    span = runs.months_between(first, last)
    flags = [f for f in runs.special_cases(body_ids=[body_id], as_of=on) if f.item_code == code]
    total = next(iter(warehouse.case_counts(body_codes=[body.code], item_codes=[code])), None)
    return {
        "body": body,
        "fact": versions[-1],
        "months": _month_chart(months, span),
        "total": total,
        "all_cases": sum(months.values()),
        "recent": runs.cases_of(months, *runs.span_of(on)),
        "duration": _duration(body.code, code),
        "overdue": sum(
            o.cases for o in warehouse.overdue_open_counts(on=on, body_codes=[body.code], item_codes=[code])
        ),
        "steps": _steps(code),
        "variants": warehouse.variant_summaries(flow_codes=[code])[:5],
        "flags": flags,
        "explanations": [e for e in explanations(scope=scope, body_ids=[body_id]) if e.item_code == code],
    }


def _steps(flow_code: str) -> list[dict[str, Any]]:
    """环节表，先办的在前；时间以小时计。"""
    steps = sorted(warehouse.step_summaries(flow_codes=[flow_code]), key=lambda s: (-s.firsts, -s.events))
    return [
        {
            "name": s.step_code,
            "events": s.events,
            "returned": s.returned,
            "p50": _hours(s.p50_ms),
            "p90": _hours(s.p90_ms),
        }
        for s in steps
    ]


def _hours(millis: int) -> str:
    return "—" if millis < 0 else f"{millis / _HOUR_MS:,.1f}"


def _duration(body_code: str, item_code: str) -> dict[str, Any] | None:
    found = next(iter(warehouse.duration_summaries(body_codes=[body_code], item_codes=[item_code])), None)
    if found is None:
        return None
    days = {f"p{q}": f"{getattr(found, f'p{q}_ms') / _HOUR_MS / 24:,.1f}" for q in (50, 90, 95)}
    return {"cases": found.cases, **days}


def _month_chart(months: dict[Any, int], span: list[Any]) -> charts.Chart:
    counts = [months.get(m, 0) for m in span]
    values = until_reported(counts)
    title = f"近 24 个月办件 {sum(counts):,} 件" if any(counts) else "近 24 个月没有办件"
    return charts.line(
        "item-months",
        title,
        [month_label(m) for m in span],
        {"办件数": values},
        unit="件",
        category_label="月份",
        note=unreported_words(span, values),
    )
