"""示范城市的专项与会议：一项年度集中调整办到一半（有超期的、有归入的事由、有培训），一次编委会议材料已成、等登记决定。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from quanze.apps.adjustment import public as adjustment
from quanze.demo.directory import Directory
from quanze.demo.publishing import moment

OFFICE = "YZ-BB"
PLAN = """一、目标：对照本年立改废的法律法规和上级文件，把实时调整之外积下的变化集中调整到位。
二、步骤：各部门对照核对、起草改动并送审；编办汇总，提请市编委审定。
三、要求：候选事项不进清单的，逐项写明理由；同一事项已在实时调整的，以先公布的为准。"""
CHECK, SUBMIT = "对照本年法律法规与文件核对清单", "起草改动并送审"


def campaign(directory: Directory, holders: Sequence[str], *, trigger_ids: Sequence[int], now: datetime) -> None:
    """年度集中调整：第一件任务的期限已过，一半的部门报告了完成；第二件还没有到期。"""
    today = now.date()
    start, first_due, due = today - timedelta(days=40), today - timedelta(days=6), today + timedelta(days=20)
    office = directory.actor(OFFICE, "establishment", on=start)
    departments = [code for code in holders if code.startswith("YZ-")]
    bodies = [directory.bodies[code] for code in departments]
    campaign_id = adjustment.campaign_draft(
        actor=office,
        kind="yearly",
        title=f"云泽市{today.year}年权责清单集中调整",
        plan=PLAN,
        starts_on=start,
        due_on=due,
        task_titles=[SUBMIT],
        body_ids=bodies,
        now=moment(start, 9),
    )
    adjustment.tasks_assign(
        actor=office,
        campaign_id=campaign_id,
        seen_version=1,
        titles=[CHECK],
        body_ids=bodies,
        due_on=first_due,
        now=moment(start, 10),
    )
    adjustment.campaign_start(actor=office, campaign_id=campaign_id, seen_version=2, now=moment(start, 11))
    _train(directory, campaign_id, start + timedelta(days=7), "怎样对照法律法规核对清单", 46)
    _train(directory, campaign_id, start + timedelta(days=21), "调整类型与须填的要素", 38)
    _report(directory, campaign_id, departments[: len(departments) // 2], first_due - timedelta(days=2), now=now)
    adjustment.triggers_link(
        actor=directory.actor(OFFICE, "establishment", on=today),
        campaign_id=campaign_id,
        seen_version=3,
        trigger_ids=trigger_ids,
        now=now,
    )


def _train(directory: Directory, campaign_id: int, day: date, topic: str, attendees: int) -> None:
    adjustment.session_record(
        actor=directory.actor(OFFICE, "establishment", on=day),
        campaign_id=campaign_id,
        held_on=day,
        topic=topic,
        attendees=attendees,
        now=moment(day, 17),
    )


def _report(directory: Directory, campaign_id: int, codes: Sequence[str], day: date, *, now: datetime) -> None:
    office = directory.actor(OFFICE, "establishment", on=now.date())
    wanted = {directory.bodies[code]: code for code in codes}
    for task in adjustment.campaign_tasks(campaign_id=campaign_id, actor=office, today=now.date()):
        if task.title == CHECK and task.body_id in wanted:
            adjustment.task_settle(
                actor=directory.actor(wanted[task.body_id], "drafter", on=day),
                task_id=task.id,
                seen_version=task.lock_version,
                verb="report",
                note="已逐项对照，提出的改动另行起草送审。",
                now=moment(day, 16),
            )


def meeting(directory: Directory, *, now: datetime) -> int:
    """编委会议：等会的送审件列为议题，材料三份，另套用一份请示。返回材料份数；没有等会的，不开。"""
    today = now.date()
    secretary = directory.actor(OFFICE, "committee_secretary", on=today)
    waiting = adjustment.meeting_candidates(actor=secretary)
    if not waiting:
        return 0
    held_on = today + timedelta(days=5)
    meeting_id = adjustment.meeting_convene(
        actor=secretary,
        number=f"云泽市编委〔{held_on.year}〕第9次会议",
        title=f"云泽市编委{held_on.year}年第9次会议",
        held_on=held_on,
        place="市行政中心一号楼301会议室",
        submission_ids=[one.submission_id for one in waiting],
        now=now,
    )
    made = adjustment.material_make(actor=secretary, meeting_id=meeting_id, seen_version=1, now=now)
    template_id = adjustment.template_upload(
        actor=secretary,
        title="提请审定的请示",
        name="提请审定的请示.docx",
        data=adjustment.template_sample(now),
        now=now,
    )
    adjustment.template_fill(actor=secretary, meeting_id=meeting_id, seen_version=2, template_id=template_id, now=now)
    return made + 1
