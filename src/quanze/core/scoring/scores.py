"""计分：读数代入指标树，得一棵可逐级下钻的得分树。

Missing data: an indicator without a reading is left out and the base points are scaled up from what could be scored
(all base indicators keep their weight relative to each other); the result says so. Rounding happens once per indicator
and once for the scaled base, half-up to the places of the set, so totals on paper add up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from quanze.core.errors import DomainError, InvalidInput
from quanze.core.scoring.numbers import rounded, show
from quanze.core.scoring.readings import Reading
from quanze.core.scoring.tree import Group, GroupRole, Indicator, IndicatorSet

NOT_READ = "尚未取数或评定"


@dataclass(frozen=True)
class IndicatorScore:
    """末级指标得分；points 为空表示没有数据，原因在 reading.missing。"""

    code: str
    name: str
    full: Decimal
    points: Decimal | None
    reading: Reading
    formula: str
    formula_version: str
    sentence: str
    explanation: str
    source: str
    ceiling: Decimal | None = None

    @property
    def available(self) -> Decimal:
        return Decimal(0) if self.points is None else self.full

    def as_data(self) -> dict[str, object]:
        return {
            "code": self.code,
            "name": self.name,
            "full": show(self.full),
            "points": None if self.points is None else format(self.points, "f"),
            "reading": self.reading.as_data(),
            "formula": self.formula,
            "formula_version": self.formula_version,
            "sentence": self.sentence,
            "explanation": self.explanation,
            "source": self.source,
        }


@dataclass(frozen=True)
class GroupScore:
    """上级指标得分：points 为有数据各项之和，available 为这些项的满分。"""

    code: str
    name: str
    full: Decimal
    role: GroupRole
    points: Decimal
    available: Decimal
    children: tuple[GroupScore | IndicatorScore, ...]
    note: str = ""

    def as_data(self) -> dict[str, object]:
        return {
            "code": self.code,
            "name": self.name,
            "full": show(self.full),
            "role": self.role.value,
            "points": format(self.points, "f"),
            "available": show(self.available),
            "children": [child.as_data() for child in self.children],
            "note": self.note,
        }

    def leaves(self) -> list[IndicatorScore]:
        found: list[IndicatorScore] = []
        for child in self.children:
            found += child.leaves() if isinstance(child, GroupScore) else [child]
        return found


@dataclass(frozen=True)
class SetScore:
    """总得分：total = 折算后的基础分 + 加分（受上限、一票否决约束）；没有任何数据时 total 为空。"""

    total: Decimal | None
    base: Decimal
    available: Decimal
    full: Decimal
    scaled_base: Decimal | None
    bonus: Decimal
    groups: tuple[GroupScore, ...]
    notes: tuple[str, ...]

    def as_data(self) -> dict[str, object]:
        return {
            "total": None if self.total is None else format(self.total, "f"),
            "base": format(self.base, "f"),
            "available": show(self.available),
            "full": show(self.full),
            "scaled_base": None if self.scaled_base is None else format(self.scaled_base, "f"),
            "bonus": format(self.bonus, "f"),
            "groups": [group.as_data() for group in self.groups],
            "notes": list(self.notes),
        }

    def leaves(self) -> list[IndicatorScore]:
        return [leaf for group in self.groups for leaf in group.leaves()]


def score_set(
    indicators: IndicatorSet, readings: Mapping[str, Reading], versions: Mapping[str, str] | None = None
) -> SetScore:
    """计分。``readings`` 以指标编码为键；``versions`` 给出各指标公式版本（缺省用指标自身的版本）。"""
    stray = sorted(set(readings) - {i.code for i in indicators.indicators()})
    if stray:
        raise InvalidInput(f"读数中有指标集之外的编码：{'、'.join(stray)}")
    groups = tuple(_group_score(group, indicators, readings, versions or {}) for group in indicators.groups)
    base_groups = [g for g in groups if g.role is GroupRole.BASE]
    base = sum((g.points for g in base_groups), Decimal(0))
    available = sum((g.available for g in base_groups), Decimal(0))
    bonus = sum((g.points for g in groups if g.role is GroupRole.BONUS), Decimal(0))
    notes: list[str] = []
    scaled: Decimal | None = None
    if available > 0:
        scaled = rounded(Fraction(base) * Fraction(indicators.full) / Fraction(available), indicators.places)
    missing = [leaf for g in base_groups for leaf in g.leaves() if leaf.points is None]
    if missing:
        notes.append(_missing_note(missing, base, available, indicators.full, scaled))
    notes += [g.note for g in groups if g.note]
    total = None if scaled is None else scaled + bonus
    ceilings = [leaf for g in groups for leaf in g.leaves() if leaf.ceiling is not None]
    for leaf in ceilings:
        if total is not None and leaf.ceiling is not None and total > leaf.ceiling:
            total = rounded(leaf.ceiling, indicators.places)
            notes.append(f"指标 {leaf.code}“{leaf.name}”触发一票否决，总分以 {show(leaf.ceiling)} 分为限")
    return SetScore(total, base, available, indicators.full, scaled, bonus, groups, tuple(notes))


def _missing_note(
    missing: list[IndicatorScore], base: Decimal, available: Decimal, full: Decimal, scaled: Decimal | None
) -> str:
    listed = f"{len(missing)} 项指标没有数据（{'、'.join(leaf.code for leaf in missing)}），不计分也不按零分处理"
    if scaled is None:
        return f"{listed}；全部基础指标都没有数据，不能给出总分"
    return (
        f"{listed}；其余指标满分合计 {show(available)} 分、得 {format(base, 'f')} 分，"
        f"按 {show(full)} 分折算为 {format(scaled, 'f')} 分"
    )


def _group_score(
    group: Group, indicators: IndicatorSet, readings: Mapping[str, Reading], versions: Mapping[str, str]
) -> GroupScore:
    children: list[GroupScore | IndicatorScore] = []
    for child in group.children:
        if isinstance(child, Group):
            children.append(_group_score(child, indicators, readings, versions))
        else:
            reading = readings.get(child.code, Reading.absent(NOT_READ))
            version = versions.get(child.code, f"{indicators.key}@{indicators.edition}/{child.code}v{child.version}")
            children.append(_indicator_score(child, reading, version, indicators.places))
    points = sum((_points(child) for child in children), Decimal(0)).quantize(Decimal(1).scaleb(-indicators.places))
    note = ""
    if group.cap is not None and points > group.cap:
        note = f"“{group.name}”合计 {format(points, 'f')} 分，按上限计 {show(group.cap)} 分"
        points = rounded(group.cap, indicators.places)
    available = sum((child.available for child in children), Decimal(0))
    return GroupScore(group.code, group.name, group.weight, group.role, points, available, tuple(children), note)


def _points(node: GroupScore | IndicatorScore) -> Decimal:
    return node.points if node.points is not None else Decimal(0)


def _indicator_score(indicator: Indicator, reading: Reading, version: str, places: int) -> IndicatorScore:
    points: Decimal | None = None
    ceiling: Decimal | None = None
    if reading.has_data:
        try:
            outcome = indicator.function.score(reading, indicator.weight)
        except DomainError as error:
            raise InvalidInput(f"指标 {indicator.code}“{indicator.name}”：{error.message}", hint=error.hint) from error
        points, ceiling = rounded(outcome.points, places), outcome.ceiling
        fact = reading.told(indicator.statement) or outcome.text
        explanation = f"{fact}，得 {format(points, 'f')}/{show(indicator.weight)} 分"
    else:
        explanation = f"没有数据：{reading.missing}"
    return IndicatorScore(
        code=indicator.code,
        name=indicator.name,
        full=indicator.weight,
        points=points,
        reading=reading,
        formula=indicator.formula,
        formula_version=version,
        sentence=indicator.sentence(),
        explanation=explanation,
        source=indicator.source_label,
        ceiling=ceiling,
    )
