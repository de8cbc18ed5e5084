"""值班：排班（一班或整张表）、换班、撤销。写在本机构名下；值班的须是本机构在任的同事。

The set is the unit: a single turn is a sheet of one. What a sheet says holds for the days it names, so that the same sheet
put in twice changes nothing and a corrected one takes back what it no longer says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.org.domain.roster import PART_LABELS, ROSTER_KEEPERS, SHIFTS, TURN_FLOW, RosterPart
from quanze.apps.org.domain.roster_sheet import WantedTurn
from quanze.apps.org.models import Division, RosterTurn
from quanze.apps.org.selectors.directory import current
from quanze.apps.org.selectors.roster import keeps_roster, people_of
from quanze.apps.org.selectors.roster_workbook import roster_check
from quanze.base.audit import public as audit
from quanze.base.notices import public as notices
from quanze.core.actor import Actor
from quanze.core.errors import (
    Conflict,
    Defect,
    ErrorPlace,
    InvalidInput,
    NotFound,
    NotPermitted,
    RulesNotMet,
    WrongState,
)

audit.register_actions(
    {
        "org.roster.turn_planned": "排班",
        "org.roster.turn_changed": "换班",
        "org.roster.turn_cancelled": "撤销值班",
        "org.roster.loaded": "载入值班表",
    }
)


@dataclass(frozen=True, slots=True)
class RosterLoaded:
    """载入的结果：新排、撤销、照旧的班数，与没有读的内容。"""

    planned: int
    cancelled: int
    unchanged: int
    notes: tuple[str, ...]


@transaction.atomic
def turn_plan(
    *,
    actor: Actor,
    on: date,
    shift: str,
    part: str,
    user_id: int,
    division_id: int | None = None,
    note: str = "",
    now: datetime,
) -> int:
    """排一班。返回编号。"""
    body_id, today = _require_keeper(actor), localdate(now)
    if on < today:
        raise InvalidInput(
            "不能补排过去的班", hint="请选今天或以后。", code="roster_past", place=ErrorPlace(field="on")
        )
    if shift not in SHIFTS or part not in {str(each) for each in RosterPart}:
        raise InvalidInput(
            "没有这个班次", hint="请从列表中选择。", code="shift_unknown", place=ErrorPlace(field="shift")
        )
    _require_colleague(actor, user_id, today)
    divisions = Division.objects.filter(current(today), body_id=body_id)
    if division_id is not None and not divisions.filter(pk=division_id).exists():
        raise NotFound("本机构没有这个内设机构", hint="请从列表中选择。")
    if RosterTurn.objects.filter(body_id=body_id, user_id=user_id, on_date=on, shift=shift, state="planned").exists():
        raise WrongState("此人这一班已经排了", hint="请刷新页面查看。", code="roster_twice")
    (row,) = _write(body_id, [WantedTurn(on, shift, part, division_id or 0, user_id, note.strip())])
    audit.record(actor=actor, action="org.roster.turn_planned", subject=_ref(row), after=_state(row), now=now)
    _tell(actor, [row], "已排", now)
    return row.pk


@transaction.atomic
def turn_change(*, actor: Actor, turn_id: int, seen_version: int, user_id: int, reason: str, now: datetime) -> None:
    """换班：改由另一位同事值这一班。已经结束的不能换。"""
    row = _locked(actor, turn_id, seen_version, "change", reason, now)
    before = _state(row)
    _require_colleague(actor, user_id, localdate(now))
    if user_id == row.user_id:
        raise InvalidInput("这一班原就是此人", hint="请改选。", code="nothing_changed", place=ErrorPlace(field="user"))
    others = RosterTurn.objects.filter(
        body_id=row.body_id, user_id=user_id, on_date=row.on_date, shift=row.shift, state="planned"
    )
    if others.exists():
        raise WrongState("此人这一班已经排了", hint="请改选另一位同事。", code="roster_twice")
    left = row.user_id
    row.user_id = user_id
    row.lock_version += 1
    row.save(update_fields=["user", "lock_version"])
    row.refresh_from_db()
    audit.record(
        actor=actor,
        action="org.roster.turn_changed",
        subject=_ref(row),
        before=before,
        after=_state(row),
        reason=reason.strip(),
        now=now,
    )
    _tell(actor, [row], "改由您值", now)
    _tell(actor, [row], "改由他人值", now, to=left)


@transaction.atomic
def turn_cancel(*, actor: Actor, turn_id: int, seen_version: int, reason: str, now: datetime) -> None:
    """撤销一班。"""
    row = _locked(actor, turn_id, seen_version, "cancel", reason, now)
    before = _state(row)
    row.state = "cancelled"
    row.lock_version += 1
    row.save(update_fields=["state", "lock_version"])
    audit.record(
        actor=actor,
        action="org.roster.turn_cancelled",
        subject=_ref(row),
        before=before,
        reason=reason.strip(),
        now=now,
    )
    _tell(actor, [row], "已撤销", now)


@transaction.atomic
def roster_load(*, actor: Actor, data: bytes, name: str, now: datetime) -> RosterLoaded:
    """载入值班表：有一处缺陷就一处不写；表中写到的日期以表为准。一行记录说明全部。"""
    body_id = _require_keeper(actor)
    reading = roster_check(actor=actor, data=data, name=name, now=now)
    if reading.defects:
        raise RulesNotMet(
            f"值班表有 {len(reading.defects)} 处要改，什么都没有写入",
            defects=[Defect(each.code, f"{each.what}。{each.remedy}", each.place) for each in reading.defects],
            hint="请按所列各处改正后再传。",
            code="roster_defects",
        )
    present = {
        _key(row): row
        for row in RosterTurn.objects.select_for_update(of=("self",))
        .select_related("user", "body", "division")
        .filter(body_id=body_id, on_date__in=reading.dates, state="planned")
    }
    wanted = {(one.on, one.shift, one.part, one.division_id, one.user_id): one for one in reading.turns}
    gone = [row for key, row in present.items() if key not in wanted]
    for row in gone:
        row.state = "cancelled"
        row.lock_version += 1
    RosterTurn.objects.bulk_update(gone, ["state", "lock_version"])
    made = _write(body_id, [one for key, one in wanted.items() if key not in present])
    audit.record(
        actor=actor,
        action="org.roster.loaded",
        subject=audit.SubjectRef("org.roster", body_id, f"{actor.body_name}值班表", body_id),
        before={"cancelled": [_words(row) for row in gone]},
        after={
            "file": name[:200],
            "digest": hashlib.sha256(data).hexdigest(),
            "from": min(reading.dates),
            "to": max(reading.dates),
            "planned": [_words(row) for row in made],
        },
        now=now,
    )
    _tell(actor, made, "已排", now)
    _tell(actor, gone, "已撤销", now)
    return RosterLoaded(len(made), len(gone), len(present) - len(gone), reading.notes)


def _require_keeper(actor: Actor) -> int:
    """可以排班的人；返回他所在的机构。"""
    if actor.body_id is None or not keeps_roster(actor):
        raise NotPermitted(
            "本机构的值班由人事科、科室负责人、领导或镇街调度安排", hint="请由有此职责的同事办理，或切换岗位后再试。"
        )
    return actor.body_id


def _require_colleague(actor: Actor, user_id: int, today: date) -> None:
    if user_id not in {each[0] for each in people_of(actor=actor, on=today)}:
        raise InvalidInput(
            "值班的须是本机构在任的同事", hint="请从列表中选择。", code="roster_person", place=ErrorPlace(field="user")
        )


def _locked(actor: Actor, turn_id: int, seen_version: int, verb: str, reason: str, now: datetime) -> RosterTurn:
    rows = RosterTurn.objects.select_for_update(of=("self",)).select_related("body", "division", "user")
    row = rows.filter(pk=turn_id).first()
    if row is None or not actor.scope.covers(row.body_id):
        raise NotFound("没有这一班", hint="请从值班表中打开。")
    if row.body_id != actor.body_id or not actor.has(*ROSTER_KEEPERS):
        _require_keeper(actor)
        raise NotPermitted("只能办理本机构的值班", hint="请由该机构办理。")
    if row.lock_version != seen_version:
        raise Conflict("这一班在您打开之后已有变动", hint="请刷新页面查看。")
    TURN_FLOW.decide(row.state, verb, roles=actor.roles, reason=reason)
    if row.ends_at <= now:
        raise WrongState("这一班已经结束", hint="过去的值班不再改动。", code="roster_past")
    return row


def _write(body_id: int, wanted: Iterable[WantedTurn]) -> list[RosterTurn]:
    rows = []
    for one in wanted:
        starts_at, ends_at = SHIFTS[one.shift].span(one.on)
        rows.append(
            RosterTurn(
                body_id=body_id,
                division_id=one.division_id or None,
                user_id=one.user_id,
                part=one.part,
                on_date=one.on,
                shift=one.shift,
                starts_at=starts_at,
                ends_at=ends_at,
                note=one.note,
            )
        )
    made = RosterTurn.objects.bulk_create(rows)
    return list(RosterTurn.objects.select_related("body", "division", "user").filter(pk__in=[row.pk for row in made]))


def _key(row: RosterTurn) -> tuple[date, str, str, int, int]:
    return (row.on_date, row.shift, row.part, row.division_id or 0, row.user_id)


def _words(row: RosterTurn) -> str:
    return f"{row.on_date} {SHIFTS[row.shift].label} {PART_LABELS[RosterPart(row.part)]} {row.user.full_name}"


def _ref(row: RosterTurn) -> audit.SubjectRef:
    return audit.SubjectRef("org.roster_turn", row.pk, _words(row), row.body_id)


def _state(row: RosterTurn) -> dict[str, object]:
    return {
        "on": row.on_date,
        "shift": row.shift,
        "part": row.part,
        "person": row.user.full_name,
        "division": row.division.name if row.division else "",
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
    }


def _tell(actor: Actor, rows: Iterable[RosterTurn], what: str, now: datetime, *, to: int | None = None) -> None:
    """每人一条：几班，第一班在哪天。"""
    mine: dict[int, list[RosterTurn]] = {}
    for row in rows:
        mine.setdefault(row.user_id if to is None else to, []).append(row)
    for user_id, held in mine.items():
        if user_id != actor.user_id:
            first = min(held, key=lambda row: row.starts_at)
            more = f"等 {len(held)} 班" if len(held) > 1 else ""
            notices.notice_send(
                to_user_ids=[user_id],
                text=f"值班{what}：{first.on_date} {SHIFTS[first.shift].label}{more}",
                link="/staff/roster/",
                kind="org",
                now=now,
            )
