"""一件调整：怎样调整、申请、声明不涉及、同步变更、暂停计时。"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from quanze.apps.adjustment.selectors import adjustments as selectors
from quanze.apps.adjustment.selectors import lineage
from quanze.apps.adjustment.selectors.extracts import check_of_trigger
from quanze.apps.adjustment.selectors.packs import packs
from quanze.apps.adjustment.services import applying, pausing, planning, triggering
from quanze.apps.adjustment.web.forms import ApplyForm, CandidateForm, ItemAddForm, OpinionForm, ReasonForm
from quanze.apps.adjustment.web.presenting import DRAFTERS, DUTY_LABELS, OFFICE, READERS, due_of
from quanze.apps.catalog import public as catalog
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.core.errors import NotFound

PAUSERS = ("establishment", "committee_secretary")


@signed_in(*READERS)
def adjustment_page(request: Any, adjustment_id: int, form: forms.Form | None = None) -> HttpResponse:
    """一件调整的全貌：走到哪一步、期限、各项怎样调整、同步变更。"""
    actor, today = request.actor, timezone.localdate()
    view = selectors.adjustment_view(adjustment_id=adjustment_id, actor=actor, today=today)
    row = view.row
    is_own = actor.body_id == row.body_id and actor.has("drafter")
    plans = [_plan(one, form) for one in view.items]
    first = next((one for one in plans if not one["plan"].kind and not one["plan"].rejected), None)
    if first is not None and not any(one["is_open"] for one in plans):
        first["is_open"] = True
    heirs = lineage.descents_of([one.item_id for one in view.items if one.item_id], on=today)
    context = {
        "view": view,
        "row": row,
        "due": due_of(row.clock, row.closed_at),
        "is_late": timezone.localdate(row.trigger.registered_at) > row.trigger.legal_on,
        "plans": plans,
        "kinds": packs().kinds.values(),
        "duties": DUTY_LABELS,
        "dependants": [(one, DUTY_LABELS[one.duty]) for one in view.dependants],
        "settled": sum(one.state != "pending" for one in view.dependants),
        "steps": _steps(view),
        "may_plan": is_own and row.state == "pending",
        "may_decide": actor.has("establishment") and row.state == "declared",
        "may_cancel": actor.has("establishment") and row.state in ("pending", "declared"),
        "may_pause": actor.has(*PAUSERS) and row.state == "in_review",
        "open_pause": next((one for one in view.pauses if one.ended_on is None), None),
        "heirs": heirs,
        "extract": check_of_trigger(trigger_id=row.trigger.id, scope=actor.scope),
        "form": form,
        "submission_url": _submission_url(view.submission_id),
        "list": _list(row.list_id, actor, today),
    }
    return render(request, "adjustment/adjustment.html", context)


@signed_in(*READERS)
def item_fragment(request: Any, item_id: int) -> HttpResponse:
    """事项页侧栏的一块：待调整的事由、沿革；都没有则是空的。"""
    actor, today = request.actor, timezone.localdate()
    brief = catalog.item_briefs([item_id], scope=actor.scope).get(item_id)
    if brief is None:
        raise NotFound("没有这个事项", hint="请从清单中打开。")
    descents = lineage.descents_of([item_id], on=today)
    related = {one.old_item_id for one in descents} | {one.new_item_id for one in descents}
    names = catalog.published_briefs(related, scope=actor.scope)
    context = {
        "brief": brief,
        "adjustments": selectors.open_adjustments_of([item_id], scope=actor.scope).get(item_id, []),
        "descents": [(one, names.get(one.old_item_id), names.get(one.new_item_id)) for one in descents],
        "may_open": actor.has("establishment") or (actor.has("drafter") and actor.body_id == brief.body_id),
    }
    return render(request, "adjustment/_item.html", context)


def _list(list_id: int, actor: Any, today: Any) -> catalog.ListView | None:
    found = catalog.lists(list_ids=[list_id], scope=actor.scope, on=today)
    return found[0] if found else None


def _submission_url(submission_id: int | None) -> str:
    if submission_id is None:
        return ""
    try:
        return reverse("catalog:submission", args=[submission_id])
    except NoReverseMatch:
        return ""


def _plan(one: selectors.ItemPlan, form: forms.Form | None) -> dict[str, Any]:
    """一项与它的表单：各类型的要素，已填的照写，刚被退回的照刚才填的写。"""
    typed = form.data if form is not None and str(form.data.get("plan_id", "")) == str(one.id) else {}
    chosen = typed.get("kind", one.kind) if typed else one.kind
    fields = [
        {
            "kind": kind.code,
            "fields": [
                {
                    "name": f"{kind.code}-{field.name}",
                    "label": field.label,
                    "type": field.type,
                    "help": field.help,
                    "required": field.required,
                    "value": typed.get(f"{kind.code}-{field.name}", "")
                    if typed
                    else (one.fields.get(field.name, "") if kind.code == one.kind else ""),
                }
                for field in kind.fields
            ],
        }
        for kind in packs().kinds.values()
    ]
    return {"plan": one, "fields": fields, "chosen": chosen, "is_open": bool(typed)}


def _steps(view: selectors.AdjustmentView) -> list[dict[str, str]]:
    """三步走到哪一步：部门申请、法制审查、批复公布，之后同步处理、办结。"""
    state = view.row.state
    reached = {
        "pending": 0,
        "declared": 0,
        "in_review": 1,
        "returned": 0,
        "syncing": 3,
        "done": 4,
        "unaffected": 0,
        "refused": 1,
        "cancelled": 0,
    }[state]
    labels = ("部门申请", "法制审查", "批复公布", "同步处理", "办结")
    now = {0: 0, 1: 1, 3: 3, 4: 5}[reached]
    return [
        {"label": label, "state": "done" if number < now else "current" if number == now else "ahead"}
        for number, label in enumerate(labels)
    ]


def _back(adjustment_id: int) -> str:
    return reverse("adjustment:adjustment", args=[adjustment_id])


class PlanForm(forms.Form):
    """一项的调整类型与要素；要素按类型各不相同，由服务核对。"""

    plan_id = forms.IntegerField(min_value=1, max_value=2**62)
    kind = forms.CharField(max_length=24, error_messages={"required": "请选择调整类型。"})


def _plan_again(request: Any, adjustment_id: int, plan_id: int, form: forms.Form | None = None) -> HttpResponse:
    return adjustment_page(request, adjustment_id=adjustment_id, form=form)


@action(form=PlanForm, roles=DRAFTERS, invalid=_plan_again)
def item_plan(request: Any, form: PlanForm, adjustment_id: int, plan_id: int) -> Done:
    """确定一项怎样调整。"""
    kind = form.cleaned_data["kind"]
    prefix = f"{kind}-"
    fields = {key.removeprefix(prefix): request.POST[key] for key in request.POST if key.startswith(prefix)}
    planning.item_plan(
        actor=request.actor,
        adjustment_id=adjustment_id,
        seen_version=seen_version(request),
        plan_id=plan_id,
        kind=kind,
        fields=fields,
        now=timezone.now(),
    )
    return Done("已保存这一项的调整类型。", to=f"{_back(adjustment_id)}#plan-{plan_id}")


@action(form=ItemAddForm, roles=DRAFTERS, invalid=adjustment_page)
def item_add(request: Any, form: ItemAddForm, adjustment_id: int) -> Done:
    """加入一项。"""
    planning.item_add(
        actor=request.actor,
        adjustment_id=adjustment_id,
        seen_version=seen_version(request),
        item_id=form.cleaned_data["code"],
        now=timezone.now(),
    )
    return Done("已加入，请选择调整类型。", to=_back(adjustment_id))


@action(form=CandidateForm, roles=DRAFTERS, invalid=adjustment_page)
def candidate_reject(request: Any, form: CandidateForm, adjustment_id: int) -> Done:
    """不进清单、不调整。"""
    given = form.cleaned_data
    planning.candidate_reject(
        actor=request.actor,
        adjustment_id=adjustment_id,
        seen_version=seen_version(request),
        name=given["name"],
        reason=given["reason"],
        plan_id=given["plan_id"],
        now=timezone.now(),
    )
    return Done("已写明理由，留存备查。", to=_back(adjustment_id))


@action(form=ApplyForm, roles=DRAFTERS, invalid=adjustment_page)
def adjustment_apply(request: Any, form: ApplyForm, adjustment_id: int) -> Done:
    """部门申请。"""
    given = form.cleaned_data
    submission_id = applying.adjustment_apply(
        actor=request.actor,
        adjustment_id=adjustment_id,
        seen_version=seen_version(request),
        duty_review=given["duty_review"],
        accountability_review=given["accountability_review"],
        note=given["note"],
        now=timezone.now(),
    )
    return Done(
        "已申请，送法制审查；依附的条目已通知各所属机构。", to=_submission_url(submission_id) or _back(adjustment_id)
    )


@action(form=ReasonForm, roles=DRAFTERS, invalid=adjustment_page)
def declare_unaffected(request: Any, form: ReasonForm, adjustment_id: int) -> Done:
    """声明不涉及。"""
    planning.declare_unaffected(
        actor=request.actor,
        adjustment_id=adjustment_id,
        seen_version=seen_version(request),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("已声明不涉及，待编办确认。", to=_back(adjustment_id))


@action(form=OpinionForm, roles=OFFICE, invalid=adjustment_page)
def declaration_confirm(request: Any, form: OpinionForm, adjustment_id: int) -> Done:
    """确认不涉及。"""
    planning.declaration_decide(
        actor=request.actor,
        adjustment_id=adjustment_id,
        seen_version=seen_version(request),
        is_confirmed=True,
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("已确认不涉及，这件调整就此了结。", to=_back(adjustment_id))


@action(form=ReasonForm, roles=OFFICE, invalid=adjustment_page)
def declaration_reject(request: Any, form: ReasonForm, adjustment_id: int) -> Done:
    """要求调整。"""
    planning.declaration_decide(
        actor=request.actor,
        adjustment_id=adjustment_id,
        seen_version=seen_version(request),
        is_confirmed=False,
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("已要求调整，期限照旧自法定日起算。", to=_back(adjustment_id))


@action(form=ReasonForm, roles=PAUSERS, invalid=adjustment_page)
def adjustment_pause(request: Any, form: ReasonForm, adjustment_id: int) -> Done:
    """暂停计时。"""
    limit = pausing.adjustment_pause(
        actor=request.actor,
        adjustment_id=adjustment_id,
        seen_version=seen_version(request),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done(f"已暂停计时，暂停至迟到 {limit.year}年{limit.month}月{limit.day}日。", to=_back(adjustment_id))


@action(roles=PAUSERS)
def adjustment_resume(request: Any, adjustment_id: int) -> Done:
    """恢复计时。"""
    pausing.adjustment_resume(
        actor=request.actor, adjustment_id=adjustment_id, seen_version=seen_version(request), now=timezone.now()
    )
    return Done("已恢复计时，期限顺延暂停的工作日。", to=_back(adjustment_id))


@action(form=ReasonForm, roles=OFFICE, invalid=adjustment_page)
def adjustment_cancel(request: Any, form: ReasonForm, adjustment_id: int) -> Done:
    """撤销事由。"""
    triggering.adjustment_cancel(
        actor=request.actor,
        adjustment_id=adjustment_id,
        seen_version=seen_version(request),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("已撤销，理由留存备查。", to=_back(adjustment_id))
