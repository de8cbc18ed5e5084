"""勘误：公布另一人改好的草稿，只改文字差错。"""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.domain.drafts import changes
from quanze.apps.catalog.domain.items import CONTENT_LABELS
from quanze.apps.catalog.domain.publishing import NOT_CORRECTABLE
from quanze.apps.catalog.selectors import lists as selectors
from quanze.apps.catalog.services import publishing
from quanze.apps.catalog.web.presenting import diff_rows
from quanze.apps.catalog.web.requests import DeskRequest
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.core.errors import NotPermitted, WrongState


class CorrectionForm(forms.Form):
    """勘误。"""

    document_number = forms.CharField(label="文号", max_length=100, help_text="如 云农发〔2026〕12号。")
    issued_on = forms.DateField(label="印发日期", widget=forms.DateInput)
    reason = forms.CharField(
        label="勘误理由",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="何处有误、如何更正，随版次公布。",
    )


@signed_in("publisher")
def correction_page(request: DeskRequest, version_id: int, form: CorrectionForm | None = None) -> HttpResponse:
    """勘误页：改了什么、能不能这样改。"""
    actor = request.actor
    version = selectors.version(version_id=version_id, scope=actor.scope)
    if actor.body_id != version.body_id:
        raise NotPermitted("勘误由本机构信息公开人员公布", hint="请由有信息公开职责的同事办理。")
    published = [
        one
        for one in selectors.versions_of_item(item_id=version.item_id, scope=actor.scope)
        if one.state == "published" and one.valid_to is None
    ]
    if version.state != "draft" or not published:
        raise WrongState("只有现行事项的草稿能作为勘误公布", hint="请从事项页查看现状。")
    touched = [
        CONTENT_LABELS[field]
        for field in NOT_CORRECTABLE
        if version.content.value(field) != published[0].content.value(field)
    ]
    context = {
        "version": version,
        "old": published[0],
        "rows": diff_rows(changes(published[0].content, version.content)),
        "touched": touched,
        "form": form or CorrectionForm(initial={"issued_on": timezone.localdate()}),
        "list": selectors.list_view(list_id=version.list_id, scope=actor.scope, on=timezone.localdate()),
    }
    return render(request, "catalog/correction.html", context)


@action(form=CorrectionForm, roles=("publisher",), invalid=correction_page, page="catalog:correction")
def correction_publish(request: DeskRequest, form: CorrectionForm, version_id: int) -> Done:
    """公布勘误。"""
    version = selectors.version(version_id=version_id, scope=request.actor.scope)
    publishing.correction_publish(
        actor=request.actor,
        version_id=version_id,
        seen_version=seen_version(request),
        document_number=form.cleaned_data["document_number"],
        issued_on=form.cleaned_data["issued_on"].isoformat(),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done(
        "勘误已公布为新的版次，原文留在变更记录中可查。", to=reverse("catalog:list_editions", args=[version.list_id])
    )
