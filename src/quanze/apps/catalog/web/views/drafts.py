"""起草：新增事项、修改草稿、自动保存、放弃；他人同时改动时的对照。"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.domain.drafts import changes
from quanze.apps.catalog.domain.fields import FIELDS
from quanze.apps.catalog.domain.items import ItemContent
from quanze.apps.catalog.selectors import findings as finding_selectors
from quanze.apps.catalog.selectors import items as item_selectors
from quanze.apps.catalog.selectors import lists as selectors
from quanze.apps.catalog.selectors.lists import VersionView
from quanze.apps.catalog.selectors.snapshots import base_list_of, base_nodes
from quanze.apps.catalog.services import drafting
from quanze.apps.catalog.services.packs import shipped_packs
from quanze.apps.catalog.web.content_form import ContentForm, posted_fields
from quanze.apps.catalog.web.presenting import diff_rows
from quanze.apps.catalog.web.requests import DeskRequest
from quanze.apps.catalog.web.views.items import shown_findings
from quanze.apps.org import public as org
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.errors import error_number, record_refusal
from quanze.core.errors import Conflict, WrongState

SECTIONS = (
    (
        "基本信息",
        (
            "name",
            "power_type",
            "seq",
            "power_code",
            "exercising_body",
            "responsible_body",
            "authority_source",
            "lead_division",
        ),
        "assists",
    ),
    ("层级与对象", ("exercise_level", "level_split", "target"), ""),
    ("依据", ("basis_text",), "bases"),
    ("责任事项", ("duty_text", "duty_basis_text"), "duties"),
    ("追责", ("accountability_text", "accountability_basis_text"), "accountability_cases"),
    (
        "时限与服务",
        ("legal_limit_days", "promised_limit_days", "limit_note", "has_fee", "guide_url", "hotline", "remedy"),
        "",
    ),
    (
        "公开与备注",
        ("plain_summary", "is_local_addition", "addition_reason", "is_city_set", "remark", "change_note"),
        "",
    ),
)
_RULES = {
    "name": "规范命名：行政处罚写作“对……的处罚”",
    "power_type": "十类行政职权，不得以“其他”代替许可、处罚",
    "basis_text": "权责清单须列明实施依据",
    "bases": "依据须写明条、款、项",
    "duty_text": "有权必有责，责任与职权一一对应",
    "accountability_text": "失责必追究",
}


def _sections(form: ContentForm, template: str) -> list[dict[str, Any]]:
    """表单的各段：固定的要素，之后按组列出清单模板所要的补充要素，没有填写的组先收起。"""
    chosen = shipped_packs().template(template)
    fields = FIELDS.shown_in(chosen.fields)
    form.show(fields, chosen.help)
    blocks = form.blocks
    sections: list[dict[str, Any]] = [
        {
            "title": title,
            "fields": [(form[name], _RULES.get(name, "")) for name in names],
            "block": blocks.get(block),
            "block_rule": _RULES.get(block, ""),
        }
        for title, names, block in SECTIONS
    ]
    for group, title in FIELDS.groups.items():
        held = [form[one.key] for one in fields if one.group == group]
        if held:
            filled = sum(bool(one.value()) for one in held)
            is_open = any(one.errors for one in held) or any(one.name in chosen.required for one in held)
            sections.append(
                {
                    "title": title,
                    "fields": [(one, "本模板必填" if one.name in chosen.required else "") for one in held],
                    "folds": True,
                    "is_open": is_open,
                    "filled": filled,
                    "total": len(held),
                }
            )
    return sections


def _base_context(form: ContentForm, list_id: int, on: date) -> dict[str, Any]:
    """可认领的范本事项；没有绑定范本则不显示这一栏。"""
    base_list_id = base_list_of(list_id=list_id, on=on)
    nodes = () if base_list_id is None else base_nodes(base_list_id=base_list_id, on=on)
    return {"base_items": nodes, "template_key": form["template_key"].value() or ""}


@signed_in("drafter")
def item_new(request: DeskRequest, list_id: int, form: ContentForm | None = None) -> HttpResponse:
    """新增事项。"""
    on = timezone.localdate()
    view = selectors.list_view(list_id=list_id, scope=request.actor.scope, on=on)
    drafting.require_drafter(request.actor, view.body_id)
    if form is None:
        start = ItemContent(name="", exercising_body=view.body_name, responsible_body=view.body_name)
        form = ContentForm.of(start)
    context = {
        "list": view,
        "form": form,
        "sections": _sections(form, view.template),
        "divisions": [one.name for one in org.divisions_of([view.body_id], on=on)],
        "parents": item_selectors.parent_choices(list_id=list_id, scope=request.actor.scope),
        "parent_id": str(form["parent_id"].value() or request.GET.get("parent", "")),
        **_base_context(form, list_id, on),
    }
    return render(request, "catalog/draft_form.html", context)


@action(form=ContentForm, roles=("drafter",), invalid=item_new, page="catalog:item_new")
def item_create(request: DeskRequest, form: ContentForm, list_id: int) -> Done:
    """建立事项与第一份草稿。"""
    version_id = drafting.item_create(
        actor=request.actor,
        list_id=list_id,
        content=form.content(),
        parent_id=form.cleaned_data["parent_id"],
        now=timezone.now(),
    )
    return Done("已建立事项草稿。改好后在清单页提交送审。", to=reverse("catalog:draft", args=[version_id]))


@action(roles=("drafter",))
def draft_start(request: DeskRequest, item_id: int) -> Done:
    """起草修改。"""
    version_id = drafting.draft_start(actor=request.actor, item_id=item_id, now=timezone.now())
    return Done("已起草修改稿，改好后保存，再提交送审。", to=reverse("catalog:draft", args=[version_id]))


def _draft_of(request: DeskRequest, version_id: int) -> VersionView:
    version = selectors.version(version_id=version_id, scope=request.actor.scope)
    drafting.require_drafter(request.actor, version.body_id)
    if version.state != "draft":
        raise WrongState("这不是草稿，不能修改", hint="请从事项页点“起草修改”。")
    return version


@signed_in("drafter")
def draft_page(request: DeskRequest, version_id: int, form: ContentForm | None = None) -> HttpResponse:
    """修改草稿。"""
    version = _draft_of(request, version_id)
    on = timezone.localdate()
    form = form or ContentForm.of(version.content, change_note=version.change_note, parent_id=version.parent_id)
    view = selectors.list_view(list_id=version.list_id, scope=request.actor.scope, on=on)
    may_move = not item_selectors.was_published(item_id=version.item_id)
    found = finding_selectors.findings_of_versions([version.id]).get(version.id, [])
    context = {
        "list": view,
        "version": version,
        "form": form,
        "sections": _sections(form, view.template),
        "divisions": [one.name for one in org.divisions_of([version.body_id], on=on)],
        "findings": shown_findings(found),
        "parents": item_selectors.parent_choices(
            list_id=version.list_id, scope=request.actor.scope, without=version.item_id
        )
        if may_move
        else [],
        "parent_id": str(form["parent_id"].value() or ""),
        **_base_context(form, version.list_id, on),
        "seen": request.POST.get("seen_version") or version.lock_version,
    }
    return render(request, "catalog/draft_form.html", context)


@action(form=ContentForm, roles=("drafter",), invalid=draft_page, page="catalog:draft")
def draft_save(request: DeskRequest, form: ContentForm, version_id: int) -> Done | HttpResponse:
    """保存草稿；别人先改了的，两相对照后再定。"""
    version = _draft_of(request, version_id)
    try:
        drafting.draft_save(
            actor=request.actor,
            version_id=version_id,
            seen_version=seen_version(request),
            content=form.content(version.content),
            change_note=form.cleaned_data["change_note"],
            move=_move(form),
            now=timezone.now(),
        )
    except Conflict as error:
        return _conflict_page(request, form, version_id, error)
    return Done("草稿已保存。送审前可先检查。", to=reverse("catalog:item", args=[version.item_id]))


def _move(form: ContentForm) -> drafting.Move | None:
    """表单送来了归属才改归属；已公布过的事项没有这一栏。"""
    return drafting.Move(form.cleaned_data["parent_id"]) if "parent_id" in form.data else None


def _conflict_page(request: DeskRequest, form: ContentForm, version_id: int, error: Conflict) -> HttpResponse:
    """他人现在的内容与自己要保存的内容逐字对照；什么都没有丢。"""
    record_refusal(request, error, error_number())
    theirs = selectors.version(version_id=version_id, scope=request.actor.scope)
    mine = form.content(theirs.content)
    context = {
        "version": theirs,
        "rows": diff_rows(changes(theirs.content, mine)),
        "posted": posted_fields(request.POST),
    }
    return render(request, "catalog/draft_conflict.html", context, status=409)


@action(form=ContentForm, roles=("drafter",))
def draft_autosave(request: DeskRequest, form: ContentForm, version_id: int) -> Done:
    """自动保存：同一道门，只是不离开页面。"""
    version = _draft_of(request, version_id)
    number = drafting.draft_save(
        actor=request.actor,
        version_id=version_id,
        seen_version=seen_version(request),
        content=form.content(version.content),
        change_note=form.cleaned_data["change_note"],
        move=_move(form),
        now=timezone.now(),
    )
    return Done("草稿已自动保存", to=reverse("catalog:draft", args=[version_id]), data={"version": number})


@action(roles=("drafter",))
def draft_discard(request: DeskRequest, version_id: int) -> Done:
    """放弃草稿。"""
    version = _draft_of(request, version_id)
    drafting.draft_discard(
        actor=request.actor, version_id=version_id, seen_version=seen_version(request), now=timezone.now()
    )
    return Done("草稿已放弃，内容留在变更记录中随时可查。", to=reverse("catalog:list", args=[version.list_id]))
