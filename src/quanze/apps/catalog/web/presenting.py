"""页面用语：页签、徽标、类型名称、字段对照，供各页面共用。What a page shows, computed from views of the selectors; no query of its own beyond the calendar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.timezone import localdate

from quanze.apps.catalog.domain.drafts import FieldChange
from quanze.apps.catalog.domain.items import CONTENT_LABELS, ItemContent
from quanze.apps.catalog.rules import REGISTRY
from quanze.apps.catalog.selectors.lists import ListView, VersionView
from quanze.apps.catalog.services.packs import power_types
from quanze.apps.org import public as org
from quanze.apps.workflow import public as workflow
from quanze.base.calendar.public import work_calendar
from quanze.base.links.public import DEAD, NOT_ASKED, OUTCOMES
from quanze.base.web.badges import Badge
from quanze.base.web.dates import DueView, due_view
from quanze.base.web.diffing import Segment, diff
from quanze.base.web.navigation import Tab

# Everybody whose work has to do with lists; the three administrators read no business content.
BUSINESS_ROLES = tuple(role for role in org.ROLE_LABELS if role in org.CONTENT_ROLES)
REVIEWING_ROLES = (
    "legal_section",
    "division_head",
    "deputy_head",
    "head",
    "publisher",
    "justice",
    "establishment",
    "review_group",
    "joint_meeting",
    "committee_secretary",
)

VERSION_BADGES = {
    "draft": Badge("草稿", "neutral"),
    "frozen": Badge("审查中", "busy"),
    "returned": Badge("已退回", "soon"),
    "published": Badge("已公布", "done"),
    "superseded": Badge("已被替代", "neutral"),
    "discarded": Badge("已放弃", "refused"),
}
SUBMISSION_BADGES = {
    "draft": Badge("待送审", "neutral"),
    "in_review": Badge("审查中", "busy"),
    "returned": Badge("已退回", "soon"),
    "published": Badge("已公布", "done"),
    "refused": Badge("不予通过", "refused"),
    "withdrawn": Badge("已撤回", "neutral"),
}
IMPORT_BADGES = {
    "uploaded": Badge("读取中", "busy"),
    "previewed": Badge("待确认", "soon"),
    "applied": Badge("已导入", "done"),
    "failed": Badge("读取失败", "overdue"),
    "cancelled": Badge("已放弃", "refused"),
}
MERGE_BADGES = {
    "open": Badge("待合并", "soon"),
    "merged": Badge("已合并", "done"),
    "declined": Badge("不合并", "neutral"),
    "superseded": Badge("已并入后一版", "neutral"),
}
DISCLOSURE_BADGES = {
    "pending": Badge("待公开", "busy"),
    "done": Badge("已公开", "done"),
    "excused": Badge("不适用", "neutral"),
    "superseded": Badge("已有新版", "neutral"),
}
MANDATE_LINK_BADGES = {
    "good": Badge("对应", "done"),
    "reworded": Badge("条文已改", "soon"),
    "orphaned": Badge("条文已没有", "overdue"),
}
GUIDE_BADGES = {
    "draft": Badge("草稿", "neutral"),
    "published": Badge("已公布", "done"),
    "discarded": Badge("已放弃", "refused"),
}
GUIDE_SITUATION_BADGES = {
    "missing": Badge("缺指南", "soon"),
    "guide": Badge("有简明指南", "done"),
    "hall": Badge("已进驻大厅", "neutral"),
}
LINK_BADGES = {
    code: Badge(label, "overdue" if code in DEAD else "neutral" if code in NOT_ASKED else "done")
    for code, label in OUTCOMES.items()
} | {"unchecked": Badge("还没有核查", "neutral")}
NONDISCLOSURE_BADGES = {
    "proposed": Badge("申请不公开", "soon"),
    "active": Badge("依法不公开", "busy"),
    "refused": Badge("不同意不公开", "refused"),
    "withdrawn": Badge("已撤回", "neutral"),
    "lifted": Badge("已恢复公开", "done"),
}
SEVERITY_LABELS = {"error": "必须改", "warning": "请核对", "info": "提示"}


def type_label(code: str) -> str:
    """职权类型的名称；未写为“未定”。"""
    return power_types().label(code)


def type_choices() -> list[tuple[str, str]]:
    """职权类型选项，按包内次序。"""
    return [(one.code, one.label) for one in power_types().types]


def state_choices() -> list[tuple[str, str]]:
    """事项版本状态选项（在编与现行）。"""
    return [(code, VERSION_BADGES[code].label) for code in ("draft", "frozen", "returned", "published")]


def rule_title(code: str) -> str:
    """规则名称；停用的代码照写。"""
    return REGISTRY.get(code).title if code in REGISTRY else code


def list_tabs(view: ListView, active: str) -> list[Tab]:
    """清单页的页签。"""
    in_force = view.in_force_items + view.in_force_subitems
    return [
        # All items of the list, those with a draft as drafted: the number being edited stands in the header, as a filter.
        Tab("编制稿", reverse("catalog:list", args=[view.id]), active == "working"),
        Tab("现行", reverse("catalog:list_in_force", args=[view.id]), active == "in_force", in_force),
        Tab("送审件", reverse("catalog:list_submissions", args=[view.id]), active == "submissions"),
        Tab("检查", reverse("catalog:list_check", args=[view.id]), active == "check"),
        Tab("导入", reverse("catalog:list_imports", args=[view.id]), active == "imports"),
        Tab("版次", reverse("catalog:list_editions", args=[view.id]), active == "editions"),
        Tab("公开", reverse("catalog:list_channels", args=[view.id]), active == "channels"),
        Tab("范本", reverse("catalog:list_base", args=[view.id]), active == "base"),
        *([] if view.is_base else [Tab("三定", reverse("catalog:list_mandate", args=[view.id]), active == "mandate")]),
    ]


@dataclass(frozen=True, slots=True)
class DiffRow:
    """一个字段的对照：名称、各段、是否有改动。"""

    field: str
    label: str
    segments: tuple[Segment, ...]
    is_changed: bool = True


def _words(field: str, text: str) -> str:
    return type_label(text) if field == "power_type" and text else text


def diff_rows(changes: Iterable[FieldChange]) -> list[DiffRow]:
    """逐字段、逐字对照。"""
    return [
        DiffRow(one.field, one.label, diff(_words(one.field, one.old), _words(one.field, one.new))) for one in changes
    ]


# Fields of an item in the groups in which people read them.
BASIC_FIELDS = (
    "seq",
    "power_code",
    "name",
    "power_type",
    "node_kind",
    "exercising_body",
    "responsible_body",
    "authority_source",
    "lead_division",
    "assists",
    "exercise_level",
    "level_split",
    "target",
    "legal_limit_days",
    "promised_limit_days",
    "limit_note",
    "has_fee",
    "guide_url",
    "hotline",
    "remedy",
    "plain_summary",
    "is_local_addition",
    "addition_reason",
    "is_city_set",
    "remark",
)
DUTY_FIELDS = ("duties", "duty_text", "duty_basis_text", "accountability_cases", "accountability_text")


@dataclass(frozen=True, slots=True)
class FieldText:
    """一个字段的名称与可读文字。"""

    field: str
    label: str
    text: str


def field_texts(content: ItemContent, fields: Sequence[str], *, only_filled: bool = False) -> list[FieldText]:
    """字段的可读文字，按给定次序。"""
    from quanze.apps.catalog.domain.drafts import readable

    found = [
        FieldText(field, CONTENT_LABELS[field], _words(field, readable(content, field)))
        for field in fields
        if field in CONTENT_LABELS
    ]
    return [one for one in found if one.text] if only_filled else found


def version_label(version: VersionView) -> str:
    """版本的叫法：第 3 版（已公布）、草稿。"""
    label = VERSION_BADGES[version.state].label
    return f"第 {version.number} 版（{label}）" if version.number else label


def step_due(step: workflow.StepView, *, today: date | None = None) -> DueView:
    """步骤期限的显示。"""
    return due_view(
        step.due_on,
        work_calendar(),
        today or localdate(),
        projected=step.due_is_projected,
        done_on=step.decided_at,
    )
