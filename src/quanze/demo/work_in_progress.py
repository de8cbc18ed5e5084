"""未办完的事：起草中的修改稿（含预设的错误）、审查到第二步的一批、被退回两项的一批、待确认的一次导入。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from quanze.apps.catalog import public as catalog
from quanze.apps.workflow import public as workflow
from quanze.base.sheets.writing import Column, TableSheet, write_table
from quanze.core.actor import SYSTEM
from quanze.demo.contents import content
from quanze.demo.directory import Directory
from quanze.demo.publishing import SUBJECT, Seeded, next_workday, revise, submit, walk
from quanze.demo.world import DemoItem, Holder, World

IN_REVIEW, RETURNED, IMPORTING = "YZ-CG", "YZ-SC", "YZ-RS"
# Further reviews, so that the justice bureau and the establishment office find something on their desks.
WAITING = {"YZ-ZJ": "legality_recheck", "YZ-WJ": "reasonableness_review", "YZ-RS": "committee_determination"}
# Further back the further it has come: a step a day, and the weekends between.
DAYS_BEFORE = {"committee_determination": 16}


def clean_items(holder: Holder, world: World, number: int, *, power_type: str = "license") -> list[DemoItem]:
    """没有预设缺陷、可以拿来修改的若干项：先取指定类型，不够再取别的。"""
    spoiled = {defect.ref for defect in world.defects}
    free = [item for item in holder.items if item.ref not in spoiled and item.fields["node_kind"] == "single"]
    free.sort(key=lambda item: item.fields["power_type"] != power_type)
    return free[:number]


def defective_drafts(holder: Holder, directory: Directory, seeded: Seeded, *, now: datetime) -> int:
    """公布之后写坏的修改稿：检查会指出，改好之前不能送审。"""
    actor = directory.actor(holder.code, "drafter", on=now.date())
    broken = [item for item in holder.items if item.draft is not None]
    for item in broken:
        version_id = catalog.draft_start(actor=actor, item_id=seeded.item_ids[item.ref], now=now)
        catalog.draft_save(
            actor=actor,
            version_id=version_id,
            seen_version=1,
            content=content(item.working),
            change_note="年度核对修改稿",
            now=now,
        )
    catalog.findings_recheck(actor=actor, list_id=seeded.list_id, now=now)
    return len(broken)


def shorter_limits(items: Sequence[DemoItem]) -> dict[str, Mapping[str, object]]:
    """压减承诺时限、更新监督电话的改动。"""
    changes: dict[str, Mapping[str, object]] = {}
    for item in items:
        promised = item.fields["promised_limit_days"]
        changed: dict[str, object] = {"remark": "本年度核对更新。"}
        if promised:
            changed["promised_limit_days"] = max(1, promised - 2)
        changes[item.ref] = changed
    return changes


def at_second_step(holder: Holder, world: World, directory: Directory, seeded: Seeded, *, now: datetime) -> int:
    """审查到第二步：法制审查已过，待分管领导签批。"""
    items = clean_items(holder, world, 6)
    start = now - timedelta(days=4)
    revise(holder, directory, seeded, shorter_limits(items), note="压减承诺时限", now=start)
    submission_id = submit(
        holder,
        directory,
        seeded.list_id,
        title=f"{holder.name}权责清单调整（压减承诺时限）",
        note="按优化营商环境的要求压减六项承诺时限。",
        item_ids=[seeded.item_ids[item.ref] for item in items],
        now=start + timedelta(hours=1),
    )
    walk(
        submission_id, directory, start=start + timedelta(days=1), details=lambda step: {}, until="deputy_sign", days=1
    )
    return submission_id


def waiting_at(holder: Holder, world: World, directory: Directory, seeded: Seeded, *, step: str, now: datetime) -> int:
    """审查到某一步，等该步的机构办理。"""
    items = clean_items(holder, world, 5, power_type="confirmation")
    start = now - timedelta(days=DAYS_BEFORE.get(step, 9))
    revise(holder, directory, seeded, shorter_limits(items), note="核对办理时限", now=start)
    submission_id = submit(
        holder,
        directory,
        seeded.list_id,
        title=f"{holder.name}权责清单调整（核对办理时限）",
        note="核对五项的办理时限。",
        item_ids=[seeded.item_ids[item.ref] for item in items],
        now=start + timedelta(hours=1),
    )
    walk(submission_id, directory, start=start + timedelta(days=1), details=lambda step: {}, until=step, days=1)
    return submission_id


def returned_with_two(holder: Holder, world: World, directory: Directory, seeded: Seeded, *, now: datetime) -> int:
    """司法局退回两项，其余六项不动，等业务口改好再送。"""
    items = clean_items(holder, world, 8, power_type="penalty")
    start = now - timedelta(days=12)
    revise(holder, directory, seeded, shorter_limits(items), note="年度核对", now=start)
    submission_id = submit(
        holder,
        directory,
        seeded.list_id,
        title=f"{holder.name}权责清单年度核对",
        note="年度核对八项。",
        item_ids=[seeded.item_ids[item.ref] for item in items],
        now=start + timedelta(hours=1),
    )
    reached = walk(
        submission_id, directory, start=start + timedelta(days=1), details=lambda step: {}, until="legality_recheck"
    )
    case = workflow.case_by_subject(subject_kind=SUBJECT, subject_id=submission_id, actor=SYSTEM)
    if case is None or case.current is None:
        raise RuntimeError("演示数据：送审件没有到达司法局复审")
    reasons = ("裁量基准未随法规修订更新，请补充依据条款。", "与城市管理部门的职责划分不清，请写明分工。")
    catalog.submission_decide(
        actor=directory.actor("YZ-SF", "justice", on=reached.date()),
        submission_id=submission_id,
        seen_version=case.lock_version,
        verb="send_back",
        opinion="两项需修改后再审，其余同意。",
        item_opinions={
            ref: workflow.ItemOpinion("return", reason) for ref, reason in zip(case.item_ids, reasons, strict=False)
        },
        now=min(next_workday(reached), now - timedelta(hours=2)),
    )
    return submission_id


_COLUMNS = {
    "seq": "序号",
    "power_code": "职权编码",
    "name": "职权名称",
    "power_type": "职权类型",
    "basis_text": "设定依据",
    "exercising_body": "实施主体",
    "responsible_body": "责任主体",
    "lead_division": "承办机构",
    "duty_text": "责任事项",
    "duty_basis_text": "责任事项依据",
    "accountability_text": "追责情形",
    "accountability_basis_text": "追责依据",
    "exercise_level": "行使层级",
    "hotline": "监督电话",
}


def workbook(holder: Holder, items: Sequence[DemoItem], *, labels: Mapping[str, str]) -> bytes:
    """按办公室常见的样式写成一张表。"""
    rows = [[_cell(item.fields, field, labels) for field in _COLUMNS] for item in items]
    sheet = TableSheet(
        name=f"{len(rows)}项",
        title=f"{holder.name}权责清单",
        columns=[Column(label) for label in _COLUMNS.values()],
        rows=rows,
    )
    return write_table(sheet)


def _cell(fields: Mapping[str, Any], field: str, labels: Mapping[str, str]) -> str:
    return labels[fields[field]] if field == "power_type" else str(fields[field])


def import_waiting(
    holder: Holder, directory: Directory, seeded: Seeded, *, labels: Mapping[str, str], now: datetime
) -> int:
    """上传一份表格：两项改了名称，新增一项；读取由后台任务完成，等人确认。"""
    actor = directory.actor(holder.code, "drafter", on=now.date())
    items = list(holder.main_items)
    changed = [
        DemoItem(item.ref, item.holder, dict(item.fields) | {"hotline": "0000-6660199"}) if n < 2 else item
        for n, item in enumerate(items)
    ]
    fresh = dict(items[0].fields) | {"seq": str(len(items) + 1), "name": "企业年金方案备案", "power_type": "other"}
    fresh["power_code"] = fresh["power_code"].rsplit("-", 2)[0] + "-QT-099"
    data = workbook(holder, [*changed, DemoItem(f"{holder.code}/new", holder.code, fresh)], labels=labels)
    return catalog.import_upload(
        actor=actor, list_id=seeded.list_id, data=data, name=f"{holder.name}权责清单修订稿.xlsx", now=now
    )
