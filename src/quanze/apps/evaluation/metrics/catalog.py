"""清单数据项：编制质量、分解、公布与审查程序，取自权责清单与审查流程的公开接口。"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from quanze.apps.catalog import public as catalog
from quanze.apps.evaluation.domain.measuring import Measured, MeasureRequest, RowRef
from quanze.apps.evaluation.metrics.registry import metric
from quanze.apps.workflow import public as workflow
from quanze.core.actor import EVERYTHING
from quanze.core.scoring import Reading

_LISTS = "权责清单"
_RULES = "权责清单规则检查"
_NO_ITEMS = "截至统计截止日没有有效事项"
_SUBMISSION = "catalog.submission"
_SHANGHAI = ZoneInfo("Asia/Shanghai")


def _facts(request: MeasureRequest) -> dict[int, list[catalog.ItemFact]]:
    def load() -> dict[int, list[catalog.ItemFact]]:
        found: dict[int, list[catalog.ItemFact]] = {body_id: [] for body_id in request.body_ids}
        for fact in catalog.item_facts(on=request.as_of, body_ids=request.body_ids):
            found[fact.body_id].append(fact)
        return found

    return request.once("catalog.facts", load)


def _qualities(request: MeasureRequest) -> dict[int, list[catalog.ListQuality]]:
    def load() -> dict[int, list[catalog.ListQuality]]:
        found: dict[int, list[catalog.ListQuality]] = {body_id: [] for body_id in request.body_ids}
        for quality in catalog.list_qualities(body_ids=request.body_ids, on=request.as_of):
            found[quality.body_id].append(quality)
        return found

    return request.once("catalog.quality", load)


def _items(request: MeasureRequest) -> dict[int, list[catalog.ItemQuality]]:
    return {
        body_id: [item for quality in lists for item in quality.items] for body_id, lists in _qualities(request).items()
    }


@metric("catalog.template_coverage", "通用目录认领", version=1, source="通用目录（范本）与权责清单")
def template_coverage(request: MeasureRequest) -> Mapping[int, Measured]:
    """适用范本事项中已认领者。"""
    found: dict[int, Measured] = {}
    for body_id, lists in _qualities(request).items():
        nodes = {key: name for quality in lists for key, name in quality.base_names.items()}
        if not nodes:
            found[body_id] = Measured(Reading.absent("清单没有绑定通用目录（范本）"))
            continue
        claimed = {key for quality in lists for key in quality.claimed}
        rows = tuple(RowRef("base_item", key, name, "未认领") for key, name in nodes.items() if key not in claimed)
        found[body_id] = Measured(Reading.ratio(len(nodes) - len(rows), len(nodes)), rows, "未认领的适用目录事项")
    return found


@metric("catalog.element_completeness", "要素齐全", version=1, source=_LISTS, unit="个要素")
def element_completeness(request: MeasureRequest) -> Mapping[int, Measured]:
    """应填要素中已填写者；所有有效事项合计。"""
    found: dict[int, Measured] = {}
    for body_id, items in _items(request).items():
        rows = tuple(
            RowRef(
                "catalog.item", str(item.item_id), item.name, "缺" + "、".join(_label(name) for name in item.missing)
            )
            for item in items
            if item.missing
        )
        total = sum(item.required for item in items)
        filled = total - sum(len(item.missing) for item in items)
        found[body_id] = Measured(Reading.ratio(filled, total, empty=_NO_ITEMS), rows, "要素不全的事项")
    return found


def _label(field: str) -> str:
    return catalog.CONTENT_LABELS.get(field, field)


def _without(request: MeasureRequest, wanted: Callable[[str], bool], label: str) -> dict[int, Measured]:
    """没有某类规则问题的有效事项数与有效事项数。"""
    found: dict[int, Measured] = {}
    for body_id, items in _items(request).items():
        rows = tuple(
            RowRef("catalog.item", str(item.item_id), item.name, "、".join(sorted(filter(wanted, item.codes))))
            for item in items
            if any(map(wanted, item.codes))
        )
        reading = Reading.ratio(len(items) - len(rows), len(items), empty=_NO_ITEMS)
        found[body_id] = Measured(reading, rows, label)
    return found


def _starts(*prefixes: str) -> Callable[[str], bool]:
    return lambda code: code.startswith(prefixes)


@metric("catalog.basis_valid", "设定依据有效", version=1, source=_RULES)
def basis_valid(request: MeasureRequest) -> Mapping[int, Measured]:
    """没有 B3 类问题的事项。Of that family only the rules in use speak (their list is in the rules reference)."""
    return _without(request, _starts("B3"), "设定依据有问题的事项")


@metric("catalog.naming_and_type", "名称类别规范", version=1, source=_RULES)
def naming_and_type(request: MeasureRequest) -> Mapping[int, Measured]:
    """没有 N1、C2 类问题的事项。"""
    return _without(request, _starts("N1", "C2"), "名称或类别不规范的事项")


@metric("catalog.power_duty_match", "权责匹配", version=1, source=_RULES)
def power_duty_match(request: MeasureRequest) -> Mapping[int, Measured]:
    """没有 R4 类问题的事项。"""
    return _without(request, _starts("R4"), "权责不匹配的事项")


@metric("catalog.division_assigned", "分解到内设机构", version=1, source=_LISTS)
def division_assigned(request: MeasureRequest) -> Mapping[int, Measured]:
    """已写明承办机构的有效事项；子项未写的从主项。"""
    found: dict[int, Measured] = {}
    for body_id, items in _items(request).items():
        rows = tuple(
            RowRef("catalog.item", str(item.item_id), item.name, "未明确承办内设机构")
            for item in items
            if "lead_division" in item.missing
        )
        reading = Reading.ratio(len(items) - len(rows), len(items), empty=_NO_ITEMS)
        found[body_id] = Measured(reading, rows, "未分解到内设机构的事项")
    return found


@metric("catalog.published", "清单公开", version=1, source="公布记录与审查流程")
def published(request: MeasureRequest) -> Mapping[int, Measured]:
    """有效事项都以公布为前提；审查已经通过、只差印发公布的，计为应公开而未公开。"""
    waiting: dict[int, list[tuple[workflow.CaseView, int]]] = {}
    for case in workflow.cases_open(subject_kind=_SUBMISSION, body_ids=request.body_ids, scope=EVERYTHING):
        step = case.current
        if step is not None and step.kind == "issue" and step.opened_at < _midnight(request.as_of + timedelta(days=1)):
            waiting.setdefault(case.body_id, []).append((case, len(case.item_ids)))
    found: dict[int, Measured] = {}
    for body_id, facts in _facts(request).items():
        own = waiting.get(body_id, [])
        rows = tuple(
            RowRef("catalog.submission", str(case.subject_id), case.subject_label, f"{count} 项审查通过，尚未印发公布")
            for case, count in own
        )
        due = len(facts) + sum(count for _, count in own)
        found[body_id] = Measured(Reading.ratio(len(facts), due, empty=_NO_ITEMS), rows, "审查通过而未公布的送审件")
    return found


@metric("catalog.channel_consistency", "公开渠道内容一致", version=1, source="公开渠道回执", unit="处")
def channel_consistency(request: MeasureRequest) -> Mapping[int, Measured]:
    """应公开的（渠道 × 事项）中，渠道所示就是现行那一版的；一个渠道整版公开，各事项同进同退。"""
    owed: dict[int, list[catalog.ChannelState]] = {body_id: [] for body_id in request.body_ids}
    for state in catalog.channel_states(body_ids=request.body_ids, on=request.as_of):
        owed[state.body_id].append(state)
    found: dict[int, Measured] = {}
    for body_id, states in owed.items():
        behind = [state for state in states if not state.is_consistent]
        rows = tuple(
            RowRef(
                "catalog.disclosure_task",
                str(state.task_id),
                state.label,
                f"第 {state.edition_number} 版 {state.items} 项到期没有公开",
            )
            for state in behind
        )
        total = sum(state.items for state in states)
        shown = total - sum(state.items for state in behind)
        reading = Reading.ratio(shown, total, empty="现行清单还没有到期的公开渠道任务")
        found[body_id] = Measured(reading, rows, "没有公开现行版的渠道")
    return found


@metric("adjustment.procedure", "审查程序完整", version=1, source="审查流程", unit="次")
def procedure(request: MeasureRequest) -> Mapping[int, Measured]:
    """期间内办结的送审件：各步齐全且都有意见或要件。"""
    cases = workflow.cases_closed(
        subject_kind=_SUBMISSION,
        body_ids=request.body_ids,
        start=_midnight(request.period.start),
        end=_midnight(request.period.end or request.as_of),
        scope=EVERYTHING,
    )
    found: dict[int, Measured] = {}
    for body_id in request.body_ids:
        own = [case for case in cases if case.body_id == body_id]
        rows = tuple(
            RowRef("catalog.submission", str(case.subject_id), case.subject_label, "缺" + "、".join(gaps))
            for case in own
            if (gaps := tuple(_gaps(case)))
        )
        reading = Reading.ratio(len(own) - len(rows), len(own), empty="评估期间没有办结的审查")
        found[body_id] = Measured(reading, rows, "程序不完整的审查")
    return found


def _gaps(case: workflow.CaseView) -> Iterable[str]:
    """没有通过记录的步骤，或通过时既无意见也无要件的步骤。"""
    passed = {step.code: step for step in case.steps if step.state == "passed"}
    for step in case.procedure.steps:
        done = passed.get(step.code)
        if done is None:
            yield f"“{step.label}”步骤"
        elif not done.opinion.strip() and not done.details:
            yield f"“{step.label}”意见"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), _SHANGHAI).astimezone(UTC)
