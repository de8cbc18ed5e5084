"""审查的读取：程序、案卷、待办、已办、我发起的。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.db.models import Q, QuerySet

from quanze.apps.workflow.domain import CASE_FLOW, STEP_FLOW, ItemOpinion, Procedure, StepDefinition, parse_procedure
from quanze.apps.workflow.models import Case, CaseStep, OpinionDraft, OpinionPhrase, StepItem
from quanze.core.actor import Actor, Scope
from quanze.core.errors import Conflict, InvalidInput, NotFound

_PACKS = Path(__file__).with_name("packs")


@lru_cache(maxsize=1)
def procedures() -> dict[str, Procedure]:
    """全部审查程序，按代码。"""
    found = [
        parse_procedure(yaml.safe_load(path.read_text("utf-8")))
        for path in sorted((_PACKS / "procedures").glob("*.yaml"))
    ]
    return {procedure.code: procedure for procedure in found}


def procedure(code: str) -> Procedure:
    """某一审查程序；未知代码列出可用者。"""
    try:
        return procedures()[code]
    except KeyError:
        raise InvalidInput(
            f"没有审查程序“{code}”", hint=f"可用程序：{'、'.join(procedures())}。", code="procedure_unknown"
        ) from None


@lru_cache(maxsize=1)
def _shared_phrases() -> dict[str, list[str]]:
    phrases: dict[str, list[str]] = yaml.safe_load((_PACKS / "phrases.yaml").read_text("utf-8"))
    return phrases


def phrases_for(*, actor: Actor, step_kind: str) -> list[str]:
    """常用意见：自己的在前，通用的在后。"""
    own = (
        list(OpinionPhrase.objects.filter(user_id=actor.user_id).values_list("text", flat=True))
        if actor.user_id
        else []
    )
    return own + [text for text in _shared_phrases().get(step_kind, []) if text not in own]


def stored_procedure(case: Case) -> Procedure:
    """案卷开立时的程序。"""
    return parse_procedure(case.procedure)


def procedure_as_json(value: Procedure) -> dict[str, Any]:
    """存入案卷的程序全文。What a step requires is kept as pairs: PostgreSQL reorders the keys of an object."""
    data = asdict(value)
    data["steps"] = [{**step, "requires": [*step["requires"].items()]} for step in data["steps"]]
    return data


@dataclass(frozen=True, slots=True)
class StepView:
    """审查步骤，含逐项意见。"""

    id: int
    round_no: int
    ordinal: int
    code: str
    label: str
    kind: str
    role: str
    assignee_body_id: int
    assignee_body_name: str
    state: str
    state_label: str
    opened_at: datetime
    due_on: date
    due_is_projected: bool
    decided_at: datetime | None
    decided_by_id: int | None
    decided_by_name: str
    decided_by_post: str
    opinion: str
    details: Mapping[str, str]
    is_from_paper: bool
    paper_signed_by: str
    paper_file_id: int | None
    opinions: Mapping[int, ItemOpinion]


@dataclass(frozen=True, slots=True)
class CaseView:
    """审查案卷：对象、程序、状态、步骤时间线。``current`` is None once closed or returned."""

    id: int
    subject_kind: str
    subject_id: int
    subject_label: str
    body_id: int
    body_name: str
    procedure: Procedure
    state: str
    state_label: str
    round_no: int
    item_ids: tuple[int, ...]
    focus_ids: tuple[int, ...]
    author_ids: tuple[int, ...]
    opened_by_id: int
    opened_by_name: str
    opened_at: datetime
    closed_at: datetime | None
    lock_version: int
    steps: tuple[StepView, ...]

    @property
    def current(self) -> StepView | None:
        return next((step for step in self.steps if step.state in ("pending", "waiting")), None)

    @property
    def current_definition(self) -> StepDefinition | None:
        step = self.current
        return None if step is None else self.procedure.steps[step.ordinal]


@dataclass(frozen=True, slots=True)
class TaskView:
    """待办一条：步骤、对象、机构、期限。"""

    step_id: int
    case_id: int
    subject_kind: str
    subject_id: int
    subject_label: str
    body_name: str
    step_label: str
    step_kind: str
    state: str
    opened_at: datetime
    due_on: date
    due_is_projected: bool
    decided_at: datetime | None
    opened_by_name: str
    items: int


def _step_view(row: CaseStep, *, with_items: bool = True) -> StepView:
    return StepView(
        id=row.pk,
        round_no=row.round_no,
        ordinal=row.ordinal,
        code=row.code,
        label=row.label,
        kind=row.kind,
        role=row.role,
        assignee_body_id=row.assignee_body_id,
        assignee_body_name=row.assignee_body_name,
        state=row.state,
        state_label=STEP_FLOW.states[row.state],
        opened_at=row.opened_at,
        due_on=row.due_on,
        due_is_projected=row.due_is_projected,
        decided_at=row.decided_at,
        decided_by_id=row.decided_by_id,
        decided_by_name=row.decided_by_name,
        decided_by_post=row.decided_by_post,
        opinion=row.opinion,
        details=row.details,
        is_from_paper=row.is_from_paper,
        paper_signed_by=row.paper_signed_by,
        paper_file_id=row.paper_file_id,
        opinions={item.item_id: ItemOpinion(item.verdict, item.opinion) for item in row.items.all()}
        if with_items
        else {},
    )


def case_view(row: Case, *, with_items: bool = True) -> CaseView:
    """案卷全貌；列表不取逐项意见。"""
    return CaseView(
        id=row.pk,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        subject_label=row.subject_label,
        body_id=row.body_id,
        body_name=row.body_name,
        procedure=stored_procedure(row),
        state=row.state,
        state_label=CASE_FLOW.states[row.state],
        round_no=row.round_no,
        item_ids=tuple(row.item_ids),
        focus_ids=tuple(row.focus_ids),
        author_ids=tuple(row.author_ids),
        opened_by_id=row.opened_by_id,
        opened_by_name=row.opened_by_name,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        lock_version=row.lock_version,
        steps=tuple(_step_view(step, with_items=with_items) for step in row.steps.all()),
    )


def _reached(actor: Actor) -> QuerySet[CaseStep]:
    """到过本机构、由本人职责办理的步骤。A colleague without that duty has no business with another body's drafts."""
    if actor.body_id is None:
        return CaseStep.objects.none()
    return CaseStep.objects.filter(assignee_body_id=actor.body_id, role__in=actor.roles)


