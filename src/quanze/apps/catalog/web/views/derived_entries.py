"""关联清单条目：列入、查看来龙去脉、起草修改、保存、放弃、同步更新、终止、确认不受影响。"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.domain.entry_content import shown_value
from quanze.apps.catalog.domain.list_types import ExtraField, ListType
from quanze.apps.catalog.selectors import derived as selectors
from quanze.apps.catalog.selectors import entry_choices
from quanze.apps.catalog.selectors.drift import drift_of_entries
from quanze.apps.catalog.selectors.list_types import list_types
from quanze.apps.catalog.selectors.rests_on import Source, values_of
from quanze.apps.catalog.services import entries, entry_syncing
from quanze.apps.catalog.web.derived_presenting import (
    KEEPERS,
    inherited_fields,
    may_keep,
    own_fields,
)
from quanze.apps.catalog.web.forms import ReasonForm
from quanze.apps.catalog.web.presenting import BUSINESS_ROLES
from quanze.apps.catalog.web.requests import DeskRequest, posted
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.core.errors import NotFound


def content_form(kind: ListType, *, with_name: bool) -> type[forms.Form]:
    """一种清单的自有要素表单：由声明生成，核对仍由服务做。"""
    fields: dict[str, forms.Field] = {}
    if with_name and kind.names_itself:
        fields["name"] = forms.CharField(label="条目名称", max_length=600)
    for one in kind.fields:
        fields[one.name] = _form_field(one)
    return type("ContentForm", (forms.Form,), fields)


def _form_field(one: ExtraField) -> forms.Field:
    given: dict[str, Any] = {"label": one.label, "required": False, "help_text": _help(one)}
    if one.kind == "choice":
        return forms.ChoiceField(choices=[("", "未选"), *(one.choices or {}).items()], **given)
    if one.kind in ("long_text", "texts", "limits"):
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=8000, **given)
    if one.kind == "date":
        return forms.CharField(
            widget=forms.TextInput(attrs={"data-date": "", "autocomplete": "off"}), max_length=10, **given
        )
    return forms.CharField(max_length=500, **given)


def _help(one: ExtraField) -> str:
    said = [one.help] if one.help else []
    if one.required:
        said.append("公布前须填")
    if one.tighten is not None:
        said.append("只能比上级短" if one.tighten.rule == "not_more" else "只能比上级少，一行一项")
    elif one.kind == "texts" and not one.help:
        said.append("一行一项")
    return "；".join(said)


def given_content(kind: ListType, data: Any) -> dict[str, Any]:
    """提交的自有要素。"""
    return {one.name: data.get(one.name, "") for one in kind.fields}


def _values(view: selectors.EntryView) -> dict[str, Any]:
    if view.item_version_id is None and view.entry_version_id is None:
        return {}
    kind = "entry" if view.entry_version_id is not None else "item"
    version_id = view.entry_version_id or view.item_version_id or 0
    source = Source(kind, 0, version_id, "", 0, "", "", view.item_version_id)
    return values_of([source])[0]


@signed_in(*BUSINESS_ROLES)
def derived_entry(request: DeskRequest, derived_entry_id: int, form: forms.Form | None = None) -> HttpResponse:
    """条目页：继承的与自有的要素、来龙去脉、历次版本、办理。"""
    actor, on = request.actor, timezone.localdate()
    view = selectors.entry_view(entry_id=derived_entry_id, scope=actor.scope, on=on)
    values = _values(view)
    parent = list_types().of(view.kind.from_list) if view.kind.from_list else None
    keeps = may_keep(actor, view.body_id)
    off = drift_of_entries(entry_ids=[view.entry_id], on=on)
    if form is None and keeps and view.draft_id is not None:
        initial = {
            one.name: shown_value(one, view.shown.content.get(one.name))
            for one in view.kind.fields
            if one.kind != "choice"
        }
        initial |= {one.name: view.shown.content.get(one.name, "") for one in view.kind.fields if one.kind == "choice"}
        form = content_form(view.kind, with_name=True)(initial=initial | {"name": view.name})
    context = {
        "entry": view,
        "is_ended": view.draft_id is None and not view.is_in_force and view.shown.state == "published",
        "own": own_fields(view.kind, view.shown.content, values),
        "inherited": [one for one in inherited_fields(view.kind, values, parent) if one.text],
        "form": form if keeps and view.draft_id is not None else None,
        "may_keep": keeps,
        "drift": off,
        "can_refresh": any(row.kind in ("text_differs", "source_changed") for row in off),
        "can_confirm": any(row.kind in ("text_differs", "source_changed") for row in off),
        "since": max((row.since for row in off if row.since), default=on),
        "today": on,
    }
    return render(request, "catalog/derived/entry.html", context)


def _entry_back(entry_id: int) -> str:
    return reverse("catalog:derived_entry", args=[entry_id])


class AddForm(forms.Form):
    """列入条目：依据（可几处）、情形。"""

    variant = forms.CharField(label="情形", max_length=100, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        found = []
        for one in posted(self).getlist("basis"):
            kind, _, number = one.partition(":")
            if kind not in ("item", "entry") or not number.isascii() or not number.isdigit() or len(number) > 18:
                raise forms.ValidationError("所选依据不对，请重新选择。")
            found.append((kind, int(number)))
        cleaned["bases"] = list(dict.fromkeys(found))
        return cleaned


@signed_in(*KEEPERS)
def derived_add(request: DeskRequest, derived_id: int, form: forms.Form | None = None) -> HttpResponse:
    """列入条目：找依据、填要素。"""
    actor, on = request.actor, timezone.localdate()
    view = selectors.derived_list_view(list_id=derived_id, scope=actor.scope, on=on)
    if not may_keep(actor, view.body_id) or view.kind.is_taking_back:
        raise NotFound("没有这份关联清单", hint="请从“关联清单”中打开。")
    text = request.GET.get("q", "").strip()[:100]
    chosen = request.POST.getlist("basis") if form is not None else request.GET.getlist("basis")
    parents = _parent_choices(view, text, actor, on) if text or view.kind.from_list else []
    data = request.POST if form is not None else None
    asked = content_form(view.kind, with_name=True)(data)
    context = {
        "list": view,
        "text": text,
        "choices": [one for one in parents if one[0] not in {key for key, *_ in _chosen(chosen, actor, on)}],
        "chosen": _chosen(chosen, actor, on),
        "form": asked,
        "problems": form,
        "needed": view.kind.minimum_references,
        "variant": data.get("variant", "") if data is not None else "",
    }
    return render(request, "catalog/derived/add.html", context)


def _parent_choices(view: selectors.DerivedListView, text: str, actor: Any, on: Any) -> list[tuple[str, str, str]]:
    if not view.kind.from_list:
        return [
            (f"item:{one}", name, body)
            for one, name, body in entry_choices.power_item_choices(
                kind=view.kind, body_id=view.body_id, text=text, on=on, scope=actor.scope
            )
        ]
    return entry_choices.parent_entry_choices(kind=view.kind, body_id=view.body_id, text=text, on=on, scope=actor.scope)


def _chosen(keys: list[str], actor: Any, on: Any) -> list[tuple[str, str, str]]:
    return entry_choices.named_sources(keys[:20], on=on, scope=actor.scope)


@action(form=AddForm, roles=KEEPERS, invalid=derived_add)
def derived_entry_create(request: DeskRequest, form: AddForm, derived_id: int) -> Done:
    """列入一条草稿。"""
    view = selectors.derived_list_view(list_id=derived_id, scope=request.actor.scope, on=timezone.localdate())
    data = posted(form)
    new = entries.NewEntry(
        references=tuple(entries.Reference(kind, number) for kind, number in form.cleaned_data["bases"]),
        content=given_content(view.kind, data),
        name=data.get("name", ""),
        variant=form.cleaned_data["variant"].strip(),
    )
    ((entry_id, _),) = entries.entries_create(
        actor=request.actor, list_id=derived_id, entries=[new], now=timezone.now()
    )
    return Done("已列入草稿，补齐后送审公布。", to=_entry_back(entry_id))


class SaveForm(forms.Form):
    """保存条目草稿。"""

    name = forms.CharField(max_length=600, required=False)
    change_note = forms.CharField(max_length=500, required=False)


def _again(request: DeskRequest, entry_version_id: int, form: forms.Form) -> HttpResponse:
    view = selectors.entry_of_version(version_id=entry_version_id, scope=request.actor.scope, on=timezone.localdate())
    bound = content_form(view.kind, with_name=True)(request.POST)
    bound.is_valid()
    for name, errors in form.errors.items():
        bound.add_error(name if name in bound.fields else None, list(errors))
    bound.headline = getattr(form, "headline", "")  # type: ignore[attr-defined]
    return derived_entry(request, derived_entry_id=view.entry_id, form=bound)


@action(form=SaveForm, roles=KEEPERS, invalid=_again)
def entry_save(request: DeskRequest, form: SaveForm, entry_version_id: int) -> Done:
    """保存。"""
    view = selectors.entry_of_version(version_id=entry_version_id, scope=request.actor.scope, on=timezone.localdate())
    entries.entry_save(
        actor=request.actor,
        version_id=entry_version_id,
        seen_version=seen_version(request),
        content=given_content(view.kind, posted(form)),
        name=form.cleaned_data["name"] or None,
        change_note=form.cleaned_data["change_note"],
        now=timezone.now(),
    )
    return Done("已保存草稿，送审公布后现行。", to=_entry_back(view.entry_id))


@action(roles=KEEPERS)
def entry_discard(request: DeskRequest, entry_version_id: int) -> Done:
    """放弃草稿。"""
    view = selectors.entry_of_version(version_id=entry_version_id, scope=request.actor.scope, on=timezone.localdate())
    entries.entry_discard(
        actor=request.actor, version_id=entry_version_id, seen_version=seen_version(request), now=timezone.now()
    )
    return Done("已放弃草稿，现行版本不受影响。", to=reverse("catalog:derived_list", args=[view.list_id]))


@action(roles=KEEPERS)
def entry_revise(request: DeskRequest, derived_entry_id: int) -> Done:
    """起草修改。"""
    entries.entry_revise(
        actor=request.actor, entry_id=derived_entry_id, seen_version=seen_version(request), now=timezone.now()
    )
    return Done("已起草修改稿，改好保存后送审。", to=_entry_back(derived_entry_id))


class DayForm(forms.Form):
    """自哪天起。"""

    day = forms.DateField(label="日期", error_messages={"invalid": "日期应为形如 2026-11-22 的日期。"})
    reason = forms.CharField(label="理由", max_length=500, required=False)


@action(form=DayForm, roles=KEEPERS)
def entry_refresh(request: DeskRequest, form: DayForm, derived_entry_id: int) -> Done:
    """同步更新。"""
    entry_syncing.entry_refresh(
        actor=request.actor,
        entry_id=derived_entry_id,
        seen_version=seen_version(request),
        valid_from=form.cleaned_data["day"],
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done(f"已同步更新，自 {form.cleaned_data['day']} 起。", to=_entry_back(derived_entry_id))


@action(form=DayForm, roles=KEEPERS)
def entry_end(request: DeskRequest, form: DayForm, derived_entry_id: int) -> Done:
    """终止。"""
    entry_syncing.entry_end(
        actor=request.actor,
        entry_id=derived_entry_id,
        seen_version=seen_version(request),
        valid_to=form.cleaned_data["day"],
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done(f"条目止于 {form.cleaned_data['day']}，内容留在历史中。", to=_entry_back(derived_entry_id))


@action(form=ReasonForm, roles=KEEPERS)
def entry_confirm(request: DeskRequest, form: ReasonForm, derived_entry_id: int) -> Done:
    """确认不受影响。"""
    entry_syncing.entry_confirm_unaffected(
        actor=request.actor,
        entry_id=derived_entry_id,
        seen_version=seen_version(request),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("已确认不受影响，记下了看过的版本与理由。", to=_entry_back(derived_entry_id))
