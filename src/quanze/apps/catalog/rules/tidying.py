"""文字整理：与整理后的形式比较，说出哪里不洁，并给出可由机器写回的值。

The cleaning itself is ``core.listsheet.hygiene``, the same that the reader applies; here come the width of brackets and
marks and doubled marks, and the parts into which a long text was split follow their text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from string import ascii_letters, digits

from quanze.apps.catalog.domain.items import ItemContent, ItemSnapshot
from quanze.core.listsheet.hygiene import InjectionPatterns, has_control, long_text, short_text

SHORT_FIELDS = (
    "name",
    "exercising_body",
    "responsible_body",
    "lead_division",
    "exercise_level",
    "target",
    "power_code",
)
LONG_FIELDS = (
    "basis_text",
    "duty_text",
    "duty_basis_text",
    "accountability_text",
    "accountability_basis_text",
    "level_split",
    "limit_note",
    "remedy",
    "remark",
    "plain_summary",
)
_HAN = "\u4e00-\u9fff"
_WIDTHS = str.maketrans({chr(ord(char) + 0xFEE0): char for char in ascii_letters + digits})
_MARKS = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}
_MARK_IN_HAN = re.compile(rf"(?<=[{_HAN}）》])[,;:?!](?=[{_HAN}（《])")
_DOUBLED = re.compile(r"([。，；、])\1+")
_HALF_PAIR = re.compile(r"\(([^（）()]*)\)")
_HAS_HAN = re.compile(rf"[{_HAN}]")
_MIXED_PAIRS = (re.compile(r"（([^（）()\n]*)\)"), re.compile(r"\(([^（）()\n]*)）"))


@dataclass(frozen=True, slots=True)
class Tidied:
    """一个字段的整理：字段、不洁之处、证据、写回的值（连同由它拆出的部分）。"""

    field: str
    defects: tuple[str, ...]
    evidence: str
    fix: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class InjectedText:
    """一处混入文字：字段、位置说明、种类、文字。"""

    field: str
    where: str
    label: str
    text: str


# Lists repeat their long texts hundreds of times.
@lru_cache(maxsize=4096)
def tidy_short(text: str) -> str:
    """短字段：折行拼回，括号与夹在汉字之间的标点用全角，数字字母用半角。"""
    return _until_stable(_short_pass, text)


@lru_cache(maxsize=4096)
def tidy_long(text: str) -> str:
    """长字段：段落保留，硬折的行拼回，一半全角一半半角的括号统一，重复的标点留一个。"""
    return _until_stable(_long_pass, text)


def _until_stable(clean: Callable[[str], str], text: str) -> str:
    """整理到不再变化。One pass may open the way for another: a blank is closed up only beside a bracket already widened.

    It ends, because a pass only ever removes a character or widens one.
    """
    while (cleaned := clean(text)) != text:
        text = cleaned
    return text


def _short_pass(text: str) -> str:
    text = _mixed_brackets(short_text(text).translate(_WIDTHS))
    text = _HALF_PAIR.sub(lambda pair: f"（{pair[1]}）" if _HAS_HAN.search(pair[1]) else pair[0], text)
    return _MARK_IN_HAN.sub(lambda mark: _MARKS[mark[0]], _DOUBLED.sub(r"\1", text))


def _long_pass(text: str) -> str:
    return _DOUBLED.sub(r"\1", _mixed_brackets(long_text(text)))


def _mixed_brackets(text: str) -> str:
    for pattern in _MIXED_PAIRS:
        text = pattern.sub(r"（\1）", text)
    return text


def tidied_fields(content: ItemContent) -> Iterable[Tidied]:
    """需要整理的字段；已洁的不出现。"""
    for field in (*SHORT_FIELDS, *LONG_FIELDS):
        raw = getattr(content, field)
        if not raw:
            continue
        tidy = tidy_short(raw) if field in SHORT_FIELDS else tidy_long(raw)
        if tidy != raw and tidy:
            fix = {field: tidy, **_parts(content, field)}
            yield Tidied(field, _defects(raw, tidy), _difference(raw, tidy), fix)


def _parts(content: ItemContent, field: str) -> dict[str, object]:
    """由长文拆出的条目，同样整理。"""
    if field == "duty_text" and content.duties:
        return {"duties": tuple(replace(d, stage=tidy_short(d.stage), text=tidy_long(d.text)) for d in content.duties)}
    if field == "accountability_text" and content.accountability_cases:
        return {"accountability_cases": tuple(tidy_long(case) for case in content.accountability_cases)}
    if field == "basis_text" and content.bases:
        return {
            "bases": tuple(
                replace(b, law=tidy_short(b.law), locator=tidy_short(b.locator), quote=tidy_long(b.quote))
                for b in content.bases
            )
        }
    return {}


def _defects(raw: str, tidy: str) -> tuple[str, ...]:
    """不洁之处的名目。"""
    found = []
    if has_control(raw):
        found.append("控制字符或不可见字符")
    if raw.count("\n") > tidy.count("\n"):
        found.append("多余的换行")
    if _mixed_brackets(raw) != raw:
        found.append("括号半角全角混用")
    elif raw.count("(") > tidy.count("("):
        found.append("半角括号")
    if _DOUBLED.search(raw):
        found.append("重复的标点")
    if raw.translate(_WIDTHS) != raw and tidy.translate(_WIDTHS) == tidy:
        found.append("全角数字或字母")
    if re.search(r"[^\S\n]", raw) and len(re.findall(r"[^\S\n]", raw)) > len(re.findall(r"[^\S\n]", tidy)):
        found.append("多余的空白")
    return tuple(found) or ("半角标点",)


def _difference(raw: str, tidy: str) -> str:
    """第一处不同的前后文，看得见换行。"""
    at = next((n for n, (a, b) in enumerate(zip(raw, tidy, strict=False)) if a != b), min(len(raw), len(tidy)))
    start = max(0, at - 8)
    return "".join(mark if mark.isprintable() else "⏎" if mark == "\n" else "□" for mark in raw[start : at + 12])


def injected_texts(item: ItemSnapshot, patterns: InjectionPatterns) -> Iterable[InjectedText]:
    """内容里的混入文字；内容里已去掉而原始单元格里还有的，也说出来。"""
    said: set[str] = set()
    searched: set[str] = set()
    for field in (*SHORT_FIELDS, *LONG_FIELDS):
        content = getattr(item.content, field)
        if not content:
            continue
        searched.add(content)
        for label, text, _ in _found(patterns, content, field):
            said.add(text)
            yield InjectedText(field, "", label, text)
    for header, raw in item.texts.items():
        for label, text, is_partial in () if raw in searched else _found(patterns, raw, ""):
            if text not in said and not is_partial:
                said.add(text)
                yield InjectedText("remark", f"原始单元格“{header}”", label, text)


@lru_cache(maxsize=8192)
def _found(patterns: InjectionPatterns, text: str, field: str) -> tuple[tuple[str, str, bool], ...]:
    """种类、文字、是否有不查的字段；原始单元格不知属于哪个字段，后者不用。"""
    return tuple((one.label, what, bool(one.except_fields)) for one, what in patterns.find(text, field))
