"""关联清单页面的用语：徽标、页签、要素的显示。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from quanze.apps.catalog.domain.entry_content import shown_value
from quanze.apps.catalog.domain.items import CONTENT_LABELS
from quanze.apps.catalog.domain.list_types import ListType
from quanze.apps.catalog.selectors.derived import DerivedListView
from quanze.apps.catalog.web.presenting import type_label
from quanze.base.web.badges import Badge
from quanze.base.web.navigation import Tab
from quanze.core.actor import Actor

ENTRY_BADGES = {
    "draft": Badge("草稿", "neutral"),
    "frozen": Badge("审查中", "busy"),
    "published": Badge("现行", "done"),
    "ended": Badge("已终止", "refused"),
    "discarded": Badge("已放弃", "refused"),
}
DRIFT_BADGES = {
    "missing": Badge("应列未列", "soon"),
    "source_ended": Badge("依据已失效", "overdue"),
    "text_differs": Badge("继承的要素已变", "soon"),
    "source_changed": Badge("依据有新版本", "busy"),
    "looser": Badge("比上级放宽", "overdue"),
    "incomplete": Badge("依据或要素不齐", "soon"),
    "powerless": Badge("无权有责", "overdue"),
}
DERIVED_SUBMISSION_BADGES = {
    "in_review": Badge("审查中", "busy"),
    "returned": Badge("已退回", "soon"),
    "published": Badge("已公布", "done"),
    "refused": Badge("不予通过", "refused"),
    "withdrawn": Badge("已撤回", "neutral"),
}
KEEPERS = ("drafter", "establishment")


def may_keep(actor: Actor, body_id: int) -> bool:
    """可以编制这份清单。"""
    return (actor.body_id == body_id and actor.has("drafter")) or (
        actor.has("establishment") and actor.scope.covers(body_id)
    )


def may_submit(actor: Actor, body_id: int) -> bool:
    """可以把这份清单送审。"""
    return actor.body_id == body_id and actor.has("drafter")


def derived_tabs(view: DerivedListView, active: str) -> list[Tab]:
    """关联清单页的页签。"""
    return [
        Tab("条目", reverse("catalog:derived_list", args=[view.id]), count=view.entries, is_active=active == "entries"),
        Tab(
            "同步情况",
            reverse("catalog:derived_drift", args=[view.id]),
            count=None if view.drifting is None else view.drifting + (view.missing or 0),
            is_active=active == "drift",
        ),
        Tab("派生提议", reverse("catalog:derived_propose", args=[view.id]), is_active=active == "propose"),
        Tab("版次", reverse("catalog:derived_editions", args=[view.id]), is_active=active == "editions"),
        Tab("与上级清单比对", reverse("catalog:derived_alignment", args=[view.id]), is_active=active == "alignment"),
    ]


@dataclass(frozen=True, slots=True)
class ShownField:
    """一个要素：说法、值、从哪里来。"""

    label: str
    text: str
    origin: str = ""


def own_fields(kind: ListType, content: dict[str, Any], parent: dict[str, Any] | None = None) -> list[ShownField]:
    """自有要素，照声明的次序；没有写而上级写了的，照上级的。"""
    found = []
    for one in kind.fields:
        text, origin = shown_value(one, content.get(one.name)), ""
        if not text and one.tighten is not None and parent is not None:
            text = shown_value(one, parent.get(one.tighten.field))
            origin = "同上级" if text else ""
        found.append(ShownField(one.label, text, origin))
    return found


def inherited_fields(kind: ListType, values: dict[str, Any], parent: ListType | None) -> list[ShownField]:
    """继承的要素：来自事项，或来自上级条目。"""
    found = [
        ShownField(CONTENT_LABELS[name], _item_text(name, values.get(name)), "权责清单") for name in kind.inherited
    ]
    for name in kind.from_parent:
        field = parent.by_name.get(name) if parent is not None else None
        if field is not None and parent is not None:
            found.append(ShownField(field.label, shown_value(field, values.get(name)), parent.label))
    return found


def _item_text(name: str, value: Any) -> str:
    if name == "power_type":
        return type_label(str(value or ""))
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)


def period(valid_from: date | None, valid_to: date | None) -> str:
    """有效期的一句话。"""
    if valid_from is None:
        return "—"
    return f"{valid_from} 起" + (f"，至 {valid_to}" if valid_to else "")
