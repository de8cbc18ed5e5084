"""与数据库种类无关的列类型与值；一行的摘要。

SQLite and PostgreSQL hand out the same value in different shapes (0/1 and false/true, text and datetime). In between
lies one neutral shape made of what JSON has. JSON columns keep their text, so SQLite gets back what it gave; for the
digest they are put into canonical form, because PostgreSQL re-orders keys.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models

Value = Any
Convert = Callable[[Any], Any]

_INTEGERS = frozenset(
    {
        "AutoField",
        "BigAutoField",
        "SmallAutoField",
        "IntegerField",
        "BigIntegerField",
        "SmallIntegerField",
        "PositiveIntegerField",
        "PositiveBigIntegerField",
        "PositiveSmallIntegerField",
    }
)
_TEXTS = frozenset({"CharField", "TextField", "SlugField", "FileField", "FilePathField", "GenericIPAddressField"})
_OTHERS = {
    "BooleanField": "bool",
    "DateTimeField": "datetime",
    "DateField": "date",
    "TimeField": "time",
    "DurationField": "duration",
    "FloatField": "float",
    "JSONField": "json",
    "BinaryField": "bytes",
    "UUIDField": "uuid",
}
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Column:
    """一列：名称与中性类型（decimal 带小数位数，如 ``decimal:2``）。"""

    name: str
    type: str


def column_of(field: models.Field) -> Column:
    """模型字段 → 列；不认识的字段种类即报错，绝不猜。"""
    shown = field
    while isinstance(shown, models.ForeignKey):
        shown = shown.target_field
    kind = shown.get_internal_type()
    if kind in _INTEGERS:
        type_ = "int"
    elif kind in _TEXTS:
        type_ = "text"
    elif kind == "DecimalField":
        type_ = f"decimal:{shown.decimal_places}"  # type: ignore[attr-defined]
    elif kind in _OTHERS:
        type_ = _OTHERS[kind]
    else:
        raise NotImplementedError(f"备份还不认识字段种类 {kind}（{field.model._meta.db_table}.{field.column}）")
    assert field.column is not None
    return Column(field.column, type_)


def encoder(type_: str) -> Convert | None:
    """从数据库读出的值 → 中性值；无须转换的为 None。"""
    if type_.startswith("decimal:"):
        quantum = Decimal(1).scaleb(-int(type_.partition(":")[2]))
        return lambda value: format(Decimal(str(value)).quantize(quantum), "f")
    return _ENCODERS.get(type_)


def decoder(type_: str, vendor: str) -> Convert | None:
    """中性值 → 写入数据库的值。"""
    return (_FOR_POSTGRESQL if vendor == "postgresql" else _FOR_SQLITE).get(type_)


class RowDigest:
    """表的摘要：各行摘要之和，与次序无关。"""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._json = [n for n, column in enumerate(columns) if column.type == "json"]
        self._sum = 0
        self.rows = 0

    def add(self, row: Sequence[Value]) -> None:
        """计入一行中性值。"""
        if self._json:
            changed = list(row)
            for n in self._json:
                if changed[n] is not None:
                    changed[n] = _canonical_json_text(changed[n])
            row = changed
        self.rows += 1
        self._sum += int.from_bytes(hashlib.sha256(line_of(row)).digest(), "big")

    @property
    def value(self) -> str:
        return f"{self._sum % (1 << 256):064x}"


_line_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_canonical_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def line_of(row: Sequence[Value]) -> bytes:
    """一行中性值 → 一行 JSON。Lone surrogates, which only SQLite lets in, survive."""
    return _line_encoder.encode(list(row)).encode("utf-8", "surrogatepass")


def row_of(line: bytes) -> list[Value]:
    """一行 JSON → 中性值。"""
    found: list[Value] = json.loads(line.decode("utf-8", "surrogatepass"))
    return found


def _datetime_text(value: Any) -> str:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return str(value.isoformat())


def _date_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _canonical_json_text(text: str) -> str:
    return _canonical_encoder.encode(_plain_numbers(json.loads(text)))


def _plain_numbers(value: Any) -> Any:
    # PostgreSQL keeps numbers as decimals: 1e20 comes back as an integer.
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain_numbers(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain_numbers(one) for key, one in value.items()}
    return value


_ENCODERS: dict[str, Convert] = {
    "int": int,
    "bool": bool,
    "float": float,
    "text": str,
    "json": lambda value: value if isinstance(value, str) else _line_encoder.encode(value),
    "datetime": _datetime_text,
    "date": _date_text,
    "time": _date_text,
    "duration": lambda value: value // _MICROSECOND if isinstance(value, timedelta) else int(value),
    "bytes": lambda value: base64.b64encode(bytes(value)).decode("ascii"),
    "uuid": lambda value: UUID(str(value)).hex,
}
_FOR_SQLITE: dict[str, Convert] = {
    "bool": int,
    # The form Django itself writes.
    "datetime": lambda text: text.replace("T", " "),
    "bytes": base64.b64decode,
}
_FOR_POSTGRESQL: dict[str, Convert] = {
    "datetime": lambda text: f"{text}+00:00",
    "duration": lambda micros: timedelta(microseconds=micros),
    "bytes": base64.b64decode,
}
