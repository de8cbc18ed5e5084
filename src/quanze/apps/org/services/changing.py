"""角色变更：一位管理员申请，另一位确认；确认即生效，并结束此人的登录会话。

Two kinds: roles and scope of an appointment, and who holds the three seats. The request keeps what it was asked upon; if
the appointment changed in between, the confirmation is a conflict and not a surprise.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.org.domain import ADMINISTRATORS, ROLE_LABELS, ROLES, ScopeKind
from quanze.apps.org.domain.changes import (
    ROLE_CHANGE_FLOW,
    Decider,
    require_asker,
    require_known,
    require_scope,
    require_separate_duties,
    require_two_people,
)
from quanze.apps.org.models import AdministratorSeat, Appointment, AppointmentRole, Body, RoleChange
from quanze.apps.org.selectors.acting import seat_of
from quanze.apps.org.services.appointing import appointment_for_update, roles_write
from quanze.apps.org.services.seats import require_no_seat, seat_arrive, seat_depart
from quanze.base.audit import public as audit
from quanze.base.iam import public as iam
from quanze.base.notices import public as notices
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, InvalidInput, NotFound, RulesNotMet, WrongState

audit.register_actions(
    {
        "org.role_change.requested": "申请角色变更",
        "org.role_change.confirmed": "确认角色变更",
        "org.role_change.refused": "不予确认角色变更",
        "org.role_change.withdrawn": "撤回角色变更申请",
    }
)


def _decider(actor: Actor) -> Decider:
    return Decider(actor.user_id, actor.roles & ADMINISTRATORS)


def _state_of(row: Appointment) -> dict[str, Any]:
    return {
        "roles": sorted(row.roles.values_list("role", flat=True)),
        "scope": row.scope_kind,
        "bodies": sorted(row.named_bodies.values_list("body_id", flat=True)),
    }


@transaction.atomic
def role_change_request(
    *,
    actor: Actor,
    appointment_id: int,
    seen_version: int,
    roles: Sequence[str],
    scope_kind: str,
    named_body_ids: Sequence[int] = (),
    reason: str,
    now: datetime,
) -> int:
    """申请变更某任职的角色与数据范围。返回申请编号。"""
    change = change_write(
        actor=actor,
        appointment_id=appointment_id,
        seen_version=seen_version,
        roles=roles,
        scope_kind=scope_kind,
        named_body_ids=named_body_ids,
        reason=reason,
        now=now,
    )
    _tell_others(change, change.requested_as, now=now)
    return change.pk


def change_write(
    *,
    actor: Actor,
    appointment_id: int,
    seen_version: int | None,
    roles: Sequence[str],
    scope_kind: str,
    named_body_ids: Sequence[int],
    reason: str,
    now: datetime,
) -> RoleChange:
    """写下一项申请并记录，不告知任何人：单独的申请与成批的申请（batches）同用。"""
    row = appointment_for_update(appointment_id=appointment_id, seen_version=seen_version)
    asker_id, asked_as = require_asker(asker=_decider(actor), gains={row.user_id})
    _require_reason(reason)
    _require_in_office(row, now)
    wanted = set(roles)
    require_known(wanted)
    before = _state_of(row)
    if (wanted | set(before["roles"])) & ADMINISTRATORS:
        raise RulesNotMet("三员不在这里授予或收回", hint="请办理三员任免。", code="seat_needs_two_people")
    require_scope(roles=wanted, scope_kind=scope_kind, named=named_body_ids, valid_to=row.valid_to)
    require_no_seat(user_id=row.user_id, roles=wanted, valid_to=row.valid_to)
    named = sorted(set(named_body_ids)) if scope_kind == ScopeKind.NAMED else []
    if Body.objects.filter(pk__in=named).count() != len(named):
        raise NotFound("指定的机构中有不存在的", hint="请从机构名录中选择。")
    after = {"roles": sorted(wanted), "scope": str(scope_kind), "bodies": named}
    if after == before:
        raise InvalidInput("与现在的角色和范围相同，没有要变更的", hint="请改动后再申请。", code="nothing_changed")
    if RoleChange.objects.filter(appointment=row, state="requested").exists():
        raise WrongState("这个任职已有待确认的变更", hint="请先确认或撤回那一项。", code="change_pending")
    change = RoleChange.objects.create(
        kind="roles",
        user_id=row.user_id,
        appointment=row,
        body_id=row.body_id,
        before=before,
        after=after,
        reason=reason.strip(),
        requested_by_id=asker_id,
        requested_as=asked_as,
        requested_at=now,
    )
    _record(actor, change, "requested", before=before, after=after, reason=reason, now=now)
    return change


@transaction.atomic
def seat_change_request(
    *,
    actor: Actor,
    kind: str,
    body_id: int,
    user_id: int | None,
    leaving_user_id: int | None = None,
    reason: str,
    now: datetime,
) -> int:
    """申请三员任免：由某人就任（可接替现任），或只是离任。返回申请编号。"""
    if kind not in ADMINISTRATORS:
        raise InvalidInput("只有系统管理员、安全管理员、审计管理员有席位", hint="请选择其中之一。", code="seat_unknown")
    if user_id is None and leaving_user_id is None:
        raise InvalidInput("没有写明谁就任、谁离任", hint="请至少选一人。", code="seat_nobody")
    if user_id is not None and user_id == leaving_user_id:
        raise InvalidInput("就任与离任不能是同一人", hint="请改选。", code="seat_nobody")
    asker_id, asked_as = require_asker(asker=_decider(actor), gains=set() if user_id is None else {user_id})
    _require_reason(reason)
    known = iam.users_by_ids([each for each in (user_id, leaving_user_id) if each is not None])
    if {each for each in (user_id, leaving_user_id) if each is not None} - known.keys():
        raise NotFound("没有这个账号", hint="请从人员名单中选择。")
    if not Body.objects.filter(pk=body_id).exists():
        raise NotFound("没有这个机构", hint="请从机构名录中选择。")
    if leaving_user_id is not None and seat_of(leaving_user_id) != kind:
        raise WrongState(f"{known[leaving_user_id].full_name}不是现任{ROLE_LABELS[kind]}", hint="请刷新页面后再选。")
    if user_id is not None:
        _require_free(user_id, kind, known[user_id].full_name, now)
    subject = user_id or leaving_user_id or 0
    if RoleChange.objects.filter(kind="seat", state="requested", user_id=subject).exists():
        raise WrongState("此人已有待确认的三员任免", hint="请先确认或撤回那一项。", code="change_pending")
    names = {"arrives": known[user_id].full_name if user_id else "", "seat": kind}
    change = RoleChange.objects.create(
        kind="seat",
        user_id=subject,
        body_id=body_id,
        before={"seat": kind, "leaves": known[leaving_user_id].full_name if leaving_user_id else ""},
        after=names,
        leaving_user_id=leaving_user_id,
        reason=reason.strip(),
        requested_by_id=asker_id,
        requested_as=asked_as,
        requested_at=now,
    )
    _record(actor, change, "requested", before=change.before, after=change.after, reason=reason, now=now)
    _tell_others(change, asked_as, now=now)
    return change.pk


def _require_free(user_id: int, kind: str, name: str, now: datetime) -> None:
    """将就任的人没有席位，也没有未终止的业务角色。"""
    held = AppointmentRole.objects.filter(appointment__user_id=user_id).select_related("appointment")
    today = localdate(now)
    still = {
        row.role for row in held if row.appointment.valid_to is None or row.appointment.valid_to > today
    } - ADMINISTRATORS
    seat = seat_of(user_id)
    if seat == kind:
        raise WrongState(f"{name}已经是{ROLE_LABELS[kind]}", hint="请刷新页面查看。")
    require_separate_duties({kind, *still, *({seat} if seat else ())})


@transaction.atomic
def role_change_decide(
    *, actor: Actor, change_id: int, seen_version: int, verb: str, note: str = "", now: datetime
) -> str:
    """确认（confirm）或不予确认（refuse）。确认即生效，并结束此人的登录会话。返回新的状态。"""
    if verb not in ("confirm", "refuse"):
        raise InvalidInput(f"没有“{verb}”这种办理方式", hint="可用：confirm、refuse。", code="verb_unknown")
    change = _for_update(change_id, seen_version)
    change_settle(actor=actor, change=change, verb=verb, note=note, now=now)
    _tell_outcome(change, now=now)
    return change.state


def change_settle(*, actor: Actor, change: RoleChange, verb: str, note: str, now: datetime) -> None:
    """办理一项已锁定的申请并记录，不告知任何人：单独办理与成批办理（batches）同用。"""
    step = ROLE_CHANGE_FLOW.decide(change.state, verb, roles=actor.roles, reason=note)
    require_two_people(
        decider=_decider(actor),
        asked_by=change.requested_by_id,
        asked_as=change.requested_as,
        gains=_gains(change),
        is_for_seat=change.kind == "seat",
    )
    change.state = step.target
    change.decided_by_id = actor.user_id
    change.decided_at = now
    change.decision_note = note.strip()
    if verb == "confirm":
        concerned = _apply_seat(change, now) if change.kind == "seat" else _apply_roles(change, now)
        for user_id in concerned:
            iam.sessions_end(user_id, "roles", actor=actor, now=now)
    change.lock_version += 1
    change.save()
    _record(actor, change, step.target, before=change.before, after=change.after, reason=note, now=now)


@transaction.atomic
def role_change_withdraw(*, actor: Actor, change_id: int, seen_version: int, now: datetime) -> None:
    """撤回申请：只有申请人本人，在确认之前。"""
    change = _for_update(change_id, seen_version)
    step = ROLE_CHANGE_FLOW.decide(change.state, "withdraw", roles=actor.roles)
    if change.requested_by_id != actor.user_id:
        raise NotFound("没有这项申请", hint="只有申请人本人能撤回。")
    change.state = step.target
    change.decided_by_id = actor.user_id
    change.decided_at = now
    change.lock_version += 1
    change.save(update_fields=["state", "decided_by", "decided_at", "lock_version"])
    _record(actor, change, step.target, before=None, after=None, reason="", now=now)


def _gains(change: RoleChange) -> set[int]:
    """得到或被改动角色的人；三员任免中只算就任的人，离任的可以确认自己的接替。"""
    is_arrival = change.kind == "roles" or change.after["arrives"]
    return {change.user_id} if is_arrival else set()


def _apply_roles(change: RoleChange, now: datetime) -> list[int]:
    row = appointment_for_update(appointment_id=change.appointment_id or 0)
    _require_in_office(row, now)
    if _state_of(row) != change.before:
        raise Conflict("申请之后，这个任职的角色或范围已有变动", hint="请不予确认，由申请人按现在的情况重新申请。")
    after = change.after
    require_scope(roles=after["roles"], scope_kind=after["scope"], named=after["bodies"], valid_to=row.valid_to)
    require_no_seat(user_id=row.user_id, roles=set(after["roles"]), valid_to=row.valid_to)
    row.scope_kind = after["scope"]
    row.lock_version += 1
    row.save(update_fields=["scope_kind", "lock_version"])
    roles_write(row, roles=after["roles"], named_body_ids=after["bodies"])
    return [row.user_id]


def _apply_seat(change: RoleChange, now: datetime) -> list[int]:
    """先就任，后离任：席位不会有空着的一刻。"""
    today, kind = localdate(now), change.after["seat"]
    concerned = []
    if change.after["arrives"]:
        change.appointment = seat_arrive(user_id=change.user_id, kind=kind, body_id=change.body_id, since=today)
        concerned.append(change.user_id)
    if change.leaving_user_id is not None:
        if not seat_depart(user_id=change.leaving_user_id, kind=kind, on=today):
            raise Conflict("申请之后，席位已有变动", hint="请不予确认，由申请人重新申请。")
        concerned.append(change.leaving_user_id)
    return concerned


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise RulesNotMet("角色变更必须写明理由", hint="请写明理由，如任职文号。", code="reason_required")


def _require_in_office(row: Appointment, now: datetime) -> None:
    if row.valid_to is not None and row.valid_to <= localdate(now):
        raise WrongState("这个任职已经终止", hint="请刷新页面查看。")


def _for_update(change_id: int, seen_version: int) -> RoleChange:
    rows = RoleChange.objects.select_for_update(of=("self",)).select_related("user", "leaving_user")
    row = rows.filter(pk=change_id).first()
    if row is None:
        raise NotFound("没有这项申请", hint="请从角色变更清单中打开。")
    if row.lock_version != seen_version:
        raise Conflict("这项申请在您打开之后已被办理", hint="请刷新页面查看结果。")
    return row


def _label(change: RoleChange) -> str:
    if change.kind == "seat":
        seat = ROLE_LABELS[change.after["seat"]]
        parts = [f"{change.after['arrives']}就任" if change.after["arrives"] else ""]
        parts.append(f"{change.before['leaves']}离任" if change.before["leaves"] else "")
        return f"{seat}：{'，'.join(part for part in parts if part)}"
    names = "、".join(ROLE_LABELS[code] for code in ROLES if code in change.after["roles"]) or "不授角色"
    return f"{change.user.full_name}：{names}"


def _record(
    actor: Actor, change: RoleChange, state: str, *, before: Any, after: Any, reason: str, now: datetime
) -> None:
    audit.record(
        actor=actor,
        action=f"org.role_change.{state}",
        subject=audit.SubjectRef("org.role_change", change.pk, _label(change), change.body_id),
        before=before,
        after=after,
        reason=reason.strip(),
        now=now,
    )


def _link(change: RoleChange) -> str:
    return f"/open/org.role_change/{change.pk}/"


def _tell_others(change: RoleChange, asked_as: str, *, now: datetime) -> None:
    """告知能确认的管理员。"""
    kinds = ADMINISTRATORS if change.kind == "seat" else {"system_admin", "security_admin"}
    seats = AdministratorSeat.objects.filter(kind__in=set(kinds) - {asked_as}).exclude(user_id__in=_gains(change))
    notices.notice_send(
        to_user_ids=sorted(seats.values_list("user_id", flat=True)),
        text=f"待确认的角色变更：{_label(change)}",
        link=_link(change),
        kind="org",
        now=now,
    )


def _tell_outcome(change: RoleChange, *, now: datetime) -> None:
    notices.notice_send(
        to_user_ids=[change.requested_by_id],
        text=f"角色变更{ROLE_CHANGE_FLOW.states[change.state]}：{_label(change)}",
        link=_link(change),
        kind="org",
        now=now,
    )
