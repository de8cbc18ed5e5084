"""一轮评估：六类三十项全部选用，全市有清单的机构参评，系统计分，市级部门起草结论，一份已印发。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from quanze.apps.evaluation import public as evaluation
from quanze.demo.directory import Directory
from quanze.demo.timeline import Timeline


def evaluate(directory: Directory, holders: Sequence[str], timeline: Timeline, *, now: datetime) -> int:
    """建立、启动、计分、起草结论；返回轮次编号。"""
    office = directory.actor("YZ-BB", "establishment", on=now.date())
    evaluation.packs_install(actor=office, now=now)
    pack = evaluation.packs()[0]
    scheme = evaluation.scheme_create(
        actor=office,
        name=f"云泽市权责清单监督评估方案（{timeline.year}年度）",
        pack_id=pack.id,
        weights={indicator.code: indicator.weight for indicator in pack.indicators.indicators()},
        now=now,
    )
    row = evaluation.round_create(
        actor=office,
        name=f"云泽市{timeline.year}年度权责清单监督评估",
        scheme_id=scheme.id,
        body_ids=[directory.bodies[code] for code in holders],
        period_start=date(timeline.year - 1, 11, 1),
        period_end=date(timeline.year, 11, 1),
        as_of=min(date(timeline.year, 11, 15), now.date()),
        regulation="云泽市权责清单监督评估办法（试行）",
        organisation="市委编办牵头，司法、政务服务、督查部门参加，市级部门与乡镇、街道同时参评。",
        result_use="评估结论印发各参评单位，作为年度目标考核和下一年度清单调整的依据。",
        now=now,
    )
    row = evaluation.round_open(actor=office, round_id=row.id, seen_version=row.lock_version, now=now)
    evaluation.round_compute(actor=office, round_id=row.id, now=now + timedelta(minutes=5))
    for code in holders:
        evaluation.conclusion_draft(
            actor=office, round_id=row.id, body_id=directory.bodies[code], now=now + timedelta(minutes=10)
        )
    return row.id
