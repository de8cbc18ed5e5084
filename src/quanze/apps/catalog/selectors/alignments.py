"""与上级清单比对的结果。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from quanze.apps.catalog.domain.alignment import AlignedRow, alignment_percent
from quanze.apps.catalog.models import ListAlignment
from quanze.apps.catalog.selectors.entry_locks import seen_by
from quanze.core.actor import Scope


@dataclass(frozen=True, slots=True)
class AlignmentView:
    """一次比对。"""

    id: int
    source_label: str
    file_name: str
    extract_on: date
    matched: int
    differing: int
    unmatched: int
    extra: int
    workdays_late: int
    aligned_at: datetime
    aligned_by_name: str
    rows: tuple[AlignedRow, ...]

    @property
    def percent(self) -> int | None:
        return alignment_percent(self.matched, self.differing, self.unmatched)


def alignments(*, list_id: int, scope: Scope, limit: int = 20) -> list[AlignmentView]:
    """最近几次比对，新者在前。"""
    rows = ListAlignment.objects.filter(seen_by(scope, "derived_list__body_id"), derived_list_id=list_id)
    return [
        AlignmentView(
            row.pk,
            row.source_label,
            row.file_name,
            row.extract_on,
            row.matched,
            row.differing,
            row.unmatched,
            row.extra,
            row.workdays_late,
            row.aligned_at,
            row.aligned_by_name,
            tuple(AlignedRow(**one) for one in row.rows),
        )
        for row in rows.order_by("-id")[:limit]
    ]
