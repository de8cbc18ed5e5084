"""报送页：上传、预览列映射与问题、确认后在后台入库、看逐行报告。"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.performance.domain.mappings import FIELD_LABELS, OUTCOME_LABELS
from quanze.apps.performance.jobs import IMPORT_JOB
from quanze.apps.performance.selectors import quarantine as selectors
from quanze.apps.performance.selectors.mappings import mapping_packs
from quanze.apps.performance.services import ingest
from quanze.apps.performance.services.judging import REASON_LABELS
from quanze.apps.performance.web.forms import ConfirmForm, UploadForm
from quanze.base.files import public as files
from quanze.base.jobs import public as jobs
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.errors import wants_json
from quanze.core.errors import ErrorPlace

SENDERS = tuple(sorted(ingest.SENDERS - {"system"}))


@signed_in(*SENDERS)
def import_list(request: HttpRequest, form: UploadForm | None = None) -> HttpResponse:
    """报送：上传表单与最近的报送。"""
    actor = request.actor  # type: ignore[attr-defined]
    context = {
        "form": form or UploadForm(),
        "imports": selectors.imports(actor=actor),
        "mappings": list(mapping_packs().values()),
    }
    return render(request, "performance/imports.html", context)


@action(form=UploadForm, roles=SENDERS, invalid=import_list)
def file_upload(request: HttpRequest, form: UploadForm) -> Done:
    """收下文件，转到预览；还没有入库。"""
    actor, data = request.actor, form.cleaned_data  # type: ignore[attr-defined]
    stored = files.store(
        data=data["file"],
        name=data["file"].name,
        body_id=actor.body_id,
        actor=actor,
        purpose="run_data",
        now=timezone.now(),
    )
    chosen = {k: data[k] for k in ("mapping", "item_code", "body_code") if data[k]}
    page = reverse("performance:import_preview", args=[stored.id]) + "?" + urlencode(chosen)
    return Done(to=page, data={"file": stored.id, "status_url": page})


@signed_in(*SENDERS)
def import_preview(request: HttpRequest, file_id: int) -> HttpResponse:
    """预览：列如何对应、会入库多少、哪些行有问题、哪些待核实；程序问时答 JSON。"""
    actor = request.actor  # type: ignore[attr-defined]
    form = ConfirmForm(request.GET)
    form.is_valid()
    opened = files.open_file(file_id, scope=actor.scope)
    with opened.stream:
        preview = ingest.events_preview(
            actor=actor,
            path=Path(opened.stream.name),
            name=opened.view.name,
            mapping_code=form.data.get("mapping", ""),
            constants=_constants(form.data),
            now=timezone.now(),
        )
    if wants_json(request):
        return JsonResponse(_told(preview), json_dumps_params={"ensure_ascii": False})
    context = {
        "preview": preview,
        "file_id": file_id,
        "confirm": ConfirmForm(initial={k: request.GET.get(k, "") for k in ("mapping", "item_code", "body_code")}),
        "quarantine": [(REASON_LABELS[g.reason], g) for g in preview.quarantine],
        "conflicts": [(c, "、".join(FIELD_LABELS[f] for f in c.fields)) for c in preview.conflicts],
        "sample": [{**row, "outcome": OUTCOME_LABELS[row["outcome"]]} for row in preview.sample],
        "lost": preview.rows_rejected + preview.rows_held_back,
    }
    return render(request, "performance/import_preview.html", context)


@action(form=ConfirmForm, roles=SENDERS)
def import_confirm(request: HttpRequest, form: ConfirmForm, file_id: int) -> Done:
    """确认报送：交给后台，页面显示进度。"""
    actor, data = request.actor, form.cleaned_data  # type: ignore[attr-defined]
    stored = files.file_view(file_id, scope=actor.scope)
    job_id = jobs.enqueue(
        kind=IMPORT_JOB,
        payload={"file_id": file_id, "mapping_code": data["mapping"], "constants": _constants(data)},
        actor=actor,
        label=f"报送行权数据：{stored.name}",
        back_url=reverse("performance:imports"),
        now=timezone.now(),
    )
    return Done("已开始报送，入库完成后可看逐行报告。", to=reverse("job", args=[job_id]))


@signed_in(*SENDERS)
def import_report(request: HttpRequest, import_id: int) -> HttpResponse:
    """一次报送的逐行报告。"""
    row = selectors.import_row(import_id=import_id, actor=request.actor)  # type: ignore[attr-defined]
    report = ingest.report_of(row)
    context = {
        "row": row,
        "report": report,
        "conflicts": [{**c, "labels": "、".join(FIELD_LABELS[f] for f in c["fields"])} for c in report.conflicts],
        "quarantine": [(REASON_LABELS[g.reason], g) for g in report.quarantine],
    }
    return render(request, "performance/import_report.html", context)


def _told(preview: ingest.ImportPreview) -> dict[str, Any]:
    """给程序的预览：各项行数，逐行的问题与待核实的各组，第一处作为代码、说明与位置。"""
    errors = [
        {
            "code": "ROW_INVALID",
            "reason": problem["code"],
            "message": f"第 {problem['row']} 行“{problem['column']}”：{problem['message']}",
            "place": str(ErrorPlace(file=preview.file_name, row=problem["row"], field=problem["column"])),
        }
        for problem in preview.problems
    ]
    errors += [
        {
            "code": "ROW_CONFLICT",
            "reason": "conflict",
            "message": f"第 {conflict.row} 行与前面的一行冲突：办件 {conflict.case_id} 的第 {conflict.step_no} 个环节写了两次，"
            f"{'、'.join(FIELD_LABELS[name] for name in conflict.fields)}不同，以先出现的为准",
            "place": str(ErrorPlace(file=preview.file_name, row=conflict.row)),
        }
        for conflict in preview.conflicts
    ]
    errors += [
        {
            "code": "ROW_UNLISTED",
            "reason": group.reason,
            "message": f"第 {group.first_row} 行起，事项 {group.item_code}、机构 {group.body_code}，{group.month} 的 "
            f"{group.rows} 行：{REASON_LABELS[group.reason]}，入库前须核实",
            "place": str(ErrorPlace(file=preview.file_name, row=group.first_row)),
        }
        for group in preview.quarantine
    ]
    first: dict[str, Any] = errors[0] if errors else {"code": "", "message": "", "place": ""}
    return {
        "state": "previewed",
        "code": first["code"],
        "message": first["message"],
        "place": first["place"],
        "hint": "请改正所列各行后重新上传，或确认只报送其余各行。" if errors else "",
        "file": preview.file_name,
        "rows_read": preview.rows_read,
        "rows_usable": preview.rows_usable,
        "rows_rejected": preview.rows_rejected,
        "rows_held_back": preview.rows_held_back,
        "rows_quarantined": preview.rows_quarantined,
        "errors": errors,
    }


def _constants(data: Any) -> dict[str, str]:
    return {k: data[k] for k in ("item_code", "body_code") if data.get(k)}
