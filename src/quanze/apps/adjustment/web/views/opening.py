"""动态调整一览与登记事由。"""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.adjustment.domain.clock import LIGHT_LABELS
from quanze.apps.adjustment.domain.lifecycles import ADJUSTMENT_FLOW
from quanze.apps.adjustment.jobs import MERGE_JOB
from quanze.apps.adjustment.selectors import adjustments as selectors
from quanze.apps.adjustment.selectors.packs import packs
from quanze.apps.adjustment.services import triggering
from quanze.apps.adjustment.web.forms import MergeForm, TriggerForm
from quanze.apps.adjustment.web.ordering import ordered
from quanze.apps.adjustment.web.presenting import READERS, due_of
from quanze.apps.catalog import public as catalog
from quanze.base.jobs import public as jobs
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.filters import ChoiceFilter, FilterBar, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table
from quanze.core.actor import Actor
from quanze.core.errors import ErrorPlace, InvalidInput

OPENERS = ("establishment", "drafter")


class AdjustmentFilters(FilterBar):
    q = TextFilter("事由或机构", placeholder="事由、机构、编号")
    light = ChoiceFilter("期限", choices=list(LIGHT_LABELS.items()))
    kind = ChoiceFilter("事由类型", choices=lambda: [(one.code, one.label) for one in packs().triggers.values()])
    state = ChoiceFilter("状态", choices=[("open", "未办结"), *ADJUSTMENT_FLOW.states.items()])


COLUMNS = (
    Column(
        "title",
        "事由",
        value=lambda row: row.trigger.title,
        clamp=True,
        is_fixed=True,
        href=lambda row: reverse("adjustment:adjustment", args=[row.id]),
    ),
    Column("body_name", "机构"),
    Column("kind", "事由类型", value=lambda row: row.trigger.kind_label, is_hidden=True),
    Column("legal_on", "法定日", kind="date", value=lambda row: row.trigger.legal_on),
    Column("items", "事项（项）", kind="number"),
    Column("waiting", "待同步（条）", kind="number"),
    Column("due", "期限", kind="due", value=lambda row: due_of(row.clock, row.closed_at)),
    Column("light", "提醒", kind="state", badge="adjustment.light", value=lambda row: row.clock.light),
    Column("state", "状态", kind="state", badge="adjustment"),
    Column("number", "编号", kind="code", value=lambda row: row.trigger.number, is_hidden=True),
)


@signed_in(*READERS)
def adjustment_list(request: Any) -> HttpResponse:
    """全部调整：超期与将到期的在前，可按灯色、事由、状态看。"""
    actor, today = request.actor, timezone.localdate()
    bar = AdjustmentFilters(request.GET)
    found = selectors.adjustments(scope=actor.scope, today=today)
    words, light, kind, state = (bar.values[name] for name in ("q", "light", "kind", "state"))
    rows = [
        row
        for row in found
        if (not words or words in row.trigger.title or words in row.body_name or words in row.trigger.number)
        and (not light or (row.is_open and row.clock.light == light))
        and (not kind or row.trigger.kind == kind)
        and (not state or row.state == state or (state == "open" and row.is_open))
    ]
    rows = sorted(rows, key=lambda row: (not row.is_open, row.clock.due.on, row.id))
    numbered = ordered(rows)
    table = Table("adjustments", COLUMNS, request=request, title="动态调整", row_id=lambda row: row.id)
    if table.wants_export:
        return table.export(numbered, filters=bar)
    year = date(today.year, 1, 1)
    context = {
        "bar": bar,
        "table": table,
        "page": page_of(numbered, request, order=("order", "id")),
        "stats": _stats(found),
        "lag": selectors.lag_report(scope=actor.scope, since=year, until=today, today=today),
        "year": today.year,
        "may_open": actor.has(*OPENERS),
        "may_merge": actor.has("establishment"),
    }
    return render(request, "adjustment/adjustments.html", context)


