"""由数据读出计分函数与指标树：YAML 读入的字典逐项核对，错处说明在哪一项。

Every mapping is read through ``Fields``, which refuses keys it does not know: a misspelt key in a pack must not
silently become a default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar

from quanze.core.errors import InvalidInput
from quanze.core.scoring import functions as fn
from quanze.core.scoring.numbers import decimal
from quanze.core.scoring.tree import Group, GroupRole, Indicator, IndicatorSet, SourceKind, Weighting

E = TypeVar("E", bound=StrEnum)


class Fields:
    """一个字典的受控读取；``where`` 是它在文件中的位置，用于报错。"""

    def __init__(self, data: object, where: str) -> None:
        if not isinstance(data, Mapping):
            raise InvalidInput(f"{where}应当是“键: 值”的一组，实际为“{data}”")
        self._data = {str(key): value for key, value in data.items()}
        self._left = set(self._data)
        self.where = where

    def take(self, key: str, default: object = None) -> object:
        self._left.discard(key)
        return self._data.get(key, default)

    def text(self, key: str, *, required: bool = True) -> str:
        value = self.take(key)
        if value is None or not str(value).strip():
            if required:
                raise InvalidInput(f"{self.where}缺少“{key}”", hint=f"补上“{key}”后再导入。")
            return ""
        return str(value).strip()

    def number(self, key: str) -> Decimal:
        value = self.take(key)
        if value is None:
            raise InvalidInput(f"{self.where}缺少“{key}”", hint=f"补上“{key}”后再导入。")
        return decimal(value, where=f"{self.where}的“{key}”")

    def maybe_number(self, key: str) -> Decimal | None:
        value = self.take(key)
        return None if value is None else decimal(value, where=f"{self.where}的“{key}”")

    def rows(self, key: str) -> list[object]:
        value = self.take(key)
        if not isinstance(value, list) or not value:
            raise InvalidInput(f"{self.where}的“{key}”应当是至少一行的列表")
        return value

    def done(self) -> None:
        if self._left:
            unknown = "、".join(sorted(self._left))
            raise InvalidInput(f"{self.where}有不认识的键：{unknown}", hint="检查拼写；不认识的键不会被忽略。")


def function_from(data: object, where: str) -> fn.ScoreFunction:
    """由字典得计分函数，``kind`` 定种类。"""
    fields = Fields(data, where)
    kind = fields.text("kind")
    reader = _READERS.get(kind)
    if reader is None:
        raise InvalidInput(f"{where}的计分方式“{kind}”不存在", hint=f"可用：{'、'.join(_READERS)}。")
    function = reader(fields)
    fields.done()
    return function


def _unit(fields: Fields) -> str:
    return fields.text("unit", required=False) or "%"


def _proportional(fields: Fields) -> fn.ScoreFunction:
    target = fields.maybe_number("target")
    if target is not None and target <= 0:
        raise InvalidInput(f"{fields.where}的“target”必须大于零")
    return fn.Proportional(target=Decimal(1) if target is None else target, unit=_unit(fields))


def _linear(fields: Fields) -> fn.ScoreFunction:
    zero_at, full_at = fields.number("zero_at"), fields.number("full_at")
    if zero_at == full_at:
        raise InvalidInput(f"{fields.where}的“zero_at”与“full_at”不能相同")
    return fn.Linear(zero_at=zero_at, full_at=full_at, unit=_unit(fields))


def _band(data: object, where: str) -> fn.Band:
    fields = Fields(data, where)
    closed_low, open_low = fields.maybe_number("from"), fields.maybe_number("above")
    closed_high, open_high = fields.maybe_number("up_to"), fields.maybe_number("below")
    if closed_low is not None and open_low is not None:
        raise InvalidInput(f"{where}的下限“from”（含）与“above”（不含）只能写一个")
    if closed_high is not None and open_high is not None:
        raise InvalidInput(f"{where}的上限“up_to”（含）与“below”（不含）只能写一个")
    band = fn.Band(
        share=_share(fields, "share"),
        low=open_low if closed_low is None else closed_low,
        is_low_closed=open_low is None,
        high=open_high if closed_high is None else closed_high,
        is_high_closed=closed_high is not None,
    )
    fields.done()
    if band.low is not None and band.high is not None:
        is_point = band.low == band.high and band.is_low_closed and band.is_high_closed
        if band.low >= band.high and not is_point:
            raise InvalidInput(f"{where}的下限不小于上限，这一档是空的")
    return band


def _share(fields: Fields, key: str) -> Decimal:
    share = fields.number(key)
    if not 0 <= share <= 1:
        raise InvalidInput(f"{fields.where}的“{key}”应在 0 到 1（0% 到 100%）之间，实际为 {share}")
    return share


def _bands(fields: Fields) -> fn.ScoreFunction:
    bands = tuple(_band(row, f"{fields.where}第 {n} 档") for n, row in enumerate(fields.rows("bands"), 1))
    for n, first in enumerate(bands):
        for second in bands[n + 1 :]:
            if _overlap(first, second):
                raise InvalidInput(f"{fields.where}的档次重叠：{first.label('')}与{second.label('')}")
    return fn.Bands(bands=bands, otherwise=_share(fields, "otherwise"), unit=_unit(fields))


def _overlap(first: fn.Band, second: fn.Band) -> bool:
    """两档是否有共同的值。Enough to test ends and the middles between them: bands are intervals."""
    ends = [Fraction(x) for band in (first, second) for x in (band.low, band.high) if x is not None]
    ends.sort()
    middles = [(a + b) / 2 for a, b in pairwise(ends)]
    outside = [ends[0] - 1, ends[-1] + 1] if ends else [Fraction(0)]
    return any(first.holds(x) and second.holds(x) for x in [*ends, *middles, *outside])


def _case_unit(fields: Fields) -> str:
    return fields.text("case_unit", required=False) or "件"


def _kinds(fields: Fields, default_label: str) -> tuple[fn.CaseKind, ...]:
    per = fields.maybe_number("per")
    if per is not None:
        label = fields.text("case", required=False) or default_label
        kinds: tuple[fn.CaseKind, ...] = (fn.CaseKind("cases", label, per, _case_unit(fields)),)
    else:
        found = []
        for n, row in enumerate(fields.rows("cases"), 1):
            case = Fields(row, f"{fields.where}第 {n} 类情形")
            found.append(fn.CaseKind(case.text("key"), case.text("label"), case.number("points"), _case_unit(case)))
            case.done()
        kinds = tuple(found)
    if any(kind.points <= 0 for kind in kinds):
        raise InvalidInput(f"{fields.where}的每件分值必须大于零")
    if len({kind.key for kind in kinds}) != len(kinds):
        raise InvalidInput(f"{fields.where}的情形键重复")
    return kinds


def _cap(fields: Fields) -> Decimal | None:
    cap = fields.maybe_number("cap")
    if cap is not None and cap <= 0:
        raise InvalidInput(f"{fields.where}的“cap”必须大于零")
    return cap


def _deduct(fields: Fields) -> fn.ScoreFunction:
    return fn.DeductPerCase(kinds=_kinds(fields, "问题"), cap=_cap(fields))


def _bonus(fields: Fields) -> fn.ScoreFunction:
    return fn.BonusPerCase(kinds=_kinds(fields, "加分事项"), cap=_cap(fields))


def _floor(fields: Fields) -> fn.ScoreFunction:
    return fn.Floor(floor=fields.number("floor"), unit=_unit(fields))


def _choice(fields: Fields) -> fn.ScoreFunction:
    choices = []
    for n, row in enumerate(fields.rows("choices"), 1):
        choice = Fields(row, f"{fields.where}第 {n} 个档次")
        choices.append(fn.Choice(choice.text("key"), choice.text("label"), _share(choice, "share")))
        choice.done()
    if len({c.key for c in choices}) != len(choices):
        raise InvalidInput(f"{fields.where}的档次键重复")
    return fn.GradedChoice(choices=tuple(choices))


def _veto(fields: Fields) -> fn.ScoreFunction:
    at_least = fields.maybe_number("at_least")
    return fn.Veto(
        at_least=Decimal(1) if at_least is None else at_least, total_ceiling=fields.maybe_number("total_ceiling")
    )


def _manual(fields: Fields) -> fn.ScoreFunction:
    return fn.Manual(guidance=fields.text("guidance", required=False))


def _blend(fields: Fields) -> fn.ScoreFunction:
    parts = []
    for n, row in enumerate(fields.rows("parts"), 1):
        part = Fields(row, f"{fields.where}第 {n} 部分")
        function = function_from(part.take("score"), f"{part.where}的计分")
        key, label, share = part.text("key"), part.text("label"), part.number("share")
        metric, statement = part.text("metric", required=False), part.text("statement", required=False)
        parts.append(fn.BlendPart(key, label, share, function, metric, statement))
        part.done()
    if sum(p.share for p in parts) != 1 or any(p.share <= 0 for p in parts):
        raise InvalidInput(f"{fields.where}各部分的份额必须为正且合计 100%")
    if len({p.key for p in parts}) != len(parts):
        raise InvalidInput(f"{fields.where}各部分的键重复")
    return fn.Blend(parts=tuple(parts))


_READERS: dict[str, Callable[[Fields], fn.ScoreFunction]] = {
    "proportional": _proportional,
    "linear": _linear,
    "bands": _bands,
    "deduct_per_case": _deduct,
    "bonus_per_case": _bonus,
    "floor": _floor,
    "graded_choice": _choice,
    "veto": _veto,
    "manual": _manual,
    "blend": _blend,
}


def indicator_set_from(data: object, where: str = "指标包") -> IndicatorSet:
    """由字典得指标集并核对：权重相符、编码不重、计分方式完整。"""
    fields = Fields(data, where)
    key, edition = fields.text("key"), fields.text("edition")
    weighting = _one_of(Weighting, fields.text("weighting", required=False) or "points", f"{where}的“weighting”")
    full = fields.number("full")
    places = fields.number("places")
    if places != int(places) or not 0 <= places <= 4:
        raise InvalidInput(f"{where}的“places”应是 0 到 4 的整数，实际为 {places}")
    groups = tuple(
        _group(row, f"{where}第 {n} 个一级指标", weighting, full) for n, row in enumerate(fields.rows("groups"), 1)
    )
    result = IndicatorSet(
        key=key,
        edition=edition,
        name=fields.text("name"),
        full=full,
        places=int(places),
        groups=groups,
        source=fields.text("source", required=False),
    )
    fields.done()
    result.check()
    return result


def _one_of(kind: type[E], value: str, where: str) -> E:
    try:
        return kind(value)
    except ValueError as error:
        raise InvalidInput(f"{where}不能是“{value}”", hint=f"可用：{'、'.join(kind)}。") from error


def _group(data: object, where: str, weighting: Weighting, above: Decimal) -> Group:
    fields = Fields(data, where)
    code, name = fields.text("code"), fields.text("name")
    where = f"指标 {code}“{name}”"
    fields.where = where
    role = _one_of(GroupRole, fields.text("role", required=False) or "base", f"{where}的“role”")
    weight = fields.number("weight")
    worth = above * weight / 100 if weighting is Weighting.PERCENT else weight
    children: list[Group | Indicator] = []
    for n, row in enumerate(fields.rows("children"), 1):
        place = f"{where}第 {n} 个下级指标"
        is_group = isinstance(row, Mapping) and "children" in row
        children.append(_group(row, place, weighting, worth) if is_group else _indicator(row, place, weighting, worth))
    group = Group(
        code=code, name=name, weight=worth, role=role, cap=fields.maybe_number("cap"), children=tuple(children)
    )
    fields.done()
    return group


def _indicator(data: object, where: str, weighting: Weighting, above: Decimal) -> Indicator:
    fields = Fields(data, where)
    code, name = fields.text("code"), fields.text("name")
    where = f"指标 {code}“{name}”"
    fields.where = where
    weight = fields.number("weight")
    sources = tuple(_one_of(SourceKind, letter, f"{where}的“source”") for letter in fields.text("source").split("+"))
    version = fields.maybe_number("version")
    indicator = Indicator(
        code=code,
        name=name,
        weight=above * weight / 100 if weighting is Weighting.PERCENT else weight,
        sources=sources,
        metric=fields.text("metric", required=False),
        formula=fields.text("formula"),
        needs=fields.text("needs"),
        statement=fields.text("statement", required=False),
        name_origin=fields.text("name_origin", required=False),
        function=function_from(fields.take("score"), f"{where}的“score”"),
        version=1 if version is None else int(version),
    )
    fields.done()
    if SourceKind.AUTOMATIC in sources and not indicator.metrics():
        raise InvalidInput(f"{where}是自动取数的指标，必须写明“metric”", hint="写上数据项的键，或把来源改为 S 或 M。")
    return indicator
