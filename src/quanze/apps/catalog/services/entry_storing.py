"""条目的落库：版本与引用成批写入，编号，摘要。Shared by the services of derived lists; writes no record of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, Max

from quanze.apps.catalog.domain.entry_content import Party, content_hash
from quanze.apps.catalog.domain.entry_lifecycles import ENTRY_FLOW
from quanze.apps.catalog.domain.list_types import ListType
from quanze.apps.catalog.models import DerivedEntry, DerivedEntryVersion, DerivedList, EntryReference
from quanze.apps.catalog.selectors.list_types import list_types
from quanze.apps.catalog.selectors.rests_on import Source, sources_in_force
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import NotPermitted, RulesNotMet

TIER_ORDER = ("2", "T2", "3", "T3", "4")


@dataclass(frozen=True, slots=True)
class Basis:
    """一处依据：来源，该方的角色与职责。"""

    source: Source
    role: str = ""
    duty: str = ""


@dataclass(frozen=True, slots=True)
class NewEntryVersion:
    """待写入的条目版本。"""

    entry: DerivedEntry
    name: str
    content: Mapping[str, Any]
    bases: tuple[Basis, ...]
    change_note: str = ""

    @property
    def shown_name(self) -> str:
        return self.name or (self.bases[0].source.name if self.bases else self.entry.code)

    @property
    def parties(self) -> tuple[Party, ...]:
        return tuple(Party(one.source.body_id, one.source.body_name, one.source.name) for one in self.bases)


def require_keeper(actor: Actor, derived_list: DerivedList) -> None:
    """关联清单由牵头机构的业务口编制，编办可以代办；后台按职责办理。"""
    own = actor.body_id == derived_list.body_id and actor.has("drafter")
    if not own and not (actor.has("establishment", "system") and actor.scope.covers(derived_list.body_id)):
        raise NotPermitted("关联清单由牵头机构的业务口编制", hint="请由该机构有编制职责的同事或编办办理。")


def kind_of(derived_list: DerivedList) -> ListType:
    """清单的种类。"""
    return list_types().of(derived_list.list_type)


def list_ref(derived_list: DerivedList) -> audit.SubjectRef:
    """记录里的清单。"""
    title = f"{derived_list.body.name}{kind_of(derived_list).label}"
    return audit.SubjectRef("catalog.derived_list", derived_list.pk, title, derived_list.body_id)


def entry_ref(entry: DerivedEntry, name: str) -> audit.SubjectRef:
    """记录里的条目。"""
    return audit.SubjectRef("catalog.entry", entry.pk, name or entry.code, entry.derived_list.body_id)


def next_ordinals(derived_list: DerivedList, count: int) -> list[int]:
    """清单内接下来的序号；清单行已由调用者锁定。"""
    start = (derived_list.entries.aggregate(last=Max("ordinal"))["last"] or 0) + 1
    return list(range(start, start + count))


def entry_code(kind: ListType, body_code: str, ordinal: int) -> str:
    """条目标识：种类、机构编码与流水号，终身不变。"""
    return f"{kind.code}-{body_code}-{ordinal:05d}"


def write_drafts(rows: Iterable[NewEntryVersion], *, actor: Actor, now: datetime) -> list[DerivedEntryVersion]:
    """写入一批草稿。"""
    return _write([(row, None) for row in rows], numbers={}, actor=actor, now=now)


def write_in_force(
    rows: Sequence[NewEntryVersion], *, valid_from: date, actor: Actor, now: datetime
) -> list[DerivedEntryVersion]:
    """写入一批即时生效的版本，旧版本止于同日。"""
    entry_ids = [row.entry.pk for row in rows]
    numbers = last_numbers(entry_ids)
    close_open(entry_ids, until=valid_from, now=now)
    return _write([(row, valid_from) for row in rows], numbers=numbers, actor=actor, now=now)


def last_numbers(entry_ids: Sequence[int]) -> dict[int, int]:
    """各条目已用的最大版本号。"""
    rows = DerivedEntryVersion.objects.filter(entry_id__in=entry_ids).values_list("entry_id")
    return {entry_id: last or 0 for entry_id, last in rows.annotate(last=Max("number"))}


def close_open(entry_ids: Sequence[int], *, until: date, now: datetime) -> None:
    """现行版本止于某日；那天还没生效的不能止。"""
    rows = DerivedEntryVersion.objects.filter(entry_id__in=entry_ids, state="published")
    late = (
        rows.filter(valid_from__gt=until).select_related("entry").first()
        or rows.filter(valid_to__gt=until).select_related("entry").first()
    )
    if late is not None:
        raise RulesNotMet(
            f"条目 {late.entry.code} 已公布的版本自 {late.valid_from} 起"
            + (f"、至 {late.valid_to} 止" if late.valid_to else "")
            + f"，晚于本次的 {until}",
            hint="日期不得早于已公布版本的生效、失效日期。",
            code="valid_from_too_early",
        )
    rows.filter(valid_to__isnull=True).update(valid_to=until, ended_at=now)


def _write(
    rows: Sequence[tuple[NewEntryVersion, date | None]], *, numbers: Mapping[int, int], actor: Actor, now: datetime
) -> list[DerivedEntryVersion]:
    published = ENTRY_FLOW.decide("draft", "publish", roles=actor.roles).target
    versions = DerivedEntryVersion.objects.bulk_create(
        [
            DerivedEntryVersion(
                entry=row.entry,
                state="draft" if valid_from is None else published,
                number=None if valid_from is None else numbers.get(row.entry.pk, 0) + 1,
                name=row.name,
                content=dict(row.content),
                content_hash=content_hash(row.name, row.content, [one.source.digest for one in row.bases]),
                item_version_id=row.bases[0].source.item_version_id if row.bases else None,
                valid_from=valid_from,
                published_at=None if valid_from is None else now,
                change_note=row.change_note,
                author_id=actor.user_id,
                author_name=actor.name,
                created_at=now,
                updated_at=now,
            )
            for row, valid_from in rows
        ],
        batch_size=500,
    )
    write_references((version, row.bases) for version, (row, _) in zip(versions, rows, strict=True))
    return versions


def write_references(pairs: Iterable[tuple[DerivedEntryVersion, Sequence[Basis]]]) -> None:
    """写入引用。The versions have none yet."""
    EntryReference.objects.bulk_create(
        [
            EntryReference(
                version=version,
                ordinal=number,
                role=one.role,
                duty=one.duty,
                item_version_id=one.source.version_id if one.source.kind == "item" else None,
                entry_version_id=one.source.version_id if one.source.kind == "entry" else None,
            )
            for version, bases in pairs
            for number, one in enumerate(bases)
        ],
        batch_size=1000,
    )


def bump(entries: Iterable[DerivedEntry]) -> None:
    """条目的修改次数加一。"""
    DerivedEntry.objects.filter(id__in=[entry.pk for entry in entries]).update(lock_version=F("lock_version") + 1)


@dataclass(frozen=True, slots=True)
class Held:
    """现行版本与它的引用：逐条（来源键、角色、职责、当时的版本）。"""

    version: DerivedEntryVersion
    keys: tuple[tuple[str, int], ...]
    roles: tuple[tuple[str, str], ...]
    reference_ids: tuple[int, ...]


def held_versions(entry_ids: Sequence[int]) -> dict[int, Held]:
    """各条目未止的现行版本；没有的不在结果里。"""
    rows = DerivedEntryVersion.objects.filter(entry_id__in=entry_ids, state="published", valid_to__isnull=True)
    return {row.entry_id: held_of(row) for row in rows.prefetch_related(*REFERENCES)}


REFERENCES = ("references__item_version", "references__entry_version")


def held_of(version: DerivedEntryVersion) -> Held:
    """一个版本的引用。"""
    references = list(version.references.all())
    return Held(
        version,
        tuple(reference_key(one) for one in references),
        tuple((one.role, one.duty) for one in references),
        tuple(one.pk for one in references),
    )


def reference_key(one: EntryReference) -> tuple[str, int]:
    """引用所指的来源：种类与编号。"""
    if one.item_version is not None:
        return "item", one.item_version.item_id
    if one.entry_version is None:  # pragma: no cover  the table's own constraint forbids it
        raise ValueError("reference without a version")
    return "entry", one.entry_version.entry_id


def bases_on(held: Held, sources: Mapping[tuple[str, int], Source]) -> tuple[tuple[Basis, ...], list[tuple[str, int]]]:
    """现行引用换成某日现行的来源；已失效的来源另列。"""
    bases = tuple(
        Basis(sources[key], role, duty)
        for key, (role, duty) in zip(held.keys, held.roles, strict=True)
        if key in sources
    )
    return bases, [key for key in held.keys if key not in sources]


def current_sources(helds: Iterable[Held], on: date) -> dict[tuple[str, int], Source]:
    """一批现行版本的来源在某日的现行版本。"""
    return sources_in_force({key for held in helds for key in held.keys}, on)
