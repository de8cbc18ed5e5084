"""编制与审查接口的答复形式。"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from quanze.apps.catalog.api.content import as_json
from quanze.apps.catalog.selectors.lists import VersionView
from quanze.apps.catalog.selectors.submissions import SubmissionView


class WorkList(Schema):
    """清单：现行与在编数量、当前版次、未办结的送审件。"""

    id: int = Field(description="清单编号")
    body_id: int = Field(description="机构编号")
    body_name: str = Field(description="机构名称")
    list_type: str = Field(description="清单类型")
    template: str = Field(description="清单模板")
    procedure: str = Field(description="审查程序")
    in_force_items: int = Field(description="现行主项与单项数")
    in_force_subitems: int = Field(description="现行子项数")
    working: int = Field(description="在编事项数")
    edition_number: int | None = Field(None, description="当前版次")
    document_number: str = Field("", description="文号")
    open_submission_id: int | None = Field(None, description="未办结的送审件")


class WorkLists(Schema):
    """看得见的清单。"""

    lists: list[WorkList]


class WorkItemRow(Schema):
    """事项一行；``state`` 为所示版本的状态。"""

    item_id: int = Field(description="事项编号")
    code: str = Field(description="事项标识")
    parent_id: int | None = Field(None, description="主项编号")
    version_id: int = Field(description="版本编号")
    state: str = Field(description="版本状态")
    name: str = Field(description="事项名称")
    power_type: str = Field(description="职权类型")
    power_code: str = Field(description="职权编码")
    node_kind: str = Field(description="主项/子项")
    lead_division: str = Field(description="承办机构")
    valid_from: date | None = Field(None, description="施行日期")
    valid_to: date | None = Field(None, description="失效日期")
    errors: int = Field(description="错误数")
    warnings: int = Field(description="警告数")
    is_ending: bool = Field(description="是否拟取消")


class WorkItemPage(Schema):
    """一页事项；``next_after`` 为空表示到底。"""

    items: list[WorkItemRow]
    next_after: str


class Version(Schema):
    """事项版本；草稿的 ``lock_version`` 即 ETag。"""

    id: int = Field(description="版本编号")
    item_id: int = Field(description="事项编号")
    item_code: str = Field(description="事项标识")
    list_id: int = Field(description="清单编号")
    body_name: str = Field(description="机构名称")
    state: str = Field(description="状态")
    number: int | None = Field(None, description="版本号，公布时编")
    name: str = Field(description="事项名称")
    valid_from: date | None = Field(None, description="施行日期")
    valid_to: date | None = Field(None, description="失效日期")
    change_note: str = Field(description="变更说明")
    author_name: str = Field(description="最近的起草人")
    updated_at: datetime = Field(description="最近修改时间")
    content_hash: str = Field(description="内容摘要")
    lock_version: int = Field(description="修改次数")
    content: dict[str, Any] = Field(description="全部要素，字段名与提交时相同")


class WorkItem(Schema):
    """事项的全部版本，新者在前。"""

    item_id: int = Field(description="事项编号")
    code: str = Field(description="事项标识")
    versions: list[Version]


class FindingOut(Schema):
    """一条检查发现。"""

    id: int = Field(description="编号，重新检查后会变")
    item_id: int | None = Field(None, description="事项编号；为空是对整份清单")
    item_name: str = Field(description="事项名称")
    version_id: int | None = Field(None, description="版本编号")
    code: str = Field(description="规则代码")
    severity: str = Field(description="error、warning 或 info")
    field: str = Field(description="要素")
    message: str = Field(description="问题")
    evidence: str = Field(description="所据文字")
    suggestion: str = Field(description="建议")


class Findings(Schema):
    """清单的检查发现；``is_stale`` 表示检查之后清单又有改动。"""

    checked_at: datetime | None = Field(None, description="检查时间")
    is_stale: bool = Field(description="是否可能过时")
    findings: list[FindingOut]


class SubmissionRowOut(Schema):
    """送审件一行。"""

    id: int = Field(description="送审件编号")
    list_id: int = Field(description="清单编号")
    title: str = Field(description="标题")
    body_name: str = Field(description="送审机构")
    state: str = Field(description="状态")
    state_label: str = Field(description="状态名称")
    items: int = Field(description="事项数")
    returned: int = Field(description="退回的事项数")
    created_by_name: str = Field(description="送审人")
    created_at: datetime = Field(description="送审时间")


class Submissions(Schema):
    """送审件，新者在前。"""

    submissions: list[SubmissionRowOut]


class StepOut(Schema):
    """审查步骤。"""

    label: str = Field(description="步骤")
    kind: str = Field(description="种类：review 审查，sign 签批，meeting 会议，issue 印发")
    body_name: str = Field(description="办理机构")
    role: str = Field(description="办理角色")
    state: str = Field(description="状态")
    due_on: date = Field(description="办理期限")
    requires: dict[str, str] = Field(default_factory=dict, description="通过时必填的要素：名称 → 说明")


class EntryOut(Schema):
    """送审事项。"""

    id: int = Field(description="送审事项编号，逐项表态时用")
    item_id: int = Field(description="事项编号")
    item_code: str = Field(description="事项标识")
    name: str = Field(description="事项名称")
    action: str = Field(description="add 新增、change 变更、cancel 取消")
    outcome: str = Field(description="结果")
    version_id: int | None = Field(None, description="送审版本编号")
    finding_count: int = Field(description="检查发现数")
    is_in_view: bool = Field(description="本步是否在看")
    changes: list[dict[str, str]] = Field(description="逐要素对照：label、old、new")


class SubmissionOut(Schema):
    """送审件全貌；``lock_version`` 即 ETag，办理与撤回时放进 If-Match。"""

    id: int = Field(description="送审件编号")
    list_id: int = Field(description="清单编号")
    title: str = Field(description="标题")
    note: str = Field(description="说明")
    body_name: str = Field(description="送审机构")
    state: str = Field(description="状态")
    state_label: str = Field(description="状态名称")
    lock_version: int = Field(description="案卷的修改次数")
    decided_steps: int = Field(description="已办的步骤数")
    current: StepOut | None = Field(None, description="当前步骤")
    entries: list[EntryOut] = Field(description="送审事项")
    edition_id: int | None = Field(None, description="公布的版次")


class TaskOut(Schema):
    """待办一条。"""

    submission_id: int = Field(description="送审件编号")
    title: str = Field(description="标题")
    body_name: str = Field(description="送审机构")
    step_label: str = Field(description="步骤")
    step_kind: str = Field(description="步骤种类")
    due_on: date = Field(description="办理期限")
    items: int = Field(description="事项数")


class Tasks(Schema):
    """本人待办，期限近者在前。"""

    tasks: list[TaskOut]


class OutcomeOut(Schema):
    """办理结果。"""

    submission_id: int = Field(description="送审件编号")
    case_state: str = Field(description="案卷状态：open、returned、refused、passed")
    step_code: str = Field(description="办的是哪一步")
    verb: str = Field(description="怎么办的")
    next_label: str = Field("", description="下一步")
    next_body_name: str = Field("", description="下一步的办理机构")
    next_due_on: date | None = Field(None, description="下一步的期限")


class Created(Schema):
    """建立的对象。"""

    id: int = Field(description="编号")


def version_json(view: VersionView) -> dict[str, Any]:
    """版本 → JSON。"""
    plain = {name: getattr(view, name) for name in Version.model_fields if name not in ("content", "name")}
    return {**plain, "name": view.content.name, "content": as_json(view.content)}


def submission_json(view: SubmissionView) -> dict[str, Any]:
    """送审件 → JSON。"""
    case = view.case
    step = case.current if case else None
    definition = case.current_definition if case else None
    return {
        "id": view.id,
        "list_id": view.row.list_id,
        "title": view.row.title,
        "note": view.note,
        "body_name": view.row.body_name,
        "state": view.row.state,
        "state_label": view.row.state_label,
        "lock_version": case.lock_version if case else 0,
        "decided_steps": sum(one.decided_at is not None for one in case.steps) if case else 0,
        "current": None
        if step is None
        else {
            "label": step.label,
            "kind": step.kind,
            "body_name": step.assignee_body_name,
            "role": step.role,
            "state": step.state,
            "due_on": step.due_on,
            "requires": dict(definition.requires) if definition else {},
        },
        "entries": [
            {
                "id": one.id,
                "item_id": one.item_id,
                "item_code": one.item_code,
                "name": one.name,
                "action": one.action,
                "outcome": one.outcome,
                "version_id": one.new.id if one.new else None,
                "finding_count": one.finding_count,
                "is_in_view": one.is_in_view,
                "changes": [{"label": c.label, "old": c.old, "new": c.new} for c in one.changes],
            }
            for one in view.entries
        ],
        "edition_id": view.edition_id,
    }
