"""乡镇比较：各县项数一览、同县逐项对照、一条规则在各镇的发现、一项的三级对照。"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from quanze.apps.catalog.domain.base_lists import DEVIATION_LABELS, DeviationKind
from quanze.apps.catalog.domain.packs import THRESHOLD_CODES, Thresholds, thresholds_from
from quanze.apps.catalog.domain.town_comparison import Cell, Line
from quanze.apps.catalog.selectors import levels as level_selectors
from quanze.apps.catalog.selectors import town_comparison as selectors
from quanze.apps.catalog.web.presenting import BUSINESS_ROLES, diff_rows, field_texts, rule_title, type_label
from quanze.apps.catalog.web.requests import DeskRequest
from quanze.apps.org import public as org
from quanze.base.parameters import public as parameters
from quanze.base.web.access import signed_in
from quanze.base.web.filters import ChoiceFilter, DayFilter, FilterBar, FlagFilter, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table

# What a cell says, short enough for a narrow column; the words stand in the export and under the pointer.
_MARKS = {
    DeviationKind.MISSING: "缺",
    DeviationKind.OMITTED: "不列",
    DeviationKind.ADDED: "补充",
    DeviationKind.UNEXPLAINED: "多出",
    DeviationKind.RENAMED: "改名",
    DeviationKind.RETYPED: "改类型",
    DeviationKind.RESPLIT: "子项",
}
_TONES = {
    DeviationKind.MISSING: "overdue",
    DeviationKind.UNEXPLAINED: "overdue",
    DeviationKind.RETYPED: "overdue",
    DeviationKind.RENAMED: "soon",
    DeviationKind.RESPLIT: "soon",
    DeviationKind.ADDED: "busy",
    DeviationKind.OMITTED: "busy",
}


def limits(on: date) -> Thresholds:
    """当日有效的允许偏差。"""
    return thresholds_from(parameters.values_on(THRESHOLD_CODES, on=on))


class CountsFilters(FilterBar):
    county = ChoiceFilter("县", choices=selectors.county_choices)
    kind = ChoiceFilter("种类", choices=[(str(one), org.BODY_KIND_LABELS[one]) for one in selectors.TOWN_KINDS])
    outliers = FlagFilter("只看超过允许偏差的")
    on = DayFilter("某日现行")


def _whole(value: float | None) -> float | None:
    """中位数可能是半项，其余不带小数。"""
    return int(value) if value is not None and value == int(value) else value


def _signed(value: float | None) -> str:
    return "" if value is None else f"{value:+g}" if value else "0"


COUNT_COLUMNS = (
    Column("name", "镇（街道）", is_fixed=True),
    Column("county", "县", href=lambda row: f"{reverse('catalog:compare_county')}?county={row.county_code}"),
    Column("kind", "种类", value=lambda row: org.BODY_KIND_LABELS[org.BodyKind(row.kind)]),
    Column("items", "现行事项（项）", kind="number", note="主项与单项"),
    Column("subitems", "子项", kind="number", is_hidden=True),
    Column("expected", "应有（项）", kind="number", value=lambda row: _whole(row.expected)),
    Column("gap", "相差（项）", kind="number", value=lambda row: _whole(row.gap), note="负数为少"),
    Column("is_outlier", "超过允许偏差", kind="flag"),
)


@signed_in(*BUSINESS_ROLES)
def compare(request: DeskRequest) -> HttpResponse:
    """各县、各镇街的项数，与范本（没有的与同县同类的中位数）之差，县际之差。"""
    bar = CountsFilters(request.GET)
    on = bar.values["on"] or timezone.localdate()
    limit = limits(on)
    found = selectors.counties(
        on=on,
        limit_percent=limit.town_tolerance_percent,
        county_limit_percent=limit.county_tolerance_percent,
    )
    rows = [
        town
        for county in found
        for town in county.towns
        if bar.values["county"] in (None, county.code)
        and bar.values["kind"] in (None, town.kind)
        and (town.is_outlier or not bar.values["outliers"])
    ]
    rows.sort(key=lambda row: (row.county_code, row.list_id))
    table = Table("towns", COUNT_COLUMNS, request=request, title=f"乡镇比较 {on}", row_id=lambda row: row.list_id)
    if table.wants_export:
        return table.export(rows, filters=bar)
    context = {
        "bar": bar,
        "on": on,
        "counties": found,
        "limits": limit,
        "table": table,
        "page": page_of(rows, request, order=("county_code", "list_id")),
        "towns": sum(len(one.towns) for one in found),
        "items": sum(one.total for one in found),
        "outliers": sum(one.outliers for one in found),
        "typed": next((row for row in selectors.rule_counts(scope=request.actor.scope) if row[0] == "C201"), None),
    }
    return render(request, "catalog/compare/counties.html", context)


class MatrixFilters(FilterBar):
    county = ChoiceFilter("县", choices=selectors.county_choices)
    cause = ChoiceFilter("原因", choices=[(str(kind), label) for kind, label in DEVIATION_LABELS.items()])
    q = TextFilter("事项", placeholder="名称")
    same = FlagFilter("相同的也列出")
    on = DayFilter("某日现行")


def _cell_text(cell: Cell) -> str:
    if not cell.deviations:
        return "有" if cell.is_present else "—"
    return "、".join(_MARKS[one.kind] for one in cell.deviations)


def _cell_words(cell: Cell) -> str:
    """一格的全部文字：差异与说明。"""
    told = []
    for one in cell.deviations:
        note = one.note
        if one.kind is DeviationKind.RETYPED:
            own, base = note.split("→")
            note = f"{type_label(own)}，范本为{type_label(base)}"
        told.append(f"{one.label}：{note}" if note else one.label)
    return "；".join(told) or _cell_text(cell)


def _at(index: int, text: Callable[[Cell], str]) -> Callable[[Line], str]:
    return lambda line: text(line.cells[index])


@signed_in(*BUSINESS_ROLES)
def compare_county(request: DeskRequest) -> HttpResponse:
    """同县逐项对照：行为事项，列为镇街，格里是差异的原因。"""
    code = request.GET.get("county") or next((code for code, _ in selectors.county_choices()), "")
    bar = MatrixFilters({**request.GET.dict(), "county": code})
    on = bar.values["on"] or timezone.localdate()
    found = selectors.county_comparison(county_code=code, on=on, limit_percent=limits(on).town_tolerance_percent)
    if found is None:
        return render(request, "catalog/compare/matrix.html", {"bar": bar, "found": None, "on": on})
    cause = DeviationKind(bar.values["cause"]) if bar.values["cause"] else None
    lines = [
        line
        for line in found.result.lines
        if bar.values["q"] in line.name and (line.has(cause) or (bar.values["same"] and cause is None))
    ]
    columns = (
        Column("name", "事项", is_fixed=True),
        Column("power_type", "类型", value=lambda line: type_label(line.power_type)),
        Column(
            "is_base",
            "来自",
            value=lambda line: ("范本" if found.base_list_id else "多数共有") if line.is_base else "本级",
        ),
        *(
            Column(f"town{n}", one.town.name, value=_at(n, _cell_words), is_fixed=True)
            for n, one in enumerate(found.result.towns)
        ),
    )
    table = Table("matrix", columns, request=request, title=f"{found.name}乡镇逐项对照 {on}")
    if table.wants_export:
        return table.export(lines, filters=bar)
    numbered = [(number, line) for number, line in enumerate(lines, start=1)]
    page = page_of(
        [{"number": number, "line": line} for number, line in numbered], request, order=("number",), size=100
    )
    context = {
        "bar": bar,
        "on": on,
        "found": found,
        "table": table,
        "page": page,
        "rows": [_row(one["line"], found) for one in page],
        "lines": len(lines),
        "all_lines": len(found.result.lines),
        "counts": [
            (DEVIATION_LABELS[kind], found.result.count(kind), f"?{urlencode({'county': code, 'cause': kind.value})}")
            for kind in DeviationKind
            if found.result.count(kind)
        ],
        "towns": [(one, _signed(one.gap), dict(one.result.counts)) for one in found.result.towns],
        "seen": {one.town.list_id for one in found.result.towns if request.actor.scope.covers(one.town.body_id)},
    }
    return render(request, "catalog/compare/matrix.html", context)


def _row(line: Line, found: selectors.CountyComparison) -> dict[str, Any]:
    href = ""
    if line.is_base and found.base_list_id is not None:
        href = f"{reverse('catalog:compare_item')}?{urlencode({'code': line.key})}"
    return {
        "name": line.name,
        "type": type_label(line.power_type),
        "href": href,
        "is_base": line.is_base,
        "cells": [
            {
                "text": _cell_text(cell),
                "words": _cell_words(cell),
                "tone": _TONES[cell.kinds[0]] if cell.kinds else "",
                "is_present": cell.is_present,
                "town": one.town.name,
            }
            for cell, one in zip(line.cells, found.result.towns, strict=True)
        ],
    }


def _rule_choices() -> list[tuple[str, str]]:
    from quanze.apps.catalog.rules import REGISTRY

    return [(code, f"{code} {REGISTRY.get(code).title}") for code in sorted(REGISTRY.codes())]


class AcrossFilters(FilterBar):
    rule = ChoiceFilter("规则", choices=_rule_choices, wide=True, blank="C201 许可混入他类")
    county = ChoiceFilter("县", choices=selectors.county_choices)
    q = TextFilter("事项", placeholder="名称")


ACROSS_COLUMNS = (
    Column("name", "事项", is_fixed=True),
    Column("lists", "清单（份）", kind="number", value=lambda row: len(row.places)),
    Column("towns", "在哪些镇（街道）", value=lambda row: "、".join(place[2] for place in row.places)),
    Column("message", "问题", clamp=True),
    Column("suggestion", "建议", clamp=True),
)


@signed_in(*BUSINESS_ROLES)
def compare_findings(request: DeskRequest) -> HttpResponse:
    """一条规则在各镇街清单里的发现：同一事项错在哪几个镇，一处看全。"""
    bar = AcrossFilters(request.GET)
    code = bar.values["rule"] or "C201"
    found = selectors.findings_across(code=code, scope=request.actor.scope, county_code=bar.values["county"] or "")
    rows = [one for one in found if bar.values["q"] in one.name]
    title = f"{code} {rule_title(code)}：各镇发现"
    table = Table("across", ACROSS_COLUMNS, request=request, title=title)
    if table.wants_export:
        return table.export(rows, filters=bar)
    context = {
        "bar": bar,
        "code": code,
        "title": rule_title(code),
        "rows": rows,
        "places": sum(len(one.places) for one in rows),
        "table": table,
        "counts": [(one, rule_title(one[0])) for one in selectors.rule_counts(scope=request.actor.scope)],
    }
    return render(request, "catalog/compare/findings.html", context)


_SHOWN = ("name", "power_type", "exercise_level", "level_split", "target", "basis_text", "legal_limit_days", "remedy")


@signed_in(*BUSINESS_ROLES)
def compare_item(request: DeskRequest) -> HttpResponse:
    """一项的三级对照：市、县部门，县级范本，镇街；与范本不同之处逐字标出。"""
    found = level_selectors.levels_of(code=request.GET.get("code", "")[:64], on=timezone.localdate())
    groups = [("部门", found.departments), ("镇（街道）", found.towns)]
    context = {
        "found": found,
        "facts": field_texts(found.content, _SHOWN, only_filled=True),
        "groups": [
            (
                label,
                [
                    {
                        "one": one,
                        "rows": diff_rows(one.changes),
                        "is_seen": request.actor.scope.covers(one.body_id),
                        "facts": field_texts(one.content, _SHOWN[:5], only_filled=True),
                    }
                    for one in held
                ],
            )
            for label, held in groups
        ],
        "same": sum(not one.changes for one in found.towns),
    }
    return render(request, "catalog/compare/item.html", context)
