"""范本事项的不列入：本级不列的写明理由，可以撤回；编办据此分清“漏列”与“说明过不列”。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.catalog.domain.base_lists import DeviationKind
from quanze.apps.catalog.models import BaseBinding, BaseOmission, PowerList
from quanze.apps.catalog.selectors import bases as selectors
from quanze.apps.catalog.selectors import lists as list_selectors
from quanze.apps.catalog.services.drafting import require_drafter
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput, RulesNotMet, WrongState

audit.register_action("catalog.base.omitted", "写明不列入范本事项")
audit.register_action("catalog.base.omission_withdrawn", "撤回不列入")


def _subject(power_list: PowerList) -> audit.SubjectRef:
    return audit.SubjectRef("catalog.list", power_list.pk, f"{power_list.body.name}权责清单", power_list.body_id)


@transaction.atomic
def base_omit(*, actor: Actor, list_id: int, keys: Sequence[str], reason: str, now: datetime) -> int:
    """不列入：清单里没有的范本事项写明理由，此后算“不列入”而不算“缺少”。返回项数。"""
    power_list = list_selectors.list_for_update(list_id=list_id, scope=actor.scope)
    require_drafter(actor, power_list.body_id)
    if not reason.strip():
        raise RulesNotMet("不列入必须写明理由", hint="请写明为何本级不行使，如职权未下放。", code="reason_required")
    held = BaseBinding.objects.filter(power_list=power_list, valid_to__isnull=True).first()
    if held is None:
        raise WrongState("清单没有绑定目录范本", hint="请编办先绑定范本。", code="base_not_bound")
    found = selectors.list_conformance(power_list=power_list, base_list_id=held.base_list_id, on=localdate(now))
    missing = {one.node_key: one.name for one in found.of(DeviationKind.MISSING)}
    wanted = list(dict.fromkeys(keys))
    if not wanted or any(key not in missing for key in wanted):
        raise InvalidInput(
            "所选的有些清单里已有、已写明，或不在范本之内", hint="请刷新页面后重新选择。", code="not_omittable"
        )
    BaseOmission.objects.bulk_create(
        [
            BaseOmission(
                power_list=power_list,
                base_code=key,
                name=missing[key],
                reason=reason.strip(),
                omitted_at=now,
                omitted_by_name=actor.name,
            )
            for key in wanted
        ]
    )
    audit.record(
        actor=actor,
        action="catalog.base.omitted",
        subject=_subject(power_list),
        after={"base_list_id": held.base_list_id, "keys": wanted},
        reason=reason,
        now=now,
    )
    return len(wanted)


@transaction.atomic
def base_omission_withdraw(*, actor: Actor, list_id: int, key: str, now: datetime) -> None:
    """撤回不列入：该项又算缺少，可以认领。"""
    power_list = list_selectors.list_for_update(list_id=list_id, scope=actor.scope)
    require_drafter(actor, power_list.body_id)
    row = BaseOmission.objects.filter(power_list=power_list, base_code=key, withdrawn_at__isnull=True).first()
    if row is None:
        raise WrongState("这一项没有写明不列入", hint="请刷新页面。", code="not_omitted")
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    audit.record(
        actor=actor,
        action="catalog.base.omission_withdrawn",
        subject=_subject(power_list),
        before={"key": key, "reason": row.reason},
        now=now,
    )
