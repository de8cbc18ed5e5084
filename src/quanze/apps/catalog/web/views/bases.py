"""目录范本页：清单以哪份范本为准、符合多少、差在哪里；范本一侧看各清单的符合情况。"""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.domain.base_lists import Deviation, DeviationKind
from quanze.apps.catalog.selectors import base_merges
from quanze.apps.catalog.selectors import bases as selectors
from quanze.apps.catalog.selectors import lists as list_selectors
from quanze.apps.catalog.services import base_issuing, binding, omitting
from quanze.apps.catalog.web.forms import ReasonForm
from quanze.apps.catalog.web.presenting import BUSINESS_ROLES, list_tabs, type_label
from quanze.apps.catalog.web.requests import DeskRequest, posted
from quanze.apps.org import public as org
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action

# Kinds in the order in which somebody goes through them, and what each asks for.
_ASKED = {
    DeviationKind.MISSING: "范本要求列入而清单没有：应当行使的，认领后编制；不行使的，写明不列入的理由。",
    DeviationKind.UNEXPLAINED: "清单有而范本没有：确有依据的，标为本级补充并写明理由；否则移出。",
    DeviationKind.RENAMED: "名称与范本不一致，没有写明理由的须改正。",
    DeviationKind.RETYPED: "职权类型与范本不一致。",
    DeviationKind.RESPLIT: "子项的划分与范本不一致。",
    DeviationKind.ADDED: "已标明本级补充并写明理由，无须办理。",
    DeviationKind.OMITTED: "已写明不列入的理由；情况变了的，撤回后认领。",
}


@signed_in(*BUSINESS_ROLES)
def list_base(request: DeskRequest, list_id: int, form: forms.Form | None = None) -> HttpResponse:
    """清单与范本的对照；范本则列出以它为准的清单。"""
    actor, on = request.actor, timezone.localdate()
    view = list_selectors.list_view(list_id=list_id, scope=actor.scope, on=on)
    bound = selectors.bound_base(list_id=list_id, scope=actor.scope, on=on)
    may_bind = actor.has("establishment") and not view.is_base
    groups = []
    if bound is not None:
        for kind, asked in _ASKED.items():
            found = bound.conformance.of(kind)
            if found:
                groups.append({"label": found[0].label, "kind": kind, "asked": asked, "rows": [_row(o) for o in found]})
    context: dict[str, Any] = {
        "list": view,
        "tabs": list_tabs(view, "base"),
        "bound": bound,
        "groups": groups,
        "optional": bound.conformance.optional if bound is not None else (),
        "choices": selectors.base_choices(list_id=list_id, on=on) if may_bind else [],
        "may_bind": may_bind,
        "may_draft": actor.has("drafter") and actor.body_id == view.body_id,
        "merges": base_merges.merges_of(list_id=list_id, scope=actor.scope),
        "offered": {one.list_id: one for one in base_merges.merges_offered(base_list_id=list_id, scope=actor.scope)}
        if view.is_base
        else {},
        "lists": selectors.bound_lists(base_list_id=list_id, scope=actor.scope, on=on) if view.is_base else [],
        "towns": _unbound_towns(request, list_id, on) if view.is_base and actor.has("establishment") else [],
        "form": form,
    }
    return render(request, "catalog/list_base.html", context)


def _unbound_towns(request: DeskRequest, base_list_id: int, on: date) -> list[org.BodyView]:
    """可以下发的镇街：范本所在区划之内、看得见、还没有以它为准的。"""
    return [
        body
        for body in selectors.unbound_towns(base_list_id=base_list_id, on=on)
        if request.actor.scope.covers(body.id)
    ]


def _row(one: Deviation) -> dict[str, Any]:
    note = one.note
    if one.kind is DeviationKind.RETYPED:
        own, base = note.split("→")
        note = f"清单为{type_label(own)}，范本为{type_label(base)}"
    return {"name": one.name, "note": note, "item_id": one.item_id, "key": one.node_key}


class BindForm(forms.Form):
    """选定的范本。"""

    base_list_id = forms.IntegerField(
        label="目录范本", min_value=1, max_value=2**62, error_messages={"required": "请选择目录范本。"}
    )


