"""表格编辑：一次保存许多事项的几格，整批成或整批不成；可撤回上一次保存。

One transaction and one entry of the record for the batch; every item keeps its own version. Versions in force are never
touched: an edited item that has no draft gets one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from quanze.apps.catalog.domain.drafts import changes
from quanze.apps.catalog.domain.items import ItemContent
from quanze.apps.catalog.domain.lifecycles import VERSION_FLOW
from quanze.apps.catalog.domain.table_edits import RowEdit, RowUndo, defects_of, edited
from quanze.apps.catalog.models import ItemVersion, PowerList
from quanze.apps.catalog.selectors import lists as selectors
from quanze.apps.catalog.selectors.contents import content_of, with_content
from quanze.apps.catalog.services.drafting import draft_start, require_drafter
from quanze.apps.catalog.services.storing import NewVersion, rewrite, write_versions
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, InvalidInput, RulesNotMet, WrongState

MOST_ROWS = 500

audit.register_action("catalog.items.edited", "表格编辑")
audit.register_action("catalog.items.edit_undone", "撤回表格编辑")


@dataclass(frozen=True, slots=True)
class EditedRows:
    """保存的结果：改了几项、几格，以及撤回所需。"""

    items: int
    cells: int
    undo: tuple[RowUndo, ...]


def _subject(power_list: PowerList) -> audit.SubjectRef:
    body = org.bodies_by_ids([power_list.body_id])[power_list.body_id]
    return audit.SubjectRef("catalog.list", power_list.pk, f"{body.name}权责清单", power_list.body_id)


def _held(power_list: PowerList, item_ids: Sequence[int]) -> dict[int, ItemVersion]:
    """锁定各项现在的版本：在编优先，否则现行。"""
    rows = with_content(
        ItemVersion.objects.select_for_update(of=("self",))
        .filter(
            Q(state__in=selectors.WORKING_STATES) | Q(state="published", valid_to__isnull=True),
            item__power_list_id=power_list.pk,
            item_id__in=item_ids,
        )
        .select_related("item__power_list")
        .order_by("id")
    )
    found: dict[int, ItemVersion] = {}
    for row in rows:
        held = found.get(row.item_id)
        if held is None or held.state == "published":
            found[row.item_id] = row
    return found


def _require_seen(held: Mapping[int, ItemVersion], rows: Sequence[RowEdit | RowUndo]) -> None:
    """每行都是所见的那个版本；有一行被他人改动，整批不写。"""
    if not all(row.item_id in held for row in rows):
        raise InvalidInput("所改事项不在本清单", hint="请刷新页面后重新填写。", code="item_not_in_list")
    stale = [
        held[row.item_id]
        for row in rows
        if (held[row.item_id].pk, held[row.item_id].lock_version) != (row.version_id, row.seen)
    ]
    if stale:
        names = "、".join(f"“{row.name}”（{row.author_name}）" for row in stale[:5])
        raise Conflict(
            f"{len(stale)} 项在您打开之后已被改动：{names}",
            hint="什么也没有写入。请核对他人的改动后再保存。",
            code="rows_changed",
        )


@transaction.atomic
def items_edit(*, actor: Actor, list_id: int, edits: Sequence[RowEdit], now: datetime) -> EditedRows:
    """保存表格编辑：``edits`` 只含改了的行与格。没有草稿的先起草；与现值相同的格不算改动。

    Raises Conflict when a row is not the version that was seen, RulesNotMet with one defect per wrong cell.
    """
    power_list = selectors.list_for_update(list_id=list_id, scope=actor.scope)
    require_drafter(actor, power_list.body_id)
    if len(edits) > MOST_ROWS:
        raise InvalidInput(f"一次最多保存 {MOST_ROWS} 行", hint="请分几次保存。", code="too_many_rows")
    held = _held(power_list, [edit.item_id for edit in edits])
    _require_seen(held, edits)
    old = {edit.item_id: content_of(held[edit.item_id]) for edit in edits}
    new = {edit.item_id: edited(old[edit.item_id], edit.values) for edit in edits}
    moved = [edit for edit in edits if new[edit.item_id] != old[edit.item_id]]
    locked = [held[edit.item_id].name for edit in moved if held[edit.item_id].state == "frozen"]
    if locked:
        raise WrongState(f"“{'、'.join(locked[:5])}”正在审查中，不能修改", hint="可先撤回送审，或等待审查结果。")
    defects = [defect for edit in moved for defect in defects_of(new[edit.item_id], edit.item_id)]
    if defects:
        raise RulesNotMet(
            f"{len(defects)} 格不能保存，什么也没有写入",
            defects=defects,
            hint="请改正标红的格后再保存。",
            code="cells_not_storable",
        )
    if not moved:
        return EditedRows(0, 0, ())
    written = _write(held, new, moved, actor=actor, now=now)
    found = {edit.item_id: changes(old[edit.item_id], new[edit.item_id]) for edit in moved}
    audit.record(
        actor=actor,
        action="catalog.items.edited",
        subject=_subject(power_list),
        before={written[i].item.code: {one.label: one.old for one in found[i]} for i in found},
        after={written[i].item.code: {one.label: one.new for one in found[i]} for i in found},
        now=now,
    )
    undo = tuple(
        RowUndo(
            item_id=edit.item_id,
            version_id=written[edit.item_id].pk,
            seen=written[edit.item_id].lock_version,
            values={
                field: getattr(old[edit.item_id], field)
                for field in edit.values
                if getattr(old[edit.item_id], field) != getattr(new[edit.item_id], field)
            },
            is_started=held[edit.item_id].state == "published",
        )
        for edit in moved
    )
    return EditedRows(len(moved), sum(len(row.values) for row in undo), undo)


def _write(
    held: Mapping[int, ItemVersion],
    new: Mapping[int, ItemContent],
    moved: Sequence[RowEdit],
    *,
    actor: Actor,
    now: datetime,
) -> dict[int, ItemVersion]:
    """写入：现行的成批另立草稿，退回的按退回另立，草稿改写。"""
    fresh = [edit.item_id for edit in moved if held[edit.item_id].state == "published"]
    try:
        with transaction.atomic():
            made = write_versions([NewVersion(held[i].item, new[i]) for i in fresh], actor=actor, now=now)
    except IntegrityError:
        raise Conflict(
            "有事项刚刚被别人起草", hint="请刷新页面，在那份草稿上修改。", code="draft_just_started"
        ) from None
    written = dict(zip(fresh, made, strict=True))
    for edit in moved:
        version = held[edit.item_id]
        if version.state == "published":
            continue
        if version.state == "returned":
            started = draft_start(actor=actor, item_id=edit.item_id, now=now)
            version = ItemVersion.objects.select_related("item").get(pk=started)
        rewrite(version, new[edit.item_id], actor=actor, now=now)
        written[edit.item_id] = version
    return written


@transaction.atomic
def items_edit_undo(*, actor: Actor, list_id: int, rows: Sequence[RowUndo], now: datetime) -> int:
    """撤回上一次保存：各格回到改前，这次才起草的草稿放弃。其后又有人改动的，整批不撤。返回项数。"""
    power_list = selectors.list_for_update(list_id=list_id, scope=actor.scope)
    require_drafter(actor, power_list.body_id)
    held = _held(power_list, [row.item_id for row in rows])
    _require_seen(held, rows)
    if any(held[row.item_id].state != "draft" for row in rows):
        raise WrongState("这次保存的事项已经送审，不能撤回", hint="可先撤回送审。")
    for row in rows:
        version = held[row.item_id]
        if row.is_started:
            version.state = VERSION_FLOW.decide(version.state, "discard", roles=actor.roles).target
            version.lock_version += 1
            version.save(update_fields=["state", "lock_version"])
        else:
            rewrite(version, edited(content_of(version), row.values), actor=actor, now=now)
    audit.record(
        actor=actor,
        action="catalog.items.edit_undone",
        subject=_subject(power_list),
        after={"items": [held[row.item_id].item.code for row in rows]},
        now=now,
    )
    return len(rows)
