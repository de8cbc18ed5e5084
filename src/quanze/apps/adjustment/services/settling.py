"""同步处理：依附条目的所属机构登记已更新、已终止，或写明理由确认不受影响；说“已更新”的要真的更新过。"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from quanze.apps.adjustment.domain.lifecycles import DEPENDANT_FLOW
from quanze.apps.adjustment.models import Adjustment, DependantChange
from quanze.apps.adjustment.services.applying import LATEST
from quanze.apps.adjustment.services.following import close_when_settled
from quanze.apps.catalog import public as catalog
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, NotFound, NotPermitted, RulesNotMet

audit.register_action("adjustment.dependant_settled", "处理同步变更")


@transaction.atomic
def dependant_settle(
    *, actor: Actor, change_id: int, seen_version: int, verb: str, reason: str = "", now: datetime
) -> None:
    """处理一个依附条目：update 已更新 | end 已终止 | confirm 确认不受影响（写明理由）。"""
    change = DependantChange.objects.filter(pk=change_id).values("adjustment_id", "body_id").first()
    if change is None or not actor.scope.covers(change["body_id"]):
        raise NotFound("没有这件同步变更", hint="请从待办或“动态调整”中打开。")
    # The adjustment first, then its entries: everybody who may close it takes the locks in this order.
    row = Adjustment.objects.select_for_update(of=("self",)).select_related("trigger").get(pk=change["adjustment_id"])
    entry = DependantChange.objects.select_for_update().get(pk=change_id)
    if actor.body_id != entry.body_id:
        raise NotPermitted("同步变更由条目所属机构处理", hint=f"请由{entry.body_name}办理。")
    if entry.lock_version != seen_version:
        raise Conflict("这件同步变更在您打开之后已有处理", hint="请刷新页面后再办。")
    step = DEPENDANT_FLOW.decide(entry.state, verb, roles=actor.roles, reason=reason)
    _require_true(entry, verb)
    before = {"state": entry.state}
    entry.state, entry.reason = step.target, reason.strip()[:500]
    entry.settled_by_name, entry.settled_at = actor.name, now
    entry.lock_version += 1
    entry.save(update_fields=["state", "reason", "settled_by_name", "settled_at", "lock_version"])
    audit.record(
        actor=actor,
        action="adjustment.dependant_settled",
        subject=audit.SubjectRef("adjustment.adjustment", row.pk, f"{entry.body_name}：{entry.name}", entry.body_id),
        before=before,
        after={"entry": [entry.list_label, entry.name], "state": entry.state},
        reason=reason,
        now=now,
    )
    close_when_settled(row, actor=actor, now=now)


def _require_true(entry: DependantChange, verb: str) -> None:
    """说已更新、已终止的，清单上须真是那样。"""
    if verb == "confirm":
        return
    if entry.kind != "item":
        _require_true_entry(entry, verb)
        return
    state = catalog.item_states([entry.entry_id], on=LATEST)[entry.entry_id]
    if verb == "end" and state.version_id is not None:
        raise RulesNotMet(
            f"“{entry.name}”在清单上仍然有效",
            hint="请先在清单中拟取消、送审、公布，再登记已终止。",
            code="entry_still_in_force",
        )
    if verb == "update" and state.version_id == entry.seen_version_id:
        hint = (
            "修改稿还在编制或审查中，公布之后再登记。"
            if state.is_working
            else "请先修改、送审、公布，再登记已更新；不用改的，写明理由确认不受影响。"
        )
        raise RulesNotMet(f"“{entry.name}”还没有新的公布版本", hint=hint, code="entry_not_updated")


def _require_true_entry(entry: DependantChange, verb: str) -> None:
    """关联清单的条目：已更新的须有新版本，已终止的须不再有效。"""
    present = catalog.entry_versions_in_force([entry.entry_id], on=LATEST)[entry.entry_id]
    if verb == "end" and present is not None:
        raise RulesNotMet(
            f"{entry.list_label}的“{entry.name}”仍然有效",
            hint="请先在关联清单中终止该条目，再登记已终止。",
            code="entry_still_in_force",
        )
    if verb == "update" and present == entry.seen_version_id:
        raise RulesNotMet(
            f"{entry.list_label}的“{entry.name}”还没有新的版本",
            hint="请先在关联清单中同步更新该条目，再登记已更新；不用改的，写明理由确认不受影响。",
            code="entry_not_updated",
        )
