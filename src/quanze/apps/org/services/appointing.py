"""任职：就任、终止。角色不在这里授予：带角色的任职只由首次设置与成批载入建立，其后的变更须两人办理（changing）。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.org.domain import ADMINISTRATORS, ScopeKind
from quanze.apps.org.domain.changes import require_known, require_scope, require_separate_duties
from quanze.apps.org.models import Appointment, AppointmentBody, AppointmentRole, Body, Division, Post
from quanze.apps.org.services.seats import require_no_seat, seat_take
from quanze.base.audit import public as audit
from quanze.base.iam.public import users_by_ids
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

audit.register_action("org.appointment.made", "任职")
audit.register_action("org.appointment.ended", "终止任职")


def appointment_ref(row: Appointment) -> audit.SubjectRef:
    """任职的客体引用。"""
    post = row.post.name if row.post else ""
    return audit.SubjectRef(
        "org.appointment", row.pk, f"{row.user.full_name} · {row.body.name} {post}".strip(), row.body_id
    )


@transaction.atomic
def appointment_make(
    *,
    actor: Actor,
    user_id: int,
    body_id: int,
    roles: Sequence[str] = (),
    post: str = "",
    division_code: str = "",
    scope_kind: str = ScopeKind.OWN,
    named_body_ids: Sequence[int] = (),
    valid_from: date,
    valid_to: date | None = None,
    note: str = "",
    now: datetime,
) -> int:
    """任职：某人自某日起在某机构某岗位。系统管理员建立的任职不带角色。返回任职编号。"""
    if not actor.has("system", "system_admin"):
        raise NotPermitted("任职由系统管理员办理", hint="请联系系统管理员。")
    if (roles or scope_kind != ScopeKind.OWN) and not actor.has("system"):
        raise NotPermitted(
            "系统管理员不授予角色和数据范围",
            hint="请先建立任职，再申请角色，由安全管理员确认。",
            code="roles_need_two_people",
        )
    if user_id not in users_by_ids([user_id]):
        raise NotFound("没有这个账号", hint="请从人员名单中选择。")
    body = Body.objects.filter(pk=body_id).first()
    if body is None:
        raise NotFound("没有这个机构", hint="请从机构名录中选择。")
    if valid_to is not None and valid_to <= valid_from:
        raise InvalidInput("终止日期须在开始日期之后", hint="请改正起止日期。", code="appointment_period")
    require_known(roles)
    require_separate_duties(roles)
    require_scope(roles=roles, scope_kind=scope_kind, named=named_body_ids, valid_to=valid_to)
    for kind in ADMINISTRATORS & set(roles):
        seat_take(user_id=user_id, kind=kind, since=valid_from)
    if roles:
        require_no_seat(user_id=user_id, roles=set(roles), valid_to=valid_to)
    row = Appointment.objects.create(
        user_id=user_id,
        body=body,
        post=_post(body, post, division_code),
        scope_kind=scope_kind,
        valid_from=valid_from,
        valid_to=valid_to,
        note=note.strip(),
    )
    roles_write(row, roles=roles, named_body_ids=named_body_ids)
    audit.record(
        actor=actor,
        action="org.appointment.made",
        subject=appointment_ref(row),
        after={
            "user_id": user_id,
            "roles": sorted(roles),
            "scope": str(scope_kind),
            "from": valid_from,
            "to": valid_to,
        },
        reason=note.strip(),
        now=now,
    )
    return row.pk


def _post(body: Body, name: str, division_code: str) -> Post | None:
    division = Division.objects.filter(body=body, code=division_code).first() if division_code else None
    if division_code and division is None:
        raise NotFound("本机构没有这个内设机构", hint="请从本机构的内设机构中选择。")
    return Post.objects.get_or_create(body=body, division=division, name=name.strip())[0] if name.strip() else None


def roles_write(row: Appointment, *, roles: Sequence[str], named_body_ids: Sequence[int]) -> None:
    """把任职的角色与指定机构改成所给的样子。"""
    row.roles.exclude(role__in=list(roles)).delete()
    held = set(row.roles.values_list("role", flat=True))
    AppointmentRole.objects.bulk_create(
        AppointmentRole(appointment=row, role=role) for role in roles if role not in held
    )
    known = set(Body.objects.filter(pk__in=list(named_body_ids)).values_list("pk", flat=True))
    if known != set(named_body_ids):
        raise NotFound("指定的机构中有不存在的", hint="请从机构名录中选择。")
    row.named_bodies.exclude(body_id__in=known).delete()
    named = set(row.named_bodies.values_list("body_id", flat=True))
    AppointmentBody.objects.bulk_create(
        AppointmentBody(appointment=row, body_id=body_id) for body_id in sorted(known - named)
    )


def appointment_for_update(*, appointment_id: int, seen_version: int | None = None) -> Appointment:
    """锁定任职；已被他人改动的答为冲突。"""
    rows = Appointment.objects.select_for_update(of=("self",)).select_related("user", "body", "post")
    row = rows.filter(pk=appointment_id).first()
    if row is None:
        raise NotFound("没有这个任职", hint="请从人员名单中打开。")
    if seen_version is not None and row.lock_version != seen_version:
        raise Conflict("这个任职在您打开之后已被改动", hint="请刷新页面，查看现在的内容后再办。")
    return row


@transaction.atomic
def appointment_end(
    *, actor: Actor, appointment_id: int, seen_version: int, valid_to: date, reason: str, now: datetime
) -> None:
    """终止任职：自某日起不再任职，其角色与代理同时失效。三员须先由他人接替。"""
    if not actor.has("system", "system_admin"):
        raise NotPermitted("任职由系统管理员办理", hint="请联系系统管理员。")
    row = appointment_for_update(appointment_id=appointment_id, seen_version=seen_version)
    if row.user_id == actor.user_id:
        raise NotPermitted("不能终止自己的任职", hint="请由另一位管理员办理。", code="own_roles")
    if not reason.strip():
        raise RulesNotMet("终止任职必须写明理由", hint="请写明理由。", code="reason_required")
    if row.valid_to is not None and row.valid_to <= localdate(now):
        raise WrongState("这个任职已经终止", hint="请刷新页面查看。")
    if valid_to < row.valid_from or (row.valid_to is not None and valid_to > row.valid_to):
        raise InvalidInput("终止日期须在任职开始之后，且不晚于原定日期", hint="请改正日期。", code="appointment_period")
    if row.roles.filter(role__in=ADMINISTRATORS).exists():
        raise RulesNotMet(
            "三员的任职不能直接终止", hint="请申请三员任免，由另一类管理员确认。", code="seat_needs_two_people"
        )
    before = row.valid_to
    row.valid_to = valid_to
    row.lock_version += 1
    row.save(update_fields=["valid_to", "lock_version"])
    audit.record(
        actor=actor,
        action="org.appointment.ended",
        subject=appointment_ref(row),
        before={"to": before},
        after={"to": valid_to},
        reason=reason.strip(),
        now=now,
    )
