"""行权运行数据项：运行、录入、办结、专项说明与违规行权，取自行权运行的公开接口。

Without run data of the period an indicator has no data; it never becomes zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from quanze.apps.evaluation.domain.measuring import Measured, MeasureRequest, RowRef
from quanze.apps.evaluation.metrics.registry import metric
from quanze.apps.performance import public as performance
from quanze.core.scoring import Reading

_RUNS = "行权数据"
_NO_RUNS = "评估期间没有行权数据"
_PER = 10_000


def _figures(request: MeasureRequest) -> Mapping[int, performance.BodyRunFigures]:
    """期间各月的运行数字；期间尚未过完的，取到统计截止日所在月。"""

    def load() -> Mapping[int, performance.BodyRunFigures]:
        last = min(request.last_day, request.as_of)
        return performance.body_run_figures(
            body_ids=request.body_ids,
            as_of=request.as_of,
            from_month=request.period.start.replace(day=1),
            to_month=last.replace(day=1),
        )

    return request.once("performance.figures", load)


def _each(request: MeasureRequest, judge: Callable[[performance.BodyRunFigures], Measured]) -> dict[int, Measured]:
    """逐个单位；期间没有任何行权数据的单位一律为没有数据。"""
    nothing = Measured(Reading.absent(_NO_RUNS))
    return {
        body_id: judge(figures) if figures.cases or figures.events else nothing
        for body_id, figures in _figures(request).items()
    }


@metric("performance.run_online", "网上运行", version=1, source=_RUNS)
def run_online(request: MeasureRequest) -> Mapping[int, Measured]:
    """期间有办件的现行事项。仅线下运行的声明尚未登记，因此不加计。"""

    def judge(figures: performance.BodyRunFigures) -> Measured:
        rows = tuple(
            RowRef("performance.item", item.item_code, item.item_name, "期间没有办件")
            for item in figures.items
            if not item.cases
        )
        reading = Reading.ratio(figures.items_run, len(figures.items), empty="截至统计截止日没有有效事项")
        return Measured(reading, rows, "期间没有运行记录的事项")

    return _each(request, judge)


@metric("performance.entry_timely", "录入及时", version=1, source=_RUNS, unit="条")
def entry_timely(request: MeasureRequest) -> Mapping[int, Measured]:
    """次月报送期限之内送到的行权数据。"""

    def judge(figures: performance.BodyRunFigures) -> Measured:
        reading = Reading.ratio(figures.events_entered_in_time, figures.events_entered, empty=_NO_RUNS)
        return Measured(reading, note="按报送时间与发生月份计；集中突击录入的识别尚未接入。")

    return _each(request, judge)


@metric("performance.on_time", "按时办结", version=1, source=_RUNS, unit="件")
def on_time(request: MeasureRequest) -> Mapping[int, Measured]:
    """有期限的办结件与逾期未办结件中按时办结者。"""

    def judge(figures: performance.BodyRunFigures) -> Measured:
        rows = tuple(
            RowRef("performance.item", item.item_code, item.item_name, _late(item))
            for item in sorted(figures.items, key=lambda item: -(item.late + item.overdue_open))
            if item.late or item.overdue_open
        )
        due = figures.on_time + figures.late + figures.overdue_open
        reading = Reading.ratio(figures.on_time, due, empty="期间没有带办理期限的办件")
        note = f"另有 {figures.undated} 件没有办理期限，不计。" if figures.undated else ""
        return Measured(reading, rows, "有逾期办件的事项", note)

    return _each(request, judge)


def _late(item: performance.ItemFigures) -> str:
    parts = [f"逾期办结 {item.late} 件"] if item.late else []
    if item.overdue_open:
        parts.append(f"逾期未办结 {item.overdue_open} 件")
    return "、".join(parts)


@metric("performance.explained", "专项说明", version=1, source="行权数据与专项说明")
def explained(request: MeasureRequest) -> Mapping[int, Measured]:
    """长期不运行、频次不高、同比较大变化的事项中，专项说明已被采纳者。"""

    def judge(figures: performance.BodyRunFigures) -> Measured:
        names = {item.item_code: item.item_name for item in figures.items}
        rows = tuple(
            RowRef("performance.item", flag.item_code, names.get(flag.item_code, flag.item_code), flag.statement)
            for flag in figures.flagged
            if (flag.item_code, str(flag.kind)) not in figures.explained
        )
        total = len(figures.flagged)
        reading = Reading.ratio(total - len(rows), total, empty="没有需要专项说明的事项，或运行数据尚不足以判定")
        return Measured(reading, rows, "专项说明未被采纳的特殊情形")

    return _each(request, judge)


@metric("performance.violations", "违规行权", version=1, source="行权数据与清单对照", unit="起/万件")
def violations(request: MeasureRequest) -> Mapping[int, Measured]:
    """核实的清单外行权件数，按万件折算；待核实的不算违规。"""

    def judge(figures: performance.BodyRunFigures) -> Measured:
        confirmed = figures.confirmed_unlisted_cases
        rate = (Decimal(confirmed) * _PER / (figures.cases + confirmed)).quantize(Decimal("0.0001"))
        waiting = figures.quarantined_cases
        note = f"另有 {waiting} 件清单外行权待核实，未计入。" if waiting else ""
        return Measured(Reading.of(rate), note=note)

    return _each(request, judge)
