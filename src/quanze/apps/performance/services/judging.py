"""对照清单：送来的办件，哪些有清单事项可依，哪些是清单外行权（待核实）。

Judged by distinct values and by the day a case began, never row by row. A list creates no power, so nothing is a fault
here: what has no listed item waits for somebody to look at it. Cases from before the first list of an item are taken in:
there was no list to break.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.apps.performance.domain.outside import REASON_LABELS
from quanze.core.actor import Actor
from quanze.core.errors import NotPermitted
from quanze.warehouse import public as warehouse

_ZONE = ZoneInfo("Asia/Shanghai")
__all__ = ["REASON_LABELS", "Judged", "judge", "midnight"]


@dataclass(frozen=True)
class Judged:
    """对照结果：可入库的、待核实的及其汇总、涉及的机构、早于清单的办件数。"""

    kept: warehouse.EventFrame
    held: warehouse.EventFrame
    groups: tuple[warehouse.ExcludedGroup, ...]
    body_ids: dict[str, int]
    cases_before_list: int
    exclusions: tuple[warehouse.Exclusion, ...] = ()
    known_cases: frozenset[str] = frozenset()

    def groups_of(self, held: warehouse.EventFrame) -> tuple[warehouse.ExcludedGroup, ...]:
        """待核实之中一部分的汇总。"""
        return held.divided(self.exclusions, spared_cases=self.known_cases)[2]


def judge(frame: warehouse.EventFrame, *, source: str, actor: Actor, on: date) -> Judged:
    """对照机构名录与各版清单，并补上区划、版本、承办科室。Other bodies' data are refused as a whole."""
    pairs = frame.groups("item_code", "body_code")
    bodies = org.bodies_by_codes(sorted({g.values[1] for g in pairs}))
    _require_own(bodies.values(), actor)
    facts = catalog.item_facts_by_codes(sorted({g.values[0] for g in pairs}))
    exclusions: list[warehouse.Exclusion] = []
    for group in pairs:
        item, body = group.values
        values = {"item_code": item, "body_code": body}
        if body not in bodies:
            exclusions.append(warehouse.Exclusion("unknown_body", {"body_code": body}))
        elif item not in facts:
            exclusions.append(warehouse.Exclusion("unknown_item", values))
        elif all(f.body_id != bodies[body].id for f in facts[item]):
            exclusions.append(warehouse.Exclusion("wrong_holder", values))
        else:
            exclusions += _out_of_force(facts[item], values, group)
    known = warehouse.known_case_ids(frame, source=source) if any(e.is_dated for e in exclusions) else frozenset()
    kept, held, groups = frame.divided(exclusions, spared_cases=known)
    filled = (
        kept.versioned({c: [(midnight(f.valid_from), f.version_number) for f in fs] for c, fs in facts.items()})
        .filled("region_code", "body_code", {c: b.region_code for c, b in bodies.items()})
        .filled("division_code", "item_code", _lead_divisions(facts, bodies, on))
    )
    body_ids = {c: b.id for c, b in bodies.items()}
    return Judged(filled, held, groups, body_ids, filled.cases_without_version, tuple(exclusions), known)


def midnight(day: date) -> datetime:
    """某日零时（北京时间）。"""
    return datetime.combine(day, time.min, _ZONE)


def _require_own(bodies: Iterable[org.BodyView], actor: Actor) -> None:
    foreign = [b.name for b in bodies if not actor.scope.covers(b.id)]
    if foreign:
        raise NotPermitted(
            f"文件中有不属于您办理范围的机构：{'、'.join(foreign[:5])}",
            hint="请只报送本机构的数据，或由有权的机构报送。",
            code="foreign_body",
        )


def _out_of_force(
    versions: Sequence[catalog.ItemFact], values: dict[str, str], group: warehouse.ValueGroup
) -> list[warehouse.Exclusion]:
    """事项失效之后、又未再施行的各段时间。"""
    found = []
    for number, version in enumerate(versions):
        if version.valid_to is None:
            continue
        ended = midnight(version.valid_to)
        later = versions[number + 1] if number + 1 < len(versions) else None
        if later is not None and later.valid_from <= version.valid_to:
            continue
        again = None if later is None else midnight(later.valid_from)
        if group.last_start >= ended and (again is None or group.first_start < again):
            found.append(warehouse.Exclusion("item_not_in_force", values, starts_from=ended, starts_until=again))
    return found


def _lead_divisions(
    facts: dict[str, list[catalog.ItemFact]], bodies: dict[str, org.BodyView], on: date
) -> dict[str, str]:
    """事项的承办科室：名录中有同名科室的用其编码，没有的照清单所写。"""
    codes = {(d.body_id, d.name): d.code for d in org.divisions_of([b.id for b in bodies.values()], on=on)}
    return {
        code: codes.get((versions[-1].body_id, versions[-1].lead_division), versions[-1].lead_division)[:100]
        for code, versions in facts.items()
        if versions[-1].lead_division
    }
