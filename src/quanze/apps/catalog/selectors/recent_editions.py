"""各清单最近公布的版次：何单位、何文件、新增变更取消勘误各几项。公开，不限范围。"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from quanze.apps.catalog.domain.base_lists import POWER_LIST
from quanze.apps.catalog.domain.lifecycles import ENTRY_ACTIONS
from quanze.apps.catalog.models import ListEdition, PublishRecord
from quanze.apps.catalog.selectors.disclosure import EditionView, edition_view
from quanze.apps.catalog.selectors.withheld import withheld
from quanze.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class RecentEdition:
    """一次公布：版次、单位、各种改动的项数（动作代码 → 项数，没有的不列），其中依法不公开、没有计入的项数。"""

    edition: EditionView
    body_code: str
    body_name: str
    counts: dict[str, int]
    withheld: int = 0

    @property
    def counted(self) -> tuple[tuple[str, int], ...]:
        """改动的名称与项数，按动作表的次序。"""
        return tuple((label, self.counts[action]) for action, label in ENTRY_ACTIONS.items() if action in self.counts)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def recent_editions(
    *, list_id: int | None = None, before_id: int | None = None, limit: int = 20, with_withheld: bool = False
) -> list[RecentEdition]:
    """最近的公布，新者在前。Two queries, whatever the size; ``before_id`` is the id of the last edition shown."""
    rows = ListEdition.objects.filter(power_list__list_type=POWER_LIST)
    rows = rows.select_related("power_list__body").order_by("-id")
    if list_id is not None:
        rows = rows.filter(power_list_id=list_id)
    if before_id is not None:
        rows = rows.filter(id__lt=before_id)
    return _counted(list(rows[:limit]), with_withheld=with_withheld)


def recent_edition(*, edition_id: int) -> RecentEdition:
    """一次公布。"""
    rows = list(
        ListEdition.objects.select_related("power_list__body").filter(pk=edition_id, power_list__list_type=POWER_LIST)
    )
    if not rows:
        raise NotFound("没有这个版次", hint="请从最近变动中打开。")
    return _counted(rows)[0]


def _counted(rows: list[ListEdition], *, with_withheld: bool = False) -> list[RecentEdition]:
    counts: dict[int, dict[str, int]] = {row.pk: {} for row in rows}
    hidden = dict.fromkeys(counts, 0)
    is_hidden = Q(pk__in=[]) if with_withheld else withheld()
    actions = PublishRecord.objects.filter(edition_id__in=list(counts)).values_list("edition_id", "action")
    counted = actions.annotate(shown=Count("id", filter=~is_hidden), kept=Count("id", filter=is_hidden))
    for edition_id, action, shown, kept in counted:
        if shown:
            counts[edition_id][action] = shown
        hidden[edition_id] += kept
    return [
        RecentEdition(
            edition_view(row), row.power_list.body.code, row.power_list.body.name, counts[row.pk], hidden[row.pk]
        )
        for row in rows
    ]
