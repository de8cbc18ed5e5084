"""两轮评估：上半年试评已审定，结论一份印发、一份待印发；年度评估正在办，评估组已评了一部分。

A finished round stands beside one in progress, so that every page of an evaluation has something to show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from quanze.apps.evaluation import public as evaluation
from quanze.apps.performance import public as performance
from quanze.core.actor import EVERYTHING
from quanze.demo.directory import Directory
from quanze.demo.packs import pack
from quanze.demo.publishing import moment
from quanze.demo.timeline import Timeline, workday

_REGULATION = "云泽市权责清单监督评估办法（试行）"
# One explanation in so many still waits to be judged, so that the list of them shows every state.
_WAIT_EVERY = 7


def evaluate(directory: Directory, holders: Sequence[str], timeline: Timeline, *, now: datetime) -> int:
    """办完上半年的一轮，办到一半的年度一轮；返回年度轮次的编号。"""
    scheme = _scheme(directory, timeline, now=moment(workday(date(timeline.year, 6, 22)), 9))
    _finished_round(directory, holders, timeline, scheme)
    return _running_round(directory, holders, timeline, scheme, now=now)


def _scheme(directory: Directory, timeline: Timeline, *, now: datetime) -> int:
    office = directory.actor("YZ-BB", "establishment", on=now.date())
    evaluation.packs_install(actor=office, now=now)
    installed = evaluation.packs()[0]
    return evaluation.scheme_create(
        actor=office,
        name=f"云泽市权责清单监督评估方案（{timeline.year}年度）",
        pack_id=installed.id,
        weights={indicator.code: indicator.weight for indicator in installed.indicators.indicators()},
        now=now,
    ).id


def _finished_round(directory: Directory, holders: Sequence[str], timeline: Timeline, scheme_id: int) -> None:
    given = pack("evaluating")["finished"]
    bodies = [code for code in given["bodies"] if code in holders]
    as_of = date(timeline.year, 6, 30)
    began = moment(workday(date(timeline.year, 7, 1)), 9)
    _explain(directory, bodies, as_of, now=began)
    office = directory.actor("YZ-BB", "establishment", on=began.date())
    row = evaluation.round_create(
        actor=office,
        name=f"云泽市{timeline.year}年上半年权责清单监督评估（试评）",
        scheme_id=scheme_id,
        body_ids=[directory.bodies[code] for code in bodies],
        period_start=date(timeline.year, 1, 1),
        period_end=date(timeline.year, 7, 1),
        as_of=as_of,
        regulation=_REGULATION,
        organisation="市委编办牵头，选两个市级部门先行试评。",
        result_use="试评结论印发参评单位，用于完善年度评估的组织方式。",
        now=began,
    )
    row = evaluation.round_open(actor=office, round_id=row.id, seen_version=row.lock_version, now=began)
    _rate(directory, row.id, given["entries"], bodies, now=began + timedelta(days=6))
    computed = began + timedelta(days=7)
    row = evaluation.round_compute(actor=office, round_id=row.id, now=computed)
    for code in bodies:
        evaluation.conclusion_draft(
            actor=office, round_id=row.id, body_id=directory.bodies[code], now=computed + timedelta(hours=1)
        )
    row = evaluation.round_conclude(
        actor=office, round_id=row.id, seen_version=row.lock_version, now=computed + timedelta(days=1)
    )
    issued = moment(workday(computed.date() + timedelta(days=6)), 15)
    body_id = directory.bodies[given["issued"]]
    draft = evaluation.conclusion(row.id, body_id, scope=EVERYTHING)
    if draft is None:
        raise RuntimeError("演示数据：试评的结论没有起草")
    evaluation.conclusion_issue(
        actor=office,
        round_id=row.id,
        body_id=body_id,
        document_number=f"云编办评〔{timeline.year}〕{given['number']}号",
        issued_on=issued.date(),
        seen_version=draft.lock_version,
        now=issued,
    )


def _explain(directory: Directory, bodies: Sequence[str], as_of: date, *, now: datetime) -> None:
    """参评单位逐项提交专项说明，评估人员认定；审定之前没有一项不说明。"""
    given = pack("evaluating")
    office = directory.actor("YZ-BB", "establishment", on=now.date())
    assessor = directory.actor("YZ-BB", "assessor", on=now.date())
    body_ids = {directory.bodies[code]: code for code in bodies}
    performance.explanations_open(actor=office, body_ids=list(body_ids), as_of=as_of, now=now)
    waiting = performance.explanations(scope=EVERYTHING, body_ids=list(body_ids), year=as_of.year, state="open")
    for number, one in enumerate(waiting, start=1):
        submitted = performance.explanation_decide(
            actor=directory.actor(body_ids[one.body_id], "drafter", on=now.date()),
            explanation_id=one.id,
            verb="submit",
            text=given["explanations"][number % len(given["explanations"])],
            seen_version=one.lock_version,
            now=now + timedelta(days=1),
        )
        if number % _WAIT_EVERY:
            performance.explanation_decide(
                actor=assessor,
                explanation_id=one.id,
                verb="accept",
                text=given["accepted"],
                seen_version=submitted.lock_version,
                now=now + timedelta(days=2),
            )


def _running_round(
    directory: Directory, holders: Sequence[str], timeline: Timeline, scheme_id: int, *, now: datetime
) -> int:
    office = directory.actor("YZ-BB", "establishment", on=now.date())
    row = evaluation.round_create(
        actor=office,
        name=f"云泽市{timeline.year}年度权责清单监督评估",
        scheme_id=scheme_id,
        body_ids=[directory.bodies[code] for code in holders],
        period_start=date(timeline.year - 1, 11, 1),
        period_end=date(timeline.year, 11, 1),
        as_of=min(date(timeline.year, 11, 15), now.date()),
        regulation=_REGULATION,
        organisation="市委编办牵头，司法、政务服务、督查部门参加，市级部门与乡镇、街道同时参评。",
        result_use="评估结论印发各参评单位，作为年度目标考核和下一年度清单调整的依据。",
        now=now,
    )
    row = evaluation.round_open(actor=office, round_id=row.id, seen_version=row.lock_version, now=now)
    _rate(directory, row.id, pack("evaluating")["running"]["entries"], holders, now=now + timedelta(minutes=2))
    evaluation.round_compute(actor=office, round_id=row.id, now=now + timedelta(minutes=5))
    for code in holders:
        evaluation.conclusion_draft(
            actor=office, round_id=row.id, body_id=directory.bodies[code], now=now + timedelta(minutes=10)
        )
    return row.id


def _rate(
    directory: Directory,
    round_id: int,
    entries: Mapping[str, Mapping[str, Mapping[str, Any]]],
    holders: Sequence[str],
    *,
    now: datetime,
) -> None:
    """评估人员逐项评定。Entered before the round is computed, so that it is scored once, not once per entry."""
    assessor = directory.actor("YZ-BB", "assessor", on=now.date())
    reasons = pack("evaluating")["reasons"]
    for body_code, rated in entries.items():
        if body_code not in holders:
            continue
        for code, values in rated.items():
            evaluation.score_enter(
                actor=assessor,
                round_id=round_id,
                body_id=directory.bodies[body_code],
                code=code,
                values={name: str(value) for name, value in values.items()},
                reason=reasons[code],
                now=now,
            )
