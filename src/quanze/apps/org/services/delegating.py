"""代理：本人或安全管理员把某任职的若干职责在一段时间内交人代办；到期自行终止。

A security administrator alone gives nobody power, this way no more than by roles: what he sets for another holds when
that person, or a system administrator, has confirmed it.

The deputy acts under his own name on behalf of the other; the record names both. Nothing has to run on the last day: what
is over is not found (selectors.acting).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.org.domain import ROLE_LABELS, ROLES
from quanze.apps.org.domain.changes import DELEGATION_FLOW, DelegationTerms, require_delegable
from quanze.apps.org.models import AdministratorSeat, Appointment, Delegation
from quanze.apps.org.selectors.acting import seat_of
from quanze.apps.org.selectors.directory import current
from quanze.apps.org.services.appointing import appointment_for_update
from quanze.base.audit import public as audit
from quanze.base.iam import public as iam
from quanze.base.notices import public as notices
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

audit.register_actions(
    {
        "org.delegation.granted": "设定代理",
        "org.delegation.asked": "申请代本人设定代理",
        "org.delegation.confirmed": "确认代理",
        "org.delegation.ended": "终止代理",
    }
)


@transaction.atomic
def delegation_grant(
    *,
    actor: Actor,
    appointment_id: int,
    deputy_id: int,
    roles: Sequence[str],
    valid_from: date,
    valid_to: date,
    reason: str,
    now: datetime,
) -> int:
    """设定代理：valid_to 为代理终止之日（该日不再代理）。本人设定的即生效，安全管理员代设的待确认。返回代理编号。"""
    today = localdate(now)
    row = appointment_for_update(appointment_id=appointment_id)
    is_own = row.user_id == actor.user_id and actor.on_behalf_of_id is None
    if actor.user_id is None or not (is_own or actor.has("security_admin")):
        # Whose post it is and what he may do is nobody else's to learn here.
        raise NotFound("没有这个任职", hint="代理由本人设定；本人不能办理的，请联系安全管理员。")
    if not reason.strip():
        raise RulesNotMet("代理必须写明事由", hint="如休假、外出培训。", code="reason_required")
    if valid_from < today:
        raise InvalidInput("代理不能从过去的日期开始", hint="请从今天或以后开始。", code="delegation_period")
    if row.valid_to is not None and row.valid_to <= today:
        raise WrongState("这个任职已经终止", hint="请刷新页面查看。")
    terms = DelegationTerms(
        grantor_id=row.user_id,
        deputy_id=deputy_id,
        held=frozenset(row.roles.values_list("role", flat=True)),
        roles=frozenset(roles),
        valid_from=valid_from,
        valid_to=valid_to,
        appointment_to=row.valid_to,
    )
    require_delegable(terms, today=today)
    _require_fit_deputy(row, deputy_id, needs_same_body=is_own, today=today)
    _require_no_other_deputy(row, terms)
    made = Delegation.objects.create(
        appointment=row,
        deputy_id=deputy_id,
        roles=sorted(terms.roles),
        valid_from=valid_from,
        valid_to=valid_to,
        reason=reason.strip(),
        state="granted" if is_own else "asked",
        granted_by_id=actor.user_id,
        granted_at=now,
    )
    names = "、".join(ROLE_LABELS[code] for code in ROLES if code in terms.roles)
    audit.record(
        actor=actor,
        action=f"org.delegation.{made.state}",
        subject=_ref(made),
        after={"roles": sorted(terms.roles), "from": valid_from, "to": valid_to, "deputy_id": deputy_id},
        reason=reason.strip(),
        now=now,
    )
    confirmers = set() if is_own else _system_administrators()
    notices.notice_send(
        to_user_ids=sorted(({row.user_id, deputy_id} | confirmers) - {actor.user_id or 0}),
        text=f"{'代理' if is_own else '待确认的代理'}：{made.deputy.full_name}代{row.user.full_name}（{row.body.name}）办理{names}",
        link="/staff/delegations/",
        kind="org",
        now=now,
    )
    return made.pk


@transaction.atomic
def delegation_confirm(*, actor: Actor, delegation_id: int, seen_version: int, now: datetime) -> None:
    """确认安全管理员代设的代理：由被代理的本人，或系统管理员；设定人与代理人不能确认。"""
    rows = Delegation.objects.select_for_update(of=("self",)).select_related("appointment__user", "deputy")
    row = rows.filter(pk=delegation_id).first()
    is_principal = row is not None and row.appointment.user_id == actor.user_id and actor.on_behalf_of_id is None
    if row is None or not (is_principal or actor.has("system_admin")):
        raise NotFound("没有这项代理", hint="请从代理清单中打开。")
    if row.lock_version != seen_version:
        raise Conflict("这项代理在您打开之后已有变动", hint="请刷新页面查看。")
    if actor.user_id in (row.granted_by_id, row.deputy_id):
        raise NotPermitted("设定人和代理人不能确认", hint="请由被代理的本人或系统管理员确认。", code="change_needs_two")
    if row.valid_to <= localdate(now):
        raise WrongState("这项代理已到期", hint="请刷新页面查看。")
    row.state = DELEGATION_FLOW.decide(row.state, "confirm", roles=actor.roles).target
    row.lock_version += 1
    row.save(update_fields=["state", "lock_version"])
    audit.record(
        actor=actor,
        action="org.delegation.confirmed",
        subject=_ref(row),
        before={"state": "asked"},
        after={"state": row.state, "roles": row.roles, "from": row.valid_from, "to": row.valid_to},
        now=now,
    )
    notices.notice_send(
        to_user_ids=sorted({row.appointment.user_id, row.deputy_id, row.granted_by_id} - {actor.user_id or 0}),
        text=f"代理已确认：{row.deputy.full_name}代{row.appointment.user.full_name}办理",
        link="/staff/delegations/",
        kind="org",
        now=now,
    )


@transaction.atomic
def delegation_end(*, actor: Actor, delegation_id: int, seen_version: int, reason: str, now: datetime) -> None:
    """提前终止：本人、代理人或安全管理员。"""
    rows = Delegation.objects.select_for_update(of=("self",)).select_related("appointment__user", "deputy")
    row = rows.filter(pk=delegation_id).first()
    is_concerned = row is not None and actor.user_id in (row.deputy_id, row.appointment.user_id)
    if row is None or not (is_concerned or actor.has("security_admin")):
        raise NotFound("没有这项代理", hint="请从代理清单中打开。")
    if row.lock_version != seen_version:
        raise Conflict("这项代理在您打开之后已有变动", hint="请刷新页面查看。")
    if row.valid_to <= localdate(now):
        raise WrongState("这项代理已到期", hint="请刷新页面查看。")
    step = DELEGATION_FLOW.decide(row.state, "end", roles=actor.roles, reason=reason)
    row.state, row.ended_by_id, row.ended_at, row.end_reason = step.target, actor.user_id, now, reason.strip()
    row.lock_version += 1
    row.save()
    audit.record(actor=actor, action="org.delegation.ended", subject=_ref(row), reason=reason.strip(), now=now)
    notices.notice_send(
        to_user_ids=sorted({row.appointment.user_id, row.deputy_id} - {actor.user_id or 0}),
        text=f"代理终止：{row.deputy.full_name}不再代{row.appointment.user.full_name}办理",
        link="/staff/delegations/",
        kind="org",
        now=now,
    )


def _system_administrators() -> set[int]:
    return set(AdministratorSeat.objects.filter(kind="system_admin").values_list("user_id", flat=True))


def _ref(row: Delegation) -> audit.SubjectRef:
    label = f"{row.deputy.full_name}代{row.appointment.user.full_name}"
    return audit.SubjectRef("org.delegation", row.pk, label, row.appointment.body_id)


def _require_fit_deputy(row: Appointment, deputy_id: int, *, needs_same_body: bool, today: date) -> None:
    """代理人：账号启用，不是三员；本人设定的须是本机构同事。"""
    deputy = iam.users_by_ids([deputy_id]).get(deputy_id)
    posts = Appointment.objects.filter(current(today), user_id=deputy_id, user__is_active=True)
    if deputy is None or not posts.exists():
        raise InvalidInput("代理人须是在任的同事", hint="请从名单中选择。", code="deputy_unfit")
    if seat_of(deputy_id):
        raise RulesNotMet(
            "系统管理员、安全管理员、审计管理员不能代理业务职责",
            hint="请选择业务同事。",
            code="administrators_exclusive",
        )
    if needs_same_body and not posts.filter(body_id=row.body_id).exists():
        raise NotPermitted(
            "自己设定的代理人须是本机构同事", hint="需要外单位的人代理时，请联系安全管理员。", code="deputy_elsewhere"
        )


def _require_no_other_deputy(row: Appointment, terms: DelegationTerms) -> None:
    others = Delegation.objects.filter(
        appointment=row, state__in=("asked", "granted"), valid_from__lt=terms.valid_to, valid_to__gt=terms.valid_from
    ).select_related("deputy")
    for other in others:
        if terms.roles & set(other.roles):
            raise WrongState(
                f"这段时间已由{other.deputy.full_name}代理", hint="请先终止那一项，或改换日期。", code="deputy_already"
            )
