"""检查页：发现按级别与规则分列、一键修正、说明理由、重新检查。"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.rules import REGISTRY
from quanze.apps.catalog.selectors import findings as selectors
from quanze.apps.catalog.selectors import lists as list_selectors
from quanze.apps.catalog.services import findings as services
from quanze.apps.catalog.web.presenting import BUSINESS_ROLES, SEVERITY_LABELS, list_tabs, rule_title
from quanze.apps.catalog.web.requests import DeskRequest
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.filters import ChoiceFilter, FilterBar, TextFilter
from quanze.base.web.paging import page_of


def _rule_choices() -> list[tuple[str, str]]:
    return [(rule.code, f"{rule.code} {rule.title}") for rule in REGISTRY]


class FindingFilters(FilterBar):
    q = TextFilter("事项名称", placeholder="事项名称")
    severity = ChoiceFilter("级别", choices=list(SEVERITY_LABELS.items()))
    rule = ChoiceFilter("规则", choices=_rule_choices, searchable=True, wide=True)


@signed_in(*BUSINESS_ROLES)
def list_check(request: DeskRequest, list_id: int, form: forms.Form | None = None) -> HttpResponse:
    """清单的检查发现。"""
    actor = request.actor
    view = list_selectors.list_view(list_id=list_id, scope=actor.scope, on=timezone.localdate())
    bar = FindingFilters(request.GET)
    rows = selectors.findings(
        list_id=list_id,
        scope=actor.scope,
        code=bar.values["rule"] or "",
        severity=bar.values["severity"] or "",
        text=bar.values["q"],
    )
    by_severity: dict[str, int] = dict.fromkeys(SEVERITY_LABELS, 0)
    by_rule = []
    for severity, code, count in selectors.finding_counts(list_id=list_id, scope=actor.scope):
        by_severity[severity] = by_severity.get(severity, 0) + count
        by_rule.append({"severity": severity, "code": code, "title": rule_title(code), "count": count})
    is_own_drafter = actor.has("drafter") and actor.body_id == view.body_id
    may_waive_errors = actor.has("establishment")
    context = {
        "list": view,
        "tabs": list_tabs(view, "check"),
        "bar": bar,
        "page": page_of(rows, request, order=("id",)),
        "total": len(rows),
        "by_severity": [(code, SEVERITY_LABELS[code], by_severity[code]) for code in SEVERITY_LABELS],
        "by_rule": by_rule,
        "fixable": sum(row.is_fixable for row in selectors.findings(list_id=list_id, scope=actor.scope)),
        "waivers": selectors.waivers(list_id=list_id, scope=actor.scope),
        "check": selectors.check_state(list_id=list_id, scope=actor.scope),
        "may_draft": is_own_drafter,
        "may_check": is_own_drafter or may_waive_errors,
        "may_waive": {"error": may_waive_errors, "warning": is_own_drafter or may_waive_errors, "info": False},
        "form": form,
    }
    return render(request, "catalog/check.html", context)


@action(roles=("drafter", "establishment"))
def findings_recheck(request: DeskRequest, list_id: int) -> Done:
    """重新检查。"""
    report = services.findings_recheck(actor=request.actor, list_id=list_id, now=timezone.now())
    errors = sum(one.is_blocking for one in report.judged)
    words = f"{errors} 处必须改" if errors else "没有必须改的"
    return Done(f"已按现在的内容重新检查：{words}。", to=reverse("catalog:list_check", args=[list_id]))


@action(roles=("drafter",))
def fix_apply(request: DeskRequest, list_id: int) -> Done:
    """一键修正：全部，或某条规则的。"""
    code = request.POST.get("code", "")
    result = services.fix_apply(actor=request.actor, list_id=list_id, codes=[code] if code else [], now=timezone.now())
    words = (
        f"已修正 {result.cells} 个单元格，涉及 {result.items} 项，写入草稿"
        if result.cells
        else "没有可以一键修正的（正在审查的事项不改）"
    )
    return Done(f"{words}。", to=reverse("catalog:list_check", args=[list_id]))


class WaiverForm(forms.Form):
    """说明理由。"""

    code = forms.CharField(max_length=8)
    item_id = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    reason = forms.CharField(label="理由", max_length=500, error_messages={"required": "请写明理由。"})

    def clean_reason(self) -> str:
        return str(self.cleaned_data["reason"]).strip()


@action(form=WaiverForm, roles=("drafter", "establishment"), invalid=list_check, page="catalog:list_check")
def waiver_grant(request: DeskRequest, form: WaiverForm, list_id: int) -> Done:
    """说明理由：内容改变即失效。"""
    given: dict[str, Any] = form.cleaned_data
    services.waiver_grant(
        actor=request.actor,
        list_id=list_id,
        code=given["code"],
        item_id=given["item_id"],
        reason=given["reason"],
        now=timezone.now(),
    )
    return Done(
        f"已说明理由，{given['code']} 不再列入；内容改变后须重新说明。",
        to=reverse("catalog:list_check", args=[list_id]),
    )
