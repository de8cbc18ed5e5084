"""备案：报送、予以备案、要求补正、由备案开启调整。"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.adjustment.domain.lifecycles import FILING_FLOW
from quanze.apps.adjustment.selectors import filings as selectors
from quanze.apps.adjustment.services import filing as services
from quanze.apps.adjustment.web.forms import AcceptForm, FilingForm, OpinionForm, ReasonForm, RefileForm
from quanze.apps.adjustment.web.presenting import OFFICE, READERS
from quanze.apps.catalog import public as catalog
from quanze.base.calendar.public import work_calendar
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.dates import due_view
from quanze.base.web.filters import ChoiceFilter, FilterBar
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table
from quanze.core.actor import EVERYTHING
from quanze.core.errors import ErrorPlace, InvalidInput

FILERS = ("drafter", "publisher", "government_services", "justice")


class FilingFilters(FilterBar):
    state = ChoiceFilter("状态", choices=list(FILING_FLOW.states.items()))


COLUMNS = (
    Column("number", "编号", kind="code", href=lambda row: reverse("adjustment:filing", args=[row.pk]), is_fixed=True),
    Column("catalogue", "关联清单", clamp=True),
    Column("body_name", "报备机构"),
    Column("document_number", "公布文号"),
    Column("published_on", "公布日期", kind="date"),
    Column("filed_at", "报备时间", kind="time"),
    Column("state", "状态", kind="state", badge="adjustment.filing"),
)


@signed_in(*READERS)
def filing_list(request: Any) -> HttpResponse:
    """备案一览，新者在前。"""
    bar = FilingFilters(request.GET)
    rows = selectors.filings(scope=request.actor.scope, state=bar.values["state"] or "")
    table = Table("filings", COLUMNS, request=request, title="备案", row_id=lambda row: row.pk)
    if table.wants_export:
        return table.export(rows, filters=bar)
    context = {
        "bar": bar,
        "table": table,
        "page": page_of(rows, request, order=("-pk",)),
        "may_file": request.actor.has(*FILERS) and request.actor.body_id is not None,
    }
    return render(request, "adjustment/filings.html", context)


@signed_in(*FILERS)
def filing_new(request: Any, form: forms.Form | None = None) -> HttpResponse:
    """报送备案的页面。"""
    return render(request, "adjustment/filing_new.html", {"form": form or FilingForm()})


@action(form=FilingForm, roles=FILERS, invalid=filing_new, page="adjustment:filing_new")
def filing_make(request: Any, form: FilingForm) -> Done:
    """报送备案。"""
    given = form.cleaned_data
    # The lists are public: which items a filing concerns is no matter of scope.
    found = catalog.item_briefs_by_codes(given["codes"], scope=EVERYTHING)
    missing = [code for code in given["codes"] if code not in found or found[code].is_new]
    if missing:
        raise InvalidInput(f"没有公布的事项 {missing[0]}", hint="请核对事项标识。", place=ErrorPlace(field="codes"))
    filing_id = services.filing_make(
        actor=request.actor,
        catalogue=given["catalogue"],
        document_number=given["document_number"],
        published_on=given["published_on"],
        text=given["text"],
        item_ids=[found[code].item_id for code in given["codes"]],
        now=timezone.now(),
    )
    return Done(
        "已报送备案，编办可在五个工作日内要求补正；您的清单照常施行。",
        to=reverse("adjustment:filing", args=[filing_id]),
    )


@signed_in(*READERS)
def filing_page(request: Any, filing_id: int, form: forms.Form | None = None) -> HttpResponse:
    """一件备案。"""
    actor = request.actor
    row = selectors.find(filing_id=filing_id, scope=actor.scope)
    context = {
        "row": row,
        "due": due_view(row.due_on, work_calendar(), timezone.localdate(), done_on=row.handled_at),
        "items": catalog.published_briefs(row.item_ids, scope=actor.scope).values(),
        "may_decide": actor.has(*OFFICE) and row.state == "filed",
        "may_refile": actor.body_id == row.body_id and row.state == "returned",
        "may_withdraw": actor.body_id == row.body_id
        and row.state in ("filed", "returned")
        and actor.has("drafter", "publisher"),
        "form": form,
    }
    return render(request, "adjustment/filing.html", context)


def _back(filing_id: int) -> str:
    return reverse("adjustment:filing", args=[filing_id])


@action(form=AcceptForm, roles=OFFICE, invalid=filing_page)
def filing_accept(request: Any, form: AcceptForm, filing_id: int) -> Done:
    """予以备案。"""
    opened = services.filing_accept(
        actor=request.actor,
        filing_id=filing_id,
        seen_version=seen_version(request),
        is_adjusting=form.cleaned_data["is_adjusting"],
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("已予以备案，并开启了调整。" if opened else "已予以备案。", to=_back(filing_id))


@action(form=ReasonForm, roles=OFFICE, invalid=filing_page)
def filing_send_back(request: Any, form: ReasonForm, filing_id: int) -> Done:
    """要求补正。"""
    services.filing_send_back(
        actor=request.actor,
        filing_id=filing_id,
        seen_version=seen_version(request),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("已要求补正。", to=_back(filing_id))


@action(form=RefileForm, roles=FILERS, invalid=filing_page)
def filing_refile(request: Any, form: RefileForm, filing_id: int) -> Done:
    """补正后再报。"""
    services.filing_refile(
        actor=request.actor,
        filing_id=filing_id,
        seen_version=seen_version(request),
        text=form.cleaned_data["text"],
        now=timezone.now(),
    )
    return Done("已补正后再报。", to=_back(filing_id))


@action(form=OpinionForm, roles=FILERS, invalid=filing_page)
def filing_withdraw(request: Any, form: OpinionForm, filing_id: int) -> Done:
    """撤回备案。"""
    services.filing_withdraw(
        actor=request.actor,
        filing_id=filing_id,
        seen_version=seen_version(request),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("已撤回。", to=_back(filing_id))
