"""数据项登记处：每个自动取值都是有名称、有版本的函数。"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from quanze.apps.evaluation.domain.measuring import Measured, MeasureRequest, Metric

_metrics: dict[str, Metric] = {}

Measure = Callable[[MeasureRequest], Mapping[int, Measured]]


def metric(key: str, label: str, *, version: int, source: str, unit: str = "项") -> Callable[[Measure], Measure]:
    """登记一个数据项。Raise ``version`` whenever the same data would give another value than before."""

    def register(measure: Measure) -> Measure:
        _add(Metric(key, label, version, source, unit, measure))
        return measure

    return register


def pending(key: str, label: str, *, source: str, why: str, unit: str = "项") -> None:
    """登记一个尚无数据来源的数据项：打分时为“没有数据”，原因照写。"""
    _add(Metric(key, label, 0, source, unit, None, why))


def _add(item: Metric) -> None:
    if item.key in _metrics:
        raise ValueError(f"数据项 {item.key} 已登记")
    _metrics[item.key] = item


def all_metrics() -> dict[str, Metric]:
    """全部数据项，按键排序。"""
    return dict(sorted(_metrics.items()))
