"""行权风险警示：列表、标为已阅、一件的说明与退回。"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.org import public as org
from quanze.apps.performance.domain.warnings import (
    OVERSEERS,
    RECEIVERS,
    WARNING_FLOW,
    WARNING_KIND_LABELS,
    WARNING_LEVEL_LABELS,
)
from quanze.apps.performance.selectors import warnings as selectors
from quanze.apps.performance.services import warning as services
from quanze.apps.performance.web.forms import WarningForm
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.filters import ChoiceFilter, FilterBar, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table

_DONE = {
    "read": "已标为已阅。",
    "explain": "说明已提交，督查与编办可以看到。",
    "withdraw": "说明已撤回，可修改后再提交。",
    "send_back": "说明已退回，已告知该机构补充。",
}


class WarningFilters(FilterBar):
    q = TextFilter("事项、办件或机构", placeholder="事项名称、标识、办件编号、机构名称")
    kind = ChoiceFilter("种类", choices=list(WARNING_KIND_LABELS.items()), lookup="kind")
    level = ChoiceFilter("级别", choices=list(WARNING_LEVEL_LABELS.items()), lookup="level")
    state = ChoiceFilter("状态", choices=list(WARNING_FLOW.states.items()), lookup="state")
    body = ChoiceFilter("机构", choices=lambda: [(b.id, b.label) for b in org.bodies()], searchable=True)


COLUMNS = (
    Column("kind", "种类", value=lambda r: WARNING_KIND_LABELS[r.kind]),
    Column("level", "级别", kind="state", badge="run_warning_level"),
    Column(
        "item",
        "事项",
        value=lambda r: r.item_name or r.item_code,
        clamp=True,
        is_fixed=True,
        href=lambda r: reverse("performance:warning", args=[r.pk]),
    ),
    Column("statement", "事实", clamp=True),
    Column("body_name", "机构", value=lambda r: r.body.name),
    Column("receiver_names", "接收人"),
    Column("state", "状态", kind="state", badge="run_warning"),
    Column("raised_at", "提出日期", kind="date", value=lambda r: timezone.localdate(r.raised_at)),
    Column("case_ref", "办件编号", kind="code", is_hidden=True),
    Column("explanation", "说明", clamp=True, is_hidden=True),
)


@signed_in(*org.CONTENT_ROLES)
def warning_list(request: HttpRequest) -> HttpResponse:
    """范围内的警示，新者在前。"""
    actor = request.actor  # type: ignore[attr-defined]
    bar = WarningFilters(request.GET)
    seen = selectors.warning_rows(scope=actor.scope)
    rows = selectors.warnings_matching(
        seen,
        words=bar.values["q"] or "",
        body_id=bar.values["body"],
        **{name: bar.values[name] for name in ("kind", "level", "state") if bar.values[name]},
    )
    may_read = actor.has(*RECEIVERS)
    table = Table(
        "warnings",
        COLUMNS,
        request=request,
        title="行权风险警示",
        row_id=lambda r: r.pk,
        selectable=(lambda r: r.pk) if may_read else None,
    )
    if table.wants_export:
        return table.export(rows.order_by("-id"), filters=bar)
    context = {
        "bar": bar,
        "table": table,
        "page": page_of(rows, request, order=("-id",)),
        "counts": selectors.warning_counts(seen),
        "may_read": may_read,
        "is_overseer": actor.has(*OVERSEERS),
    }
    return render(request, "performance/warnings.html", context)


@action(roles=tuple(sorted(RECEIVERS)))
def warnings_read(request: HttpRequest) -> Done:
    """选中的标为已阅。"""
    chosen = [int(value) for value in request.POST.getlist("chosen") if value.isdigit()]
    done = services.warnings_mark_read(actor=request.actor, warning_ids=chosen, now=timezone.now())  # type: ignore[attr-defined]
    return Done(f"{done} 件已标为已阅。", to=reverse("performance:warnings"))


@signed_in(*org.CONTENT_ROLES)
def warning_page(request: HttpRequest, warning_id: int, form: WarningForm | None = None) -> HttpResponse:
    """一件警示与可办的动作。"""
    actor = request.actor  # type: ignore[attr-defined]
    row = selectors.warning(warning_id=warning_id, scope=actor.scope)
    is_own = actor.body_id == row.body_id
    verbs = [t for t in WARNING_FLOW.available(row.state, actor.roles) if (t.verb == "send_back") != is_own]
    asked = form or WarningForm(initial={"text": row.explanation if is_own else ""})
    asked.fields["text"].label = "说明" if is_own else "退回意见"
    context = {
        "row": row,
        "form": asked,
        "verbs": verbs,
        "needs_text": any(t.reason_required for t in verbs),
        "is_own": is_own,
    }
    return render(request, "performance/warning.html", context)


@action(form=WarningForm, invalid=warning_page)
def warning_decide(request: HttpRequest, form: WarningForm, warning_id: int) -> Done:
    """办理一件警示。"""
    verb = form.cleaned_data["verb"]
    services.warning_decide(
        actor=request.actor,  # type: ignore[attr-defined]
        warning_id=warning_id,
        verb=verb,
        seen_version=seen_version(request),
        text=form.cleaned_data["text"],
        now=timezone.now(),
    )
    return Done(_DONE[verb], to=reverse("performance:warning", args=[warning_id]))
