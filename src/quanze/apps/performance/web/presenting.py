"""页面上的话：图表、标签、状态色调。Charts are built from one set of figures, so page, table view and CSV agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from django.urls import reverse

from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.apps.performance.domain.explanations import EXPLANATION_FLOW
from quanze.apps.performance.domain.special_cases import month_of, months_before
from quanze.apps.performance.selectors.runs import BodyRunFigures, MonthClosing
from quanze.base.web import charts
from quanze.base.web.badges import Badge

CHART_KEYS = ("type", "division", "month", "year-on-year", "never-run", "on-time")
MOST_DIVISIONS = 15

EXPLANATION_BADGES = {
    s: Badge(label, {"open": "soon", "submitted": "busy", "accepted": "done", "returned": "overdue"}[s])
    for s, label in EXPLANATION_FLOW.states.items()
}
VERDICT_BADGES = {
    "pending": Badge("待核实", "soon"),
    "confirmed": Badge("核实为清单外行权", "overdue"),
    "to_be_listed": Badge("待入清单", "busy"),
    "released": Badge("已核销", "done"),
}

WARNING_BADGES = {
    "new": Badge("未阅", "soon"),
    "read": Badge("已阅", "busy"),
    "explained": Badge("已说明", "done"),
}
WARNING_LEVEL_BADGES = {"attention": Badge("关注", "soon"), "severe": Badge("严重", "overdue")}


def month_label(month: date) -> str:
    """2026年3月。"""
    return f"{month.year}年{month.month}月"


def type_label(code: str) -> str:
    """职权类型名称；事项已不在任何清单时为“未定”。"""
    return catalog.power_types().label(code) if code else "未定"


def months_covered(closing: Mapping[date, MonthClosing]) -> str:
    """按时办结率算到哪几个月：只有报送了办件事件的月份，填报件数的月份不含期限。"""
    months = sorted(closing)
    if not months:
        return "没有办件事件"
    runs: list[tuple[date, date]] = []
    for month in months:
        if runs and months_before(month, 1) == runs[-1][1]:
            runs[-1] = (runs[-1][0], month)
        else:
            runs.append((month, month))
    spans = (month_label(a) if a == b else f"{month_label(a)}至{month_label(b)}" for a, b in runs)
    return f"办结数只含有办件事件的 {len(months)} 个月（{'、'.join(spans)}）"


def until_reported(values: Sequence[int]) -> list[int | None]:
    """末尾还没有报送的月份留空。A month nobody has reported yet is not a month without cases; drawn as 0 it looks like a fall."""
    last = max((index for index, value in enumerate(values) if value), default=len(values) - 1)
    return [value if index <= last else None for index, value in enumerate(values)]


def unreported_words(months: Sequence[date], values: Sequence[int | None]) -> str:
    """从哪个月起还没有数据；都有则为空。"""
    first = next((month for month, value in zip(months, values, strict=True) if value is None), None)
    return f"{month_label(first)}起还没有数据。" if first else ""


def percent(part: float | None) -> str:
    """97.3%；无从计算为“—”。"""
    return "—" if part is None else f"{part * 100:.1f}%"


def body_charts(
    body: org.BodyView, figures: BodyRunFigures, closing: Mapping[date, MonthClosing], query: str
) -> dict[str, charts.Chart]:
    """一个机构的各图，键 → 图。``query`` is the span of the page, handed on to every link."""
    items = reverse("performance:items", args=[body.id])
    join = "&" if query else ""

    def csv_url(key: str) -> str:
        return reverse("performance:chart_csv", args=[body.id, key]) + (f"?{query}" if query else "")

    def rows_of(condition: str) -> str:
        return f"{items}?{condition}{join}{query}"

    return {
        "type": _by_type(figures, csv_url("type"), rows_of),
        "division": _by_division(figures, csv_url("division")),
        "month": _by_month(figures, csv_url("month")),
        "year-on-year": _year_on_year(figures, csv_url("year-on-year")),
        "never-run": _never_run(figures, csv_url("never-run"), rows_of),
        "on-time": _on_time(figures, closing, csv_url("on-time")),
    }


def _by_type(figures: BodyRunFigures, url: str, rows_of: Callable[[str], str]) -> charts.Chart:
    parts = sorted(figures.by_type.items(), key=lambda p: -p[1])
    title = "各类职权的办件"
    if parts:
        title = f"{type_label(parts[0][0])}占全部办件的 {percent(parts[0][1] / figures.cases)}"
    return charts.bar(
        "type",
        title,
        [type_label(code) for code, _ in parts],
        {"办件数": [n for _, n in parts]},
        unit="件",
        category_label="职权类型",
        links=[rows_of(f"type={code}") for code, _ in parts],
        csv_url=url,
    )


def _by_division(figures: BodyRunFigures, url: str) -> charts.Chart:
    parts = sorted(figures.by_division.items(), key=lambda p: -p[1])
    shown, rest = parts[:MOST_DIVISIONS], parts[MOST_DIVISIONS:]
    if rest:
        shown = [*shown, (f"其余 {len(rest)} 个", sum(n for _, n in rest))]
    title = f"{parts[0][0]}办件最多，{parts[0][1]:,} 件" if parts else "各内设机构的办件"
    return charts.hbar(
        "division",
        title,
        [name for name, _ in shown],
        {"办件数": [n for _, n in shown]},
        unit="件",
        category_label="内设机构",
        csv_url=url,
    )


def _by_month(figures: BodyRunFigures, url: str) -> charts.Chart:
    months = list(figures.by_month)
    title = "各月办件"
    if figures.cases:
        top = max(months, key=lambda m: figures.by_month[m])
        title = f"{month_label(top)}办件最多，{figures.by_month[top]:,} 件"
    current = month_of(figures.as_of)
    values = until_reported([figures.by_month[m] for m in months])
    return charts.line(
        "month",
        title,
        [month_label(m) + ("（本月未完）" if m == current else "") for m in months],
        {"办件数": values},
        unit="件",
        category_label="月份",
        note=unreported_words(months, values),
        csv_url=url,
    )


def _year_on_year(figures: BodyRunFigures, url: str) -> charts.Chart:
    # A month that is not over or not reported yet would look like a decline.
    months = list(figures.by_month)
    values = until_reported([figures.by_month[m] for m in months])
    full = [m for m, value in zip(months, values, strict=True) if value is not None and m < month_of(figures.as_of)]
    now = sum(figures.by_month[m] for m in full)
    before = sum(figures.year_before[months_before(m, 12)] for m in full)
    if not before:
        title = "上年同期没有数据，无从比较"
    else:
        change = (now - before) / before
        title = f"办件同比{'增长' if change >= 0 else '下降'} {percent(abs(change))}"
    return charts.bar(
        "year-on-year",
        title,
        [month_label(m) for m in months],
        {"本期": values, "上年同期": list(figures.year_before.values())},
        unit="件",
        category_label="月份",
        note="" if len(full) == len(months) else "同比不计尚未过完的本月和还没有数据的月份。",
        csv_url=url,
    )


def _never_run(figures: BodyRunFigures, url: str, rows_of: Callable[[str], str]) -> charts.Chart:
    ran: dict[str, int] = {}
    idle: dict[str, int] = {}
    for item in figures.items:
        counts = ran if item.cases else idle
        counts[item.power_type] = counts.get(item.power_type, 0) + 1
    codes = sorted({*ran, *idle}, key=lambda c: -idle.get(c, 0))
    return charts.bar(
        "never-run",
        f"{len(figures.items)} 项现行事项中 {len(figures.never_run)} 项没有办件",
        [type_label(c) for c in codes],
        {"没有办件": [idle.get(c, 0) for c in codes], "有办件": [ran.get(c, 0) for c in codes]},
        unit="项",
        category_label="职权类型",
        links=[rows_of(f"type={c}&run=never") for c in codes],
        csv_url=url,
        is_stacked=True,
    )


def _on_time(figures: BodyRunFigures, closing: Mapping[date, MonthClosing], url: str) -> charts.Chart:
    due = figures.on_time + figures.late + figures.overdue_open
    title = f"按时办结率 {percent(figures.on_time / due)}" if due else "没有带期限的办件，按时办结率无从计算"
    months = list(figures.by_month)
    none = MonthClosing(0, 0, 0, 0)
    found = [closing.get(m, none) for m in months]
    return charts.bar(
        "on-time",
        title,
        [month_label(m) for m in months],
        {
            "按时办结": [c.on_time for c in found],
            "逾期办结": [c.late for c in found],
            "无期限办结": [c.undated for c in found],
            "在办": [c.open for c in found],
        },
        unit="件",
        category_label="受理月份",
        note=f"按办件受理月份统计；{months_covered(closing)}。",
        csv_url=url,
        is_stacked=True,
    )
