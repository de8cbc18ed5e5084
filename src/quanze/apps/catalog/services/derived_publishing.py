"""关联清单的版次：一批草稿自施行日起现行，旧版本止于同日，文号、日期与摘要成一版。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.conf import settings
from django.db.models import Max

from quanze.apps.catalog.domain import publishing as domain
from quanze.apps.catalog.domain.entry_content import require_complete
from quanze.apps.catalog.domain.entry_lifecycles import ENTRY_FLOW
from quanze.apps.catalog.models import DerivedEdition, DerivedEntryVersion, DerivedList, DerivedSubmission
from quanze.apps.catalog.selectors.lists import in_force
from quanze.apps.catalog.selectors.rests_on import values_of
from quanze.apps.catalog.services.drift_storing import drift_after_entries
from quanze.apps.catalog.services.entry_storing import (
    REFERENCES,
    NewEntryVersion,
    bases_on,
    close_open,
    current_sources,
    entry_ref,
    held_of,
    kind_of,
    last_numbers,
    list_ref,
)
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import RulesNotMet

audit.register_action("catalog.derived_edition.published", "印发公布关联清单")
audit.register_action("catalog.entry.published", "条目公布")


def require_ready(derived_list: DerivedList, versions: Sequence[DerivedEntryVersion], on: date) -> None:
    """每条都能公布：依据现行、要素齐全、不放宽、编码相承。只读，逐条说明。"""
    kind = kind_of(derived_list)
    held = [held_of(version) for version in versions]
    sources = current_sources(held, on)
    rows = []
    for version, one in zip(versions, held, strict=True):
        bases, gone = bases_on(one, sources)
        if gone:
            raise RulesNotMet(
                f"条目 {version.entry.code} 所依据的{'事项' if gone[0][0] == 'item' else '上级条目'}在 {on} 不是现行的",
                hint="请放弃该条目，或换一处依据。",
                code="source_ended",
            )
        rows.append(NewEntryVersion(version.entry, version.name, version.content, bases))
    values = iter(values_of([row.bases[0].source for row in rows if row.bases]))
    for row in rows:
        parent = next(values) if row.bases else {}
        require_complete(kind, row.content, parent, name=row.shown_name, parties=row.parties)


def derived_edition_store(
    *,
    actor: Actor,
    derived_list: DerivedList,
    version_ids: Sequence[int],
    issue: domain.Issue,
    submission: DerivedSubmission | None,
    now: datetime,
) -> int:
    """公布一版：调用者已锁定清单。返回版次编号。"""
    versions = list(
        DerivedEntryVersion.objects.select_for_update(of=("self",))
        .filter(id__in=version_ids)
        .select_related("entry__derived_list__body")
        .prefetch_related(*REFERENCES)
        .order_by("entry__ordinal", "id")
    )
    require_ready(derived_list, versions, issue.valid_from)
    entry_ids = [version.entry_id for version in versions]
    close_open(entry_ids, until=issue.valid_from, now=now)
    numbers = last_numbers(entry_ids)
    for version in versions:
        version.state = ENTRY_FLOW.decide(version.state, "publish", roles=actor.roles).target
        version.number = numbers.get(version.entry_id, 0) + 1
        version.valid_from, version.published_at = issue.valid_from, now
        version.lock_version += 1
    DerivedEntryVersion.objects.bulk_update(
        versions, ["state", "number", "valid_from", "published_at", "lock_version"], batch_size=200
    )
    number = (derived_list.editions.aggregate(last=Max("number"))["last"] or 0) + 1
    held = list(
        DerivedEntryVersion.objects.filter(in_force(issue.valid_from), entry__derived_list=derived_list).values_list(
            "entry__code", "number", "content_hash"
        )
    )
    algorithm = settings.QUANZE_SEAL_ALGORITHM
    edition = DerivedEdition.objects.create(
        derived_list=derived_list,
        number=number,
        document_number=issue.document_number,
        issued_on=issue.issued_on,
        valid_from=issue.valid_from,
        entry_count=len(held),
        digest=domain.edition_digest(
            body_code=f"{derived_list.list_type}/{derived_list.body.code}",
            number=number,
            issue=issue,
            entries=[(code, version or 0, content) for code, version, content in held],
            algorithm=algorithm,
        ),
        digest_algorithm=algorithm,
        submission=submission,
        published_at=now,
        published_by_name=actor.name,
    )
    audit.record_many(
        actor=actor,
        action="catalog.entry.published",
        changes=[
            audit.Change(
                entry_ref(version.entry, version.name),
                after={"version": version.pk, "valid_from": issue.valid_from, "hash": version.content_hash},
            )
            for version in versions
        ],
        now=now,
    )
    audit.record(
        actor=actor,
        action="catalog.derived_edition.published",
        subject=list_ref(derived_list),
        after={
            "edition": number,
            "document_number": issue.document_number,
            "issued_on": issue.issued_on,
            "valid_from": issue.valid_from,
            "changes": len(versions),
            "entries": len(held),
            "digest": edition.digest,
        },
        now=now,
    )
    drift_after_entries(entry_ids, now=now)
    return edition.pk
