"""事项内容的读取：版本行与其分表合成 ItemContent，批量四次查询。"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from django.db.models import QuerySet

from quanze.apps.catalog.domain.items import AssistContent, BasisContent, DutyContent, ItemContent
from quanze.apps.catalog.models import ItemVersion

# Columns of ItemVersion that are part of the content, by the names of ItemContent.
PLAIN_FIELDS: tuple[str, ...] = (
    "name",
    "power_type",
    "power_code",
    "node_kind",
    "seq",
    "exercising_body",
    "responsible_body",
    "authority_source",
    "lead_division",
    "basis_text",
    "duty_text",
    "duty_basis_text",
    "accountability_text",
    "accountability_basis_text",
    "exercise_level",
    "level_split",
    "target",
    "legal_limit_days",
    "promised_limit_days",
    "limit_note",
    "has_fee",
    "guide_url",
    "hotline",
    "remedy",
    "remark",
    "plain_summary",
    "is_local_addition",
    "addition_reason",
    "template_key",
    "is_city_set",
    "extra",
)
CHILDREN = ("bases", "duties", "accountability_cases", "assists")

Rows = TypeVar("Rows", bound=QuerySet[ItemVersion])


def with_content(rows: Rows) -> Rows:
    """预取分表，使 content_of 不再逐行查询。"""
    return rows.prefetch_related(*CHILDREN)


def content_of(version: ItemVersion) -> ItemContent:
    """版本的内容。Expects the children to be prefetched where many are read."""
    return ItemContent(
        **{field: getattr(version, field) for field in PLAIN_FIELDS},
        bases=tuple(BasisContent(b.law, b.locator, b.quote, b.document_number) for b in version.bases.all()),
        duties=tuple(DutyContent(d.stage, d.text) for d in version.duties.all()),
        accountability_cases=tuple(c.text for c in version.accountability_cases.all()),
        assists=tuple(AssistContent(a.division, a.duty) for a in version.assists.all()),
    )


def contents_of(version_ids: Iterable[int]) -> dict[int, ItemContent]:
    """按版本编号批量取内容。"""
    wanted: Sequence[int] = list(version_ids)
    found: dict[int, ItemContent] = {}
    for start in range(0, len(wanted), 500):
        rows = with_content(ItemVersion.objects.filter(id__in=wanted[start : start + 500]))
        found.update({row.pk: content_of(row) for row in rows})
    return found
