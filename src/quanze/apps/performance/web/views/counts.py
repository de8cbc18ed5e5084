"""月度件数填报页：逐项填写，或下载填报表填好上传；两条路是同一个服务。"""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.performance.domain.month_sheet import counts_from_sheets
from quanze.apps.performance.domain.special_cases import month_of, months_before
from quanze.apps.performance.models import MonthlyCount
from quanze.apps.performance.selectors import runs
from quanze.apps.performance.services import counting, ingest
from quanze.apps.performance.web.presenting import month_label, type_label
from quanze.base.sheets.reading import read_workbook
from quanze.base.sheets.writing import Column as SheetColumn
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.exporting import export_workbook
from quanze.core.errors import ErrorPlace, InvalidInput

SENDERS = tuple(sorted(ingest.SENDERS - {"system"}))
_PREFIX = "cases:"


class MonthForm(forms.Form):
    """填报的月份与可选的填报表。The counts themselves are fields named after their items."""

    month = forms.RegexField(
        label="月份", regex=r"^\d{4}-(0[1-9]|1[0-2])$", error_messages={"invalid": "月份应写作 2026-10"}
    )
    file = forms.FileField(label="填报表", required=False, help_text="下载的填报表，填好“办件数”一列后上传。")


@signed_in(*SENDERS)
def counts_page(request: HttpRequest, body_id: int, form: MonthForm | None = None) -> HttpResponse:
    """某月的填报页；?export=xlsx 下载填报表。"""
    body = runs.visible_body(body_id=body_id, scope=request.actor.scope)  # type: ignore[attr-defined]
    month = _month(request.GET.get("month", "") or request.POST.get("month", ""))
    rows = _rows(body_id, body.code, month, request.POST)
    if request.GET.get("export") == "xlsx":
        return export_workbook(
            request,
            title=f"{body.label}{month_label(month)}办件数填报表",
            columns=(SheetColumn("事项标识"), SheetColumn("事项名称"), SheetColumn("职权类型"), SheetColumn("办件数")),
            rows=[(r["code"], r["name"], r["type"], r["cases"]) for r in rows if r["recorded"] is None],
        )
    context = {
        "body": body,
        "month": month,
        "month_label": month_label(month),
        "rows": rows,
        "form": form or MonthForm(initial={"month": f"{month:%Y-%m}"}),
        "filled": sum(1 for r in rows if r["cases"] is not None),
        "recorded": sum(1 for r in rows if r["recorded"] is not None),
    }
    return render(request, "performance/counts.html", context)


@action(form=MonthForm, roles=SENDERS, invalid=counts_page)
def counts_save(request: HttpRequest, form: MonthForm, body_id: int) -> Done:
    """保存填写的件数，或上传的填报表。"""
    month = _month(form.cleaned_data["month"])
    upload = form.cleaned_data["file"]
    if upload is not None:
        counts = counts_from_sheets(read_workbook(upload.read(), name=upload.name).sheets, file=upload.name)
    else:
        counts = _typed(request.POST)
    added, changed = counting.month_counts_save(
        actor=request.actor,  # type: ignore[attr-defined]
        body_id=body_id,
        month=month,
        counts=counts,
        now=timezone.now(),
    )
    words = f"已保存{month_label(month)}件数：新填 {added} 项，更正 {changed} 项。"
    return Done(words, to=reverse("performance:counts", args=[body_id]) + f"?month={month:%Y-%m}")


def _month(text: str) -> date:
    """网址里的月份；没有写的取上个月，那是现在该填的。"""
    try:
        return month_of(date.fromisoformat(f"{text}-01"))
    except ValueError:
        return months_before(month_of(timezone.localdate()), 1)


def _typed(data: Any) -> dict[str, int]:
    counts = {}
    for name, text in data.items():
        text = text.strip()
        if not name.startswith(_PREFIX) or not text:
            continue
        code = name.removeprefix(_PREFIX)
        if not (text.isascii() and text.isdigit()) or len(text) > 9:
            raise InvalidInput(
                f"事项 {code} 的办件数“{text[:20]}”应为整数", hint="请改正后再保存。", place=ErrorPlace(field=code)
            )
        counts[code] = int(text)
    return counts


def _rows(body_id: int, body_code: str, month: date, typed: Any) -> list[dict[str, Any]]:
    """各事项一行：已填的件数；有办件事件的月份不必填，件数照事件。"""
    saved = dict(MonthlyCount.objects.filter(body_id=body_id, month=month).values_list("item_code", "cases"))
    recorded = runs.recorded_in(body_code=body_code, month=month)
    return [
        {
            "code": f.code,
            "name": f.name,
            "type": type_label(f.power_type),
            "field": _PREFIX + f.code,
            "cases": saved.get(f.code),
            "shown": typed.get(_PREFIX + f.code, saved.get(f.code)),
            "recorded": recorded.get(f.code),
        }
        for f in runs.runnable_items(body_ids=[body_id], on=timezone.localdate())
    ]
