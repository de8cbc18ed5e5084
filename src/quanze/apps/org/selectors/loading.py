"""名录载入的读取：现有名录的快照、一次载入的计划、成批角色变更。"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, Q, QuerySet

from quanze.apps.org.domain import ADMINISTRATORS
from quanze.apps.org.domain.directory_present import (
    Present,
    PresentAccount,
    PresentAppointment,
    PresentBody,
    PresentDivision,
    PresentRegion,
)
from quanze.apps.org.domain.people_plan import DirectoryPlan, plan_directory
from quanze.apps.org.domain.sheets import ReadRow
from quanze.apps.org.models import (
    AdministratorSeat,
    Appointment,
    Body,
    BodyFunction,
    BodyParent,
    DirectoryLoad,
    Division,
    Post,
    Region,
    RoleChange,
    RoleChangeBatch,
)
from quanze.core.actor import Actor
from quanze.core.errors import NotFound, NotPermitted


def require_loader(actor: Actor) -> None:
    """名录由系统管理员载入。"""
    if not actor.has("system_admin"):
        raise NotPermitted("名录由系统管理员载入", hint="请联系系统管理员。")


def present_directory(*, today: date) -> Present:
    """现有名录：一张表一个查询，与大小无关。"""
    codes = dict(Body.objects.values_list("pk", "code"))
    regions = {
        row.code: PresentRegion(row.code, row.name, row.level, row.parent.code if row.parent else "")
        for row in Region.objects.select_related("parent")
    }
    parents = dict(BodyParent.objects.filter(valid_to__isnull=True).values_list("body_id", "parent_id"))
    bodies = {
        row.code: PresentBody(
            row.code, row.name, row.kind, row.region.code, row.valid_from, row.short_name, row.document_mark,
            codes.get(parents.get(row.pk, 0), ""), row.valid_to,
        )
        for row in Body.objects.select_related("region")
    }  # fmt: skip
    seats = dict(AdministratorSeat.objects.values_list("user_id", "kind"))
    accounts = {
        row.username: PresentAccount(
            row.username, row.full_name, row.phone, row.is_active, hasattr(row, "system_account"), seats.get(row.pk, "")
        )
        for row in get_user_model().objects.select_related("system_account")
    }
    return Present(
        regions=regions,
        bodies=bodies,
        divisions=tuple(
            PresentDivision(codes[row.body_id], row.code, row.name, row.valid_from, row.valid_to)
            for row in Division.objects.all()
        ),
        posts=frozenset(
            (codes[row.body_id], row.division.code if row.division else "", row.name)
            for row in Post.objects.select_related("division")
        ),
        functions={
            (row.region.code, row.role): codes[row.body_id] for row in BodyFunction.objects.select_related("region")
        },
        accounts=accounts,
        appointments=_appointments(codes, today),
    )


def _appointments(codes: dict[int, str], today: date) -> tuple[PresentAppointment, ...]:
    pending = {
        change.appointment_id: (
            tuple(change.after["roles"]),
            change.after["scope"],
            tuple(sorted(codes[body_id] for body_id in change.after["bodies"])),
        )
        for change in RoleChange.objects.filter(kind="roles", state="requested")
    }
    rows = Appointment.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=today))
    return tuple(
        PresentAppointment(
            id=row.pk,
            username=row.user.username,
            body=codes[row.body_id],
            division=row.post.division.code if row.post and row.post.division else "",
            post=row.post.name if row.post else "",
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            roles=tuple(sorted(each.role for each in row.roles.all())),
            scope=row.scope_kind,
            named=tuple(sorted(codes[each.body_id] for each in row.named_bodies.all())),
            pending=pending.get(row.pk),
        )
        for row in rows.select_related("user", "post__division").prefetch_related("roles", "named_bodies")
    )


def loads(*, actor: Actor) -> QuerySet[DirectoryLoad]:
    """历次载入。"""
    require_loader(actor)
    return DirectoryLoad.objects.exclude(state="discarded").defer("rows").select_related("uploaded_by")


def load(*, actor: Actor, load_id: int) -> DirectoryLoad:
    """一次载入。"""
    require_loader(actor)
    row = DirectoryLoad.objects.select_related("uploaded_by", "batch").filter(pk=load_id).first()
    if row is None:
        raise NotFound("没有这次载入", hint="请从名录载入页面打开。")
    return row


def plan_of(row: DirectoryLoad, *, today: date) -> DirectoryPlan:
    """存下的各行对照现有名录的计划。"""
    return plan_directory(rows_from(row.rows), present_directory(today=today), today=today)


def rows_from(data: dict[str, Any]) -> dict[str, list[ReadRow]]:
    """存档的各行还原。"""
    return {key: [ReadRow.from_data(each) for each in rows] for key, rows in data.items()}


def open_batches(*, actor: Actor) -> list[RoleChangeBatch]:
    """还有待确认申请的批次，附 ``waiting`` 项数。"""
    if not actor.roles & ADMINISTRATORS:
        return []
    rows = RoleChangeBatch.objects.select_related("requested_by").annotate(
        waiting=Count("items", filter=Q(items__change__state="requested"))
    )
    return list(rows.filter(waiting__gt=0))


def batch(*, actor: Actor, batch_id: int) -> tuple[RoleChangeBatch, list[RoleChange]]:
    """一批申请与其中各项。"""
    row = RoleChangeBatch.objects.select_related("requested_by").filter(pk=batch_id).first()
    if row is None or not actor.roles & ADMINISTRATORS:
        raise NotFound("没有这一批申请", hint="请从角色变更清单中打开。")
    changes = RoleChange.objects.filter(batch_item__batch=row).select_related("user", "body", "appointment__post")
    batched: defaultdict[str, list[RoleChange]] = defaultdict(list)
    for change in changes.order_by("body__name", "pk"):
        batched[change.state].append(change)
    return row, [change for state in ("requested", *sorted(batched)) for change in batched.pop(state, [])]
