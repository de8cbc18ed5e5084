"""公开渠道：一版清单在各渠道公开到哪一步、凭据与手册发放；各清单的渠道覆盖。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from quanze.apps.catalog.selectors import disclosing as selectors
from quanze.apps.catalog.selectors import disclosure
from quanze.apps.catalog.selectors import lists as list_selectors
from quanze.apps.catalog.services import disclosing
from quanze.apps.catalog.services.packs import channels
from quanze.apps.catalog.web.forms import ReasonForm
from quanze.apps.catalog.web.presenting import BUSINESS_ROLES, list_tabs
from quanze.apps.catalog.web.requests import DeskRequest
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.base.calendar.public import work_calendar
from quanze.base.files import public as files
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.dates import DueView, due_view
from quanze.base.web.filters import ChoiceFilter, FilterBar, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table
from quanze.core.actor import EVERYTHING
from quanze.core.errors import NotFound

REPORTERS = ("publisher", "drafter")
_OUTPUTS = {
    "poster": (("张贴页（A3，PDF）", "public:poster"),),
    "handbook": (("手册（PDF）", "public:handbook_pdf"), ("手册（Word）", "public:handbook_docx")),
    "embed": (("专栏页面", "public:embed"),),
}


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """页面上的一个渠道：任务、期限、说明、可取的材料。"""

    task: selectors.TaskView
    due: DueView
    help: str
    proof: str
    is_statutory: bool
    materials: tuple[tuple[str, str], ...]

    @property
    def asks_url(self) -> bool:
        return self.proof in ("url", "either")

    @property
    def asks_file(self) -> bool:
        return self.proof in ("file", "either")


@signed_in(*BUSINESS_ROLES)
def list_channels(request: DeskRequest, list_id: int, form: forms.Form | None = None) -> HttpResponse:
    """清单最新一版（或所选一版）的公开渠道与手册发放。"""
    actor, today = request.actor, timezone.localdate()
    view = list_selectors.list_view(list_id=list_id, scope=actor.scope, on=today)
    editions = disclosure.editions(list_id)
    wanted = request.GET.get("edition", "")
    shown = next((one for one in editions if str(one.id) == wanted), editions[0] if editions else None)
    rows = _rows(shown, view.body_id, today, actor) if shown else []
    deliveries = selectors.deliveries_of(edition_id=shown.id, scope=actor.scope) if shown else []
    code = org.bodies_by_ids([view.body_id])[view.body_id].code
    context: dict[str, Any] = {
        "list": view,
        "tabs": list_tabs(view, "channels"),
        "editions": editions,
        "shown": shown,
        "rows": rows,
        "deliveries": deliveries,
        "copies": sum(one.copies for one in deliveries),
        "may_report": actor.body_id == view.body_id and actor.has(*REPORTERS),
        "today": today,
        "form": form,
        "embed": _embed_code(request, code, view.body_name)
        if any(row.task.channel == "column" for row in rows)
        else "",
        "embed_hosts": settings.QUANZE_EMBED_HOSTS,
    }
    return render(request, "catalog/list_channels.html", context)


def _rows(shown: disclosure.EditionView, body_id: int, today: date, actor: Any) -> list[ChannelRow]:
    calendar = work_calendar()
    code = org.bodies_by_ids([body_id])[body_id].code
    rows = []
    for task in selectors.tasks_of(edition_id=shown.id, scope=actor.scope):
        channel = channels().get(task.channel)
        due = due_view(task.due_on, calendar, today, projected=task.due_is_projected, done_on=task.done_on)
        materials = _materials(channel.output, code, shown.id)
        rows.append(ChannelRow(task, due, channel.help, channel.proof, channel.is_statutory, materials))
    return rows


def _materials(output: str, body_code: str, edition_id: int) -> tuple[tuple[str, str], ...]:
    """可取的材料：名称与地址；公开站点没有装上则没有。"""
    try:
        if output == "article":
            return (("推文稿", reverse("public:article", args=[edition_id])),)
        return tuple((label, reverse(name, args=[body_code])) for label, name in _OUTPUTS.get(output, ()))
    except NoReverseMatch:
        return ()


def _embed_code(request: DeskRequest, body_code: str, body_name: str) -> str:
    try:
        path = reverse("public:embed", args=[body_code])
    except NoReverseMatch:
        return ""
    address = f"{settings.QUANZE_PUBLIC_URL}{path}" if settings.QUANZE_PUBLIC_URL else request.build_absolute_uri(path)
    return f'<iframe src="{address}" title="{body_name}权责清单" width="100%" height="420" style="border:0"></iframe>'


class ReportForm(forms.Form):
    """登记某渠道已公开。"""

    done_on = forms.DateField(
        label="公开日期", error_messages={"required": "请填公开日期。", "invalid": "日期应写作 2026-11-22。"}
    )
    url = forms.CharField(label="网址", max_length=500, required=False)
    place = forms.CharField(label="地点", max_length=200, required=False)
    receipt = forms.FileField(label="凭据", required=False)
    note = forms.CharField(label="说明", max_length=500, required=False)


class DeliveryForm(forms.Form):
    """手册发放登记。"""

    edition_id = forms.IntegerField(min_value=1, max_value=2**62)
    delivered_on = forms.DateField(
        label="发放日期", error_messages={"required": "请填发放日期。", "invalid": "日期应写作 2026-11-22。"}
    )
    deliveries = forms.CharField(
        label="发放登记", max_length=20_000, error_messages={"required": "请写发放的地方与份数。"}
    )


def _page(request: DeskRequest, task_id: int) -> str:
    task = selectors.task(task_id=task_id, scope=request.actor.scope)
    return f"{reverse('catalog:list_channels', args=[task.list_id])}?edition={task.edition_id}"


def _again(request: DeskRequest, task_id: int, form: forms.Form | None = None) -> HttpResponse:
    task = selectors.task(task_id=task_id, scope=request.actor.scope)
    return list_channels(request, list_id=task.list_id, form=form)


@signed_in(*BUSINESS_ROLES)
def disclosure_task(request: DeskRequest, task_id: int) -> HttpResponse:
    """一项任务在它那份清单的公开页上。"""
    return _again(request, task_id)


@action(form=ReportForm, roles=REPORTERS, invalid=_again, page="catalog:disclosure_task")
def disclosure_report(request: DeskRequest, form: ReportForm, task_id: int) -> Done:
    """登记已公开。"""
    given = form.cleaned_data
    upload = given["receipt"]
    disclosing.disclosure_report(
        actor=request.actor,
        task_id=task_id,
        seen_version=seen_version(request),
        done_on=given["done_on"],
        url=given["url"],
        place=given["place"],
        receipt=(upload.name, upload) if upload else None,
        note=given["note"],
        now=timezone.now(),
    )
    return Done("已登记，凭据随本版清单保存。", to=_page(request, task_id))


@action(form=ReasonForm, roles=REPORTERS, invalid=_again, page="catalog:disclosure_task")
def disclosure_excuse(request: DeskRequest, form: ReasonForm, task_id: int) -> Done:
    """说明不适用。"""
    disclosing.disclosure_excuse(
        actor=request.actor,
        task_id=task_id,
        seen_version=seen_version(request),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("已说明这个渠道不适用，不计入覆盖率。", to=_page(request, task_id))


@action(form=ReasonForm, roles=REPORTERS, invalid=_again, page="catalog:disclosure_task")
def disclosure_reopen(request: DeskRequest, form: ReasonForm, task_id: int) -> Done:
    """更正登记。"""
    disclosing.disclosure_reopen(
        actor=request.actor,
        task_id=task_id,
        seen_version=seen_version(request),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("已退回待公开，请重新登记。", to=_page(request, task_id))


@action(form=DeliveryForm, roles=REPORTERS, invalid=list_channels, page="catalog:list_channels")
def handbook_deliver(request: DeskRequest, form: DeliveryForm, list_id: int) -> Done:
    """登记手册发放。"""
    given = form.cleaned_data
    places = disclosing.handbook_deliver(
        actor=request.actor,
        edition_id=given["edition_id"],
        text=given["deliveries"],
        delivered_on=given["delivered_on"],
        now=timezone.now(),
    )
    to = f"{reverse('catalog:list_channels', args=[list_id])}?edition={given['edition_id']}"
    return Done(f"已登记发放 {places} 处。", to=to)


@signed_in(*BUSINESS_ROLES)
def receipt(request: DeskRequest, task_id: int) -> FileResponse:
    """公开凭据：看得见清单的都可查阅，查阅记入访问记录。"""
    task = selectors.task(task_id=task_id, scope=request.actor.scope)
    if task.receipt_file_id is None:
        raise NotFound("这个渠道没有凭据文件", hint="请从清单的“公开”页打开。")
    opened = files.open_file(task.receipt_file_id, scope=EVERYTHING)
    audit.access(
        actor=request.actor,
        action="catalog.receipt",
        outcome="read",
        subject_label=f"{task.body_name} 第{task.edition_number}版 {task.label} {opened.view.name}",
        body_id=task.body_id,
        now=timezone.now(),
    )
    return FileResponse(
        opened.stream, as_attachment=True, filename=opened.view.name, content_type=opened.view.media_type
    )


class CoverageFilters(FilterBar):
    q = TextFilter("机构", placeholder="机构或区划名称")
    late = ChoiceFilter("情况", choices=[("late", "有逾期"), ("open", "未公开完"), ("done", "已全部公开")])


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """覆盖表的一行。"""

    order: int
    id: int
    body_name: str
    region_name: str
    edition_number: int
    valid_from: date
    percent: str
    late: int
    row: selectors.CoverageRow


def _state(code: str) -> Any:
    def shown(line: CoverageLine) -> str:
        task = line.row.tasks.get(code)
        if task is None:
            return "—"
        return f"{task.done_on.isoformat()}" if task.state == "done" and task.done_on else task.state_label

    return shown


@signed_in(*BUSINESS_ROLES)
def coverage(request: DeskRequest) -> HttpResponse:
    """各清单最新一版 × 各渠道：哪天公开的、哪些还没有、覆盖多少、哪些逾期。"""
    today = timezone.localdate()
    bar = CoverageFilters(request.GET)
    found = selectors.channel_coverage(scope=request.actor.scope, today=today)
    lines = [
        CoverageLine(
            order,
            row.list_id,
            row.body_name,
            row.region_name,
            row.edition_number,
            row.valid_from,
            "—" if row.percent is None else f"{row.percent}%",
            row.late,
            row,
        )
        for order, row in enumerate(found)
    ]
    words, kind = bar.values["q"], bar.values["late"]
    lines = [
        line
        for line in lines
        if (not words or words in line.body_name or words in line.region_name)
        and (
            not kind
            or (kind == "late" and line.late)
            or (kind == "done" and line.row.percent == 100)
            or (kind == "open" and line.row.percent not in (None, 100))
        )
    ]
    columns = (
        Column("body_name", "机构", href=lambda line: reverse("catalog:list_channels", args=[line.id]), is_fixed=True),
        Column("region_name", "区划"),
        Column("edition_number", "版次", kind="number"),
        Column("valid_from", "施行日期", kind="date"),
        *(Column(f"channel_{one.code}", one.label, value=_state(one.code)) for one in channels().channels),
        Column("percent", "覆盖率"),
        Column("late", "逾期（项）", kind="number"),
    )
    table = Table("coverage", columns, request=request, title="公开渠道覆盖", row_id=lambda line: line.id)
    if table.wants_export:
        return table.export(lines, filters=bar)
    done = sum(line.row.percent == 100 for line in lines)
    context = {
        "bar": bar,
        "table": table,
        "page": page_of(lines, request, order=("order", "id")),
        "done": done,
        "late": sum(bool(line.late) for line in lines),
        "total": len(lines),
    }
    return render(request, "catalog/coverage.html", context)
