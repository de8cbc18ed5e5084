"""审查办理：开立案卷、通过、退回、不予通过、重新送审、撤回、撤回意见。暂停计时见 ``pausing``，未决意见见 ``noting``。

The subject's owner calls these inside its own transaction and applies the outcome to the subject.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from quanze.apps.workflow import domain, selectors
from quanze.apps.workflow.domain import CASE_FLOW, STEP_FLOW, ItemOpinion
from quanze.apps.workflow.models import Case, CaseStep, OpinionDraft
from quanze.apps.workflow.services.casework import bump, open_step, subject_of
from quanze.apps.workflow.services.opening import require_assignees, step_open, tell
from quanze.base.audit import public as audit
from quanze.base.calendar import public as calendar
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput, NotPermitted, WrongState

for _code, _label in {
    "workflow.case.opened": "送审",
    "workflow.step.passed": "审查通过",
    "workflow.step.returned": "退回修改",
    "workflow.step.refused": "不予通过",
    "workflow.step.recalled": "撤回意见",
    "workflow.case.resubmitted": "重新送审",
    "workflow.case.withdrawn": "撤回送审",
}.items():
    audit.register_action(_code, _label)


@dataclass(frozen=True, slots=True)
class CaseSubject:
    """送审对象：种类、编号、名称、机构。"""

    kind: str
    id: int
    label: str
    body_id: int
    body_name: str


@dataclass(frozen=True, slots=True)
class PaperDecision:
    """纸质签批：签批人、日期、扫描件。经办人据此登记，记录写明是登记。"""

    signed_by: str
    signed_on: date
    file_id: int | None = None


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """一步办完之后：案卷状态、办的是哪一步、退回了哪些事项、决定要素、下一步。"""

    case_id: int
    case_state: str
    step_code: str
    step_kind: str
    verb: str
    returned_item_ids: tuple[int, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
    next_label: str = ""
    next_body_name: str = ""
    next_due_on: date | None = None


@transaction.atomic
def case_open(
    *,
    actor: Actor,
    subject: CaseSubject,
    procedure_code: str,
    item_ids: Sequence[int],
    author_ids: Sequence[int],
    now: datetime,
) -> StepOutcome:
    """送审：开立案卷，到达第一步。一个对象同时只有一个未办结的案卷。"""
    if not item_ids:
        raise InvalidInput("没有可送审的事项", hint="请先编制或修改事项。", code="no_items")
    if actor.user_id is None:
        raise NotPermitted("送审必须由具体的人办理", hint="请登录后办理。")
    if Case.objects.filter(subject_kind=subject.kind, subject_id=subject.id, state__in=["open", "returned"]).exists():
        raise WrongState(f"“{subject.label}”已在审查中", hint="请先办结或撤回现有的审查。")
    procedure = selectors.procedure(procedure_code)
    require_assignees(procedure, subject.body_id)
    case = Case.objects.create(
        subject_kind=subject.kind,
        subject_id=subject.id,
        subject_label=subject.label,
        body_id=subject.body_id,
        body_name=subject.body_name,
        procedure_code=procedure.code,
        procedure_version=procedure.version,
        procedure=selectors.procedure_as_json(procedure),
        item_ids=list(item_ids),
        author_ids=sorted(set(author_ids)),
        opened_by_id=actor.user_id,
        opened_by_name=actor.name,
        opened_at=now,
    )
    step = step_open(case, procedure, 0, now=now)
    audit.record(
        actor=actor,
        action="workflow.case.opened",
        subject=subject_of(case),
        after={"procedure": procedure.code, "items": len(item_ids), "step": step.label, "due_on": step.due_on},
        versions=_versions(case, step),
        now=now,
    )
    return _outcome(case, step, "open", next_step=step)


def _outcome(
    case: Case,
    step: CaseStep,
    verb: str,
    *,
    returned: Sequence[int] = (),
    next_step: CaseStep | None = None,
) -> StepOutcome:
    return StepOutcome(
        case_id=case.pk,
        case_state=case.state,
        step_code=step.code,
        step_kind=step.kind,
        verb=verb,
        returned_item_ids=tuple(returned),
        details=step.details,
        next_label=next_step.label if next_step else "",
        next_body_name=next_step.assignee_body_name if next_step else "",
        next_due_on=next_step.due_on if next_step else None,
    )


@transaction.atomic
def step_decide(
    *,
    actor: Actor,
    case_id: int,
    seen_version: int,
    verb: str,
    opinion: str = "",
    item_opinions: Mapping[int, ItemOpinion] | None = None,
    details: Mapping[str, str] | None = None,
    paper: PaperDecision | None = None,
    now: datetime,
) -> StepOutcome:
    """办理当前步骤：pass 通过、send_back 退回、refuse 不予通过。顺序不可跳越，起草人不得审查。"""
    if verb not in ("pass", "send_back", "refuse"):
        raise InvalidInput(f"没有“{verb}”这种办理方式", hint="可用：pass、send_back、refuse。", code="verb_unknown")
    case = selectors.case_for_update(case_id=case_id, actor=actor, seen_version=seen_version)
    step = open_step(case, actor)
    procedure = selectors.stored_procedure(case)
    definition = procedure.steps[step.ordinal]
    opinions = dict(item_opinions or {})
    in_view = list(step.items.values_list("item_id", flat=True))
    if not opinions.keys() <= set(in_view):
        raise InvalidInput("逐项意见中有不在本步的事项", hint="请刷新页面后再办。", code="item_not_in_step")
    domain.require_reviewer_is_not_author(person_ids=actor.person_ids, author_ids=case.author_ids)
    transition = STEP_FLOW.decide(step.state, verb, roles=actor.roles, reason=opinion or _joined(opinions))
    returned: tuple[int, ...] = ()
    if verb == "pass":
        if any(o.verdict == "return" for o in opinions.values()):
            raise InvalidInput(
                "有标为退回的事项，不能整体通过",
                hint="请改选“退回修改”，或把该事项改为同意。",
                code="return_within_pass",
            )
        domain.require_details(definition, details or {})
    elif verb == "send_back":
        returned = domain.returned_items(in_view, opinions)
        if not opinions and not opinion.strip():
            raise InvalidInput("退回必须写明理由", hint="请写明退回理由。", code="reason_required")

    step.state = transition.target
    step.decided_at = now
    step.decided_by_id = actor.user_id
    step.decided_by_name = actor.name
    step.decided_by_post = actor.post
    step.opinion = opinion
    step.details = {key: str(value) for key, value in (details or {}).items()}
    if paper is not None:
        step.is_from_paper = True
        step.paper_signed_by = paper.signed_by
        step.paper_signed_on = paper.signed_on
        step.paper_file_id = paper.file_id
    step.save()
    _store_opinions(step, verb, opinions, returned)
    OpinionDraft.objects.filter(step=step).delete()

    next_step: CaseStep | None = None
    if verb == "pass" and step.ordinal + 1 < len(procedure.steps):
        CASE_FLOW.decide(case.state, "advance", roles=actor.roles)
        if step.ordinal >= case.focus_until:
            case.focus_ids, case.focus_until = [], -1
        next_step = step_open(case, procedure, step.ordinal + 1, now=now)
        bump(case, "focus_ids", "focus_until")
    else:
        case_verb = {"pass": "complete", "send_back": "send_back", "refuse": "refuse"}[verb]
        case.state = CASE_FLOW.decide(case.state, case_verb, roles=actor.roles).target
        case.focus_ids = list(returned)
        case.focus_until = step.ordinal if returned else -1
        case.closed_at = now if case.state in ("passed", "refused") else None
        bump(case, "state", "focus_ids", "focus_until", "closed_at")
        _tell_outcome(case, step, actor=actor, now=now)
    audit.record(
        actor=actor,
        action=f"workflow.step.{transition.target}",
        subject=subject_of(case),
        after={
            "step": step.label,
            "round": step.round_no,
            "returned": list(returned),
            "details": step.details,
            "paper_signed_by": step.paper_signed_by,
            "next": next_step.label if next_step else "",
        },
        reason=opinion or _joined(opinions),
        versions=_versions(case, next_step),
        now=now,
    )
    return _outcome(case, step, verb, returned=returned, next_step=next_step)


def _versions(case: Case, due_step: CaseStep | None) -> dict[str, object]:
    """所据的审查程序；算了期限的，还有所据的工作日历。"""
    used: dict[str, object] = {"procedure": f"{case.procedure_code}/{case.procedure_version}"}
    if due_step is not None:
        used["calendar"] = {
            "token": calendar.calendar_token() or "shipped",
            "years": {str(due_step.due_on.year): "projected" if due_step.due_is_projected else "published"},
        }
    return used


def _tell_outcome(case: Case, step: CaseStep, *, actor: Actor, now: datetime) -> None:
    """退回、不予通过或办结：告知送审人、起草人与先前各步的办理人。"""
    deciders = case.steps.exclude(decided_by_id=None).values_list("decided_by_id", flat=True)
    concerned = {case.opened_by_id, *case.author_ids, *(user_id for user_id in deciders if user_id is not None)}
    text = f"{case.body_name}“{case.subject_label}”在“{step.label}”{CASE_FLOW.states[case.state]}"
    tell(case, sorted(concerned - {actor.user_id}), text, now=now)


def _joined(opinions: Mapping[int, ItemOpinion]) -> str:
    return "；".join(o.opinion for o in opinions.values() if o.opinion.strip())


def _store_opinions(step: CaseStep, verb: str, opinions: Mapping[int, ItemOpinion], returned: Sequence[int]) -> None:
    """逐项意见落库。Most items of a step say the same, so what is common goes in one statement."""
    everyone = "return" if verb == "refuse" else "accept"
    step.items.update(verdict=everyone, opinion="")
    for row in step.items.filter(item_id__in={*returned, *opinions}):
        given = opinions.get(row.item_id)
        row.verdict = "return" if row.item_id in returned else everyone
        row.opinion = given.opinion if given else ""
        row.save(update_fields=["verdict", "opinion"])


@transaction.atomic
def case_resubmit(
    *,
    actor: Actor,
    case_id: int,
    seen_version: int,
    item_ids: Sequence[int] | None = None,
    author_ids: Sequence[int] = (),
    note: str = "",
    now: datetime,
) -> StepOutcome:
    """重新送审：只看退回的事项；从退回的那一步继续，或按程序从第一步重走。``author_ids`` 为改稿的人，同样不得审查。"""
    case = selectors.case_for_update(case_id=case_id, actor=actor, seen_version=seen_version)
    if actor.body_id != case.body_id:
        raise NotPermitted("只有送审机构能重新送审", hint="请由送审机构的起草人办理。")
    case.state = CASE_FLOW.decide(case.state, "resubmit", roles=actor.roles).target
    if item_ids is not None:
        case.item_ids = list(item_ids)
        case.focus_ids = [item for item in case.focus_ids if item in set(item_ids)]
    procedure = selectors.stored_procedure(case)
    case.round_no += 1
    ordinal = 0 if procedure.edit_voids_earlier else max(case.focus_until, 0)
    case.author_ids = sorted({*case.author_ids, *author_ids, *actor.person_ids})
    bump(case, "state", "item_ids", "focus_ids", "round_no", "author_ids")
    step = step_open(case, procedure, ordinal, now=now)
    audit.record(
        actor=actor,
        action="workflow.case.resubmitted",
        subject=subject_of(case),
        after={"round": case.round_no, "items": list(case.focus_ids), "step": step.label, "due_on": step.due_on},
        reason=note,
        now=now,
    )
    return _outcome(case, step, "resubmit", next_step=step)


@transaction.atomic
def case_withdraw(*, actor: Actor, case_id: int, seen_version: int, reason: str = "", now: datetime) -> StepOutcome:
    """撤回送审：第一步尚未办理，或已退回时，送审机构可撤回。"""
    case = selectors.case_for_update(case_id=case_id, actor=actor, seen_version=seen_version)
    if actor.body_id != case.body_id:
        raise NotPermitted("只有送审机构能撤回送审", hint="请由送审机构的起草人办理。")
    target = CASE_FLOW.decide(case.state, "withdraw", roles=actor.roles).target
    acted = case.steps.filter(decided_at__isnull=False, state__in=["passed", "returned"]).order_by("id").first()
    if case.state == "open" and acted is not None:
        raise WrongState(
            f"“{acted.label}”已由{acted.decided_by_name}办理，不能再撤回送审",
            hint="送审后、第一步办理之前可以撤回；现在请联系正在办理的机构退回，退回后可以撤回。",
            code="already_acted",
        )
    last = case.steps.filter(state__in=["pending", "waiting"]).first() or case.steps.order_by("-id")[0]
    if last.state in ("pending", "waiting"):
        last.state = STEP_FLOW.decide(last.state, "void", roles=actor.roles).target
        last.save(update_fields=["state"])
    case.state, case.closed_at = target, now
    bump(case, "state", "closed_at")
    audit.record(actor=actor, action="workflow.case.withdrawn", subject=subject_of(case), reason=reason, now=now)
    return _outcome(case, last, "withdraw")


@transaction.atomic
def step_recall(*, actor: Actor, case_id: int, seen_version: int, reason: str, now: datetime) -> StepOutcome:
    """撤回意见：自己机构刚办的一步，在下一步办理之前可撤回重办。"""
    case = selectors.case_for_update(case_id=case_id, actor=actor, seen_version=seen_version)
    CASE_FLOW.decide(case.state, "recall", roles=actor.roles)
    waiting = case.steps.filter(state__in=["pending", "waiting"]).first()
    previous = case.steps.filter(state="passed", round_no=case.round_no).order_by("-id").first()
    if waiting is None or previous is None:
        raise WrongState("没有可撤回的意见", hint="下一步办理之后不能撤回，请联系其退回。", code="nothing_to_recall")
    if previous.decided_by_id != actor.user_id:
        raise NotPermitted(f"“{previous.label}”由{previous.decided_by_name}办理，只有本人能撤回", hint="请由本人办理。")
    if waiting.pauses.exists() or waiting.state == "waiting":
        raise WrongState("下一步已经开始办理，不能撤回", hint="请联系其退回。", code="already_acted")
    previous.state = STEP_FLOW.decide(previous.state, "recall", roles=actor.roles, reason=reason).target
    previous.save(update_fields=["state"])
    waiting.state = STEP_FLOW.decide(waiting.state, "void", roles=actor.roles).target
    waiting.save(update_fields=["state"])
    viewed = list(previous.items.values_list("item_id", flat=True))
    if not case.focus_ids and len(viewed) < len(case.item_ids):
        case.focus_ids, case.focus_until = viewed, previous.ordinal
    step = step_open(case, selectors.stored_procedure(case), previous.ordinal, now=now)
    bump(case, "focus_ids", "focus_until")
    audit.record(
        actor=actor,
        action="workflow.step.recalled",
        subject=subject_of(case),
        after={"step": previous.label},
        reason=reason,
        now=now,
    )
    return _outcome(case, previous, "recall", next_step=step)
