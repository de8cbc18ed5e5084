"""同步变更：本机构待处理的条目，逐条登记已更新、已终止或确认不受影响。"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from quanze.apps.adjustment.domain.lifecycles import DEPENDANT_FLOW
from quanze.apps.adjustment.selectors import adjustments as selectors
from quanze.apps.adjustment.services import settling
from quanze.apps.adjustment.web.forms import SettleForm
from quanze.apps.adjustment.web.ordering import ordered
from quanze.apps.adjustment.web.presenting import DUTY_LABELS, READERS, SETTLERS
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.filters import ChoiceFilter, FilterBar, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table
from quanze.core.errors import NotFound


class DependantFilters(FilterBar):
    q = TextFilter("事项或机构", placeholder="条目、机构、事由")
    state = ChoiceFilter("状态", choices=list(DEPENDANT_FLOW.states.items()))


COLUMNS = (
    Column("name", "条目", clamp=True, is_fixed=True, href=lambda row: reverse("adjustment:dependant", args=[row.id])),
    Column("list_label", "清单"),
    Column("body_name", "所属机构"),
    Column("duty", "要做什么", value=lambda row: DUTY_LABELS[row.duty]),
    Column("trigger_title", "事由", clamp=True),
    Column("source_name", "上级事项", clamp=True, is_hidden=True),
    Column("state", "状态", kind="state", badge="adjustment.dependant"),
    Column("settled_by_name", "处理人"),
)


@signed_in(*READERS)
def dependant_list(request: Any) -> HttpResponse:
    """同步变更一览：待处理的在前。"""
    actor = request.actor
    bar = DependantFilters(request.GET)
    words, state = bar.values["q"], bar.values["state"]
    only = request.GET.get("adjustment", "")
    rows = [
        row
        for row in selectors.dependants_for(scope=actor.scope, is_pending=False)
        if (not words or words in row.name or words in row.body_name or words in row.trigger_title)
        and (not state or row.state == state)
        and (not only or str(row.adjustment_id) == only)
    ]
    rows.sort(key=lambda row: (row.state != "pending", row.id))
    table = Table("dependants", COLUMNS, request=request, title="同步变更", row_id=lambda row: row.id)
    if table.wants_export:
        return table.export(rows, filters=bar)
    waiting = sum(row.state == "pending" for row in rows)
    lines = ordered(rows)
    return render(
        request,
        "adjustment/dependants.html",
        {"bar": bar, "table": table, "page": page_of(lines, request, order=("order", "id")), "waiting": waiting},
    )


@signed_in(*READERS)
def dependant_page(request: Any, change_id: int, form: forms.Form | None = None) -> HttpResponse:
    """一个条目：上级怎样调整、本级要做什么、去哪里改。"""
    actor = request.actor
    row = next(
        (
            one
            for one in selectors.dependants_for(scope=actor.scope, is_pending=False, limit=100_000)
            if one.id == change_id
        ),
        None,
    )
    if row is None:
        raise NotFound("没有这件同步变更", hint="请从待办或“动态调整”中打开。")
    context = {
        "row": row,
        "duty": DUTY_LABELS[row.duty],
        "entry_url": _entry_url(row),
        "may_settle": actor.body_id == row.body_id and actor.has(*SETTLERS) and row.state == "pending",
        "form": form,
    }
    return render(request, "adjustment/dependant.html", context)


def _entry_url(row: selectors.DependantRow) -> str:
    try:
        return reverse("catalog:item" if row.kind == "item" else "catalog:derived_entry", args=[row.entry_id])
    except NoReverseMatch:
        return ""


@action(form=SettleForm, roles=SETTLERS, invalid=dependant_page)
def dependant_settle(request: Any, form: SettleForm, change_id: int) -> Done:
    """处理一个条目。"""
    settling.dependant_settle(
        actor=request.actor,
        change_id=change_id,
        seen_version=seen_version(request),
        verb=form.cleaned_data["verb"],
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("已登记。全部条目处理完，上级的调整即办结。", to=reverse("adjustment:dependants"))
