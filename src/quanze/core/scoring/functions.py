"""计分函数：有类型的数据，不是代码；每个函数都能用一句中文说清自己。

No expression from a user is ever evaluated: what a pack may say is one of the kinds below with its numbers. A function
turns a reading into points between 0 and the full mark; it never rounds (the tree does, once) and never sees a missing
reading (the tree leaves those out).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from quanze.core.errors import InvalidInput
from quanze.core.scoring.numbers import show, show_in
from quanze.core.scoring.readings import Reading


@dataclass(frozen=True, slots=True)
class Outcome:
    """计分结果：未舍入的分、过程说明；``ceiling`` 为一票否决时总分的上限。"""

    points: Fraction
    text: str
    ceiling: Decimal | None = None


class ScoreFunction(ABC):
    """计分函数的共同样子。"""

    kind: ClassVar[str]

    @abstractmethod
    def score(self, reading: Reading, full: Decimal) -> Outcome:
        """按读数与满分计分；读数形式不符时报 InvalidInput。"""

    @abstractmethod
    def sentence(self, full: Decimal) -> str:
        """计分办法的一句话。"""


def _amount(reading: Reading, kind: str) -> Fraction:
    amount = reading.amount
    if amount is None:
        raise InvalidInput(
            f"“{kind}”计分需要一个数值或比率，而所给读数没有", hint="检查该指标所用的数据项与计分方式是否相配。"
        )
    return amount


def _clamped(share: Fraction) -> Fraction:
    return min(max(share, Fraction(0)), Fraction(1))


@dataclass(frozen=True, slots=True)
class Proportional(ScoreFunction):
    """按比例：得分 = 满分 × 比率 ÷ 目标值，不超过满分。"""

    kind: ClassVar[str] = "proportional"
    target: Decimal = Decimal(1)
    unit: str = "%"

    def score(self, reading: Reading, full: Decimal) -> Outcome:
        amount = _amount(reading, "按比例")
        return Outcome(Fraction(full) * _clamped(amount / Fraction(self.target)), f"达到 {show_in(amount, self.unit)}")

    def sentence(self, full: Decimal) -> str:
        return f"按比例计分：达到 {show_in(self.target, self.unit)} 得满分 {show(full)} 分，其余按比例折算"


@dataclass(frozen=True, slots=True)
class Linear(ScoreFunction):
    """线性：两点之间直线内插，两端封顶保底；zero_at 可以大于 full_at（逆向指标）。"""

    kind: ClassVar[str] = "linear"
    zero_at: Decimal
    full_at: Decimal
    unit: str = "%"

    def score(self, reading: Reading, full: Decimal) -> Outcome:
        amount = _amount(reading, "线性")
        low, high = Fraction(self.zero_at), Fraction(self.full_at)
        return Outcome(Fraction(full) * _clamped((amount - low) / (high - low)), f"为 {show_in(amount, self.unit)}")

    def sentence(self, full: Decimal) -> str:
        return (
            f"线性计分：{show_in(self.full_at, self.unit)} 得满分 {show(full)} 分，"
            f"{show_in(self.zero_at, self.unit)} 得 0 分，其间按直线折算"
        )


@dataclass(frozen=True, slots=True)
class Band:
    """一档：下限、上限及其开闭，与得分占满分的份额；限为空表示无限。"""

    share: Decimal
    low: Decimal | None = None
    is_low_closed: bool = True
    high: Decimal | None = None
    is_high_closed: bool = False

    def holds(self, amount: Fraction) -> bool:
        if self.low is not None:
            low = Fraction(self.low)
            if amount < low or (amount == low and not self.is_low_closed):
                return False
        if self.high is not None:
            high = Fraction(self.high)
            if amount > high or (amount == high and not self.is_high_closed):
                return False
        return True

    def label(self, unit: str) -> str:
        low = "" if self.low is None else f"{show_in(self.low, unit)}{'≦' if self.is_low_closed else '＜'}"
        high = "" if self.high is None else f"{'≦' if self.is_high_closed else '＜'}{show_in(self.high, unit)}"
        return f"{low}数值{high}"


@dataclass(frozen=True, slots=True)
class Bands(ScoreFunction):
    """分档：落在哪一档得哪一档的分；都不落则用 otherwise。Bands never overlap: the parser refuses that."""

    kind: ClassVar[str] = "bands"
    bands: tuple[Band, ...]
    otherwise: Decimal
    unit: str = "%"

    def score(self, reading: Reading, full: Decimal) -> Outcome:
        amount = _amount(reading, "分档")
        for band in self.bands:
            if band.holds(amount):
                text = f"为 {show_in(amount, self.unit)}，落在“{band.label(self.unit)}”一档"
                return Outcome(Fraction(full) * Fraction(band.share), text)
        return Outcome(Fraction(full) * Fraction(self.otherwise), f"为 {show_in(amount, self.unit)}，属其他情形")

    def sentence(self, full: Decimal) -> str:
        listed = "；".join(f"{b.label(self.unit)} 得 {show(full * b.share)} 分" for b in self.bands)
        return f"分档计分：{listed}；其他情形得 {show(full * self.otherwise)} 分"


@dataclass(frozen=True, slots=True)
class CaseKind:
    """一类情形：键、名称、每件分值、计数单位。"""

    key: str
    label: str
    points: Decimal
    unit: str = "件"


def _case_points(reading: Reading, kinds: tuple[CaseKind, ...], what: str) -> tuple[Fraction, str]:
    """各类件数乘分值之和，与说明。A single kind also takes a plain number."""
    if not reading.counts and len(kinds) == 1:
        amounts = {kinds[0].key: _amount(reading, what)}
    elif not reading.counts:
        raise InvalidInput(f"“{what}”计分需要各类情形的件数，而所给读数没有")
    else:
        amounts = {key: Fraction(n) for key, n in reading.counts.items()}
    unknown = sorted(amounts.keys() - {k.key for k in kinds})
    if unknown:
        raise InvalidInput(
            f"“{what}”计分遇到未定义的情形：{'、'.join(unknown)}", hint="在指标中补上该情形的分值，或更正读数。"
        )
    negative = [key for key, n in amounts.items() if n < 0]
    if negative:
        raise InvalidInput(f"件数不能为负：{'、'.join(sorted(negative))}")
    total = sum((amounts.get(k.key, Fraction(0)) * Fraction(k.points) for k in kinds), Fraction(0))
    text = "、".join(f"{k.label} {show(amounts.get(k.key, Fraction(0)))} {k.unit}" for k in kinds)
    return total, text


@dataclass(frozen=True, slots=True)
class DeductPerCase(ScoreFunction):
    """逐件扣分：自满分起扣，扣到上限（未写则扣完）为止。"""

    kind: ClassVar[str] = "deduct_per_case"
    kinds: tuple[CaseKind, ...]
    cap: Decimal | None = None

    def score(self, reading: Reading, full: Decimal) -> Outcome:
        lost, text = _case_points(reading, self.kinds, "逐件扣分")
        lost = min(lost, Fraction(full if self.cap is None else min(self.cap, full)))
        return Outcome(Fraction(full) - lost, f"{text}，共扣 {show(lost)} 分")

    def sentence(self, full: Decimal) -> str:
        rates = "、".join(f"{k.label}每{k.unit}扣 {show(k.points)} 分" for k in self.kinds)
        limit = "扣完为止" if self.cap is None or self.cap >= full else f"最多扣 {show(self.cap)} 分"
        return f"扣分制：满分 {show(full)} 分，{rates}，{limit}"


@dataclass(frozen=True, slots=True)
class BonusPerCase(ScoreFunction):
    """逐件加分：自零起加，加到上限（不超过本项满分）为止。"""

    kind: ClassVar[str] = "bonus_per_case"
    kinds: tuple[CaseKind, ...]
    cap: Decimal | None = None

    def score(self, reading: Reading, full: Decimal) -> Outcome:
        won, text = _case_points(reading, self.kinds, "逐件加分")
        return Outcome(min(won, Fraction(full if self.cap is None else min(self.cap, full))), text)

    def sentence(self, full: Decimal) -> str:
        rates = "、".join(f"{k.label}每{k.unit}加 {show(k.points)} 分" for k in self.kinds)
        return f"加分制：{rates}，最多加 {show(full if self.cap is None else min(self.cap, full))} 分"


@dataclass(frozen=True, slots=True)
class Floor(ScoreFunction):
    """底线：低于底线得 0 分，达到底线后按比率计分。The step at the floor is meant; without one use Linear."""

    kind: ClassVar[str] = "floor"
    floor: Decimal
    unit: str = "%"

    def score(self, reading: Reading, full: Decimal) -> Outcome:
        amount = _amount(reading, "底线")
        if amount < Fraction(self.floor):
            return Outcome(Fraction(0), f"为 {show_in(amount, self.unit)}，低于底线 {show_in(self.floor, self.unit)}")
        return Outcome(Fraction(full) * _clamped(amount), f"为 {show_in(amount, self.unit)}")

    def sentence(self, full: Decimal) -> str:
        floor = show_in(self.floor, self.unit)
        return f"底线计分：低于 {floor} 得 0 分；达到 {floor} 后按比率计分，满分 {show(full)} 分"


@dataclass(frozen=True, slots=True)
class Choice:
    """一个档次：键、名称、占满分的份额。"""

    key: str
    label: str
    share: Decimal


@dataclass(frozen=True, slots=True)
class GradedChoice(ScoreFunction):
    """选档：评估人在列明的档次中选一档。"""

    kind: ClassVar[str] = "graded_choice"
    choices: tuple[Choice, ...]

    def score(self, reading: Reading, full: Decimal) -> Outcome:
        chosen = next((c for c in self.choices if c.key == reading.choice), None)
        if chosen is None:
            names = "、".join(f"{c.key}（{c.label}）" for c in self.choices)
            raise InvalidInput(f"没有“{reading.choice}”这一档", hint=f"可选：{names}。")
        return Outcome(Fraction(full) * Fraction(chosen.share), f"评为“{chosen.label}”")

    def sentence(self, full: Decimal) -> str:
        return "选档计分：" + "、".join(f"{c.label}得 {show(full * c.share)} 分" for c in self.choices)


@dataclass(frozen=True, slots=True)
class Veto(ScoreFunction):
    """一票否决：达到件数即本项得 0 分，并可为总分设上限。"""

    kind: ClassVar[str] = "veto"
    at_least: Decimal = Decimal(1)
    total_ceiling: Decimal | None = None

    def score(self, reading: Reading, full: Decimal) -> Outcome:
        amount = _amount(reading, "一票否决")
        if amount >= Fraction(self.at_least):
            return Outcome(Fraction(0), f"发生 {show(amount)} 起，触发一票否决", self.total_ceiling)
        return Outcome(Fraction(full), f"发生 {show(amount)} 起，未触发一票否决")

    def sentence(self, full: Decimal) -> str:
        ceiling = "" if self.total_ceiling is None else f"，且总分不超过 {show(self.total_ceiling)} 分"
        return f"一票否决：发生 {show(self.at_least)} 起及以上，本项得 0 分{ceiling}；未发生得满分 {show(full)} 分"


@dataclass(frozen=True, slots=True)
class Manual(ScoreFunction):
    """人工评分：评估组在 0 与满分之间直接给分，按 guidance 掌握。"""

    kind: ClassVar[str] = "manual"
    guidance: str = ""

    def score(self, reading: Reading, full: Decimal) -> Outcome:
        amount = _amount(reading, "人工评分")
        if not 0 <= amount <= Fraction(full):
            raise InvalidInput(f"给分 {show(amount)} 超出范围", hint=f"请在 0 到 {show(full)} 分之间给分。")
        return Outcome(amount, "评估组评定")

    def sentence(self, full: Decimal) -> str:
        return f"人工评分：评估组在 0 至 {show(full)} 分之间评定" + (f"；{self.guidance}" if self.guidance else "")


@dataclass(frozen=True, slots=True)
class BlendPart:
    """组合的一部分：键、名称、份额、计分函数、自动取数的数据项（空为人工），以及说出读数的事实句式。"""

    key: str
    label: str
    share: Decimal
    function: ScoreFunction
    metric: str = ""
    statement: str = ""


@dataclass(frozen=True, slots=True)
class Blend(ScoreFunction):
    """加权组合：各部分分别计分后按份额相加；缺数据的部分略去，其余份额按比例放大并写明。"""

    kind: ClassVar[str] = "blend"
    parts: tuple[BlendPart, ...]

    def score(self, reading: Reading, full: Decimal) -> Outcome:
        present = [p for p in self.parts if p.key in reading.parts and reading.parts[p.key].has_data]
        if not present:
            raise InvalidInput("组合计分的各部分都没有读数")
        weight = sum((Fraction(p.share) for p in present), Fraction(0))
        points, texts, ceilings = Fraction(0), [], []
        for part in present:
            outcome = part.function.score(reading.parts[part.key], full)
            points += outcome.points * Fraction(part.share) / weight
            texts.append(reading.parts[part.key].told(part.statement) or f"{part.label}{outcome.text}")
            if outcome.ceiling is not None:
                ceilings.append(outcome.ceiling)
        absent = [p.label for p in self.parts if p not in present]
        if absent:
            texts.append(f"{'、'.join(absent)}无数据，份额由其余部分按比例分担")
        return Outcome(points, "；".join(texts), min(ceilings) if ceilings else None)

    def sentence(self, full: Decimal) -> str:
        listed = "；".join(f"{p.label}占 {show_in(p.share, '%')}（{p.function.sentence(full)}）" for p in self.parts)
        return f"组合计分：{listed}"
