"""导入：收文件、后台读取并对照、预览后整批导入为草稿，或放弃。

All or nothing. A published text is never touched: what is new or changed becomes a draft, and what the table does not hold
is only offered as 拟取消.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate

from quanze.apps.catalog.domain import difference as domain
from quanze.apps.catalog.domain.base_lists import BASE_LIST, POWER_LIST
from quanze.apps.catalog.domain.difference import Choices, Difference, Entry, EntryKind
from quanze.apps.catalog.domain.import_rows import row_from_json
from quanze.apps.catalog.domain.lifecycles import IMPORT_FLOW
from quanze.apps.catalog.domain.ordering import with_new_in_place
from quanze.apps.catalog.models import ItemVersion, ListImport, PowerItem, PowerList
from quanze.apps.catalog.selectors import imports as selectors
from quanze.apps.catalog.selectors import lists as list_selectors
from quanze.apps.catalog.services.acting import actor_named
from quanze.apps.catalog.services.drafting import (
    draft_start,
    ending_mark,
    item_code,
    list_create,
    next_numbers,
    require_drafter,
)
from quanze.apps.catalog.services.previewing import difference_as_json, difference_with_list, reading_of_upload
from quanze.apps.catalog.services.storing import NewVersion, SourcePlace, rewrite_many, write_versions
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.base.files import public as files
from quanze.base.jobs import public as jobs
from quanze.core.actor import EVERYTHING, Actor
from quanze.core.errors import Conflict, DomainError, InvalidInput, NotFound, RulesNotMet, WrongState

PURPOSE = "catalog.import"
JOB_KIND = "catalog.import_read"
LONGEST_WAIT_SECONDS = 120

for _code, _label in {
    "catalog.import.uploaded": "上传清单表格",
    "catalog.import.applied": "导入清单表格",
    "catalog.import.cancelled": "放弃导入",
}.items():
    audit.register_action(_code, _label)


def _subject(record: ListImport) -> audit.SubjectRef:
    return audit.SubjectRef("catalog.import", record.pk, record.file_name, record.power_list.body_id)


@transaction.atomic
def import_upload(
    *, actor: Actor, list_id: int, data: bytes | BinaryIO, name: str, back_url: str = "", now: datetime
) -> int:
    """上传表格：收存文件，排上后台读取。返回导入编号；``back_url`` 可含 {import_id}，供进度页回来。"""
    power_list = list_selectors.list_for_update(list_id=list_id, scope=actor.scope)
    require_drafter(actor, power_list.body_id)
    stored = files.store(data=data, name=name, body_id=power_list.body_id, actor=actor, purpose=PURPOSE, now=now)
    record = ListImport.objects.create(
        power_list=power_list,
        file_id=stored.id,
        file_name=stored.name,
        created_by_id=actor.user_id or 0,
        created_by_name=actor.name,
        created_at=now,
    )
    record.job_id = jobs.enqueue(
        kind=JOB_KIND,
        payload={"import_id": record.pk},
        actor=actor,
        label=f"读取 {stored.name}",
        back_url=back_url.format(import_id=record.pk),
        now=now,
    )
    record.save(update_fields=["job_id"])
    audit.record(
        actor=actor,
        action="catalog.import.uploaded",
        subject=_subject(record),
        after={"file": stored.name, "sha256": stored.sha256, "size": stored.size},
        now=now,
    )
    return record.pk


def is_read(*, import_id: int, actor: Actor) -> bool:
    """是否已经读过（读成、读不成、放弃都算）。"""
    return selectors.import_view(import_id=import_id, scope=actor.scope).row.state != IMPORT_FLOW.initial


def file_of(*, import_id: int, actor: Actor) -> tuple[str, bytes]:
    """导入的文件名与内容。"""
    view = selectors.import_view(import_id=import_id, scope=actor.scope)
    opened = files.open_file(view.file_id, scope=actor.scope)
    with opened.stream as stream:
        return opened.view.name, stream.read()


@transaction.atomic
def import_preview(*, actor: Actor, import_id: int, reading: Mapping[str, Any]) -> None:
    """存下读取结果与对照，等待确认。Derived from the stored file, therefore not entered in the record."""
    record = selectors.import_for_update(import_id=import_id, scope=actor.scope)
    record.state = IMPORT_FLOW.decide(record.state, "preview", roles=actor.roles).target
    record.reading = dict(reading)
    _compare(record)
    record.lock_version += 1
    record.save()


@transaction.atomic
def import_fail(*, actor: Actor, import_id: int, error: DomainError) -> None:
    """读取失败：记下原因，什么也没有写进清单。"""
    record = selectors.import_for_update(import_id=import_id, scope=actor.scope)
    record.state = IMPORT_FLOW.decide(record.state, "fail", roles=actor.roles).target
    record.error = str(error)
    record.failure = {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "place": str(error.place or ""),
    }
    record.lock_version += 1
    record.save(update_fields=["state", "error", "failure", "lock_version"])


@transaction.atomic
def import_compare(*, actor: Actor, import_id: int) -> None:
    """重新对照：清单在预览之后有了改动。"""
    record = selectors.import_for_update(import_id=import_id, scope=actor.scope)
    require_drafter(actor, record.power_list.body_id)
    if record.state != "previewed":
        raise InvalidInput("这次导入不在待确认状态", hint="请重新上传表格。", code="import_not_previewed")
    _compare(record)
    record.lock_version += 1
    record.save(update_fields=["difference", "lock_version"])


def _compare(record: ListImport) -> Difference:
    existing, versions = selectors.existing_items(list_id=record.power_list_id)
    found = domain.compare(existing, [row_from_json(row) for row in record.reading["rows"]])
    record.difference = difference_as_json(found, selectors.fingerprint(list(versions.values())))
    return found


@transaction.atomic
def import_apply(
    *, actor: Actor, import_id: int, seen_version: int, choices: Choices = Choices(), now: datetime
) -> Mapping[str, int]:
    """导入为草稿：整批成或整批不成。返回 new、changed、endings、skipped 各几项。"""
    record = selectors.import_for_update(import_id=import_id, scope=actor.scope, seen_version=seen_version)
    power_list = list_selectors.list_for_update(list_id=record.power_list_id, scope=actor.scope)
    require_drafter(actor, power_list.body_id)
    state = IMPORT_FLOW.decide(record.state, "apply", roles=actor.roles).target
    list_selectors.lock_items(power_list.pk)
    list_selectors.lock_working(power_list.pk)
    existing, versions = selectors.existing_items(list_id=power_list.pk)
    if selectors.fingerprint(list(versions.values())) != record.difference["base"]:
        raise Conflict(
            "清单在预览之后有了改动，对照已不准确",
            hint="请点“重新对照”，核对后再导入。",
            code="difference_stale",
        )
    found = domain.compare(existing, [row_from_json(row) for row in record.reading["rows"]])
    endings = _require_endings(found, choices)
    entries = domain.chosen_entries(found, choices)
    sources = {row["key"]: row["source"] for row in record.reading["rows"]}
    fresh, keys = _create(
        power_list, [e for e in entries if e.kind is EntryKind.NEW], found, sources, record, actor, now
    )
    if fresh:
        _put_in_place(power_list, found, keys, {version.item_id for version in fresh})
    changed = _change([e for e in entries if e.kind is EntryKind.CHANGED], versions, sources, record, actor, now)
    if endings:
        ending_mark(actor=actor, item_ids=endings, reason=choices.ending_reason, now=now)
    record.state, record.applied_at = state, now
    record.lock_version += 1
    record.save(update_fields=["state", "applied_at", "lock_version"])
    counts = {
        "new": len(fresh),
        "changed": len(changed),
        "endings": len(endings),
        "skipped": sum(e.kind is not EntryKind.UNCHANGED for e in found.entries) - len(entries),
    }
    if any(counts[key] for key in ("new", "changed", "endings")):
        power_list.lock_version += 1
        power_list.save(update_fields=["lock_version"])
    audit.record(
        actor=actor,
        action="catalog.import.applied",
        subject=_subject(record),
        after={
            **counts,
            "list_id": power_list.pk,
            "versions": [[row.item.code, row.content_hash] for row in (*fresh, *changed)],
        },
        now=now,
    )
    return counts


def _require_endings(found: Difference, choices: Choices) -> list[int]:
    """拟取消的只能是表中没有的现行事项，且须写明理由。"""
    offered = {held.item_id for held in found.missing if held.is_in_force and not held.is_locked}
    if not choices.endings <= offered:
        raise InvalidInput("所选拟取消的事项不在可选之列", hint="请刷新页面后重新选择。", code="ending_not_offered")
    if choices.endings and not choices.ending_reason.strip():
        raise RulesNotMet("拟取消事项必须写明理由", hint="请写明法律法规依据或改革文件。", code="reason_required")
    return sorted(choices.endings)


def _place(record: ListImport, source: Mapping[str, Any]) -> SourcePlace:
    return SourcePlace(record.file_name, source["sheet"], source["row"], source["cells"])


def _create(
    power_list: PowerList,
    entries: Sequence[Entry],
    found: Difference,
    sources: Mapping[str, Mapping[str, Any]],
    record: ListImport,
    actor: Actor,
    now: datetime,
) -> tuple[list[ItemVersion], dict[str, int]]:
    """新增的各项：先主项后子项，成批建立身份与草稿。返回版本，与表中各项的键 → 事项编号。"""
    item_ids = {entry.key: entry.item_id for entry in found.entries if entry.item_id is not None}
    if not entries:
        return [], item_ids
    body = org.bodies_by_ids([power_list.body_id])[power_list.body_id]
    numbers = dict(zip([entry.key for entry in entries], next_numbers(power_list, len(entries)), strict=True))
    items: dict[str, PowerItem] = {}
    for is_sub in (False, True):
        batch = [entry for entry in entries if (entry.parent_key is not None) is is_sub]
        made = PowerItem.objects.bulk_create(
            [
                PowerItem(
                    power_list=power_list,
                    parent_id=item_ids[entry.parent_key] if entry.parent_key is not None else None,
                    code=item_code(body.code, numbers[entry.key]),
                    created_at=now,
                    ordinal=numbers[entry.key],
                )
                for entry in batch
            ],
            batch_size=500,
        )
        for entry, item in zip(batch, made, strict=True):
            items[entry.key] = item
            item_ids[entry.key] = item.pk
    versions = write_versions(
        [NewVersion(items[entry.key], entry.content, source=_place(record, sources[entry.key])) for entry in entries],
        actor=actor,
        now=now,
    )
    return versions, item_ids


def _put_in_place(power_list: PowerList, found: Difference, keys: Mapping[str, int], fresh: Collection[int]) -> None:
    """新增的各项排到表中所在的位置；表中没有的现有事项保持原来的先后。"""
    items = list(power_list.items.order_by("ordinal", "id"))
    parents = {item.pk: item.parent_id for item in items}
    order = with_new_in_place(
        [(item.pk, item.parent_id) for item in items if item.pk not in fresh],
        [(keys[entry.key], parents[keys[entry.key]]) for entry in found.entries if entry.key in keys],
        new=fresh,
    )
    places = {item_id: place for place, item_id in enumerate(order, start=1)}
    moved = [item for item in items if item.ordinal != places[item.pk]]
    for item in moved:
        item.ordinal = places[item.pk]
    PowerItem.objects.bulk_update(moved, ["ordinal"], batch_size=500)


def _change(
    entries: Sequence[Entry],
    versions: Mapping[int, ItemVersion],
    sources: Mapping[str, Mapping[str, Any]],
    record: ListImport,
    actor: Actor,
    now: datetime,
) -> list[ItemVersion]:
    """变更的各项：有草稿的改写草稿，现行的另立草稿，退回的按退回另立修改稿。"""
    fresh: list[NewVersion] = []
    rewritten: list[NewVersion] = []
    held: list[ItemVersion] = []
    for entry in entries:
        assert entry.item_id is not None
        version = versions[entry.item_id]
        source = _place(record, sources[entry.key])
        if version.state == "published":
            fresh.append(NewVersion(version.item, entry.content, source=source))
            continue
        if version.state == "returned":
            started = draft_start(actor=actor, item_id=entry.item_id, now=now)
            version = ItemVersion.objects.select_related("item").get(pk=started)
        held.append(version)
        rewritten.append(NewVersion(version.item, entry.content, source=source))
    rewrite_many(held, rewritten, actor=actor, now=now)
    return [*write_versions(fresh, actor=actor, now=now), *held]


@transaction.atomic
def import_cancel(*, actor: Actor, import_id: int, seen_version: int, now: datetime) -> None:
    """放弃导入：清单不变，文件与读取结果留存备查。"""
    record = selectors.import_for_update(import_id=import_id, scope=actor.scope, seen_version=seen_version)
    require_drafter(actor, record.power_list.body_id)
    record.state = IMPORT_FLOW.decide(record.state, "cancel", roles=actor.roles).target
    record.lock_version += 1
    record.save(update_fields=["state", "lock_version"])
    audit.record(actor=actor, action="catalog.import.cancelled", subject=_subject(record), now=now)


def preview_or_import(
    *,
    path: Path,
    body: str,
    username: str = "",
    is_applied: bool = False,
    with_questioned: bool = False,
    with_overwriting: bool = False,
    is_base: bool = False,
) -> dict[str, Any]:
    """命令行的导入：预览什么也不写；``is_applied`` 则以 ``username`` 的名义上传、读取、导入为草稿。

    Not one transaction: upload, reading and applying are the same three steps as on the pages, each of them whole.
    """
    found_body = org.body_named(body)
    if found_body is None:
        raise NotFound(f"没有机构“{body}”，或不止一个", hint="请写机构全称或编码。")
    if not path.is_file():
        raise InvalidInput(f"没有文件“{path.name}”", hint="请检查路径与文件名。", code="file_missing")
    now = timezone.now()
    on = localdate(now)
    list_type = BASE_LIST if is_base else POWER_LIST
    held = list_selectors.lists(scope=EVERYTHING, on=on, body_ids=[found_body.id], list_type=list_type)
    if is_base and not held:
        raise NotFound(f"“{found_body.name}”没有制定目录范本", hint="请先用 quanze lists base create 建立。")
    if not is_applied:
        reading = reading_of_upload(name=path.name, data=path.read_bytes())
        return _result(reading, difference_with_list(reading, list_id=held[0].id if held else None), None)
    actor = actor_named(username, found_body.id, on)
    list_id = held[0].id if held else list_create(actor=actor, body_id=found_body.id, now=now)
    import_id = import_upload(actor=actor, list_id=list_id, data=path.read_bytes(), name=path.name, now=now)
    view = _read(import_id, actor)
    if view.row.state != "previewed":
        raise InvalidInput(view.error or "文件没有读成", hint="清单没有任何改动。", code="import_failed")
    include = frozenset(
        entry["key"]
        for entry in view.difference["entries"]
        if (with_questioned or not entry["doubts"]) and (with_overwriting or not entry["overwrites_draft"])
    )
    done = import_apply(
        actor=actor, import_id=import_id, seen_version=view.lock_version, choices=Choices(include=include), now=now
    )
    return _result(view.reading, view.difference, done)


def _read(import_id: int, actor: Actor) -> selectors.ImportView:
    """就地读完；后台执行者已经拿去读的，等它读完。"""
    view = selectors.import_view(import_id=import_id, scope=actor.scope)
    if view.job_id is not None:
        with suppress(WrongState):
            jobs.run_now(view.job_id)
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while True:
        view = selectors.import_view(import_id=import_id, scope=actor.scope)
        if view.row.state != "uploaded" or time.monotonic() > deadline:
            return view
        time.sleep(0.5)


def _result(
    reading: Mapping[str, Any], difference: Mapping[str, Any], applied: Mapping[str, int] | None
) -> dict[str, Any]:
    return {
        "summary": reading["summary"],
        "findings": reading["findings"],
        "counts": difference["counts"],
        "questioned": [entry for entry in difference["entries"] if entry["doubts"] and entry["kind"] != "unchanged"],
        "overwriting": [entry for entry in difference["entries"] if entry["overwrites_draft"]],
        "missing": difference["missing"],
        "applied": dict(applied) if applied is not None else None,
    }
