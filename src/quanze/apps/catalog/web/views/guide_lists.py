"""办事指南的两张表：关注度高或办件量大的事项，依申请而没有指南的事项。"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.domain.attention import AttentionSource, attention_sources
from quanze.apps.catalog.selectors import attention as selectors
from quanze.apps.catalog.web.presenting import BUSINESS_ROLES, type_choices, type_label
from quanze.apps.catalog.web.requests import DeskRequest
from quanze.base.parameters import public as parameters
from quanze.base.web.access import signed_in
from quanze.base.web.filters import ChoiceFilter, FilterBar, TextFilter
from quanze.base.web.navigation import Tab
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table

SITUATIONS = {"missing": "缺指南", "guide": "有简明指南", "hall": "已进驻大厅"}


def guide_tabs(active: str) -> list[Tab]:
    """办事指南三张表的页签。"""
    return [
        Tab("关注度高或办件量大", reverse("catalog:guides"), active == "attention"),
        Tab("依申请而没有指南", reverse("catalog:guides_unguided"), active == "unguided"),
        Tab("链接核查", reverse("catalog:links"), active == "links"),
    ]


class AttentionFilters(FilterBar):
    q = TextFilter("事项或机构")
    situation = ChoiceFilter("指南", choices=list(SITUATIONS.items()))


def _situation(row: selectors.AttentionRow) -> str:
    if row.is_in_hall:
        return "hall"
    return "missing" if row.is_missing else "guide"


def _said(row: selectors.AttentionRow) -> str:
    code = _situation(row)
    return f"简明指南第 {row.guide_number} 版" if code == "guide" else SITUATIONS[code]


def _counted(source: AttentionSource) -> Any:
    return lambda row: row.counts.get(source.code, 0)


def _why(row: selectors.AttentionRow) -> str:
    labels = {one.code: one.label for one in attention_sources()}
    return "、".join(f"{labels[code]}第 {rank}" for code, rank in row.ranks.items())


@signed_in(*BUSINESS_ROLES)
def attention_list(request: DeskRequest) -> HttpResponse:
    """社会关注度高或办件量大的事项：各来源前若干名，缺指南的标出。"""
    today: date = timezone.localdate()
    months = parameters.value_int("attention_months", on=today)
    top = parameters.value_int("attention_top", on=today)
    bar = AttentionFilters(request.GET)
    found = selectors.attention(scope=request.actor.scope, on=today, months=months, top=top)
    words, situation = bar.values["q"], bar.values["situation"]
    rows = [
        row
        for row in found
        if (not words or words in row.name or words in row.body_name or words == row.code)
        and (not situation or _situation(row) == situation)
    ]
    columns = (
        Column(
            "name",
            "事项",
            href=lambda row: reverse("catalog:item_tab", args=[row.item_id, "guide"]),
            clamp=True,
            is_fixed=True,
        ),
        Column("body_name", "机构"),
        Column("power_type", "职权类型", value=lambda row: type_label(row.power_type)),
        *(
            Column(f"count_{one.code}", f"{one.label}（{one.unit}）", kind="number", value=_counted(one))
            for one in attention_sources()
        ),
        Column("why", "入选", value=_why),
        Column("situation", "指南", value=_situation, kind="state", badge="catalog.guide_situation"),
        Column("guide", "指南的版本", value=_said, is_hidden=True),
    )
    table = Table(
        "attention", columns, request=request, title="关注度高或办件量大的事项", row_id=lambda row: row.item_id
    )
    if table.wants_export:
        return table.export(rows, filters=bar)
    context = {
        "bar": bar,
        "table": table,
        "tabs": guide_tabs("attention"),
        "page": page_of(rows, request, order=("order", "item_id")),
        "missing": sum(row.is_missing for row in found),
        "in_hall": sum(row.is_in_hall for row in found),
        "total": len(found),
        "months": months,
        "top": top,
        "sources": attention_sources(),
        "source": parameters.source_of("attention_top", on=today),
    }
    return render(request, "catalog/guides.html", context)


class UnguidedFilters(FilterBar):
    q = TextFilter("事项或机构")
    power_type = ChoiceFilter("职权类型", choices=type_choices, lookup="power_type")


UNGUIDED = (
    Column(
        "name",
        "事项",
        href=lambda row: reverse("catalog:item_tab", args=[row.item_id, "guide"]),
        clamp=True,
        is_fixed=True,
    ),
    Column("item__power_list__body__name", "机构"),
    Column("power_type", "职权类型", value=lambda row: type_label(row.power_type)),
    Column("lead_division", "承办机构"),
    Column("item__code", "事项标识", kind="code", is_hidden=True),
)


@signed_in(*BUSINESS_ROLES)
def unguided_list(request: DeskRequest) -> HttpResponse:
    """依申请办理而没有网上办事指南、也没有简明指南的事项。"""
    bar = UnguidedFilters(request.GET)
    rows = selectors.unguided(scope=request.actor.scope, on=timezone.localdate())
    if bar.values["q"]:
        rows = selectors.named(rows, bar.values["q"])
    if bar.values["power_type"]:
        rows = rows.filter(power_type=bar.values["power_type"])
    table = Table("unguided", UNGUIDED, request=request, title="依申请而没有指南的事项", row_id=lambda row: row.item_id)
    if table.wants_export:
        return table.export(rows.order_by("item__code"), filters=bar)
    context = {
        "bar": bar,
        "table": table,
        "tabs": guide_tabs("unguided"),
        "page": page_of(rows, request, order=("item__code",)),
    }
    return render(request, "catalog/guides_unguided.html", context)
