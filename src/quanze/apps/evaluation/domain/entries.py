"""人工评定的填报：由计分函数推出要填什么，由所填得读数。

A form is never written per indicator: what must be filled in follows from the kind of the score function, so a new pack
needs no new page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from quanze.core.errors import InvalidInput, NotPermitted
from quanze.core.scoring import Indicator, Reading, ScoreFunction, SourceKind, decimal, show
from quanze.core.scoring.functions import (
    Bands,
    Blend,
    BonusPerCase,
    DeductPerCase,
    Floor,
    GradedChoice,
    Linear,
    Manual,
    Proportional,
)


@dataclass(frozen=True, slots=True)
class EntryField:
    """一个填报栏：名称、标签、说明，选档时的各档（键，名称）。"""

    name: str
    label: str
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()


def takes_entries(indicator: Indicator) -> bool:
    """是否可以人工评定：纯自动指标不可以。"""
    return not indicator.is_automatic


def entry_fields(indicator: Indicator) -> tuple[EntryField, ...]:
    """该指标的填报栏。"""
    function = indicator.function
    if isinstance(function, Blend):
        fields: list[EntryField] = []
        for part in function.parts:
            if not part.metric:
                fields += _fields(part.function, part.key, part.label, indicator.weight)
        return tuple(fields)
    return tuple(_fields(function, "", "", indicator.weight))


def _fields(function: ScoreFunction, part: str, label: str, full: Decimal) -> list[EntryField]:
    before = f"{label}：" if label else ""
    if isinstance(function, GradedChoice):
        return [
            EntryField(_name(part, "choice"), f"{before}档次", "", tuple((c.key, c.label) for c in function.choices))
        ]
    if isinstance(function, Manual):
        return [EntryField(_name(part, "value"), f"{before}评定分", f"0 至 {show(full)} 分")]
    if isinstance(function, BonusPerCase | DeductPerCase):
        return [
            EntryField(_name(part, f"count_{k.key}"), f"{before}{k.label}数（{k.unit}）", "没有填 0")
            for k in function.kinds
        ]
    if not _is_rate(function):
        unit = getattr(function, "unit", "起")
        return [EntryField(_name(part, "value"), f"{before}数值（{unit}）")]
    return [
        EntryField(_name(part, "numerator"), f"{before}符合数（分子）"),
        EntryField(_name(part, "denominator"), f"{before}总数（分母）"),
    ]


def _is_rate(function: ScoreFunction) -> bool:
    """按比率计分，要填分子与分母。"""
    return isinstance(function, Proportional | Linear | Floor | Bands) and function.unit == "%"


def _name(part: str, name: str) -> str:
    return f"{part}-{name}" if part else name


def reading_of_entry(indicator: Indicator, values: Mapping[str, str]) -> Reading:
    """由所填得读数，并试算一次：超出范围的当场拒绝。"""
    if not takes_entries(indicator):
        raise NotPermitted(
            f"指标 {indicator.code}“{indicator.name}”由系统自动取数，不能人工评定",
            hint="如对数据有异议，请核对其来源数据。",
        )
    function = indicator.function
    if isinstance(function, Blend):
        parts = {p.key: _reading(p.function, p.key, values) for p in function.parts if not p.metric}
        reading = Reading.of_parts(parts)
    else:
        reading = _reading(function, "", values)
    if reading.has_data:
        function.score(reading, indicator.weight)
    return reading


def _reading(function: ScoreFunction, part: str, values: Mapping[str, str]) -> Reading:
    def number(name: str, label: str) -> Decimal:
        raw = str(values.get(_name(part, name), "")).strip()
        if not raw:
            raise InvalidInput(f"“{label}”没有填写", hint="没有的填 0。")
        value = decimal(raw, where=f"“{label}”")
        if value < 0:
            raise InvalidInput(f"“{label}”不能是负数")
        return value

    if isinstance(function, GradedChoice):
        return Reading.chosen(str(values.get(_name(part, "choice"), "")))
    if isinstance(function, Manual):
        return Reading.of(number("value", "评定分"))
    if isinstance(function, BonusPerCase | DeductPerCase):
        return Reading.tally({k.key: number(f"count_{k.key}", f"{k.label}数") for k in function.kinds})
    if not _is_rate(function):
        return Reading.of(number("value", "数值"))
    numerator, denominator = number("numerator", "符合数"), number("denominator", "总数")
    if numerator > denominator:
        raise InvalidInput(f"符合数 {show(numerator)} 大于总数 {show(denominator)}", hint="请核对两个数。")
    return Reading.ratio(numerator, denominator, empty="总数为零")


def merged_reading(indicator: Indicator, automatic: Mapping[str, Reading], entry: Reading | None) -> Reading:
    """自动读数与人工评定合成一个读数。

    A whole-indicator entry replaces the automatic value only where the indicator admits people at all; in a blend each
    part comes from its own side.
    """
    if isinstance(indicator.function, Blend):
        parts = dict(automatic)
        if entry is not None:
            parts |= {key: part for key, part in entry.parts.items() if key not in automatic}
        for part in indicator.function.parts:
            parts.setdefault(part.key, Reading.absent(f"“{part.label}”尚未评定"))
        return Reading.of_parts(parts)
    if entry is not None and takes_entries(indicator):
        return entry
    if "" in automatic:
        return automatic[""]
    waiting = "尚未自评和评定" if SourceKind.SELF in indicator.sources else "评估组尚未评定"
    return Reading.absent(waiting)
