"""交接：某人未办结的工作整体交给另一人；各能力在同一事务里移交，有一类移交不了则全部不动。"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.org.domain.handover import WorkHandedOver, work_sources
from quanze.apps.org.models import Appointment, HandOver, HandOverItem
from quanze.apps.org.selectors.acting import seat_of
from quanze.apps.org.selectors.directory import current
from quanze.base.audit import public as audit
from quanze.base.iam import public as iam
from quanze.base.notices import public as notices
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput, NotFound, RulesNotMet

audit.register_action("org.work.handed_over", "交接工作")
LEADERS = frozenset({"head", "deputy_head", "division_head"})


def may_hand_over(*, actor: Actor, user_id: int) -> bool:
    """谁可以办交接：本人、本机构领导、系统管理员。"""
    if actor.user_id is None or actor.body_id is None:
        return False
    if actor.has("system_admin") or (actor.user_id == user_id and actor.on_behalf_of_id is None):
        return True
    posts = Appointment.objects.filter(user_id=user_id, body_id=actor.body_id)
    return bool(actor.roles & LEADERS) and posts.exists()


@transaction.atomic
def work_hand_over(*, actor: Actor, from_user_id: int, to_user_id: int, reason: str, now: datetime) -> int:
    """交接：列出未办结的工作，逐类移交，留下清单。返回交接编号。

    The successor must already hold the roles that the work needs; what he may not do is named, and nothing moves.
    """
    today = localdate(now)
    if actor.user_id is None or not may_hand_over(actor=actor, user_id=from_user_id):
        raise NotFound("没有这个人", hint="交接由本人、本机构领导或系统管理员办理。")
    if not reason.strip():
        raise RulesNotMet("交接必须写明事由", hint="如调离、退休、退出专班。", code="reason_required")
    people = iam.users_by_ids([from_user_id, to_user_id])
    if from_user_id not in people:
        raise NotFound("没有这个人", hint="请从人员名单中选择。")
    body_id = _shared_body(from_user_id, to_user_id, now)
    if to_user_id == from_user_id or seat_of(to_user_id):
        raise InvalidInput("接手人须是另一位业务同事", hint="请改选。", code="successor_unfit")
    lines = [(source, work) for source in work_sources() for work in source.find(from_user_id, today)]
    if not lines:
        raise RulesNotMet(
            f"{people[from_user_id].full_name}没有未办结的工作", hint="不必交接。", code="nothing_to_hand_over"
        )
    made = HandOver.objects.create(
        from_user_id=from_user_id,
        to_user_id=to_user_id,
        body_id=body_id,
        reason=reason.strip(),
        made_by_id=actor.user_id,
        made_at=now,
    )
    HandOverItem.objects.bulk_create(
        HandOverItem(
            hand_over=made,
            source=source.key,
            subject_kind=work.subject_kind,
            subject_id=work.subject_id,
            label=work.label[:300],
            due_on=work.due_on,
        )
        for source, work in lines
    )
    event = WorkHandedOver(
        from_user_id, to_user_id, people[to_user_id].full_name, actor, reason.strip(), now=now, today=today
    )
    for source in work_sources():
        source.move(event)
    counts = {source.label: sum(1 for each, _ in lines if each is source) for source in work_sources()}
    audit.record(
        actor=actor,
        action="org.work.handed_over",
        subject=audit.SubjectRef(
            "org.hand_over",
            made.pk,
            f"{people[from_user_id].full_name} → {people[to_user_id].full_name}",
            body_id,
        ),
        after={"counts": counts, "items": [[work.subject_kind, work.subject_id] for _, work in lines]},
        reason=reason.strip(),
        now=now,
    )
    notices.notice_send(
        to_user_ids=sorted({from_user_id, to_user_id} - {actor.user_id or 0}),
        text=f"交接：{people[from_user_id].full_name}的 {len(lines)} 件工作由{people[to_user_id].full_name}接手",
        link=f"/open/org.hand_over/{made.pk}/",
        kind="org",
        now=now,
    )
    return made.pk


def _shared_body(from_user_id: int, to_user_id: int, now: datetime) -> int:
    """两人共同的机构：接手人须在移交人任过职的机构里在任。"""
    mine = Appointment.objects.filter(user_id=from_user_id).order_by("-valid_from", "-id")
    theirs = Appointment.objects.filter(current(localdate(now)), user_id=to_user_id, user__is_active=True)
    bodies = set(theirs.values_list("body_id", flat=True))
    shared = next((row.body_id for row in mine if row.body_id in bodies), None)
    if shared is None:
        raise InvalidInput(
            "接手人须是同一机构的在任同事", hint="请先为接手人建立任职，再办交接。", code="successor_unfit"
        )
    return shared
