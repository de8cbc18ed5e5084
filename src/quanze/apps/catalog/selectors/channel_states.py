"""某日各清单在各公开渠道的情形：应公开的渠道里，哪些公开的就是当日施行的那一版。"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from quanze.apps.catalog.domain.base_lists import POWER_LIST
from quanze.apps.catalog.models import DisclosureTask, ListEdition


@dataclass(frozen=True, slots=True)
class ChannelState:
    """一份清单在一个渠道：任务、渠道名称、该版项数（主项与子项）、所示是否就是该版。"""

    body_id: int
    task_id: int
    edition_number: int
    label: str
    items: int
    is_consistent: bool


def channel_states(*, body_ids: Collection[int], on: date) -> list[ChannelState]:
    """``on`` 日施行的那一版应公开的各渠道。Two queries whatever the number of bodies.

    A channel that does not suit the body (excused), and one whose term is not over yet, is owed nothing on that day.
    """
    in_force: dict[int, ListEdition] = {}
    editions = ListEdition.objects.filter(
        power_list__list_type=POWER_LIST, power_list__body_id__in=list(body_ids), valid_from__lte=on
    )
    for edition in editions.select_related("power_list").order_by("valid_from", "number"):
        in_force[edition.power_list_id] = edition
    by_id = {edition.pk: edition for edition in in_force.values()}
    found = []
    for task in DisclosureTask.objects.filter(edition_id__in=list(by_id)).exclude(state="excused").order_by("id"):
        edition = by_id[task.edition_id]
        shown = task.state == "done" and task.done_on is not None and task.done_on <= on
        if not shown and task.due_on > on:
            continue
        found.append(
            ChannelState(
                body_id=edition.power_list.body_id,
                task_id=task.pk,
                edition_number=edition.number,
                label=task.channel_label,
                items=edition.item_count + edition.subitem_count,
                is_consistent=shown and task.digest == edition.digest,
            )
        )
    return found
