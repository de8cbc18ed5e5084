"""条目自有要素：读入、核对、只能收紧、编码相承。Pure; parents' values are handed in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from quanze.apps.catalog.domain.list_types import ExtraField, ListType
from quanze.core.errors import Defect, ErrorPlace, RulesNotMet
from quanze.core.sealing import content_digest

Content = Mapping[str, Any]
LONGEST = {"text": 500, "code": 64, "url": 500, "long_text": 8000}
MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class Party:
    """依据的一方：机构、事项名称。"""

    body_id: int
    body_name: str
    name: str


def is_empty(value: object) -> bool:
    """没有写。"""
    return value is None or value == "" or value == []


def read_field(field: ExtraField, value: Any) -> tuple[Any, str]:
    """表单、表格或接口来的值 → 存放的值与说明；说不通时说明不空。Empty is stored as None and left out."""
    if field.kind in ("texts", "limits"):
        lines = value.splitlines() if isinstance(value, str) else list(value or ())
        kept = list(dict.fromkeys(str(line).strip() for line in lines if str(line).strip()))
        if field.kind == "limits":
            return _read_limits(kept)
        return kept, f"最多 {MOST_LINES} 行" if len(kept) > MOST_LINES else ""
    text = "" if value is None else str(value).strip()
    if not text:
        return None, ""
    if field.kind in ("number", "days"):
        if not text.isascii() or not text.isdigit() or len(text) > 9:
            return None, f"“{text[:20]}”应为不带小数的数字"
        number = int(text)
        if field.minimum is not None and number < field.minimum:
            return None, f"{number} 小于 {field.minimum}"
        if field.maximum is not None and number > field.maximum:
            return None, f"{number} 大于 {field.maximum}"
        return number, ""
    if field.kind == "choice":
        choices = field.choices or {}
        by_label = {label: code for code, label in choices.items()}
        code = text if text in choices else by_label.get(text, "")
        return (code, "") if code else (None, f"“{text[:20]}”不在选项之内：{'、'.join(choices.values())}")
    if field.kind == "date":
        try:
            return date.fromisoformat(text[:10]).isoformat(), ""
        except ValueError:
            return None, f"“{text[:20]}”应为形如 2026-11-22 的日期"
    if field.kind == "url" and not text.startswith(("https://", "http://")):
        return None, "网址应以 http:// 或 https:// 开头"
    if field.kind == "code":
        text = text.upper()
        if not text.isascii() or not text.isalnum():
            return None, "编码只能有数字与字母"
        if field.length and len(text) != field.length:
            return None, f"编码应为 {field.length} 位，现为 {len(text)} 位"
    if len(text) > LONGEST[field.kind]:
        return None, f"超过 {LONGEST[field.kind]} 字"
    return text, ""


_LIMIT = re.compile(r"(?P<name>.*?\D)[\s:：]*(?P<days>\d{1,4})\s*(?:个?工作日|天)?")


def _read_limits(lines: Sequence[str]) -> tuple[list[str], str]:
    """一行一项“听证 20”：名称与工作日数，写成同一个样子；同一项写两次、没有天数的说明。"""
    found: dict[str, str] = {}
    for line in lines:
        read = _LIMIT.fullmatch(line)
        name = read["name"].rstrip(" :：\u3000\t") if read is not None else ""
        if read is None or not name:
            return [], f"“{line[:20]}”应写作“听证 20”：名称、空格、工作日数"
        if name in found:
            return [], f"“{name[:20]}”写了两次"
        found[name] = read["days"].lstrip("0") or "0"
    return [f"{name} {days}" for name, days in found.items()], ""


def _looser_limits(mine: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """放宽之处：上级没有的一项，或天数长于上级的。"""
    above = {name: int(days) for name, _, days in (one.rpartition(" ") for one in theirs)}
    said = []
    for name, _, days in (one.rpartition(" ") for one in mine):
        if name not in above:
            said.append(f"{name}（上级没有）")
        elif int(days) > above[name]:
            said.append(f"{name} {days} 长于上级的 {above[name]}")
    return said


def read_content(kind: ListType, given: Content) -> dict[str, Any]:
    """一条目的自有要素；不认识的、说不通的逐个列出。"""
    defects = [
        Defect("field_unknown", f"{kind.label}没有要素“{name}”", ErrorPlace(field=name))
        for name in given
        if name not in kind.by_name
    ]
    content: dict[str, Any] = {}
    for field in kind.fields:
        value, problem = read_field(field, given.get(field.name))
        if problem:
            defects.append(Defect("field_invalid", f"{field.label}：{problem}", ErrorPlace(field=field.name)))
        elif not is_empty(value):
            content[field.name] = value
    _raise(defects, "要素有误", "entry_field_invalid")
    return content


def not_tightened(kind: ListType, content: Content, parent: Content) -> list[Defect]:
    """比上级放宽之处：逐个指出要素、上级的值、本级的值。"""
    found = []
    for field in kind.fields:
        rule = field.tighten
        if rule is None or is_empty(content.get(field.name)) or is_empty(parent.get(rule.field)):
            continue
        mine: Any = content[field.name]
        theirs: Any = parent[rule.field]
        if rule.rule == "not_more" and int(mine) > int(theirs):
            found.append(
                Defect(
                    "looser_than_parent",
                    f"{field.label} {mine} 长于上级的 {theirs}，只能短不能长",
                    ErrorPlace(field=field.name),
                )
            )
        elif rule.rule == "each_not_more":
            longer = _looser_limits(mine, theirs)
            if longer:
                found.append(
                    Defect(
                        "looser_than_parent",
                        f"{field.label}：{'；'.join(longer)}，只能少、只能短",
                        ErrorPlace(field=field.name),
                    )
                )
        elif rule.rule == "subset":
            more = [one for one in mine if one not in theirs]
            if more:
                found.append(
                    Defect(
                        "looser_than_parent",
                        f"{field.label}多出上级没有的：{'、'.join(more)}，只能少不能多",
                        ErrorPlace(field=field.name),
                    )
                )
    return found


def broken_codes(kind: ListType, content: Content, parent: Content) -> list[Defect]:
    """编码不相承之处。"""
    found = []
    for field in kind.fields:
        mine, theirs = content.get(field.name), parent.get(field.extends) if field.extends else None
        if is_empty(mine) or is_empty(theirs):
            continue
        if not str(mine).startswith(str(theirs)) or len(str(mine)) <= len(str(theirs)):
            found.append(
                Defect(
                    "code_not_extending",
                    f"{field.label} {mine} 应以上级的 {theirs} 开头并再加位",
                    ErrorPlace(field=field.name),
                )
            )
    return found


def incomplete(kind: ListType, content: Content, *, name: str, parties: Sequence[Party]) -> list[Defect]:
    """送审、公布之前须齐的：必填要素、名称、依据处数、依据分属不同机构、不得有的选项。"""
    found = [
        Defect("field_missing", f"缺少{field.label}", ErrorPlace(field=field.name))
        for field in kind.fields
        if field.required and is_empty(content.get(field.name))
    ]
    for field in kind.fields:
        if field.refused and content.get(field.name) in field.refused:
            label = (field.choices or {})[content[field.name]]
            found.append(Defect("choice_refused", f"{field.label}为“{label}”，不能列入", ErrorPlace(field=field.name)))
    if kind.names_itself and not name.strip():
        found.append(Defect("name_missing", "缺少条目名称", ErrorPlace(field="name")))
    needed = kind.needs_reference(content)
    if len(parties) < needed:
        found.append(Defect("reference_missing", f"须有 {needed} 处依据，现有 {len(parties)} 处"))
    elif kind.distinct_bodies and needed > 1 and len({one.body_id for one in parties}) < needed:
        found.append(Defect("reference_one_body", "依据须分属不同机构"))
    return found


def require_complete(kind: ListType, content: Content, parent: Content, *, name: str, parties: Sequence[Party]) -> None:
    """能公布：齐全、不放宽、编码相承。"""
    defects = [
        *incomplete(kind, content, name=name, parties=parties),
        *not_tightened(kind, content, parent),
        *broken_codes(kind, content, parent),
    ]
    label = name or (parties[0].name if parties else kind.label)
    _raise(defects, f"{kind.label}“{label}”还不能公布", "entry_not_ready")


def _raise(defects: Sequence[Defect], what: str, code: str) -> None:
    if defects:
        raise RulesNotMet(
            f"{what}：" + "；".join(one.message for one in defects),
            defects=defects,
            hint="请逐处改正后再办。",
            code=code,
        )


def content_hash(name: str, content: Content, rests_on: Sequence[str]) -> str:
    """条目摘要：名称、自有要素、所依据各版本的摘要。"""
    return content_digest({"name": name, "content": dict(content), "rests_on": list(rests_on)})


def shown_value(field: ExtraField, value: Any) -> str:
    """要素的人读文字。"""
    if is_empty(value):
        return ""
    if field.kind == "choice":
        return (field.choices or {}).get(str(value), str(value))
    return "\n".join(value) if isinstance(value, list) else str(value)
