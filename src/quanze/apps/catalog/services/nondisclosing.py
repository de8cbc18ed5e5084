"""依法不公开：申请、审定、撤回、复核、恢复公开。

Who asks does not decide. The mark says nothing about the item itself: drafting, review and publication go on as for any
other, only the public side does not show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.catalog.domain import nondisclosure as domain
from quanze.apps.catalog.domain.base_lists import POWER_LIST
from quanze.apps.catalog.models import NonDisclosure
from quanze.apps.catalog.selectors import lists as list_selectors
from quanze.apps.catalog.selectors import nondisclosures as selectors
from quanze.apps.catalog.selectors.nondisclosure_grounds import grounds
from quanze.base.audit import public as audit
from quanze.base.calendar import public as calendar
from quanze.base.notices import public as notices
from quanze.base.parameters import public as parameters
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

for _code, _label in {
    "catalog.nondisclosure.proposed": "申请不公开",
    "catalog.nondisclosure.approved": "同意不公开",
    "catalog.nondisclosure.refused": "不同意不公开",
    "catalog.nondisclosure.withdrawn": "撤回不公开申请",
    "catalog.nondisclosure.reaffirmed": "复核后继续不公开",
    "catalog.nondisclosure.lifted": "恢复公开",
    "catalog.nondisclosure.carried": "随划转沿用不公开",
}.items():
    audit.register_action(_code, _label)

_ACTIONS = {
    "approve": "catalog.nondisclosure.approved",
    "refuse": "catalog.nondisclosure.refused",
    "withdraw": "catalog.nondisclosure.withdrawn",
    "reaffirm": "catalog.nondisclosure.reaffirmed",
    "lift": "catalog.nondisclosure.lifted",
}


@transaction.atomic
def nondisclosure_propose(
    *, actor: Actor, item_id: int, ground: str, legal_basis: str, reason: str, now: datetime
) -> int:
    """申请不公开，返回编号。在审定之前事项照常公开；没有公布过的也可以先申请，免得公布当天露出来。"""
    item = list_selectors.item_for_update(item_id=item_id, scope=actor.scope)
    if actor.body_id != item.power_list.body_id or not actor.has("drafter", "publisher"):
        raise NotPermitted("不公开由清单所属机构申请", hint="请由该机构的起草或信息公开人员办理。")
    if item.power_list.list_type != POWER_LIST:
        raise InvalidInput("目录范本不对外公开，不必标记", code="base_list_not_public")
    domain.require_grounded(grounds(), ground=ground, legal_basis=legal_basis, reason=reason)
    present = NonDisclosure.objects.filter(item=item, state__in=domain.OPEN_STATES).first()
    if present is not None:
        raise WrongState(
            f"这个事项已有不公开标记（{domain.NONDISCLOSURE_FLOW.states[present.state]}）",
            hint="请从事项页打开已有的标记办理。",
            code="nondisclosure_open",
        )
    today = localdate(now)
    due = calendar.due(today, parameters.value_int("nondisclosure_decide_workdays", on=today))
    row = NonDisclosure.objects.create(
        item=item,
        ground=ground,
        legal_basis=legal_basis.strip(),
        reason=reason.strip(),
        proposed_by_id=actor.user_id,
        proposed_by_name=actor.name,
        proposed_at=now,
        due_on=due.on,
        due_is_projected=due.projected,
    )
    audit.record(
        actor=actor,
        action="catalog.nondisclosure.proposed",
        subject=_subject(row),
        after=_told(row),
        reason=row.reason,
        now=now,
    )
    return row.pk


@transaction.atomic
def nondisclosure_decide(
    *, actor: Actor, nondisclosure_id: int, seen_version: int, verb: str, note: str = "", now: datetime
) -> None:
    """办理一个标记：``verb`` 为 approve、refuse、withdraw、reaffirm、lift 之一。公开站点随即照办。"""
    row = _locked(actor, nondisclosure_id, seen_version)
    step = domain.NONDISCLOSURE_FLOW.decide(row.state, verb, roles=actor.roles, reason=note)
    _require_entitled(actor, row, verb)
    before, today = _told(row), localdate(now)
    row.state = step.target
    if verb in ("approve", "reaffirm"):
        months = parameters.value_int("nondisclosure_review_months", on=today)
        row.review_on = domain.review_due(today, months)
    if verb == "lift":
        row.lifted_by_name, row.lifted_at, row.lift_reason = actor.name, now, note.strip()
    else:
        row.decided_by_name, row.decided_at, row.decision_note = actor.name, now, note.strip()
    row.lock_version += 1
    row.save()
    audit.record(
        actor=actor,
        action=_ACTIONS[verb],
        subject=_subject(row),
        before=before,
        after=_told(row),
        reason=note,
        now=now,
    )
    if row.proposed_by_id is not None and row.proposed_by_id not in actor.person_ids:
        notices.notice_send(
            to_user_ids=[row.proposed_by_id],
            text=f"{selectors.name_of(row)}：{audit.action_labels()[_ACTIONS[verb]]}",
            link=f"/lists/nondisclosures/{row.pk}/",
            kind="catalog",
            now=now,
        )


def _locked(actor: Actor, nondisclosure_id: int, seen_version: int) -> NonDisclosure:
    row = (
        NonDisclosure.objects.select_for_update(of=("self",))
        .select_related("item__power_list")
        .filter(selectors.seen_by(actor.scope), pk=nondisclosure_id)
        .first()
    )
    if row is None:
        raise NotFound("没有这个不公开标记", hint="请从“不公开事项”中打开。")
    if row.lock_version != seen_version:
        raise Conflict("这个标记在您打开之后已有人办理", hint="请刷新页面，查看后再办。")
    return row


def _require_entitled(actor: Actor, row: NonDisclosure, verb: str) -> None:
    """本机构的人，或编办；审定的不是申请的人。"""
    if actor.body_id != row.item.power_list.body_id and not actor.has("establishment"):
        raise NotPermitted("不公开由清单所属机构或编办审定", hint="请由该机构的负责人办理。")
    if verb in ("approve", "refuse") and row.proposed_by_id in actor.person_ids:
        raise NotPermitted("不能审定自己的申请", hint="请由另一位负责人办理。", code="own_proposal")


@transaction.atomic
def nondisclosures_carry(*, actor: Actor, pairs: Mapping[int, int], reason: str, now: datetime) -> int:
    """整份划转时标记随事项走：``pairs`` 为 旧事项 → 新事项。What was hidden must not appear because a body was merged."""
    rows = NonDisclosure.objects.filter(state="active", item_id__in=list(pairs)).select_related("item").order_by("pk")
    if taken := NonDisclosure.objects.filter(item_id__in=list(pairs.values())).first():
        raise RulesNotMet(f"{taken.item.code} 已有不公开标记", hint="只能沿用到新立的事项。", code="nondisclosure_open")
    fresh = [
        NonDisclosure(
            item_id=pairs[row.item_id],
            state=row.state,
            ground=row.ground,
            legal_basis=row.legal_basis,
            reason=row.reason,
            proposed_by_id=row.proposed_by_id,
            proposed_by_name=row.proposed_by_name,
            proposed_at=now,
            due_on=row.due_on,
            decided_by_name=row.decided_by_name,
            decided_at=row.decided_at,
            decision_note=f"沿用 {row.item.code} 的标记：{reason}"[:500],
            review_on=row.review_on,
        )
        for row in rows
    ]
    made = NonDisclosure.objects.bulk_create(fresh)
    if made:
        audit.record_many(
            actor=actor,
            action="catalog.nondisclosure.carried",
            changes=[audit.Change(_subject(row), after=_told(row), reason=reason) for row in made],
            now=now,
        )
    return len(made)


def _subject(row: NonDisclosure) -> audit.SubjectRef:
    return audit.SubjectRef("catalog.item", row.item_id, selectors.name_of(row), row.item.power_list.body_id)


def _told(row: NonDisclosure) -> dict[str, object]:
    return {
        "nondisclosure": row.pk,
        "state": row.state,
        "ground": row.ground,
        "legal_basis": row.legal_basis,
        "review_on": row.review_on,
    }
