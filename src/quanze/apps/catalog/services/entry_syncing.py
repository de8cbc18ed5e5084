"""同步更新：所据事项变了，条目随之换到新版本、终止，或确认不受影响。Set-based: a single call is a set of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.catalog.domain.entry_content import read_content, require_complete
from quanze.apps.catalog.domain.entry_lifecycles import ENTRY_FLOW
from quanze.apps.catalog.models import DerivedEntry, DerivedEntryVersion, ReferenceConfirmation
from quanze.apps.catalog.selectors.entry_locks import entries_for_update
from quanze.apps.catalog.selectors.rests_on import values_of
from quanze.apps.catalog.services.drift_storing import drift_after_entries
from quanze.apps.catalog.services.entry_storing import (
    TIER_ORDER,
    Held,
    NewEntryVersion,
    bases_on,
    bump,
    close_open,
    current_sources,
    entry_ref,
    held_versions,
    kind_of,
    require_keeper,
    write_in_force,
)
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import RulesNotMet, WrongState

for _code, _label in {
    "catalog.entry.refreshed": "条目同步更新",
    "catalog.entry.ended": "条目终止",
    "catalog.entry.confirmed": "确认条目不受影响",
}.items():
    audit.register_action(_code, _label)


@dataclass(frozen=True, slots=True)
class Seen:
    """看过的条目：编号、修改次数；更新时可给新的自有要素（空为照旧）。"""

    entry_id: int
    seen_version: int
    content: Mapping[str, Any] | None = None


def _locked(actor: Actor, seen: Sequence[Seen]) -> tuple[list[DerivedEntry], dict[int, Held]]:
    entries = entries_for_update(seen={one.entry_id: one.seen_version for one in seen}, scope=actor.scope)
    for derived_list in {entry.derived_list_id: entry.derived_list for entry in entries}.values():
        require_keeper(actor, derived_list)
    held = held_versions([entry.pk for entry in entries])
    for entry in entries:
        if entry.pk not in held:
            raise WrongState(
                f"条目 {entry.code} 没有现行版本",
                hint="草稿请随清单公布；已终止的不能再更新。",
                code="entry_not_in_force",
            )
    return entries, held


@transaction.atomic
def entries_refresh(
    *, actor: Actor, refreshes: Sequence[Seen], valid_from: date, reason: str = "", now: datetime
) -> dict[int, int]:
    """同步更新一批条目：换到所据事项在 ``valid_from`` 现行的版本，旧版本止于同日。返回条目 → 新版本编号。

    Upper tiers are renewed first, so that a chain given in one call ends up on the new versions. One entry that cannot be
    renewed (its item has ended, it is looser than the parent) refuses the whole set and says which and why.
    """
    entries, _ = _locked(actor, refreshes)
    wanted = {one.entry_id: one.content for one in refreshes}
    made: dict[int, int] = {}
    for tier in TIER_ORDER:
        batch = [entry for entry in entries if kind_of(entry.derived_list).tier == tier]
        if batch:
            made |= _refresh_tier(actor, batch, wanted, valid_from, reason, now)
    return made


def _refresh_tier(
    actor: Actor,
    batch: Sequence[DerivedEntry],
    wanted: Mapping[int, Mapping[str, Any] | None],
    valid_from: date,
    reason: str,
    now: datetime,
) -> dict[int, int]:
    held = held_versions([entry.pk for entry in batch])
    sources = current_sources(held.values(), valid_from)
    rows, before = [], []
    for entry in batch:
        kind, present = kind_of(entry.derived_list), held[entry.pk].version
        bases, gone = bases_on(held[entry.pk], sources)
        if gone:
            raise RulesNotMet(
                f"条目 {entry.code} 所依据的{'事项' if gone[0][0] == 'item' else '上级条目'}在 {valid_from} 不是现行的",
                hint="请终止该条目，或换一处依据。",
                code="source_ended",
            )
        given = wanted[entry.pk]
        content = read_content(kind, present.content if given is None else given)
        rows.append(NewEntryVersion(entry, present.name, content, bases, change_note=reason))
        before.append(present)
    values = iter(values_of([row.bases[0].source for row in rows if row.bases]))
    for row in rows:
        parent = next(values) if row.bases else {}
        kind = kind_of(row.entry.derived_list)
        require_complete(kind, row.content, parent, name=row.shown_name, parties=row.parties)
    versions = write_in_force(rows, valid_from=valid_from, actor=actor, now=now)
    bump(batch)
    audit.record_many(
        actor=actor,
        action="catalog.entry.refreshed",
        changes=[
            audit.Change(
                entry_ref(row.entry, row.shown_name),
                before={"version": old.pk, "rests_on": old.item_version_id, **old.content},
                after={
                    "version": new.pk,
                    "rests_on": new.item_version_id,
                    "valid_from": valid_from,
                    "hash": new.content_hash,
                    **row.content,
                },
                reason=reason,
            )
            for row, old, new in zip(rows, before, versions, strict=True)
        ],
        now=now,
    )
    drift_after_entries([entry.pk for entry in batch], now=now)
    return {row.entry.pk: version.pk for row, version in zip(rows, versions, strict=True)}


@transaction.atomic
def entries_end(*, actor: Actor, ends: Sequence[Seen], valid_to: date, reason: str, now: datetime) -> int:
    """终止一批条目：现行版本止于 ``valid_to``，未送审的草稿放弃。返回条数。"""
    if not reason.strip():
        raise RulesNotMet("终止条目必须写明理由", hint="请写明所据事项取消的文件或其他依据。", code="reason_required")
    entries, held = _locked(actor, ends)
    close_open([entry.pk for entry in entries], until=valid_to, now=now)
    drafts = DerivedEntryVersion.objects.filter(entry__in=entries, state="draft")
    drafts.update(state=ENTRY_FLOW.decide("draft", "discard", roles={"system"}).target)
    bump(entries)
    audit.record_many(
        actor=actor,
        action="catalog.entry.ended",
        changes=[
            audit.Change(
                entry_ref(entry, held[entry.pk].version.name),
                before={"version": held[entry.pk].version.pk},
                after={"valid_to": valid_to},
                reason=reason,
            )
            for entry in entries
        ],
        now=now,
    )
    drift_after_entries([entry.pk for entry in entries], now=now)
    return len(entries)


@transaction.atomic
def entries_confirm_unaffected(
    *, actor: Actor, confirmations: Sequence[Seen], reason: str, on: date | None = None, now: datetime
) -> int:
    """确认一批条目不受影响：看过所据事项在 ``on``（不给为今日）的现行版本，条目不必改动。返回条数。

    A source that has ended cannot be confirmed: such an entry is ended.
    """
    if not reason.strip():
        raise RulesNotMet("确认不受影响必须写明理由", hint="请写明为什么不必改动。", code="reason_required")
    entries, held = _locked(actor, confirmations)
    day = on or localdate(now)
    sources = current_sources(held.values(), day)
    rows: list[ReferenceConfirmation] = []
    for entry in entries:
        one = held[entry.pk]
        for reference_id, key in zip(one.reference_ids, one.keys, strict=True):
            if key not in sources:
                raise RulesNotMet(
                    f"条目 {entry.code} 所依据的{'事项' if key[0] == 'item' else '上级条目'}在 {day} 不是现行的，不能确认不受影响",
                    hint="请终止该条目，或换一处依据。",
                    code="source_ended",
                )
            rows.append(
                ReferenceConfirmation(
                    reference_id=reference_id,
                    item_version_id=sources[key].version_id if key[0] == "item" else None,
                    entry_version_id=sources[key].version_id if key[0] == "entry" else None,
                    reason=reason,
                    confirmed_at=now,
                    confirmed_by_name=actor.name,
                )
            )
    ReferenceConfirmation.objects.bulk_create(rows, batch_size=500)
    bump(entries)
    audit.record_many(
        actor=actor,
        action="catalog.entry.confirmed",
        changes=[
            audit.Change(
                entry_ref(entry, held[entry.pk].version.name),
                after={"seen": [sources[key].version_id for key in held[entry.pk].keys], "on": day},
                reason=reason,
            )
            for entry in entries
        ],
        now=now,
    )
    drift_after_entries([entry.pk for entry in entries], now=now)
    return len(entries)


def entry_refresh(
    *,
    actor: Actor,
    entry_id: int,
    seen_version: int,
    content: Mapping[str, Any] | None = None,
    valid_from: date,
    reason: str = "",
    now: datetime,
) -> int:
    """同步更新一个条目，返回新版本编号。"""
    one = Seen(entry_id, seen_version, content)
    return entries_refresh(actor=actor, refreshes=[one], valid_from=valid_from, reason=reason, now=now)[entry_id]


def entry_end(*, actor: Actor, entry_id: int, seen_version: int, valid_to: date, reason: str, now: datetime) -> None:
    """终止一个条目。"""
    entries_end(actor=actor, ends=[Seen(entry_id, seen_version)], valid_to=valid_to, reason=reason, now=now)


def entry_confirm_unaffected(
    *, actor: Actor, entry_id: int, seen_version: int, reason: str, on: date | None = None, now: datetime
) -> None:
    """确认一个条目不受影响。"""
    one = Seen(entry_id, seen_version)
    entries_confirm_unaffected(actor=actor, confirmations=[one], reason=reason, on=on, now=now)
