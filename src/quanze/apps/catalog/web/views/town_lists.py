"""镇（街道）清单页与收回办理。"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.selectors import town_lists as selectors
from quanze.apps.catalog.selectors.list_types import list_types
from quanze.apps.catalog.services import entries, taking_back
from quanze.apps.catalog.web.presenting import BUSINESS_ROLES
from quanze.apps.catalog.web.requests import DeskRequest
from quanze.apps.org import public as org
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.core.errors import InvalidInput, NotFound

TOWN_KINDS = ("town", "subdistrict", "zone")


def _town(request: DeskRequest, town_id: int) -> org.BodyView:
    body = org.bodies_by_ids([town_id]).get(town_id)
    if body is None or body.kind not in TOWN_KINDS or not request.actor.scope.covers(town_id):
        raise NotFound("没有这个镇（街道）", hint="请从“关联清单”中打开。")
    return body


@signed_in(*BUSINESS_ROLES)
def towns(request: DeskRequest) -> HttpResponse:
    """各镇（街道）：选一个看它的清单。"""
    bodies = org.bodies(on=timezone.localdate(), kinds=TOWN_KINDS)
    context = {"towns": [one for one in bodies if request.actor.scope.covers(one.id)]}
    return render(request, "catalog/derived/towns.html", context)


@signed_in(*BUSINESS_ROLES)
def town_page(request: DeskRequest, town_id: int) -> HttpResponse:
    """一个镇（街道）的全部清单：谁牵头、谁配合、各管什么。"""
    body = _town(request, town_id)
    page = selectors.town_page(body_id=body.id, scope=request.actor.scope, on=timezone.localdate())
    context = {
        "town": body,
        "page": page,
        "taken": selectors.taken_back(body_id=body.id, scope=request.actor.scope),
        "may_take_back": request.actor.has("establishment"),
    }
    return render(request, "catalog/derived/town.html", context)


class TakeBackForm(forms.Form):
    """收回：收回什么、谁承接、哪天、依什么文件。"""

    origin = forms.RegexField(
        r"^(item|entry):\d{1,18}$", label="收回什么", error_messages={"required": "请选择收回的事项。"}
    )
    receiving = forms.RegexField(
        r"^(item|draft):\d{1,18}$", label="承接的事项", error_messages={"required": "请选择承接的事项。"}
    )
    receiving_way = forms.ChoiceField(label="承接方式", choices=[])
    hand_over_on = forms.DateField(label="交接日", error_messages={"invalid": "日期应为形如 2026-11-22 的日期。"})
    document_number = forms.CharField(label="文号", max_length=100)
    issued_on = forms.DateField(label="印发日期", error_messages={"invalid": "日期应为形如 2026-11-22 的日期。"})
    open_cases = forms.CharField(label="在办事项处理", max_length=2000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = list_types().of(taking_back.TAKING_BACK).by_name["receiving_way"]
        self.fields["receiving_way"] = forms.ChoiceField(
            label="承接方式", choices=[("", "请选择"), *(field.choices or {}).items()]
        )


@signed_in("establishment")
def take_back_page(request: DeskRequest, town_id: int, form: forms.Form | None = None) -> HttpResponse:
    """办理收回。"""
    body = _town(request, town_id)
    on = timezone.localdate()
    origins, present, drafts = selectors.take_back_choices(body_id=body.id, scope=request.actor.scope, on=on)
    initial = {
        "hand_over_on": on,
        "issued_on": on,
        "open_cases": "交接日前受理的，由本镇（街道）办结；之后的由承接部门受理。",
    }
    context = {
        "town": body,
        "form": form or TakeBackForm(initial=initial),
        "origins": origins,
        "present": present,
        "drafts": drafts,
    }
    return render(request, "catalog/derived/take_back.html", context)


@action(form=TakeBackForm, roles=("establishment",), invalid=take_back_page)
def take_back(request: DeskRequest, form: TakeBackForm, town_id: int) -> Done:
    """收回一项：乡镇止、部门起、收回清单列入，同日。"""
    body = _town(request, town_id)
    data, now = form.cleaned_data, timezone.now()
    list_id = entries.derived_list_create(
        actor=request.actor, body_id=body.id, list_type=taking_back.TAKING_BACK, now=now
    )
    kind, _, number = data["origin"].partition(":")
    how, _, receiver = data["receiving"].partition(":")
    if not data["receiving_way"]:
        raise InvalidInput("请选择承接方式", code="receiving_way_missing")
    taking_back.item_take_back(
        actor=request.actor,
        list_id=list_id,
        origin=taking_back.Origin(kind, int(number)),
        receiving=taking_back.Receiving(
            item_id=int(receiver) if how == "item" else None,
            draft_version_id=int(receiver) if how == "draft" else None,
        ),
        hand_over_on=data["hand_over_on"],
        document_number=data["document_number"],
        issued_on=data["issued_on"],
        content={"receiving_way": data["receiving_way"], "open_cases": data["open_cases"]},
        now=now,
    )
    return Done(
        f"已收回：本镇（街道）止于 {data['hand_over_on']}，承接部门同日起，收回清单已列入。",
        to=reverse("catalog:town_lists", args=[body.id]),
    )
