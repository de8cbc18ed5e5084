"""依法不公开：标记的列表，一个标记与它的办理，申请。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.domain.nondisclosure import NONDISCLOSURE_FLOW, SHORTEST_REASON
from quanze.apps.catalog.selectors import items as item_selectors
from quanze.apps.catalog.selectors import lists as list_selectors
from quanze.apps.catalog.selectors import nondisclosures as selectors
from quanze.apps.catalog.selectors.nondisclosure_grounds import grounds
from quanze.apps.catalog.services import nondisclosing
from quanze.apps.catalog.web.presenting import BUSINESS_ROLES, NONDISCLOSURE_BADGES
from quanze.apps.catalog.web.requests import DeskRequest
from quanze.base.calendar.public import work_calendar
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.dates import DueView, due_view
from quanze.base.web.filters import ChoiceFilter, FilterBar, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table
from quanze.core.errors import WrongState

ASKERS = ("drafter", "publisher")
OFFICERS = ("drafter", "publisher", "head", "deputy_head", "establishment")


class Filters(FilterBar):
    q = TextFilter("事项、机构或理由")
    state = ChoiceFilter("状态", choices=[(code, badge.label) for code, badge in NONDISCLOSURE_BADGES.items()])
    ground = ChoiceFilter("情形", choices=lambda: [(one.code, one.label) for one in grounds().grounds])


@dataclass(frozen=True, slots=True)
class Line:
    """列表的一行。"""

    order: int
    id: int
    mark: selectors.NonDisclosureView


COLUMNS = (
    Column(
        "mark__item_name",
        "事项",
        href=lambda line: reverse("catalog:nondisclosure", args=[line.id]),
        clamp=True,
        is_fixed=True,
    ),
    Column("mark__body_name", "机构"),
    Column("mark__state", "状态", kind="state", badge="catalog.nondisclosure"),
    Column("mark__ground_label", "情形"),
    Column("mark__legal_basis", "法律依据", clamp=True),
    Column("mark__reason", "理由", clamp=True, is_hidden=True),
    Column("mark__proposed_by_name", "申请人"),
    Column("mark__decided_by_name", "审定人"),
    Column("mark__decided_at", "审定时间", kind="time"),
    Column("mark__review_on", "复核日期", kind="date"),
)


@signed_in(*BUSINESS_ROLES)
def nondisclosure_list(request: DeskRequest) -> HttpResponse:
    """本范围的不公开标记。"""
    bar = Filters(request.GET)
    found = selectors.nondisclosures(
        scope=request.actor.scope,
        state=bar.values["state"] or "",
        ground=bar.values["ground"] or "",
        text=bar.values["q"] or "",
    )
    lines = [Line(order, one.id, one) for order, one in enumerate(found)]
    table = Table("nondisclosures", COLUMNS, request=request, title="不公开事项", row_id=lambda line: line.id)
    if table.wants_export:
        return table.export(lines, filters=bar)
    context = {
        "bar": bar,
        "table": table,
        "page": page_of(lines, request, order=("order", "id")),
        "active": sum(one.state == "active" for one in found),
        "proposed": sum(one.state == "proposed" for one in found),
    }
    return render(request, "catalog/nondisclosures.html", context)


class DecideForm(forms.Form):
    """办理：做什么，意见。"""

    verb = forms.ChoiceField(
        choices=[(one.verb, one.label) for one in NONDISCLOSURE_FLOW.transitions],
        error_messages={"required": "请选择怎样办理。", "invalid_choice": "请选择怎样办理。"},
    )
    note = forms.CharField(label="意见或理由", max_length=500, required=False)


@signed_in(*BUSINESS_ROLES)
def nondisclosure_page(request: DeskRequest, nondisclosure_id: int, form: DecideForm | None = None) -> HttpResponse:
    """一个标记：根据、经过、可以怎样办理。"""
    actor, today = request.actor, timezone.localdate()
    mark = selectors.nondisclosure(nondisclosure_id=nondisclosure_id, scope=actor.scope)
    is_ours = actor.body_id == mark.body_id or actor.has("establishment")
    steps = NONDISCLOSURE_FLOW.available(mark.state, actor.roles) if is_ours else ()
    if mark.proposed_by_id in actor.person_ids:
        steps = tuple(one for one in steps if one.verb not in ("approve", "refuse"))
    family = item_selectors.family_of(item_id=mark.item_id, scope=actor.scope)
    context = {
        "mark": mark,
        "steps": steps,
        "due": _due(mark, today),
        "is_review_due": mark.state == "active" and mark.review_on is not None and mark.review_on <= today,
        "subitems": len(family.subitems),
        "form": form,
        "others": [
            one
            for one in selectors.marks_of_item(item_id=mark.item_id, scope=actor.scope)
            if one.id != nondisclosure_id
        ],
    }
    return render(request, "catalog/nondisclosure.html", context)


def _due(mark: selectors.NonDisclosureView, today: date) -> DueView | None:
    if mark.state == "proposed":
        return due_view(mark.due_on, work_calendar(), today, projected=mark.due_is_projected)
    if mark.state == "active" and mark.review_on is not None:
        return due_view(mark.review_on, work_calendar(), today)
    return None


SAID = {
    "approve": "已同意不公开：公开站点、下载、接口与静态导出随即不再列出，只计项数。",
    "refuse": "已答复不同意，事项照常公开。",
    "withdraw": "已撤回申请，事项照常公开。",
    "reaffirm": "已复核，继续不公开。",
    "lift": "已恢复公开，公开站点随即列出。",
}


@action(form=DecideForm, roles=OFFICERS, invalid=nondisclosure_page, page="catalog:nondisclosure")
def nondisclosure_decide(request: DeskRequest, form: DecideForm, nondisclosure_id: int) -> Done:
    """办理一个标记。"""
    verb = form.cleaned_data["verb"]
    nondisclosing.nondisclosure_decide(
        actor=request.actor,
        nondisclosure_id=nondisclosure_id,
        seen_version=seen_version(request),
        verb=verb,
        note=form.cleaned_data["note"],
        now=timezone.now(),
    )
    return Done(SAID[verb], to=reverse("catalog:nondisclosure", args=[nondisclosure_id]))


class ProposeForm(forms.Form):
    """申请不公开。"""

    ground = forms.ChoiceField(
        label="情形",
        choices=lambda: [("", "请选择"), *((one.code, one.label) for one in grounds().grounds)],
        error_messages={"required": "请选择不公开的情形。"},
    )
    legal_basis = forms.CharField(
        label="法律依据",
        max_length=300,
        help_text="法规名称与条次，如《中华人民共和国政府信息公开条例》第十四条；有专门规定的写专门规定。",
        error_messages={"required": "请写明法律依据。"},
    )
    reason = forms.CharField(
        label="理由",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"公开会有什么后果，至少 {SHORTEST_REASON} 个字；不要写出需要保护的内容本身。",
        error_messages={"required": "请写明理由。"},
    )


@signed_in(*BUSINESS_ROLES)
def propose_page(request: DeskRequest, item_id: int, form: ProposeForm | None = None) -> HttpResponse:
    """申请不公开的表单。"""
    actor = request.actor
    versions = list_selectors.versions_of_item(item_id=item_id, scope=actor.scope)
    marks = selectors.open_marks(item_ids=[item_id], scope=actor.scope)
    if marks and form is None:
        raise WrongState("这个事项已有不公开标记", hint="请从事项页打开已有的标记办理。", code="nondisclosure_open")
    context: dict[str, Any] = {
        "version": versions[0],
        "form": form or ProposeForm(),
        "grounds": grounds().grounds,
        "source": grounds().source,
        "subitems": len(item_selectors.family_of(item_id=item_id, scope=actor.scope).subitems),
        "may_propose": actor.has(*ASKERS) and actor.body_id == versions[0].body_id,
    }
    return render(request, "catalog/nondisclosure_new.html", context)


@action(form=ProposeForm, roles=ASKERS, invalid=propose_page, page="catalog:item")
def nondisclosure_propose(request: DeskRequest, form: ProposeForm, item_id: int) -> Done:
    """申请不公开。"""
    made = nondisclosing.nondisclosure_propose(
        actor=request.actor, item_id=item_id, now=timezone.now(), **form.cleaned_data
    )
    return Done(
        "已申请，待本机构负责人（镇、街道由编办）审定；审定之前事项照常公开。",
        to=reverse("catalog:nondisclosure", args=[made]),
    )
