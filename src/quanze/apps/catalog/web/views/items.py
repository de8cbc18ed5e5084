"""事项页：基本信息、依据、责任与追责、检查、变更记录、原始单元格。"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from quanze.apps.catalog.domain.drafts import changes
from quanze.apps.catalog.domain.fields import FIELDS
from quanze.apps.catalog.domain.nondisclosure import OPEN_STATES
from quanze.apps.catalog.selectors import findings as finding_selectors
from quanze.apps.catalog.selectors import guides as guide_selectors
from quanze.apps.catalog.selectors import items as item_selectors
from quanze.apps.catalog.selectors import lists as selectors
from quanze.apps.catalog.selectors import nondisclosures as mark_selectors
from quanze.apps.catalog.selectors.dependants import ITEM, dependants_of
from quanze.apps.catalog.selectors.links import link_of
from quanze.apps.catalog.selectors.lists import VersionView
from quanze.apps.catalog.services import drafting
from quanze.apps.catalog.web.presenting import (
    BASIC_FIELDS,
    BUSINESS_ROLES,
    DiffRow,
    diff_rows,
    field_texts,
    rule_title,
    step_due,
    type_label,
    version_label,
)
from quanze.apps.catalog.web.requests import DeskRequest
from quanze.apps.catalog.web.views.mandate_links import item_mandate
from quanze.apps.org import public as org
from quanze.apps.workflow import public as workflow
from quanze.base.audit import public as audit
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.dates import end_of_day
from quanze.base.web.filters import DayFilter, FilterBar
from quanze.base.web.navigation import Tab
from quanze.core.errors import NotFound

TABS = {
    "base": "基本信息",
    "basis": "依据",
    "duties": "责任与追责",
    "check": "检查",
    "guide": "简明指南",
    "derived": "关联清单",
    "mandate": "三定",
    "history": "变更记录",
    "run": "运行",
    "source": "原始单元格",
}


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """页面上的一条发现（c-findings 的样子）。"""

    code: str
    severity: str
    message: str
    evidence: str
    suggestion: str
    place: str = ""
    waived_reason: str = ""
    href: str = ""


def shown_findings(rows: list[finding_selectors.FindingRow]) -> list[ShownFinding]:
    """发现 → 页面，每条连到规则说明。"""
    return [
        ShownFinding(
            code=row.code,
            severity="hint" if row.severity == "info" else row.severity,
            message=row.message,
            evidence=row.evidence,
            suggestion=row.suggestion,
            place=rule_title(row.code),
            href=reverse("rules:rule", args=[row.code]),
        )
        for row in rows
    ]


@signed_in(*BUSINESS_ROLES)
def item_page(request: DeskRequest, item_id: int, tab: str = "base") -> HttpResponse:
    """事项页的一个页签；在编的看在编，否则看现行。"""
    if tab not in TABS:
        raise NotFound("没有这个页签", hint="请从事项页的页签打开。")
    actor, on = request.actor, timezone.localdate()
    versions = selectors.versions_of_item(item_id=item_id, scope=actor.scope)
    working = next((one for one in versions if one.state in selectors.WORKING_STATES), None)
    in_force = next((one for one in versions if _is_in_force(one, on)), None)
    published = next((one for one in versions if one.state == "published"), None)
    days = DayFilters(request.GET)
    asked = _asked_for(request, versions, days)
    shown = asked or working or in_force or published or versions[0]
    family = item_selectors.family_of(item_id=item_id, scope=actor.scope)
    found = finding_selectors.findings_of_versions([shown.id]).get(shown.id, [])
    run_data_url = _run_data_url(shown) if published else ""
    if tab == "run" and not run_data_url:
        raise NotFound("这个事项没有运行数据", hint="公布之后才有办件；请从事项页的页签打开。")
    view = selectors.list_view(list_id=shown.list_id, scope=actor.scope, on=on)
    if asked is not None:
        view = replace(view, body_name=_body_name_then(asked, days))
    marks = mark_selectors.marks_of_item(item_id=item_id, scope=actor.scope)
    step = None
    if working is not None and working.state == "frozen" and view.open_submission_id is not None:
        step = workflow.current_step(subject_kind="catalog.submission", subject_id=view.open_submission_id, actor=actor)
    context: dict[str, Any] = {
        "version": shown,
        "content": shown.content,
        "type_label": type_label(shown.content.power_type),
        "working": working,
        "in_force": in_force,
        "family": family,
        "findings": shown_findings(found),
        "error_count": sum(row.severity == "error" for row in found),
        "may_draft": actor.has("drafter") and actor.body_id == shown.body_id,
        "may_clear_ending": bool(family.ending_reason)
        and not family.is_ending_under_review
        and actor.has("drafter")
        and actor.body_id == shown.body_id,
        "may_publish": actor.has("publisher") and actor.body_id == shown.body_id,
        "mark": next((one for one in marks if one.state in OPEN_STATES), None),
        "may_withhold": not view.is_base and actor.has("drafter", "publisher") and actor.body_id == shown.body_id,
        "days": days,
        "is_day_found": asked is not None,
        "timeline_url": _timeline_url(item_id),
        "tab": tab,
        "tabs": [
            Tab(
                label,
                reverse("catalog:item_tab", args=[item_id, key]),
                key == tab,
                len(found) if key == "check" else None,
            )
            for key, label in TABS.items()
            if key != "run" or run_data_url
        ],
        "run_data_url": run_data_url,
        "adjustment_url": _adjustment_url(item_id),
        "list": view,
        "step": step,
        "due": step_due(step) if step else None,
    }
    context |= _tab_context(request, tab, shown, versions)
    return render(request, "catalog/item.html", context)


def _is_in_force(version: VersionView | guide_selectors.GuideView, on: Any) -> bool:
    return (
        version.state == "published"
        and version.valid_from is not None
        and version.valid_from <= on
        and (version.valid_to is None or on < version.valid_to)
    )


class DayFilters(FilterBar):
    on = DayFilter("哪天有效的")
    known = DayFilter("按哪天所知")


def _asked_for(request: DeskRequest, versions: list[VersionView], days: DayFilters) -> VersionView | None:
    """网址指明的版本：编号，或者某一天有效的（按某一天所知）。"""
    wanted = request.GET.get("version", "")
    on, known = days.values["on"], days.values["known"]
    if not wanted and (on or known):
        found = selectors.version_id_on(
            item_id=versions[0].item_id,
            scope=request.actor.scope,
            on=on or timezone.localdate(),
            known_at=end_of_day(known) if known else None,
        )
        wanted = str(found or "")
    return next((one for one in versions if str(one.id) == wanted), None)


def _body_name_then(asked: VersionView, days: DayFilters) -> str:
    """所问的那一天机构的名称；只指明版本的，为它生效那天的。"""
    known = days.values["known"]
    day = days.values["on"] or (timezone.localdate() if known else asked.valid_from) or timezone.localdate()
    return org.body_name_on(asked.body_id, on=day, known=end_of_day(known) if known else None)


def _run_data_url(shown: VersionView) -> str:
    """运行数据片段的地址；该能力没有装上则为空。"""
    try:
        return reverse("performance:item_fragment", args=[shown.body_id, shown.item_code])
    except NoReverseMatch:
        return ""


def _timeline_url(item_id: int) -> str:
    """全过程的地址；门户没有装上则为空。"""
    try:
        return reverse("item_timeline", args=[item_id])
    except NoReverseMatch:
        return ""


def _adjustment_url(item_id: int) -> str:
    """动态调整片段的地址；该能力没有装上则为空。"""
    try:
        return reverse("adjustment:item_fragment", args=[item_id])
    except NoReverseMatch:
        return ""


def _tab_context(request: DeskRequest, tab: str, shown: VersionView, versions: list[VersionView]) -> dict[str, Any]:
    if tab == "base":
        texts = field_texts(shown.content, BASIC_FIELDS)
        further = field_texts(shown.content, tuple(FIELDS.by_key), only_filled=True)
        return {
            "further": further,
            "facts": [one for one in texts if one.text],
            "empty": [one.label for one in texts if not one.text],
        }
    if tab == "check":
        return {
            "waivers": finding_selectors.waivers(
                list_id=shown.list_id, scope=request.actor.scope, item_id=shown.item_id
            )
        }
    if tab == "derived":
        hanging = dependants_of([shown.item_id], on=timezone.localdate())[shown.item_id]
        return {"hanging": [(one, request.actor.scope.covers(one.body_id)) for one in hanging if one.kind != ITEM]}
    if tab == "guide":
        return _guide(request, shown)
    if tab == "mandate":
        return item_mandate(request, shown)
    if tab == "source":
        return {"sources": item_selectors.sources_of([one.id for one in versions])}
    if tab == "history":
        return _history(request, shown, versions)
    return {}


def _guide(request: DeskRequest, shown: VersionView) -> dict[str, Any]:
    """现行的指南、草稿与各版。"""
    actor, on = request.actor, timezone.localdate()
    found = guide_selectors.guides_of_item(item_id=shown.item_id, scope=actor.scope)
    current = next((one for one in found if _is_in_force(one, on)), None)
    return {
        "guides": found,
        "guide_current": current,
        "guide_draft": next((one for one in found if one.state == "draft"), None),
        "guide_print": _guide_print(shown.item_code) if current else "",
        "link": link_of(shown.content.guide_url) if shown.content.guide_url else None,
        "may_write_guide": actor.has("drafter", "publisher") and actor.body_id == shown.body_id,
    }


def _guide_print(code: str) -> str:
    """指南打印页的地址；公开站点没有装上则为空。"""
    try:
        return reverse("public:item_guide", args=[code])
    except NoReverseMatch:
        return ""


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """经过的一件事。"""

    label: str
    who: str
    when: Any
    note: str
    tone: str = "neutral"


def _history(request: DeskRequest, shown: VersionView, versions: list[VersionView]) -> dict[str, Any]:
    """各版本、任意两版的对照、记录摘录。"""
    by_id = {str(one.id): one for one in versions}
    newest = versions[0]
    second = versions[1] if len(versions) > 1 else None
    new = by_id.get(request.GET.get("new", ""), newest)
    old = by_id.get(request.GET.get("old", ""), second)
    rows: list[DiffRow] = diff_rows(changes(old.content, new.content)) if old and old.id != new.id else []
    facts = audit.history_of("catalog.item", shown.item_id, scope=request.actor.scope)
    return {
        "versions": [(one, version_label(one)) for one in versions],
        "old": old,
        "new": new,
        "old_label": version_label(old) if old else "",
        "new_label": version_label(new),
        "rows": rows,
        "events": [
            HistoryEvent(
                label=fact.action_label,
                who=" · ".join(part for part in (fact.actor_name, fact.actor_body_name, fact.actor_post) if part),
                when=fact.at,
                note=_fact_note(fact),
            )
            for fact in reversed(facts)
        ],
    }


def _fact_note(fact: audit.FactView) -> str:
    if fact.action == "catalog.draft.saved" and isinstance(fact.after, dict):
        return f"改动：{'、'.join(fact.after)}" if fact.after else ""
    return fact.reason


@action(roles=("drafter",))
def ending_clear(request: DeskRequest, item_id: int) -> Done:
    """撤销拟取消。"""
    drafting.ending_clear(actor=request.actor, item_id=item_id, now=timezone.now())
    return Done("已撤销拟取消，该事项照旧现行。", to=reverse("catalog:item", args=[item_id]))
