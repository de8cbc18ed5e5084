"""筛选条：一行条件，写在网址里，可分享、可收藏、可导出。

A bar is declared once per page and read from the query string. A value that makes no sense is dropped and said so in
``problems``; it never becomes an error page, because old links live long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import QueryDict

Choices = Iterable[tuple[Any, str]] | Callable[[], Iterable[tuple[Any, str]]]


class Filter:
    """一个条件：标签、网址参数名、对应的查询。``lookup`` is used by ``FilterBar.apply`` only."""

    kind = "text"
    empty: Any = ""

    def __init__(self, label: str, *, lookup: str = "", placeholder: str = "", wide: bool = False) -> None:
        self.label, self.lookup, self.placeholder, self.wide = label, lookup, placeholder, wide
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def parse(self, data: Mapping[str, str]) -> Any:
        """网址里的文字 → 值；说不通时抛 ValueError。"""
        return data.get(self.name, "").strip()[:200]

    def words(self, value: Any) -> str:
        return str(value)

    def narrow(self, rows: QuerySet, value: Any) -> QuerySet:
        return rows.filter(**{self.lookup: value}) if self.lookup else rows

    @property
    def parameters(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def choices(self) -> list[tuple[str, str]]:
        return []


class TextFilter(Filter):
    """文字条件。"""


class ChoiceFilter(Filter):
    """下拉条件。The stored value is handed back, not its text."""

    kind = "choice"
    empty = None

    def __init__(
        self,
        label: str,
        *,
        choices: Choices,
        lookup: str = "",
        searchable: bool = False,
        wide: bool = False,
        blank: str = "全部",
    ) -> None:
        super().__init__(label, lookup=lookup, wide=wide)
        self.blank = blank
        self._choices, self.searchable = choices, searchable

    def options(self) -> list[tuple[Any, str]]:
        return list(self._choices() if callable(self._choices) else self._choices)

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(str(value), label) for value, label in self.options()]

    def parse(self, data: Mapping[str, str]) -> Any:
        text = data.get(self.name, "")
        if not text:
            return None
        for value, _ in self.options():
            if str(value) == text:
                return value
        raise ValueError(f"“{self.label}”没有“{text[:40]}”这个选项")

    def words(self, value: Any) -> str:
        return next((label for option, label in self.options() if option == value), str(value))


class FlagFilter(Filter):
    """勾选条件。"""

    kind = "flag"
    empty = False

    def parse(self, data: Mapping[str, str]) -> bool:
        return data.get(self.name, "") in {"1", "on", "true"}

    def words(self, value: Any) -> str:
        return ""


class DateRangeFilter(Filter):
    """起止日期，含两端。Value: ``(first, last)``, either may be None; parameters ``<name>_from`` and ``<name>_to``."""

    kind = "dates"
    empty = (None, None)

    @property
    def parameters(self) -> tuple[str, ...]:
        return (f"{self.name}_from", f"{self.name}_to")

    def parse(self, data: Mapping[str, str]) -> tuple[date | None, date | None]:
        first, last = (self._day(data.get(name, "")) for name in self.parameters)
        if first and last and last < first:
            raise ValueError(f"“{self.label}”的结束日期早于开始日期")
        return first, last

    def _day(self, text: str) -> date | None:
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"“{self.label}”的日期“{text[:20]}”应写作 2026-11-22") from None

    def words(self, value: Any) -> str:
        first, last = value
        return f"{first or '不限'} 至 {last or '不限'}"

    def narrow(self, rows: QuerySet, value: Any) -> QuerySet:
        first, last = value
        if self.lookup and first:
            rows = rows.filter(**{f"{self.lookup}__gte": first})
        if self.lookup and last:
            rows = rows.filter(**{f"{self.lookup}__lte": last})
        return rows


class DayFilter(Filter):
    """某一天。Value: a date or None; a day that makes no sense is dropped and said so."""

    kind = "day"
    empty = None

    def parse(self, data: Mapping[str, str]) -> date | None:
        text = data.get(self.name, "").strip()
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"“{self.label}”的日期“{text[:20]}”应写作 2026-11-22") from None


@dataclass(frozen=True, slots=True)
class Chip:
    """已生效的一个条件，点叉即去掉。"""

    label: str
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Control:
    """页面上的一个条件控件。"""

    filter: Filter
    value: Any

    @property
    def texts(self) -> tuple[str, ...]:
        """各参数的文字，供输入框回显。"""
        if self.filter.kind == "dates":
            return tuple("" if part is None else part.isoformat() for part in self.value)
        return ("" if self.value in (None, False) else str(self.value),)


class FilterBar:
    """筛选条。Subclass it and declare filters as class attributes; their order is the order on the page."""

    declared: ClassVar[tuple[Filter, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = tuple(value for value in vars(cls).values() if isinstance(value, Filter))
        cls.declared = tuple(f for f in cls.declared if f.name not in {o.name for o in own}) + own

    def __init__(self, data: QueryDict | Mapping[str, str]) -> None:
        self.data = data if isinstance(data, QueryDict) else _query(data)
        self.values: dict[str, Any] = {}
        self.problems: list[str] = []
        for each in self.declared:
            try:
                self.values[each.name] = each.parse(self.data)
            except ValueError as error:
                self.problems.append(f"{error}，已忽略此条件。")
                self.values[each.name] = each.empty

    def apply(self, rows: QuerySet) -> QuerySet:
        """把各条件加到查询上（只用声明了 lookup 的）。"""
        for each in self.declared:
            value = self.values[each.name]
            if value != each.empty:
                rows = each.narrow(rows, value)
        return rows

    @property
    def controls(self) -> list[Control]:
        return [Control(each, self.values[each.name]) for each in self.declared]

    @property
    def is_active(self) -> bool:
        return any(self.values[each.name] != each.empty for each in self.declared)

    @property
    def chips(self) -> list[Chip]:
        return [
            Chip(each.label, each.words(self.values[each.name]), self._without(each.parameters))
            for each in self.declared
            if self.values[each.name] != each.empty
        ]

    @property
    def clear_url(self) -> str:
        return self._without(tuple(name for each in self.declared for name in each.parameters))

    @property
    def kept(self) -> list[tuple[str, str]]:
        """网址里不属于本条、提交时须原样带上的参数（翻页标记除外）。"""
        own = {name for each in self.declared for name in each.parameters} | {"cursor", "export"}
        return [(name, value) for name, values in self.data.lists() if name not in own for value in values]

    def words(self) -> str:
        """条件的一句话，写在导出文件里。"""
        said = [f"{chip.label}：{chip.words}" if chip.words else chip.label for chip in self.chips]
        return "；".join(said) or "全部"

    def _without(self, names: tuple[str, ...]) -> str:
        rest = self.data.copy()
        for name in (*names, "cursor", "export"):
            rest.pop(name, None)
        return "?" + rest.urlencode()


def _query(data: Mapping[str, str]) -> QueryDict:
    made = QueryDict(mutable=True)
    for name, value in data.items():
        made[name] = value
    return made
