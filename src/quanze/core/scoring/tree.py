"""指标树：一级、二级（可有三级）指标，权重与加分组。

Weights in the tree are always points of the full mark; a pack that states percentages of the level above is multiplied
out when it is read. The bonus group stands on top of the full mark and is capped; it is never part of re-normalisation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from quanze.core.errors import Defect, InvalidInput, RulesNotMet
from quanze.core.scoring.functions import Blend, ScoreFunction
from quanze.core.scoring.numbers import rounded, show


class GroupRole(StrEnum):
    """组的作用：基础分或加分。"""

    BASE = "base"
    BONUS = "bonus"


class SourceKind(StrEnum):
    """取值来源：自动、自评、人工。"""

    AUTOMATIC = "A"
    SELF = "S"
    MANUAL = "M"

    @property
    def label(self) -> str:
        return {"A": "自动", "S": "自评", "M": "人工"}[self.value]


class Weighting(StrEnum):
    """权重写法：直接写分，或写占上一级的百分比。"""

    POINTS = "points"
    PERCENT = "percent"


@dataclass(frozen=True)
class Indicator:
    """末级指标：满分、来源、数据项、公式一句话、所需数据与计分函数。"""

    code: str
    name: str
    weight: Decimal
    sources: tuple[SourceKind, ...]
    function: ScoreFunction
    formula: str
    needs: str
    metric: str = ""
    statement: str = ""
    name_origin: str = ""
    version: int = 1

    @property
    def is_automatic(self) -> bool:
        """是否全自动：无需任何人填报。"""
        return self.sources == (SourceKind.AUTOMATIC,)

    @property
    def source_label(self) -> str:
        return "＋".join(s.label for s in self.sources)

    def metrics(self) -> dict[str, str]:
        """自动取数的数据项：部分的键 → 数据项的键；整项一个数据项时部分的键为空。"""
        if self.metric:
            return {"": self.metric}
        parts = self.function.parts if isinstance(self.function, Blend) else ()
        return {part.key: part.metric for part in parts if part.metric}

    def sentence(self) -> str:
        """计分办法的一句话。"""
        return self.function.sentence(self.weight)


@dataclass(frozen=True)
class Group:
    """上级指标：权重等于下级之和；加分组另有总上限 cap。"""

    code: str
    name: str
    weight: Decimal
    children: tuple[Group | Indicator, ...]
    role: GroupRole = GroupRole.BASE
    cap: Decimal | None = None

    def indicators(self) -> Iterator[Indicator]:
        for child in self.children:
            if isinstance(child, Group):
                yield from child.indicators()
            else:
                yield child

    def only(self, weights: Mapping[str, Decimal]) -> Group | None:
        """只留 weights 中的末级指标并换上所给权重；一个不留则为 None。"""
        kept: list[Group | Indicator] = []
        for child in self.children:
            if isinstance(child, Group):
                inner = child.only(weights)
                if inner is not None:
                    kept.append(inner)
            elif child.code in weights:
                kept.append(replace(child, weight=weights[child.code]))
        if not kept:
            return None
        return replace(self, children=tuple(kept), weight=sum((c.weight for c in kept), Decimal(0)))


@dataclass(frozen=True)
class IndicatorSet:
    """指标集：一套可计分的指标，full 为基础满分，places 为得分小数位数。"""

    key: str
    edition: str
    name: str
    full: Decimal
    places: int
    groups: tuple[Group, ...]
    source: str = ""

    def indicators(self) -> Iterator[Indicator]:
        for group in self.groups:
            yield from group.indicators()

    def base_indicators(self) -> Iterator[Indicator]:
        for group in self.groups:
            if group.role is GroupRole.BASE:
                yield from group.indicators()

    def indicator(self, code: str) -> Indicator:
        found = next((i for i in self.indicators() if i.code == code), None)
        if found is None:
            raise InvalidInput(f"指标集“{self.name}”中没有编码为“{code}”的指标")
        return found

    def automatic_share(self) -> tuple[int, int]:
        """全自动指标数与指标总数。"""
        indicators = list(self.indicators())
        return sum(i.is_automatic for i in indicators), len(indicators)

    def check(self) -> None:
        """核对：编码不重、各级权重等于下级之和、基础分合计等于满分、加分有上限。"""
        defects = [Defect("duplicate_code", f"编码“{code}”重复") for code in _duplicates(self)]
        base = Decimal(0)
        for group in self.groups:
            defects += _group_defects(group, self.places)
            if group.role is GroupRole.BASE:
                base += group.weight
            elif group.cap is None:
                defects.append(Defect("bonus_without_cap", f"加分组“{group.name}”没有写明上限 cap"))
        if base != self.full:
            text = f"基础指标权重合计 {show(base)}，应为 {show(self.full)}"
            defects.append(Defect("weights_do_not_sum", text))
        if defects:
            message = f"指标集“{self.name}”有 {len(defects)} 处不符：" + "；".join(d.message for d in defects)
            raise RulesNotMet(message, defects=defects, hint="请逐处改正后再保存。")


def _duplicates(indicators: IndicatorSet) -> list[str]:
    seen: set[str] = set()
    repeated: list[str] = []

    def visit(node: Group | Indicator) -> None:
        if node.code in seen:
            repeated.append(node.code)
        seen.add(node.code)
        if isinstance(node, Group):
            for child in node.children:
                visit(child)

    for group in indicators.groups:
        visit(group)
    return repeated


def _group_defects(group: Group, places: int) -> list[Defect]:
    total = sum((child.weight for child in group.children), Decimal(0))
    defects: list[Defect] = []
    # Bonus marks may add to more than the group is worth: the cap decides what counts.
    if group.role is GroupRole.BASE and total != group.weight:
        text = f"“{group.name}”权重 {show(group.weight)}，下级合计 {show(total)}"
        defects.append(Defect("weights_do_not_sum", text))
    for child in group.children:
        if child.weight <= 0:
            defects.append(Defect("weight_not_positive", f"“{child.name}”的权重必须大于零"))
        if isinstance(child, Group):
            defects += _group_defects(child, places)
    return defects


def select(source: IndicatorSet, weights: Mapping[str, Decimal], *, name: str) -> IndicatorSet:
    """任意组合：取所选指标、用所给权重组成新的指标集；合计不等于满分即不予通过。"""
    unknown = sorted(set(weights) - {i.code for i in source.indicators()})
    if unknown:
        raise InvalidInput(f"指标集“{source.name}”中没有这些编码：{'、'.join(unknown)}")
    if not weights:
        raise RulesNotMet("没有选择任何指标", hint="至少选择一项指标。", code="no_indicator_chosen")
    groups = tuple(kept for kept in (group.only(weights) for group in source.groups) if kept is not None)
    chosen = replace(source, name=name, groups=groups)
    base = sum((i.weight for i in chosen.base_indicators()), Decimal(0))
    if base != source.full:
        raise RulesNotMet(
            f"所选指标权重合计 {show(base)} 分，应为 {show(source.full)} 分，"
            f"{'还差' if base < source.full else '多出'} {show(abs(source.full - base))} 分",
            hint="调整各指标权重，或使用“按比例折算”。",
            code="weights_do_not_sum",
        )
    chosen.check()
    return chosen


def rescale(weights: Mapping[str, Decimal], full: Decimal, places: int = 2) -> dict[str, Decimal]:
    """按比例折算到满分：最大余数法，合计恰为满分。Ties go to the earlier entry, so the result is reproducible."""
    total = sum((Fraction(w) for w in weights.values()), Fraction(0))
    if total <= 0:
        raise RulesNotMet("所选指标的权重合计为零，无法折算", hint="先给出各指标的权重。")
    unit = Fraction(1, 10**places)
    exact = {code: Fraction(w) * Fraction(full) / total for code, w in weights.items()}
    floors = {code: value // unit for code, value in exact.items()}
    spare = int(Fraction(full) / unit) - sum(floors.values())
    by_remainder = sorted(exact, key=lambda code: exact[code] % unit, reverse=True)
    for code in by_remainder[:spare]:
        floors[code] += 1
    return {code: rounded(floors[code] * unit, places) for code in weights}
