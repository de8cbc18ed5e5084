"""编制：建清单、建事项、起草修改稿、保存、放弃、拟取消、分解到科室。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.timezone import localdate

from quanze.apps.catalog.domain import drafts
from quanze.apps.catalog.domain.base_lists import LIST_TYPE_LABELS, POWER_LIST
from quanze.apps.catalog.domain.items import AssistContent, ItemContent, NodeKind
from quanze.apps.catalog.domain.lifecycles import VERSION_FLOW
from quanze.apps.catalog.models import ItemEnding, ItemVersion, PowerItem, PowerList
from quanze.apps.catalog.selectors import lists as selectors
from quanze.apps.catalog.selectors.contents import content_of
from quanze.apps.catalog.services.storing import NewVersion, rewrite, write_versions
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

for _code, _label in {
    "catalog.list.created": "建立清单",
    "catalog.item.created": "新增事项",
    "catalog.draft.started": "起草修改",
    "catalog.draft.saved": "保存草稿",
    "catalog.item.moved": "改归属",
    "catalog.draft.discarded": "放弃草稿",
    "catalog.item.ending_marked": "拟取消事项",
    "catalog.item.ending_cleared": "撤销拟取消",
    "catalog.items.assigned": "分解到内设机构",
}.items():
    audit.register_action(_code, _label)


def require_drafter(actor: Actor, body_id: int) -> None:
    """只有本机构的业务口能编制本机构的清单。"""
    if actor.body_id != body_id or not actor.has("drafter"):
        raise NotPermitted("编制清单须由本机构业务口办理", hint="请由本机构有编制职责的同事办理。")


@transaction.atomic
def list_create(
    *,
    actor: Actor,
    body_id: int,
    list_type: str = POWER_LIST,
    template: str = "published-2024",
    procedure: str = "six-step",
    now: datetime,
) -> int:
    """建立清单：一个机构每种清单一份，已有的直接返回。由本机构业务口、编办或系统管理员建立。"""
    if not actor.scope.covers(body_id):
        raise NotFound("没有这个机构", hint="请核对机构。")
    is_own_drafter = actor.body_id == body_id and actor.has("drafter")
    if not is_own_drafter and not actor.has("establishment", "system_admin", "system"):
        raise NotPermitted("您的岗位不能建立清单", hint="请由本机构业务口、编办或系统管理员建立。")
    if list_type not in LIST_TYPE_LABELS:
        raise InvalidInput(
            f"没有清单类型“{list_type}”", hint=f"可用：{'、'.join(LIST_TYPE_LABELS)}。", code="list_type_unknown"
        )
    body = org.bodies_by_ids([body_id])[body_id]
    row, created = PowerList.objects.get_or_create(
        body_id=body_id,
        list_type=list_type,
        defaults={"template": template, "procedure": procedure, "created_at": now},
    )
    if created:
        audit.record(
            actor=actor,
            action="catalog.list.created",
            subject=audit.SubjectRef("catalog.list", row.pk, f"{body.name}{LIST_TYPE_LABELS[list_type]}", body_id),
            after={"template": template, "procedure": procedure},
            now=now,
        )
    return row.pk


def item_code(body_code: str, number: int) -> str:
    """事项标识：机构编码与流水号，终身不变。"""
    return f"{body_code}-{number:05d}"


def next_numbers(power_list: PowerList, count: int) -> list[int]:
    """清单内接下来的流水号。The list row is locked by the caller, so that two imports never take the same number."""
    last = power_list.items.aggregate(last=Max("ordinal"))["last"] or 0
    taken = power_list.items.count()
    start = max(last, taken) + 1
    return list(range(start, start + count))


@dataclass(frozen=True, slots=True)
class NewItem:
    """拟新增的一项：内容；子项以编号指明已有的主项，或以次序指明同批的主项（从 0 计，须排在前面）。"""

    content: ItemContent
    parent_id: int | None = None
    parent_index: int | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """改归属：归到某主项之下，或（None）不再是子项。"""

    parent_id: int | None


@transaction.atomic
def items_create(*, actor: Actor, list_id: int, items: Sequence[NewItem], now: datetime) -> list[tuple[int, int]]:
    """成批新增事项：建立身份与第一份草稿，逐项入记录。返回各项的（事项编号，版本编号），次序如所给。"""
    power_list = selectors.list_for_update(list_id=list_id, scope=actor.scope)
    require_drafter(actor, power_list.body_id)
    _require_parents(power_list, items)
    body = org.bodies_by_ids([power_list.body_id])[power_list.body_id]
    rows = [
        PowerItem(power_list=power_list, code=item_code(body.code, number), created_at=now, ordinal=number)
        for number in next_numbers(power_list, len(items))
    ]
    mains = [n for n, item in enumerate(items) if item.parent_index is None]
    for number in mains:
        rows[number].parent_id = items[number].parent_id
    PowerItem.objects.bulk_create([rows[number] for number in mains], batch_size=500)
    subs = [n for n, item in enumerate(items) if item.parent_index is not None]
    for number in subs:
        rows[number].parent_id = rows[items[number].parent_index or 0].pk
    PowerItem.objects.bulk_create([rows[number] for number in subs], batch_size=500)
    fresh = [
        NewVersion(row, replace(item.content, node_kind=NodeKind.SUB) if row.parent_id is not None else item.content)
        for row, item in zip(rows, items, strict=True)
    ]
    versions = write_versions(fresh, actor=actor, now=now)
    audit.record_many(
        actor=actor,
        action="catalog.item.created",
        changes=[
            audit.Change(
                audit.SubjectRef("catalog.item", row.pk, version.name, power_list.body_id),
                after={"code": row.code, "hash": version.content_hash},
            )
            for row, version in zip(rows, versions, strict=True)
        ],
        now=now,
    )
    return [(row.pk, version.pk) for row, version in zip(rows, versions, strict=True)]


def _require_parents(power_list: PowerList, items: Sequence[NewItem]) -> None:
    """内容能存下；子项的主项在本清单，本身不是子项。"""
    known = set(
        power_list.items.filter(
            pk__in=[item.parent_id for item in items if item.parent_id is not None], parent__isnull=True
        ).values_list("pk", flat=True)
    )
    for number, item in enumerate(items):
        drafts.require_storable(item.content)
        index = item.parent_index
        is_known = item.parent_id is None or item.parent_id in known
        is_before = index is None or (
            0 <= index < number and items[index].parent_index is None and items[index].parent_id is None
        )
        if not is_known or not is_before:
            raise InvalidInput("所选主项不在本清单或本身是子项", hint="请选择本清单的一个主项。", code="parent_invalid")


def item_create(
    *, actor: Actor, list_id: int, content: ItemContent, parent_id: int | None = None, now: datetime
) -> int:
    """新增事项：成批新增的一项。返回版本编号。"""
    return items_create(actor=actor, list_id=list_id, items=[NewItem(content, parent_id)], now=now)[0][1]


@transaction.atomic
def draft_start(*, actor: Actor, item_id: int, now: datetime) -> int:
    """起草修改：以现行（或退回的）版本为底另立草稿；已有草稿则返回它。"""
    item = selectors.item_for_update(item_id=item_id, scope=actor.scope)
    require_drafter(actor, item.power_list.body_id)
    working = item.versions.select_for_update().filter(state__in=selectors.WORKING_STATES).first()
    if working is not None and working.state == "draft":
        return working.pk
    if working is not None and working.state == "frozen":
        raise WrongState("事项正在审查中，不能修改", hint="可先撤回送审，或等待审查结果。")
    base = working or item.versions.filter(state="published").order_by("-number").first()
    if base is None:
        raise WrongState("事项没有可修改的版本", hint="请新增事项。")
    content = content_of(base)
    if working is not None:
        working.state = VERSION_FLOW.decide("returned", "supersede", roles=actor.roles).target
        working.save(update_fields=["state"])
    # A draft that goes on from a returned one keeps those who wrote that.
    earlier = () if working is None else tuple(working.author_ids)
    fresh = NewVersion(item, content, change_note=base.change_note, earlier_authors=earlier)
    try:
        with transaction.atomic():
            version = write_versions([fresh], actor=actor, now=now)[0]
    except IntegrityError:
        # Somebody else's draft of the same item was committed in between; the table holds one working version per item.
        raise Conflict(
            f"“{content.name}”刚刚被别人起草", hint="请刷新页面，在那份草稿上修改。", code="draft_just_started"
        ) from None
    if working is not None:
        for entry in working.submission_items.filter(submission__state="returned"):
            entry.version = version
            entry.save(update_fields=["version"])
    audit.record(
        actor=actor,
        action="catalog.draft.started",
        subject=audit.SubjectRef("catalog.item", item.pk, content.name, item.power_list.body_id),
        after={"base_version": base.pk, "version": version.pk},
        now=now,
    )
    return version.pk


@transaction.atomic
def draft_save(
    *,
    actor: Actor,
    version_id: int,
    seen_version: int,
    content: ItemContent,
    change_note: str = "",
    move: Move | None = None,
    now: datetime,
) -> int:
    """保存草稿：内容未变则什么也不写。``move`` 不空则一并改归属。返回新的修改次数。"""
    version = selectors.version_for_update(version_id=version_id, scope=actor.scope, seen_version=seen_version)
    body_id = version.item.power_list.body_id
    require_drafter(actor, body_id)
    if version.state != "draft":
        raise WrongState(
            f"该版本为“{VERSION_FLOW.states[version.state]}”，不能修改", hint="退回的事项请点“修改”另立修改稿。"
        )
    drafts.require_storable(content)
    if move is not None and move.parent_id != version.item.parent_id:
        content = _moved(version, content, move, actor=actor, now=now)
    old = content_of(version)
    if old == content and version.change_note == change_note:
        return version.lock_version
    version.change_note = change_note
    rewrite(version, content, actor=actor, now=now)
    audit.record(
        actor=actor,
        action="catalog.draft.saved",
        subject=audit.SubjectRef("catalog.item", version.item_id, content.name, body_id),
        before={c.label: c.old for c in drafts.changes(old, content)},
        after={c.label: c.new for c in drafts.changes(old, content)},
        now=now,
    )
    return version.lock_version


def _moved(version: ItemVersion, content: ItemContent, move: Move, *, actor: Actor, now: datetime) -> ItemContent:
    """改归属：从未公布的事项可改为某主项的子项，或由子项改为单项。返回随之改了主项/子项的内容。

    The place under a main item belongs to the identity and not to a version; moving what was once published would rewrite the
    lists of the past.
    """
    item = version.item
    if item.versions.filter(number__isnull=False).exists():
        raise WrongState(
            "已公布过的事项不能改归属",
            hint="请把它标为拟取消，另在新的主项之下新增子项（或新增单项），随同一件送审。",
            code="published_item_moved",
        )
    before = item.parent
    if move.parent_id is None:
        kind = NodeKind.SINGLE
    else:
        rows = PowerItem.objects.select_for_update().filter(power_list_id=item.power_list_id, parent__isnull=True)
        parent = rows.filter(pk=move.parent_id).exclude(pk=item.pk).first()
        if parent is None or not parent.versions.exclude(state__in=["discarded", "superseded"]).exists():
            raise InvalidInput("所选主项不在本清单或本身是子项", hint="请选择本清单的一个主项。", code="parent_invalid")
        if item.subitems.filter(versions__state__in=[*selectors.WORKING_STATES, "published"]).exists():
            raise InvalidInput(
                "带有子项的事项不能改为子项", hint="子项只有一级，请先移走或放弃它的子项。", code="parent_of_subitems"
            )
        kind = NodeKind.SUB
    item.parent_id = move.parent_id
    item.save(update_fields=["parent"])
    audit.record(
        actor=actor,
        action="catalog.item.moved",
        subject=audit.SubjectRef("catalog.item", item.pk, content.name, item.power_list.body_id),
        before={"主项": before.code if before else ""},
        after={"主项": PowerItem.objects.get(pk=move.parent_id).code if move.parent_id else ""},
        now=now,
    )
    return replace(content, node_kind=kind)


@transaction.atomic
def draft_discard(*, actor: Actor, version_id: int, seen_version: int, now: datetime) -> None:
    """放弃草稿：保留为“已放弃”，随时可查，不再参与编制。"""
    version = selectors.version_for_update(version_id=version_id, scope=actor.scope, seen_version=seen_version)
    body_id = version.item.power_list.body_id
    require_drafter(actor, body_id)
    version.state = VERSION_FLOW.decide(version.state, "discard", roles=actor.roles).target
    if version.submission_items.filter(submission__state__in=["returned", "in_review"]).exists():
        raise WrongState("该草稿属于已退回的送审件", hint="请在送审件中移除该事项，或修改后重新送审。")
    version.lock_version += 1
    version.save(update_fields=["state", "lock_version"])
    audit.record(
        actor=actor,
        action="catalog.draft.discarded",
        subject=audit.SubjectRef("catalog.item", version.item_id, version.name, body_id),
        after={"version": version.pk},
        now=now,
    )


@transaction.atomic
def ending_mark(*, actor: Actor, item_ids: Sequence[int], reason: str, now: datetime) -> int:
    """拟取消：现行事项标为拟取消，随下次送审件一并送审。返回标记数。"""
    if not reason.strip():
        raise RulesNotMet("取消事项必须写明理由", hint="请写明法律法规依据或改革文件。", code="reason_required")
    marked = 0
    for item_id in item_ids:
        item = selectors.item_for_update(item_id=item_id, scope=actor.scope)
        require_drafter(actor, item.power_list.body_id)
        current = item.versions.filter(state="published", valid_to__isnull=True).first()
        if current is None:
            raise WrongState("只有现行事项能拟取消", hint="草稿事项请直接放弃。")
        _, created = ItemEnding.objects.get_or_create(
            item=item, defaults={"reason": reason, "author_id": actor.user_id, "created_at": now}
        )
        marked += created
        if created:
            audit.record(
                actor=actor,
                action="catalog.item.ending_marked",
                subject=audit.SubjectRef("catalog.item", item.pk, current.name, item.power_list.body_id),
                reason=reason,
                now=now,
            )
    return marked


@transaction.atomic
def ending_clear(*, actor: Actor, item_id: int, now: datetime) -> None:
    """撤销拟取消。"""
    item = selectors.item_for_update(item_id=item_id, scope=actor.scope)
    require_drafter(actor, item.power_list.body_id)
    if item.submission_items.filter(action="cancel", submission__state__in=["in_review", "returned"]).exists():
        raise WrongState(
            "取消该事项正在送审，不能撤销拟取消", hint="请等审查退回后在送审件中移除该事项，或撤回送审件。"
        )
    deleted, _ = ItemEnding.objects.filter(item=item).delete()
    if deleted:
        audit.record(
            actor=actor,
            action="catalog.item.ending_cleared",
            subject=audit.SubjectRef("catalog.item", item.pk, item.code, item.power_list.body_id),
            now=now,
        )


@transaction.atomic
def items_assign(
    *,
    actor: Actor,
    item_ids: Sequence[int],
    lead_division: str,
    assists: Sequence[AssistContent] = (),
    now: datetime,
) -> int:
    """分解到内设机构：成批把承办机构写入草稿，没有草稿的先起草。返回改动的事项数。"""
    if not item_ids:
        return 0
    changed = 0
    names: set[str] | None = None
    for item_id in item_ids:
        item = selectors.item_for_update(item_id=item_id, scope=actor.scope)
        if names is None:
            on = localdate(now)
            names = {division.name for division in org.divisions_of([item.power_list.body_id], on=on)}
        if lead_division not in names:
            raise InvalidInput(
                f"本机构没有内设机构“{lead_division}”",
                hint=f"可选：{'、'.join(sorted(names))}。",
                code="division_unknown",
            )
        version = ItemVersion.objects.select_related("item__power_list").get(
            pk=draft_start(actor=actor, item_id=item_id, now=now)
        )
        content = replace(content_of(version), lead_division=lead_division, assists=tuple(assists))
        if content.content_hash() == version.content_hash:
            continue
        rewrite(version, content, actor=actor, now=now)
        changed += 1
        audit.record(
            actor=actor,
            action="catalog.items.assigned",
            subject=audit.SubjectRef("catalog.item", item.pk, content.name, item.power_list.body_id),
            after={"承办机构": lead_division, "协办机构": [a.division for a in assists]},
            now=now,
        )
    return changed


@transaction.atomic
def drafts_start(*, actor: Actor, item_ids: Sequence[int], now: datetime) -> list[int]:
    """成批起草修改：一项不能起草则全部不起草。返回版本编号，与所给次序相同。"""
    return [draft_start(actor=actor, item_id=item_id, now=now) for item_id in item_ids]
