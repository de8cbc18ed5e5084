"""关联清单：总览、一份清单的条目、派生提议与落实、同步情况、版次。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.domain.drift import DRIFT_LABELS, DriftKind, sync_percent
from quanze.apps.catalog.domain.entry_content import shown_value
from quanze.apps.catalog.domain.list_types import TIERS, ExtraField, ListType
from quanze.apps.catalog.selectors import derived as selectors
from quanze.apps.catalog.selectors import drift_findings, entry_lists
from quanze.apps.catalog.selectors.list_types import list_types
from quanze.apps.catalog.services import deriving, entries
from quanze.apps.catalog.web.derived_presenting import KEEPERS, derived_tabs, may_keep, may_submit
from quanze.apps.catalog.web.presenting import BUSINESS_ROLES, type_choices, type_label
from quanze.apps.catalog.web.requests import DeskRequest, posted
from quanze.apps.org import public as org
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.filters import ChoiceFilter, FilterBar, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table
from quanze.core.actor import Actor


def _type_choices() -> list[tuple[str, str]]:
    return [(one.code, one.label) for one in list_types().types]


class DerivedFilters(FilterBar):
    q = TextFilter("牵头机构", placeholder="机构名称")
    type = ChoiceFilter("清单种类", choices=_type_choices, wide=True)
    tier = ChoiceFilter("层级", choices=list(TIERS.items()))
    sync = ChoiceFilter("同步情况", choices=[("off", "有不同步"), ("ok", "全部同步"), ("never", "没有核对过")])


def _percent(row: selectors.DerivedListView) -> str:
    return "" if row.sync_percent is None else f"{row.sync_percent}%"


DERIVED_COLUMNS = (
    Column(
        "label",
        "清单种类",
        href=lambda row: reverse("catalog:derived_list", args=[row.id]),
        is_fixed=True,
    ),
    Column("tier", "层级", value=lambda row: row.kind.tier_label),
    Column("body_name", "牵头机构"),
    Column("entries", "现行条目", kind="number", href=lambda row: reverse("catalog:derived_list", args=[row.id])),
    Column(
        "drafts",
        "草稿",
        kind="number",
        href=lambda row: reverse("catalog:derived_list", args=[row.id]) + "?view=draft",
    ),
    Column(
        "drifting",
        "不同步",
        kind="number",
        href=lambda row: reverse("catalog:derived_drift", args=[row.id]),
        note="依据已失效、有新版本、放宽或不齐的条目",
    ),
    Column(
        "missing",
        "应列未列",
        kind="number",
        href=lambda row: reverse("catalog:derived_drift", args=[row.id]) + "?kind=missing",
    ),
    Column("sync_percent", "同步率", value=_percent),
    Column(
        "edition_number",
        "版次",
        value=lambda row: f"第 {row.edition_number} 版" if row.edition_number else "未公布",
        href=lambda row: reverse("catalog:derived_editions", args=[row.id]),
    ),
    Column("document_number", "文号", is_hidden=True),
    Column("counted_on", "核对日期", kind="date", is_hidden=True),
    Column(
        "open_submission_id",
        "送审件",
        value=lambda row: "审查中" if row.open_submission_id else "",
        href=lambda row: (
            reverse("catalog:derived_submission", args=[row.open_submission_id]) if row.open_submission_id else ""
        ),
    ),
)


def _is_off(row: selectors.DerivedListView) -> bool:
    return bool((row.drifting or 0) + (row.missing or 0))


def _kept(row: selectors.DerivedListView, bar: DerivedFilters) -> bool:
    sync = bar.values["sync"]
    return (
        bar.values["q"] in row.body_name
        and bar.values["type"] in (None, row.kind.code)
        and bar.values["tier"] in (None, row.kind.tier)
        and (sync is None or sync == ("never" if row.counted_on is None else "off" if _is_off(row) else "ok"))
    )


@signed_in(*BUSINESS_ROLES)
def derived_overview(request: DeskRequest) -> HttpResponse:
    """关联清单总览：种类 × 牵头机构，条目数与同步率。"""
    bar = DerivedFilters(request.GET)
    found = selectors.derived_lists(scope=request.actor.scope, on=timezone.localdate())
    rows = [row for row in found if _kept(row, bar)]
    table = Table("derived", DERIVED_COLUMNS, request=request, title="关联清单", row_id=lambda row: row.id)
    if table.wants_export:
        return table.export(rows, filters=bar)
    counted = [row for row in rows if row.counted_on is not None]
    entries_of = sum(row.entries for row in counted)
    drifting = sum(min(row.drifting or 0, row.entries) for row in counted)
    missing = sum(row.missing or 0 for row in counted)
    context = {
        "bar": bar,
        "table": table,
        "page": page_of(rows, request, order=("order",)),
        "total": len(rows),
        "kinds": len({row.kind.code for row in rows}),
        "entries": sum(row.entries for row in rows),
        "drifting": drifting,
        "missing": missing,
        "percent": sync_percent(entries_of, drifting, missing),
        "counted_on": max((row.counted_on for row in counted if row.counted_on), default=None),
        "may_create": request.actor.has(*KEEPERS),
        "may_recount": request.actor.has(*KEEPERS) and bool(found),
        "town": _town_of(request.actor),
    }
    return render(request, "catalog/derived/overview.html", context)


def _town_of(actor: Actor) -> org.BodyView | None:
    body = org.bodies_by_ids([actor.body_id]).get(actor.body_id) if actor.body_id is not None else None
    return body if body is not None and body.kind in ("town", "subdistrict", "zone") else None


@action(roles=KEEPERS)
def drift_recount(request: DeskRequest) -> Done:
    """现在核对看得见的全部清单。"""
    found = deriving.drift_count(actor=request.actor, now=timezone.now())
    off = sum(one.drifting + one.missing for one in found)
    said = f"有 {off} 处不同步，点开各清单看是哪些。" if off else "全部同步。"
    return Done(f"已核对 {len(found)} 份关联清单：{said}", to=reverse("catalog:derived"))


@action(roles=KEEPERS)
def drift_recount_list(request: DeskRequest, derived_id: int) -> Done:
    """现在核对这一份；条目多的在后台核对。"""
    view = selectors.derived_list_view(list_id=derived_id, scope=request.actor.scope, on=timezone.localdate())
    back = reverse("catalog:derived_drift", args=[view.id])
    if view.entries > deriving.MOST_AT_ONCE:
        deriving.drift_count_request(
            actor=request.actor, list_id=view.id, label=f"核对{view.title}", back_url=back, now=timezone.now()
        )
        return Done(f"条目有 {view.entries} 条，正在后台核对，完成后这里更新。", to=back)
    (found,) = deriving.drift_count(actor=request.actor, list_ids=[view.id], now=timezone.now())
    said = f"不同步 {found.drifting} 条、应列未列 {found.missing} 条。" if found.rows else "全部同步。"
    return Done(f"已核对：{said}", to=back)


class CreateForm(forms.Form):
    """建立关联清单。"""

    list_type = forms.ChoiceField(label="清单种类", choices=_type_choices)
    body_id = forms.IntegerField(label="牵头机构", min_value=1, max_value=2**53)


@signed_in(*KEEPERS)
def derived_new(request: DeskRequest, form: forms.Form | None = None) -> HttpResponse:
    """建立关联清单：选种类与牵头机构。"""
    bodies = [
        one
        for one in org.bodies(on=timezone.localdate())
        if request.actor.scope.covers(one.id)
        and (request.actor.has("establishment") or one.id == request.actor.body_id)
    ]
    context = {
        "form": form or CreateForm(initial={"body_id": request.actor.body_id}),
        "bodies": bodies,
        "kinds": _kinds(),
    }
    return render(request, "catalog/derived/new.html", context)


def _kinds() -> list[tuple[ListType, str]]:
    types = list_types()
    return [(one, types.of(one.from_list).label if one.from_list else "权责清单") for one in types.types]


@action(form=CreateForm, roles=KEEPERS, invalid=derived_new)
def derived_create(request: DeskRequest, form: CreateForm) -> Done:
    """建立关联清单。"""
    list_id = entries.derived_list_create(
        actor=request.actor,
        body_id=form.cleaned_data["body_id"],
        list_type=form.cleaned_data["list_type"],
        now=timezone.now(),
    )
    kind = list_types().of(form.cleaned_data["list_type"])
    if kind.is_automatic:
        return Done(
            f"已建立{kind.label}，以下是按规则应列入的。", to=reverse("catalog:derived_propose", args=[list_id])
        )
    return Done(f"已建立{kind.label}，逐项列入。", to=reverse("catalog:derived_list", args=[list_id]))


class EntryFilters(FilterBar):
    q = TextFilter("名称或编码", placeholder="条目名称、情形、条目标识")
    type = ChoiceFilter("职权类型", choices=type_choices)
    view = ChoiceFilter("范围", choices=[("in_force", "只看现行"), ("draft", "只看在编"), ("ended", "只看已终止")])
    sync = ChoiceFilter(
        "同步情况",
        choices=[
            ("any", "有不同步"),
            *((str(code), label) for code, label in DRIFT_LABELS.items() if code != DriftKind.MISSING),
        ],
    )
    source = TextFilter("所据事项", placeholder="事项名称、事项标识")


class RegionEntryFilters(EntryFilters):
    """归集全地区的清单另按实施机构筛选；只取本机构的不必。"""

    holder = TextFilter("实施机构", placeholder="机构名称")


def _own_text(field: ExtraField) -> Callable[[entry_lists.EntryRow], str]:
    return lambda row: shown_value(field, row.content.get(field.name)).replace("\n", "；")


def _entry_columns(kind: ListType) -> tuple[Column, ...]:
    own = [
        Column(
            f"own_{field.name}",
            field.label,
            value=_own_text(field),
            clamp=field.kind in ("long_text", "texts", "limits"),
            is_hidden=number >= 3,
        )
        for number, field in enumerate(kind.fields)
    ]
    return (
        Column("code", "条目标识", kind="code", is_hidden=True),
        Column(
            "name",
            "条目名称",
            href=lambda row: reverse("catalog:derived_entry", args=[row.entry_id]),
            value=lambda row: f"{row.name}（{row.variant}）" if row.variant else row.name,
            clamp=True,
            is_fixed=True,
        ),
        Column(
            "drift",
            "同步情况",
            value=lambda row: "、".join(DRIFT_LABELS[DriftKind(one)] for one in row.drift) or "同步",
            is_hidden=True,
        ),
        Column(
            "item_name",
            "所据事项",
            href=lambda row: reverse("catalog:item", args=[row.item_id]) if row.item_id else "",
            clamp=True,
            is_hidden=True,
        ),
        Column("power_type", "职权类型", value=lambda row: type_label(row.power_type) if row.power_type else "—"),
        Column("holder_name", "实施机构", is_hidden=kind.reach != "region"),
        *own,
        Column(
            "state",
            "状态",
            kind="state",
            badge="catalog.entry",
            value=lambda row: "ended" if row.is_ended else row.state,
        ),
        Column("valid_from", "生效日期", kind="date", is_hidden=True),
        Column("valid_to", "失效日期", kind="date", is_hidden=True),
    )


@signed_in(*BUSINESS_ROLES)
def derived_list(request: DeskRequest, derived_id: int) -> HttpResponse:
    """一份关联清单的条目。"""
    actor, on = request.actor, timezone.localdate()
    view = selectors.derived_list_view(list_id=derived_id, scope=actor.scope, on=on)
    bar = (RegionEntryFilters if view.kind.reach == "region" else EntryFilters)(request.GET)
    query = entry_lists.EntryQuery(
        list_id=view.id,
        on=on,
        view=bar.values["view"] or "all",
        text=bar.values["q"],
        power_type=bar.values["type"] or "",
        holder=bar.values.get("holder", ""),
        source=bar.values["source"],
        drift=bar.values["sync"] or "",
    )
    table = Table(
        "entries", _entry_columns(view.kind), request=request, title=view.title, row_id=lambda row: row.entry_id
    )
    if table.wants_export:
        return table.export(entry_lists.each_entry_row(query, scope=actor.scope), filters=bar)
    versions = entry_lists.with_sources(entry_lists.entry_versions(query, scope=actor.scope))
    page = page_of(versions, request, order=entry_lists.ORDER)
    context = _page(request, view, "entries") | {
        "bar": bar,
        "table": table,
        "page": replace(page, rows=entry_lists.rows_of(page.rows, on=on)),
        "found": entry_lists.entry_count(query, scope=actor.scope),
    }
    return render(request, "catalog/derived/list.html", context)


def _page(request: DeskRequest, view: selectors.DerivedListView, active: str) -> dict[str, Any]:
    kind = view.kind
    return {
        "list": view,
        "tabs": derived_tabs(view, active),
        "may_keep": may_keep(request.actor, view.body_id),
        "may_submit": may_submit(request.actor, view.body_id),
        "may_add": may_keep(request.actor, view.body_id) and not kind.is_taking_back,
        "parent": list_types().of(kind.from_list) if kind.from_list else None,
    }


@signed_in(*BUSINESS_ROLES)
def derived_propose(request: DeskRequest, derived_id: int) -> HttpResponse:
    """派生提议：应列入、应更新、应终止，先看后办。"""
    view = selectors.derived_list_view(list_id=derived_id, scope=request.actor.scope, on=timezone.localdate())
    proposal = deriving.derived_propose(actor=request.actor, list_id=view.id, on=timezone.localdate())
    groups = [
        ("new", "应列入", "写成草稿，送审公布后现行", proposal.new),
        ("refresh", "应更新", "换到所据事项的现行版本，旧版本止于同日", proposal.refresh),
        ("end", "应终止", "现行版本止于依据失效之日", proposal.end),
        ("", "须由人改", "不能代改，请逐条打开", proposal.by_hand),
    ]
    context = _page(request, view, "propose") | {
        "proposal": proposal,
        "groups": [(code, label, help, rows[:SHOWN], len(rows)) for code, label, help, rows in groups if rows],
        "shown": SHOWN,
    }
    return render(request, "catalog/derived/propose.html", context)


SHOWN = 200


class ApplyForm(forms.Form):
    """落实提议。"""

    token = forms.CharField(max_length=32)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["what"] = [one for one in posted(self).getlist("what") if one]
        if not cleaned["what"]:
            raise forms.ValidationError("请至少选一类再落实。")
        return cleaned


@action(form=ApplyForm, roles=KEEPERS)
def derived_apply(request: DeskRequest, form: ApplyForm, derived_id: int) -> Done:
    """落实所选几类。"""
    result = deriving.derived_apply(
        actor=request.actor,
        list_id=derived_id,
        seen_token=form.cleaned_data["token"],
        what=form.cleaned_data["what"],
        now=timezone.now(),
    )
    said = f"列入草稿 {result.new} 条、同步更新 {result.refreshed} 条、终止 {result.ended} 条。"
    if result.refused:
        name, why = result.refused[0]
        said += f"有 {len(result.refused)} 条没能更新，例如“{name}”：{why}。"
        return Done(said, to=reverse("catalog:derived_propose", args=[derived_id]), level="warning")
    return Done(said, to=reverse("catalog:derived_list", args=[derived_id]))


class DriftFilters(FilterBar):
    kind = ChoiceFilter("情形", choices=[(str(code), label) for code, label in DRIFT_LABELS.items()])
    q = TextFilter("名称", placeholder="条目或事项名称")


DRIFT_COLUMNS = (
    Column("kind", "情形", kind="state", badge="catalog.drift", value=lambda row: str(row.kind)),
    Column(
        "name",
        "条目或事项",
        href=lambda row: (
            reverse("catalog:derived_entry", args=[row.entry_id])
            if row.entry_id
            else reverse("catalog:derived_propose", args=[row.list_id])
        ),
        clamp=True,
        is_fixed=True,
    ),
    Column("message", "哪里不同步", clamp=True),
    Column("since", "自", kind="date"),
    Column("remedy", "怎么办"),
    Column("entry_code", "条目标识", kind="code", is_hidden=True),
)


@signed_in(*BUSINESS_ROLES)
def derived_drift(request: DeskRequest, derived_id: int) -> HttpResponse:
    """同步情况：最近一次核对存下的各处，哪里不同步、怎么办。"""
    scope = request.actor.scope
    view = selectors.derived_list_view(list_id=derived_id, scope=scope, on=timezone.localdate())
    bar = DriftFilters(request.GET)
    rows = drift_findings.drift_findings(
        list_id=view.id, scope=scope, kind=bar.values["kind"] or "", text=bar.values["q"]
    )
    table = Table("drift", DRIFT_COLUMNS, request=request, title=f"{view.title}同步情况", row_id=lambda row: row.key)
    if table.wants_export:
        return table.export(drift_findings.drift_rows_of(rows), filters=bar)
    page = page_of(rows, request, order=drift_findings.ORDER)
    context = _page(request, view, "drift") | {
        "bar": bar,
        "table": table,
        "page": replace(page, rows=drift_findings.drift_rows_of(page.rows)),
    }
    return render(request, "catalog/derived/drift.html", context)


@signed_in(*BUSINESS_ROLES)
def derived_editions(request: DeskRequest, derived_id: int) -> HttpResponse:
    """历次版次。"""
    view = selectors.derived_list_view(list_id=derived_id, scope=request.actor.scope, on=timezone.localdate())
    context = _page(request, view, "editions") | {
        "editions": selectors.derived_editions(list_id=view.id, scope=request.actor.scope)
    }
    return render(request, "catalog/derived/editions.html", context)
