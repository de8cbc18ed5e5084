"""事项要点：运行数据与评估按标识对应所用。

What is withheld from the public is among them: cases are run under it all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from quanze.apps.catalog.domain.base_lists import POWER_LIST
from quanze.apps.catalog.models import ItemVersion
from quanze.apps.catalog.selectors.lists import in_force

_POWERS = Q(item__power_list__list_type=POWER_LIST)


@dataclass(frozen=True, slots=True)
class ItemFact:
    """现行事项要点，供运行数据与评估按标识对应：机构、类型、科室、版本与有效期。"""

    item_id: int
    code: str
    version_number: int
    name: str
    power_type: str
    node_kind: str
    lead_division: str
    body_id: int
    list_id: int
    valid_from: date
    valid_to: date | None
    is_city_set: bool


def _facts(rows: QuerySet[ItemVersion]) -> list[ItemFact]:
    return [
        ItemFact(
            row.item_id,
            row.item.code,
            row.number or 0,
            row.name,
            row.power_type,
            row.node_kind,
            row.lead_division,
            row.item.power_list.body_id,
            row.item.power_list_id,
            row.valid_from,
            row.valid_to,
            row.is_city_set,
        )
        for row in rows.select_related("item__power_list")
        .only(
            "number",
            "name",
            "power_type",
            "node_kind",
            "lead_division",
            "valid_from",
            "valid_to",
            "is_city_set",
            "item__code",
            "item__power_list__body_id",
        )
        .order_by("item_id", "number")
        if row.valid_from is not None
    ]


def item_facts(*, on: date, body_ids: Iterable[int] | None = None) -> list[ItemFact]:
    """某日现行事项要点（主项、子项、单项都在内）。"""
    rows = ItemVersion.objects.filter(in_force(on), _POWERS)
    if body_ids is not None:
        rows = rows.filter(item__power_list__body_id__in=list(body_ids))
    return _facts(rows)


def item_facts_by_codes(codes: Iterable[str]) -> dict[str, list[ItemFact]]:
    """按事项标识取全部已公布版本的要点，旧者在前；没有的标识不在结果里。"""
    found: dict[str, list[ItemFact]] = {}
    wanted = list(codes)
    for start in range(0, len(wanted), 500):
        rows = ItemVersion.objects.filter(_POWERS, item__code__in=wanted[start : start + 500], state="published")
        for fact in _facts(rows):
            found.setdefault(fact.code, []).append(fact)
    return found
