"""目录规则的基类与共用的小件。"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from quanze.apps.catalog.domain.items import CONTENT_LABELS, ItemSnapshot
from quanze.apps.catalog.rules.subject import CheckedList
from quanze.core.lint import Hit, ItemRule, Rule

# Labels of what is not a field of the content.
FIELD_LABELS = {
    **CONTENT_LABELS,
    "items": "事项数量",
    "subitems": "子项数量",
    "valid_from": "有效期",
    "body": "机构",
    "mandate": "三定条款",
}
WHOLE_COLUMN = 3
_DIVIDERS = "、，,；;/\n"
_OPEN, _CLOSE = "（(", "）)"


class CatalogRule(Rule[CheckedList]):
    """看整份清单的规则。"""


class CatalogItemRule(ItemRule[CheckedList, ItemSnapshot]):
    """看单项的规则。

    ``gathered`` fields: where every item of a list (three or more) lacks the same thing, the column is missing and not
    the items; one finding then says so instead of hundreds.
    """

    gathered: ClassVar[frozenset[str]] = frozenset()

    def check(self, subject: CheckedList) -> Iterator[Hit]:
        hits = list(super().check(subject))
        whole = {field for field in self.gathered if _covers(hits, field, subject)}
        yield from (hit for hit in hits if hit.field not in whole)
        for field in sorted(whole):
            first = next(hit for hit in hits if hit.field == field)
            yield Hit(
                key="",
                field=field,
                message=f"全部 {len(subject.items)} 项都未填“{label(field)}”，表中大概没有这一栏",
                evidence=f"{len(subject.items)} 项",
                suggestion=first.suggestion,
            )


def _covers(hits: list[Hit], field: str, subject: CheckedList) -> bool:
    return len(subject.items) >= WHOLE_COLUMN and sum(1 for hit in hits if hit.field == field) == len(subject.items)


def label(field: str) -> str:
    """字段的中文名。"""
    return FIELD_LABELS.get(field, field)


def quoted(names: Iterable[str], limit: int = 3) -> str:
    """“甲”“乙”等 N 项。"""
    listed = list(names)
    shown = "".join(f"“{shorten(name)}”" for name in listed[:limit])
    return shown if len(listed) <= limit else f"{shown}等 {len(listed)} 项"


def shorten(text: str, length: int = 40) -> str:
    """过长的文字截短。"""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def division_names(text: str) -> tuple[str, ...]:
    """承办机构一栏里的各个名称；括号内的顿号不分。"""
    names, depth, current = [], 0, ""
    for char in text:
        if char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth = max(0, depth - 1)
        if char in _DIVIDERS and depth == 0:
            names.append(current)
            current = ""
        else:
            current += char
    names.append(current)
    return tuple(name for name in (re.sub(r"\s+", "", one) for one in names) if name)


def percent(part: int, whole: int) -> int:
    """百分比，四舍五入为整数。"""
    return (200 * part + whole) // (2 * whole)


AnyRule = Rule[Any]
