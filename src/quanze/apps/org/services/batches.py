"""成批角色变更：一次载入里申请的全部角色，由另一位管理员一次确认。

The rules are those of a single change, person by person: nobody confirms what he asked for, nobody gains by his own hand, and
a change whose appointment was altered meanwhile stops the whole decision and is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from quanze.apps.org.domain import ADMINISTRATORS
from quanze.apps.org.models import AdministratorSeat, RoleChange, RoleChangeBatch, RoleChangeBatchItem
from quanze.apps.org.services.changing import change_settle, change_write
from quanze.base.audit import public as audit
from quanze.base.notices import public as notices
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, InvalidInput, NotFound, WrongState

audit.register_actions({"org.role_batch.requested": "成批申请角色", "org.role_batch.decided": "成批办理角色申请"})


@dataclass(frozen=True, slots=True)
class WantedRoles:
    """要给某任职的角色与范围。"""

    appointment_id: int
    roles: tuple[str, ...]
    scope_kind: str
    named_body_ids: tuple[int, ...] = ()


@transaction.atomic
def role_changes_request(*, actor: Actor, wanted: Sequence[WantedRoles], label: str, reason: str, now: datetime) -> int:
    """成批申请：每个任职一项申请，合为一批。返回批次编号。"""
    if not wanted:
        raise InvalidInput("没有要申请的角色", hint="请至少写一项。", code="nothing_changed")
    changes = [
        change_write(
            actor=actor,
            appointment_id=each.appointment_id,
            seen_version=None,
            roles=each.roles,
            scope_kind=each.scope_kind,
            named_body_ids=each.named_body_ids,
            reason=reason,
            now=now,
        )
        for each in wanted
    ]
    batch = RoleChangeBatch.objects.create(label=label, requested_by_id=changes[0].requested_by_id, requested_at=now)
    RoleChangeBatchItem.objects.bulk_create(RoleChangeBatchItem(batch=batch, change=change) for change in changes)
    audit.record(
        actor=actor,
        action="org.role_batch.requested",
        subject=_ref(batch),
        after={"changes": len(changes)},
        reason=reason,
        now=now,
    )
    asked_as = changes[0].requested_as
    seats = AdministratorSeat.objects.filter(kind__in={"system_admin", "security_admin"} - {asked_as})
    notices.notice_send(
        to_user_ids=sorted(seats.values_list("user_id", flat=True)),
        text=f"待确认的成批角色变更：{label}，{len(changes)} 项",
        link=f"/open/org.role_batch/{batch.pk}/",
        kind="org",
        now=now,
    )
    return batch.pk


@transaction.atomic
def role_changes_decide(
    *, actor: Actor, batch_id: int, seen_version: int, verb: str, note: str = "", now: datetime
) -> int:
    """一次确认（confirm）或不予确认（refuse）批中还没有办的全部申请。返回办了几项。"""
    if verb not in ("confirm", "refuse"):
        raise InvalidInput(f"没有“{verb}”这种办理方式", hint="可用：confirm、refuse。", code="verb_unknown")
    batch = RoleChangeBatch.objects.select_for_update().filter(pk=batch_id).first()
    if batch is None or not actor.roles & ADMINISTRATORS:
        raise NotFound("没有这一批申请", hint="请从角色变更清单中打开。")
    if batch.lock_version != seen_version:
        raise Conflict("这一批在您打开之后已被办理", hint="请刷新页面查看结果。")
    rows = RoleChange.objects.select_for_update(of=("self",)).select_related("user", "leaving_user")
    changes = list(rows.filter(batch_item__batch=batch, state="requested").order_by("pk"))
    if not changes:
        raise WrongState("这一批已经办完", hint="请刷新页面查看结果。")
    for change in changes:
        try:
            change_settle(actor=actor, change=change, verb=verb, note=note, now=now)
        except (Conflict, WrongState) as problem:
            raise Conflict(
                f"{change.user.full_name}：{problem.message}", hint=f"整批没有变动。请先单独办理这一项。{problem.hint}"
            ) from problem
    batch.lock_version += 1
    batch.save(update_fields=["lock_version"])
    audit.record(
        actor=actor,
        action="org.role_batch.decided",
        subject=_ref(batch),
        after={"verb": verb, "changes": len(changes)},
        reason=note.strip(),
        now=now,
    )
    notices.notice_send(
        to_user_ids=[batch.requested_by_id],
        text=f"成批角色变更{'已确认' if verb == 'confirm' else '不予确认'}：{batch.label}，{len(changes)} 项",
        link=f"/open/org.role_batch/{batch.pk}/",
        kind="org",
        now=now,
    )
    return len(changes)


def _ref(batch: RoleChangeBatch) -> audit.SubjectRef:
    return audit.SubjectRef("org.role_batch", batch.pk, batch.label, None)