def _visible(actor: Actor) -> Q:
    """看得见的案卷：本范围机构送审的，或曾到过自己职责步骤的。"""
    if actor.scope.is_all:
        return Q()
    return Q(body_id__in=actor.scope.body_ids) | Q(pk__in=_reached(actor).values("case_id"))


def case_by_subject(*, subject_kind: str, subject_id: int, actor: Actor) -> CaseView | None:
    """对象最近的案卷；看不见的答为没有。"""
    rows = Case.objects.filter(_visible(actor), subject_kind=subject_kind, subject_id=subject_id)
    row = rows.prefetch_related("steps__items").order_by("-id").first()
    return None if row is None else case_view(row)


def cases_closed(
    *, subject_kind: str, body_ids: Sequence[int], start: datetime, end: datetime, scope: Scope
) -> list[CaseView]:
    """某段时间 [start, end) 内办结（通过）的案卷，供评估程序是否完整。"""
    rows = Case.objects.filter(
        subject_kind=subject_kind, body_id__in=list(body_ids), state="passed", closed_at__gte=start, closed_at__lt=end
    )
    if not scope.is_all:
        rows = rows.filter(body_id__in=scope.body_ids)
    return [case_view(row) for row in rows.prefetch_related("steps__items").order_by("id")]


def cases_open(*, subject_kind: str, body_ids: Sequence[int], scope: Scope) -> list[CaseView]:
    """在办的案卷。"""
    rows = Case.objects.filter(subject_kind=subject_kind, body_id__in=list(body_ids), state="open")
    if not scope.is_all:
        rows = rows.filter(body_id__in=scope.body_ids)
    return [case_view(row) for row in rows.prefetch_related("steps__items").order_by("id")]


def cases_waiting_at(*, subject_kind: str, step_kind: str, actor: Actor) -> list[CaseView]:
    """等在某种步骤（如会议）、由本机构办理的案卷，先到者在前；看不见的不在其中。Two queries, whatever the number."""
    if actor.body_id is None:
        return []
    steps = CaseStep.objects.filter(kind=step_kind, assignee_body_id=actor.body_id, state__in=["pending", "waiting"])
    rows = Case.objects.filter(_visible(actor), subject_kind=subject_kind, state="open", steps__in=steps)
    return [case_view(row, with_items=False) for row in rows.prefetch_related("steps").order_by("id")]


def current_step(*, subject_kind: str, subject_id: int, actor: Actor) -> StepView | None:
    """对象现在到了哪一步；办结、退回或看不见时没有。Lighter than the whole case."""
    rows = CaseStep.objects.filter(
        case__in=Case.objects.filter(_visible(actor), subject_kind=subject_kind, subject_id=subject_id, state="open"),
        state__in=["pending", "waiting"],
    )
    row = rows.first()
    return None if row is None else _step_view(row)


