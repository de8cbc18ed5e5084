"""登记调整事由：各清单各开一件调整，期限自法定日起算；提前登记的可以先看影响，晚登记的也不少算一天。"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.adjustment.domain.lifecycles import ADJUSTMENT_FLOW
from quanze.apps.adjustment.models import Adjustment, AdjustmentItem, AdjustmentTrigger
from quanze.apps.adjustment.selectors import adjustments as selectors
from quanze.apps.adjustment.selectors.packs import packs
from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.base.notices import public as notices
from quanze.core.actor import Actor
from quanze.core.errors import ErrorPlace, InvalidInput, NotFound, NotPermitted

audit.register_action("adjustment.trigger.registered", "登记调整事由")
audit.register_action("adjustment.opened", "开启动态调整")
audit.register_action("adjustment.cancelled", "撤销调整事由")

FARTHEST = timedelta(days=3 * 365)
OWN = "own_application"


@transaction.atomic
def trigger_open(
    *,
    actor: Actor,
    kind: str,
    title: str,
    evidence: str,
    legal_on: date,
    item_reasons: Mapping[int, str],
    list_ids: Sequence[int] = (),
    note: str = "",
    source_key: str = "",
    now: datetime,
) -> int:
    """登记事由并为所涉的每份清单开启一件调整，返回事由编号。

    ``item_reasons``: item id → why it is concerned; ``list_ids``: lists that are concerned without an item yet (an
    addition). ``source_key`` names what opened it by itself and makes a second call return the first.
    """
    if source_key and (known := AdjustmentTrigger.objects.filter(source_key=source_key).first()):
        return known.pk
    _require_words(kind, title, evidence, legal_on, localdate(now))
    rows = catalog.item_briefs(item_reasons, scope=actor.scope)
    if missing := [item_id for item_id in item_reasons if item_id not in rows]:
        raise NotFound(f"没有事项（{missing[0]}）", hint="请从清单中重新选择。")
    by_list: dict[int, list[int]] = defaultdict(list)
    for item_id, row in rows.items():
        by_list[row.list_id].append(item_id)
    for list_id in list_ids:
        by_list.setdefault(list_id, [])
    if not by_list:
        raise InvalidInput(
            "没有写明涉及哪些事项或清单", hint="请选择至少一个事项，或一份清单。", code="nothing_concerned"
        )
    lists = {view.id: view for view in catalog.lists(list_ids=by_list, scope=actor.scope, on=localdate(now))}
    if set(by_list) - set(lists):
        raise NotFound("没有这份清单", hint="请从清单编制中重新选择。")
    _require_may(actor, kind, {view.body_id for view in lists.values()})
    trigger = AdjustmentTrigger.objects.create(
        number="",
        kind=kind,
        title=title.strip(),
        evidence=evidence.strip(),
        legal_on=legal_on,
        registered_at=now,
        registered_by_name=actor.name,
        body_id=actor.body_id,
        note=note.strip(),
        source_key=source_key,
    )
    trigger.number = f"TZ{localdate(now):%Y}-{trigger.pk:05d}"
    trigger.save(update_fields=["number"])
    audit.record(
        actor=actor,
        action="adjustment.trigger.registered",
        subject=audit.SubjectRef("adjustment.trigger", trigger.pk, trigger.title, actor.body_id),
        after={
            "number": trigger.number,
            "kind": kind,
            "legal_on": legal_on,
            "items": len(rows),
            "lists": sorted(by_list),
            "lag_days": max(0, (localdate(now) - legal_on).days),
        },
        reason=evidence,
        now=now,
    )
    for list_id, item_ids in by_list.items():
        names = {item_id: rows[item_id].name for item_id in item_ids}
        _open(actor, trigger, lists[list_id], names, item_reasons, now)
    return trigger.pk


def _require_words(kind: str, title: str, evidence: str, legal_on: date, today: date) -> None:
    known = packs().triggers.get(kind)
    if known is None:
        raise InvalidInput("没有这种调整事由", hint="请从列出的事由中选择。", place=ErrorPlace(field="kind"))
    if not title.strip():
        raise InvalidInput(
            "事由没有填写", hint="例如：渔业法修订。", place=ErrorPlace(field="title"), code="title_missing"
        )
    if not evidence.strip():
        raise InvalidInput(
            f"{known.evidence}没有填写",
            hint="没有依据的不开启调整。",
            place=ErrorPlace(field="evidence"),
            code="evidence_missing",
        )
    if not date(1990, 1, 1) <= legal_on <= today + FARTHEST:
        raise InvalidInput(
            f"{known.legal_date}应在 1990 年之后、三年之内",
            hint="请核对日期。",
            place=ErrorPlace(field="legal_on"),
            code="legal_on_out_of_range",
        )


def _require_may(actor: Actor, kind: str, bodies: set[int]) -> None:
    """编办登记各种事由；部门只登记本机构的。"""
    if actor.has("establishment", "system"):
        return
    if actor.has("drafter") and bodies == {actor.body_id}:
        return
    raise NotPermitted("调整事由由编办登记，部门只登记涉及本机构清单的", hint="请联系编办，或只选择本机构的事项。")


def _open(
    actor: Actor,
    trigger: AdjustmentTrigger,
    view: catalog.ListView,
    names: Mapping[int, str],
    reasons: Mapping[int, str],
    now: datetime,
) -> None:
    row = Adjustment.objects.create(
        trigger=trigger, power_list_id=view.id, body_id=view.body_id, body_name=view.body_name, opened_at=now
    )
    AdjustmentItem.objects.bulk_create(
        [
            AdjustmentItem(adjustment=row, item_id=item_id, name=name, reason=reasons.get(item_id, "")[:500])
            for item_id, name in names.items()
        ],
        batch_size=500,
    )
    audit.record(
        actor=actor,
        action="adjustment.opened",
        subject=subject_of(row),
        after={"trigger": trigger.number, "list": view.title, "items": len(names), "legal_on": trigger.legal_on},
        now=now,
    )
    tell(
        org.holders_of("drafter", view.body_id, on=localdate(now)),
        row,
        f"{trigger.title}：{view.title}有 {len(names)} 项待调整，请办理",
        now,
    )


def subject_of(row: Adjustment) -> audit.SubjectRef:
    """记录的客体。"""
    return audit.SubjectRef("adjustment.adjustment", row.pk, f"{row.body_name}：{row.trigger.title}", row.body_id)


def tell(user_ids: Iterable[int], row: Adjustment, text: str, now: datetime) -> None:
    """发站内消息，链接到这件调整。"""
    notices.notice_send(
        to_user_ids=user_ids, text=text, link=f"/open/adjustment.adjustment/{row.pk}/", kind="adjustment", now=now
    )


def bump(row: Adjustment, *fields: str) -> None:
    """写入改动的字段，修改次数加一。"""
    row.lock_version += 1
    row.save(update_fields=[*fields, "lock_version"])


@transaction.atomic
def adjustment_cancel(*, actor: Actor, adjustment_id: int, seen_version: int, reason: str, now: datetime) -> None:
    """撤销事由：登记有误的，编办写明理由撤销；已进入审查的不能撤销。"""
    row = selectors.find(adjustment_id=adjustment_id, actor=actor, seen_version=seen_version, lock=True)
    row.state = ADJUSTMENT_FLOW.decide(row.state, "cancel", roles=actor.roles, reason=reason).target
    row.outcome, row.closed_at = reason.strip(), now
    bump(row, "state", "outcome", "closed_at")
    audit.record(actor=actor, action="adjustment.cancelled", subject=subject_of(row), reason=reason, now=now)
