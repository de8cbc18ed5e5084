"""清单与事项列表：有哪些清单、一份清单里在编与现行的事项、成批办理。"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.selectors import bases, item_lists
from quanze.apps.catalog.selectors import lists as selectors
from quanze.apps.catalog.selectors.lists import ListView
from quanze.apps.catalog.services import drafting
from quanze.apps.catalog.web.presenting import (
    BUSINESS_ROLES,
    list_tabs,
    state_choices,
    type_choices,
    type_label,
)
from quanze.apps.catalog.web.requests import DeskRequest, posted
from quanze.apps.org import public as org
from quanze.apps.workflow import public as workflow
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.dates import end_of_day
from quanze.base.web.filters import ChoiceFilter, DayFilter, FilterBar, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput


class ListFilters(FilterBar):
    q = TextFilter("机构名称", placeholder="机构名称")
    kind = ChoiceFilter("机构种类", choices=[(str(code), label) for code, label in org.BODY_KIND_LABELS.items()])


LIST_COLUMNS = (
    Column("body_name", "机构", href=lambda row: reverse("catalog:list", args=[row.id]), is_fixed=True),
    Column("type_label", "清单类型"),
    Column("region_name", "区划", is_hidden=True),
    Column("kind", "机构种类", value=lambda row: org.BODY_KIND_LABELS.get(row.body_kind, row.body_kind)),
    Column(
        "in_force_items",
        "现行事项（项）",
        kind="number",
        href=lambda row: reverse("catalog:list_in_force", args=[row.id]),
        note="现行的主项与单项",
    ),
    Column("in_force_subitems", "现行子项（项）", kind="number", is_hidden=True),
    Column(
        "working",
        "在编（项）",
        kind="number",
        href=lambda row: reverse("catalog:list", args=[row.id]) + "?only=changed",
    ),
    Column(
        "edition_number",
        "版次",
        value=lambda row: f"第 {row.edition_number} 版" if row.edition_number else "未公布",
        href=lambda row: reverse("catalog:list_editions", args=[row.id]),
    ),
    Column("document_number", "文号"),
    Column("valid_from", "施行日期", kind="date"),
    Column(
        "open_submission_id",
        "送审件",
        value=lambda row: "审查中" if row.open_submission_id else "",
        href=lambda row: reverse("catalog:submission", args=[row.open_submission_id]) if row.open_submission_id else "",
    ),
    Column("procedure", "审查程序", value=lambda row: workflow.procedure(row.procedure).label, is_hidden=True),
)


@signed_in(*BUSINESS_ROLES)
def list_table(request: DeskRequest) -> HttpResponse:
    """看得见的清单。"""
    bar = ListFilters(request.GET)
    found = selectors.lists(scope=request.actor.scope, on=timezone.localdate())
    words, kind = bar.values["q"], bar.values["kind"]
    rows = [row for row in found if words in row.body_name and (not kind or row.body_kind == kind)]
    table = Table("lists", LIST_COLUMNS, request=request, title="权责清单", row_id=lambda row: row.id)
    if table.wants_export:
        return table.export(rows, filters=bar)
    rows.sort(key=lambda row: row.id)
    context = {
        "bar": bar,
        "table": table,
        "page": page_of(rows, request, order=("id",)),
        "total": len(rows),
        "items": sum(row.in_force_items for row in rows),
        "own": next((row for row in found if row.body_id == request.actor.body_id and not row.is_base), None),
        "may_draft": request.actor.has("drafter"),
    }
    return render(request, "catalog/list_table.html", context)


class ItemFilters(FilterBar):
    q = TextFilter("事项名称或编码", placeholder="名称、职权编码、事项标识")
    type = ChoiceFilter("职权类型", choices=type_choices)
    state = ChoiceFilter("状态", choices=state_choices)
    finding = ChoiceFilter(
        "检查发现", choices=[("error", "有必须改的"), ("warning", "有请核对的"), ("clean", "没有发现")]
    )
    only = ChoiceFilter("范围", choices=[("changed", "只看在编"), ("ending", "只看拟取消")])


class InForceFilters(ItemFilters):
    on = DayFilter("哪天有效的")
    known = DayFilter("按哪天所知")


ITEM_COLUMNS = (
    Column("seq", "序号", value=lambda row: row.seq or "", width="3.5em"),
    Column("code", "事项标识", kind="code", is_hidden=True),
    Column("power_code", "职权编码", kind="code", is_hidden=True),
    Column(
        "name",
        "事项名称",
        href=lambda row: reverse("catalog:item", args=[row.item_id]),
        clamp=True,
        is_fixed=True,
        value=lambda row: f"└ {row.name}" if row.parent_id else row.name,
    ),
    Column("power_type", "职权类型", value=lambda row: type_label(row.power_type)),
    Column("lead_division", "承办机构"),
    Column("exercising_body", "实施主体", is_hidden=True),
    Column("state", "状态", kind="state", badge="catalog.version"),
    Column("is_ending", "拟取消", value=lambda row: "拟取消" if row.is_ending else ""),
    Column(
        "errors",
        "必须改（处）",
        kind="number",
        href=lambda row: reverse("catalog:item_tab", args=[row.item_id, "check"]),
    ),
    Column(
        "warnings",
        "请核对（处）",
        kind="number",
        href=lambda row: reverse("catalog:item_tab", args=[row.item_id, "check"]),
    ),
    Column("valid_from", "生效日期", kind="date", is_hidden=True),
)


def item_query(bar: ItemFilters, *, list_id: int, on: date, view: str) -> item_lists.ItemQuery:
    """筛选栏所说的，要看哪些事项。"""
    only = bar.values["only"]
    return item_lists.ItemQuery(
        list_id=list_id,
        on=on,
        view="changed" if only == "changed" and view == "working" else view,
        text=bar.values["q"],
        power_type=bar.values["type"] or "",
        state=bar.values["state"] or "",
        severity=bar.values["finding"] or "",
        is_ending=only == "ending",
    )


def _items(request: DeskRequest, list_id: int, view_name: str) -> HttpResponse:
    actor: Actor = request.actor
    on = timezone.localdate()
    view = selectors.list_view(list_id=list_id, scope=actor.scope, on=on)
    bar = (InForceFilters if view_name == "in_force" else ItemFilters)(request.GET)
    asked, known = bar.values.get("on"), bar.values.get("known")
    is_past = asked is not None or known is not None
    if is_past:
        moment = end_of_day(known) if known else None
        view = replace(view, body_name=org.body_name_on(view.body_id, on=asked or on, known=moment))
    query = replace(
        item_query(bar, list_id=list_id, on=asked or on, view=view_name), known_at=end_of_day(known) if known else None
    )
    # What stood on another day is looked at, not worked on.
    may_draft = actor.body_id == view.body_id and actor.has("drafter") and not is_past
    table = Table(
        "items",
        ITEM_COLUMNS,
        request=request,
        title=f"{view.body_name}{'在编' if view_name == 'working' else '现行'}事项",
        selectable=(lambda row: row.item_id) if may_draft else None,
        row_id=lambda row: row.item_id,
    )
    if table.wants_export:
        return table.export(item_lists.each_item_row(query, scope=actor.scope), filters=bar)
    page = page_of(item_lists.item_versions(query, scope=actor.scope), request, order=item_lists.ORDER)
    divisions = org.divisions_of([view.body_id], on=on) if may_draft else []
    context = {
        "list": view,
        "tabs": list_tabs(view, view_name),
        "view_name": view_name,
        "bar": bar,
        "table": table,
        "page": replace(page, rows=item_lists.rows_of(page.rows)),
        "counts": item_lists.item_counts(query, scope=actor.scope),
        "may_draft": may_draft,
        "divisions": divisions,
        "asked": asked or on,
        "known": known,
        "is_past": is_past,
        "bound": bases.bound_base(list_id=list_id, scope=actor.scope, on=on),
    }
    return render(request, "catalog/list_items.html", context)


@signed_in(*BUSINESS_ROLES)
def list_working(request: DeskRequest, list_id: int) -> HttpResponse:
    """在编：有草稿的看草稿，其余看现行。"""
    return _items(request, list_id, "working")


@signed_in(*BUSINESS_ROLES)
def list_in_force(request: DeskRequest, list_id: int) -> HttpResponse:
    """现行：今日有效的事项。"""
    return _items(request, list_id, "in_force")


class ChosenForm(forms.Form):
    """所选的事项。"""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = posted(self).getlist("chosen")
        if not chosen or not all(one.isascii() and one.isdigit() and len(one) < 19 for one in chosen):
            raise forms.ValidationError("请先在表中选择事项。")
        cleaned["item_ids"] = sorted({int(one) for one in chosen})
        return cleaned


class AssignForm(ChosenForm):
    """分解到科室。"""

    lead_division = forms.CharField(label="承办机构", max_length=300)


class EndingForm(ChosenForm):
    """拟取消。"""

    reason = forms.CharField(label="取消理由", max_length=500)


def _in_list(view: ListView, item_ids: list[int], actor: Actor) -> None:
    """所选的都在这份清单里。"""
    if not set(item_ids) <= item_lists.items_of_list(item_ids, list_id=view.id, scope=actor.scope):
        raise InvalidInput("所选事项不在本清单", hint="请刷新页面后重新选择。", code="item_not_in_list")


@action(form=AssignForm, roles=("drafter",))
def items_assign(request: DeskRequest, form: AssignForm, list_id: int) -> Done:
    """分解到科室：承办机构写入所选事项的草稿。"""
    view = selectors.list_view(list_id=list_id, scope=request.actor.scope, on=timezone.localdate())
    _in_list(view, form.cleaned_data["item_ids"], request.actor)
    changed = drafting.items_assign(
        actor=request.actor,
        item_ids=form.cleaned_data["item_ids"],
        lead_division=form.cleaned_data["lead_division"],
        now=timezone.now(),
    )
    chosen, division = len(form.cleaned_data["item_ids"]), form.cleaned_data["lead_division"]
    same = f"，其余 {chosen - changed} 项原已如此" if changed < chosen else ""
    return Done(f"已把 {changed} 项分解到{division}，写入草稿{same}。", to=reverse("catalog:list", args=[list_id]))


@action(form=EndingForm, roles=("drafter",))
def ending_mark(request: DeskRequest, form: EndingForm, list_id: int) -> Done:
    """拟取消：所选现行事项随下次送审件一并送审。"""
    view = selectors.list_view(list_id=list_id, scope=request.actor.scope, on=timezone.localdate())
    _in_list(view, form.cleaned_data["item_ids"], request.actor)
    marked = drafting.ending_mark(
        actor=request.actor,
        item_ids=form.cleaned_data["item_ids"],
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done(
        f"已把 {marked} 项标为拟取消，提交送审后按程序审查，审定前仍为现行。",
        to=reverse("catalog:list", args=[list_id]) + "?only=ending",
    )


@action(form=ChosenForm, roles=("drafter",))
def drafts_start(request: DeskRequest, form: ChosenForm, list_id: int) -> Done:
    """成批起草修改：一项则直接打开草稿。"""
    view = selectors.list_view(list_id=list_id, scope=request.actor.scope, on=timezone.localdate())
    item_ids = form.cleaned_data["item_ids"]
    _in_list(view, item_ids, request.actor)
    started = drafting.drafts_start(actor=request.actor, item_ids=item_ids, now=timezone.now())
    if len(started) == 1:
        return Done("已起草修改稿，改好后保存，再提交送审。", to=reverse("catalog:draft", args=started))
    return Done(
        f"{len(started)} 项已有修改稿，可逐项修改后一并送审。",
        to=reverse("catalog:list", args=[list_id]) + "?only=changed",
    )
