"""办理时限：各版事项的法定时限与承诺时限，供运行数据逐件核对是否超期。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from quanze.apps.catalog.models import ItemVersion

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class ItemLimit:
    """一版事项的办理时限（工作日）；没有写明的为空。"""

    code: str
    valid_from: date
    valid_to: date | None
    legal_workdays: int | None
    promised_workdays: int | None


def item_limits_by_codes(codes: Iterable[str]) -> dict[str, list[ItemLimit]]:
    """按事项标识取各已公布版本的办理时限，旧者在前；没有的标识不在结果里。"""
    found: dict[str, list[ItemLimit]] = {}
    wanted = sorted(set(codes))
    for start in range(0, len(wanted), _CHUNK):
        rows = ItemVersion.objects.filter(
            item__code__in=wanted[start : start + _CHUNK], state="published", valid_from__isnull=False
        ).order_by("item__code", "valid_from")
        for code, since, until, legal, promised in rows.values_list(
            "item__code", "valid_from", "valid_to", "legal_limit_days", "promised_limit_days"
        ):
            if since is not None:  # always so: the filter says it, the column type does not
                found.setdefault(code, []).append(ItemLimit(code, since, until, legal, promised))
    return found