def _stats(rows: list[selectors.AdjustmentRow]) -> list[dict[str, Any]]:
    home = reverse("adjustment:adjustments")
    still = [row for row in rows if row.is_open]
    counts = {light: sum(row.clock.light == light for row in still) for light in LIGHT_LABELS}
    tones = {"red": "overdue", "orange": "soon", "yellow": "soon"}
    return [
        {"label": "未办结", "value": len(still), "href": f"{home}?state=open", "tone": "neutral"},
        *(
            {
                "label": LIGHT_LABELS[light],
                "value": counts[light],
                "href": f"{home}?light={light}",
                "tone": tones.get(light, "neutral") if counts[light] else "neutral",
            }
            for light in ("red", "orange", "yellow", "paused")
        ),
    ]


def _lists(actor: Actor) -> list[tuple[int, str]]:
    views = catalog.lists(scope=actor.scope, on=timezone.localdate())
    if not actor.has("establishment"):
        views = [view for view in views if view.body_id == actor.body_id]
    return [(view.id, view.title) for view in views]


@signed_in(*OPENERS)
def trigger_new(request: Any, form: forms.Form | None = None) -> HttpResponse:
    """登记事由的页面；可由事项页带着事项进来。"""
    choices = _lists(request.actor)
    if form is None:
        form = TriggerForm(
            lists=choices, initial={"codes": request.GET.get("codes", "")[:2000], "legal_on": timezone.localdate()}
        )
    else:
        form.fields["list_ids"].choices = choices  # type: ignore[attr-defined]
    return render(request, "adjustment/trigger_new.html", {"form": form, "kinds": packs().triggers.values()})


@action(form=TriggerForm, roles=OPENERS, invalid=trigger_new, page="adjustment:trigger_new")
def trigger_open(request: Any, form: TriggerForm) -> Done:
    """登记事由，开启调整。"""
    given = form.cleaned_data
    found = catalog.item_briefs_by_codes(given["codes"], scope=request.actor.scope)
    if missing := [code for code in given["codes"] if code not in found]:
        raise InvalidInput(
            f"没有事项 {missing[0]}",
            hint="请核对事项标识，或从清单中复制。",
            place=ErrorPlace(field="codes"),
            code="item_unknown",
        )
    triggering.trigger_open(
        actor=request.actor,
        kind=given["kind"],
        title=given["title"],
        evidence=given["evidence"],
        legal_on=given["legal_on"],
        item_reasons={one.item_id: given["title"] for one in found.values()},
        list_ids=given["list_ids"],
        note=given["note"],
        now=timezone.now(),
    )
    bodies = {one.body_id for one in found.values()}
    return Done(
        f"已登记事由，涉及 {len(found)} 项事项、{max(len(bodies), 1)} 个机构，已通知各机构办理。",
        to=reverse("adjustment:adjustments"),
    )


@signed_in("establishment")
def merge_new(request: Any, form: forms.Form | None = None) -> HttpResponse:
    """机构合并的页面：两份清单各有多少项、有没有在编的。"""
    views = [
        view
        for view in catalog.lists(scope=request.actor.scope, on=timezone.localdate(), list_type=catalog.POWER_LIST)
        if view.edition_number
    ]
    choices = [
        (
            view.id,
            f"{view.body_name}（现行 {view.in_force_items} 项"
            + (f"，在编 {view.working} 项）" if view.working else "）"),
        )
        for view in views
    ]
    if form is None:
        form = MergeForm(lists=choices, initial={"legal_on": timezone.localdate()})
    else:
        for name in ("from_list_id", "to_list_id"):
            form.fields[name].choices = choices  # type: ignore[attr-defined]
    return render(request, "adjustment/merge_new.html", {"form": form})


@action(form=MergeForm, roles=("establishment",), invalid=merge_new, page="adjustment:merge_new")
def merge_start(request: Any, form: MergeForm) -> Done:
    """开始合并：后台办理，有进度。"""
    given = form.cleaned_data
    names = {
        view.id: view.body_name
        for view in catalog.lists(
            list_ids=[given["from_list_id"], given["to_list_id"]], scope=request.actor.scope, on=timezone.localdate()
        )
    }
    job_id = jobs.enqueue(
        kind=MERGE_JOB,
        actor=request.actor,
        label=f"机构合并：{names.get(given['from_list_id'], '')} → {names.get(given['to_list_id'], '')}",
        payload={**given, "legal_on": given["legal_on"].isoformat()},
        back_url=reverse("adjustment:adjustments"),
        now=timezone.now(),
    )
    return Done("已开始划转，可在这里看进度。", to=reverse("job", args=[job_id]))
