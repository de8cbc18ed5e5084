"""年度目录：汇总、核对、审定、印发，与下载。"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.adjustment.selectors import yearly as selectors
from quanze.apps.adjustment.services import yearly as services
from quanze.apps.adjustment.web.forms import CheckForm, DetermineForm, IssueForm, ReasonForm, YearForm
from quanze.apps.adjustment.web.presenting import OFFICE, READERS, SETTLERS
from quanze.apps.catalog import public as catalog
from quanze.base.sheets.writing import Column as SheetColumn
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.exporting import export_workbook

DETERMINERS = ("committee_secretary", "establishment")


@signed_in(*READERS)
def catalogue_list(request: Any, form: forms.Form | None = None) -> HttpResponse:
    """各年度的目录。"""
    today = timezone.localdate()
    context = {
        "rows": [(row, selectors.state_label(row)) for row in selectors.catalogues(scope=request.actor.scope)],
        "may_draft": request.actor.has(*OFFICE) and request.actor.body_id is not None,
        "form": form or YearForm(initial={"year": today.year, "cut_off": today}),
    }
    return render(request, "adjustment/catalogues.html", context)


@action(form=YearForm, roles=OFFICE, invalid=catalogue_list, page="adjustment:catalogues")
def catalogue_draft(request: Any, form: YearForm) -> Done:
    """汇总一本。"""
    given = form.cleaned_data
    catalogue_id = services.catalogue_draft(
        actor=request.actor, year=given["year"], cut_off=given["cut_off"], now=timezone.now()
    )
    return Done("已汇总，请核对后送部门。", to=_page(catalogue_id))


def _page(catalogue_id: int) -> str:
    return reverse("adjustment:catalogue", args=[catalogue_id])


@signed_in(*READERS)
def catalogue_page(request: Any, catalogue_id: int, form: forms.Form | None = None) -> HttpResponse:
    """一本年度目录：各机构的清单，全年的调整，部门核对的情况。"""
    actor = request.actor
    row = selectors.find(catalogue_id=catalogue_id, actor=actor)
    lines = selectors.lines_of(row)
    changes = selectors.changes_of(row, lines)
    checks = selectors.checks_of(catalogue_id=row.pk, scope=actor.scope)
    context = {
        "row": row,
        "title": f"{row.region_name}{row.year}年政府部门权责清单目录",
        "lines": lines,
        "items": sum(line.items for line in lines),
        "subitems": sum(line.subitems for line in lines),
        "changes": changes,
        "totals": selectors.totals(changes),
        "checks": checks,
        "own": next((one for one in checks if one.body_id == actor.body_id), None),
        "open_checks": sum(one.state in ("pending", "objected") for one in checks),
        "is_office": actor.has(*OFFICE),
        "may_check": actor.has(*SETTLERS),
        "may_determine": actor.has(*DETERMINERS) and row.state == "checking",
        "today": timezone.localdate(),
        "form": form,
    }
    return render(request, "adjustment/catalogue.html", context)


@signed_in(*READERS)
def catalogue_xlsx(request: Any, catalogue_id: int) -> HttpResponse:
    """目录的表格：机构、职权类型、事项、版次，逐项一行。"""
    row = selectors.find(catalogue_id=catalogue_id, actor=request.actor)
    labels = {one.code: one.label for one in catalog.power_types().types}
    rows = []
    for line in selectors.lines_of(row):
        for one in selectors.contents_of(row, line.list_id):
            rows.append(
                [
                    line.body_name,
                    line.document_number,
                    labels.get(one.content.power_type, one.content.power_type),
                    one.item_code,
                    "子项" if one.parent_id else "",
                    one.content.name,
                    one.number or 0,
                ]
            )
    columns = [
        SheetColumn("机构", 24),
        SheetColumn("文号", 20),
        SheetColumn("职权类型", 12),
        SheetColumn("事项标识", 16),
        SheetColumn("子项", 6),
        SheetColumn("事项名称", 48),
        SheetColumn("版本", 6, kind="number"),
    ]
    conditions = f"截止 {row.cut_off.isoformat()}　{row.document_number or '草案'}　摘要 {row.digest or '印发时生成'}"
    return export_workbook(
        request,
        title=f"{row.region_name}{row.year}年政府部门权责清单目录",
        columns=columns,
        rows=rows,
        conditions=conditions,
    )


@action(roles=OFFICE)
def catalogue_send(request: Any, catalogue_id: int) -> Done:
    """送部门核对。"""
    sent = services.catalogue_send(
        actor=request.actor, catalogue_id=catalogue_id, seen_version=seen_version(request), now=timezone.now()
    )
    return Done(f"已送 {sent} 个部门核对。", to=_page(catalogue_id))


@action(form=ReasonForm, roles=OFFICE, invalid=catalogue_page)
def catalogue_recall(request: Any, form: ReasonForm, catalogue_id: int) -> Done:
    """收回草案。"""
    services.catalogue_recall(
        actor=request.actor,
        catalogue_id=catalogue_id,
        seen_version=seen_version(request),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("已收回，部门的核对作废，可重新送核对。", to=_page(catalogue_id))


@action(form=CheckForm, roles=SETTLERS)
def catalogue_check(request: Any, form: CheckForm, check_id: int) -> Done:
    """部门核对，或编办答复异议。"""
    given = form.cleaned_data
    services.catalogue_check(
        actor=request.actor,
        check_id=check_id,
        seen_version=seen_version(request),
        verb=given["verb"],
        remark=given["remark"],
        now=timezone.now(),
    )
    return Done("已登记。", to=_page(given["catalogue_id"]))


@action(form=DetermineForm, roles=DETERMINERS, invalid=catalogue_page)
def catalogue_determine(request: Any, form: DetermineForm, catalogue_id: int) -> Done:
    """登记编委审定。"""
    given = form.cleaned_data
    services.catalogue_determine(
        actor=request.actor,
        catalogue_id=catalogue_id,
        seen_version=seen_version(request),
        meeting_number=given["meeting_number"],
        resolution=given["resolution"],
        now=timezone.now(),
    )
    return Done("已登记编委审定，可以印发。", to=_page(catalogue_id))


@action(form=IssueForm, roles=OFFICE, invalid=catalogue_page)
def catalogue_issue(request: Any, form: IssueForm, catalogue_id: int) -> Done:
    """印发公布。"""
    given = form.cleaned_data
    digest = services.catalogue_issue(
        actor=request.actor,
        catalogue_id=catalogue_id,
        seen_version=seen_version(request),
        document_number=given["document_number"],
        issued_on=given["issued_on"],
        now=timezone.now(),
    )
    return Done(f"已印发，摘要 {digest[:16]}。", to=_page(catalogue_id))
