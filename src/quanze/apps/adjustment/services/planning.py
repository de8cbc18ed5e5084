"""部门一侧的准备：每一项怎样调整，新增的项，不进清单的候选，声明不涉及与编办确认。"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.adjustment.domain.lifecycles import ADJUSTMENT_FLOW
from quanze.apps.adjustment.domain.packs import AdjustmentKind, read_fields
from quanze.apps.adjustment.models import Adjustment, AdjustmentItem
from quanze.apps.adjustment.selectors import adjustments as selectors
from quanze.apps.adjustment.selectors.packs import packs
from quanze.apps.adjustment.services.triggering import bump, subject_of, tell
from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.core.actor import Actor, Scope
from quanze.core.errors import ErrorPlace, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

audit.register_action("adjustment.planned", "确定调整类型")
audit.register_action("adjustment.item_added", "加入调整事项")
audit.register_action("adjustment.candidate_rejected", "候选事项不进清单")
audit.register_action("adjustment.declared", "声明不涉及")
audit.register_action("adjustment.declaration_confirmed", "确认不涉及")
audit.register_action("adjustment.declaration_rejected", "要求调整")


def own_pending(actor: Actor, adjustment_id: int, seen_version: int) -> Adjustment:
    """本机构待申请的调整，已锁定。"""
    row = selectors.find(adjustment_id=adjustment_id, actor=actor, seen_version=seen_version, lock=True)
    if actor.body_id != row.body_id or not actor.has("drafter"):
        raise NotPermitted("调整由清单所属机构的业务口申请", hint="请由该机构的编制人员办理。")
    if row.state != "pending":
        raise WrongState(
            f"这件调整现在是“{ADJUSTMENT_FLOW.states[row.state]}”，不能再改",
            hint="要改请先撤回申请。",
            code="not_pending",
        )
    return row


@transaction.atomic
def item_plan(
    *,
    actor: Actor,
    adjustment_id: int,
    seen_version: int,
    plan_id: int,
    kind: str,
    fields: Mapping[str, str],
    now: datetime,
) -> None:
    """一项怎样调整：类型与该类型须填的要素。取消、收回、合并、分设的，同时在清单上标为拟取消。"""
    row = own_pending(actor, adjustment_id, seen_version)
    entry = row.items.filter(pk=plan_id).first()
    if entry is None:
        raise NotFound("没有这一项", hint="请刷新页面。")
    known = packs().kinds.get(kind)
    if known is None:
        raise InvalidInput("没有这种调整类型", hint="请从列出的类型中选择。", place=ErrorPlace(field="kind"))
    _require_fits(entry, known, actor, row)
    values = read_fields(known, fields)
    if known.has_successor:
        values["into_names"] = "、".join(_successors(values["into"], row, entry, actor.scope).values())
    before = {"kind": entry.kind, "fields": entry.fields}
    entry.kind, entry.fields, entry.rejected = kind, values, ""
    entry.save(update_fields=["kind", "fields", "rejected"])
    if entry.item_id is not None:
        _mark(actor, entry.item_id, known, row, now)
    bump(row)
    audit.record(
        actor=actor,
        action="adjustment.planned",
        subject=subject_of(row),
        before=before,
        after={"item": entry.name, "kind": kind, "fields": values},
        now=now,
    )


def _require_fits(entry: AdjustmentItem, kind: AdjustmentKind, actor: Actor, row: Adjustment) -> None:
    """新增的事项只能增加、承接；现行的事项不能再增加。"""
    is_new = entry.item_id is not None and catalog.item_briefs([entry.item_id], scope=actor.scope)[entry.item_id].is_new
    if is_new != (kind.action == "add"):
        hint = "新起草的事项选“增加”或“承接”。" if is_new else "现行事项选“变更”“取消”等；新事项请先起草再加入。"
        raise InvalidInput(
            f"“{entry.name}”不能{kind.label}", hint=hint, place=ErrorPlace(field="kind"), code="kind_does_not_fit"
        )


def _successors(text: str, row: Adjustment, entry: AdjustmentItem, scope: Scope) -> dict[str, str]:
    """并入、分设后的事项：按事项标识，须在同一清单或看得见的清单里，不是它自己。"""
    codes = [code for code in text.replace("，", " ").replace(",", " ").replace("、", " ").split() if code]
    found = catalog.item_briefs_by_codes(codes, scope=scope)
    missing = [code for code in codes if code not in found]
    if missing or not codes:
        raise InvalidInput(
            f"没有事项 {missing[0] if missing else ''}".rstrip(),
            hint="请写事项标识，几个之间用空格隔开；新设的事项要先起草。",
            place=ErrorPlace(field="into"),
            code="successor_unknown",
        )
    if any(one.item_id == entry.item_id for one in found.values()):
        raise InvalidInput(
            "不能并入自己", hint="请写另一个事项。", place=ErrorPlace(field="into"), code="successor_itself"
        )
    return {code: one.name for code, one in found.items()}


def _mark(actor: Actor, item_id: int, kind: AdjustmentKind, row: Adjustment, now: datetime) -> None:
    """取消一类的标为拟取消；改为别的类型的，撤销原来的标记。"""
    is_marked = catalog.item_briefs([item_id], scope=actor.scope)[item_id].is_ending
    if kind.action == "cancel" and not is_marked:
        catalog.ending_mark(actor=actor, item_ids=[item_id], reason=f"{row.trigger.title}（{kind.label}）", now=now)
    elif kind.action != "cancel" and is_marked:
        catalog.ending_clear(actor=actor, item_id=item_id, now=now)


@transaction.atomic
def item_add(*, actor: Actor, adjustment_id: int, seen_version: int, item_id: int, now: datetime) -> None:
    """加入一项：新起草的，或起先没有列出的现行事项。"""
    row = own_pending(actor, adjustment_id, seen_version)
    known = catalog.item_briefs([item_id], scope=actor.scope).get(item_id)
    if known is None or known.list_id != row.power_list_id:
        raise NotFound("清单里没有这个事项", hint="请从本清单的事项中选择。")
    if row.items.filter(item_id=item_id).exists():
        raise WrongState(f"“{known.name}”已在这件调整里", hint="请直接填写它的调整类型。", code="item_already_there")
    AdjustmentItem.objects.create(adjustment=row, item_id=item_id, name=known.name, reason="部门加入")
    bump(row)
    audit.record(
        actor=actor, action="adjustment.item_added", subject=subject_of(row), after={"item": known.name}, now=now
    )


@transaction.atomic
def candidate_reject(
    *,
    actor: Actor,
    adjustment_id: int,
    seen_version: int,
    name: str,
    reason: str,
    plan_id: int | None = None,
    now: datetime,
) -> None:
    """候选事项不进清单（或所列的一项不调整）：写明理由，留存备查。"""
    row = own_pending(actor, adjustment_id, seen_version)
    if not reason.strip():
        raise RulesNotMet("不进清单、不调整的都要写明理由", hint="例如：没有设定依据。", code="reason_required")
    entry = row.items.filter(pk=plan_id).first() if plan_id else None
    if plan_id and entry is None:
        raise NotFound("没有这一项", hint="请刷新页面。")
    if entry is None:
        if not name.strip():
            raise InvalidInput("候选事项的名称没有填写", place=ErrorPlace(field="name"), code="name_missing")
        entry = AdjustmentItem(adjustment=row, name=name.strip()[:600])
    entry.rejected, entry.kind, entry.fields = reason.strip()[:500], "", {}
    entry.save()
    if entry.item_id is not None and catalog.item_briefs([entry.item_id], scope=actor.scope)[entry.item_id].is_ending:
        catalog.ending_clear(actor=actor, item_id=entry.item_id, now=now)
    bump(row)
    audit.record(
        actor=actor,
        action="adjustment.candidate_rejected",
        subject=subject_of(row),
        after={"item": entry.name},
        reason=reason,
        now=now,
    )


@transaction.atomic
def declare_unaffected(*, actor: Actor, adjustment_id: int, seen_version: int, reason: str, now: datetime) -> None:
    """声明不涉及：本机构的清单不用改，写明理由，待编办确认。"""
    row = own_pending(actor, adjustment_id, seen_version)
    row.state = ADJUSTMENT_FLOW.decide(row.state, "declare", roles=actor.roles, reason=reason).target
    row.outcome = reason.strip()
    bump(row, "state", "outcome")
    audit.record(actor=actor, action="adjustment.declared", subject=subject_of(row), reason=reason, now=now)
    office = org.body_performing("establishment", for_body_id=row.body_id)
    if office is not None:
        tell(
            org.holders_of("establishment", office, on=localdate(now)),
            row,
            f"{row.body_name}声明“{row.trigger.title}”不涉及其清单，请确认",
            now,
        )


@transaction.atomic
def declaration_decide(
    *, actor: Actor, adjustment_id: int, seen_version: int, is_confirmed: bool, reason: str, now: datetime
) -> None:
    """编办对“不涉及”的声明：确认，或写明理由要求调整。"""
    row = selectors.find(adjustment_id=adjustment_id, actor=actor, seen_version=seen_version, lock=True)
    verb = "confirm" if is_confirmed else "reject"
    row.state = ADJUSTMENT_FLOW.decide(row.state, verb, roles=actor.roles, reason=reason).target
    if is_confirmed:
        row.closed_at = now
        action = "adjustment.declaration_confirmed"
    else:
        row.outcome = ""
        action = "adjustment.declaration_rejected"
    bump(row, "state", "outcome", "closed_at")
    audit.record(actor=actor, action=action, subject=subject_of(row), reason=reason, now=now)
    said = "已确认不涉及" if is_confirmed else f"要求调整：{reason.strip()}"
    tell(org.holders_of("drafter", row.body_id, on=localdate(now)), row, f"{row.trigger.title}：编办{said}", now)
