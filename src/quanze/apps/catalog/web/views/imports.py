"""导入表格：上传、进度、预览与对照、导入为草稿或放弃。"""

from __future__ import annotations

import contextlib
from typing import Any

from django import forms
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.domain.difference import Choices
from quanze.apps.catalog.domain.drafts import FieldChange
from quanze.apps.catalog.domain.lifecycles import IMPORT_FLOW
from quanze.apps.catalog.selectors import import_report as reports
from quanze.apps.catalog.selectors import imports as selectors
from quanze.apps.catalog.selectors import lists as list_selectors
from quanze.apps.catalog.selectors.import_report import SIDE_HEADERS
from quanze.apps.catalog.services import findings as finding_services
from quanze.apps.catalog.services import importing
from quanze.apps.catalog.services.drafting import require_drafter
from quanze.apps.catalog.web.presenting import (
    BUSINESS_ROLES,
    diff_rows,
    list_tabs,
    rule_title,
    type_label,
)
from quanze.apps.catalog.web.requests import DeskRequest, posted
from quanze.base.jobs import public as jobs
from quanze.base.sheets.writing import Column
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.errors import wants_json
from quanze.base.web.exporting import export_workbook
from quanze.core.errors import WrongState

# Files up to this size are read while the person waits (about a second); larger ones in the background.
AT_ONCE_BYTES = 600 * 1024
SHOWN_CHANGES = 100
STOP_POLLING = 286


class UploadForm(forms.Form):
    """上传表格。"""

    file = forms.FileField(
        label="清单表格",
        help_text="xls、xlsx 或 csv，按内容识别。表头在前 12 行内即可，多个工作表一起读。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xls,.xlsx,.csv"}),
        error_messages={"required": "请选择要导入的表格。", "empty": "文件是空的，请重新选择。"},
    )


@signed_in(*BUSINESS_ROLES)
def list_imports(request: DeskRequest, list_id: int, form: UploadForm | None = None) -> HttpResponse:
    """上传与历次导入。"""
    actor = request.actor
    view = list_selectors.list_view(list_id=list_id, scope=actor.scope, on=timezone.localdate())
    context = {
        "list": view,
        "tabs": list_tabs(view, "imports"),
        "form": form or UploadForm(),
        "imports": selectors.imports(list_id=list_id, scope=actor.scope),
        "may_draft": actor.has("drafter") and actor.body_id == view.body_id,
    }
    return render(request, "catalog/imports.html", context)


@action(form=UploadForm, roles=("drafter",), invalid=list_imports, page="catalog:list_imports")
def import_upload(request: DeskRequest, form: UploadForm, list_id: int) -> Done:
    """收下文件；小文件就地读完，大文件交后台。"""
    view = list_selectors.list_view(list_id=list_id, scope=request.actor.scope, on=timezone.localdate())
    require_drafter(request.actor, view.body_id)
    upload = form.cleaned_data["file"]
    import_id = importing.import_upload(
        actor=request.actor,
        list_id=list_id,
        data=upload.file,
        name=upload.name,
        back_url=reverse("catalog:lists") + "imports/{import_id}/",
        now=timezone.now(),
    )
    record = selectors.import_view(import_id=import_id, scope=request.actor.scope)
    if upload.size <= AT_ONCE_BYTES and record.job_id is not None:
        # The worker may be quicker; then the page shows its progress.
        with contextlib.suppress(WrongState):
            jobs.run_now(record.job_id)
    page = reverse("catalog:import", args=[import_id])
    return Done(to=page, data={"import": import_id, "status_url": page})


@signed_in(*BUSINESS_ROLES)
def import_page(request: DeskRequest, import_id: int, form: forms.Form | None = None) -> HttpResponse:
    """进度，或预览与对照；程序问时答状态（JSON），读完为止可反复问。"""
    if wants_json(request):
        view = selectors.import_view(import_id=import_id, scope=request.actor.scope)
        return JsonResponse(_status(view), json_dumps_params={"ensure_ascii": False})
    return render(request, "catalog/import.html", _context(request, import_id) | {"form": form})


@signed_in(*BUSINESS_ROLES)
def import_progress(request: DeskRequest, import_id: int) -> HttpResponse:
    """进度片段；读完即转到预览。"""
    context = _context(request, import_id)
    response = render(request, "catalog/_import_progress.html", context)
    if context["import"].row.state != "uploaded":
        response.status_code = STOP_POLLING
        response["HX-Redirect"] = reverse("catalog:import", args=[import_id])
    return response


@signed_in(*BUSINESS_ROLES)
def import_report(request: DeskRequest, import_id: int) -> HttpResponse:
    """逐行报告：上传的表格旁写明每行的结果与问题。"""
    found = reports.import_report(import_id=import_id, scope=request.actor.scope)
    columns = [Column(header, 40 if header == SIDE_HEADERS[-1] else 16) for header in found.headers]
    return export_workbook(
        request,
        title=f"{found.file_name} 逐行报告",
        columns=columns,
        rows=found.rows,
        conditions=f"{found.file_name} 的全部行",
    )


def _status(view: selectors.ImportView) -> dict[str, Any]:
    """给程序的状态：读着、读不成（代码、说明、位置、办法）、读成（项数、对照、提示、检查）、已导入、已放弃。"""
    state = "pending" if view.row.state == IMPORT_FLOW.initial else view.row.state
    told: dict[str, Any] = {"import": view.row.id, "file": view.row.file_name, "state": state}
    if state == "failed":
        return told | (dict(view.failure) or {"code": "import_failed", "message": view.error, "hint": "", "place": ""})
    if view.reading:
        summary = view.reading["summary"]
        told |= {
            "items": summary["items"],
            "counts": dict(view.row.counts),
            "warnings": summary["warnings"],
            "findings": view.reading["findings"],
        }
    return told


