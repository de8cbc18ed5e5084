"""关联清单的读取：有哪些清单、条目数与同步情况、一份清单的条目、一个条目的来龙去脉。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q

from quanze.apps.catalog.domain.drift import sync_percent
from quanze.apps.catalog.domain.list_types import ListType
from quanze.apps.catalog.models import (
    DerivedEdition,
    DerivedEntryVersion,
    DerivedList,
    DerivedSubmission,
    DriftCount,
)
from quanze.apps.catalog.selectors.entry_locks import seen_by
from quanze.apps.catalog.selectors.list_types import list_types
from quanze.apps.catalog.selectors.lists import in_force
from quanze.core.actor import Scope
from quanze.core.errors import NotFound

WORKING = ("draft", "frozen")


@dataclass(frozen=True, slots=True)
class DerivedListView:
    """一份关联清单：种类、牵头机构、条目数、版次、最近一次核对的同步情况。"""

    id: int
    kind: ListType
    body_id: int
    body_code: str
    body_name: str
    entries: int
    working: int
    drafts: int
    edition_number: int | None
    document_number: str
    valid_from: date | None
    open_submission_id: int | None
    drifting: int | None
    missing: int | None
    counted_on: date | None
    order: int

    @property
    def label(self) -> str:
        return self.kind.label

    @property
    def title(self) -> str:
        return f"{self.body_name}{self.kind.label}"

    @property
    def sync_percent(self) -> int | None:
        """最近一次核对的同步率（%）；没有核对过为空。"""
        if self.drifting is None or self.missing is None:
            return None
        return sync_percent(self.entries, min(self.drifting, self.entries), self.missing)


def derived_lists(
    *, scope: Scope, on: date, list_id: int | None = None, body_ids: Iterable[int] | None = None
) -> list[DerivedListView]:
    """看得见的关联清单，按种类次序与机构。A fixed number of queries whatever the number of lists."""
    rows = DerivedList.objects.filter(seen_by(scope, "body_id")).select_related("body__region")
    if list_id is not None:
        rows = rows.filter(pk=list_id)
    if body_ids is not None:
        rows = rows.filter(body_id__in=list(body_ids))
    order = {one.code: number for number, one in enumerate(list_types().types)}
    held = sorted(
        (row for row in rows if row.list_type in order),
        key=lambda row: (order[row.list_type], row.body.region.code, row.body.ordinal, row.body.code),
    )
    ids = [row.pk for row in held]
    versions = DerivedEntryVersion.objects.filter(entry__derived_list_id__in=ids).values_list("entry__derived_list_id")
    entries = dict(versions.filter(in_force(on)).annotate(n=Count("id")))
    working = {
        one: (whole, drafts)
        for one, whole, drafts in versions.filter(state__in=WORKING).annotate(
            n=Count("id"), drafts=Count("id", filter=Q(state="draft"))
        )
    }
    editions: dict[int, DerivedEdition] = {}
    for edition in DerivedEdition.objects.filter(derived_list_id__in=ids).order_by("derived_list_id", "number"):
        editions[edition.derived_list_id] = edition
    open_ones = DerivedSubmission.objects.filter(derived_list_id__in=ids, state__in=["in_review", "returned"])
    submissions = dict(open_ones.values_list("derived_list_id", "id"))
    counts: dict[int, DriftCount] = {}
    for count in DriftCount.objects.filter(derived_list_id__in=ids, counted_on__lte=on).order_by("counted_on"):
        counts[count.derived_list_id] = count
    found = []
    for number, row in enumerate(held):
        edition_of, count_of = editions.get(row.pk), counts.get(row.pk)
        found.append(
            DerivedListView(
                id=row.pk,
                kind=list_types().of(row.list_type),
                body_id=row.body_id,
                body_code=row.body.code,
                body_name=row.body.name,
                entries=entries.get(row.pk, 0),
                working=working.get(row.pk, (0, 0))[0],
                drafts=working.get(row.pk, (0, 0))[1],
                edition_number=edition_of.number if edition_of else None,
                document_number=edition_of.document_number if edition_of else "",
                valid_from=edition_of.valid_from if edition_of else None,
                open_submission_id=submissions.get(row.pk),
                drifting=count_of.drifting if count_of else None,
                missing=count_of.missing if count_of else None,
                counted_on=count_of.counted_on if count_of else None,
                order=number,
            )
        )
    return found


def derived_list_view(*, list_id: int, scope: Scope, on: date) -> DerivedListView:
    """一份关联清单；看不见的答为没有。"""
    found = derived_lists(scope=scope, on=on, list_id=list_id)
    if not found:
        raise NotFound("没有这份关联清单", hint="请从“关联清单”中打开。")
    return found[0]


@dataclass(frozen=True, slots=True)
class ChainLink:
    """来龙去脉的一环：事项或条目。"""

    kind: str
    identity: int
    label: str
    name: str
    body_name: str
    is_seen: bool
    version_number: int | None
    role: str = ""
    duty: str = ""
    variant: str = ""


@dataclass(frozen=True, slots=True)
class VersionLine:
    """条目的一个版本。"""

    id: int
    state: str
    number: int | None
    valid_from: date | None
    valid_to: date | None
    author_name: str
    updated_at: datetime
    change_note: str
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EntryView:
    """一个条目：所示版本、依据、下级、历次版本。"""

    entry_id: int
    list_id: int
    kind: ListType
    body_id: int
    body_name: str
    code: str
    variant: str
    name: str
    lock_version: int
    shown: VersionLine
    shown_lock: int
    item_version_id: int | None
    entry_version_id: int | None
    up: tuple[ChainLink, ...]
    down: tuple[ChainLink, ...]
    versions: tuple[VersionLine, ...]
    is_in_force: bool
    draft_id: int | None
    submission_id: int | None


def entry_view(*, entry_id: int, scope: Scope, on: date) -> EntryView:
    """条目全貌；看不见的答为没有。"""
    rows = DerivedEntryVersion.objects.filter(seen_by(scope, "entry__derived_list__body_id"), entry_id=entry_id)
    versions = list(
        rows.select_related("entry__derived_list__body", "item_version")
        .prefetch_related(
            "references__item_version__item__power_list__body",
            "references__entry_version__entry__derived_list__body",
            "references__entry_version__item_version",
        )
        .order_by("-id")
    )
    if not versions:
        raise NotFound("没有这个条目", hint="请从关联清单中打开。")
    draft = next((one for one in versions if one.state in WORKING), None)
    present = next((one for one in versions if _is_in_force(one, on)), None)
    shown = draft or present or versions[0]
    entry = shown.entry
    kind = list_types().of(entry.derived_list.list_type)
    references = list(shown.references.all())
    return EntryView(
        entry_id=entry.pk,
        list_id=entry.derived_list_id,
        kind=kind,
        body_id=entry.derived_list.body_id,
        body_name=entry.derived_list.body.name,
        code=entry.code,
        variant=entry.variant,
        name=shown.name or (shown.item_version.name if shown.item_version else entry.code),
        lock_version=entry.lock_version,
        shown=_line(shown),
        shown_lock=shown.lock_version,
        item_version_id=shown.item_version_id,
        entry_version_id=references[0].entry_version_id if references else None,
        up=tuple(_up(one, scope) for one in references),
        down=_down(entry.pk, scope, on),
        versions=tuple(_line(one) for one in versions),
        is_in_force=present is not None,
        draft_id=draft.pk if draft is not None and draft.state == "draft" else None,
        submission_id=shown.submission_id,
    )


def _is_in_force(version: DerivedEntryVersion, on: date) -> bool:
    return (
        version.state == "published"
        and version.valid_from is not None
        and version.valid_from <= on
        and (version.valid_to is None or version.valid_to > on)
    )


def _line(row: DerivedEntryVersion) -> VersionLine:
    return VersionLine(
        row.pk,
        row.state,
        row.number,
        row.valid_from,
        row.valid_to,
        row.author_name,
        row.updated_at,
        row.change_note,
        row.content,
    )


def _up(one: Any, scope: Scope) -> ChainLink:
    if one.item_version is not None:
        version = one.item_version
        body = version.item.power_list.body
        return ChainLink(
            "item",
            version.item_id,
            "权责清单",
            version.name,
            body.name,
            scope.covers(body.pk),
            version.number,
            one.role,
            one.duty,
        )
    version = one.entry_version
    return _entry_link(version, scope, one.role, one.duty)


def _entry_link(version: DerivedEntryVersion, scope: Scope, role: str = "", duty: str = "") -> ChainLink:
    entry = version.entry
    body = entry.derived_list.body
    name = version.name or (version.item_version.name if version.item_version else entry.code)
    label = list_types().of(entry.derived_list.list_type).label
    return ChainLink(
        "entry", entry.pk, label, name, body.name, scope.covers(body.pk), version.number, role, duty, entry.variant
    )


def _down(entry_id: int, scope: Scope, on: date) -> tuple[ChainLink, ...]:
    rows = DerivedEntryVersion.objects.filter(in_force(on), references__entry_version__entry_id=entry_id)
    rows = rows.select_related("entry__derived_list__body", "item_version").distinct().order_by("entry_id")
    return tuple(_entry_link(row, scope) for row in rows[:200])


@dataclass(frozen=True, slots=True)
class DerivedEditionView:
    """关联清单的一版。"""

    id: int
    number: int
    document_number: str
    issued_on: date
    valid_from: date
    entry_count: int
    digest: str
    digest_algorithm: str
    published_at: datetime


def derived_editions(*, list_id: int, scope: Scope) -> list[DerivedEditionView]:
    """历次版次，新者在前。"""
    rows = DerivedEdition.objects.filter(seen_by(scope, "derived_list__body_id"), derived_list_id=list_id)
    return [edition_view(row) for row in rows.order_by("-number")]


def edition_view(row: DerivedEdition) -> DerivedEditionView:
    """版次全貌。"""
    return DerivedEditionView(
        row.pk,
        row.number,
        row.document_number,
        row.issued_on,
        row.valid_from,
        row.entry_count,
        row.digest,
        row.digest_algorithm,
        row.published_at,
    )


def entry_of_version(*, version_id: int, scope: Scope, on: date) -> EntryView:
    """某条目版本所属的条目；看不见的答为没有。"""
    rows = DerivedEntryVersion.objects.filter(seen_by(scope, "entry__derived_list__body_id"), pk=version_id)
    entry_id = rows.values_list("entry_id", flat=True).first()
    if entry_id is None:
        raise NotFound("没有这个条目版本", hint="请从关联清单中打开。")
    return entry_view(entry_id=entry_id, scope=scope, on=on)
