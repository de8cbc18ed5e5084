"""键集分页：按排序键续取，不数总数、不用偏移，插入新行也不重不漏。

The cursor is signed and bound to its order, so that a hand-made one is refused instead of scanning. What is deliberately
absent: page numbers and COUNT(*), which cost a full scan on the lists that matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from quanze.core.errors import InvalidInput

PAGE_SIZE = 50
LARGEST_PAGE = 200
CURSOR_PARAMETER = "cursor"
_SALT = "quanze.paging"


@dataclass(frozen=True)
class Page:
    """一页：行、前后游标。``next_cursor`` is empty on the last page."""

    rows: list[Any]
    next_cursor: str = ""
    previous_cursor: str = ""
    size: int = PAGE_SIZE

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def has_others(self) -> bool:
        return bool(self.next_cursor or self.previous_cursor)


def page_of(rows: Any, request: HttpRequest, *, order: Sequence[str], size: int = PAGE_SIZE) -> Page:
    """按请求中的游标取一页。``rows``: QuerySet, or a list that the caller has already sorted by ``order``."""
    return page_at(rows, request.GET.get(CURSOR_PARAMETER, ""), order=order, size=size)


def page_at(rows: Any, cursor: str, *, order: Sequence[str], size: int = PAGE_SIZE) -> Page:
    """取游标处的一页。``order`` must end in a unique column and hold no null; "-" means descending."""
    size = max(1, min(size, LARGEST_PAGE))
    keys = [_Key(name.lstrip("-"), name.startswith("-")) for name in order]
    if not keys:
        raise ValueError("order must not be empty")
    mark = _read(cursor, keys) if cursor else None
    backwards = mark is not None and mark.backwards
    if isinstance(rows, QuerySet):
        found = _from_queryset(rows, keys, mark, size + 1)
    else:
        found = _from_sequence(list(rows), keys, mark, size + 1)
    has_more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    has_next = has_more if not backwards else True
    has_previous = (mark is not None) if not backwards else has_more
    if not found:
        return Page([], size=size)
    return Page(
        found,
        next_cursor=_write(found[-1], keys, backwards=False) if has_next else "",
        previous_cursor=_write(found[0], keys, backwards=True) if has_previous else "",
        size=size,
    )


@dataclass(frozen=True, slots=True)
class _Key:
    path: str
    descending: bool

    def value(self, row: Any) -> Any:
        return reach(row, self.path)


@dataclass(frozen=True, slots=True)
class _Mark:
    values: tuple[Any, ...]
    backwards: bool


def reach(row: Any, path: str) -> Any:
    """沿 a__b 取值；行可为对象或字典。"""
    for part in path.split("__"):
        if row is None:
            return None
        row = row[part] if isinstance(row, dict) else getattr(row, part)
    return row


def _from_queryset(rows: QuerySet, keys: list[_Key], mark: _Mark | None, limit: int) -> list[Any]:
    flipped = mark is not None and mark.backwards
    ordering = [("-" if key.descending != flipped else "") + key.path for key in keys]
    rows = rows.order_by(*ordering)
    if mark is not None:
        rows = rows.filter(_after(keys, mark))
    return list(rows[:limit])


def _after(keys: list[_Key], mark: _Mark) -> Q:
    """(a, b) 之后：a 更后，或 a 相等而 b 更后。The leading range keeps the index usable."""
    condition = Q()
    for position, key in enumerate(keys):
        branch = Q()
        for earlier, value in zip(keys[:position], mark.values[:position], strict=True):
            branch &= Q(**{earlier.path: value})
        comparison = "lt" if key.descending != mark.backwards else "gt"
        condition |= branch & Q(**{f"{key.path}__{comparison}": mark.values[position]})
    first = keys[0]
    edge = "lte" if first.descending != mark.backwards else "gte"
    return Q(**{f"{first.path}__{edge}": mark.values[0]}) & condition


def _from_sequence(rows: list[Any], keys: list[_Key], mark: _Mark | None, limit: int) -> list[Any]:
    if mark is None:
        return rows[:limit]
    start = None
    for index, row in enumerate(rows):
        if _is_after(row, keys, mark.values, equal_counts=mark.backwards):
            start = index
            break
    if mark.backwards:
        earlier = rows[: len(rows) if start is None else start]
        return earlier[::-1][:limit]
    return [] if start is None else rows[start : start + limit]


def _is_after(row: Any, keys: list[_Key], values: tuple[Any, ...], *, equal_counts: bool) -> bool:
    for key, value in zip(keys, values, strict=True):
        mine = key.value(row)
        if mine == value:
            continue
        return bool(mine < value) if key.descending else bool(mine > value)
    return equal_counts


def _order_name(keys: list[_Key]) -> str:
    return ",".join(("-" if key.descending else "") + key.path for key in keys)


def _write(row: Any, keys: list[_Key], *, backwards: bool) -> str:
    values = [_packed(key.value(row), key) for key in keys]
    return signing.dumps([int(backwards), _order_name(keys), values], salt=_SALT, compress=True)


def _read(cursor: str, keys: list[_Key]) -> _Mark:
    try:
        backwards, order, values = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError) as error:
        raise InvalidInput("翻页标记无效", hint="请从列表第一页重新翻起。", code="bad_cursor") from error
    if order != _order_name(keys) or len(values) != len(keys):
        raise InvalidInput("排序方式已改变，翻页标记不再适用", hint="请从列表第一页重新翻起。", code="bad_cursor")
    return _Mark(tuple(_unpacked(value) for value in values), bool(backwards))


def _packed(value: Any, key: _Key) -> Any:
    match value:
        case bool() | int() | str():
            return value
        case datetime():
            return ["t", value.isoformat()]
        case date():
            return ["d", value.isoformat()]
        case Decimal():
            return ["n", str(value)]
    raise TypeError(f"paging key {key.path} is {value!r}: only non-null numbers, text and dates can be paged")


def _unpacked(value: Any) -> Any:
    match value:
        case ["t", str(text)]:
            return datetime.fromisoformat(text)
        case ["d", str(text)]:
            return date.fromisoformat(text)
        case ["n", str(text)]:
            return Decimal(text)
    return value


def write_cursor(values: list[Any], *, salt: str) -> str:
    """签名的翻页标记，供自己翻页的列表使用。"""
    return signing.dumps(values, salt=salt, compress=True)


def read_cursor(cursor: str, *, salt: str) -> list[Any]:
    """读出翻页标记；伪造的报 InvalidInput。"""
    try:
        values = signing.loads(cursor, salt=salt)
    except (signing.BadSignature, ValueError) as error:
        raise InvalidInput("翻页标记无效", hint="请从列表第一页重新翻起。", code="bad_cursor") from error
    return list(values)
