"""办事指南链接的核查结果。"""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.selectors import links as selectors
from quanze.apps.catalog.selectors.attention import named
from quanze.apps.catalog.services import link_checking
from quanze.apps.catalog.web.presenting import BUSINESS_ROLES
from quanze.apps.catalog.web.requests import DeskRequest
from quanze.apps.catalog.web.views.guide_lists import guide_tabs
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.filters import ChoiceFilter, FilterBar, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table

STATES = {"dead": "打不开", "ok": "可以打开", "unasked": "不在核查范围", "unchecked": "还没有核查"}


class LinkFilters(FilterBar):
    q = TextFilter("事项或机构")
    state = ChoiceFilter("核查结果", choices=list(STATES.items()))


def _outcome(row: object) -> str:
    return getattr(row, "outcome", None) or "unchecked"


COLUMNS = (
    Column(
        "name",
        "事项",
        href=lambda row: reverse("catalog:item_tab", args=[row.item_id, "guide"]),
        clamp=True,
        is_fixed=True,
    ),
    Column("item__power_list__body__name", "机构"),
    Column("guide_url", "网址", clamp=True),
    Column("outcome", "核查结果", value=_outcome, kind="state", badge="catalog.link"),
    Column("status", "应答", kind="number"),
    Column("detail", "说明", is_hidden=True),
    Column("dead_since", "自何时打不开", kind="time"),
    Column("checked_at", "核查时间", kind="time"),
)


@signed_in(*BUSINESS_ROLES)
def link_list(request: DeskRequest) -> HttpResponse:
    """有网址的事项与最近一次核查的结果。"""
    bar, today, scope = LinkFilters(request.GET), timezone.localdate(), request.actor.scope
    rows = selectors.link_rows(scope=scope, on=today, state=bar.values["state"] or "")
    if bar.values["q"]:
        rows = named(rows, bar.values["q"])
    table = Table("links", COLUMNS, request=request, title="办事指南链接", row_id=lambda row: row.item_id)
    if table.wants_export:
        return table.export(rows.order_by("item__code"), filters=bar)
    total, checked, dead = selectors.counts_of(scope=scope, on=today)
    context = {
        "bar": bar,
        "table": table,
        "tabs": guide_tabs("links"),
        "page": page_of(rows, request, order=("item__code",)),
        "total": total,
        "checked": checked,
        "dead": dead,
        "hosts": link_checking.hosts(),
        "may_check": request.actor.has("establishment", "system_admin"),
    }
    return render(request, "catalog/links.html", context)


@action(roles=("establishment", "system_admin"), page="catalog:links")
def links_check(request: DeskRequest) -> Done:
    """现在核查。"""
    job_id = link_checking.links_check_request(actor=request.actor, now=timezone.now())
    return Done("已开始核查。", to=reverse("job", args=[job_id]))
