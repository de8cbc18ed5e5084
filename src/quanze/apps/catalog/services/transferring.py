"""整份划转：机构合并、职能划转时，一份清单的现行事项整批成为另一份清单的草稿，原来的标为拟取消。

The text is nobody's new work: the drafts have no author, so that whoever carries the transfer out may still review it. Both
lists then go through their reviews as always; nothing is in force before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.catalog.domain.items import ItemContent
from quanze.apps.catalog.models import ItemEnding, ItemVersion, PowerItem, PowerList
from quanze.apps.catalog.selectors import lists as selectors
from quanze.apps.catalog.selectors.contents import content_of, with_content
from quanze.apps.catalog.services import nondisclosing
from quanze.apps.catalog.services.drafting import item_code, next_numbers
from quanze.apps.catalog.services.storing import NewVersion, write_versions
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.core.actor import SYSTEM, Actor
from quanze.core.errors import InvalidInput, NotPermitted, WrongState

audit.register_action("catalog.items.transferred", "整份划转事项")
audit.register_action("catalog.items.taken_over", "接收划转的事项")

BATCH = 500
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Transferred:
    """划转的一项：原事项、新事项、名称。"""

    old_item_id: int
    new_item_id: int
    name: str


@transaction.atomic
def items_transfer(
    *,
    actor: Actor,
    from_list_id: int,
    to_list_id: int,
    reason: str,
    now: datetime,
    progress: Progress = lambda done, total: None,
) -> list[Transferred]:
    """把一份清单的现行事项整批划到另一份：写成草稿，原事项标为拟取消；在编的、已标拟取消的先要了结。"""
    if not actor.has("establishment"):
        raise NotPermitted("整份划转由编办办理", hint="请联系编办。")
    if from_list_id == to_list_id:
        raise InvalidInput("不能划转到同一份清单", hint="请选择另一份清单。", code="same_list")
    # In the order of their numbers: two transfers that cross never wait for each other.
    locked = {n: selectors.list_for_update(list_id=n, scope=actor.scope) for n in sorted((from_list_id, to_list_id))}
    source, target = locked[from_list_id], locked[to_list_id]
    if source.list_type != target.list_type:
        raise InvalidInput("两份清单的类型不同", hint="权责清单只能划到权责清单。", code="list_types_differ")
    rows = _rows(source, now)
    _require_settled(source, [row.item_id for row in rows])
    bodies = org.bodies_by_ids([source.body_id, target.body_id])
    old_name, new_body = bodies[source.body_id].name, bodies[target.body_id]
    numbers = next_numbers(target, len(rows))
    fresh: dict[int, PowerItem] = {
        row.item_id: PowerItem(power_list=target, code=item_code(new_body.code, number), created_at=now, ordinal=number)
        for row, number in zip(rows, numbers, strict=True)
    }
    mains = [fresh[row.item_id] for row in rows if row.item.parent_id is None]
    PowerItem.objects.bulk_create(mains, batch_size=BATCH)
    subs = [row for row in rows if row.item.parent_id is not None]
    for row in subs:
        fresh[row.item_id].parent_id = fresh[row.item.parent_id or 0].pk
    PowerItem.objects.bulk_create([fresh[row.item_id] for row in subs], batch_size=BATCH)
    done = 0
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        held = with_content(ItemVersion.objects.filter(pk__in=[row.pk for row in part])).order_by("pk")
        contents = {row.pk: content_of(row) for row in held}
        write_versions(
            [
                NewVersion(fresh[row.item_id], _moved(contents[row.pk], old_name, new_body.name), change_note=reason)
                for row in part
            ],
            actor=SYSTEM,
            now=now,
        )
        done += len(part)
        progress(done, len(rows))
    ItemEnding.objects.bulk_create(
        [ItemEnding(item_id=row.item_id, reason=reason[:500], created_at=now) for row in rows], batch_size=BATCH
    )
    moved = [Transferred(row.item_id, fresh[row.item_id].pk, row.name) for row in rows]
    nondisclosing.nondisclosures_carry(
        actor=actor, pairs={one.old_item_id: one.new_item_id for one in moved}, reason=reason, now=now
    )
    _record(actor, source, target, moved, reason, now)
    return moved


def _rows(source: PowerList, now: datetime) -> list[ItemVersion]:
    """现行的事项，主项在其子项之前。"""
    rows = ItemVersion.objects.filter(selectors.in_force(localdate(now)), item__power_list=source).select_related(
        "item"
    )
    found = sorted(rows, key=lambda row: (row.item.parent_id is not None, row.item.ordinal, row.item_id))
    if not found:
        raise WrongState("这份清单没有现行事项", hint="没有可划转的。", code="nothing_in_force")
    return found


def _require_settled(source: PowerList, item_ids: list[int]) -> None:
    working = (
        ItemVersion.objects.filter(item_id__in=item_ids, state__in=selectors.WORKING_STATES).order_by("id").first()
    )
    if working is not None:
        raise WrongState(
            f"“{working.name}”还在编制或审查中", hint="请先公布、撤回或放弃在编的修改，再划转。", code="items_working"
        )
    marked = ItemEnding.objects.filter(item_id__in=item_ids).select_related("item").order_by("id").first()
    if marked is not None:
        raise WrongState(f"{marked.item.code} 已标为拟取消", hint="请先撤销或办完拟取消，再划转。", code="items_ending")


def _moved(content: ItemContent, old_name: str, new_name: str) -> ItemContent:
    """文字照旧，只把原机构的名称换成新机构；科室待新机构分解。"""
    return replace(
        content,
        exercising_body=content.exercising_body.replace(old_name, new_name),
        responsible_body=content.responsible_body.replace(old_name, new_name),
        lead_division="",
        assists=(),
        power_code="",
    )


def _record(
    actor: Actor, source: PowerList, target: PowerList, moved: list[Transferred], reason: str, now: datetime
) -> None:
    pairs = [[one.old_item_id, one.new_item_id] for one in moved]
    for action, power_list, label in (
        ("catalog.items.transferred", source, "划出"),
        ("catalog.items.taken_over", target, "划入"),
    ):
        audit.record(
            actor=actor,
            action=action,
            subject=audit.SubjectRef(
                "catalog.list",
                power_list.pk,
                f"{power_list.body.name}权责清单{label} {len(moved)} 项",
                power_list.body_id,
            ),
            after={"from_list": source.pk, "to_list": target.pk, "items": pairs},
            reason=reason,
            now=now,
        )
