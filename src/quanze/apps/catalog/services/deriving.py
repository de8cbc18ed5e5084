"""派生：按规则提出应列入、应更新、应终止的条目，看过之后一次落实。"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.catalog.domain.drift import DriftKind, DriftRow, ListDrift
from quanze.apps.catalog.models import DerivedEntry, DerivedEntryVersion, DerivedList
from quanze.apps.catalog.selectors.drift import drift_of
from quanze.apps.catalog.selectors.entry_locks import derived_list_for_update
from quanze.apps.catalog.selectors.rests_on import sources_in_force
from quanze.apps.catalog.services.drift_storing import drift_listed, drift_store
from quanze.apps.catalog.services.entries import NewEntry, Reference, entries_store
from quanze.apps.catalog.services.entry_storing import (
    Basis,
    NewEntryVersion,
    bump,
    entry_ref,
    kind_of,
    list_ref,
    require_keeper,
    write_drafts,
)
from quanze.apps.catalog.services.entry_syncing import Seen, entries_end, entries_refresh
from quanze.base.audit import public as audit
from quanze.base.jobs import public as jobs
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, InvalidInput, NotFound, RulesNotMet
from quanze.core.sealing import content_digest

for _code, _label in {
    "catalog.derived_list.derived": "派生关联清单",
    "catalog.entry.reopened": "重新列入条目",
}.items():
    audit.register_action(_code, _label)

JOB_KIND = "catalog.drift.count"
MOST_AT_ONCE = 3_000  # a page waits two seconds at most for what it asks; longer lists are counted by a job
RENEWABLE = (DriftKind.TEXT_DIFFERS, DriftKind.SOURCE_CHANGED)


@dataclass(frozen=True, slots=True)
class Proposal:
    """派生提议：应列入、应更新、应终止的，各带来源；比上级放宽与要素不齐的须由人改。"""

    list_id: int
    entries: int
    new: tuple[DriftRow, ...]
    refresh: tuple[DriftRow, ...]
    end: tuple[DriftRow, ...]
    by_hand: tuple[DriftRow, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.new or self.refresh or self.end)

    @property
    def token(self) -> str:
        """看过的是哪一份提议：条目与来源不变则不变。"""
        rows = (*self.new, *self.refresh, *self.end)
        return content_digest(sorted(f"{row.key}:{row.lock_version}:{row.since}" for row in rows))[:16]


@dataclass(frozen=True, slots=True)
class Derived:
    """落实的结果：列入几条草稿、更新几条、终止几条，没能更新的各为什么。"""

    new: int
    refreshed: int
    ended: int
    refused: tuple[tuple[str, str], ...] = ()


def proposal_from(drift: ListDrift) -> Proposal:
    """同步情况 → 提议：一个条目既要终止又要更新的，只终止。"""
    ending = {row.entry_id for row in drift.of(DriftKind.SOURCE_ENDED)}
    return Proposal(
        list_id=drift.list_id,
        entries=drift.entries,
        new=drift.of(DriftKind.MISSING),
        refresh=tuple(row for row in drift.of(*RENEWABLE) if row.entry_id not in ending),
        end=drift.of(DriftKind.SOURCE_ENDED),
        by_hand=drift.of(DriftKind.LOOSER, DriftKind.INCOMPLETE, DriftKind.POWERLESS),
    )


def derived_propose(*, actor: Actor, list_id: int, on: date) -> Proposal:
    """一份清单今天的派生提议，只读。"""
    found = drift_of(scope=actor.scope, on=on, list_ids=[list_id])
    if not found:
        raise NotFound("没有这份关联清单", hint="请从“关联清单”中打开。")
    return proposal_from(found[0])


@transaction.atomic
def derived_apply(
    *,
    actor: Actor,
    list_id: int,
    seen_token: str,
    what: Sequence[str] = ("new", "refresh", "end"),
    now: datetime,
) -> Derived:
    """落实提议：应列入的写成草稿，应更新的换到新版本，应终止的止于依据失效之日。

    ``seen_token`` is that of the preview: where the lists have changed since, nothing is done. What cannot be renewed (it would be
    looser than its parent) is left as it is and told; the rest is done.
    """
    unknown = sorted(set(what) - {"new", "refresh", "end"})
    if unknown or not what:
        raise InvalidInput("请选择要落实哪几类", hint="可选：列入、更新、终止。", code="nothing_chosen")
    derived_list = derived_list_for_update(list_id=list_id, scope=actor.scope)
    require_keeper(actor, derived_list)
    proposal = derived_propose(actor=actor, list_id=list_id, on=localdate(now))
    if proposal.token != seen_token:
        raise Conflict("清单在您预览之后已有变化", hint="请重新预览后再落实。")
    ended = _end(actor, proposal.end, now) if "end" in what else 0
    refreshed, refused = _refresh(actor, proposal.refresh, now) if "refresh" in what else (0, ())
    new = _list_new(actor, derived_list, proposal.new, now) if "new" in what else 0
    result = Derived(new, refreshed, ended, refused)
    audit.record(
        actor=actor,
        action="catalog.derived_list.derived",
        subject=list_ref(derived_list),
        after={"new": new, "refreshed": refreshed, "ended": ended, "refused": [list(one) for one in refused]},
        now=now,
    )
    return result


def _end(actor: Actor, rows: Sequence[DriftRow], now: datetime) -> int:
    unique = {row.entry_id: row for row in rows if row.entry_id is not None}
    started = _started(list(unique))
    batches: dict[tuple[date, str], list[Seen]] = defaultdict(list)
    for entry_id, row in unique.items():
        until = max(row.since or localdate(now), started[entry_id])
        batches[until, row.message].append(Seen(entry_id, row.lock_version))
    for (until, message), ends in batches.items():
        entries_end(actor=actor, ends=ends, valid_to=until, reason=message, now=now)
    return len(unique)


def _started(entry_ids: Sequence[int]) -> dict[int, date]:
    rows = DerivedEntryVersion.objects.filter(entry_id__in=entry_ids, state="published", valid_to__isnull=True)
    return {entry_id: since for entry_id, since in rows.values_list("entry_id", "valid_from") if since is not None}


def _refresh(actor: Actor, rows: Sequence[DriftRow], now: datetime) -> tuple[int, tuple[tuple[str, str], ...]]:
    """同一天起的一次更新；其中一条不行就逐条来，行的更新，不行的说明。"""
    unique = {row.entry_id: row for row in rows if row.entry_id is not None}
    started = _started(list(unique))
    by_day: dict[date, list[DriftRow]] = defaultdict(list)
    for entry_id, row in unique.items():
        since = max(one.since or localdate(now) for one in rows if one.entry_id == entry_id)
        by_day[max(since, started[entry_id])].append(row)
    done, refused = 0, []
    for day, held in sorted(by_day.items()):
        try:
            with transaction.atomic():
                done += len(_renew(actor, held, day, now))
        except RulesNotMet:
            for row in held:
                try:
                    with transaction.atomic():
                        done += len(_renew(actor, [row], day, now))
                except RulesNotMet as error:
                    refused.append((row.name, error.message))
    return done, tuple(refused)


def _renew(actor: Actor, rows: Sequence[DriftRow], day: date, now: datetime) -> dict[int, int]:
    seen = [Seen(row.entry_id, row.lock_version) for row in rows if row.entry_id is not None]
    return entries_refresh(actor=actor, refreshes=seen, valid_from=day, reason=rows[0].message[:500], now=now)


def _list_new(actor: Actor, derived_list: DerivedList, rows: Sequence[DriftRow], now: datetime) -> int:
    """列入：曾经列过又终止的，接着用原来的身份。"""
    items = {row.source_id for row in rows if row.source_kind == "item"}
    parents = {row.source_id for row in rows if row.source_kind == "entry"}
    known = DerivedEntry.objects.filter(derived_list=derived_list, variant="").select_related("derived_list__body")
    earlier = {("item", entry.subject_item_id): entry for entry in known.filter(subject_item_id__in=items)}
    earlier |= {("entry", entry.parent_entry_id): entry for entry in known.filter(parent_entry_id__in=parents)}
    fresh = [row for row in rows if (row.source_kind, row.source_id) not in earlier]
    again = [row for row in rows if (row.source_kind, row.source_id) in earlier]
    entries_store(
        actor=actor,
        derived_list=derived_list,
        entries=[
            NewEntry((Reference(row.source_kind, row.source_id),), {}, name=row.name if _names(derived_list) else "")
            for row in fresh
        ],
        now=now,
    )
    if again:
        _reopen(actor, again, earlier, now)
        drift_listed(derived_list.pk, [(row.source_kind, row.source_id) for row in again], now=now)
    return len(rows)


def _names(derived_list: DerivedList) -> bool:
    return kind_of(derived_list).names_itself


def _reopen(
    actor: Actor, rows: Sequence[DriftRow], earlier: dict[tuple[str, int | None], DerivedEntry], now: datetime
) -> None:
    sources = sources_in_force({(row.source_kind, row.source_id) for row in rows}, localdate(now))
    fresh = []
    for row in rows:
        entry = earlier[row.source_kind, row.source_id]
        last = entry.versions.filter(state="published").order_by("-number").first()
        basis = (Basis(sources[row.source_kind, row.source_id]),)
        fresh.append(NewEntryVersion(entry, last.name if last else "", last.content if last else {}, basis))
    write_drafts(fresh, actor=actor, now=now)
    bump(row.entry for row in fresh)
    audit.record_many(
        actor=actor,
        action="catalog.entry.reopened",
        changes=[audit.Change(entry_ref(row.entry, row.shown_name), after={"code": row.entry.code}) for row in fresh],
        now=now,
    )


@transaction.atomic
def drift_count(*, actor: Actor, list_ids: Sequence[int] | None = None, now: datetime) -> list[ListDrift]:
    """核对同步情况并记下各清单当日的数；夜间一次，按需再来。Derived from the tables, therefore not an act to record."""
    found = drift_of(scope=actor.scope, on=localdate(now), list_ids=list_ids)
    drift_store(found, now=now)
    return found


def drift_count_request(*, actor: Actor, list_id: int, label: str, back_url: str, now: datetime) -> int:
    """排队核对一份长清单，返回任务编号；同一分钟内再点的是同一个任务。"""
    return jobs.enqueue(
        kind=JOB_KIND,
        payload={"list_id": list_id},
        actor=actor,
        label=label,
        now=now,
        back_url=back_url,
        idempotency_key=f"{JOB_KIND}:{list_id}:{now:%Y%m%d%H%M}",
    )
