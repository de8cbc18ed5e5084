"""范本换版的合并：逐处看三方的写法，选好冲突，合并成草稿。"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.domain.base_merging import CHOICES, OWN, UNITS, Choice, ItemChange, ItemMerge, UnitMerge
from quanze.apps.catalog.domain.drafts import readable
from quanze.apps.catalog.domain.items import ItemContent
from quanze.apps.catalog.selectors import base_merges as selectors
from quanze.apps.catalog.services import base_merging
from quanze.apps.catalog.web.forms import ReasonForm
from quanze.apps.catalog.web.presenting import BUSINESS_ROLES, type_label
from quanze.apps.catalog.web.requests import DeskRequest, posted
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.diffing import diff

LONGEST = 20_000  # characters, as for the long texts of an item


@signed_in(*BUSINESS_ROLES)
def merge_page(request: DeskRequest, merge_id: int, form: forms.Form | None = None) -> HttpResponse:
    """一件合并：冲突在前，没有冲突的、新增的、移出的各列一处。"""
    actor = request.actor
    view = selectors.merge_view(merge_id=merge_id, scope=actor.scope, on=timezone.localdate())
    row = view.row
    changed = [one for one in view.items if one.change is ItemChange.CHANGED]
    conflicts = [_conflict(one, view.choices, form) for one in changed if one.conflicts]
    context: dict[str, Any] = {
        "row": row,
        "items": view.items,
        "conflicts": conflicts,
        "conflict_count": sum(len(one["units"]) for one in conflicts),
        "open_count": view.open_conflicts,
        "settled_count": sum(len(one["units"]) for one in conflicts) - view.open_conflicts,
        "changed_count": len(changed),
        "clean": [one for one in changed if not one.conflicts],
        "added": [one for one in view.items if one.change is ItemChange.ADDED and not one.is_new_part],
        "parts": [one for one in view.items if one.is_new_part],
        "misplaced": selectors.misplaced(list_id=row.list_id, base_list_id=row.base_list_id, on=timezone.localdate()),
        "keys": (("j", "下一处"), ("k", "上一处"), ("a", "取范本新版"), ("r", "保留本级所写")),
        "may_reopen": row.state in ("merged", "declined") and actor.has("drafter") and actor.body_id == row.body_id,
        "removed": [one for one in view.items if one.change is ItemChange.REMOVED],
        "may_merge": row.state == "open" and actor.has("drafter") and actor.body_id == row.body_id,
        "form": form,
    }
    return render(request, "catalog/merge.html", context)


def _conflict(item: ItemMerge, choices: Mapping[tuple[str, str], Choice], form: forms.Form | None) -> dict[str, Any]:
    units = []
    for one in item.conflicts:
        key = f"{item.base_code}.{one.unit}"
        chosen = choices.get((item.base_code, one.unit))
        typed = form.data if form is not None else {}
        old, new, local = (_text(one, side) for side in ("old", "new", "local"))
        units.append(
            {
                "key": key,
                "label": one.label,
                "old": old,
                "to_new": diff(old, new),
                "to_local": diff(old, local),
                "side": typed.get(f"side-{key}", chosen.side if chosen else ""),
                "reason": typed.get(f"reason-{key}", chosen.reason if chosen else ""),
                "is_writable": one.is_writable,
                "text": typed.get(f"text-{key}", chosen.text if chosen and chosen.text else local),
                "is_long": len(local) > 60 or len(new) > 60,
            }
        )
    return {"name": item.name, "base_code": item.base_code, "units": units}


def _text(one: UnitMerge, side: str) -> str:
    """一方的写法，人读的文字；文本为空的取它的分条。"""
    values: dict[str, Any] = {"name": "", **getattr(one, side)}
    content = ItemContent(**values)
    texts = [readable(content, field) for field in UNITS[one.unit]]
    text = next((one for one in texts if one), "")
    return type_label(text) if one.unit == "power_type" and text else text


class ChooseForm(forms.Form):
    """对若干处冲突的选择。"""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        data = posted(self)
        chosen: dict[tuple[str, str], Choice] = {}
        for name in data:
            if name.startswith("side-") and data[name] in CHOICES:
                code, _, unit = name.removeprefix("side-").rpartition(".")
                key, side = f"{code}.{unit}", str(data[name])
                text = str(data.get(f"text-{key}", ""))[:LONGEST] if side == OWN else ""
                chosen[(code, unit)] = Choice(side, str(data.get(f"reason-{key}", "")), text)
        if not chosen:
            raise forms.ValidationError("还没有选。请逐处选“取范本新版”“保留本级所写”或“另写”。")
        cleaned["choices"] = chosen
        return cleaned


@action(form=ChooseForm, roles=("drafter",), invalid=merge_page)
def merge_choose(request: DeskRequest, form: ChooseForm, merge_id: int) -> Done:
    """记下选择。"""
    left = base_merging.merge_choose(
        actor=request.actor,
        merge_id=merge_id,
        seen_version=seen_version(request),
        choices=form.cleaned_data["choices"],
        now=timezone.now(),
    )
    said = f"已记下，还有 {left} 处没有选。" if left else "已记下，冲突都已选好，可以合并。"
    return Done(said, to=reverse("catalog:merge", args=[merge_id]))


class ApplyForm(forms.Form):
    """合并成草稿：没有要填的。"""


@action(form=ApplyForm, roles=("drafter",), invalid=merge_page)
def merge_apply(request: DeskRequest, form: ApplyForm, merge_id: int) -> Done:
    """合并成草稿。"""
    written = base_merging.merge_apply(
        actor=request.actor, merge_id=merge_id, seen_version=seen_version(request), now=timezone.now()
    )
    list_id = selectors.find(merge_id=merge_id, scope=request.actor.scope).power_list_id
    return Done(
        f"已合并，{written} 项写成草稿，请核对后送审。", to=reverse("catalog:list", args=[list_id]) + "?only=changed"
    )


@action(form=ApplyForm, roles=("drafter",), invalid=merge_page)
def merge_take_clean(request: DeskRequest, form: ApplyForm, merge_id: int) -> Done:
    """先合并没有冲突的。"""
    written = base_merging.merge_take_clean(
        actor=request.actor, merge_id=merge_id, seen_version=seen_version(request), now=timezone.now()
    )
    return Done(
        f"没有冲突的 {written} 项已写成草稿，余下的逐处选好后再合并。", to=reverse("catalog:merge", args=[merge_id])
    )


@action(form=ApplyForm, roles=("drafter",), invalid=merge_page)
def merge_reopen(request: DeskRequest, form: ApplyForm, merge_id: int) -> Done:
    """重新合并。"""
    base_merging.merge_reopen(
        actor=request.actor, merge_id=merge_id, seen_version=seen_version(request), now=timezone.now()
    )
    return Done("已重新打开，请逐处核对后合并。", to=reverse("catalog:merge", args=[merge_id]))


@action(form=ReasonForm, roles=("drafter",), invalid=merge_page)
def merge_decline(request: DeskRequest, form: ReasonForm, merge_id: int) -> Done:
    """不合并。"""
    base_merging.merge_decline(
        actor=request.actor,
        merge_id=merge_id,
        seen_version=seen_version(request),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("已写明不合并，与范本的差异照常列出。", to=reverse("catalog:merge", args=[merge_id]))
