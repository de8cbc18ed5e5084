"""清单的编制与公布：建清单、写事项、送审、逐步办理，全部由该办的人在该办的日子经服务办成。"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from quanze.apps.catalog import public as catalog
from quanze.apps.workflow import public as workflow
from quanze.core.actor import SYSTEM
from quanze.demo.contents import content
from quanze.demo.directory import Directory
from quanze.demo.timeline import Timeline
from quanze.demo.world import DemoItem, Holder

ZONE = ZoneInfo("Asia/Shanghai")
SUBJECT = "catalog.submission"

_OPINIONS = {
    "review": "事项与依据相符，责任环节齐全，同意。",
    "sign": "同意。",
    "meeting": "经会议审议，同意。",
    "issue": "按审定意见印发公布。",
}


@dataclass
class Seeded:
    """一份已建的清单：清单编号，事项 ref → 事项编号。"""

    list_id: int
    item_ids: dict[str, int]


def moment(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """某日某时（北京时间）。"""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


def draft_list(holder: Holder, directory: Directory, *, now: datetime) -> Seeded:
    """建清单并写入全部事项草稿。"""
    body_id = directory.bodies[holder.code]
    if holder.is_base:
        list_type, template, procedure = catalog.BASE_LIST, "base-2024", "base-list"
    elif holder.is_town:
        list_type, template, procedure = catalog.POWER_LIST, "town-2024", "three-step"
    else:
        list_type, template, procedure = catalog.POWER_LIST, "full-2024", "six-step"
    list_id = catalog.list_create(
        actor=SYSTEM, body_id=body_id, list_type=list_type, template=template, procedure=procedure, now=now
    )
    actor = directory.actor(holder.code, "drafter", on=now.date())
    order = {item.ref: number for number, item in enumerate(holder.items)}
    made = catalog.items_create(
        actor=actor,
        list_id=list_id,
        items=[
            catalog.NewItem(content(item.fields), parent_index=order[item.parent] if item.parent else None)
            for item in holder.items
        ],
        now=now,
    )
    return Seeded(list_id, {item.ref: item_id for item, (item_id, _) in zip(holder.items, made, strict=True)})


def submit(
    holder: Holder,
    directory: Directory,
    list_id: int,
    *,
    title: str,
    note: str = "",
    item_ids: Sequence[int] | None = None,
    now: datetime,
) -> int:
    """送审。"""
    actor = directory.actor(holder.code, "drafter", on=now.date())
    return catalog.submission_submit(actor=actor, list_id=list_id, title=title, note=note, item_ids=item_ids, now=now)


def walk(
    submission_id: int,
    directory: Directory,
    *,
    start: datetime,
    details: Callable[[workflow.StepView], Mapping[str, str]],
    until: str = "",
    days: int = 2,
) -> datetime:
    """逐步通过，每步隔 ``days`` 天，止于 ``until`` 一步之前；返回最后办理的时间。"""
    now = start
    while True:
        case = workflow.case_by_subject(subject_kind=SUBJECT, subject_id=submission_id, actor=SYSTEM)
        if case is None or case.current is None or case.current.code == until:
            return now
        step = case.current
        given = dict(details(step))
        if "issued_on" in given:
            # Published on the day of issue, or the next days where the meeting was late.
            now = max(now, moment(date.fromisoformat(given["issued_on"]), 10))
        actor = directory.actor(directory.code_of(step.assignee_body_id), step.role, on=now.date())
        catalog.submission_decide(
            actor=actor,
            submission_id=submission_id,
            seen_version=case.lock_version,
            verb="pass",
            opinion=_OPINIONS[step.kind],
            details=given,
            now=now,
        )
        if step.kind != "issue":
            now = next_workday(now + timedelta(days=days))


def next_workday(now: datetime) -> datetime:
    """周末挪到星期一。"""
    return now + timedelta(days=max(0, 7 - now.weekday()) % 7 if now.weekday() >= 5 else 0)


def details_for(
    holder: Holder, *, document_number: str, issued_on: date, valid_from: date, meeting: str
) -> Callable[[workflow.StepView], Mapping[str, str]]:
    """各步的决定要素：会议号与决议，文号与日期。"""

    def given(step: workflow.StepView) -> Mapping[str, str]:
        if step.kind == "meeting":
            return {"meeting_number": meeting, "resolution": f"审定《{holder.name}权责清单》，按程序印发。"}
        if step.kind == "issue":
            return {
                "document_number": document_number,
                "issued_on": issued_on.isoformat(),
                "valid_from": valid_from.isoformat(),
            }
        return {}

    return given


def publish_first(holder: Holder, directory: Directory, timeline: Timeline) -> Seeded:
    """第一版：编制、审查、公布，施行日在印发之后十日。"""
    issued = timeline.issued(holder.data)
    seeded = draft_list(holder, directory, now=moment(issued - timedelta(days=45)))
    submission_id = submit(
        holder,
        directory,
        seeded.list_id,
        title=f"{holder.county}目录范本（{issued.year}年版）"
        if holder.is_base
        else f"{holder.name}权责清单（{issued.year}年版）",
        note="首次编制，全部事项送审。",
        now=moment(issued - timedelta(days=30), 10),
    )
    meeting = f"{holder.county}编委〔{issued.year}〕第{1 + issued.month % 4}次会议"
    walk(
        submission_id,
        directory,
        start=moment(issued - timedelta(days=28), 14),
        details=details_for(
            holder,
            document_number=f"{holder.data['mark']}〔{issued.year}〕{holder.data['number']}号",
            issued_on=issued,
            valid_from=issued + timedelta(days=10),
            meeting=meeting,
        ),
    )
    return seeded


def revise(
    holder: Holder,
    directory: Directory,
    seeded: Seeded,
    changes: Mapping[str, Mapping[str, object]],
    *,
    note: str,
    now: datetime,
) -> dict[str, int]:
    """起草修改稿：事项 ref → 改动的字段；返回 ref → 版本编号。"""
    actor = directory.actor(holder.code, "drafter", on=now.date())
    items: dict[str, DemoItem] = {item.ref: item for item in holder.items}
    versions = {}
    for ref, changed in changes.items():
        version_id = catalog.draft_start(actor=actor, item_id=seeded.item_ids[ref], now=now)
        catalog.draft_save(
            actor=actor,
            version_id=version_id,
            seen_version=1,
            content=content({**items[ref].fields, **changed}),
            change_note=note,
            now=now,
        )
        versions[ref] = version_id
    return versions


def publish_again(
    holder: Holder,
    directory: Directory,
    seeded: Seeded,
    changes: Mapping[str, Mapping[str, object]],
    *,
    title: str,
    note: str,
    number: int,
    issued: date,
    valid_from: date,
    meeting: str,
) -> None:
    """再公布一版：提前三十天起草改动，逐步审查，``issued`` 那天印发。"""
    revise(holder, directory, seeded, changes, note=note, now=moment(issued - timedelta(days=30)))
    submission_id = submit(
        holder, directory, seeded.list_id, title=title, note=f"{note}。", now=moment(issued - timedelta(days=28), 10)
    )
    walk(
        submission_id,
        directory,
        start=moment(issued - timedelta(days=27), 14),
        details=details_for(
            holder,
            document_number=f"{holder.data['mark']}〔{issued.year}〕{number}号",
            issued_on=issued,
            valid_from=valid_from,
            meeting=meeting,
        ),
    )
