"""备案：关联清单先行调整的，由其主管部门报备；备案不是审批，编办只予以备案或要求补正，可由备案直接开启调整。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.adjustment.domain.lifecycles import FILING_FLOW
from quanze.apps.adjustment.models import Filing
from quanze.apps.adjustment.selectors import filings as selectors
from quanze.apps.adjustment.services.triggering import trigger_open
from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.base.calendar import public as calendar
from quanze.base.notices import public as notices
from quanze.core.actor import Actor
from quanze.core.errors import ErrorPlace, InvalidInput, NotFound, NotPermitted

for _code, _label in {
    "adjustment.filing.made": "报送备案",
    "adjustment.filing.accepted": "予以备案",
    "adjustment.filing.returned": "备案要求补正",
    "adjustment.filing.refiled": "补正后再报备案",
    "adjustment.filing.withdrawn": "撤回备案",
}.items():
    audit.register_action(_code, _label)

CORRECTION_WORKDAYS = 5  # practice: the office may order correction within five working days; what is done goes on


def _subject(row: Filing) -> audit.SubjectRef:
    return audit.SubjectRef("adjustment.filing", row.pk, f"{row.number} {row.catalogue}", row.body_id)


@transaction.atomic
def filing_make(
    *,
    actor: Actor,
    catalogue: str,
    document_number: str,
    published_on: date,
    text: str,
    item_ids: Sequence[int],
    now: datetime,
) -> int:
    """报送备案：哪份关联清单、何文何日公布、怎样调整、牵涉哪些权责事项。返回备案编号。"""
    if actor.body_id is None or not actor.has("drafter", "publisher", "government_services", "justice"):
        raise NotPermitted("备案由关联清单的主管部门报送", hint="请由该部门的经办人办理。")
    for value, field, said in ((catalogue, "catalogue", "关联清单"), (text, "text", "调整情况")):
        if not value.strip():
            raise InvalidInput(f"{said}没有填写", place=ErrorPlace(field=field), code="filing_incomplete")
    today = localdate(now)
    if not date(1990, 1, 1) <= published_on <= today:
        raise InvalidInput(
            "公布日期不应晚于今天", place=ErrorPlace(field="published_on"), code="published_on_out_of_range"
        )
    known = catalog.published_briefs(item_ids, scope=actor.scope)
    if missing := [item_id for item_id in item_ids if item_id not in known]:
        raise NotFound(f"没有公布的事项（{missing[0]}）", hint="请从公开的清单中选择。")
    row = Filing.objects.create(
        number="",
        body_id=actor.body_id,
        body_name=actor.body_name,
        catalogue=catalogue.strip()[:100],
        document_number=document_number.strip()[:100],
        published_on=published_on,
        text=text.strip(),
        item_ids=list(dict.fromkeys(item_ids)),
        filed_by_name=actor.name,
        filed_at=now,
        due_on=calendar.due(today, CORRECTION_WORKDAYS).on,
    )
    row.number = f"BA{today:%Y}-{row.pk:05d}"
    row.save(update_fields=["number"])
    audit.record(
        actor=actor,
        action="adjustment.filing.made",
        subject=_subject(row),
        after={"catalogue": row.catalogue, "document_number": row.document_number, "items": len(row.item_ids)},
        reason=text,
        now=now,
    )
    office = org.body_performing("establishment", for_body_id=actor.body_id)
    if office is not None:
        notices.notice_send(
            to_user_ids=org.holders_of("establishment", office, on=today),
            text=f"{row.body_name}报送备案：{row.catalogue}",
            link=f"/open/adjustment.filing/{row.pk}/",
            kind="adjustment",
            now=now,
        )
    return row.pk


def _decide(actor: Actor, filing_id: int, seen_version: int, verb: str, reason: str, now: datetime) -> Filing:
    row = selectors.find(filing_id=filing_id, scope=actor.scope, seen_version=seen_version, lock=True)
    row.state = FILING_FLOW.decide(row.state, verb, roles=actor.roles, reason=reason).target
    row.lock_version += 1
    if verb in ("accept", "send_back"):
        row.opinion, row.handled_by_name, row.handled_at = reason.strip()[:500], actor.name, now
    return row


@transaction.atomic
def filing_accept(
    *, actor: Actor, filing_id: int, seen_version: int, is_adjusting: bool, reason: str = "", now: datetime
) -> int | None:
    """予以备案；``is_adjusting`` 同时由它开启调整，两边互相连着。返回调整事由编号。"""
    row = _decide(actor, filing_id, seen_version, "accept", reason, now)
    if is_adjusting:
        if not row.item_ids:
            raise InvalidInput(
                "备案没有写明牵涉哪些权责事项，不能直接开启调整", hint="请要求补正，或另行登记事由。", code="no_items"
            )
        trigger_id = trigger_open(
            actor=actor,
            kind="linked_filing",
            title=f"{row.catalogue}调整（{row.number}）"[:200],
            evidence=f"{row.body_name}备案 {row.number}　{row.document_number}".strip(),
            legal_on=row.published_on,
            item_reasons=dict.fromkeys(row.item_ids, row.catalogue),
            note=row.text,
            source_key=f"filing:{row.pk}",
            now=now,
        )
        row.trigger_id = trigger_id
    row.save()
    audit.record(
        actor=actor,
        action="adjustment.filing.accepted",
        subject=_subject(row),
        after={"trigger": row.trigger_id},
        reason=reason,
        now=now,
    )
    return row.trigger_id


@transaction.atomic
def filing_send_back(*, actor: Actor, filing_id: int, seen_version: int, reason: str, now: datetime) -> None:
    """要求补正。"""
    row = _decide(actor, filing_id, seen_version, "send_back", reason, now)
    row.save()
    audit.record(actor=actor, action="adjustment.filing.returned", subject=_subject(row), reason=reason, now=now)


@transaction.atomic
def filing_refile(*, actor: Actor, filing_id: int, seen_version: int, text: str, now: datetime) -> None:
    """补正后再报。"""
    row = _decide(actor, filing_id, seen_version, "refile", "", now)
    _require_own(actor, row)
    if not text.strip():
        raise InvalidInput("调整情况没有填写", place=ErrorPlace(field="text"), code="filing_incomplete")
    before = {"text": row.text}
    row.text, row.due_on = text.strip(), calendar.due(localdate(now), CORRECTION_WORKDAYS).on
    row.save()
    audit.record(
        actor=actor,
        action="adjustment.filing.refiled",
        subject=_subject(row),
        before=before,
        after={"text": row.text},
        now=now,
    )


@transaction.atomic
def filing_withdraw(*, actor: Actor, filing_id: int, seen_version: int, reason: str, now: datetime) -> None:
    """撤回备案。"""
    row = _decide(actor, filing_id, seen_version, "withdraw", reason, now)
    _require_own(actor, row)
    row.save()
    audit.record(actor=actor, action="adjustment.filing.withdrawn", subject=_subject(row), reason=reason, now=now)


def _require_own(actor: Actor, row: Filing) -> None:
    if actor.body_id != row.body_id:
        raise NotPermitted("由报送备案的机构办理", hint=f"请由{row.body_name}办理。")
