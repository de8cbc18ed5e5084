"""三定规定：各机构的各版，录入一版，核对条款与对照，启用。"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.org.domain import CONTENT_ROLES
from quanze.apps.org.domain.mandate_clauses import CLAUSE_KIND_LABELS, ClauseKind
from quanze.apps.org.domain.mandate_versions import MANDATE_FLOW, WRITERS
from quanze.apps.org.selectors import mandates as selectors
from quanze.apps.org.selectors.directory import bodies
from quanze.apps.org.services import mandates as services
from quanze.apps.org.web.forms import DATE
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.filters import ChoiceFilter, FilterBar, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table

READERS = tuple(sorted(CONTENT_ROLES))
_STATES = [(code, label) for code, label in MANDATE_FLOW.states.items() if code != "discarded"]


class MandateFilters(FilterBar):
    q = TextFilter("机构或文号", placeholder="机构名称、文号")
    state = ChoiceFilter("状态", choices=_STATES)


COLUMNS = (
    Column("body", "机构", value=lambda row: row.body.name, href=lambda row: _at(row.pk), is_fixed=True),
    Column("number", "版次", value=lambda row: f"第 {row.number} 版"),
    Column("document_number", "文号"),
    Column("issued_on", "印发日期", kind="date", is_hidden=True),
    Column("valid_from", "施行日期", kind="date"),
    Column("valid_to", "被取代日期", kind="date"),
    Column("state", "状态", kind="state", badge="org.mandate"),
    Column("duty_count", "主要职责（条）", kind="number"),
    Column("sentence_count", "内设机构职责（句）", kind="number"),
)


def _at(version_id: int) -> str:
    return reverse("mandates:version", args=[version_id])


@signed_in(*READERS)
def mandate_list(request: HttpRequest) -> HttpResponse:
    """看得见的各版。"""
    actor = request.actor  # type: ignore[attr-defined]
    bar = MandateFilters(request.GET)
    rows = selectors.versions(scope=actor.scope, text=bar.values["q"], state=bar.values["state"] or "")
    table = Table("mandates", COLUMNS, request=request, title="三定规定", row_id=lambda row: row.pk)
    order = ("body__region__code", "body__ordinal", "body__code", "-number", "id")
    if table.wants_export:
        return table.export(rows.order_by(*order), filters=bar)
    context = {
        "bar": bar,
        "table": table,
        "page": page_of(rows, request, order=order),
        "may_write": actor.has(*WRITERS),
    }
    return render(request, "org/mandates.html", context)


class MandateForm(forms.Form):
    """录入一版。"""

    body = forms.TypedChoiceField(label="机构", coerce=int, widget=forms.Select(attrs={"data-select": ""}))
    document_number = forms.CharField(label="文号", max_length=100, help_text="如 青办发〔2026〕5号。")
    issued_on = forms.DateField(label="印发日期", widget=DATE)
    valid_from = forms.DateField(label="施行日期", widget=DATE)
    title = forms.CharField(label="题名", max_length=300, required=False, help_text="不填则取正文的题名。")
    file = forms.FileField(
        label="文件",
        required=False,
        help_text=".docx、.xlsx、.xls 或 .txt；Word 的自动编号也认。",
        widget=forms.ClearableFileInput(attrs={"accept": ".docx,.xlsx,.xls,.txt"}),
    )
    text = forms.CharField(
        label="或粘贴正文",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text="一段一行，带编号：一、（一）1. 或第一条。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].choices = [  # type: ignore[attr-defined]
            ("", "请选择"),
            *((one.id, one.name) for one in bodies(on=timezone.localdate())),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("file") and not (cleaned.get("text") or "").strip():
            self.add_error("file", "请选择文件，或粘贴正文。")
        return cleaned


@signed_in(*sorted(WRITERS))
def mandate_new(request: HttpRequest, form: MandateForm | None = None) -> HttpResponse:
    """录入的表单。"""
    chosen = request.GET.get("body", "")
    return render(request, "org/mandate_new.html", {"form": form or MandateForm(initial={"body": chosen})})


@action(form=MandateForm, roles=tuple(WRITERS), invalid=mandate_new, page="mandates:new")
def mandate_create(request: HttpRequest, form: MandateForm) -> Done:
    """录入一版，读成条款。"""
    given, file = form.cleaned_data, form.cleaned_data.get("file")
    version_id = services.mandate_draft(
        actor=request.actor,  # type: ignore[attr-defined]
        body_id=given["body"],
        head=services.MandateHead(given["document_number"], given["issued_on"], given["valid_from"], given["title"]),
        source=services.MandateSource(name=file.name, data=file.read())
        if file
        else services.MandateSource(given["text"]),
        now=timezone.now(),
    )
    return Done("已读成条款，请逐条核对后启用。", to=_at(version_id))


@signed_in(*READERS)
def mandate_page(request: HttpRequest, version_id: int, form: forms.Form | None = None) -> HttpResponse:
    """一版：条款、内设机构职责、与上一版的对照。"""
    actor = request.actor  # type: ignore[attr-defined]
    row = selectors.version_row(version_id=version_id, scope=actor.scope)
    clauses = selectors.clauses_of(row)
    context = {
        "row": row,
        "form": form,
        "parts": [
            (CLAUSE_KIND_LABELS[ClauseKind(part)], list(held)) for part, held in groupby(clauses, lambda one: one.part)
        ],
        "counts": {
            "duties": sum(one.is_duty for one in clauses),
            "divisions": len({one.division for one in clauses if one.division}),
            "sentences": sum(len(one.duties.all()) for one in clauses),
        },
        "changed": sum(one.change == "reworded" for one in clauses),
        "is_first": row.number == 1,
        "may_write": actor.has(*WRITERS) and row.state == "draft",
        "others": selectors.versions(scope=actor.scope, body_id=row.body_id).exclude(pk=row.pk).order_by("-number"),
    }
    return render(request, "org/mandate.html", context)


class PartForm(forms.Form):
    """改判哪一条。"""

    kind = forms.ChoiceField(choices=[("clause", "条款"), ("duty", "职责")])
    key = forms.CharField(max_length=32)


@action(form=PartForm, roles=tuple(WRITERS), invalid=mandate_page, page="mandates:version")
def mandate_part(request: HttpRequest, form: PartForm, version_id: int) -> Done:
    """不是同一条：作新增。"""
    services.mandate_part(
        actor=request.actor,  # type: ignore[attr-defined]
        version_id=version_id,
        seen_version=seen_version(request),
        kind=form.cleaned_data["kind"],
        key=form.cleaned_data["key"],
        now=timezone.now(),
    )
    return Done("已改作新增，上一版的那条列入没有了的。", to=_at(version_id))


@action(roles=tuple(WRITERS), page="mandates:version")
def mandate_adopt(request: HttpRequest, version_id: int) -> Done:
    """启用。"""
    services.mandate_adopt(
        actor=request.actor,  # type: ignore[attr-defined]
        version_id=version_id,
        seen_version=seen_version(request),
        now=timezone.now(),
    )
    return Done("已启用，自施行日期起为准。", to=_at(version_id))


@action(roles=tuple(WRITERS), page="mandates:version")
def mandate_discard(request: HttpRequest, version_id: int) -> Done:
    """放弃。"""
    services.mandate_discard(
        actor=request.actor,  # type: ignore[attr-defined]
        version_id=version_id,
        seen_version=seen_version(request),
        now=timezone.now(),
    )
    return Done("已放弃这一版。", to=reverse("mandates:list"))
