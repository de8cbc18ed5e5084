"""专项说明：列表、列出待说明事项、提交与认定。"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.org import public as org
from quanze.apps.performance.domain.explanations import EXPLANATION_FLOW, JUDGES, WRITERS
from quanze.apps.performance.domain.special_cases import SPECIAL_CASE_LABELS
from quanze.apps.performance.selectors import explanations as selectors
from quanze.apps.performance.services import explaining
from quanze.apps.performance.web.forms import ExplanationForm
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.filters import ChoiceFilter, FilterBar, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table

_DONE = {
    "submit": "说明已提交，待编办或评估组认定。",
    "withdraw": "说明已撤回，可修改后再提交。",
    "accept": "说明已采纳。",
    "return": "说明已退回，待该机构补充。",
    "reopen": "认定已更正，说明退回该机构。",
}


class ExplanationFilters(FilterBar):
    q = TextFilter("事项或机构", placeholder="事项名称、机构名称")
    kind = ChoiceFilter("特殊情形", choices=list(SPECIAL_CASE_LABELS.items()))
    state = ChoiceFilter("状态", choices=list(EXPLANATION_FLOW.states.items()))
    body = ChoiceFilter("机构", choices=lambda: [(b.id, b.label) for b in org.bodies()], searchable=True)


COLUMNS = (
    Column(
        "item_name",
        "事项名称",
        clamp=True,
        is_fixed=True,
        href=lambda r: reverse("performance:explanation", args=[r.id]),
    ),
    Column("body_name", "机构"),
    Column("kind_label", "特殊情形"),
    Column("statement", "判定事实", clamp=True),
    Column("state", "状态", kind="state", badge="explanation"),
    Column("submitted_by_name", "提交人", is_hidden=True),
    Column("decided_by_name", "认定人", is_hidden=True),
)


@signed_in(*org.CONTENT_ROLES)
def explanation_list(request: HttpRequest) -> HttpResponse:
    """本年度的专项说明。"""
    actor = request.actor  # type: ignore[attr-defined]
    bar = ExplanationFilters(request.GET)
    today = timezone.localdate()
    words, kind, body = bar.values["q"], bar.values["kind"], bar.values["body"]
    found = selectors.explanations(scope=actor.scope, year=today.year)
    rows = [
        r
        for r in found
        if (not words or words in r.item_name or words in r.body_name)
        and (not kind or r.kind == kind)
        and (not body or r.body_id == body)
        and (not bar.values["state"] or r.state == bar.values["state"])
    ]
    table = Table("explanations", COLUMNS, request=request, title="专项说明", row_id=lambda r: r.id)
    if table.wants_export:
        return table.export(rows, filters=bar)
    rows.sort(key=lambda r: r.id)
    context = {
        "bar": bar,
        "table": table,
        "page": page_of(rows, request, order=("id",)),
        "year": today.year,
        "counts": {s: sum(r.state == s for r in found) for s in EXPLANATION_FLOW.states},
        "total": len(found),
        "may_open": actor.has(*JUDGES, *WRITERS),
    }
    return render(request, "performance/explanations.html", context)


@action(roles=tuple(sorted((JUDGES | WRITERS) - {"system"})))
def explanations_open(request: HttpRequest) -> Done:
    """按现在的运行数据列出待说明事项。"""
    actor, now = request.actor, timezone.now()  # type: ignore[attr-defined]
    today = timezone.localdate(now)
    bodies = [b.id for b in org.bodies(on=today) if actor.scope.covers(b.id)]
    count = explaining.explanations_open(actor=actor, body_ids=bodies, as_of=today, now=now)
    words = f"已列出 {count} 项待说明事项。" if count else "没有新的特殊情形事项。"
    return Done(words, to=reverse("performance:explanations"))


@signed_in(*org.CONTENT_ROLES)
def explanation_page(request: HttpRequest, explanation_id: int, form: ExplanationForm | None = None) -> HttpResponse:
    """一份专项说明与可办的动作。"""
    actor = request.actor  # type: ignore[attr-defined]
    row = selectors.explanation(explanation_id=explanation_id, scope=actor.scope)
    is_own = actor.body_id == row.body_id
    verbs = [
        t for t in EXPLANATION_FLOW.available(row.state, actor.roles) if (t.verb in ("submit", "withdraw")) == is_own
    ]
    asked = form or ExplanationForm(initial={"text": row.text if is_own else row.opinion})
    asked.fields["text"].label = "说明" if is_own else "认定意见"
    context = {
        "row": row,
        "form": asked,
        "verbs": verbs,
        "needs_text": any(t.verb in ("submit", "accept", "return", "reopen") for t in verbs),
        "is_own": is_own,
    }
    return render(request, "performance/explanation.html", context)


@action(form=ExplanationForm, invalid=explanation_page)
def explanation_decide(request: HttpRequest, form: ExplanationForm, explanation_id: int) -> Done:
    """办理一份专项说明。"""
    verb = form.cleaned_data["verb"]
    explaining.explanation_decide(
        actor=request.actor,  # type: ignore[attr-defined]
        explanation_id=explanation_id,
        verb=verb,
        seen_version=seen_version(request),
        text=form.cleaned_data["text"],
        now=timezone.now(),
    )
    return Done(_DONE[verb], to=reverse("performance:explanation", args=[explanation_id]))
