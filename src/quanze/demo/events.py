"""运行数据：六十天、五万条流程事件，与此前两年的月度件数；预设长期不运行、频次不高、同比变化与清单外行权。

Pure. Volumes follow Zipf, days the rhythm of an office week with bursts at the end of a month.
"""

from __future__ import annotations

import csv
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from random import Random

from quanze.demo.timeline import Timeline
from quanze.demo.world import SEED, DemoItem, Holder, World, build

EVENTS = 50_000
LOCAL = timezone(timedelta(hours=8))
COLUMNS = (
    "case_id",
    "step_no",
    "item_code",
    "flow_code",
    "step_code",
    "body_code",
    "occurred_at",
    "due_at",
    "outcome",
)

# Share of items without a single case, by type (model.md vi).
_ZERO_SHARE = {"penalty": 0.75, "license": 0.30, "coercion": 0.85, "inspection": 0.35, "other": 0.35}
_STEPS: Mapping[str, tuple[str, ...]] = {
    "license": ("受理", "审查", "决定", "送达"),
    "penalty": ("立案", "调查", "告知", "决定", "送达", "执行"),
    "coercion": ("告知", "决定", "实施", "处理"),
    "levy": ("核定", "征收"),
    "benefit": ("受理", "审查", "公示", "给付"),
    "inspection": ("检查", "处理"),
    "confirmation": ("受理", "审查", "决定"),
    "reward": ("评审", "公示", "决定"),
    "adjudication": ("受理", "审理", "裁决"),
    "other": ("受理", "审核", "办结"),
}
# Days a case takes when nothing goes wrong, and the days it may take.
_SPAN = {"license": (6, 13), "penalty": (30, 60), "benefit": (10, 20), "confirmation": (7, 14), "other": (4, 10)}
_USUAL_SPAN = (5, 15)
_OVERDUE = 0.07
_WEEK = (1.25, 1.1, 1.0, 1.0, 0.95, 0.10, 0.05)
_HOLIDAY = (10, 7)  # the first week of October
_UNLISTED_CASES = 30
_SELDOM_SHARE = 0.04
_CHANGED = 24


@dataclass(frozen=True, slots=True)
class Runs:
    """运行数据：事件行、月度件数（机构 → 月 → 事项标识 → 件数）、预设情形。"""

    rows: tuple[tuple[str, ...], ...]
    months: Mapping[str, Mapping[date, Mapping[str, int]]]
    dormant: frozenset[str]
    seldom: frozenset[str]
    changed: frozenset[str]
    unlisted_cases: int
    unlisted_rows: int


def item_codes(holder: Holder) -> dict[str, str]:
    """事项的标识：与编制时的编号规则一致，机构编码加流水号。"""
    return {item.ref: f"{holder.code}-{number:05d}" for number, item in enumerate(holder.items, start=1)}


