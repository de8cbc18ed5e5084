"""公文样式的页面：上传、可用的字段、下载、停用；在会议上套用。"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.adjustment.domain.office_fields import FIELDS
from quanze.apps.adjustment.selectors import office_templates as selectors
from quanze.apps.adjustment.selectors.meetings import CONVENERS
from quanze.apps.adjustment.services import templating
from quanze.apps.adjustment.web.meeting_forms import FillForm, TemplateForm
from quanze.base.files import public as files
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.downloads import attachment, download_response


def _list() -> str:
    return reverse("adjustment:office_templates")


@signed_in(*CONVENERS)
def template_list(request: Any, form: forms.Form | None = None) -> HttpResponse:
    """本机构的样式，与可用的字段。"""
    context = {
        "rows": selectors.templates(actor=request.actor),
        "fields": [(f"{{{{{name}}}}}", said) for name, said in FIELDS.items()],
        "form": form or TemplateForm(),
    }
    return render(request, "adjustment/office_templates.html", context)


@action(form=TemplateForm, roles=CONVENERS, invalid=template_list, page="adjustment:office_templates")
def template_upload(request: Any, form: TemplateForm) -> Done:
    """上传。"""
    given = form.cleaned_data
    templating.template_upload(
        actor=request.actor,
        title=given["title"],
        name=given["file"].name,
        data=given["file"].file,
        now=timezone.now(),
    )
    return Done("字段都认得，样式可以套用了。", to=_list())


@action(roles=CONVENERS)
def template_retire(request: Any, template_id: int) -> Done:
    """停用。"""
    templating.template_retire(
        actor=request.actor, template_id=template_id, seen_version=seen_version(request), now=timezone.now()
    )
    return Done("已停用，套用成的材料不变。", to=_list())


@signed_in(*CONVENERS)
def template_file(request: Any, template_id: int) -> HttpResponseBase:
    """下载样式文件。"""
    row = selectors.template_find(template_id=template_id, actor=request.actor)
    return download_response(files.open_file(row.file_id, scope=request.actor.scope))


@signed_in(*CONVENERS)
def template_sample(request: Any) -> HttpResponseBase:
    """下载样例。"""
    return attachment(templating.sample(timezone.now()), name="公文样式样例.docx", media_type=files.MEDIA_TYPES["docx"])


@action(form=FillForm, roles=CONVENERS, page="adjustment:meeting")
def template_fill(request: Any, form: FillForm, meeting_id: int) -> Done:
    """套用到会议。"""
    templating.template_fill(
        actor=request.actor,
        meeting_id=meeting_id,
        seen_version=seen_version(request),
        template_id=form.cleaned_data["template_id"],
        now=timezone.now(),
    )
    return Done("已套用，填好的 Word 在会议材料里。", to=reverse("adjustment:meeting", args=[meeting_id]))
