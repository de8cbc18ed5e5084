"""收回：乡镇的事项（或配合条目）止于交接日，承接部门的事项不晚于同日起，收回清单同日列入，一个事务办成。

No gap, no overlap: both ends are set by one act and held by constraints of ``TakingBack``. Cases that are under way stay with the
old holder until they are closed; that is said in the entry and not enforced here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.catalog.domain import publishing as domain
from quanze.apps.catalog.domain.entry_content import read_content
from quanze.apps.catalog.domain.lifecycles import VERSION_FLOW
from quanze.apps.catalog.models import (
    DerivedEntry,
    DerivedEntryVersion,
    DerivedList,
    ItemVersion,
    PowerItem,
    PowerList,
    SubmissionItem,
    TakingBack,
)
from quanze.apps.catalog.selectors.entry_locks import derived_list_for_update
from quanze.apps.catalog.selectors.rests_on import Source, items_in_force
from quanze.apps.catalog.services.drift_storing import drift_after_entries
from quanze.apps.catalog.services.entry_storing import (
    Basis,
    NewEntryVersion,
    close_open,
    entry_code,
    kind_of,
    list_ref,
    next_ordinals,
    write_in_force,
)
from quanze.apps.catalog.services.publishing import edition_publish
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

audit.register_action("catalog.item.taken_back", "收回事项")
TAKING_BACK = "SHSX"


@dataclass(frozen=True, slots=True)
class Origin:
    """从乡镇收回什么：``item`` 权责事项，或 ``entry`` 配合等清单的条目。"""

    kind: str
    identity: int


@dataclass(frozen=True, slots=True)
class Receiving:
    """谁接：部门的现行事项（已经涵盖），或部门准备好的一份草稿（新开或扩大，随交接公布）。给其一。"""

    item_id: int | None = None
    draft_version_id: int | None = None


@transaction.atomic
def item_take_back(
    *,
    actor: Actor,
    list_id: int,
    origin: Origin,
    receiving: Receiving,
    hand_over_on: date,
    document_number: str,
    issued_on: date,
    content: Mapping[str, Any],
    now: datetime,
) -> int:
    """收回一项：编办按县里的文件办理。``list_id`` 为该乡镇的收回清单。返回收回清单条目编号。"""
    derived_list = derived_list_for_update(list_id=list_id, scope=actor.scope)
    kind = kind_of(derived_list)
    if not kind.is_taking_back:
        raise WrongState(f"{kind.label}不是收回清单", hint="请在镇（街道）的收回清单上办理。", code="not_taking_back")
    if not actor.has("establishment"):
        raise NotPermitted("收回由编办按文件办理", hint="请由编办办理。")
    issue = domain.parse_issue(
        {
            "document_number": document_number,
            "issued_on": issued_on.isoformat(),
            "valid_from": hand_over_on.isoformat(),
        },
        document_mark="",
        today=localdate(now),
    )
    town_item, town_entry, name = _origin(derived_list, origin)
    receiver = _receive(actor, derived_list, receiving, issue, now)
    _close_town(actor, derived_list, town_item, town_entry, issue, now)
    given = {"receiving_body": receiver.item.power_list.body.name, **content, "hand_over_on": hand_over_on.isoformat()}
    entry = _enter(actor, derived_list, name, given, town_item, town_entry, receiver, issue, now)
    TakingBack.objects.create(
        entry=entry,
        town=derived_list.body,
        town_item_version=town_item,
        town_entry_version=town_entry,
        receiving_version=receiver,
        hand_over_on=hand_over_on,
        town_until=hand_over_on,
        received_from=receiver.valid_from or hand_over_on,
        received_until=receiver.valid_to,
        is_widening=receiving.draft_version_id is not None,
        document_number=issue.document_number,
        taken_at=now,
        taken_by_name=actor.name,
    )
    audit.record(
        actor=actor,
        action="catalog.item.taken_back",
        subject=list_ref(derived_list),
        after={
            "name": name,
            "entry": entry.code,
            "town": derived_list.body.name,
            "received_by": receiver.item.power_list.body.name,
            "received_version": receiver.pk,
            "hand_over_on": hand_over_on,
            "document_number": issue.document_number,
        },
        now=now,
    )
    return entry.pk


def _origin(derived_list: DerivedList, origin: Origin) -> tuple[ItemVersion | None, DerivedEntryVersion | None, str]:
    """乡镇未止的现行版本。"""
    town = derived_list.body_id
    if origin.kind == "item":
        items = ItemVersion.objects.select_for_update(of=("self",)).select_related("item__power_list")
        version = items.filter(
            item_id=origin.identity, item__power_list__body_id=town, state="published", valid_to__isnull=True
        ).first()
        if version is None:
            raise NotFound("本镇（街道）没有这个现行事项", hint="请从本镇的权责清单中选择。")
        if version.item.subitems.filter(versions__state="published", versions__valid_to__isnull=True).exists():
            raise WrongState("主项带有现行子项", hint="请先收回各子项。", code="subitem_left_behind")
        return version, None, version.name
    entries = DerivedEntryVersion.objects.select_for_update(of=("self",)).select_related("entry", "item_version")
    entry = entries.filter(
        entry_id=origin.identity, entry__derived_list__body_id=town, state="published", valid_to__isnull=True
    ).first()
    if entry is None or entry.entry.derived_list_id == derived_list.pk:
        raise NotFound("本镇（街道）没有这个现行条目", hint="请从本镇的配合事项清单中选择。")
    return None, entry, entry.name or (entry.item_version.name if entry.item_version else entry.entry.code)


def _receive(
    actor: Actor, derived_list: DerivedList, receiving: Receiving, issue: domain.Issue, now: datetime
) -> ItemVersion:
    """承接：现行的须在交接日有效；草稿随交接日公布。"""
    if (receiving.item_id is None) == (receiving.draft_version_id is None):
        raise InvalidInput(
            "承接的事项须选一个：部门现行的事项，或部门准备好的草稿",
            hint="部门还没有相应事项的，请部门先起草。",
            code="receiving_missing",
        )
    if receiving.item_id is not None:
        source = items_in_force([receiving.item_id], issue.valid_from).get(("item", receiving.item_id))
        if source is None:
            raise RulesNotMet(
                f"承接的事项在交接日 {issue.valid_from} 不是现行的，会出现空档",
                hint="请部门先公布该事项，或另选承接事项。",
                code="taking_back_gap",
            )
        version = ItemVersion.objects.select_related("item__power_list__body").get(pk=source.version_id)
    else:
        version = _publish_draft(actor, receiving.draft_version_id or 0, issue, now)
    if version.item.power_list.body_id == derived_list.body_id:
        raise InvalidInput("承接的须是部门，不能是本镇（街道）自己", hint="请另选。", code="received_by_itself")
    return version


def _publish_draft(actor: Actor, version_id: int, issue: domain.Issue, now: datetime) -> ItemVersion:
    drafts = ItemVersion.objects.select_for_update(of=("self",)).select_related("item__power_list")
    draft = drafts.filter(pk=version_id, state="draft").first()
    if draft is None or not actor.scope.covers(draft.item.power_list.body_id):
        raise NotFound("没有这份草稿", hint="请从承接部门的草稿中选择。")
    if not actor.person_ids.isdisjoint(draft.author_ids):
        raise NotPermitted("不能公布自己起草的事项", hint="请由另一位同事办理。", code="own_draft")
    draft.state = VERSION_FLOW.decide(draft.state, "freeze", roles=["drafter"]).target
    draft.save(update_fields=["state"])
    old = draft.item.versions.filter(state="published", valid_to__isnull=True).first()
    entry = SubmissionItem(item=draft.item, version=draft, base_version=old, action="change" if old else "add")
    _publish(actor, draft.item.power_list, entry, issue, "承接上级收回的事项", now)
    return ItemVersion.objects.select_related("item__power_list__body").get(pk=draft.pk)


def _publish(
    actor: Actor, power_list: PowerList, entry: SubmissionItem, issue: domain.Issue, note: str, now: datetime
) -> None:
    edition_publish(
        actor=actor, power_list=power_list, entries=[entry], issue=issue, submission=None, note=note, now=now
    )


def _close_town(
    actor: Actor,
    derived_list: DerivedList,
    town_item: ItemVersion | None,
    town_entry: DerivedEntryVersion | None,
    issue: domain.Issue,
    now: datetime,
) -> None:
    """乡镇一头止于交接日；本镇据此列入的条目（基本履职、配合履职）一并止。"""
    if town_item is not None:
        item = PowerItem.objects.select_related("power_list").get(pk=town_item.item_id)
        entry = SubmissionItem(item=item, version=None, base_version=town_item, action="cancel")
        _publish(actor, item.power_list, entry, issue, "上级部门收回", now)
        below = {"references__item_version__item_id": town_item.item_id}
    elif town_entry is not None:
        close_open([town_entry.entry_id], until=issue.valid_from, now=now)
        below = {"references__entry_version__entry_id": town_entry.entry_id}
    rows = DerivedEntryVersion.objects.filter(
        entry__derived_list__body_id=derived_list.body_id, state="published", valid_to__isnull=True, **below
    )
    ids = list(rows.exclude(entry__derived_list=derived_list).values_list("entry_id", flat=True).distinct())
    if ids:
        close_open(ids, until=issue.valid_from, now=now)
    drift_after_entries([*ids, *([town_entry.entry_id] if town_entry is not None else [])], now=now)


def _enter(
    actor: Actor,
    derived_list: DerivedList,
    name: str,
    content: Mapping[str, Any],
    town_item: ItemVersion | None,
    town_entry: DerivedEntryVersion | None,
    receiver: ItemVersion,
    issue: domain.Issue,
    now: datetime,
) -> DerivedEntry:
    kind = kind_of(derived_list)
    (ordinal,) = next_ordinals(derived_list, 1)
    entry = DerivedEntry.objects.create(
        derived_list=derived_list,
        code=entry_code(kind, derived_list.body.code, ordinal),
        ordinal=ordinal,
        created_at=now,
    )
    town = derived_list.body
    if town_item is not None:
        source = Source(
            "item", town_item.item_id, town_item.pk, name, town.pk, town.name, town_item.content_hash, town_item.pk
        )
    elif town_entry is not None:
        source = Source(
            "entry",
            town_entry.entry_id,
            town_entry.pk,
            name,
            town.pk,
            town.name,
            town_entry.content_hash,
            town_entry.item_version_id,
        )
    else:  # pragma: no cover  _origin gives one of the two
        raise ValueError("nothing taken back")
    body = org.bodies_by_ids([receiver.item.power_list.body_id])[receiver.item.power_list.body_id]
    taker = Source(
        "item", receiver.item_id, receiver.pk, receiver.name, body.id, body.name, receiver.content_hash, receiver.pk
    )
    row = NewEntryVersion(
        entry, name, read_content(kind, content), (Basis(source, "town"), Basis(taker, "receiving")), "收回"
    )
    write_in_force([row], valid_from=issue.valid_from, actor=actor, now=now)
    return entry
