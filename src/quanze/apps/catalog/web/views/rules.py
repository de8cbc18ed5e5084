"""规则说明页：由规则自身的声明生成。"""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from quanze.apps.catalog.rules import REGISTRY
from quanze.apps.catalog.rules.base import label
from quanze.apps.catalog.services.packs import shipped_packs
from quanze.apps.catalog.web.requests import DeskRequest
from quanze.base.web.access import signed_in
from quanze.core.errors import NotFound
from quanze.core.lint import SEVERITY_LABELS
from quanze.core.lint.rules import SCOPE_LABELS


@signed_in
def rule_list(request: DeskRequest) -> HttpResponse:
    """全部规则。"""
    rows = [
        {
            "code": rule.code,
            "title": rule.title,
            "severity": rule.severity.value,
            "scope": SCOPE_LABELS[rule.scope],
            "meaning": rule.meaning,
        }
        for rule in REGISTRY
    ]
    return render(request, "catalog/rules.html", {"rules": rows})


@signed_in
def rule_page(request: DeskRequest, code: str) -> HttpResponse:
    """一条规则：是什么、为什么、怎么查、怎么改、各模板中的级别、正反例。"""
    if code not in REGISTRY:
        raise NotFound(f"没有规则 {code[:20]}", hint="请从规则列表打开。")
    rule = REGISTRY.get(code)
    templates = [
        (template.label, _severity(template.severities, rule.code, rule.severity))
        for template in shipped_packs().templates.values()
    ]
    context = {
        "rule": rule,
        "asked": code,
        "severity": rule.severity.value,
        "scope": SCOPE_LABELS[rule.scope],
        "fields": [label(field) for field in rule.fields],
        "templates": templates,
    }
    return render(request, "catalog/rule.html", context)


def _severity(severities: object, code: str, default: object) -> str:
    found = severities.get(code, default)  # type: ignore[attr-defined]
    narrow = [key.partition(".")[2] for key in severities if key.startswith(f"{code}.")]  # type: ignore[attr-defined]
    words = SEVERITY_LABELS[found] if found is not None else "不查"
    if narrow:
        words += f"（{'、'.join(label(field) for field in narrow)}另定）"
    return words
