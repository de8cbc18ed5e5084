"""事项内容的落库：版本行与分表，一批写入。Shared by drafting, importing and correcting; writes no record of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from quanze.apps.catalog.domain.items import ItemContent
from quanze.apps.catalog.models import (
    AccountabilityCase,
    AssistDivision,
    ItemVersion,
    LegalBasis,
    PowerItem,
    Responsibility,
    SourceCell,
)
from quanze.apps.catalog.selectors.contents import PLAIN_FIELDS
from quanze.core.actor import Actor


@dataclass(frozen=True, slots=True)
class SourcePlace:
    """来源：文件、工作表、行、原始单元格。"""

    file_name: str
    sheet: str
    row: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NewVersion:
    """待写入的版本：事项、内容、变更说明、来源。"""

    item: PowerItem
    content: ItemContent
    change_note: str = ""
    source: SourcePlace | None = None
    earlier_authors: tuple[int, ...] = ()


def _with_author(authors: Iterable[int], actor: Actor) -> list[int]:
    """参与起草的人：谁写过一笔都算，日后都不得审查；代人起草的，两人都算。"""
    return sorted({*authors, *actor.person_ids})


def write_children(pairs: Iterable[tuple[ItemVersion, ItemContent]]) -> None:
    """写入分表。The versions have none yet."""
    held = list(pairs)
    LegalBasis.objects.bulk_create(
        [
            LegalBasis(
                version=v, ordinal=n, law=b.law, locator=b.locator, quote=b.quote, document_number=b.document_number
            )
            for v, content in held
            for n, b in enumerate(content.bases)
        ],
        batch_size=2000,
    )
    Responsibility.objects.bulk_create(
        [
            Responsibility(version=v, ordinal=n, stage=d.stage, text=d.text)
            for v, c in held
            for n, d in enumerate(c.duties)
        ],
        batch_size=2000,
    )
    AccountabilityCase.objects.bulk_create(
        [
            AccountabilityCase(version=v, ordinal=n, text=t)
            for v, c in held
            for n, t in enumerate(c.accountability_cases)
        ],
        batch_size=2000,
    )
    AssistDivision.objects.bulk_create(
        [
            AssistDivision(version=v, ordinal=n, division=a.division, duty=a.duty)
            for v, c in held
            for n, a in enumerate(c.assists)
        ],
        batch_size=2000,
    )


def write_versions(rows: Iterable[NewVersion], *, actor: Actor, now: datetime) -> list[ItemVersion]:
    """写入一批草稿版本。"""
    held = list(rows)
    versions = ItemVersion.objects.bulk_create(
        [
            ItemVersion(
                item=row.item,
                state="draft",
                change_note=row.change_note,
                content_hash=row.content.content_hash(),
                author_id=actor.user_id,
                author_name=actor.name,
                author_ids=_with_author(row.earlier_authors, actor),
                created_at=now,
                updated_at=now,
                **{field: getattr(row.content, field) for field in PLAIN_FIELDS},
            )
            for row in held
        ],
        batch_size=500,
    )
    write_children((version, row.content) for version, row in zip(versions, held, strict=True))
    SourceCell.objects.bulk_create(
        SourceCell(
            version=v, file_name=r.source.file_name, sheet=r.source.sheet, row=r.source.row, cells=dict(r.source.cells)
        )
        for v, r in zip(versions, held, strict=True)
        if r.source is not None
    )
    return versions


def rewrite(version: ItemVersion, content: ItemContent, *, actor: Actor, now: datetime) -> None:
    """改写草稿的内容：分表整体替换。"""
    for field in PLAIN_FIELDS:
        setattr(version, field, getattr(content, field))
    version.content_hash = content.content_hash()
    version.author_id, version.author_name, version.updated_at = actor.user_id, actor.name, now
    version.author_ids = _with_author(version.author_ids, actor)
    version.lock_version += 1
    version.save()
    for children in (version.bases, version.duties, version.accountability_cases, version.assists):
        children.all().delete()
    write_children([(version, content)])


def rewrite_many(versions: Sequence[ItemVersion], rows: Sequence[NewVersion], *, actor: Actor, now: datetime) -> None:
    """成批改写草稿，与 rewrite 同义；来源换成新的文件与行（草稿的来源即它现在的出处）。"""
    for version, row in zip(versions, rows, strict=True):
        for field in PLAIN_FIELDS:
            setattr(version, field, getattr(row.content, field))
        version.content_hash = row.content.content_hash()
        version.author_id, version.author_name, version.updated_at = actor.user_id, actor.name, now
        version.author_ids = _with_author(version.author_ids, actor)
        version.lock_version += 1
    changed = [*PLAIN_FIELDS, "content_hash", "author_id", "author_name", "author_ids", "updated_at", "lock_version"]
    # A bulk update of three dozen columns builds a CASE per cell and takes ten times as long as one update per row.
    for version in versions:
        version.save(update_fields=changed)
    ids = [version.pk for version in versions]
    for model in (LegalBasis, Responsibility, AccountabilityCase, AssistDivision, SourceCell):
        model.objects.filter(version_id__in=ids).delete()
    write_children((version, row.content) for version, row in zip(versions, rows, strict=True))
    SourceCell.objects.bulk_create(
        SourceCell(
            version=v, file_name=r.source.file_name, sheet=r.source.sheet, row=r.source.row, cells=dict(r.source.cells)
        )
        for v, r in zip(versions, rows, strict=True)
        if r.source is not None
    )
