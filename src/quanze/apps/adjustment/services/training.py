"""培训登记：专项工作中的业务培训，日期、内容、人数、材料。"""

from __future__ import annotations

from datetime import date, datetime
from typing import BinaryIO

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.adjustment.models import TrainingSession
from quanze.apps.adjustment.selectors import campaigns as selectors
from quanze.apps.adjustment.services.campaigning import subject_of
from quanze.base.audit import public as audit
from quanze.base.files import public as files
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, ErrorPlace, InvalidInput, NotPermitted, RulesNotMet, WrongState

for _code, _label in {
    "adjustment.campaign.session_recorded": "登记业务培训",
    "adjustment.campaign.session_removed": "撤销培训登记",
}.items():
    audit.register_action(_code, _label)

MATERIAL_PURPOSE = "adjustment.training"
RECORDERS = ("establishment", "drafter", "publisher")


@transaction.atomic
def session_record(
    *,
    actor: Actor,
    campaign_id: int,
    held_on: date,
    topic: str,
    attendees: int,
    material_name: str = "",
    material: bytes | BinaryIO | None = None,
    now: datetime,
) -> int:
    """登记一次培训（本机构办的），材料一并收存。返回编号。"""
    campaign = selectors.find(campaign_id=campaign_id, actor=actor, lock=True)
    if not actor.has(*RECORDERS) or actor.body_id is None:
        raise NotPermitted("您当前的角色不能登记培训", hint="请由本机构经办人登记。")
    if campaign.state != "running":
        raise WrongState("专项工作不在进行中", hint="下发之后、结束之前才能登记培训。", code="campaign_not_running")
    if held_on > localdate(now):
        raise InvalidInput("培训日期在今天之后", hint="办完再登记。", place=ErrorPlace(field="held_on"))
    topic = topic.strip()[:200]
    if not topic or attendees < 1:
        raise InvalidInput("内容没有填写，或人数不到 1", hint="请核对后再登记。", code="session_incomplete")
    if TrainingSession.objects.filter(campaign=campaign, body_id=actor.body_id, held_on=held_on, topic=topic).exists():
        raise InvalidInput("这次培训已经登记", hint="同一天同一内容只登记一次。", code="session_exists")
    stored = None
    if material is not None:
        stored = files.store(
            data=material, name=material_name, body_id=actor.body_id, actor=actor, purpose=MATERIAL_PURPOSE, now=now
        )
    row = TrainingSession.objects.create(
        campaign=campaign,
        body_id=actor.body_id,
        body_name=actor.body_name,
        held_on=held_on,
        topic=topic,
        attendees=attendees,
        material_file_id=stored.id if stored else None,
        material_name=stored.name if stored else "",
        recorded_by_name=actor.name,
        recorded_at=now,
    )
    audit.record(
        actor=actor,
        action="adjustment.campaign.session_recorded",
        subject=subject_of(campaign),
        after={"held_on": held_on, "topic": topic, "attendees": attendees, "material": row.material_name},
        now=now,
    )
    return row.pk


@transaction.atomic
def session_remove(*, actor: Actor, session_id: int, seen_version: int, reason: str, now: datetime) -> None:
    """登记错了的撤销：只限登记的机构，写明理由；记录里仍看得到。"""
    row = selectors.session_find(session_id=session_id, actor=actor, lock=True)
    if row.body_id != actor.body_id or not actor.has(*RECORDERS):
        raise NotPermitted("由登记的机构撤销", hint=f"请由{row.body_name}办理。")
    if row.lock_version != seen_version:
        raise Conflict("这次培训的登记已有改动", hint="请刷新页面。")
    if row.campaign.state != "running":
        raise WrongState("专项工作不在进行中", hint="已结束的不再改动。", code="campaign_not_running")
    if not reason.strip():
        raise RulesNotMet("撤销登记必须写明理由", hint="例如：日期填错，另行登记。", code="reason_required")
    before = {"held_on": row.held_on, "topic": row.topic, "attendees": row.attendees}
    row.delete()
    audit.record(
        actor=actor,
        action="adjustment.campaign.session_removed",
        subject=subject_of(row.campaign),
        before=before,
        reason=reason,
        now=now,
    )
