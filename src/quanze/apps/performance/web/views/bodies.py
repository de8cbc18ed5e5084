"""运行数据页：全部机构的概览、一个机构的图表、其事项，图的 CSV。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.apps.performance.domain.special_cases import SPECIAL_CASE_LABELS, month_of
from quanze.apps.performance.selectors import runs
from quanze.apps.performance.selectors.figures import body_run_figures
from quanze.apps.performance.selectors.runs import BodyRunFigures, ItemFigures, MonthClosing
from quanze.apps.performance.web.presenting import (
    CHART_KEYS,
    body_charts,
    month_label,
    months_covered,
    percent,
    type_label,
)
from quanze.base.sheets.writing import write_csv
from quanze.base.web.access import signed_in
from quanze.base.web.charts import Chart
from quanze.base.web.exporting import download
from quanze.base.web.filters import ChoiceFilter, DateRangeFilter, FilterBar, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table
from quanze.core.errors import NotFound
from quanze.warehouse import public as warehouse


class SpanFilters(FilterBar):
    span = DateRangeFilter("统计月份")


class OverviewFilters(SpanFilters):
    q = TextFilter("机构名称", placeholder="机构名称")
    kind = ChoiceFilter("机构种类", choices=[(str(code), label) for code, label in org.BODY_KIND_LABELS.items()])


class ItemFilters(SpanFilters):
    q = TextFilter("事项名称或标识", placeholder="事项名称、事项标识")
    type = ChoiceFilter("职权类型", choices=lambda: [(t.code, t.label) for t in catalog.power_types().types])
    run = ChoiceFilter("运行情况", choices=[("never", "没有办件"), ("late", "有逾期"), ("flagged", "特殊情形")])


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """概览的一行。"""

    id: int
    name: str
    figures: BodyRunFigures

    @property
    def on_time_rate(self) -> float | None:
        due = self.figures.on_time + self.figures.late + self.figures.overdue_open
        return self.figures.on_time / due if due else None


def _items_url(row: OverviewRow, condition: str = "") -> str:
    return reverse("performance:items", args=[row.id]) + (f"?{condition}" if condition else "")


OVERVIEW_COLUMNS = (
    Column("name", "机构", href=lambda r: reverse("performance:body", args=[r.id]), is_fixed=True),
    Column("items", "现行事项（项）", kind="number", value=lambda r: len(r.figures.items), href=_items_url),
    Column(
        "never",
        "没有办件（项）",
        kind="number",
        value=lambda r: len(r.figures.never_run),
        href=lambda r: _items_url(r, "run=never"),
    ),
    Column("cases", "办件（件）", kind="number", value=lambda r: r.figures.cases, href=_items_url),
    Column("on_time", "按时办结率", kind="percent", value=lambda r: r.on_time_rate),
    Column(
        "overdue",
        "逾期未办结（件）",
        kind="number",
        value=lambda r: r.figures.overdue_open,
        href=lambda r: _items_url(r, "run=late"),
    ),
    Column(
        "flagged",
        "特殊情形（项）",
        kind="number",
        value=lambda r: len(r.figures.flagged),
        href=lambda r: _items_url(r, "run=flagged"),
    ),
    Column(
        "unexplained",
        "未作专项说明（项）",
        kind="number",
        value=lambda r: len(r.figures.unexplained),
        href=lambda r: reverse("performance:explanations") + f"?body={r.id}",
    ),
)

ITEM_COLUMNS = (
    Column(
        "item_name",
        "事项名称",
        clamp=True,
        is_fixed=True,
        href=lambda r: reverse("performance:item", args=[r.item.body_id, r.item.item_code]),
        value=lambda r: r.item.item_name,
    ),
    Column("item_code", "事项标识", kind="code", value=lambda r: r.item.item_code),
    Column("type", "职权类型", value=lambda r: type_label(r.item.power_type)),
    Column("division", "承办机构", value=lambda r: r.item.lead_division),
    Column("cases", "办件（件）", kind="number", value=lambda r: r.item.cases),
    Column("closed", "办结（件）", kind="number", value=lambda r: r.item.closed),
    Column("late", "逾期办结（件）", kind="number", value=lambda r: r.item.late),
    Column("overdue", "逾期未办结（件）", kind="number", value=lambda r: r.item.overdue_open),
    Column("rate", "按时办结率", kind="percent", value=lambda r: r.item.on_time_rate),
    Column("flags", "特殊情形", value=lambda r: r.flags),
)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """事项表的一行。"""

    number: int
    item: ItemFigures
    flags: str


def span_of(bar: FilterBar) -> tuple[date, date]:
    """页面的统计区间：未选为截至当月的十二个月。"""
    first, last = bar.values["span"]
    default = runs.span_of(timezone.localdate())
    last = month_of(last) if last else default[1]
    return (month_of(first) if first else min(runs.months_before(last, 11), last)), last


def span_query(bar: FilterBar) -> str:
    """统计区间的网址参数，供页内链接带上。"""
    names = ("span_from", "span_to")
    return "&".join(f"{n}={bar.data[n]}" for n in names if bar.data.get(n) and not bar.problems)


@signed_in(*org.CONTENT_ROLES)
def overview(request: HttpRequest) -> HttpResponse:
    """各机构的运行概览；只看得见一个机构的，直接到该机构。"""
    scope = request.actor.scope  # type: ignore[attr-defined]
    bar = OverviewFilters(request.GET)
    on = timezone.localdate()
    bodies = [b for b in org.bodies(on=on) if scope.covers(b.id)]
    if len(bodies) == 1:
        return redirect("performance:body", body_id=bodies[0].id)
    words, kind = bar.values["q"], bar.values["kind"]
    chosen = [b for b in bodies if words in b.name and (not kind or b.kind == kind)]
    first, last = span_of(bar)
    found = body_run_figures(body_ids=[b.id for b in chosen], as_of=on, from_month=first, to_month=last)
    rows = [OverviewRow(b.id, b.name, found[b.id]) for b in chosen if found[b.id].items or found[b.id].cases]
    rows.sort(key=lambda r: r.id)
    table = Table("bodies", OVERVIEW_COLUMNS, request=request, title="行权运行概览", row_id=lambda r: r.id)
    if table.wants_export:
        return table.export(rows, filters=bar)
    due = sum(r.figures.on_time + r.figures.late + r.figures.overdue_open for r in rows)
    context = {
        "bar": bar,
        "table": table,
        "page": page_of(rows, request, order=("id",)),
        "span": f"{month_label(first)}至{month_label(last)}",
        "status": warehouse.mart_status(),
        "cases": sum(r.figures.cases for r in rows),
        "items": sum(len(r.figures.items) for r in rows),
        "never_run": sum(len(r.figures.never_run) for r in rows),
        "flagged": sum(len(r.figures.flagged) for r in rows),
        "unexplained": sum(len(r.figures.unexplained) for r in rows),
        "on_time": percent(sum(r.figures.on_time for r in rows) / due if due else None),
    }
    return render(request, "performance/overview.html", context)


@signed_in(*org.CONTENT_ROLES)
def body_page(request: HttpRequest, body_id: int) -> HttpResponse:
    """一个机构的运行数据。"""
    bar = SpanFilters(request.GET)
    body, figures, closing, charts = _body_charts(request, bar, body_id)
    due = figures.on_time + figures.late + figures.overdue_open
    context = {
        "body": body,
        "bar": bar,
        "figures": figures,
        "charts": [charts[k] for k in CHART_KEYS],
        "span": f"{month_label(figures.from_month)}至{month_label(figures.to_month)}",
        "status": warehouse.mart_status(),
        "on_time": percent(figures.on_time / due if due else None),
        "on_time_months": months_covered(closing),
        "counted": runs.items_counted(body_id=body_id, on=figures.as_of),
        "query": span_query(bar),
        "last_month": None if figures.cases else runs.last_month_with_data(body_code=body.code),
        "never": [i for i in figures.items if not i.cases][:20],
        "can_open": len([b for b in org.bodies() if request.actor.scope.covers(b.id)]) > 1,  # type: ignore[attr-defined]
    }
    return render(request, "performance/body.html", context)


@signed_in(*org.CONTENT_ROLES)
def chart_csv(request: HttpRequest, body_id: int, key: str) -> HttpResponse:
    """图的数据下载，与图、与表视图逐格相同。"""
    *_, charts = _body_charts(request, SpanFilters(request.GET), body_id)
    if key not in charts:
        raise NotFound("没有这张图", hint="请从运行数据页下载。")
    chart = charts[key]
    content = write_csv(chart.header, [(row["name"], *row["values"]) for row in chart.rows])
    return download(content, f"{chart.title}.csv", "text/csv; charset=utf-8")


@signed_in(*org.CONTENT_ROLES)
def item_table(request: HttpRequest, body_id: int) -> HttpResponse:
    """一个机构各事项的运行数字，可筛选。"""
    bar = ItemFilters(request.GET)
    body = runs.visible_body(body_id=body_id, scope=request.actor.scope)  # type: ignore[attr-defined]
    first, last = span_of(bar)
    on = timezone.localdate()
    figures = body_run_figures(body_ids=[body_id], as_of=on, from_month=first, to_month=last)[body_id]
    rows = _item_rows(figures, bar.values)
    table = Table("run_items", ITEM_COLUMNS, request=request, title=f"{body.label}事项运行", row_id=lambda r: r.number)
    if table.wants_export:
        return table.export(rows, filters=bar)
    context = {
        "body": body,
        "bar": bar,
        "table": table,
        "page": page_of(rows, request, order=("number",)),
        "total": len(rows),
        "cases": sum(r.item.cases for r in rows),
        "span": f"{month_label(first)}至{month_label(last)}",
    }
    return render(request, "performance/items.html", context)


def _item_rows(figures: BodyRunFigures, values: dict[str, Any]) -> list[ItemRow]:
    flags: dict[str, list[str]] = {}
    for flag in figures.flagged:
        flags.setdefault(flag.item_code, []).append(SPECIAL_CASE_LABELS[flag.kind])
    words, kind, run = values["q"], values["type"], values["run"]
    rows = []
    for number, item in enumerate(figures.items, start=1):
        is_wanted = (
            (not words or words in item.item_name or words == item.item_code)
            and (not kind or item.power_type == kind)
            and (run != "never" or not item.cases)
            and (run != "late" or item.late or item.overdue_open)
            and (run != "flagged" or item.item_code in flags)
        )
        if is_wanted:
            rows.append(ItemRow(number, item, "、".join(flags.get(item.item_code, ()))))
    return rows


def _body_charts(
    request: HttpRequest, bar: FilterBar, body_id: int
) -> tuple[org.BodyView, BodyRunFigures, Mapping[date, MonthClosing], dict[str, Chart]]:
    body = runs.visible_body(body_id=body_id, scope=request.actor.scope)  # type: ignore[attr-defined]
    first, last = span_of(bar)
    figures = body_run_figures(body_ids=[body_id], as_of=timezone.localdate(), from_month=first, to_month=last)[body_id]
    closing = runs.month_closings(body_code=body.code, from_month=first, to_month=last)
    return body, figures, closing, body_charts(body, figures, closing, span_query(bar))