class ClaimForm(forms.Form):
    """认领的范本事项。"""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["keys"] = list(dict.fromkeys(posted(self).getlist("key")))
        if not cleaned["keys"]:
            raise forms.ValidationError("请先选择要认领的范本事项。")
        return cleaned


@action(form=BindForm, roles=("establishment",), invalid=list_base, page="catalog:list_base")
def base_bind(request: DeskRequest, form: BindForm, list_id: int) -> Done:
    """绑定目录范本。"""
    binding.base_bind(
        actor=request.actor, list_id=list_id, base_list_id=form.cleaned_data["base_list_id"], now=timezone.now()
    )
    return Done("已绑定，自今日起以该范本为准，并已重新检查。", to=reverse("catalog:list_base", args=[list_id]))


@action(form=ReasonForm, roles=("establishment",), invalid=list_base, page="catalog:list_base")
def base_unbind(request: DeskRequest, form: ReasonForm, list_id: int) -> Done:
    """解除绑定。"""
    binding.base_unbind(actor=request.actor, list_id=list_id, reason=form.cleaned_data["reason"], now=timezone.now())
    return Done("已解除绑定，清单不再以范本为准。", to=reverse("catalog:list_base", args=[list_id]))


@action(form=ClaimForm, roles=("drafter",), invalid=list_base, page="catalog:list_base")
def base_claim(request: DeskRequest, form: ClaimForm, list_id: int) -> Done:
    """认领所选的范本事项。"""
    made = binding.base_claim(actor=request.actor, list_id=list_id, keys=form.cleaned_data["keys"], now=timezone.now())
    return Done(
        f"已认领 {len(made)} 项，写成草稿，请补上科室、编码等本机构的内容后送审。",
        to=reverse("catalog:list", args=[list_id]) + "?only=changed",
    )


class OmitForm(ClaimForm):
    """不列入的范本事项与理由。"""

    reason = forms.CharField(
        label="不列入的理由",
        max_length=500,
        error_messages={"required": "请写明不列入的理由。", "max_length": "理由至多 500 字。"},
    )


@action(form=OmitForm, roles=("drafter",), invalid=list_base, page="catalog:list_base")
def base_omit(request: DeskRequest, form: OmitForm, list_id: int) -> Done:
    """写明不列入。"""
    omitted = omitting.base_omit(
        actor=request.actor,
        list_id=list_id,
        keys=form.cleaned_data["keys"],
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done(f"已写明 {omitted} 项不列入。", to=reverse("catalog:list_base", args=[list_id]))


class OmissionForm(forms.Form):
    """撤回哪一项。"""

    key = forms.CharField(label="范本事项", max_length=64)


@action(form=OmissionForm, roles=("drafter",), invalid=list_base, page="catalog:list_base")
def base_omission_withdraw(request: DeskRequest, form: OmissionForm, list_id: int) -> Done:
    """撤回不列入。"""
    omitting.base_omission_withdraw(
        actor=request.actor, list_id=list_id, key=form.cleaned_data["key"], now=timezone.now()
    )
    return Done("已撤回，该项又算缺少，可以认领。", to=reverse("catalog:list_base", args=[list_id]))


class IssueForm(forms.Form):
    """下发给哪些镇街。"""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        given = list(dict.fromkeys(posted(self).getlist("body")))
        if not given or not all(one.isascii() and one.isdigit() and len(one) < 19 for one in given):
            raise forms.ValidationError("请先选择要下发的镇（街道）。")
        cleaned["bodies"] = [int(one) for one in given]
        return cleaned


@action(form=IssueForm, roles=("establishment",), invalid=list_base, page="catalog:list_base")
def base_issue(request: DeskRequest, form: IssueForm, list_id: int) -> Done:
    """下发范本。"""
    issued = base_issuing.base_issue(
        actor=request.actor, base_list_id=list_id, body_ids=form.cleaned_data["bodies"], now=timezone.now()
    )
    return Done(
        f"已下发给 {issued} 个镇（街道），并通知其业务口认领。", to=reverse("catalog:list_base", args=[list_id])
    )
