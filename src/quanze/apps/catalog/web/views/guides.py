"""简明指南的办理：起草、修改、公布、停止公开；看的在事项页的“简明指南”页签。"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.domain.guides import gaps
from quanze.apps.catalog.selectors import guides as selectors
from quanze.apps.catalog.selectors import lists as list_selectors
from quanze.apps.catalog.services import guiding
from quanze.apps.catalog.services.packs import power_types
from quanze.apps.catalog.web.forms import ReasonForm
from quanze.apps.catalog.web.guide_form import GuideForm
from quanze.apps.catalog.web.presenting import BUSINESS_ROLES
from quanze.apps.catalog.web.requests import DeskRequest
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version

WRITERS = ("drafter", "publisher")


@action(roles=WRITERS)
def guide_start(request: DeskRequest, item_id: int) -> Done:
    """起草，或打开已有的草稿。"""
    guide_id = guiding.guide_start(actor=request.actor, item_id=item_id, now=timezone.now())
    return Done(to=reverse("catalog:guide", args=[guide_id]))


@signed_in(*BUSINESS_ROLES)
def guide_page(request: DeskRequest, guide_id: int, form: forms.Form | None = None) -> HttpResponse:
    """一版指南：草稿可改，已公布的照看。"""
    actor = request.actor
    guide = selectors.guide(guide_id=guide_id, scope=actor.scope)
    versions = list_selectors.versions_of_item(item_id=guide.item_id, scope=actor.scope)
    content = versions[0].content
    kind = power_types().by_code.get(content.power_type)
    is_ours = actor.body_id == guide.body_id
    shown = form if isinstance(form, GuideForm) else GuideForm.of(guide.content, change_note=guide.change_note)
    context: dict[str, Any] = {
        "guide": guide,
        "item_name": content.name,
        "form": shown,
        "errors": form if form is not None and form.errors else None,
        "gaps": gaps(guide.content, is_on_application=bool(kind and kind.on_application)),
        "may_write": is_ours and guide.state == "draft" and actor.has(*WRITERS),
        "may_publish": is_ours and guide.state == "draft" and actor.has("publisher"),
        "may_end": is_ours and guide.state == "published" and guide.valid_to is None and actor.has("publisher"),
        "today": timezone.localdate(),
    }
    return render(request, "catalog/guide.html", context)


@action(form=GuideForm, roles=WRITERS, invalid=guide_page, page="catalog:guide")
def guide_save(request: DeskRequest, form: GuideForm, guide_id: int) -> Done:
    """保存草稿。"""
    guiding.guide_save(
        actor=request.actor,
        guide_id=guide_id,
        seen_version=seen_version(request),
        content=form.content(),
        change_note=form.cleaned_data["change_note"],
        now=timezone.now(),
    )
    return Done("已保存，公布之后群众才看得到。", to=reverse("catalog:guide", args=[guide_id]))


class PublishForm(forms.Form):
    """公布：自哪天起。"""

    valid_from = forms.DateField(
        label="生效日期", required=False, error_messages={"invalid": "日期应写作 2026-11-22。"}
    )


@action(form=PublishForm, roles=("publisher",), invalid=guide_page, page="catalog:guide")
def guide_publish(request: DeskRequest, form: PublishForm, guide_id: int) -> Done:
    """公布。"""
    number = guiding.guide_publish(
        actor=request.actor,
        guide_id=guide_id,
        seen_version=seen_version(request),
        valid_from=form.cleaned_data["valid_from"],
        now=timezone.now(),
    )
    return Done(f"已公布第 {number} 版，公开站点的事项页随即展示。", to=_tab(request, guide_id))


@action(roles=WRITERS)
def guide_discard(request: DeskRequest, guide_id: int) -> Done:
    """放弃草稿。"""
    to = _tab(request, guide_id)
    guiding.guide_discard(
        actor=request.actor, guide_id=guide_id, seen_version=seen_version(request), now=timezone.now()
    )
    return Done("已放弃草稿，已公布的一版不受影响。", to=to)


@action(form=ReasonForm, roles=("publisher",), invalid=guide_page, page="catalog:guide")
def guide_end(request: DeskRequest, form: ReasonForm, guide_id: int) -> Done:
    """停止公开。"""
    guiding.guide_end(
        actor=request.actor,
        guide_id=guide_id,
        seen_version=seen_version(request),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("已停止公开，以前那些天的照旧可查。", to=_tab(request, guide_id))


def _tab(request: DeskRequest, guide_id: int) -> str:
    guide = selectors.guide(guide_id=guide_id, scope=request.actor.scope)
    return reverse("catalog:item_tab", args=[guide.item_id, "guide"])
