"""装入示范城市：全部经服务，由该办的人在该办的日子办成；装过的不再装。

The marker of a seeded database is a row of the record itself: it can be neither removed nor overlooked, and production
settings refuse to start on it (``portal.checks``).
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.catalog import public as catalog
from quanze.apps.performance import public as performance
from quanze.base.audit import public as audit
from quanze.core.actor import SYSTEM
from quanze.demo import (
    adjusting,
    campaigning,
    deriving,
    disclosing,
    evaluating,
    events,
    extracting,
    guiding,
    mandating,
    renewing,
)
from quanze.demo import directory as names
from quanze.demo import work_in_progress as unfinished
from quanze.demo.directory import Directory
from quanze.demo.publishing import Seeded, moment, publish_again, publish_first
from quanze.demo.timeline import Timeline, timeline_at
from quanze.demo.world import Holder, World, build
from quanze.portal.checks import SEEDED, has_demo_data

Say = Callable[[str], None]


# The least that has everything: two editions, a review at its second step, a return, an import, one town.
SMALL = ("YZ-NY", "YZ-CG", "YZ-SC", "YZ-RS", "SQ-YL")


def small_city_seed(*, now: datetime, say: Say = lambda text: None) -> bool:
    """装入小城市：名录与账号齐全，只有五份清单，供测试与快速试看。"""
    return city_seed(now=now, say=say, world=build().only(SMALL))


def city_seed(*, now: datetime, say: Say = lambda text: None, world: World | None = None) -> bool:
    """装入示范城市；已装过的什么也不做，返回 False。

    One transaction for everything in the database: an interrupted seed leaves an empty database, not half a city. The
    marts are built after the commit, as everywhere.
    """
    if has_demo_data():
        return False
    world = world or build()
    timeline = timeline_at(now)
    with transaction.atomic():
        say("名录与账号")
        directory = names.load(
            build(), now=moment(timeline.issued(world.holders[0].data) - timedelta(days=60)), today=localdate(now)
        )
        bases = {base.code: _publish_base(base, directory, timeline, say) for base in world.bases}
        seeded = _publish_all(world, directory, timeline, say)
        _bind(world, directory, {code: one.list_id for code, one in bases.items()}, seeded, timeline)
        say(f"关联清单：编制、审查、公布 {deriving.derive(world, directory, timeline)} 份")
        _second_edition(world, directory, seeded["YZ-NY"], timeline)
        for base in world.bases:
            renewing.renew(base, world, directory, bases[base.code], timeline)
        say(f"公开渠道：登记 {disclosing.disclose(world, directory, seeded)} 处")
        runs = events.runs(timeline=timeline)
        volumes = _volumes(runs)
        say(f"简明指南：公布 {guiding.guide(world, directory, seeded, volumes)} 份")
        say(f"三定对应：{mandating.adopt(directory, seeded, now=now)} 处")
        reports = guiding.report(world, directory, seeded, volumes, now=now)
        say(f"公众纠错 {reports} 件，不公开 {guiding.withhold(world, directory, seeded, now=now)} 项")
        _counts_and_events(world, directory, timeline, runs, now=now, say=say)
        _unfinished(world, directory, seeded, now=now, say=say)
        say(f"动态调整：{adjusting.adjust(directory, seeded, now=now)} 件，备案一件，专项工作一项")
        say(f"上级清单：核对 {extracting.extract(directory, seeded, now=now)} 次")
        say(f"审定会议：{campaigning.meeting(directory, now=now)} 份材料")
        catalog.drift_count(actor=SYSTEM, now=now)
        audit.record(
            actor=SYSTEM,
            action=SEEDED,
            subject=audit.SubjectRef("demo.city", 1, "云泽市（虚构）", None),
            after={"holders": len(world.holders), "items": len(world.items), "digest": world.digest()},
            now=now,
        )
    say("统计集")
    performance.refresh_marts(now=now)
    with transaction.atomic():
        say("评估轮次与结论")
        evaluating.evaluate(directory, [holder.code for holder in world.holders], timeline, now=now)
    return True


def _publish_all(world: World, directory: Directory, timeline: Timeline, say: Say) -> dict[str, Seeded]:
    seeded = {}
    for holder in world.holders:
        say(f"{holder.name}：编制、审查、公布 {len(holder.main_items)} 项")
        seeded[holder.code] = publish_first(holder, directory, timeline)
    return seeded


def _publish_base(base: Holder, directory: Directory, timeline: Timeline, say: Say) -> Seeded:
    say(f"{base.county}目录范本：编制、审查、公布 {len(base.main_items)} 项")
    return publish_first(base, directory, timeline)


def _bind(
    world: World, directory: Directory, bases: dict[str, int], seeded: dict[str, Seeded], timeline: Timeline
) -> None:
    """编办核对各乡镇清单之时绑定范本：公布在先，差异因此留着待改。"""
    now = moment(timeline.second_edition, 15)
    actor = directory.actor("YZ-BB", "establishment", on=now.date())
    for base in world.bases:
        for code in base.data["bound"]:
            if code in seeded:
                catalog.base_bind(actor=actor, list_id=seeded[code].list_id, base_list_id=bases[base.code], now=now)


def _second_edition(world: World, directory: Directory, seeded: Seeded, timeline: Timeline) -> None:
    """农业农村局第二版：压减六项许可的承诺时限，使“某日的清单”与“改了什么”有东西可看。"""
    holder = world.holder("YZ-NY")
    issued = timeline.second_edition
    items = unfinished.clean_items(holder, world, 6)
    publish_again(
        holder,
        directory,
        seeded,
        unfinished.shorter_limits(items),
        title=f"{holder.name}权责清单调整（{issued.year}年3月）",
        note="压减六项承诺时限",
        number=7,
        issued=issued,
        valid_from=issued + timedelta(days=16),
        meeting=f"云泽市编委〔{issued.year}〕第1次会议",
    )


def _volumes(runs: events.Runs) -> Counter[str]:
    """各事项两年的办件数。"""
    found: Counter[str] = Counter()
    for months in runs.months.values():
        for counts in months.values():
            found.update(counts)
    return found


def _counts_and_events(
    world: World, directory: Directory, timeline: Timeline, runs: events.Runs, *, now: datetime, say: Say
) -> None:
    """两年的月度件数，六十天的流程事件。"""
    codes = {holder.code for holder in world.holders}
    rows = [row for row in runs.rows if row[events.COLUMNS.index("body_code")] in codes]
    say(f"月度件数：{len(codes)} 个机构，{len(next(iter(runs.months.values())))} 个月")
    for holder in world.holders:
        for month, counts in runs.months[holder.code].items():
            if counts:
                entered = moment((month + timedelta(34)).replace(day=6), 15)
                performance.month_counts_save(
                    actor=directory.actor(holder.code, "drafter", on=entered.date()),
                    body_id=directory.bodies[holder.code],
                    month=month,
                    counts=counts,
                    now=entered,
                )
    say(f"流程事件：{len(rows)} 条")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "云泽市行权数据.csv"
        events.write_csv(path, rows)
        performance.events_import(
            actor=directory.actor("YZ-BB", "establishment", on=now.date()),
            path=path,
            name=path.name,
            now=min(now, moment(timeline.last_day + timedelta(days=4), 16)),
        )


def _unfinished(world: World, directory: Directory, seeded: dict[str, Seeded], *, now: datetime, say: Say) -> None:
    say("起草中、审查中、退回、待确认导入各一批")
    for holder in world.holders:
        unfinished.defective_drafts(holder, directory, seeded[holder.code], now=now - timedelta(days=14))
    one = unfinished.IN_REVIEW
    unfinished.at_second_step(world.holder(one), world, directory, seeded[one], now=now)
    one = unfinished.RETURNED
    unfinished.returned_with_two(world.holder(one), world, directory, seeded[one], now=now)
    for one, step in unfinished.WAITING.items():
        if one in seeded:
            unfinished.waiting_at(world.holder(one), world, directory, seeded[one], step=step, now=now)
    one = unfinished.IMPORTING
    labels = {row.code: row.label for row in catalog.power_types().types}
    unfinished.import_waiting(world.holder(one), directory, seeded[one], labels=labels, now=now - timedelta(hours=3))
