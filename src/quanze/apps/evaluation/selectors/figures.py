"""一个单位的清单与运行图表：页面与结论文件用同一份数据，图与表因此总是一致。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from quanze.apps.catalog import public as catalog
from quanze.apps.evaluation.selectors.rounds import RoundView
from quanze.apps.performance import public as performance

_TOP_DIVISIONS = 12
Number = int | None

_MONTHS = ("months", "line", "按月办件量")
_YEARS = ("years", "bar", "办件量同比（本期与上年同期）")
_CASE_TYPES = ("case_types", "hbar", "办件量按职权类型分布")
_CASE_DIVISIONS = ("case_divisions", "hbar", "办件量按内设机构分布")
_NEVER = ("never_run", "hbar", "期间有运行与从未运行的事项")
_RUN_CHARTS = (_MONTHS, _YEARS, _CASE_TYPES, _CASE_DIVISIONS, _NEVER)


@dataclass(frozen=True)
class ChartFigure:
    """一张图的数据：键、图种、结论式标题、图题、标签、系列、单位；没有数据时 labels 为空、empty 写明原因。"""

    key: str
    kind: str
    title: str
    caption: str
    labels: Sequence[str] = ()
    series: Mapping[str, Sequence[Number]] = field(default_factory=dict)
    unit: str = "项"
    empty: str = ""


@dataclass(frozen=True)
class BodyFigures:
    """一个单位的全部图表数据。"""

    body_id: int
    charts: tuple[ChartFigure, ...]


def body_figures(round_: RoundView, body_id: int) -> BodyFigures:
    """按类型、内设机构、月份、同比与从未运行的图表数据。"""
    facts = [f for f in catalog.item_facts(on=round_.as_of, body_ids=[body_id]) if f.node_kind != "sub"]
    last = min(round_.period_end - timedelta(days=1), round_.as_of)
    runs = performance.body_run_figures(
        body_ids=[body_id],
        as_of=round_.as_of,
        from_month=round_.period_start.replace(day=1),
        to_month=last.replace(day=1),
    )[body_id]
    lists = (_by_type(facts), _by_division(facts))
    if not runs.cases and not runs.events:
        return BodyFigures(body_id, (*lists, *(_no_runs(key, kind, caption) for key, kind, caption in _RUN_CHARTS)))
    made = (_by_month(runs), _year_on_year(runs), _cases_by_type(runs), _cases_by_division(runs), _never_run(runs))
    return BodyFigures(body_id, (*lists, *made))


def _by_type(facts: Sequence[catalog.ItemFact]) -> ChartFigure:
    caption = "有效事项按职权类型分布"
    if not facts:
        return ChartFigure("types", "hbar", caption, caption, empty="没有有效事项")
    types = catalog.power_types()
    counts = Counter(types.label(fact.power_type) for fact in facts)
    most, n = counts.most_common(1)[0]
    title = f"{len(facts)} 项有效事项中{most}最多，{n} 项"
    labels = [name for name, _ in counts.most_common()]
    return ChartFigure("types", "hbar", title, caption, labels, {"事项数": [counts[name] for name in labels]})


def _by_division(facts: Sequence[catalog.ItemFact]) -> ChartFigure:
    caption = "有效事项按承办内设机构分布"
    if not facts:
        return ChartFigure("divisions", "hbar", caption, caption, empty="没有有效事项")
    counts = Counter(fact.lead_division.strip() or "未分解" for fact in facts)
    shown = counts.most_common(_TOP_DIVISIONS)
    rest = len(facts) - sum(n for _, n in shown)
    if rest:
        shown.append((f"其余 {len(counts) - _TOP_DIVISIONS} 个", rest))
    title = f"承办事项最多的内设机构是{shown[0][0]}，{shown[0][1]} 项"
    return ChartFigure(
        "divisions", "hbar", title, caption, [name for name, _ in shown], {"事项数": [n for _, n in shown]}
    )


def _no_runs(key: str, kind: str, caption: str) -> ChartFigure:
    return ChartFigure(key, kind, caption, caption, unit="件", empty="评估期间没有行权数据")


def _by_month(runs: performance.BodyRunFigures) -> ChartFigure:
    months, counts = list(runs.by_month), list(runs.by_month.values())
    peak = max(range(len(counts)), key=counts.__getitem__)
    title = f"{months[peak].year}年{months[peak].month}月办件最多，{counts[peak]:,} 件；期间共 {sum(counts):,} 件"
    return ChartFigure(*_head(_MONTHS, title), [f"{m:%Y-%m}" for m in months], {"办件量": counts}, "件")


def _year_on_year(runs: performance.BodyRunFigures) -> ChartFigure:
    now, before = list(runs.by_month.values()), list(runs.year_before.values())
    if not any(before):
        return ChartFigure(*_head(_YEARS, _YEARS[2]), unit="件", empty="上年同期没有行权数据，无从比较")
    change = (sum(now) - sum(before)) * 100 / sum(before)
    title = f"办件量同比{'增加' if change >= 0 else '减少'} {abs(change):.1f}%"
    labels = [f"{month.month}月" for month in runs.by_month]
    return ChartFigure(*_head(_YEARS, title), labels, {"本期": now, "上年同期": before}, "件")


def _cases_by_type(runs: performance.BodyRunFigures) -> ChartFigure:
    types = catalog.power_types()
    counts = {types.label(code): n for code, n in sorted(runs.by_type.items(), key=lambda pair: -pair[1])}
    return _shares(_CASE_TYPES, counts)


def _cases_by_division(runs: performance.BodyRunFigures) -> ChartFigure:
    counts = sorted(runs.by_division.items(), key=lambda pair: (-pair[1], pair[0]))
    shown = dict(counts[:_TOP_DIVISIONS])
    rest = counts[_TOP_DIVISIONS:]
    if rest:
        shown[f"其余 {len(rest)} 个"] = sum(n for _, n in rest)
    return _shares(_CASE_DIVISIONS, shown)


def _shares(head: tuple[str, str, str], counts: Mapping[str, int]) -> ChartFigure:
    if not counts:
        return ChartFigure(*_head(head, head[2]), unit="件", empty="期间没有办件")
    name, most = next(iter(counts.items()))
    share = most * 100 / sum(counts.values())
    title = f"{name}办件最多，{most:,} 件，占 {share:.1f}%"
    return ChartFigure(*_head(head, title), list(counts), {"办件量": list(counts.values())}, "件")


def _never_run(runs: performance.BodyRunFigures) -> ChartFigure:
    types = catalog.power_types()
    run: Counter[str] = Counter()
    idle: Counter[str] = Counter()
    for item in runs.items:
        (run if item.cases else idle)[types.label(item.power_type)] += 1
    labels = sorted(run.keys() | idle.keys(), key=lambda name: -(run[name] + idle[name]))
    title = f"{len(runs.items)} 项中 {len(runs.never_run)} 项在期间没有运行"
    series = {"有运行": [run[name] for name in labels], "没有运行": [idle[name] for name in labels]}
    return ChartFigure(*_head(_NEVER, title), labels, series)


def _head(head: tuple[str, str, str], title: str) -> tuple[str, str, str, str]:
    key, kind, caption = head
    return key, kind, title, caption
