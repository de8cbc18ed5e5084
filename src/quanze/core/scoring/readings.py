"""读数：一项指标在一个机构上量得的值。

“没有数据”不是零：a missing reading carries its reason and is left out of the score. A reading holds what the score
function needs and nothing else; the rows behind it travel beside it, in the evaluation app.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from quanze.core.scoring.numbers import show, show_in


@dataclass(frozen=True)
class Reading:
    """读数：比率（分子、分母）、数值、分类计数、所选档次或分部读数；``missing`` 非空表示没有数据及其原因。"""

    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    counts: Mapping[str, Decimal] = field(default_factory=dict)
    choice: str = ""
    parts: Mapping[str, Reading] = field(default_factory=dict)
    missing: str = ""

    @classmethod
    def ratio(
        cls, numerator: Decimal | int, denominator: Decimal | int, *, empty: str = "分母为零，无从计算"
    ) -> Reading:
        """比率。A zero denominator is no data: nothing was due, so nothing can be good or bad."""
        if denominator == 0:
            return cls.absent(empty)
        return cls(numerator=Decimal(numerator), denominator=Decimal(denominator))

    @classmethod
    def of(cls, value: Decimal | int | str) -> Reading:
        """一个数值（分数、件数、比率）。"""
        return cls(value=Decimal(value))

    @classmethod
    def tally(cls, counts: Mapping[str, Decimal | int]) -> Reading:
        """分类计数，如各级案例各几项。"""
        return cls(counts={kind: Decimal(n) for kind, n in counts.items()})

    @classmethod
    def chosen(cls, key: str) -> Reading:
        """选定的档次。"""
        return cls(choice=key)

    @classmethod
    def of_parts(cls, parts: Mapping[str, Reading]) -> Reading:
        """分部读数，供加权组合；各部都没有数据时整体没有数据。"""
        reasons = list(dict.fromkeys(part.missing for part in parts.values() if part.missing))
        if not any(part.has_data for part in parts.values()):
            return cls(parts=dict(parts), missing="；".join(reasons) or "各部分均无数据")
        return cls(parts=dict(parts))

    @classmethod
    def absent(cls, reason: str) -> Reading:
        """没有数据。"""
        return cls(missing=reason)

    @property
    def has_data(self) -> bool:
        return not self.missing

    @property
    def amount(self) -> Fraction | None:
        """用于计分的数：数值，或分子除以分母。"""
        if self.numerator is not None and self.denominator:
            return Fraction(self.numerator) / Fraction(self.denominator)
        return None if self.value is None else Fraction(self.value)

    def told(self, statement: str) -> str:
        """用事实句式（“{denominator} 项中 {numerator} 项已分解”）说出读数；填不满或无句式则为空。"""
        amount = self.amount
        shown = {
            "numerator": None if self.numerator is None else show(self.numerator),
            "denominator": None if self.denominator is None else show(self.denominator),
            "percent": None if amount is None else show_in(amount, "%"),
            "value": None if amount is None else show(amount),
        }
        text = statement
        for name, words in shown.items():
            if f"{{{name}}}" in text:
                if words is None:
                    return ""
                text = text.replace(f"{{{name}}}", words)
        return text

    def as_data(self) -> dict[str, object]:
        """可入库的形式：数一律为文本。"""
        data: dict[str, object] = {}
        for name in ("value", "numerator", "denominator"):
            number = getattr(self, name)
            if number is not None:
                data[name] = format(number, "f")
        if self.counts:
            data["counts"] = {kind: format(n, "f") for kind, n in sorted(self.counts.items())}
        if self.choice:
            data["choice"] = self.choice
        if self.parts:
            data["parts"] = {key: part.as_data() for key, part in sorted(self.parts.items())}
        if self.missing:
            data["missing"] = self.missing
        return data

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> Reading:
        """as_data() 的逆。"""

        def number(name: str) -> Decimal | None:
            return Decimal(str(data[name])) if name in data else None

        counts, parts = data.get("counts"), data.get("parts")
        return cls(
            value=number("value"),
            numerator=number("numerator"),
            denominator=number("denominator"),
            counts={str(k): Decimal(str(n)) for k, n in counts.items()} if isinstance(counts, Mapping) else {},
            choice=str(data.get("choice", "")),
            parts={str(k): cls.from_data(part) for k, part in parts.items()} if isinstance(parts, Mapping) else {},
            missing=str(data.get("missing", "")),
        )
