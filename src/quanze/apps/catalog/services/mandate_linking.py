"""三定对应：成批对应、解除、核对过改写的条文。The text of the clause is kept with the link, so a later rewording is seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.catalog.domain.mandate_coverage import LinkState, Piece, state_of
from quanze.apps.catalog.models import MandateLink, PowerItem, PowerList
from quanze.apps.catalog.selectors import lists as list_selectors
from quanze.apps.catalog.selectors import mandate_links as selectors
from quanze.apps.catalog.services.drafting import require_drafter
from quanze.apps.catalog.services.findings import findings_refresh
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput, RulesNotMet, WrongState

for _code, _label in {
    "catalog.mandate.linked": "对应三定条款",
    "catalog.mandate.unlinked": "解除三定对应",
    "catalog.mandate.confirmed": "核对改写的条款",
}.items():
    audit.register_action(_code, _label)


def _opened(actor: Actor, list_id: int, now: datetime) -> tuple[PowerList, dict[str, Piece]]:
    """锁定清单，取机构现行的三定。"""
    power_list = list_selectors.list_for_update(list_id=list_id, scope=actor.scope)
    require_drafter(actor, power_list.body_id)
    mandate = org.mandate_on(body_id=power_list.body_id, scope=actor.scope, on=localdate(now))
    if mandate is None:
        raise WrongState("本机构还没有启用的三定规定", hint="请编办先录入三定规定。", code="no_mandate")
    return power_list, {one.key: one for one in selectors.pieces_of(mandate)}


@transaction.atomic
def items_link(*, actor: Actor, list_id: int, item_ids: Sequence[int], keys: Sequence[str], now: datetime) -> int:
    """把所选事项对应到所选条款（成批）；已对应的不重写。返回新增的对应数。"""
    power_list, pieces = _opened(actor, list_id, now)
    items = {
        row.pk: row for row in PowerItem.objects.filter(power_list=power_list, parent__isnull=True, pk__in=item_ids)
    }
    if not items or len(items) != len(set(item_ids)):
        raise InvalidInput(
            "所选事项有的不在本清单，或是子项", hint="请刷新页面后重新选择主项。", code="item_not_in_list"
        )
    unknown = [key for key in keys if key not in pieces]
    if not keys or unknown:
        raise InvalidInput("所选条款不在现行三定之中", hint="请刷新页面后重新选择。", code="clause_unknown")
    held = set(
        MandateLink.objects.filter(item__in=items, key__in=keys, ended_at__isnull=True).values_list("item_id", "key")
    )
    made = MandateLink.objects.bulk_create(
        [
            MandateLink(
                item=items[item_id],
                kind=pieces[key].kind,
                key=key,
                label=pieces[key].label[:100],
                text=pieces[key].text,
                valid_from=localdate(now),
                linked_at=now,
                linked_by_name=actor.name,
            )
            for item_id in dict.fromkeys(item_ids)
            for key in dict.fromkeys(keys)
            if (item_id, key) not in held
        ],
        batch_size=500,
    )
    _record(actor, "catalog.mandate.linked", power_list, made, now=now)
    return len(made)


@transaction.atomic
def links_end(*, actor: Actor, list_id: int, link_ids: Sequence[int], reason: str = "", now: datetime) -> int:
    """解除所选的对应；条文还在的须写明理由。返回处数。"""
    power_list, pieces = _opened(actor, list_id, now)
    rows = list(
        MandateLink.objects.select_for_update(of=("self",))
        .filter(item__power_list=power_list, ended_at__isnull=True, pk__in=link_ids)
        .order_by("pk")
    )
    if not rows or len(rows) != len(set(link_ids)):
        raise WrongState("所选的对应有的已经解除", hint="请刷新页面。", code="link_ended")
    if not reason.strip() and any(row.key in pieces for row in rows):
        raise RulesNotMet("条文还在的对应，解除须写明理由", hint="如：此项改由执法科承担。", code="reason_required")
    for row in rows:
        row.ended_at, row.ended_by_name, row.end_reason = now, actor.name, reason.strip()[:500]
        row.valid_to = localdate(now)
    MandateLink.objects.bulk_update(rows, ["ended_at", "ended_by_name", "end_reason", "valid_to"], batch_size=500)
    _record(actor, "catalog.mandate.unlinked", power_list, rows, reason=reason, now=now)
    return len(rows)


@transaction.atomic
def links_confirm(*, actor: Actor, list_id: int, link_ids: Sequence[int], now: datetime) -> int:
    """核对改写的条款仍然对应：旧的对应止于今日，按新的文字另记一处。返回处数。"""
    power_list, pieces = _opened(actor, list_id, now)
    rows = list(
        MandateLink.objects.select_for_update(of=("self",))
        .filter(item__power_list=power_list, ended_at__isnull=True, pk__in=link_ids)
        .order_by("pk")
    )
    current = selectors.links_of(list_id=list_id, scope=actor.scope, on=localdate(now))
    reworded = {one.id for one in current if state_of(one, pieces) is LinkState.REWORDED}
    if not rows or any(row.pk not in reworded for row in rows):
        raise WrongState("所选的条文没有改写，或已核对过", hint="请刷新页面。", code="not_reworded")
    for row in rows:
        row.ended_at, row.ended_by_name, row.valid_to = now, actor.name, localdate(now)
        row.end_reason = "条文改写，核对后按新文字对应"
    MandateLink.objects.bulk_update(rows, ["ended_at", "ended_by_name", "end_reason", "valid_to"], batch_size=500)
    fresh = MandateLink.objects.bulk_create(
        [
            MandateLink(
                item_id=row.item_id,
                kind=row.kind,
                key=row.key,
                label=pieces[row.key].label[:100],
                text=pieces[row.key].text,
                valid_from=localdate(now),
                linked_at=now,
                linked_by_name=actor.name,
            )
            for row in rows
        ],
        batch_size=500,
    )
    _record(actor, "catalog.mandate.confirmed", power_list, fresh, now=now)
    return len(fresh)


def _record(
    actor: Actor,
    action: str,
    power_list: PowerList,
    rows: Sequence[MandateLink],
    *,
    reason: str = "",
    now: datetime,
) -> None:
    """一次办理一条，逐项写明事项与条款；检查发现随之更新。"""
    if not rows:
        return
    findings_refresh(power_list=power_list, now=now)
    audit.record(
        actor=actor,
        action=action,
        subject=audit.SubjectRef("catalog.list", power_list.pk, f"{power_list.body.name}权责清单", power_list.body_id),
        after={"links": [[row.item_id, row.kind, row.label, row.key] for row in rows]},
        reason=reason,
        now=now,
    )
