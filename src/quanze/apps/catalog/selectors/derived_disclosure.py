"""公开的关联清单：公布过的，某日有效的条目；谁都可以看。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from quanze.apps.catalog.domain.entry_content import shown_value
from quanze.apps.catalog.models import DerivedEdition, DerivedEntryVersion, DerivedList, EntryReference
from quanze.apps.catalog.selectors.derived import DerivedEditionView, edition_view
from quanze.apps.catalog.selectors.list_types import list_types
from quanze.apps.catalog.selectors.lists import in_force
from quanze.apps.catalog.selectors.rests_on import items_in_force
from quanze.apps.catalog.selectors.withheld import withheld_items
from quanze.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class PublicDerivedList:
    """一份公开的关联清单：种类、机构、到某日为止最近的一版。"""

    list_id: int
    code: str
    label: str
    tier_label: str
    body_code: str
    body_name: str
    region_name: str
    edition: DerivedEditionView


@dataclass(frozen=True, slots=True)
class PublicEntry:
    """公开的一条：编码、名称、情形、实施机构、所据事项的标识、各要素（说法，文字）。"""

    code: str
    name: str
    variant: str
    holder_name: str
    item_code: str
    power_type: str
    version: int
    valid_from: date | None
    content_digest: str
    facts: tuple[tuple[str, str], ...]


def public_derived_lists(*, on: date) -> list[PublicDerivedList]:
    """某日已公布的全部关联清单，按种类次序。"""
    order = {one.code: number for number, one in enumerate(list_types().types)}
    latest: dict[int, DerivedEdition] = {}
    editions = DerivedEdition.objects.filter(valid_from__lte=on).select_related("derived_list__body__region")
    for edition in editions.order_by("derived_list_id", "number"):
        latest[edition.derived_list_id] = edition
    rows = [one for one in latest.values() if one.derived_list.list_type in order]
    rows.sort(
        key=lambda one: (order[one.derived_list.list_type], one.derived_list.body.region.code, one.derived_list_id)
    )
    return [_public(one.derived_list, one) for one in rows]


def public_derived_list(*, code: str, body_code: str, on: date) -> PublicDerivedList:
    """某日的一份；那天还没有公布的答为没有。"""
    edition = (
        DerivedEdition.objects.filter(
            derived_list__list_type=code, derived_list__body__code=body_code, valid_from__lte=on
        )
        .select_related("derived_list__body__region")
        .order_by("-valid_from", "-number")
        .first()
    )
    if edition is None or code not in list_types().by_code:
        raise NotFound("没有这份公开的清单", hint="请从关联清单目录中打开。")
    return _public(edition.derived_list, edition)


def _public(derived_list: DerivedList, edition: DerivedEdition) -> PublicDerivedList:
    kind = list_types().of(derived_list.list_type)
    body = derived_list.body
    return PublicDerivedList(
        derived_list.pk,
        kind.code,
        kind.label,
        kind.tier_label,
        body.code,
        body.name,
        body.region.name,
        edition_view(edition),
    )


def public_entries(*, list_id: int, on: date) -> list[PublicEntry]:
    """某日有效的条目，照序号。A fixed number of queries up to 500 items."""
    rows = DerivedEntryVersion.objects.filter(in_force(on), ~_withheld(), entry__derived_list_id=list_id)
    rows = rows.select_related("entry__derived_list", "item_version__item__power_list__body")
    held = list(rows.order_by("entry__ordinal", "entry_id"))
    # An entry may still be there a few days after its item has ended; it then leads nowhere.
    alive = items_in_force({row.item_version.item_id for row in held if row.item_version is not None}, on)
    return [_entry(row, {item_id for _, item_id in alive}) for row in held]


def _withheld() -> Q:
    """据依法不公开的事项列入的：自己的、引用的、上级条目的，到第四级为止。"""
    hidden = Q(item_version__item_id__in=withheld_items()) | Q(
        pk__in=EntryReference.objects.filter(item_version__item_id__in=withheld_items()).values("version_id")
    )
    for way in ("entry", "entry__parent_entry", "entry__parent_entry__parent_entry"):
        hidden |= Q(**{f"{way}__subject_item_id__in": withheld_items()})
    return hidden


def withheld_entries(*, list_id: int, on: date) -> int:
    """某日有效、因所据事项依法不公开而没有列出的条数。"""
    return DerivedEntryVersion.objects.filter(in_force(on), _withheld(), entry__derived_list_id=list_id).count()


def _entry(row: DerivedEntryVersion, alive: set[int]) -> PublicEntry:
    kind = list_types().of(row.entry.derived_list.list_type)
    item = row.item_version
    return PublicEntry(
        code=row.entry.code,
        name=row.name or (item.name if item else row.entry.code),
        variant=row.entry.variant,
        holder_name=item.item.power_list.body.name if item else "",
        item_code=item.item.code if item and item.item_id in alive else "",
        power_type=item.power_type if item else "",
        version=row.number or 0,
        valid_from=row.valid_from,
        content_digest=row.content_hash,
        facts=tuple((field.label, shown_value(field, row.content.get(field.name))) for field in kind.fields),
    )
