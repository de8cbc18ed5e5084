"""上级清单核对：读入提取件，逐行核对并记下同步日期与迟几个工作日；所选的不同一次开启调整，两边连着。"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.adjustment.domain.extracts import (
    RESULTS,
    ExtractRow,
    ExtractSystem,
    LocalItem,
    check,
    read_json,
    read_sheet,
)
from quanze.apps.adjustment.models import Adjustment, AdjustmentItem, ExtractCheck, ExtractTrigger
from quanze.apps.adjustment.selectors.extracts import check_for_update, last_rows
from quanze.apps.adjustment.selectors.packs import extract_system
from quanze.apps.adjustment.services.triggering import trigger_open
from quanze.apps.catalog import public as catalog
from quanze.base.audit import public as audit
from quanze.base.calendar import public as calendar
from quanze.base.files import public as files
from quanze.base.jobs import public as jobs
from quanze.base.parameters import public as parameters
from quanze.base.sheets.reading import read_workbook
from quanze.core.actor import Actor
from quanze.core.errors import ErrorPlace, InvalidInput, NotFound, NotPermitted

audit.register_action("adjustment.extract.checked", "核对上级清单")
audit.register_action("adjustment.extract.opened", "由上级清单核对开启调整")
LIMIT = "extract_sync_workdays"
KIND = "superior_list"
PURPOSE = "adjustment.extract"
JOB_KIND = "adjustment.extract"
LARGE = 512 * 1024  # bytes: what takes longer than two seconds is read by a job


def extract_read(system: ExtractSystem, data: bytes, *, name: str) -> list[ExtractRow]:
    """读出提取件（xlsx、xls、csv、json）。Raises InvalidInput with file, sheet and what is missing."""
    if name.lower().endswith(".json"):
        return read_json(system, data, file=name)
    book = read_workbook(data, name=name)
    for sheet in book.sheets:
        rows = [[str(cell).strip() if cell is not None else "" for cell in row] for row in sheet.rows]
        found = read_sheet(system, rows, file=name, sheet=sheet.name)
        if found is not None:
            return found
    raise InvalidInput(
        f"没有找到{system.label}的表头",
        hint=f"须有名称一栏（{'、'.join(system.columns['name'])}）与另一栏；栏目名可在 extracts.yaml 增加。",
        place=ErrorPlace(file=name),
        code="extract_without_header",
    )


def _require_may(actor: Actor, body_id: int) -> None:
    if actor.has("establishment", "system") or (actor.has("drafter") and actor.body_id == body_id):
        return
    raise NotPermitted("上级清单由本机构业务口或编办核对", hint="请联系编办。")


def _list(actor: Actor, list_id: int, today: date) -> catalog.ListView:
    found = catalog.lists(list_ids=[list_id], scope=actor.scope, on=today)
    if not found:
        raise NotFound("没有这份清单", hint="请从清单编制中重新选择。")
    _require_may(actor, found[0].body_id)
    return found[0]


@transaction.atomic
def extract_check(
    *,
    actor: Actor,
    list_id: int,
    system: str,
    data: bytes,
    file_name: str,
    extract_on: date,
    synced_on: date | None = None,
    now: datetime,
) -> int:
    """核对一次，留下逐行结果，返回核对编号。

    ``synced_on``: the day on which the office carried its changes over, for rows without a day of their own. Late = working days from the day an item changed to the day it was synced (or to the day of the extract
    while it is not), less the limit that was in force then.
    """
    today = localdate(now)
    view = _list(actor, list_id, today)
    if extract_on > today or (synced_on or extract_on) > today:
        raise InvalidInput(
            "提取日期、同步日期不应晚于今天",
            hint="请核对日期。",
            place=ErrorPlace(field="extract_on"),
            code="extract_in_future",
        )
    known = extract_system(system)
    limit = parameters.value_int(LIMIT, on=extract_on)
    rows = check(
        known,
        extract_read(known, data, name=file_name),
        _local(known, list_id, actor, extract_on),
        extract_on=extract_on,
        synced_on=synced_on,
        limit=limit,
        calendar=calendar.work_calendar(),
        known=last_rows(list_id=list_id, system=known.code, before=extract_on, scope=actor.scope),
    )
    counts = {code: sum(row.result == code for row in rows) for code in RESULTS}
    late = [row.late for row in rows if row.late]
    made = ExtractCheck.objects.create(
        power_list_id=list_id,
        body_id=view.body_id,
        body_name=view.body_name,
        system=known.code,
        system_label=known.label,
        file_name=file_name[:300],
        extract_on=extract_on,
        synced_on=synced_on,
        limit_workdays=limit,
        rows=[asdict(row) for row in rows],
        late_items=len(late),
        most_late=max(late, default=0),
        checked_at=now,
        checked_by_name=actor.name,
        **counts,
    )
    audit.record(
        actor=actor,
        action="adjustment.extract.checked",
        subject=_subject(made),
        after={"file": file_name, "extract_on": extract_on, "synced_on": synced_on, **counts, "late_items": len(late)},
        versions={"parameters": parameters.versions_on([LIMIT], on=extract_on)},
        now=now,
    )
    return made.pk


def _subject(row: ExtractCheck) -> audit.SubjectRef:
    return audit.SubjectRef(
        "adjustment.extract", row.pk, f"{row.body_name}与{row.system_label}核对（{row.extract_on}）", row.body_id
    )


def _local(system: ExtractSystem, list_id: int, actor: Actor, on: date) -> list[LocalItem]:
    labels = {one.code: one.label for one in catalog.power_types().types}
    found = []
    for fact in catalog.list_facts(list_id=list_id, scope=actor.scope, on=on):
        values = {
            name: str(fact.values.get(name) if fact.values.get(name) is not None else "") for name in system.compare
        }
        values["name"] = str(fact.values["name"])
        if "power_type" in values:
            values["power_type"] = labels.get(values["power_type"], values["power_type"])
        codes = tuple(code for name in system.codes for code in fact.codes.get(name, ()))
        found.append(LocalItem(fact.item_id, fact.code, codes, values, fact.valid_from))
    return found


@transaction.atomic
def extract_check_request(
    *,
    actor: Actor,
    list_id: int,
    system: str,
    data: bytes,
    file_name: str,
    extract_on: date,
    synced_on: date | None,
    back_url: str,
    now: datetime,
) -> int:
    """大的提取件：存下文件，排队核对，返回任务编号。"""
    view = _list(actor, list_id, localdate(now))
    extract_system(system)
    stored = files.store(data=data, name=file_name, body_id=view.body_id, actor=actor, purpose=PURPOSE, now=now)
    return jobs.enqueue(
        kind=JOB_KIND,
        payload={
            "list_id": list_id,
            "system": system,
            "file_id": stored.id,
            "extract_on": extract_on.isoformat(),
            "synced_on": synced_on.isoformat() if synced_on else "",
        },
        actor=actor,
        label=f"核对 {file_name}",
        back_url=back_url,
        now=now,
    )


def extract_check_stored(
    *,
    actor: Actor,
    list_id: int,
    system: str,
    file_id: int,
    extract_on: date,
    synced_on: date | None,
    progress: Callable[[int, int, str], None],
    now: datetime,
) -> int:
    """核对存下的文件。"""
    progress(0, 2, "正在读取提取件")
    opened = files.open_file(file_id, scope=actor.scope)
    with opened.stream as stream:
        name, data = opened.view.name, stream.read()
    progress(1, 2, "正在逐行核对")
    return extract_check(
        actor=actor,
        list_id=list_id,
        system=system,
        data=data,
        file_name=name,
        extract_on=extract_on,
        synced_on=synced_on,
        now=now,
    )


@transaction.atomic
def extract_open(
    *,
    actor: Actor,
    check_id: int,
    seen_version: int,
    numbers: Sequence[int],
    legal_on: date,
    evidence: str,
    now: datetime,
) -> int:
    """把所选各行一次开启为一个调整事由，返回事由编号。

    ``numbers``: places of rows in the check, from 0. Rows that agree, or that opened one before, are refused by name. A row that
    the list lacks becomes a candidate without an item.
    """
    row = check_for_update(check_id=check_id, scope=actor.scope, seen_version=seen_version)
    chosen = sorted(set(numbers))
    if not chosen:
        raise InvalidInput("没有选择要调整的行", hint="请勾选至少一行。", code="nothing_concerned")
    if chosen[-1] >= len(row.rows) or chosen[0] < 0:
        raise NotFound("没有这一行", hint="请刷新页面后再选。")
    picked = [row.rows[number] for number in chosen]
    for one in picked:
        if one["result"] == "matched" or one["trigger_id"]:
            why = "与上级一致，不必调整" if one["result"] == "matched" else "已经开启过调整"
            raise InvalidInput(f"“{one['name']}”{why}", hint="请只勾选还没有办的不同。", code="row_not_open")
    reasons = {
        one["item_id"]: f"{RESULTS[one['result']]}：{one['note']}"[:500] for one in picked if one["item_id"] is not None
    }
    new = [one for one in picked if one["item_id"] is None]
    trigger_id = trigger_open(
        actor=actor,
        kind=KIND,
        title=f"{row.system_label}核对（{row.extract_on}）"[:200],
        evidence=evidence.strip() or f"{row.system_label}提取件 {row.file_name}，{row.extract_on}",
        legal_on=legal_on,
        item_reasons=reasons,
        list_ids=[row.power_list_id],
        note=f"由上级清单核对开启，{len(picked)} 项。",
        now=now,
    )
    adjustment = Adjustment.objects.get(trigger_id=trigger_id, power_list_id=row.power_list_id)
    AdjustmentItem.objects.bulk_create(
        [
            AdjustmentItem(
                adjustment=adjustment,
                item=None,
                name=one["name"][:600],
                reason=f"{one['note']}　上级编码 {one['code']}"[:500],
            )
            for one in new
        ]
    )
    for number in chosen:
        row.rows[number]["trigger_id"] = trigger_id
    row.lock_version += 1
    row.save(update_fields=["rows", "lock_version"])
    ExtractTrigger.objects.create(extract_check=row, trigger_id=trigger_id, row_count=len(picked))
    audit.record(
        actor=actor,
        action="adjustment.extract.opened",
        subject=_subject(row),
        after={"trigger": trigger_id, "items": sorted(reasons), "additions": [one["name"] for one in new]},
        now=now,
    )
    return trigger_id
