"""运行数据的读取：事项各月办件数、特殊情形、机构的运行情况。"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.apps.performance.domain.special_cases import (
    ItemFlag,
    ItemRun,
    Thresholds,
    flags,
    month_of,
    months_before,
)
from quanze.apps.performance.models import MonthlyCount
from quanze.base.parameters.public import values_on
from quanze.core.actor import Scope
from quanze.core.errors import NotFound
from quanze.warehouse import public as warehouse


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """一项事项在一段时间内的运行数字。"""

    item_code: str
    item_name: str
    power_type: str
    lead_division: str
    body_id: int
    cases: int
    closed: int
    on_time: int
    late: int
    undated: int
    overdue_open: int

    @property
    def on_time_rate(self) -> float | None:
        """按时办结率 = 按时办结 ÷（有期限的办结 + 逾期未办结）。"""
        due = self.on_time + self.late + self.overdue_open
        return self.on_time / due if due else None


@dataclass(frozen=True, slots=True)
class MonthClosing:
    """某月受理的办件现在如何：按时办结、逾期办结、无期限办结、在办。"""

    on_time: int
    late: int
    undated: int
    open: int


@dataclass(frozen=True)
class BodyRunFigures:
    """一个机构的运行情况（``from_month`` 至 ``to_month``，首末月都计入；逾期未办结按 ``as_of`` 日计）。

    ``items`` are the items in force on ``as_of`` that can run (subitems and items without subitems). ``by_type`` maps the
    power type's code to cases, ``by_division`` the division's name, ``by_month`` every month of the span. ``year_before``
    holds the same months of the year before, in the same order as ``by_month``. ``flagged`` are special cases as of
    ``as_of``; ``explained`` those of them with an accepted explanation (item code, kind) and ``unexplained`` those with
    none submitted or accepted.
    """

    body_id: int
    body_code: str
    from_month: date
    to_month: date
    as_of: date
    items: tuple[ItemFigures, ...]
    cases: int
    closed: int
    on_time: int
    late: int
    undated: int
    overdue_open: int
    events: int
    by_type: Mapping[str, int]
    by_division: Mapping[str, int]
    by_month: Mapping[date, int]
    year_before: Mapping[date, int]
    never_run: tuple[str, ...]
    flagged: tuple[ItemFlag, ...] = ()
    explained: frozenset[tuple[str, str]] = frozenset()
    unexplained: frozenset[tuple[str, str]] = frozenset()
    events_entered_in_time: int = 0
    events_entered: int = 0
    quarantined_cases: int = 0
    confirmed_unlisted_cases: int = 0

    @property
    def items_run(self) -> int:
        """期间有办件的事项数。"""
        return sum(1 for i in self.items if i.cases)


def thresholds(*, on: date) -> Thresholds:
    """某日有效的判定阈值。"""
    codes = (
        "run_dormant_months",
        "run_seldom_months",
        "run_seldom_cases",
        "run_change_percent",
        "run_change_min_cases",
    )
    dormant, seldom, runs, percent, minimum = (int(str(v)) for v in values_on(codes, on=on).values())
    return Thresholds(dormant, seldom, runs, Decimal(percent) / 100, minimum)


@dataclass(frozen=True, slots=True)
class ItemsCounted:
    """一个机构现行事项的几种数法：主项（含单项）、子项、能独立运行的。"""

    mains: int
    subitems: int
    runnable: int

    @property
    def words(self) -> str:
        """页面与公文里说明口径的一句。"""
        if not self.subitems:
            return f"现行事项 {self.mains} 项，没有子项"
        return (
            f"现行主项 {self.mains} 项、子项 {self.subitems} 项，合计 {self.mains + self.subitems} 项；"
            f"能独立运行的（子项，与没有子项的主项）{self.runnable} 项"
        )


def items_counted(*, body_id: int, on: date) -> ItemsCounted:
    """某日现行事项的几种数法，页面据此说明各处的数为何不同。"""
    kinds = [fact.node_kind for fact in catalog.item_facts(on=on, body_ids=[body_id])]
    subs, parents = kinds.count("sub"), kinds.count("main")
    return ItemsCounted(len(kinds) - subs, subs, len(kinds) - parents)


def runnable_items(*, body_ids: Collection[int], on: date) -> list[catalog.ItemFact]:
    """能独立运行的现行事项：有子项的主项由其子项运行。"""
    return [f for f in catalog.item_facts(on=on, body_ids=body_ids) if f.node_kind != "main"]


def case_months(
    *, body_codes: Mapping[str, int], item_codes: Collection[str] | None = None
) -> dict[tuple[str, str], dict[date, int]]:
    """（机构编码、事项）→ 月 → 办件数。A month without events of an item takes the count entered by hand, if any."""
    found: dict[tuple[str, str], dict[date, int]] = defaultdict(dict)
    rows = warehouse.case_counts(
        by=("body_code", "item_code", "month"), body_codes=list(body_codes), item_codes=item_codes
    )
    for row in rows:
        if row.month is not None:
            found[row.body_code, row.item_code][row.month] = row.cases
    code_of = {body_id: code for code, body_id in body_codes.items()}
    counted = MonthlyCount.objects.filter(body_id__in=list(code_of))
    if item_codes is not None:
        counted = counted.filter(item_code__in=list(item_codes))
    for body_id, item, month, cases in counted.values_list("body_id", "item_code", "month", "cases"):
        found[code_of[body_id], item].setdefault(month, cases)
    return found


def cases_by_item(body_ids: Collection[int], first: date, last: date) -> dict[str, int]:
    """事项 → 期间各月（首末月都计入）的办件数，供清单数办件量大的事项。"""
    months = case_months(body_codes={body.code: body.id for body in org.bodies_by_ids(body_ids).values()})
    counted: dict[str, int] = defaultdict(int)
    for (_, item_code), held in months.items():
        counted[item_code] += cases_of(held, month_of(first), last)
    return dict(counted)


def special_cases(*, body_ids: Collection[int], as_of: date) -> list[ItemFlag]:
    """现行事项中的特殊情形。"""
    bodies = org.bodies_by_ids(body_ids)
    months = case_months(body_codes={b.code: b.id for b in bodies.values()})
    facts = runnable_items(body_ids=list(bodies), on=as_of)
    versions = catalog.item_facts_by_codes([f.code for f in facts])
    return special_cases_of(bodies, facts, versions, months, as_of)


def special_cases_of(
    bodies: Mapping[int, org.BodyView],
    facts: Iterable[catalog.ItemFact],
    versions: Mapping[str, Sequence[catalog.ItemFact]],
    months: Mapping[tuple[str, str], Mapping[date, int]],
    as_of: date,
) -> list[ItemFlag]:
    """由已读出的现行事项、其各版与各月办件数判定特殊情形。"""
    return flags(_item_runs(bodies, facts, versions, months), thresholds(on=as_of), as_of=as_of)


def _item_runs(
    bodies: Mapping[int, org.BodyView],
    facts: Iterable[catalog.ItemFact],
    versions: Mapping[str, Sequence[catalog.ItemFact]],
    months: Mapping[tuple[str, str], Mapping[date, int]],
) -> list[ItemRun]:
    watched: dict[str, date] = {}
    for (body, _), counts in months.items():
        first = min(counts)
        watched[body] = min(first, watched.get(body, first))
    since = {code: _in_force_since(found) for code, found in versions.items()}
    return [
        ItemRun(
            f.code,
            bodies[f.body_id].code,
            since[f.code],
            watched.get(bodies[f.body_id].code),
            months.get((bodies[f.body_id].code, f.code), {}),
        )
        for f in facts
    ]


def _in_force_since(versions: Sequence[catalog.ItemFact]) -> date:
    """不间断施行的起日：前一版止于后一版之始即为不间断。"""
    start = versions[-1].valid_from
    for earlier in reversed(versions[:-1]):
        if earlier.valid_to is None or earlier.valid_to < start:
            break
        start = min(start, earlier.valid_from)
    return start


def visible_body(*, body_id: int, scope: Scope) -> org.BodyView:
    """范围内的一个机构；范围外的与不存在的回答相同。"""
    body = org.bodies_by_ids([body_id]).get(body_id) if scope.covers(body_id) else None
    if body is None:
        raise NotFound("没有这个机构", hint="请从机构列表进入。")
    return body


def span_of(as_of: date, months: int = 12) -> tuple[date, date]:
    """默认的统计区间：截至当月的若干个月。"""
    last = month_of(as_of)
    return months_before(last, months - 1), last


def months_between(first: date, last: date) -> list[date]:
    """首末月之间的各月，都计入。"""
    months = []
    month = month_of(first)
    while month <= last:
        months.append(month)
        month = months_before(month, -1)
    return months


def cases_of(months: Mapping[date, int], first: date, last: date) -> int:
    """区间内的办件数。"""
    return sum(n for month, n in months.items() if first <= month <= last)


def item_figures(
    *,
    bodies: Mapping[int, org.BodyView],
    facts: Iterable[catalog.ItemFact],
    months: Mapping[tuple[str, str], Mapping[date, int]],
    from_month: date,
    to_month: date,
    as_of: date,
) -> dict[int, list[ItemFigures]]:
    """各机构现行事项的运行数字，机构 → 事项，按清单次序。Two reads, whatever the number of bodies."""
    codes = [b.code for b in bodies.values()]
    counts = {
        (c.body_code, c.item_code): c
        for c in warehouse.case_counts(
            by=("body_code", "item_code"), body_codes=codes, from_month=from_month, to_month=to_month
        )
    }
    overdue = {(c.body_code, c.item_code): c.cases for c in warehouse.overdue_open_counts(on=as_of, body_codes=codes)}
    found: dict[int, list[ItemFigures]] = {body_id: [] for body_id in bodies}
    for fact in facts:
        key = (bodies[fact.body_id].code, fact.code)
        count = counts.get(key)
        found[fact.body_id].append(
            ItemFigures(
                fact.code,
                fact.name,
                fact.power_type,
                fact.lead_division,
                fact.body_id,
                cases=cases_of(months.get(key, {}), from_month, to_month),
                closed=count.closed if count else 0,
                on_time=count.on_time if count else 0,
                late=count.late if count else 0,
                undated=count.undated if count else 0,
                overdue_open=overdue.get(key, 0),
            )
        )
    return found


def month_closings(*, body_code: str, from_month: date, to_month: date) -> dict[date, MonthClosing]:
    """一个机构各受理月的办结情况。"""
    rows = warehouse.case_counts(by=("month",), body_codes=[body_code], from_month=from_month, to_month=to_month)
    return {r.month: MonthClosing(r.on_time, r.late, r.undated, r.open) for r in rows if r.month is not None}


def last_month_with_data(*, body_code: str) -> date | None:
    """有办件的最近月份。"""
    months = [r.month for r in warehouse.case_counts(by=("month",), body_codes=[body_code]) if r.month is not None]
    return max(months, default=None)


def division_names(bodies: Sequence[org.BodyView], *, on: date) -> dict[tuple[str, str], str]:
    """（机构编码、科室编码）→ 科室名称。"""
    code_of = {b.id: b.code for b in bodies}
    return {(code_of[d.body_id], d.code): d.name for d in org.divisions_of(list(code_of), on=on)}


def recorded_in(*, body_code: str, month: date) -> dict[str, int]:
    """某机构某月各事项已由办件事件记下的件数。"""
    rows = warehouse.case_counts(by=("item_code",), body_codes=[body_code], from_month=month, to_month=month)
    return {r.item_code: r.cases for r in rows}
