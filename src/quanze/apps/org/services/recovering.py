"""恢复三员：三员进不了系统时，在服务器上让现任重新进来，或由他人接替；每一席一条开通链接。

The product has no superuser and nobody inside can let the three in, so the way back stands outside: who holds the shell of
the server holds the data anyway. What he does here is not hidden, though. It needs a reason and a name, every row of it
stands in the record with the login of the host, and all administrators find a message of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.org.domain import ADMINISTRATORS, ROLE_LABELS, ROLES
from quanze.apps.org.models import AdministratorSeat, Appointment, Body
from quanze.apps.org.services.first_start import Invitation, Newcomer, is_set_up
from quanze.apps.org.services.seats import seat_arrive, seat_depart
from quanze.base.audit import public as audit
from quanze.base.iam import public as iam
from quanze.base.notices import public as notices
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

audit.register_action("org.seat.recovered", "在服务器上恢复三员")


@transaction.atomic
def seats_recover(
    *,
    actor: Actor,
    reopened: Sequence[str] = (),
    replaced: Mapping[str, Newcomer] | None = None,
    reason: str,
    now: datetime,
) -> list[Invitation]:
    """恢复席位：``reopened`` 各席的现任重新开通，``replaced`` 各席改由所写的人就任（现任随之离任）。返回开通链接。

    A newcomer whose login exists keeps his account (it must be free of other duties); else an account is made for him.
    """
    newcomers = {kind: Newcomer(one.username.strip(), one.full_name.strip()) for kind, one in (replaced or {}).items()}
    _require_order(actor, reopened, newcomers, reason)
    invitations: list[Invitation] = []
    for kind in (code for code in ROLES if code in ADMINISTRATORS):
        if kind in newcomers:
            invitations.append(_replace(actor, kind, newcomers[kind], reason, now))
        elif kind in reopened:
            invitations += _reopen(actor, kind, reason, now)
    _require_three_names()
    notices.notice_send(
        to_user_ids=list(AdministratorSeat.objects.values_list("user_id", flat=True)),
        text=f"{actor.name}在服务器上恢复了三员：{'，'.join(f'{each.label}{each.full_name}' for each in invitations)}",
        link="/staff/seats/",
        kind="org",
        now=now,
    )
    return invitations


def _require_order(actor: Actor, reopened: Sequence[str], newcomers: Mapping[str, Newcomer], reason: str) -> None:
    if not actor.has("system"):
        raise NotPermitted("恢复三员只能在服务器上办理", hint="请联系有服务器权限的人员。")
    if not is_set_up():
        raise WrongState("还没有完成首次设置，没有三员可恢复", hint="请执行 quanze setup token。", code="not_set_up")
    if not reason.strip():
        raise RulesNotMet("恢复三员必须写明理由", hint="如批准的文号、当时的情形。", code="reason_required")
    wanted = {*reopened, *newcomers}
    if not wanted:
        raise InvalidInput("没有写明恢复哪一席", hint="请写明席位，如 system_admin。", code="seat_nobody")
    if wanted - ADMINISTRATORS:
        raise InvalidInput(
            f"没有这一席：{'、'.join(sorted(wanted - ADMINISTRATORS))}",
            hint=f"可用：{'、'.join(code for code in ROLES if code in ADMINISTRATORS)}。",
            code="seat_unknown",
        )
    for kind in sorted(set(reopened) & newcomers.keys()):
        raise InvalidInput(f"{ROLE_LABELS[kind]}既要重开又要接替", hint="请二者择一。", code="seat_twice")


def _reopen(actor: Actor, kind: str, reason: str, now: datetime) -> list[Invitation]:
    held = AdministratorSeat.objects.select_for_update(of=("self",)).select_related("user").filter(kind=kind)
    rows = list(held.order_by("id"))
    if not rows:
        raise WrongState(
            f"{ROLE_LABELS[kind]}这一席空着，没有现任可以重开", hint="请写明由谁就任。", code="seat_vacant"
        )
    was_active = {row.user_id: row.user.is_active for row in rows}
    made = [_invite(actor, kind, row.user_id, reason, now) for row in rows]
    _record(
        actor,
        kind,
        before={"holders": [f"{row.user.full_name}{'' if was_active[row.user_id] else '（停用）'}" for row in rows]},
        after={"reopened": [row.user.full_name for row in rows]},
        reason=reason,
        now=now,
    )
    return made


def _replace(actor: Actor, kind: str, newcomer: Newcomer, reason: str, now: datetime) -> Invitation:
    """先就任，后离任，与系统内的接替相同。"""
    body_id, leaving = _body_of(kind), list(AdministratorSeat.objects.select_related("user").filter(kind=kind))
    known = iam.user_by_username(newcomer.username)
    if known is not None and known.full_name != newcomer.full_name:
        raise InvalidInput(
            f"登录名“{newcomer.username}”是另一个人的",
            hint="请核对登录名和姓名，二者须与账号一致。",
            code="seat_other_person",
        )
    if known is None:
        known = iam.user_create(
            actor=actor, username=newcomer.username, full_name=newcomer.full_name, phone="", now=now
        )
    today = localdate(now)
    if known.id not in {row.user_id for row in leaving}:
        seat_arrive(user_id=known.id, kind=kind, body_id=body_id, since=today)
    gone = [row for row in leaving if row.user_id != known.id]
    invitation = _invite(actor, kind, known.id, reason, now)
    for row in gone:
        seat_depart(user_id=row.user_id, kind=kind, on=today)
        iam.sessions_end(row.user_id, "roles", actor=actor, now=now)
    _record(
        actor,
        kind,
        before={"holders": [row.user.full_name for row in leaving]},
        after={"arrives": known.full_name, "leave": [row.user.full_name for row in gone]},
        reason=reason,
        now=now,
    )
    return invitation


def _body_of(kind: str) -> int:
    """就任者所在的机构：这一席（没有则任一席）最近一段任职的机构。"""
    terms = Appointment.objects.filter(roles__role__in=ADMINISTRATORS).order_by("-valid_from", "-id")
    row = terms.filter(roles__role=kind).first() or terms.first()
    body_id = row.body_id if row is not None else Body.objects.order_by("id").values_list("id", flat=True).first()
    if body_id is None:
        raise NotFound("名录中没有机构", hint="请先恢复数据，或重新办理首次设置。")
    return body_id


def _invite(actor: Actor, kind: str, user_id: int, reason: str, now: datetime) -> Invitation:
    link = iam.user_reopen(actor=actor, user_id=user_id, reason=reason, now=now)
    user = iam.users_by_ids([user_id])[user_id]
    return Invitation(kind, ROLE_LABELS[kind], user.username, user.full_name, link.token, link.expires_at)


def _require_three_names() -> None:
    """三员须是三个人：同一姓名占两席的不收（账号另有约束）。"""
    kinds: dict[str, set[str]] = {}
    for row in AdministratorSeat.objects.select_related("user"):
        kinds.setdefault(row.user.full_name, set()).add(row.kind)
    for name, held in sorted(kinds.items()):
        if len(held) > 1:
            raise InvalidInput(
                f"三员须是三个人，{name}占了两席", hint="同名的人请在姓名后注明科室。", code="administrators_exclusive"
            )


def _record(
    actor: Actor,
    kind: str,
    *,
    before: Mapping[str, object],
    after: Mapping[str, object],
    reason: str,
    now: datetime,
) -> None:
    audit.record(
        actor=actor,
        action="org.seat.recovered",
        subject=audit.SubjectRef("org.seat", kind, ROLE_LABELS[kind], None),
        before=before,
        after=after,
        reason=reason.strip(),
        now=now,
    )
