"""公开页面的组织：十项要点、全部要素、变化对照。Plain data for the templates; no query of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest
from django.utils import timezone

from quanze.apps.catalog import public as catalog
from quanze.base.web.dates import end_of_day
from quanze.base.web.diffing import Segment, diff

LONGEST_QUERY = 60
_FIRST_YEAR = 1990


@dataclass(frozen=True, slots=True)
class Fact:
    """一项：名称、逐段文字、链接（仅限 http 与 https）。"""

    label: str
    lines: tuple[str, ...]
    href: str = ""


@dataclass(frozen=True, slots=True)
class ShownField:
    """一处变化：要素名称与逐字对照。"""

    label: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class ShownChange:
    """一次变化：何时、何文件、哪个事项、改了什么。"""

    id: int
    change: catalog.PublishedChange
    fields: tuple[ShownField, ...]


def asked_date(request: HttpRequest) -> tuple[date, str]:
    """网址里问的日期（默认今天）与说不通时的提示。"""
    text = request.GET.get("on", "").strip()
    today = timezone.localdate()
    if not text:
        return today, ""
    try:
        return date.fromisoformat(text), ""
    except ValueError:
        return today, f"日期“{text[:20]}”应写作 2026-11-22，现按今天显示。"


def asked_knowledge(request: HttpRequest) -> tuple[date | None, datetime | None]:
    """网址里问的“公布情况截至哪一天”：那一天，与它结束的时刻；没有问或说不通为空。"""
    text = request.GET.get("known", "").strip()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None, None
    if day >= timezone.localdate() or day.year < _FIRST_YEAR:
        return None, None
    return day, end_of_day(day)


def plain_facts(version: catalog.VersionView, *, has_guide: bool = False) -> list[Fact]:
    """十项要点，用平常话：是什么、归谁管、找谁办、办给谁、凭什么、多久、收费、怎么办、找谁反映、不服怎么办。"""
    content = version.content
    bases = [f"《{basis.law}》{basis.locator}" if basis.law else basis.locator for basis in content.bases] or _lines(
        content.basis_text
    )
    return [
        Fact("这是什么", _lines(content.plain_summary) or (f"{type_label(content.power_type)}：{content.name}",)),
        Fact("由谁负责", (content.exercising_body or version.body_name,)),
        Fact("具体找谁", _lines(content.lead_division)),
        Fact("办给谁", _lines(content.target)),
        Fact("依据什么", tuple(bases)),
        Fact("要多久", _limits(content)),
        Fact("收费吗", {True: ("收费",), False: ("不收费",), None: ()}[content.has_fee]),
        _how_to_apply(content.guide_url, has_guide=has_guide),
        Fact("向谁反映", (f"监督电话 {content.hotline}",) if content.hotline else ()),
        Fact("不服怎么办", _lines(content.remedy)),
    ]


def _how_to_apply(guide_url: str, *, has_guide: bool) -> Fact:
    if is_web_address(guide_url):
        return Fact("怎么申请", ("查看办事指南",), _web_address(guide_url))
    return Fact("怎么申请", ("见下面的简明指南",), "#guide") if has_guide else Fact("怎么申请", ())


# A field that splits another one into parts: the text it was split from.
_SPLIT_FROM = {"duties": "duty_text", "accountability_cases": "accountability_text"}


def _says_the_same(content: catalog.ItemContent, field: str) -> bool:
    """分条的每一条都已在正文里：再列一遍只是重复。"""
    source = _SPLIT_FROM.get(field)
    whole = catalog.readable(content, source) if source else ""
    return bool(whole) and all(
        line.partition("：")[2].strip() in whole or line in whole for line in _lines(catalog.readable(content, field))
    )


def all_facts(version: catalog.VersionView) -> list[Fact]:
    """全部要素，按要素表的次序；没有写的、与正文重复的略去。"""
    found = []
    for field, label in catalog.CONTENT_LABELS.items():
        if field in {"template_key", "is_city_set", "is_local_addition"} | catalog.FIELDS.private or _says_the_same(
            version.content, field
        ):
            continue
        text = catalog.readable(version.content, field)
        if field == "power_type":
            text = type_label(version.content.power_type)
        if text.strip():
            href = _web_address(version.content.guide_url) if field == "guide_url" else ""
            found.append(Fact(label, _lines(text), href))
    return found


def shown_changes(rows: Iterable[tuple[int, catalog.PublishedChange]]) -> list[ShownChange]:
    """变化的对照；新增与取消只说事实，不逐字列出。"""
    return [
        ShownChange(
            id,
            change,
            tuple(
                ShownField(field.label, diff(_typed(field.field, field.old), _typed(field.field, field.new)))
                for field in change.changes
            )
            if change.action not in {"add", "cancel"}
            else (),
        )
        for id, change in rows
    ]


def withheld_words(items: int, unit: str = "项") -> str:
    """“，另有 3 项依法不公开”；没有的为空。"""
    return f"，另有 {items} {unit}依法不公开" if items else ""


def type_label(code: str) -> str:
    """职权类型的名称。"""
    return catalog.power_types().label(code)


def is_web_address(text: str) -> bool:
    """只有 http 与 https 才成为链接，免得一段脚本借链接混进来。"""
    return text.strip().startswith(("https://", "http://"))


def _web_address(text: str) -> str:
    return text.strip() if is_web_address(text) else ""


def _typed(field: str, text: str) -> str:
    return type_label(text) if field == "power_type" and text else text


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _limits(content: catalog.ItemContent) -> tuple[str, ...]:
    found = []
    if content.promised_limit_days is not None:
        found.append(f"承诺 {content.promised_limit_days} 个工作日办结")
    if content.legal_limit_days is not None:
        found.append(f"法律规定不超过 {content.legal_limit_days} 个工作日")
    return (*found, *_lines(content.limit_note))
