"""由清单提议范本事项：选来源与份额，看哪些共有、哪里不一致，选定的写成范本草稿。"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.domain.naming import canonical_name
from quanze.apps.catalog.domain.proposing import Proposal, ProposedItem, Variant
from quanze.apps.catalog.selectors import base_proposing as selectors
from quanze.apps.catalog.selectors import lists as list_selectors
from quanze.apps.catalog.services import base_proposing as services
from quanze.apps.catalog.web.presenting import BUSINESS_ROLES, list_tabs, type_choices, type_label
from quanze.apps.catalog.web.requests import DeskRequest, posted
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.filters import ChoiceFilter, FilterBar, FlagFilter, TextFilter
from quanze.base.web.tables import Column, Table
from quanze.core.errors import WrongState

SHARES = {"1": "全部清单都有", "0.9": "九成以上", "0.67": "三分之二以上", "0.5": "半数以上", "0.01": "两份以上"}
USUAL_SHARE = "0.5"
MOST_LISTS = 60  # read with their whole content, in one go


class ProposalFilters(FilterBar):
    share = ChoiceFilter("多少清单共有", choices=list(SHARES.items()), blank=SHARES[USUAL_SHARE])
    type = ChoiceFilter("职权类型", choices=type_choices)
    q = TextFilter("事项", placeholder="名称")
    differing = FlagFilter("只看不一致的")
    new = FlagFilter("只看范本没有的")


@dataclass(frozen=True, slots=True)
class ProposedRow:
    """一行：提议、类型名称、范本里是否已有、各要素的不同写法。"""

    item: ProposedItem
    type_label: str
    is_held: bool
    differences: tuple[tuple[str, tuple[Variant, ...]], ...]

    @property
    def holders(self) -> int:
        return len(self.item.lists)


COLUMNS = (
    Column("name", "事项", value=lambda row: row.item.content.name, is_fixed=True),
    Column("type_label", "职权类型"),
    Column("holders", "有它的清单（份）", kind="number"),
    Column("lists", "哪些清单", value=lambda row: "、".join(row.item.lists)),
    Column("disagreements", "不一致", value=lambda row: "、".join(row.item.disagreements)),
    Column("subitems", "子项（个）", kind="number", value=lambda row: len(row.item.subitems)),
    Column("is_held", "范本已有", kind="flag"),
)


@signed_in(*BUSINESS_ROLES)
def base_propose(request: DeskRequest, list_id: int, form: forms.Form | None = None) -> HttpResponse:
    """提议页；没有选来源时先选清单。"""
    actor, on = request.actor, timezone.localdate()
    view = list_selectors.list_view(list_id=list_id, scope=actor.scope, on=on)
    if not view.is_base:
        raise WrongState("这不是目录范本", hint="请打开编办制定的目录范本。", code="not_a_base")
    bar = ProposalFilters(request.GET)
    candidates = selectors.candidates(scope=actor.scope, on=on)
    chosen = _chosen(request, {one.id for one in candidates})
    context: dict[str, Any] = {
        "list": view,
        "tabs": list_tabs(view, "base"),
        "bar": bar,
        "form": form,
        "candidates": candidates,
        "chosen": chosen,
        "most_lists": MOST_LISTS,
        "may_draft": actor.has("drafter") and actor.body_id == view.body_id,
    }
    if 2 <= len(chosen) <= MOST_LISTS:
        share = float(bar.values["share"] or USUAL_SHARE)
        proposal = services.proposal_of_lists(list_ids=chosen, scope=actor.scope, on=on, share=share)
        held = selectors.names_held(list_id=list_id, scope=actor.scope, on=on)
        rows = _rows(proposal, held, bar)
        table = Table("proposal", COLUMNS, request=request, title=f"由 {len(chosen)} 份清单提议的范本事项")
        if table.wants_export:
            return table.export(rows, filters=bar)
        context |= {
            "proposal": proposal,
            "rows": rows,
            "table": table,
            "share": bar.values["share"] or USUAL_SHARE,
            "kept": [("list", str(one)) for one in chosen],
        }
    return render(request, "catalog/base_propose.html", context)


def _chosen(request: DeskRequest, known: set[int]) -> list[int]:
    """网址里选定的来源清单，看得见的才算。"""
    given = [int(one) for one in request.GET.getlist("list") if one.isascii() and one.isdigit() and len(one) < 19]
    return [one for one in dict.fromkeys(given) if one in known]


def _rows(proposal: Proposal, held: set[str], bar: ProposalFilters) -> list[ProposedRow]:
    rows = []
    for item in proposal.items:
        differences = tuple(
            (label, tuple(Variant(type_label(one.text), one.lists) for one in found) if label == "职权类型" else found)
            for label, found in (("名称", item.names), ("职权类型", item.types), ("依据", item.bases))
            if len(found) > 1
        )
        is_held = canonical_name(item.content.name) in held
        if (
            bar.values["q"] in item.content.name
            and bar.values["type"] in (None, item.content.power_type)
            and (item.disagreements or not bar.values["differing"])
            and not (is_held and bar.values["new"])
        ):
            rows.append(ProposedRow(item, type_label(item.content.power_type), is_held, differences))
    return rows


class TakeForm(forms.Form):
    """选定的提议、来源与份额。"""

    share = forms.FloatField(label="份额", min_value=0.001, max_value=1)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        lists = posted(self).getlist("list")
        cleaned["keys"] = list(dict.fromkeys(posted(self).getlist("key")))
        cleaned["lists"] = [int(one) for one in lists if one.isascii() and one.isdigit() and len(one) < 19]
        if not cleaned["keys"]:
            raise forms.ValidationError("请先选择要列入范本的事项。")
        return cleaned


@action(form=TakeForm, roles=("drafter",), invalid=base_propose, page="catalog:base_propose")
def base_take(request: DeskRequest, form: TakeForm, list_id: int) -> Done:
    """选定的写成范本草稿。"""
    taken = services.base_items_take(
        actor=request.actor,
        base_list_id=list_id,
        list_ids=form.cleaned_data["lists"],
        share=form.cleaned_data["share"],
        keys=form.cleaned_data["keys"],
        now=timezone.now(),
    )
    return Done(f"{taken} 项已写成范本草稿，核对后送审。", to=reverse("catalog:list", args=[list_id]) + "?only=changed")