def write_csv(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """写成标准格式的文件。"""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(COLUMNS)
        writer.writerows(rows)


@lru_cache(maxsize=2)
def runs(seed: int = SEED, timeline: Timeline = Timeline()) -> Runs:
    """生成运行数据。"""
    world = build(seed)
    rng = Random(f"{seed}/runs")
    weights, seldom = _weights(world, rng)
    dormant = {code for code, weight in weights.items() if weight == 0} - seldom
    rows, begun, unlisted_rows = _events(world, weights, timeline, rng)
    months, changed = _months(world, begun, seldom, timeline, rng)
    return Runs(
        tuple(rows), months, frozenset(dormant), frozenset(seldom), frozenset(changed), _UNLISTED_CASES, unlisted_rows
    )


def _runnable(holder: Holder) -> list[tuple[str, DemoItem]]:
    codes = item_codes(holder)
    return [(codes[item.ref], item) for item in holder.items if item.fields["node_kind"] != "main"]


def _weights(world: World, rng: Random) -> tuple[dict[str, float], set[str]]:
    """每个事项的办件权重：各机构内按 Zipf；不运行与频次不高的为零。"""
    weights: dict[str, float] = {}
    seldom: set[str] = set()
    for holder in world.holders:
        active = []
        for code, item in _runnable(holder):
            weights[code] = 0.0
            chance = rng.random()
            if chance < _SELDOM_SHARE:
                seldom.add(code)
            elif chance - _SELDOM_SHARE >= _ZERO_SHARE.get(item.fields["power_type"], 0.2):
                active.append(code)
        rng.shuffle(active)
        size = 3.0 if not holder.is_town else 1.0
        for rank, code in enumerate(active, start=1):
            weights[code] = size / rank**1.1
    return weights, seldom


def _day_weights(timeline: Timeline) -> tuple[list[date], list[float]]:
    first = timeline.first_day
    days = [first + timedelta(n) for n in range((timeline.last_day - first).days + 1)]
    weights = []
    for day in days:
        weight = _WEEK[day.weekday()]
        if day.month == _HOLIDAY[0] and day.day <= _HOLIDAY[1]:
            weight = 0.03
        elif (day + timedelta(3)).month != day.month:
            weight *= 2.2
        weights.append(weight)
    return days, weights


def _events(
    world: World, weights: Mapping[str, float], timeline: Timeline, rng: Random
) -> tuple[list[tuple[str, ...]], dict[str, Counter[date]], int]:
    """事件行、各事项各月开始的办件数、清单外的行数。"""
    items = {code: (holder, item) for holder in world.holders for code, item in _runnable(holder)}
    active = [code for code in items if weights[code] > 0]
    totals = list(accumulate(weights[code] for code in active))
    days, day_weights = _day_weights(timeline)
    day_totals = list(accumulate(day_weights))
    begun: dict[str, Counter[date]] = defaultdict(Counter)
    rows: list[tuple[str, ...]] = []
    rows += _unlisted(rng, days, day_totals)
    unlisted = len(rows)
    number = 0
    # Every active item has a case first, then volume decides.
    queue = list(active)
    while len(rows) < EVENTS:
        code = queue.pop() if queue else active[bisect(totals, rng.random() * totals[-1])]
        holder, item = items[code]
        day = days[bisect(day_totals, rng.random() * day_totals[-1])]
        number += 1
        case = list(
            _case(f"YZ{day:%y%m}{number:06d}", code, holder.code, item.fields["power_type"], day, days[-1], rng)
        )
        rows += case[: EVENTS - len(rows)]
        begun[code][day.replace(day=1)] += 1
    rows.sort(key=lambda row: (row[0], int(row[1])))
    return rows, begun, unlisted


def _unlisted(rng: Random, days: Sequence[date], day_totals: Sequence[float]) -> Iterator[tuple[str, ...]]:
    """清单外行权：清单里没有的事项，和办了别的机构的事项，各半。"""
    for number in range(1, _UNLISTED_CASES + 1):
        day = days[bisect(day_totals, rng.random() * day_totals[-1])]
        code, body = ("YZ-CG-09999", "YZ-CG") if number % 2 else ("YZ-NY-00012", "QH-LA")
        yield from _case(f"YZW{number:06d}", code, body, "penalty", day, days[-1], rng)


def _case(
    case_id: str, code: str, body: str, power_type: str, day: date, until: date, rng: Random
) -> Iterator[tuple[str, ...]]:
    """一件：逐环节，时间递增；超出观察期的环节还没有发生。"""
    steps = _STEPS[power_type]
    usual, allowed = _SPAN.get(power_type, _USUAL_SPAN)
    span = allowed * rng.uniform(1.1, 1.9) if rng.random() < _OVERDUE else usual * rng.uniform(0.4, 1.3)
    start = datetime.combine(day, time(8, 30), LOCAL) + timedelta(minutes=rng.randrange(0, 540))
    due = datetime.combine(day + timedelta(allowed), time(23, 59), LOCAL)
    fate = rng.random()
    returned_at = 1 if fate < 0.04 and len(steps) > 2 else 0
    number, last = 0, start
    for index, step in enumerate(steps):
        moment = _office(start + timedelta(days=span * index / max(1, len(steps) - 1)), rng) if index else start
        is_last = index == len(steps) - 1
        outcome = ("refused" if 0.04 <= fate < 0.09 else "completed") if is_last else "normal"
        if index == 1 and 0.09 <= fate < 0.11:
            outcome, is_last = "withdrawn", True
        repeats = 2 if returned_at == index and index else 1
        for turn in range(repeats):
            at = max(moment + timedelta(days=turn * 2), last + timedelta(minutes=20) if number else start)
            if at.date() > until:
                return
            number, last = number + 1, at
            result = "returned" if repeats == 2 and turn == 0 else outcome
            yield (case_id, str(number), code, power_type, step, body, at.isoformat(), due.isoformat(), result)
        if is_last:
            return


def _office(moment: datetime, rng: Random) -> datetime:
    """挪到工作时间，周末顺延到星期一。"""
    day = moment.date()
    if day.weekday() >= 5:
        day += timedelta(7 - day.weekday())
    return datetime.combine(day, time(9), LOCAL) + timedelta(minutes=rng.randrange(0, 480))


def _month_list(timeline: Timeline) -> list[date]:
    months, month = [], timeline.first_month
    while month < timeline.first_day:
        months.append(month)
        month = (month + timedelta(32)).replace(day=1)
    return months


def _months(
    world: World, begun: Mapping[str, Counter[date]], seldom: set[str], timeline: Timeline, rng: Random
) -> tuple[dict[str, dict[date, dict[str, int]]], set[str]]:
    """观察期之前的月度件数：今年十个月照六十天的水平，上年同期略有出入，预设的二十余项变化过半。"""
    months = _month_list(timeline)
    this_year = [month for month in months if month >= date(timeline.year - 1, 11, 1)]
    counts: dict[str, dict[date, dict[str, int]]] = {holder.code: {m: {} for m in months} for holder in world.holders}
    busy = sorted(code for code, by_month in begun.items() if sum(by_month.values()) >= 8)
    changed = set(rng.sample(busy, _CHANGED))
    for holder in world.holders:
        table = counts[holder.code]
        for code, _ in _runnable(holder):
            if code in seldom:
                for month in rng.sample(this_year, rng.randint(1, 2)) + rng.sample(months[2:14], 2):
                    table[month][code] = 1
                continue
            observed = begun.get(code)
            if not observed:
                continue
            current = {month: observed[month] for month in (timeline.first_day, date(timeline.year, 10, 1))}
            level = sum(current.values()) / 2
            for month in this_year:
                current[month] = max(0, round(level * rng.uniform(0.8, 1.2)))
            if sum(current.values()) < 3:
                current[this_year[rng.randrange(len(this_year))]] += 3
            factor = rng.choice([0.4, 2.2]) if code in changed else rng.uniform(0.85, 1.15)
            _set_previous(table, code, current, factor)
            for month in this_year:
                if current[month]:
                    table[month][code] = current[month]
            for month in months[:2]:
                table[month][code] = max(1, round(level))
    return counts, changed


def _set_previous(table: dict[date, dict[str, int]], code: str, current: Mapping[date, int], factor: float) -> None:
    """上年同期：逐月按比例，合计与比例之差补在最大的一月，免得小数累积成“变化较大”。"""
    before = {month.replace(year=month.year - 1): round(value * factor) for month, value in current.items()}
    wanted = round(sum(current.values()) * factor)
    largest = max(before, key=lambda month: (before[month], month))
    before[largest] = max(0, before[largest] + wanted - sum(before.values()))
    for month, value in before.items():
        if value:
            table[month][code] = value
