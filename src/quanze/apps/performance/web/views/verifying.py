"""清单外行权（待核实）：列表、核实、再次对照。"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.org import public as org
from quanze.apps.performance.models import QuarantinedEvent
from quanze.apps.performance.selectors import quarantine as selectors
from quanze.apps.performance.services import verifying
from quanze.apps.performance.services.judging import REASON_LABELS
from quanze.apps.performance.web.forms import VerdictForm
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.filters import ChoiceFilter, FilterBar, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table
from quanze.core.errors import NotFound

JUDGES = tuple(sorted(verifying.JUDGES - {"system"}))


class QuarantineFilters(FilterBar):
    q = TextFilter("事项标识或机构", placeholder="事项标识、机构名称")
    verdict = ChoiceFilter("核实结果", choices=list(QuarantinedEvent.Verdict.choices))
    reason = ChoiceFilter("理由", choices=list(REASON_LABELS.items()))


COLUMNS = (
    Column(
        "item_code",
        "事项标识",
        kind="code",
        href=lambda r: reverse("performance:quarantine_group", args=[r.id]),
        is_fixed=True,
    ),
    Column("body_name", "机构"),
    Column("month", "办件开始月"),
    Column("reason", "理由", value=lambda r: REASON_LABELS[r.reason]),
    Column("cases", "办件（件）", kind="number"),
    Column("rows", "环节（行）", kind="number", is_hidden=True),
    Column("verdict", "核实结果", kind="state", badge="run_verdict"),
    Column("decided_by_name", "核实人", is_hidden=True),
    Column("file_name", "来自文件", clamp=True),
)


@signed_in(*org.CONTENT_ROLES)
def quarantine_list(request: HttpRequest) -> HttpResponse:
    """待核实列表。"""
    actor = request.actor  # type: ignore[attr-defined]
    bar = QuarantineFilters(request.GET)
    words, reason = bar.values["q"], bar.values["reason"]
    rows = [
        r
        for r in selectors.quarantined(scope=actor.scope, verdict=bar.values["verdict"] or "")
        if (not words or words in r.item_code or words in r.body_name) and (not reason or r.reason == reason)
    ]
    table = Table("quarantine", COLUMNS, request=request, title="清单外行权（待核实）", row_id=lambda r: r.id)
    if table.wants_export:
        return table.export(rows, filters=bar)
    rows.sort(key=lambda r: -r.id)
    context = {
        "bar": bar,
        "table": table,
        "page": page_of(rows, request, order=("-id",)),
        "cases": sum(r.cases for r in rows if r.verdict == "pending"),
        "may_judge": actor.has(*JUDGES),
    }
    return render(request, "performance/quarantine.html", context)


@signed_in(*org.CONTENT_ROLES)
def quarantine_group(request: HttpRequest, group_id: int, form: VerdictForm | None = None) -> HttpResponse:
    """一组待核实数据与核实表单。"""
    actor = request.actor  # type: ignore[attr-defined]
    row = next((r for r in selectors.quarantined(scope=actor.scope) if r.id == group_id), None)
    if row is None:
        raise NotFound("没有这一组待核实数据", hint="请从待核实列表进入。")
    context = {
        "row": row,
        "reason": REASON_LABELS[row.reason],
        "form": form or VerdictForm(),
        "may_judge": actor.has(*JUDGES) and row.verdict != "released",
    }
    return render(request, "performance/quarantine_group.html", context)


@action(form=VerdictForm, roles=JUDGES, invalid=quarantine_group)
def quarantine_decide(request: HttpRequest, form: VerdictForm, group_id: int) -> Done:
    """核实一组。"""
    verifying.quarantine_decide(
        actor=request.actor,  # type: ignore[attr-defined]
        group_id=group_id,
        verdict=form.cleaned_data["verdict"],
        note=form.cleaned_data["note"],
        seen_version=seen_version(request),
        now=timezone.now(),
    )
    return Done("已记下核实结果。", to=reverse("performance:quarantine"))


@action(roles=JUDGES)
def quarantine_recheck(request: HttpRequest) -> Done:
    """按现在的清单再对照一遍。"""
    accepted = verifying.quarantine_recheck(actor=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    words = f"对照完成，{accepted} 行已入库。" if accepted else "对照完成，没有新对得上的事项。"
    return Done(words, to=reverse("performance:quarantine"))
