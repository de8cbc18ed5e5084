"""各机构在一段时间里第一次印发公布清单：专项工作据此看谁在期限之前公布了。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from quanze.apps.catalog.domain.base_lists import POWER_LIST
from quanze.apps.catalog.models import ListEdition


@dataclass(frozen=True, slots=True)
class FirstIssue:
    """第一次公布：机构、印发日期、文号、版次。"""

    body_id: int
    issued_on: date
    document_number: str
    number: int


def first_issues(*, body_ids: Iterable[int], start: date, end: date) -> dict[int, FirstIssue]:
    """各机构在 [start, end] 之内第一次印发的版次；勘误不算公布，没有的不在其中。One query."""
    rows = ListEdition.objects.filter(
        power_list__list_type=POWER_LIST,
        power_list__body_id__in=list(body_ids),
        is_correction=False,
        issued_on__gte=start,
        issued_on__lte=end,
    ).order_by("-issued_on", "-number")
    return {
        body_id: FirstIssue(body_id, issued_on, document_number, number)
        for body_id, issued_on, document_number, number in rows.values_list(
            "power_list__body_id", "issued_on", "document_number", "number"
        )
    }
