"""关联清单的表格：下载编制稿，上传、逐行核对、一次写成草稿。"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.domain.entry_tables import OUTCOMES
from quanze.apps.catalog.selectors import derived as selectors
from quanze.apps.catalog.selectors.entry_imports import EntryImportView, ImportedRow, entry_import_view
from quanze.apps.catalog.services import entry_importing
from quanze.apps.catalog.web.derived_presenting import KEEPERS, may_keep
from quanze.apps.catalog.web.presenting import BUSINESS_ROLES
from quanze.apps.catalog.web.requests import DeskRequest
from quanze.base.audit import public as audit
from quanze.base.iam.step_up import require_step_up
from quanze.base.sheets.writing import write_table
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.exporting import XLSX, download
from quanze.base.web.filters import ChoiceFilter, FilterBar, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table


@signed_in(*BUSINESS_ROLES)
def derived_workbook(request: DeskRequest, derived_id: int) -> HttpResponse:
    """下载编制稿：栏目同导入，改几格即可再上传，不改再导入毫无变化。"""
    require_step_up(request)
    actor, on = request.actor, timezone.localdate()
    view = selectors.derived_list_view(list_id=derived_id, scope=actor.scope, on=on)
    content = write_table(entry_importing.entry_sheet(view, scope=actor.scope, on=on))
    audit.access(
        actor=actor,
        action="web.table.exported",
        outcome="exported",
        subject_label=f"{view.title}编制稿",
        body_id=view.body_id,
        detail=f"{view.entries} 条现行、{view.working} 条在编",
        now=timezone.now(),
    )
    return download(content, f"{view.title} 编制稿 {on.isoformat()}.xlsx", XLSX)


class UploadForm(forms.Form):
    """上传表格。"""

    file = forms.FileField(label="表格（xlsx、csv）", error_messages={"required": "请选择文件。"})


@signed_in(*KEEPERS)
def entry_import_new(request: DeskRequest, derived_id: int, form: forms.Form | None = None) -> HttpResponse:
    """上传一份表格。"""
    view = selectors.derived_list_view(list_id=derived_id, scope=request.actor.scope, on=timezone.localdate())
    return render(request, "catalog/derived/import_new.html", {"list": view, "form": form or UploadForm()})


@action(form=UploadForm, roles=KEEPERS, invalid=entry_import_new)
def entry_import_upload(request: DeskRequest, form: UploadForm, derived_id: int) -> Done:
    """读入，逐行对照。"""
    upload = form.cleaned_data["file"]
    import_id = entry_importing.entries_import_preview(
        actor=request.actor, list_id=derived_id, data=upload.read(), file_name=upload.name, now=timezone.now()
    )
    return Done("已逐行对照，什么也没有改；核对后再导入。", to=reverse("catalog:entry_import", args=[import_id]))


class ImportFilters(FilterBar):
    outcome = ChoiceFilter("会怎样", choices=list(OUTCOMES.items()))
    q = TextFilter("名称", placeholder="条目名称、条目标识")


ROW_COLUMNS = (
    Column("row", "第几行", kind="number"),
    Column("outcome", "会怎样", value=lambda row: OUTCOMES[row.outcome]),
    Column(
        "name",
        "条目名称",
        clamp=True,
        is_fixed=True,
        href=lambda row: reverse("catalog:derived_entry", args=[row.entry_id]) if row.entry_id else "",
    ),
    Column("column", "哪一栏"),
    Column("message", "说明", clamp=True),
    Column("code", "条目标识", kind="code", is_hidden=True),
)


@signed_in(*KEEPERS)
def entry_import(request: DeskRequest, entry_import_id: int) -> HttpResponse:
    """一次上传逐行会怎样；可下载逐行报告。"""
    view = entry_import_view(import_id=entry_import_id, scope=request.actor.scope)
    bar = ImportFilters(request.GET)
    rows: list[ImportedRow] = [row for row in view.rows if _kept(row, bar)]
    table = Table("entry_import", ROW_COLUMNS, request=request, title=f"{view.list_title}导入逐行报告")
    if table.wants_export:
        return table.export(rows, filters=bar)
    context: dict[str, Any] = {
        "import": view,
        "bar": bar,
        "table": table,
        "page": page_of(rows, request, order=("row",)),
        "may_apply": _may_apply(request, view),
    }
    return render(request, "catalog/derived/import.html", context)


def _kept(row: ImportedRow, bar: ImportFilters) -> bool:
    wanted, words = bar.values["outcome"], bar.values["q"]
    # What stays as it is is not what somebody came to look at.
    return (row.outcome == wanted if wanted else row.outcome != "unchanged") and (
        words in row.name or words == row.code
    )


def _may_apply(request: DeskRequest, view: EntryImportView) -> bool:
    return may_keep(request.actor, view.body_id) and view.applied_at is None and bool(view.changes + view.new)


@action(roles=KEEPERS)
def entry_import_apply(request: DeskRequest, entry_import_id: int) -> Done:
    """写成草稿。"""
    view = entry_import_view(import_id=entry_import_id, scope=request.actor.scope)
    changed, new = entry_importing.entries_import_apply(
        actor=request.actor, import_id=entry_import_id, seen_version=seen_version(request), now=timezone.now()
    )
    said = f"已写成草稿：修改 {changed} 条、列入 {new} 条；送审公布后现行。"
    return Done(said, to=reverse("catalog:derived_list", args=[view.list_id]) + "?view=draft")
