"""参数定义：由各应用的 ``packs/parameters.yaml`` 登记，含中文名、类型、范围与历次法定值。

Pack form::

    parameters:
      - code: adjustment_workdays
        label: 动态调整期限（工作日）
        kind: int            # int | decimal | text | list
        minimum: 1           # optional
        maximum: 60          # optional
        values:
          - {valid_from: 2000-01-01, value: 15, source: …}
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal

import yaml

from quanze.core.errors import InvalidInput
from quanze.core.periods import Dated

Kind = Literal["int", "decimal", "text", "list"]
Value = int | Decimal | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ParameterDefinition:
    """参数定义。``shipped`` are the values of the pack, oldest first."""

    code: str
    label: str
    kind: Kind
    shipped: tuple[Dated[Value], ...]
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    unit: str = ""
    note: str = ""

    def parse(self, raw: object) -> Value:
        """把输入读成本参数的值；读不懂或越界则说明如何改。"""
        if self.kind == "text":
            return str(raw)
        if self.kind == "list":
            parts = raw if isinstance(raw, list | tuple) else str(raw).splitlines()
            return tuple(str(part).strip() for part in parts if str(part).strip())
        number = self._number(raw)
        for limit, is_out, word in (
            (self.minimum, self.minimum is not None and number < self.minimum, "不得小于"),
            (self.maximum, self.maximum is not None and number > self.maximum, "不得大于"),
        ):
            if is_out:
                raise InvalidInput(f"“{self.label}”{word} {limit}{self.unit}，收到 {number}", hint="请改为范围内的值。")
        return int(number) if self.kind == "int" else number

    def _number(self, raw: object) -> Decimal:
        try:
            number = Decimal(str(raw).strip())
        except InvalidOperation:
            raise InvalidInput(f"“{self.label}”须为数字，收到“{raw}”", hint="请填写阿拉伯数字。") from None
        if not number.is_finite() or (self.kind == "int" and number != number.to_integral_value()):
            raise InvalidInput(f"“{self.label}”须为整数，收到“{raw}”", hint="请填写整数。")
        return number


_definitions: dict[str, ParameterDefinition] = {}


def register_pack(path: Path) -> None:
    """登记一个参数包；代码重复或内容不全即报错。Called in AppConfig.ready."""
    pack: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    for entry in pack["parameters"]:
        _register(_definition(entry))


def definition(code: str) -> ParameterDefinition:
    """按代码取定义；未登记的代码是程序错误。"""
    if code not in _definitions:
        raise LookupError(f"参数 {code} 未登记：请在应用的 packs/parameters.yaml 中写明")
    return _definitions[code]


def definitions() -> tuple[ParameterDefinition, ...]:
    """全部定义，按代码排序。"""
    return tuple(_definitions[code] for code in sorted(_definitions))


def _register(item: ParameterDefinition) -> None:
    if item.code in _definitions:
        raise ValueError(f"参数 {item.code} 已登记为“{_definitions[item.code].label}”")
    _definitions[item.code] = item


def _definition(entry: dict[str, Any]) -> ParameterDefinition:
    bare = ParameterDefinition(
        code=entry["code"],
        label=entry["label"],
        kind=entry["kind"],
        shipped=(),
        minimum=_limit(entry.get("minimum")),
        maximum=_limit(entry.get("maximum")),
        unit=entry.get("unit", ""),
        note=entry.get("note", ""),
    )
    if bare.kind not in ("int", "decimal", "text", "list"):
        raise ValueError(f"参数 {bare.code} 的类型 {bare.kind} 不认识")
    shipped = tuple(_shipped(bare, entry["values"]))
    if not shipped:
        raise ValueError(f"参数 {bare.code} 没有任何值")
    return ParameterDefinition(
        bare.code, bare.label, bare.kind, shipped, bare.minimum, bare.maximum, bare.unit, bare.note
    )


def _shipped(bare: ParameterDefinition, values: Iterable[dict[str, Any]]) -> list[Dated[Value]]:
    shipped = []
    for value in values:
        valid_from = value["valid_from"]
        if not isinstance(valid_from, date) or not value.get("source"):
            raise ValueError(f"参数 {bare.code} 的每个值都要有生效日期与依据")
        shipped.append(Dated(valid_from, bare.parse(value["value"]), value["source"]))
    return sorted(shipped, key=lambda dated: dated.valid_from)


def _limit(raw: object) -> Decimal | None:
    return None if raw is None else Decimal(str(raw))
