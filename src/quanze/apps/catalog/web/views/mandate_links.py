"""三定对应页：按事项、按职责两头核对；成批对应，采用建议，核对改写的，解除失去的。"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.domain.mandate_coverage import (
    LINK_STATE_LABELS,
    ClauseCoverage,
    ItemCoverage,
    LinkState,
    Piece,
    Suggestion,
    state_of,
    suggest,
)
from quanze.apps.catalog.selectors import lists as list_selectors
from quanze.apps.catalog.selectors import mandate_links as selectors
from quanze.apps.catalog.selectors.lists import VersionView
from quanze.apps.catalog.services import mandate_linking as services
from quanze.apps.catalog.web.presenting import BUSINESS_ROLES, list_tabs
from quanze.apps.catalog.web.requests import DeskRequest, posted
from quanze.apps.org import public as org
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.filters import ChoiceFilter, FilterBar, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table

ITEM_PROBLEMS = ("条文已没有", "没有条款", "条文已改", "没有内设机构职责", "承办机构不符")
PIECE_PROBLEMS = ("没有事项", "没有落到内设机构", "落到两个以上内设机构")


class CoverageFilters(FilterBar):
    view = ChoiceFilter("怎样看", choices=[("clauses", "按主要职责"), ("duties", "按内设机构职责")], blank="按事项")
    problem = ChoiceFilter("问题", choices=[(one, one) for one in (*ITEM_PROBLEMS, *PIECE_PROBLEMS)])
    q = TextFilter("事项或职责", placeholder="名称、文字")


@dataclass(frozen=True, slots=True)
class ItemLine:
    """按事项的一行：第几行、核对结果、建议。"""

    number: int
    found: ItemCoverage
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class PieceLine:
    """按职责的一行：第几行、核对结果、对应的事项名称。"""

    number: int
    found: ClauseCoverage
    items: tuple[tuple[int, str], ...]


ITEM_COLUMNS = (
    Column("name", "事项", value=lambda row: row.found.item.name, is_fixed=True),
    Column("lead", "承办机构", value=lambda row: row.found.item.lead_division),
    Column("clauses", "主要职责", value=lambda row: "；".join(_said(row.found, "clause"))),
    Column("duties", "内设机构职责", value=lambda row: "；".join(_said(row.found, "duty"))),
    Column("problem", "问题", value=lambda row: row.found.problem),
    Column("contradiction", "说明", value=lambda row: row.found.contradiction),
)
PIECE_COLUMNS = (
    Column("label", "编号或内设机构", value=lambda row: row.found.piece.label, is_fixed=True),
    Column("text", "职责", value=lambda row: row.found.piece.text),
    Column("items", "事项", value=lambda row: "；".join(name for _, name in row.items)),
    Column("divisions", "落到的内设机构", value=lambda row: "、".join(row.found.divisions)),
    Column("problem", "问题", value=lambda row: row.found.problem),
)


def _said(found: ItemCoverage, kind: str) -> list[str]:
    return [
        link.label + ("" if state is LinkState.GOOD else f"（{LINK_STATE_LABELS[state]}）")
        for link, state in found.of(kind)
    ]


@signed_in(*BUSINESS_ROLES)
def list_mandate(request: DeskRequest, list_id: int, form: forms.Form | None = None) -> HttpResponse:
    """一份清单与三定的对应。"""
    actor, on = request.actor, timezone.localdate()
    view = list_selectors.list_view(list_id=list_id, scope=actor.scope, on=on)
    covered = selectors.list_coverage(list_id=list_id, scope=actor.scope, on=on)
    bar = CoverageFilters(request.GET)
    is_by_item = bar.values["view"] is None
    lines = _item_lines(covered, bar) if is_by_item else _piece_lines(covered, bar)
    columns = ITEM_COLUMNS if is_by_item else PIECE_COLUMNS
    table = Table("mandate", columns, request=request, title=f"{view.body_name}三定对应")
    if table.wants_export:
        return table.export(lines, filters=bar)
    page = page_of(lines, request, order=("number",))
    may_draft = actor.has("drafter") and actor.body_id == view.body_id
    rows = page.rows
    if is_by_item and may_draft:
        rows = [
            ItemLine(row.number, row.found, _suggested(row.found, covered.pieces) if row.found.problem else ())
            for row in page.rows
        ]
    problems = [one.problem for one in covered.result.items if one.problem]
    context: dict[str, Any] = {
        "list": view,
        "tabs": list_tabs(view, "mandate"),
        "bar": bar,
        "form": form,
        "covered": covered,
        "is_by_item": is_by_item,
        "table": table,
        "page": page,
        "rows": rows,
        "found": len(lines),
        "may_draft": may_draft,
        "may_write_mandates": actor.has("establishment"),
        "groups": _groups(covered.pieces),
        "counts": [(one, problems.count(one)) for one in ITEM_PROBLEMS if one in problems],
        "empty_clauses": sum(not one.items for one in covered.result.clauses),
        "empty_duties": sum(not one.items for one in covered.result.duties),
        "orphans": [
            link.id for one in covered.result.items for link, state in one.links if state is LinkState.ORPHANED
        ],
    }
    return render(request, "catalog/list_mandate.html", context)


def _item_lines(covered: selectors.ListCoverage, bar: CoverageFilters) -> list[ItemLine]:
    words, problem = bar.values["q"], bar.values["problem"]
    found = [
        one for one in covered.result.items if words in one.item.name and (problem is None or one.problem == problem)
    ]
    return [ItemLine(number, one) for number, one in enumerate(found, start=1)]


def _piece_lines(covered: selectors.ListCoverage, bar: CoverageFilters) -> list[PieceLine]:
    words, problem = bar.values["q"], bar.values["problem"]
    names = {one.item.item_id: one.item.name for one in covered.result.items}
    source = covered.result.clauses if bar.values["view"] == "clauses" else covered.result.duties
    found = [
        one
        for one in source
        if (words in one.piece.text or words in one.piece.label) and (problem is None or one.problem == problem)
    ]
    return [
        PieceLine(number, one, tuple((item, names[item]) for item in one.items))
        for number, one in enumerate(found, start=1)
    ]


def _suggested(found: ItemCoverage, pieces: tuple[Piece, ...]) -> tuple[Suggestion, ...]:
    """还没有对应的种类里，最像的两条。"""
    held = {link.key for link, _ in found.links}
    wanted = [kind for kind in ("clause", "duty") if not found.of(kind) or found.problem == "条文已没有"]
    return tuple(
        one
        for kind in wanted
        for one in suggest(
            found.item.name, [piece for piece in pieces if piece.kind == kind and piece.key not in held], most=2
        )
    )


def item_mandate(request: DeskRequest, shown: VersionView) -> dict[str, Any]:
    """事项页的三定页签：现在的对应、建议、以前的对应。"""
    scope, on = request.actor.scope, timezone.localdate()
    mandate = org.mandate_on(body_id=shown.body_id, scope=scope, on=on)
    pieces = selectors.pieces_of(mandate)
    by_key = {one.key: one for one in pieces}
    links = selectors.links_of(list_id=shown.list_id, scope=scope, on=on, item_id=shown.item_id)
    linked = [
        (link, str(state), by_key[link.key].text if state is LinkState.REWORDED else "")
        for link in links
        for state in (state_of(link, by_key),)
    ]
    held = {link.key for link in links}
    free = [one for one in pieces if one.key not in held]
    return {
        "mandate": mandate,
        "linked": linked,
        "suggestions": suggest(shown.content.name, free),
        "groups": _groups(pieces),
        "ended": [one for one in selectors.history_of(item_id=shown.item_id, scope=scope) if one.ended_at is not None],
    }


def _groups(pieces: tuple[Piece, ...]) -> list[tuple[str, list[Piece]]]:
    """下拉里的分组：主要职责，各内设机构。"""
    held = groupby(pieces, key=lambda one: "主要职责" if one.kind == "clause" else one.label)
    return [(label, list(found)) for label, found in held]


def _numbers(texts: list[str]) -> list[int]:
    if not all(one.isascii() and one.isdigit() and len(one) < 19 for one in texts):
        raise forms.ValidationError("所选的编号不对，请刷新页面后重新选择。")
    return list(dict.fromkeys(int(one) for one in texts))


class LinkForm(forms.Form):
    """所选事项对应到所选条款；``pair`` 为一处建议“事项:条款”。"""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        data = posted(self)
        item, _, key = data.get("pair", "").partition(":")
        cleaned["items"] = _numbers([item] if key else data.getlist("chosen"))
        cleaned["keys"] = [key] if key else [one for one in data.getlist("key") if one]
        if not cleaned["items"]:
            raise forms.ValidationError("请先勾选事项。")
        if not cleaned["keys"]:
            raise forms.ValidationError("请选择要对应的条款或职责。")
        return cleaned


class LinkIdsForm(forms.Form):
    """所选的对应。"""

    reason = forms.CharField(label="理由", max_length=500, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["links"] = _numbers(posted(self).getlist("link"))
        if not cleaned["links"]:
            raise forms.ValidationError("请先选择对应。")
        return cleaned


def _back(request: DeskRequest, list_id: int) -> str:
    """回到来的页：清单的三定页签，或事项的三定页签。"""
    item = request.POST.get("item", "")
    if item.isascii() and item.isdigit() and len(item) < 19:
        return reverse("catalog:item_tab", args=[int(item), "mandate"])
    query = request.GET.urlencode()
    return reverse("catalog:list_mandate", args=[list_id]) + (f"?{query}" if query else "")


@action(form=LinkForm, roles=("drafter",), invalid=list_mandate, page="catalog:list_mandate")
def mandate_link(request: DeskRequest, form: LinkForm, list_id: int) -> Done:
    """对应。"""
    made = services.items_link(
        actor=request.actor,
        list_id=list_id,
        item_ids=form.cleaned_data["items"],
        keys=form.cleaned_data["keys"],
        now=timezone.now(),
    )
    return Done(f"已记下 {made} 处对应。" if made else "原已对应，没有改动。", to=_back(request, list_id))


@action(form=LinkIdsForm, roles=("drafter",), invalid=list_mandate, page="catalog:list_mandate")
def mandate_unlink(request: DeskRequest, form: LinkIdsForm, list_id: int) -> Done:
    """解除。"""
    ended = services.links_end(
        actor=request.actor,
        list_id=list_id,
        link_ids=form.cleaned_data["links"],
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done(f"已解除 {ended} 处对应。", to=_back(request, list_id))


@action(form=LinkIdsForm, roles=("drafter",), invalid=list_mandate, page="catalog:list_mandate")
def mandate_confirm(request: DeskRequest, form: LinkIdsForm, list_id: int) -> Done:
    """改写的条款仍然对应。"""
    confirmed = services.links_confirm(
        actor=request.actor, list_id=list_id, link_ids=form.cleaned_data["links"], now=timezone.now()
    )
    return Done(f"{confirmed} 处已按新的条文对应。", to=_back(request, list_id))
