"""范本换版：新版公布时为以它为准的清单各开一件合并；业务口选好冲突，合并成草稿，照常送审。

The base publishes, the town decides: nothing of a list changes by itself. Opening happens in the transaction of the publication,
so that no list is forgotten; merging writes drafts by the same means as any drafting.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.catalog.domain.base_lists import BASE_LIST
from quanze.apps.catalog.domain.base_merging import Choice, ItemChange, ItemMerge, merged_content, require_settled
from quanze.apps.catalog.domain.drafts import require_storable
from quanze.apps.catalog.domain.lifecycles import MERGE_FLOW
from quanze.apps.catalog.models import BaseBinding, BaseMerge, ItemEnding, ItemVersion, ListEdition, PowerList
from quanze.apps.catalog.selectors import base_merges as selectors
from quanze.apps.catalog.selectors import lists as list_selectors
from quanze.apps.catalog.services.binding import localised
from quanze.apps.catalog.services.drafting import NewItem, items_create
from quanze.apps.catalog.services.storing import NewVersion, rewrite_many, write_versions
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.base.notices import public as notices
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput, NotPermitted, WrongState

audit.register_action("catalog.base.merge_chosen", "选择范本合并的冲突")
audit.register_action("catalog.base.merged", "合并范本新版")
audit.register_action("catalog.base.merge_declined", "不合并范本新版")
audit.register_action("catalog.base.clean_merged", "先合并没有冲突的")
audit.register_action("catalog.base.merge_reopened", "重新合并范本新版")


def merges_open(*, edition: ListEdition, now: datetime) -> int:
    """范本的一版公布之后：为绑定它的各清单开出合并，返回件数。Called by the publication itself, which is what is recorded.

    A merge that is still open goes on from where it began: the town merges once, from what it last had to what is newest.
    """
    if edition.power_list.list_type != BASE_LIST or edition.number == 1:
        return 0
    on = max(localdate(now), edition.valid_from)
    bindings = BaseBinding.objects.filter(base_list=edition.power_list, valid_to__isnull=True)
    opened = 0
    for binding in bindings.select_related("power_list__body").order_by("power_list_id"):
        held = (
            BaseMerge.objects.select_for_update()
            .filter(power_list=binding.power_list, base_list=edition.power_list, state="open")
            .first()
        )
        since = held.from_number if held is not None else edition.number - 1
        kept = held.choices if held is not None else {}
        if held is not None:
            held.state = MERGE_FLOW.decide(held.state, "supersede", roles=()).target
            held.save(update_fields=["state"])
        row = BaseMerge(
            power_list=binding.power_list,
            base_list=edition.power_list,
            from_number=since,
            to_number=edition.number,
            choices=kept,
            opened_at=now,
        )
        items = selectors.items_of(row, on=on)
        row.changed, row.conflicts = len(items), sum(len(one.conflicts) for one in items)
        row.save()
        opened += 1
        notices.notice_send(
            to_user_ids=org.holders_of("drafter", binding.power_list.body_id, on=localdate(now)),
            text=f"目录范本第 {edition.number} 版已公布：本机构清单有 {row.changed} 项要合并，{row.conflicts} 处冲突",
            link=f"/lists/merges/{row.pk}/",
            kind="catalog",
            now=now,
        )
    return opened


def _own(actor: Actor, merge_id: int, seen_version: int) -> BaseMerge:
    row = selectors.find(merge_id=merge_id, scope=actor.scope, seen_version=seen_version, lock=True)
    if actor.body_id != row.power_list.body_id or not actor.has("drafter"):
        raise NotPermitted("合并由清单所属机构的业务口办理", hint="请由该机构的编制人员办理。")
    if row.state != "open":
        raise WrongState(f"这件合并已是“{MERGE_FLOW.states[row.state]}”", hint="请刷新页面。", code="merge_closed")
    return row


def _subject(power_list: PowerList) -> audit.SubjectRef:
    return audit.SubjectRef("catalog.list", power_list.pk, f"{power_list.body.name}权责清单", power_list.body_id)


@transaction.atomic
def merge_choose(
    *,
    actor: Actor,
    merge_id: int,
    seen_version: int,
    choices: Mapping[tuple[str, str], Choice],
    now: datetime,
) -> int:
    """记下对若干处冲突的选择（可以分几次选）；返回还没有选的处数。"""
    row = _own(actor, merge_id, seen_version)
    items = selectors.items_of(row, on=localdate(now))
    known = {(item.base_code, one.unit) for item in items for one in item.conflicts}
    if strange := [key for key in choices if key not in known]:
        raise InvalidInput(f"没有这处冲突（{strange[0][0]}）", hint="请刷新页面。", code="conflict_unknown")
    stored = {code: dict(units) for code, units in row.choices.items()}
    for (code, unit), choice in choices.items():
        stored.setdefault(code, {})[unit] = [choice.side, choice.reason.strip()[:500], choice.text.strip()]
    row.choices = stored
    row.lock_version += 1
    row.save(update_fields=["choices", "lock_version"])
    audit.record(
        actor=actor,
        action="catalog.base.merge_chosen",
        subject=_subject(row.power_list),
        after={"merge": row.pk, "choices": [[*key, one.side, one.reason, one.text] for key, one in choices.items()]},
        now=now,
    )
    chosen = selectors.choices_of(stored)
    return sum(key not in chosen for key in known)


@transaction.atomic
def merge_apply(*, actor: Actor, merge_id: int, seen_version: int, now: datetime) -> int:
    """合并：没有冲突的取范本，冲突的按选择，新分出的子项随主项，写成草稿；范本移出的标为拟取消。返回写成草稿的项数。

    What else the base added is offered for claiming, not written: whether a town has a power is not the base's to decide alone.
    """
    row = _own(actor, merge_id, seen_version)
    power_list = list_selectors.list_for_update(list_id=row.power_list_id, scope=actor.scope)
    list_selectors.lock_working(power_list.pk)
    on = localdate(now)
    items = selectors.items_of(row, on=on)
    choices = selectors.choices_of(row.choices)
    require_settled(items, choices)
    changed = [one for one in items if one.change is ItemChange.CHANGED]
    written = _write(actor, row, [one.base_code for one in changed], choices, on, now)
    parts = _add_parts(actor, row, [one for one in items if one.is_new_part], on, now)
    removed = _in_force([one for one in items if one.change is ItemChange.REMOVED], on)
    ItemEnding.objects.bulk_create(
        [
            ItemEnding(
                item_id=one.item_id,
                reason=f"目录范本第 {row.to_number} 版已移出此项",
                author_id=actor.user_id,
                created_at=now,
            )
            for one in removed
            if one.item_id is not None
        ],
        ignore_conflicts=True,
    )
    row.state = MERGE_FLOW.decide(row.state, "merge", roles=actor.roles).target
    row.settled_at, row.settled_by_name = now, actor.name
    row.lock_version += 1
    row.save()
    audit.record(
        actor=actor,
        action="catalog.base.merged",
        subject=_subject(row.power_list),
        after={
            "merge": row.pk,
            "from": row.from_number,
            "to": row.to_number,
            "drafts": written,
            "parts": parts,
            "removed": len(removed),
            "conflicts": sum(len(one.conflicts) for one in items),
        },
        now=now,
    )
    return written + parts


def _in_force(removed: list[ItemMerge], on: date) -> list[ItemMerge]:
    """只有现行的能拟取消；还在编的草稿由业务口自己放弃。"""
    ids = [one.item_id for one in removed]
    held = set(
        ItemVersion.objects.filter(list_selectors.in_force(on), item_id__in=ids).values_list("item_id", flat=True)
    )
    return [one for one in removed if one.item_id in held]


def _add_parts(actor: Actor, row: BaseMerge, parts: list[ItemMerge], on: date, now: datetime) -> int:
    """范本在认领了的主项之下新分出的子项，写成本级的草稿。"""
    if not parts:
        return 0
    contents = selectors.base_content(
        base_list_id=row.base_list_id, codes=[one.base_code for one in parts], on=max(on, localdate(row.opened_at))
    )
    items = [
        NewItem(
            localised(contents[one.base_code], one.base_code, row.power_list.body.name), parent_id=one.parent_item_id
        )
        for one in parts
        if one.base_code in contents
    ]
    items_create(actor=actor, list_id=row.power_list_id, items=items, now=now)
    return len(items)


@transaction.atomic
def merge_take_clean(*, actor: Actor, merge_id: int, seen_version: int, now: datetime) -> int:
    """先合并没有冲突的：整项没有一处冲突的照范本写成草稿，有冲突的留着慢慢选。返回写成草稿的项数。"""
    row = _own(actor, merge_id, seen_version)
    power_list = list_selectors.list_for_update(list_id=row.power_list_id, scope=actor.scope)
    list_selectors.lock_working(power_list.pk)
    on = localdate(now)
    clean = [
        one.base_code
        for one in selectors.items_of(row, on=on)
        if one.change is ItemChange.CHANGED and not one.conflicts
    ]
    if not clean:
        raise WrongState("没有可以先合并的", hint="余下的都有冲突，请逐处选好后合并。", code="nothing_clean")
    written = _write(actor, row, clean, {}, on, now)
    row.lock_version += 1
    row.save(update_fields=["lock_version"])
    audit.record(
        actor=actor,
        action="catalog.base.clean_merged",
        subject=_subject(row.power_list),
        after={"merge": row.pk, "drafts": written},
        now=now,
    )
    return written


@transaction.atomic
def merge_reopen(*, actor: Actor, merge_id: int, seen_version: int, now: datetime) -> None:
    """重新合并：合并后放弃了草稿的，或写过不合并的，再办一次；已有后一版的从后一版办。"""
    row = selectors.find(merge_id=merge_id, scope=actor.scope, seen_version=seen_version, lock=True)
    if actor.body_id != row.power_list.body_id or not actor.has("drafter"):
        raise NotPermitted("合并由清单所属机构的业务口办理", hint="请由该机构的编制人员办理。")
    step = MERGE_FLOW.decide(row.state, "reopen", roles=actor.roles)
    if BaseMerge.objects.filter(power_list=row.power_list, pk__gt=row.pk).exists():
        raise WrongState("已有后一版的合并", hint="请从清单的“范本”页办后一版。", code="merge_superseded")
    before = row.state
    row.state = step.target
    row.settled_at, row.settled_by_name = None, ""
    row.lock_version += 1
    row.save()
    audit.record(
        actor=actor,
        action="catalog.base.merge_reopened",
        subject=_subject(row.power_list),
        before={"merge": row.pk, "state": before},
        after={"to": row.to_number},
        now=now,
    )


def _write(
    actor: Actor,
    row: BaseMerge,
    codes: list[str],
    choices: Mapping[tuple[str, str], Choice],
    on: date,
    now: datetime,
) -> int:
    """合并后的内容成批写成草稿：已有草稿的改写，没有的另立；在审查中的不能改，整件不合并。"""
    items = {one.base_code: one for one in selectors.items_of(row, on=on)}
    held = selectors.local_contents(row.power_list_id, codes=codes, on=on)
    fresh: list[NewVersion] = []
    drafts: list[ItemVersion] = []
    rewritten: list[NewVersion] = []
    subjects = []
    for code in codes:
        item_id, version, local = held[code]
        item = items[code]
        own = {unit: choice for (base_code, unit), choice in choices.items() if base_code == code}
        content = merged_content(local, item, own)
        if content == local:
            continue
        require_storable(content)
        if version.state in ("frozen", "returned"):
            raise WrongState(
                f"“{local.name}”正在审查中，不能合并", hint="请先办结或撤回送审件，再合并。", code="item_in_review"
            )
        note = f"合并目录范本第 {row.to_number} 版"
        entry = NewVersion(version.item, content, change_note=note)
        if version.state == "draft":
            drafts.append(version)
            rewritten.append(entry)
        else:
            fresh.append(entry)
        subjects.append((item_id, content))
    write_versions(fresh, actor=actor, now=now)
    if drafts:
        rewrite_many(drafts, rewritten, actor=actor, now=now)
    audit.record_many(
        actor=actor,
        action="catalog.draft.saved",
        changes=[
            audit.Change(
                audit.SubjectRef("catalog.item", item_id, content.name, row.power_list.body_id),
                after={"hash": content.content_hash(), "merge": row.pk},
            )
            for item_id, content in subjects
        ],
        now=now,
    )
    return len(subjects)


@transaction.atomic
def merge_decline(*, actor: Actor, merge_id: int, seen_version: int, reason: str, now: datetime) -> None:
    """不合并：写明理由，与范本的差异照常在“范本”页列出。"""
    row = _own(actor, merge_id, seen_version)
    row.state = MERGE_FLOW.decide(row.state, "decline", roles=actor.roles, reason=reason).target
    row.settled_at, row.settled_by_name = now, actor.name
    row.lock_version += 1
    row.save()
    audit.record(
        actor=actor,
        action="catalog.base.merge_declined",
        subject=_subject(row.power_list),
        after={"merge": row.pk, "to": row.to_number},
        reason=reason,
        now=now,
    )
