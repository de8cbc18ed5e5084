"""机构运行情况的汇总：页面、评估与门户同用一份数字。"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import Sum
from django.utils.timezone import localdate

from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.apps.performance.domain.special_cases import ItemFlag, months_before
from quanze.apps.performance.models import Explanation, QuarantinedEvent
from quanze.apps.performance.selectors import runs
from quanze.apps.performance.selectors.runs import BodyRunFigures, cases_of
from quanze.base.parameters.public import value_int
from quanze.warehouse import public as warehouse

NO_DIVISION = "未注明科室"

Months = Mapping[tuple[str, str], Mapping[date, int]]


def body_run_figures(
    *, body_ids: Collection[int], as_of: date, from_month: date | None = None, to_month: date | None = None
) -> dict[int, BodyRunFigures]:
    """各机构的运行情况；不给区间则为截至 ``as_of`` 当月的十二个月。The number of reads does not grow with the bodies."""
    bodies = org.bodies_by_ids(body_ids)
    first, last = runs.span_of(as_of) if from_month is None or to_month is None else (from_month, to_month)
    codes = {b.code: b.id for b in bodies.values()}
    months = runs.case_months(body_codes=codes)
    current = runs.runnable_items(body_ids=list(bodies), on=as_of)
    # Items that are no longer in force have cases too; only with them do the parts add up to the total.
    versions = catalog.item_facts_by_codes({f.code for f in current} | {item for _, item in months})
    facts = {code: found[-1] for code, found in versions.items()}
    items = runs.item_figures(bodies=bodies, facts=current, months=months, from_month=first, to_month=last, as_of=as_of)
    totals = {
        c.body_code: c
        for c in warehouse.case_counts(by=("body_code",), body_codes=list(codes), from_month=first, to_month=last)
    }
    events = {
        e.body_code: e.events
        for e in warehouse.event_counts(by=("body_code",), body_codes=list(codes), from_month=first, to_month=last)
    }
    overdue: dict[str, int] = defaultdict(int)
    for row in warehouse.overdue_open_counts(on=as_of, body_codes=list(codes)):
        overdue[row.body_code] += row.cases
    by_month, by_type = _by_month(months), _by_type(months, facts, first, last)
    by_division = _by_division(bodies, months, facts, first, last, as_of)
    flagged: dict[str, list[ItemFlag]] = defaultdict(list)
    for flag in runs.special_cases_of(bodies, current, versions, months, as_of):
        flagged[flag.body_code].append(flag)
    states = _explanation_states(body_ids, as_of.year)
    entered = _entries(codes, first, last)
    held = _held(body_ids, first, last)
    span = runs.months_between(first, last)
    found = {}
    for body_id, body in bodies.items():
        total = totals.get(body.code)
        pairs = {(f.item_code, str(f.kind)) for f in flagged[body.code]}
        known = {p: states.get((body_id, *p), "open") for p in pairs}
        monthly = {m: by_month[body.code].get(m, 0) for m in span}
        found[body_id] = BodyRunFigures(
            body_id=body_id,
            body_code=body.code,
            from_month=first,
            to_month=last,
            as_of=as_of,
            items=tuple(items[body_id]),
            cases=sum(monthly.values()),
            closed=total.closed if total else 0,
            on_time=total.on_time if total else 0,
            late=total.late if total else 0,
            undated=total.undated if total else 0,
            overdue_open=overdue[body.code],
            events=events.get(body.code, 0),
            by_type=by_type[body.code],
            by_division=by_division[body.code],
            by_month=monthly,
            year_before={months_before(m, 12): by_month[body.code].get(months_before(m, 12), 0) for m in span},
            never_run=tuple(i.item_code for i in items[body_id] if not i.cases),
            flagged=tuple(flagged[body.code]),
            explained=frozenset(p for p, s in known.items() if s == "accepted"),
            unexplained=frozenset(p for p, s in known.items() if s in ("open", "returned")),
            events_entered_in_time=entered[body.code][0],
            events_entered=entered[body.code][1],
            quarantined_cases=held.get((body_id, "pending"), 0),
            confirmed_unlisted_cases=held.get((body_id, "confirmed"), 0),
        )
    return found


def _by_month(months: Months) -> defaultdict[str, dict[date, int]]:
    total: defaultdict[str, dict[date, int]] = defaultdict(dict)
    for (body, _), counts in months.items():
        for month, cases in counts.items():
            total[body][month] = total[body].get(month, 0) + cases
    return total


def _by_type(
    months: Months, facts: Mapping[str, catalog.ItemFact], first: date, last: date
) -> defaultdict[str, dict[str, int]]:
    total: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (body, item), counts in months.items():
        cases = cases_of(counts, first, last)
        if cases:
            kind = facts[item].power_type if item in facts else ""
            total[body][kind] = total[body].get(kind, 0) + cases
    return total


def _by_division(
    bodies: Mapping[int, org.BodyView],
    months: Months,
    facts: Mapping[str, catalog.ItemFact],
    first: date,
    last: date,
    as_of: date,
) -> defaultdict[str, dict[str, int]]:
    """内设机构的办件数：事件所载的科室；手工填报的件数归事项的承办科室。"""
    names = runs.division_names(list(bodies.values()), on=as_of)
    codes = [b.code for b in bodies.values()]
    total: defaultdict[str, dict[str, int]] = defaultdict(dict)
    recorded: dict[tuple[str, str], int] = defaultdict(int)
    for row in warehouse.case_counts(
        by=("body_code", "item_code", "division_code"), body_codes=codes, from_month=first, to_month=last
    ):
        name = names.get((row.body_code, row.division_code), row.division_code) or NO_DIVISION
        total[row.body_code][name] = total[row.body_code].get(name, 0) + row.cases
        recorded[row.body_code, row.item_code] += row.cases
    for (body, item), counts in months.items():
        by_hand = cases_of(counts, first, last) - recorded.get((body, item), 0)
        if by_hand > 0:
            name = (facts[item].lead_division if item in facts else "") or NO_DIVISION
            total[body][name] = total[body].get(name, 0) + by_hand
    return total


def _explanation_states(body_ids: Collection[int], year: int) -> dict[tuple[int, str, str], str]:
    rows = Explanation.objects.filter(body_id__in=list(body_ids), year=year)
    return {(b, i, k): s for b, i, k, s in rows.values_list("body_id", "item_code", "kind", "state")}


def _entries(codes: Collection[str], first: date, last: date) -> defaultdict[str, tuple[int, int]]:
    """报送及时：某月发生的事件，次月的报送期限之内送到为按时。返回（按时条数、全部条数）。"""
    found: defaultdict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in warehouse.arrival_counts(body_codes=list(codes), from_month=first, to_month=last):
        next_month = months_before(row.month, -1)
        days = value_int("run_entry_days", on=row.month)
        is_in_time = (localdate(row.arrived_at) - next_month).days < days
        in_time, total = found[row.body_code]
        found[row.body_code] = (in_time + (row.events if is_in_time else 0), total + row.events)
    return found


def _held(body_ids: Collection[int], first: date, last: date) -> dict[tuple[int, str], int]:
    rows = (
        QuarantinedEvent.objects.filter(
            body_id__in=list(body_ids), month__gte=f"{first:%Y-%m}", month__lte=f"{last:%Y-%m}"
        )
        .values_list("body_id", "verdict")
        .annotate(n=Sum("cases"))
    )
    return {(body_id, verdict): n for body_id, verdict, n in rows if body_id is not None}