def _context(request: DeskRequest, import_id: int) -> dict[str, Any]:
    actor = request.actor
    view = selectors.import_view(import_id=import_id, scope=actor.scope)
    may_draft = actor.has("drafter") and actor.body_id == view.body_id
    context: dict[str, Any] = {
        "import": view,
        "list": list_selectors.list_view(list_id=view.row.list_id, scope=actor.scope, on=timezone.localdate()),
        "may_draft": may_draft,
        "job": _job(request, view.job_id) if view.row.state == "uploaded" else None,
    }
    if view.reading:
        context |= _preview(view)
    return context


def _job(request: DeskRequest, job_id: int | None) -> jobs.JobView | None:
    """自己上传的看得见进度；别人上传的只看得见状态。"""
    if job_id is None:
        return None
    return next((one for one in jobs.jobs_of(actor=request.actor, limit=200) if one.id == job_id), None)


def _preview(view: selectors.ImportView) -> dict[str, Any]:
    """预览的各部分：逐表、提示、检查、存疑、会盖掉草稿的、新增、变更、缺少。"""
    summary = view.reading["summary"]
    entries = [{**entry, "type_label": type_label(entry["power_type"])} for entry in view.difference.get("entries", ())]
    moving = [entry for entry in entries if entry["kind"] != "unchanged"]
    # Readings kept from before drafts were guarded do not say.
    free = [entry for entry in moving if not entry["blocked"]]
    overwriting = [entry for entry in free if entry.get("overwrites_draft")]
    moving_on = [entry for entry in free if not entry.get("overwrites_draft")]
    sure = [entry for entry in moving_on if not entry["doubts"]]
    changed = [entry for entry in sure if entry["kind"] == "changed"]
    for entry in [*overwriting, *changed][:SHOWN_CHANGES]:
        entry["rows"] = diff_rows(
            FieldChange(one["field"], one["label"], one["old"], one["new"]) for one in entry["changes"]
        )
    differing = [sheet for sheet in summary["sheets"] if sheet["stated"] not in (None, sheet["numbers"])]
    return {
        "summary": summary,
        "sheets": [
            {**sheet, "is_same": sheet["stated"] in (None, sheet["numbers"], sheet["items"])}
            for sheet in summary["sheets"]
        ],
        "differing": differing,
        "warnings": summary["warnings"],
        "precheck": [{**one, "title": rule_title(one["code"])} for one in view.reading["findings"]],
        "counts": view.difference.get("counts", {}),
        "questioned": [entry for entry in moving_on if entry["doubts"]],
        "overwriting": overwriting,
        "blocked": [entry for entry in moving if entry["blocked"]],
        "new": [entry for entry in sure if entry["kind"] == "new"],
        "changed": changed,
        "missing": [{**one, "type_label": type_label(one["power_type"])} for one in view.difference.get("missing", ())],
        "has_something": bool(moving) or bool(view.difference.get("missing")),
    }


class ApplyForm(forms.Form):
    """预览页上的选择。"""

    ending_reason = forms.CharField(label="取消理由", max_length=500, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        endings = posted(self).getlist("ending")
        if not all(one.isascii() and one.isdigit() and len(one) < 19 for one in endings):
            raise forms.ValidationError("所选拟取消的事项有误，请刷新页面后重选。")
        cleaned["choices"] = Choices(
            include=frozenset(posted(self).getlist("include")),
            exclude=frozenset(posted(self).getlist("exclude")),
            endings=frozenset(int(one) for one in endings),
            ending_reason=cleaned.get("ending_reason", ""),
        )
        return cleaned


@action(form=ApplyForm, roles=("drafter",), invalid=import_page, page="catalog:import")
def import_apply(request: DeskRequest, form: ApplyForm, import_id: int) -> Done:
    """导入为草稿。"""
    view = selectors.import_view(import_id=import_id, scope=request.actor.scope)
    counts = importing.import_apply(
        actor=request.actor,
        import_id=import_id,
        seen_version=seen_version(request),
        choices=form.cleaned_data["choices"],
        now=timezone.now(),
    )
    # Checked at once, so that the next page shows what is to be mended. The import stands whatever the check finds.
    finding_services.findings_recheck(actor=request.actor, list_id=view.row.list_id, now=timezone.now())
    said = [
        f"新增 {counts['new']} 项" if counts["new"] else "",
        f"变更 {counts['changed']} 项" if counts["changed"] else "",
        f"拟取消 {counts['endings']} 项" if counts["endings"] else "",
    ]
    words = "、".join(one for one in said if one) or "没有变化，清单照旧"
    left = f"，{counts['skipped']} 项没有导入" if counts["skipped"] else ""
    return Done(
        f"已导入为草稿：{words}{left}。已检查，改好后提交送审。",
        to=reverse("catalog:list_check", args=[view.row.list_id]),
    )


@action(roles=("drafter",))
def import_compare(request: DeskRequest, import_id: int) -> Done:
    """重新对照。"""
    importing.import_compare(actor=request.actor, import_id=import_id)
    return Done("已按清单现在的内容重新对照，请核对后导入。", to=reverse("catalog:import", args=[import_id]))


@action(roles=("drafter",))
def import_cancel(request: DeskRequest, import_id: int) -> Done:
    """放弃导入。"""
    view = selectors.import_view(import_id=import_id, scope=request.actor.scope)
    importing.import_cancel(
        actor=request.actor, import_id=import_id, seen_version=seen_version(request), now=timezone.now()
    )
    return Done("已放弃这次导入，清单没有任何改动。", to=reverse("catalog:list_imports", args=[view.row.list_id]))
