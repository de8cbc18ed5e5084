"""示范城市的动态调整：黄、橙、红各一件未办，一件刚开始，一件备案，上一年的目录已经印发；日子由起动的那天倒推，何时看都亮着。"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from quanze.apps.adjustment import public as adjustment
from quanze.apps.catalog import public as catalog
from quanze.base.calendar.public import work_calendar
from quanze.core.actor import EVERYTHING
from quanze.demo import campaigning
from quanze.demo.directory import Directory
from quanze.demo.publishing import Seeded, moment

OFFICE = ("YZ-BB", "establishment")


def adjust(directory: Directory, seeded: dict[str, Seeded], *, now: datetime) -> int:
    """开启并办理几件调整，返回件数。"""
    today = now.date()
    opened = [
        _open(directory, seeded, "YZ-CG", "城市绿化管理办法修订", "law_change", _workdays_ago(today, 17), 3),
        _open(directory, seeded, "YZ-SC", "两项许可下放县级", "devolution", _workdays_ago(today, 14), 2),
        _open(directory, seeded, "YZ-RS", "内设机构职责调整", "reorganisation", _workdays_ago(today, 11), 2),
        _open(directory, seeded, "YZ-NY", "渔业法修订施行", "law_change", _workdays_ago(today, 3), 4),
    ]
    declared = opened[2]
    row = _rows(declared)[0]
    day = _workdays_ago(today, 8)
    actor = directory.actor("YZ-RS", "drafter", on=day)
    adjustment.declare_unaffected(
        actor=actor,
        adjustment_id=row.id,
        seen_version=adjustment.adjustment_view(adjustment_id=row.id, actor=actor, today=day).lock_version,
        reason="职责在科室之间划转，行使主体与依据不变。",
        now=moment(day, 10),
    )
    _plan(directory, "YZ-CG", opened[0], _workdays_ago(today, 9))
    _filing(directory, seeded, _workdays_ago(today, 4))
    _last_year(directory, date(today.year - 1, 12, 31))
    adjustment.alarms_raise(now=now)
    campaigning.campaign(directory, list(seeded), trigger_ids=opened[:3], now=now)
    return len(opened)


def _plan(directory: Directory, code: str, trigger_id: int, day: date) -> None:
    """这件调整已经逐项定了类型：两项变更，一项不调整，另有一项候选不进清单。"""
    actor, row = directory.actor(code, "drafter", on=day), _rows(trigger_id)[0]
    plans = adjustment.adjustment_view(adjustment_id=row.id, actor=actor, today=day).items
    given: dict[str, Any] = {"actor": actor, "adjustment_id": row.id, "now": moment(day, 15)}
    for seen, plan in enumerate(plans[:2], 1):
        adjustment.item_plan(
            seen_version=seen,
            plan_id=plan.id,
            kind="change",
            fields={"what": "依据条款顺延，处罚幅度随之更新"},
            **given,
        )
    adjustment.candidate_reject(
        seen_version=3, plan_id=plans[2].id, name="", reason="所引条款未修改，内容不变。", **given
    )
    adjustment.candidate_reject(
        seen_version=4, name="对占用城市绿地的备案", reason="修订稿删去了备案，没有设定依据，不进清单。", **given
    )


def _rows(trigger_id: int) -> list[adjustment.AdjustmentRow]:
    rows = adjustment.adjustments(scope=EVERYTHING, today=date.max.replace(year=2100))
    return [row for row in rows if row.trigger.id == trigger_id]


def _workdays_ago(today: date, count: int) -> date:
    calendar, day = work_calendar(), today
    while calendar.between(day, today) < count:
        day -= timedelta(days=1)
    return day


def _open(
    directory: Directory, seeded: dict[str, Seeded], code: str, title: str, kind: str, legal_on: date, count: int
) -> int:
    rows = catalog.public_items(on=legal_on, list_id=seeded[code].list_id, limit=60)
    chosen = [row for row in rows if row.node_kind == "single"][-count:]
    return adjustment.trigger_open(
        actor=directory.actor(*OFFICE, on=legal_on),
        kind=kind,
        title=title,
        evidence=f"{title}（示范）",
        legal_on=legal_on,
        item_reasons={row.item_id: "所引条款或权限有变" for row in chosen},
        now=moment(legal_on, 9),
    )


def _filing(directory: Directory, seeded: dict[str, Seeded], day: date) -> None:
    rows = catalog.public_items(on=day, list_id=seeded["YZ-SC"].list_id, limit=60)
    adjustment.filing_make(
        actor=directory.actor("YZ-SC", "drafter", on=day),
        catalogue="行政许可事项清单",
        document_number="云市监发〔2026〕21号",
        published_on=day,
        text="两项许可合并为一项，名称与审批权限随之改变。",
        item_ids=[row.item_id for row in rows if row.power_type == "license"][:2],
        now=moment(day, 15),
    )


def _last_year(directory: Directory, day: date) -> None:
    """上一年的《政府部门权责清单目录》：汇总、核对、审定、印发。"""
    now = moment(day, 16)
    office = directory.actor(*OFFICE, on=day)
    number = adjustment.catalogue_draft(actor=office, year=day.year, cut_off=day, now=now)
    adjustment.catalogue_send(actor=office, catalogue_id=number, seen_version=1, now=now)
    for check in adjustment.catalogue_checks(catalogue_id=number, scope=EVERYTHING):
        adjustment.catalogue_check(
            actor=directory.actor(directory.code_of(check.body_id), "drafter", on=day),
            check_id=check.pk,
            seen_version=check.lock_version,
            verb="confirm",
            now=now,
        )
    adjustment.catalogue_determine(
        actor=directory.actor("YZ-BB", "committee_secretary", on=day),
        catalogue_id=number,
        seen_version=2,
        meeting_number=f"云泽市编委〔{day.year}〕第4次会议",
        resolution="审定通过，印发施行。",
        now=now,
    )
    adjustment.catalogue_issue(
        actor=office,
        catalogue_id=number,
        seen_version=3,
        document_number=f"云编发〔{day.year}〕21号",
        issued_on=day,
        now=now,
    )
