"""清单质量：现行事项的要素填写与规则检查结果，按机构批量，供评估取数。

A read, but beside the checking because the rule packs are loaded there. Accepted defects do not count: a finding that the
establishment office or the body has explained (waiver) is left out, and so are hints.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from quanze.apps.catalog.domain.base_lists import POWER_LIST
from quanze.apps.catalog.domain.items import ItemSnapshot
from quanze.apps.catalog.models import PowerList
from quanze.apps.catalog.rules import REGISTRY
from quanze.apps.catalog.rules.base import CatalogItemRule
from quanze.apps.catalog.rules.subject import CheckedList
from quanze.apps.catalog.selectors.snapshots import list_snapshot
from quanze.apps.catalog.services.findings import waivers_of
from quanze.apps.catalog.services.packs import shipped_packs
from quanze.core.actor import EVERYTHING
from quanze.core.lint import Severity, judge, run

# Elements that other rules speak for and that S001 therefore does not list; any of the fields will do.
_ALSO_REQUIRED = (
    ("duty_text", "duties"),
    ("accountability_text", "accountability_cases"),
    ("lead_division", "lead_division"),
)
# Rule families that say something about one item's basis, name, type or duties; the others cost time and are not asked.
_FAMILIES = ("B", "C", "N", "R")


@dataclass(frozen=True, slots=True)
class ItemQuality:
    """一项现行事项的质量：应填与已填要素数、未填要素、未豁免的规则代码。"""

    item_id: int
    name: str
    required: int
    missing: tuple[str, ...]
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class ListQuality:
    """一份现行清单的质量；``base_keys`` 为适用范本事项的键，``claimed`` 为已认领者，没有绑定范本时都为空。"""

    body_id: int
    list_id: int
    items: tuple[ItemQuality, ...]
    base_names: dict[str, str]
    claimed: frozenset[str]


def list_qualities(*, body_ids: Iterable[int], on: date) -> list[ListQuality]:
    """各机构现行清单（权责清单）的质量。"""
    rows = PowerList.objects.filter(body_id__in=list(body_ids), list_type=POWER_LIST).order_by("id")
    return [_quality(row, on) for row in rows]


def _quality(row: PowerList, on: date) -> ListQuality:
    snapshot = list_snapshot(list_id=row.pk, scope=EVERYTHING, on=on, view="in_force")
    subject = CheckedList(snapshot, shipped_packs())
    codes: dict[str, set[str]] = {item.key: set() for item in snapshot.items}
    report = run(
        subject,
        rules=[rule for rule in REGISTRY if rule.code.startswith(_FAMILIES)],
        severities=subject.template.severities,
        digest=lambda item: item.content.content_hash(),
    )
    for one in judge(report.findings, waivers_of(row)):
        finding = one.finding
        if one.waiver is not None or finding.severity is Severity.INFO:
            continue
        if finding.key:
            codes[finding.key].add(finding.code)
        elif isinstance(REGISTRY.get(finding.code), CatalogItemRule):
            # The rule spoke once for a column that no item fills: every item has the defect.
            for found in codes.values():
                found.add(finding.code)
    return ListQuality(
        body_id=row.body_id,
        list_id=row.pk,
        items=tuple(_item(item, subject, codes[item.key]) for item in snapshot.items),
        base_names={node.key: node.name for node in snapshot.base_nodes},
        claimed=frozenset(node.key for item in snapshot.items if (node := subject.base_node(item)) is not None),
    )


def _item(item: ItemSnapshot, subject: CheckedList, codes: set[str]) -> ItemQuality:
    wanted: dict[str, tuple[str, ...]] = {field: (field,) for field in subject.template.required}
    wanted["basis_text"] = ("basis_text", "bases")
    wanted |= {fields[0]: fields for fields in _ALSO_REQUIRED}
    missing = tuple(name for name, fields in wanted.items() if not subject.is_filled(item, *fields))
    return ItemQuality(item.item_id or 0, item.content.name, len(wanted), missing, frozenset(codes))
