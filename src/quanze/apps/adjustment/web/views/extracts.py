"""上级清单：上传提取件核对，逐行看不同，勾选开启调整，历次对应率。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.adjustment.domain.extracts import RESULTS, CheckedRow
from quanze.apps.adjustment.domain.lifecycles import ADJUSTMENT_FLOW
from quanze.apps.adjustment.selectors import extracts as selectors
from quanze.apps.adjustment.selectors.packs import extract_systems
from quanze.apps.adjustment.services import extracting as services
from quanze.apps.adjustment.web.presenting import READERS
from quanze.apps.catalog import public as catalog
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.filters import ChoiceFilter, FilterBar, FlagFilter, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table
from quanze.core.actor import Actor

CHECKERS = ("drafter", "establishment")
_DATE = {"invalid": "日期应为形如 2026-11-22 的日期。", "required": "请填写日期。"}


def _systems() -> list[tuple[str, str]]:
    return [(one.code, one.label) for one in extract_systems().values()]


class ExtractFilters(FilterBar):
    q = TextFilter("机构", placeholder="机构名称")
    system = ChoiceFilter("上级系统", choices=_systems, wide=True)


COLUMNS = (
    Column("body_name", "机构", href=lambda row: reverse("adjustment:extract", args=[row.id]), is_fixed=True),
    Column("system_label", "上级系统", clamp=True),
    Column("extract_on", "提取日期", kind="date"),
    Column("synced_on", "同步日期", kind="date", is_hidden=True),
    Column("rate_text", "对应率", note="一致的行占提取件各行"),
    Column("matched", "一致", kind="number"),
    Column("differing", "不同", kind="number"),
    Column("proposed", "待确认", kind="number"),
    Column("unmatched", "上级有本级无", kind="number"),
    Column("extra", "本级有上级无", kind="number"),
    Column("late_items", "迟同步（项）", kind="number"),
    Column("most_late", "最多迟（工作日）", kind="number"),
    Column("checked_at", "核对时间", kind="time", is_hidden=True),
    Column("checked_by_name", "核对人", is_hidden=True),
)


@signed_in(*READERS)
def extract_list(request: Any) -> HttpResponse:
    """历次核对，新者在前。"""
    bar = ExtractFilters(request.GET)
    found = selectors.extract_checks(scope=request.actor.scope, system=bar.values["system"] or "")
    rows = [row for row in found if bar.values["q"] in row.body_name]
    table = Table("extracts", COLUMNS, request=request, title="上级清单核对", row_id=lambda row: row.id)
    if table.wants_export:
        return table.export(rows, filters=bar)
    context = {"bar": bar, "table": table, "page": page_of(rows, request, order=("-id",))}
    return render(request, "adjustment/extracts.html", context | {"may_check": request.actor.has(*CHECKERS)})


def _lists(actor: Actor) -> list[catalog.ListView]:
    """可以核对的清单：编办看范围之内的，业务口看本机构的。"""
    found = catalog.lists(scope=actor.scope, on=timezone.localdate())
    kept = [one for one in found if actor.has("establishment") or one.body_id == actor.body_id]
    return [one for one in kept if not one.is_base]


class ExtractForm(forms.Form):
    """上传提取件。"""

    list_id = forms.IntegerField(label="本级清单", min_value=1, max_value=2**53)
    system = forms.ChoiceField(label="上级系统", choices=_systems)
    file = forms.FileField(label="提取件（xlsx、xls、csv、json）", error_messages={"required": "请选择文件。"})
    extract_on = forms.DateField(label="提取日期", error_messages=_DATE)
    synced_on = forms.DateField(label="同步日期", required=False, error_messages=_DATE)


@signed_in(*CHECKERS)
def extract_new(request: Any, form: forms.Form | None = None) -> HttpResponse:
    """上传提取件的页面。"""
    context = {
        "form": form or ExtractForm(initial={"extract_on": timezone.localdate()}),
        "lists": _lists(request.actor),
        "systems": extract_systems().values(),
    }
    return render(request, "adjustment/extract_new.html", context)


@action(form=ExtractForm, roles=CHECKERS, invalid=extract_new, page="adjustment:extract_new")
def extract_check(request: Any, form: ExtractForm) -> Done:
    """核对一次；大的在后台核对。"""
    given, upload = form.cleaned_data, form.cleaned_data["file"]
    asked = {
        "actor": request.actor,
        "list_id": given["list_id"],
        "system": given["system"],
        "data": upload.read(),
        "file_name": upload.name,
        "extract_on": given["extract_on"],
        "synced_on": given["synced_on"],
        "now": timezone.now(),
    }
    if upload.size > services.LARGE and not upload.name.lower().endswith(".json"):  # json is read at once
        services.extract_check_request(**asked, back_url=reverse("adjustment:extracts"))
        return Done("提取件较大，正在后台核对，完成后列在这里。", to=reverse("adjustment:extracts"))
    check_id = services.extract_check(**asked)
    return Done("已核对，不同的逐行列在下面。", to=reverse("adjustment:extract", args=[check_id]))


class RowFilters(FilterBar):
    result = ChoiceFilter("结果", choices=list(RESULTS.items()))
    q = TextFilter("名称或编码", placeholder="名称、编码")
    late = FlagFilter("迟同步的")


@dataclass(frozen=True, slots=True)
class NumberedRow:
    """一行与它的位置。"""

    number: int
    row: CheckedRow

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, name)


def _synced(one: NumberedRow) -> str:
    return one.row.synced_on or ("日期不详" if one.row.result == "matched" else "未同步")


ROW_COLUMNS = (
    Column("result", "结果", value=lambda one: RESULTS[one.row.result], is_fixed=True),
    Column(
        "name",
        "名称",
        clamp=True,
        value=lambda one: one.row.name,
        href=lambda one: f"/open/catalog.item/{one.row.item_id}/" if one.row.item_id else "",
    ),
    Column("note", "说明", clamp=True, value=lambda one: one.row.note),
    Column("code", "编码", kind="code", value=lambda one: one.row.code, is_hidden=True),
    Column("changed_on", "本级变动日", value=lambda one: one.row.changed_on or "—", is_hidden=True),
    Column("synced_on", "同步日期", value=_synced),
    Column("late", "迟（工作日）", kind="number", value=lambda one: one.row.late),
    Column("opened", "调整", value=lambda one: "已开启" if one.row.trigger_id else ""),
    Column("line", "文件第几行", kind="number", value=lambda one: one.row.row, is_hidden=True),
)


@signed_in(*READERS)
def extract_page(request: Any, extract_id: int, form: forms.Form | None = None) -> HttpResponse:
    """一次核对：逐行结果，勾选开启调整，同一清单与系统的历次对应率。"""
    actor = request.actor
    view, rows = selectors.extract_check_view(check_id=extract_id, scope=actor.scope)
    bar = RowFilters(request.GET)
    shown = [NumberedRow(number, row) for number, row in enumerate(rows) if _kept(row, bar)]
    may_open = actor.has("establishment") or (actor.has("drafter") and actor.body_id == view.body_id)
    table = Table(
        "extract_rows",
        ROW_COLUMNS,
        request=request,
        title=f"{view.title}（{view.extract_on}）",
        selectable=(lambda one: one.number) if may_open else None,
        row_id=lambda one: one.number,
    )
    if table.wants_export:
        return table.export(shown, filters=bar)
    context = {
        "view": view,
        "bar": bar,
        "table": table,
        "page": page_of(shown, request, order=("number",)),
        "found": len(shown),
        "history": selectors.extract_checks(scope=actor.scope, system=view.system, list_id=view.list_id, limit=12),
        "opened": [
            (number, label, ADJUSTMENT_FLOW.states[state])
            for number, _, label, state in selectors.adjustments_of_check(check_id=view.id, scope=actor.scope)
        ],
        "form": form,
    }
    return render(request, "adjustment/extract.html", context)


def _kept(row: CheckedRow, bar: RowFilters) -> bool:
    wanted, words = bar.values["result"], bar.values["q"]
    return (
        (row.result == wanted if wanted else row.result != "matched" or bool(bar.values["late"]) or bool(words))
        and (words in row.name or words in row.code)
        and (not bar.values["late"] or row.late > 0)
    )


class OpenForm(forms.Form):
    """勾选的行开启调整。"""

    legal_on = forms.DateField(label="法定日", error_messages=_DATE)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = self.data.getlist("chosen")  # type: ignore[attr-defined]
        cleaned["numbers"] = [int(one) for one in chosen if one.isascii() and one.isdigit() and len(one) < 9]
        if not cleaned["numbers"]:
            raise forms.ValidationError("请先勾选要调整的行。")
        return cleaned


@action(form=OpenForm, roles=CHECKERS, invalid=extract_page)
def extract_open(request: Any, form: OpenForm, extract_id: int) -> Done:
    """一次开启调整。"""
    legal_on: date = form.cleaned_data["legal_on"]
    services.extract_open(
        actor=request.actor,
        check_id=extract_id,
        seen_version=seen_version(request),
        numbers=form.cleaned_data["numbers"],
        legal_on=legal_on,
        evidence="",
        now=timezone.now(),
    )
    said = f"已为 {len(form.cleaned_data['numbers'])} 行开启调整，期限自 {legal_on} 起算。"
    return Done(said, to=reverse("adjustment:extract", args=[extract_id]))
