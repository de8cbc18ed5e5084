"""一份清单某日现行的各项要点，供与上级清单核对。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from quanze.apps.catalog.models import ItemVersion
from quanze.apps.catalog.selectors.lists import _scoped, in_force
from quanze.core.actor import Scope

FACTS = ("name", "power_type", "exercising_body", "legal_limit_days", "promised_limit_days")


@dataclass(frozen=True, slots=True)
class ListFact:
    """一项：编号、标识、要素、可作编码的值（要素名 → 各编码）、现行版本的生效日。"""

    item_id: int
    code: str
    values: Mapping[str, Any]
    codes: Mapping[str, tuple[str, ...]]
    valid_from: date


def list_facts(*, list_id: int, scope: Scope, on: date) -> list[ListFact]:
    """一份清单某日现行的各项，按清单次序。One query."""
    rows = ItemVersion.objects.filter(_scoped(scope, "item__power_list__body_id"), in_force(on))
    rows = rows.filter(item__power_list_id=list_id).order_by("item__ordinal", "item_id")
    names = ("item_id", "item__code", "power_code", "extra", "valid_from", *FACTS)
    return [
        ListFact(
            row["item_id"],
            row["item__code"],
            {name: row[name] for name in FACTS},
            _codes(row["power_code"], row["item__code"], row["extra"] or {}),
            row["valid_from"],
        )
        for row in rows.values(*names).iterator()
    ]


def _codes(power_code: str, item_code: str, extra: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {"power_code": (power_code,) if power_code else (), "item_code": (item_code,)}
    for name, value in extra.items():
        if isinstance(value, str):
            found[name] = (value,)
        elif isinstance(value, list):
            # Rows of a mapping of codes: the scheme stands first, the code last.
            found[name] = tuple(str(one[-1]) for one in value if isinstance(one, list | tuple) and one)
    return found
