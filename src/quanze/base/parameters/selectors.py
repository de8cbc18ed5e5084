"""按日期读取参数。"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from quanze.base.parameters.definitions import ParameterDefinition, Value, definition
from quanze.base.parameters.models import ParameterValue, ParameterVersion
from quanze.core.periods import Dated, as_of

_cache: dict[str, dict[str, tuple[Dated[Value], ...]]] = {}


@dataclass(frozen=True, slots=True)
class ParameterHistoryRow:
    """参数的一个历史值。``is_shipped`` means that it came with the system."""

    valid_from: date
    value: Value
    source: str
    is_shipped: bool
    set_by_name: str
    at: datetime | None


def value_int(code: str, *, on: date) -> int:
    """某日有效的整数值。"""
    value = _value(code, on, "int")
    assert isinstance(value, int)
    return value


def value_decimal(code: str, *, on: date) -> Decimal:
    """某日有效的小数值；整数参数也可以这样读。"""
    item = definition(code)
    value = _value(code, on, item.kind if item.kind in ("int", "decimal") else "decimal")
    assert isinstance(value, int | Decimal)
    return Decimal(value)


def value_text(code: str, *, on: date) -> str:
    """某日有效的文字值。"""
    value = _value(code, on, "text")
    assert isinstance(value, str)
    return value


def value_list(code: str, *, on: date) -> tuple[str, ...]:
    """某日有效的列表值。"""
    value = _value(code, on, "list")
    assert isinstance(value, tuple)
    return value


def values_on(codes: Iterable[str], *, on: date) -> dict[str, Value]:
    """一次读取多个参数，只查一次库。"""
    local = _local_values()
    return {code: _pick(definition(code), local, on).value for code in codes}


def source_of(code: str, *, on: date) -> str:
    """某日有效的值的依据。"""
    return _pick(definition(code), _local_values(), on).source


def versions_on(codes: Iterable[str], *, on: date) -> dict[str, date]:
    """某日有效的值各自从何日起有效：记录据此写明所据的是哪一版参数。"""
    local = _local_values()
    return {code: _pick(definition(code), local, on).valid_from for code in codes}


def history(code: str) -> tuple[ParameterHistoryRow, ...]:
    """参数的历次值，新的在前；本地设定与同日的随带值并列，本地的有效。"""
    item = definition(code)
    rows = [ParameterHistoryRow(d.valid_from, d.value, d.source, True, "", None) for d in item.shipped]
    rows += [
        ParameterHistoryRow(row.valid_from, decode(item, row.value), row.source, False, row.set_by_name, row.at)
        for row in ParameterValue.objects.filter(code=code)
    ]
    return tuple(sorted(rows, key=lambda row: (row.valid_from, not row.is_shipped), reverse=True))


def encode(value: Value) -> str:
    """存库的文字形式。"""
    return json.dumps(list(value), ensure_ascii=False) if isinstance(value, tuple) else str(value)


def decode(item: ParameterDefinition, stored: str) -> Value:
    """由存库的文字还原。"""
    return item.parse(json.loads(stored) if item.kind == "list" else stored)


def _value(code: str, on: date, kind: str) -> Value:
    item = definition(code)
    if item.kind != kind:
        raise TypeError(f"参数 {code} 的类型是 {item.kind}，不能按 {kind} 读取")
    return _pick(item, _local_values(), on).value


def _pick(item: ParameterDefinition, local: dict[str, tuple[Dated[Value], ...]], on: date) -> Dated[Value]:
    own = local.get(item.code, ())
    replaced = {dated.valid_from for dated in own}
    found = as_of([*own, *(dated for dated in item.shipped if dated.valid_from not in replaced)], on)
    if found is None:
        raise LookupError(f"参数 {item.code}（{item.label}）在 {on} 没有有效值")
    return found


def _local_values() -> dict[str, tuple[Dated[Value], ...]]:
    token = ParameterVersion.objects.filter(pk=1).values_list("token", flat=True).first() or ""
    cached = _cache.get(token)
    if cached is None:
        cached = {}
        for row in ParameterValue.objects.order_by("code", "valid_from"):
            dated: Dated[Value] = Dated(row.valid_from, decode(definition(row.code), row.value), row.source)
            cached[row.code] = (*cached.get(row.code, ()), dated)
        _cache.clear()
        _cache[token] = cached
    return cached
