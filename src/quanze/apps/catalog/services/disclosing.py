"""公开渠道：印发公布后逐渠道限期公开，登记凭据，登记手册发放。

In force on the stated day by the statutory site alone; the other channels follow as tasks and are no condition of anything.
A new edition takes the place of what was still open for the old one: nobody hangs up a list that is no longer the latest.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import BinaryIO

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.catalog.domain import channels as domain
from quanze.apps.catalog.domain.base_lists import POWER_LIST
from quanze.apps.catalog.models import DisclosureTask, HandbookDelivery, ListEdition
from quanze.apps.catalog.selectors import disclosing as selectors
from quanze.apps.catalog.services.packs import channels
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.base.calendar import public as calendar
from quanze.base.files import public as files
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, RulesNotMet

for _code, _label in {
    "catalog.disclosure.reported": "登记渠道公开",
    "catalog.disclosure.excused": "说明渠道不适用",
    "catalog.disclosure.reopened": "更正渠道登记",
    "catalog.handbook.delivered": "登记手册发放",
}.items():
    audit.register_action(_code, _label)

RECEIPT = "catalog.receipt"


def tasks_open(*, edition: ListEdition, now: datetime) -> int:
    """公布之后：按机构种类生成各渠道的任务，返回条数。Called by the publication itself, which is what is recorded."""
    if edition.power_list.list_type != POWER_LIST:
        return 0
    body = org.bodies_by_ids([edition.power_list.body_id])[edition.power_list.body_id]
    today = localdate(now)
    _supersede_open(edition)
    rows = []
    for channel in channels().for_body(body.kind):
        due = calendar.due(max(today, edition.valid_from), channel.workdays)
        row = DisclosureTask(
            edition=edition,
            channel=channel.code,
            channel_label=channel.label,
            due_on=due.on,
            due_is_projected=due.projected,
            digest=edition.digest,
            opened_at=now,
        )
        if channel.is_statutory:
            row.state = domain.DISCLOSURE_FLOW.decide("pending", "report", roles=["publisher"]).target
            row.done_on, row.reported_by_name, row.reported_at = edition.valid_from, "系统", now
        rows.append(row)
    DisclosureTask.objects.bulk_create(rows)
    return len(rows)


def _supersede_open(edition: ListEdition) -> None:
    target = domain.DISCLOSURE_FLOW.decide("pending", "supersede", roles=()).target
    earlier = DisclosureTask.objects.filter(edition__power_list=edition.power_list, state="pending")
    earlier.exclude(edition=edition).update(state=target)


def _task(actor: Actor, task_id: int, seen_version: int) -> DisclosureTask:
    row = (
        DisclosureTask.objects.select_for_update(of=("self",))
        .select_related("edition__power_list")
        .filter(selectors.seen_by(actor.scope), pk=task_id)
        .first()
    )
    if row is None:
        raise NotFound("没有这项公开任务", hint="请从清单的“公开”页打开。")
    if actor.body_id != row.edition.power_list.body_id:
        raise NotPermitted("渠道公开由清单所属机构登记", hint="请由该机构有信息公开职责的同事办理。")
    if row.lock_version != seen_version:
        raise Conflict("这项任务在您打开之后已有新的登记", hint="请刷新页面，查看后再办。")
    return row


def _subject(row: DisclosureTask) -> audit.SubjectRef:
    label = f"第{row.edition.number}版 {row.channel_label}"
    return audit.SubjectRef("catalog.disclosure_task", row.pk, label, row.edition.power_list.body_id)


def _told(row: DisclosureTask) -> dict[str, object]:
    told = {"state": row.state, "done_on": row.done_on, "url": row.url, "place": row.place}
    return told | {"receipt": row.receipt_file_id, "digest": row.digest}


@transaction.atomic
def disclosure_report(
    *,
    actor: Actor,
    task_id: int,
    seen_version: int,
    done_on: date,
    url: str = "",
    place: str = "",
    receipt: tuple[str, BinaryIO] | None = None,
    note: str = "",
    now: datetime,
) -> None:
    """登记某渠道已公开：日期、网址或地点、凭据（文件名与内容）。公开日期不早于施行日、不晚于今天。"""
    row = _task(actor, task_id, seen_version)
    channel = channels().get(row.channel)
    step = domain.DISCLOSURE_FLOW.decide(row.state, "report", roles=actor.roles)
    domain.require_proof(channel, url=url.strip(), has_file=receipt is not None or row.receipt_file_id is not None)
    if not row.edition.issued_on <= done_on <= localdate(now):
        raise InvalidInput(
            f"公开日期应在印发日期 {row.edition.issued_on} 与今天之间",
            hint="请核对日期；还没有公开的先不要登记。",
            code="done_on_out_of_range",
        )
    before = _told(row)
    if receipt is not None:
        name, stream = receipt
        kept = files.store(
            data=stream, name=name, body_id=row.edition.power_list.body_id, actor=actor, purpose=RECEIPT, now=now
        )
        row.receipt_file_id = kept.id
    row.state, row.done_on = step.target, done_on
    row.url, row.place, row.note = url.strip(), place.strip(), note.strip()
    _store(row, actor, now)
    audit.record(
        actor=actor,
        action="catalog.disclosure.reported",
        subject=_subject(row),
        before=before,
        after=_told(row),
        reason=note,
        now=now,
    )


@transaction.atomic
def disclosure_excuse(*, actor: Actor, task_id: int, seen_version: int, reason: str, now: datetime) -> None:
    """说明某渠道对本机构不适用（没有公众号、没有大厅），写明理由。"""
    _settle(actor, task_id, seen_version, "excuse", "catalog.disclosure.excused", reason, now)


@transaction.atomic
def disclosure_reopen(*, actor: Actor, task_id: int, seen_version: int, reason: str, now: datetime) -> None:
    """更正登记：退回待公开，原凭据留在记录里。"""
    _settle(actor, task_id, seen_version, "reopen", "catalog.disclosure.reopened", reason, now)


def _settle(actor: Actor, task_id: int, seen_version: int, verb: str, action: str, reason: str, now: datetime) -> None:
    row = _task(actor, task_id, seen_version)
    if verb == "reopen" and channels().get(row.channel).is_statutory:
        raise RulesNotMet(
            "法定公开平台由系统办成，不必更正", hint="清单内容有误的，请走勘误。", code="statutory_channel"
        )
    before = _told(row)
    row.state = domain.DISCLOSURE_FLOW.decide(row.state, verb, roles=actor.roles, reason=reason).target
    row.note = reason.strip()
    if verb == "reopen":
        row.done_on, row.url, row.place, row.receipt_file_id = None, "", "", None
    _store(row, actor, now)
    audit.record(
        actor=actor, action=action, subject=_subject(row), before=before, after=_told(row), reason=reason, now=now
    )


def _store(row: DisclosureTask, actor: Actor, now: datetime) -> None:
    row.reported_by_name, row.reported_at = actor.name, now
    row.lock_version += 1
    row.save()


@transaction.atomic
def handbook_deliver(*, actor: Actor, edition_id: int, text: str, delivered_on: date, now: datetime) -> int:
    """登记手册发放：每行一处与份数，整批写入或一行不写，返回处数。"""
    edition = (
        ListEdition.objects.select_for_update(of=("self",))
        .select_related("power_list")
        .filter(selectors.edition_seen_by(actor.scope), pk=edition_id)
        .first()
    )
    if edition is None:
        raise NotFound("没有这一版清单", hint="请从清单的“公开”页打开。")
    if actor.body_id != edition.power_list.body_id or not actor.has("publisher", "drafter"):
        raise NotPermitted("手册发放由清单所属机构登记", hint="请由该机构有信息公开职责的同事办理。")
    if not edition.issued_on <= delivered_on <= localdate(now):
        raise InvalidInput(
            f"发放日期应在印发日期 {edition.issued_on} 与今天之间",
            hint="请核对日期。",
            code="delivered_on_out_of_range",
        )
    rows = domain.parse_deliveries(text)
    HandbookDelivery.objects.bulk_create(
        [
            HandbookDelivery(
                edition=edition,
                place=row.place,
                copies=row.copies,
                delivered_on=delivered_on,
                recorded_by_name=actor.name,
                recorded_at=now,
            )
            for row in rows
        ]
    )
    audit.record(
        actor=actor,
        action="catalog.handbook.delivered",
        subject=audit.SubjectRef(
            "catalog.list", edition.power_list_id, f"第{edition.number}版手册", edition.power_list.body_id
        ),
        after={
            "places": [[row.place, row.copies] for row in rows],
            "copies": sum(row.copies for row in rows),
            "delivered_on": delivered_on,
            "digest": edition.digest,
        },
        now=now,
    )
    return len(rows)