def case_for_update(*, case_id: int, actor: Actor, seen_version: int) -> Case:
    """锁定案卷；看不见的答为没有，已被他人改动的答为冲突。"""
    row = Case.objects.select_for_update().filter(_visible(actor), pk=case_id).first()
    if row is None:
        raise NotFound("没有这个案卷", hint="请从待办中打开。")
    if row.lock_version != seen_version:
        raise Conflict("案卷在您打开之后已有新的办理", hint="请刷新页面，查看最新意见后再办。")
    return row


def case_seen(*, case_id: int, actor: Actor) -> Case:
    """看得见的案卷；看不见的答为没有。"""
    row = Case.objects.filter(_visible(actor), pk=case_id).first()
    if row is None:
        raise NotFound("没有这个案卷", hint="请从待办中打开。")
    return row


@dataclass(frozen=True, slots=True)
class OpinionDraftView:
    """本人的未决意见。"""

    opinion: str
    items: Mapping[int, ItemOpinion]
    details: Mapping[str, str]
    saved_at: datetime


def opinion_draft(*, actor: Actor, step_id: int) -> OpinionDraftView | None:
    """本人在这一步写下而未决定的意见；别人的谁也看不见。"""
    row = OpinionDraft.objects.filter(step_id=step_id, user_id=actor.user_id).first() if actor.user_id else None
    if row is None:
        return None
    items = {int(item_id): ItemOpinion(*given) for item_id, given in row.items.items()}
    return OpinionDraftView(row.opinion, items, row.details, row.saved_at)


def sees_subject(*, subject_kind: str, subject_id: int, actor: Actor) -> bool:
    """是否因审查职责而可见此对象。"""
    return _reached(actor).filter(case__subject_kind=subject_kind, case__subject_id=subject_id).exists()


def _task(row: CaseStep) -> TaskView:
    return TaskView(
        step_id=row.pk,
        case_id=row.case_id,
        subject_kind=row.case.subject_kind,
        subject_id=row.case.subject_id,
        subject_label=row.case.subject_label,
        body_name=row.case.body_name,
        step_label=row.label,
        step_kind=row.kind,
        state=row.state,
        opened_at=row.opened_at,
        due_on=row.due_on,
        due_is_projected=row.due_is_projected,
        decided_at=row.decided_at,
        opened_by_name=row.case.opened_by_name,
        items=len(row.case.item_ids),
    )


def _pending(actor: Actor) -> QuerySet[CaseStep]:
    return _reached(actor).filter(state__in=["pending", "waiting"]).select_related("case")


def tasks_for(actor: Actor, *, text: str = "", limit: int = 200) -> list[TaskView]:
    """待办：本机构、本人角色可办的步骤，期限近者在前。起草人看不到自己起草的。"""
    rows = _pending(actor).order_by("due_on", "id")
    if text:
        rows = rows.filter(Q(case__subject_label__icontains=text) | Q(case__body_name__icontains=text))
    return [_task(row) for row in rows[:limit] if actor.person_ids.isdisjoint(row.case.author_ids)]


def task_count(actor: Actor) -> int:
    """待办件数。"""
    return len(tasks_for(actor))


def done_by(actor: Actor, *, limit: int = 200) -> list[TaskView]:
    """已办：本人办过的步骤，新者在前。"""
    rows = CaseStep.objects.filter(decided_by_id=actor.user_id).exclude(decided_by_id=None).select_related("case")
    return [_task(row) for row in rows.order_by("-decided_at", "-id")[:limit]]


def opened_by(actor: Actor, *, limit: int = 200) -> list[CaseView]:
    """我发起的：本人送审的案卷，新者在前，不含逐项意见（成百事项的案卷在列表里用不着）。"""
    if actor.user_id is None:
        return []
    rows = Case.objects.filter(opened_by_id=actor.user_id).prefetch_related("steps").order_by("-id")
    return [case_view(row, with_items=False) for row in rows[:limit]]


def item_opinions(item_ids: Sequence[int]) -> dict[int, list[tuple[str, str, ItemOpinion, datetime | None]]]:
    """各事项历次意见：步骤名称、办理人、意见、时间；撤回了的不再是意见。"""
    found: dict[int, list[tuple[str, str, ItemOpinion, datetime | None]]] = {}
    rows = StepItem.objects.filter(item_id__in=list(item_ids)).exclude(verdict="").exclude(step__state="recalled")
    for row in rows.select_related("step").order_by("id"):
        found.setdefault(row.item_id, []).append(
            (row.step.label, row.step.decided_by_name, ItemOpinion(row.verdict, row.opinion), row.step.decided_at)
        )
    return found
