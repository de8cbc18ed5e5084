"""审查页：左为逐字标出改动的文字，右为检查发现、历次意见与本步意见；办理、暂停、撤回意见。"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.domain.items import CONTENT_LABELS, ItemContent
from quanze.apps.catalog.selectors import disclosure
from quanze.apps.catalog.selectors import findings as finding_selectors
from quanze.apps.catalog.selectors import submissions as selectors
from quanze.apps.catalog.selectors.submissions import EntryView, SubmissionView
from quanze.apps.catalog.services.reviewing import PaperScan, submission_review
from quanze.apps.catalog.web.forms import ReasonForm
from quanze.apps.catalog.web.presenting import (
    BUSINESS_ROLES,
    REVIEWING_ROLES,
    diff_rows,
    field_texts,
    step_due,
    type_label,
)
from quanze.apps.catalog.web.requests import DeskRequest
from quanze.apps.catalog.web.views.items import shown_findings
from quanze.apps.catalog.web.views.review_record import timeline
from quanze.apps.org import public as org
from quanze.apps.workflow import public as workflow
from quanze.base.iam.public import require_step_up
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.dates import iso_date, zh_date
from quanze.core.actor import Actor
from quanze.core.errors import WrongState

# Entries whose text stands in the page at once; the rest is fetched when it comes into view.
AT_ONCE = 6
VERBS = ("pass", "send_back", "refuse")


@dataclass(frozen=True, slots=True)
class ReviewEntry:
    """审查页上的一项：对照、发现、历次意见、已填的表态。"""

    entry: EntryView
    number: int
    type_label: str
    rows: tuple[Any, ...]
    texts: tuple[Any, ...]
    findings: tuple[Any, ...]
    verdict: str = ""
    reason: str = ""
    is_loaded: bool = True


def _body_of(entry: EntryView) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """变更：逐字对照；新增与取消：全文。"""
    if entry.new is not None and entry.old is not None:
        return tuple(diff_rows(entry.changes)), ()
    shown = entry.new or entry.old
    return (), tuple(field_texts(shown.content, _telling_fields(shown.content), only_filled=True)) if shown else ()


# What is written out clause by clause stands in the text as well; a "no" is not worth a line.
_CLAUSES = {"duties": "duty_text", "accountability_cases": "accountability_text"}
_UNTOLD = ("name", "seq", "node_kind", "power_type", "template_key")


def _telling_fields(content: ItemContent) -> list[str]:
    """新增与取消时值得看的字段。"""
    return [
        field
        for field in CONTENT_LABELS
        if field not in _UNTOLD
        and content.value(field) is not False
        and not (field in _CLAUSES and getattr(content, _CLAUSES[field]))
    ]


def _review_entry(entry: EntryView, number: int, found: dict[int, list[Any]], **given: Any) -> ReviewEntry:
    shown = entry.new or entry.old
    is_loaded = given.pop("is_loaded", True)
    rows, texts = _body_of(entry) if is_loaded else ((), ())
    return ReviewEntry(
        entry=entry,
        number=number,
        type_label=type_label(shown.content.power_type) if shown else "",
        rows=rows,
        texts=texts,
        findings=tuple(shown_findings(found.get(entry.new.id, []))) if entry.new else (),
        is_loaded=is_loaded,
        **given,
    )


def _may_decide(actor: Actor, case: workflow.CaseView | None) -> bool:
    step = case.current if case else None
    return (
        case is not None
        and step is not None
        and actor.body_id == step.assignee_body_id
        and step.role in actor.roles
        and actor.person_ids.isdisjoint(case.author_ids)
    )


class DecideForm(forms.Form):
    """办理：怎么办、意见、逐项表态、决定要素、纸质签批。"""

    verb = forms.ChoiceField(choices=[(verb, verb) for verb in VERBS], error_messages={"required": "请选择办理方式。"})
    opinion = forms.CharField(label="意见", max_length=2000, required=False)
    paper_signed_by = forms.CharField(label="签批人", max_length=64, required=False)
    paper_signed_on = forms.DateField(
        label="签批日期", required=False, error_messages={"invalid": "签批日期应为形如 2026-11-22 的日期。"}
    )
    paper_file = forms.FileField(label="扫描件", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        paper = [cleaned.get(name) for name in ("paper_signed_by", "paper_signed_on", "paper_file")]
        # What somebody else signed is registered with the proof of it, or not at all.
        if any(paper) and not all(paper):
            self.add_error("paper_signed_by", "登记纸质签批，须写明签批人、签批日期，并附签批的扫描件或照片。")
        cleaned["opinions"] = self._opinions()
        cleaned["details"] = {
            name.removeprefix("detail-"): value.strip()[:1000]
            for name, value in self.data.items()
            if name.startswith("detail-")
        }
        return cleaned

    def _opinions(self) -> dict[int, workflow.ItemOpinion]:
        found: dict[int, workflow.ItemOpinion] = {}
        for name, verdict in self.data.items():
            number = name.removeprefix("verdict-")
            if (
                number != name
                and number.isascii()
                and number.isdigit()
                and len(number) < 19
                and verdict in ("accept", "return")
            ):
                reason = self.data.get(f"reason-{number}", "").strip()[:2000]
                found[int(number)] = workflow.ItemOpinion(verdict, reason)
        return found

    @property
    def scan(self) -> PaperScan | None:
        given = self.cleaned_data
        if not given["paper_signed_by"]:
            return None
        upload = given["paper_file"]
        return PaperScan(given["paper_signed_by"], given["paper_signed_on"], upload.name, upload.file)


class OpinionDraftForm(DecideForm):
    """未决意见：还没有选怎么办，签批与扫描件也不随写随存。"""

    verb = forms.ChoiceField(choices=[("", ""), *((verb, verb) for verb in VERBS)], required=False)
    paper_signed_by = paper_signed_on = paper_file = None  # type: ignore[assignment]
    step_id = forms.IntegerField(min_value=1, max_value=2**62)


@signed_in(*BUSINESS_ROLES)
def submission_page(request: DeskRequest, submission_id: int, form: forms.Form | None = None) -> HttpResponse:
    """送审件：进度与内容；轮到自己时可在此办理。"""
    return render(request, "catalog/submission.html", _context(request, submission_id, form))


def _context(request: DeskRequest, submission_id: int, form: forms.Form | None) -> dict[str, Any]:
    actor = request.actor
    view = selectors.submission_view(submission_id=submission_id, actor=actor)
    case = view.case
    found = finding_selectors.findings_of_versions([one.new.id for one in view.entries if one.new])
    typed = form if isinstance(form, DecideForm) else None
    may_decide = _may_decide(actor, case)
    # What was typed and not yet decided comes back; what was just sent and refused stands above it.
    kept = (
        workflow.opinion_draft(actor=actor, step_id=case.current.id) if case and case.current and may_decide else None
    )
    opinions = dict(kept.items) if kept and typed is None else {}
    if typed and hasattr(typed, "cleaned_data"):
        opinions = typed.cleaned_data.get("opinions", {})
    in_view = [one for one in view.entries if one.is_in_view] or list(view.entries)
    entries = [
        _review_entry(
            one,
            number,
            found,
            verdict=opinions[one.id].verdict if one.id in opinions else "",
            reason=opinions[one.id].opinion if one.id in opinions else "",
            is_loaded=number <= AT_ONCE,
        )
        for number, one in enumerate(in_view, start=1)
    ]
    step = case.current if case else None
    definition = case.current_definition if case else None
    is_own = actor.has("drafter") and actor.body_id == view.row.body_id
    actions: dict[str, int] = {}
    for one in view.entries:
        actions[one.action_label] = actions.get(one.action_label, 0) + 1
    returned = [one for one in view.entries if one.outcome == "return"]
    return {
        "view": view,
        "case": case,
        "step": step,
        "definition": definition,
        "due": step_due(step) if step else None,
        "entries": entries,
        "others": [one for one in view.entries if one not in in_view],
        "action_counts": list(actions.items()),
        "with_findings": sum(one.entry.finding_count > 0 for one in entries),
        "timeline": timeline(view),
        "earlier": [one for one in case.steps if one.decided_at and one.state != "recalled"] if case else [],
        "may_decide": may_decide and step is not None and step.state == "pending",
        "may_pause": may_decide and definition is not None and definition.pause_limit_workdays > 0,
        "may_recall": _may_recall(actor, case),
        "may_withdraw": is_own and _is_withdrawable(view),
        "may_resubmit": is_own and view.row.state == "returned",
        "is_own": is_own,
        "returned": returned if view.row.state == "returned" else [],
        "phrases": workflow.phrases_for(actor=actor, step_kind=step.kind) if step and may_decide else [],
        "details": _details(definition, request, kept) if definition else [],
        "form": typed,
        "refused": form if typed is None else None,
        "opinion": request.POST.get("opinion", "") if typed else kept.opinion if kept else "",
        "kept_at": kept.saved_at if kept and typed is None else None,
        "keys": (("j", "下一项"), ("k", "上一项"), ("a", "同意"), ("r", "退回")),
        "role_label": org.ROLE_LABELS.get(step.role, step.role) if step else "",
        "edition": disclosure.edition(view.edition_id) if view.edition_id else None,
    }


def _details(
    definition: workflow.StepDefinition, request: DeskRequest, kept: workflow.OpinionDraftView | None
) -> list[dict[str, Any]]:
    """本步必填的决定要素；写过而未决定的照旧填上。"""
    today = iso_date(timezone.localdate())
    held = kept.details if kept else {}
    return [
        {
            "name": f"detail-{key}",
            "label": label,
            "is_date": key.endswith("_on") or key.startswith("valid_"),
            "is_long": key in ("resolution",),
            "value": request.POST.get(f"detail-{key}", held.get(key, today if key.endswith("_on") else "")),
        }
        for key, label in definition.requires.items()
    ]


def _may_recall(actor: Actor, case: workflow.CaseView | None) -> bool:
    if case is None or case.current is None or case.current.state == "waiting":
        return False
    passed = [one for one in case.steps if one.state == "passed" and one.round_no == case.round_no]
    return bool(passed) and actor.user_id is not None and passed[-1].decided_by_id == actor.user_id


def _is_withdrawable(view: SubmissionView) -> bool:
    if view.case is None:
        return False
    acted = any(one.state in ("passed", "returned") for one in view.case.steps)
    return view.row.state == "returned" or (view.row.state == "in_review" and not acted)


@signed_in(*BUSINESS_ROLES)
def entry_fragment(request: DeskRequest, submission_id: int, entry_id: int) -> HttpResponse:
    """一项的正文片段，滚到时才取。"""
    entry = selectors.entry_view(submission_id=submission_id, entry_id=entry_id, actor=request.actor)
    found = finding_selectors.findings_of_versions([entry.new.id] if entry.new else [])
    return render(request, "catalog/_entry_body.html", {"one": _review_entry(entry, 0, found)})


@action(form=DecideForm, roles=REVIEWING_ROLES, invalid=submission_page, page="catalog:submission")
def submission_decide(request: DeskRequest, form: DecideForm, submission_id: int) -> Done:
    """办理当前步骤。"""
    given = form.cleaned_data
    view = selectors.submission_view(submission_id=submission_id, actor=request.actor)
    definition = view.case.current_definition if view.case else None
    if definition is not None and definition.kind == "issue" and given["verb"] == "pass":
        require_step_up(request)
    outcome = submission_review(
        actor=request.actor,
        submission_id=submission_id,
        seen_version=seen_version(request),
        verb=given["verb"],
        opinion=given["opinion"].strip(),
        item_opinions=given["opinions"],
        details=given["details"],
        scan=form.scan,
        now=timezone.now(),
    )
    label = definition.pass_label if definition and given["verb"] == "pass" else ""
    return Done(_outcome_words(outcome, label, view), to=reverse("catalog:submission", args=[submission_id]))


def _outcome_words(outcome: workflow.StepOutcome, label: str, view: SubmissionView) -> str:
    if outcome.case_state == "returned":
        return f"已退回 {len(outcome.returned_item_ids)} 项给{view.row.body_name}，改好后只看这些。"
    if outcome.case_state == "refused":
        return "已作出不予通过的决定，送审件办结。"
    if outcome.case_state == "passed":
        details = outcome.details
        valid = details.get("valid_from", "")
        return f"已印发公布：{details.get('document_number', '')}，自 {valid} 起施行，公开站点同日可查。"
    due = f"，办理期限至 {zh_date(outcome.next_due_on)}" if outcome.next_due_on else ""
    return f"已{label}，已送{outcome.next_label}（{outcome.next_body_name}）{due}。"


def _case_id(view: SubmissionView) -> int:
    if view.case is None:
        raise WrongState("送审件尚未送审", hint="请先提交送审。")
    return view.case.id


@action(form=OpinionDraftForm, roles=REVIEWING_ROLES, page="catalog:submission")
def opinion_autosave(request: DeskRequest, form: OpinionDraftForm, submission_id: int) -> Done:
    """未决意见随写随存，不离开页面；只有本人看得见。"""
    view = selectors.submission_view(submission_id=submission_id, actor=request.actor)
    workflow.opinion_draft_save(
        actor=request.actor,
        case_id=_case_id(view),
        step_id=form.cleaned_data["step_id"],
        opinion=form.cleaned_data["opinion"],
        item_opinions=form.cleaned_data["opinions"],
        details=form.cleaned_data["details"],
        now=timezone.now(),
    )
    return Done("意见已自动保存", to=reverse("catalog:submission", args=[submission_id]))


@action(form=ReasonForm, roles=REVIEWING_ROLES, invalid=submission_page, page="catalog:submission")
def step_pause(request: DeskRequest, form: ReasonForm, submission_id: int) -> Done:
    """暂停计时。"""
    view = selectors.submission_view(submission_id=submission_id, actor=request.actor)
    limit = workflow.step_pause(
        actor=request.actor,
        case_id=_case_id(view),
        seen_version=seen_version(request),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done(f"已暂停计时，最迟 {zh_date(limit)} 恢复。", to=reverse("catalog:submission", args=[submission_id]))


@action(roles=REVIEWING_ROLES)
def step_resume(request: DeskRequest, submission_id: int) -> Done:
    """恢复计时。"""
    view = selectors.submission_view(submission_id=submission_id, actor=request.actor)
    due = workflow.step_resume(
        actor=request.actor, case_id=_case_id(view), seen_version=seen_version(request), now=timezone.now()
    )
    return Done(f"已恢复计时，办理期限顺延至 {zh_date(due)}。", to=reverse("catalog:submission", args=[submission_id]))


@action(form=ReasonForm, roles=REVIEWING_ROLES, invalid=submission_page, page="catalog:submission")
def step_recall(request: DeskRequest, form: ReasonForm, submission_id: int) -> Done:
    """撤回意见。"""
    view = selectors.submission_view(submission_id=submission_id, actor=request.actor)
    workflow.step_recall(
        actor=request.actor,
        case_id=_case_id(view),
        seen_version=seen_version(request),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("已撤回意见，这一步重新由您办理。", to=reverse("catalog:submission", args=[submission_id]))


@action(roles=REVIEWING_ROLES)
def phrase_save(request: DeskRequest, submission_id: int) -> Done:
    """收存常用意见；回来的是更新后的常用意见。"""
    view = selectors.submission_view(submission_id=submission_id, actor=request.actor)
    workflow.phrase_save(actor=request.actor, text=request.POST.get("opinion", ""))
    kind = view.case.current.kind if view.case and view.case.current else "review"
    return Done(
        "已收为常用意见。",
        to=reverse("catalog:submission", args=[submission_id]),
        fragment="catalog/_phrases.html",
        context={"phrases": workflow.phrases_for(actor=request.actor, step_kind=kind), "is_saved": True},
    )
