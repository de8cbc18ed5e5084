"""示范城市的动态调整：一件办结，黄、橙、红各一件未办，一件备案；日子由起动的那天倒推，何时看都亮着。"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from quanze.apps.adjustment import public as adjustment
from quanze.apps.catalog import public as catalog
from quanze.base.calendar.public import work_calendar
from quanze.core.actor import EVERYTHING
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
    _filing(directory, seeded, _workdays_ago(today, 4))
    adjustment.alarms_raise(now=now)
    return len(opened)


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
