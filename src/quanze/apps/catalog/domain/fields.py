"""补充要素：登记表是数据（packs/fields.yaml），值按登记的种类规范、校验、读写。

The registry is part of what an item's content *is*, as the list of columns is; it is therefore read once, here, and not
handed through every comparison. A value has one canonical form (empty ones are absent), so that the same content has the
same digest however it came in: typed, imported or posted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.resources import files
from typing import Any

import yaml

from quanze.core.errors import Defect, ErrorPlace, InvalidInput

PACK = "fields.yaml"
KINDS = ("text", "long", "integer", "boolean", "date", "url", "choice", "choices", "rows")
SHORT, LONG, MOST_ROWS, LONGEST_CELL = 300, 20000, 200, 2000
_CELLS = re.compile(r"[|｜]")
_SEVERAL = re.compile(r"[、,，;；\n]")
_WEB = re.compile(r"https?://[^\s/$.?#][^\s]*", re.IGNORECASE)
_YES, _NO = frozenset({"是", "true", "需要", "须", "1"}), frozenset({"否", "false", "不需要", "无须", "0"})


@dataclass(frozen=True, slots=True)
class ExtraField:
    """一个补充要素：键、名称、分组、种类、取值、界限、说明、出处、是否公开。"""

    key: str
    label: str
    group: str
    kind: str
    source: str
    help: str = ""
    choices: Mapping[str, str] | None = None
    columns: tuple[str, ...] = ()
    pattern: str = ""
    minimum: int = 0
    maximum: int = SHORT
    is_public: bool = True
    is_substantive: bool = False
    not_before: str = ""
    needed_when: tuple[tuple[str, str], ...] = ()
    headers: tuple[str, ...] = ()
    is_listed_only: bool = False

    def parsed(self, text: str) -> Any:
        """由人写的文字得到规范的值；空白为 None。Raises ValueError with what is wrong, in Chinese."""
        text = text.strip()
        if not text:
            return None
        if self.kind in ("choice", "choices"):
            # A label may itself hold a divider (双随机、一公开); one that stands whole is taken whole.
            return self._chosen(text)
        if self.kind == "boolean":
            if text.lower() in _YES | _NO:
                return text.lower() in _YES
            raise ValueError("应写“是”或“否”")
        if self.kind == "integer":
            if not re.fullmatch(r"\d{1,9}", text) or not self.minimum <= int(text) <= self.maximum:
                raise ValueError(f"应为 {self.minimum} 至 {self.maximum} 的整数")
            return int(text)
        if self.kind == "date":
            return _day(text)
        if self.kind == "rows":
            return self._rows(text)
        if self.kind == "url" and not _WEB.fullmatch(text):
            raise ValueError("应为以 http:// 或 https:// 开头的网址")
        if len(text) > self.maximum:
            raise ValueError(f"超过 {self.maximum} 字")
        if self.pattern and not re.fullmatch(self.pattern, text):
            raise ValueError(f"写法不合要求。{self.help}")
        return text if self.kind == "long" else " ".join(text.split())

    def text(self, value: Any) -> str:
        """值的可读文字；``parsed`` 读得回来。"""
        if value is None:
            return ""
        if self.kind == "choice":
            return (self.choices or {}).get(value, str(value))
        if self.kind == "choices":
            return "；".join((self.choices or {}).get(one, str(one)) for one in value)
        if self.kind == "boolean":
            return "是" if value else "否"
        if self.kind == "rows":
            return "\n".join("｜".join(row).rstrip("｜") for row in value)
        return str(value)

    def canonical(self, value: Any) -> Any:
        """接口送来的值的规范形式。Raises ValueError."""
        if value is None or value == "" or value == []:
            return None
        if isinstance(value, bool) and self.kind == "boolean":
            return value
        if isinstance(value, int) and not isinstance(value, bool) and self.kind == "integer":
            return self.parsed(str(value))
        if isinstance(value, list | tuple) and self.kind == "choices" and all(isinstance(one, str) for one in value):
            return self.parsed("；".join(value))
        if isinstance(value, list | tuple) and self.kind == "rows":
            if not all(isinstance(row, list | tuple) and all(isinstance(cell, str) for cell in row) for row in value):
                raise ValueError("应为各条的列表，每条是各栏文字的列表")
            return self.parsed("\n".join("｜".join(" ".join(_CELLS.sub(" ", c).split()) for c in row) for row in value))
        if isinstance(value, str):
            return self.parsed(value)
        raise ValueError("值的种类不对")

    def _chosen(self, text: str) -> Any:
        names = {**{label: code for code, label in (self.choices or {}).items()}, **{c: c for c in self.choices or {}}}
        if self.kind == "choice":
            if text not in names:
                raise ValueError(f"没有“{text}”，可写：{'、'.join((self.choices or {}).values())}")
            return names[text]
        found, rest = set(), text
        for name in sorted(names, key=len, reverse=True):
            if re.search(rf"(?:^|[、,，;；\n]\s*){re.escape(name)}(?=\s*(?:[、,，;；\n]|$))", rest):
                found.add(names[name])
                rest = re.sub(rf"(^|[、,，;；\n]\s*){re.escape(name)}(?=\s*(?:[、,，;；\n]|$))", r"\1", rest)
        unknown = [one.strip() for one in _SEVERAL.split(rest) if one.strip()]
        if unknown:
            raise ValueError(f"没有“{'、'.join(unknown)}”，可写：{'；'.join((self.choices or {}).values())}")
        return [code for code in self.choices or {} if code in found]

    def _rows(self, text: str) -> list[list[str]]:
        rows = []
        for number, line in enumerate((one for one in text.split("\n") if one.strip()), start=1):
            cells = [" ".join(cell.split()) for cell in _CELLS.split(line)]
            if len(cells) > len(self.columns):
                raise ValueError(f"第 {number} 条多于 {len(self.columns)} 栏（{'｜'.join(self.columns)}）")
            if any(cells):
                rows.append(cells + [""] * (len(self.columns) - len(cells)))
        if len(rows) > MOST_ROWS or any(len(cell) > LONGEST_CELL for row in rows for cell in row):
            raise ValueError(f"至多 {MOST_ROWS} 条，每栏至多 {LONGEST_CELL} 字")
        return rows


@dataclass(frozen=True)
class FieldRegistry:
    """补充要素登记表，次序即显示次序。"""

    version: str
    source: str
    groups: Mapping[str, str]
    fields: tuple[ExtraField, ...]

    @cached_property
    def by_key(self) -> dict[str, ExtraField]:
        return {one.key: one for one in self.fields}

    @cached_property
    def labels(self) -> dict[str, str]:
        return {one.key: one.label for one in self.fields}

    def shown_in(self, names: Iterable[str]) -> tuple[ExtraField, ...]:
        """模板所列的要素（键或整组）；没有列的为全部，只由模板点名的除外。"""
        wanted = set(names)
        return tuple(
            one
            for one in self.fields
            if one.key in wanted or one.group in wanted or (not wanted and not one.is_listed_only)
        )

    @cached_property
    def private(self) -> frozenset[str]:
        """不对外公开的要素。"""
        return frozenset(one.key for one in self.fields if not one.is_public)

    def public(self, extra: Mapping[str, Any]) -> dict[str, Any]:
        """可以对外公开的要素与值。"""
        return {key: value for key, value in extra.items() if key not in self.private}

    def readable(self, extra: Mapping[str, Any], key: str) -> str:
        """一个要素的可读文字，没有写的为空。"""
        return self.by_key[key].text(extra.get(key))

    def merged(self, extra: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """改后的值：逐个键替换，空值为去掉，次序随登记表。Raises InvalidInput naming each wrong field."""
        values, defects = dict(extra), []
        for key, value in given.items():
            field = self.by_key.get(key)
            if field is None:
                defects.append(Defect("field_unknown", f"没有“{key}”这个要素", ErrorPlace(field=key)))
                continue
            try:
                values[key] = field.canonical(value)
            except ValueError as error:
                defects.append(Defect("field_invalid", f"{field.label}：{error}", ErrorPlace(field=field.label)))
        if defects:
            raise InvalidInput(
                "；".join(one.message for one in defects),
                hint="请按要素的说明改正后再保存。",
                place=defects[0].place,
                code="field_invalid",
            )
        return {key: value for key, value in values.items() if value is not None}

    def defects(self, extra: Mapping[str, Any]) -> list[Defect]:
        """要素之间互相矛盾之处。"""
        found = []
        for field in self.fields:
            value, earlier = extra.get(field.key), extra.get(field.not_before) if field.not_before else None
            if value and earlier and value < earlier:
                message = f"{field.label}早于{self.by_key[field.not_before].label}"
                found.append(Defect("date_before", message, ErrorPlace(field=field.label)))
            if not value and field.needed_when and all(extra.get(k) == v for k, v in field.needed_when):
                reason = "、".join(f"{self.by_key[k].label}为“{self.by_key[k].text(v)}”" for k, v in field.needed_when)
                found.append(Defect("field_needed", f"{reason}，须写明{field.label}", ErrorPlace(field=field.label)))
        return found


def _day(text: str) -> str:
    match = re.fullmatch(r"(\d{4})\s*[-年./]\s*(\d{1,2})\s*[-月./]\s*(\d{1,2})\s*日?(?:\s+00:00(?::00)?)?", text)
    try:
        return date(*(int(part) for part in match.groups())).isoformat() if match else _no_day()
    except ValueError:
        return _no_day()


def _no_day() -> str:
    raise ValueError("应为日期，如 2026-03-01")


def parse_fields(data: Mapping[str, Any], pack: str = PACK) -> FieldRegistry:
    """补充要素包。Raises InvalidInput naming the entry that is wrong."""
    groups = {str(one["code"]): str(one["label"]) for one in data["groups"]}
    found = [_field(one) for one in data["fields"]]
    keys = [one.key for one in found]
    for one in found:
        wrong = _wrong(one, groups, keys)
        if wrong:
            raise InvalidInput(
                f"资料包有误：{wrong}",
                hint="请对照随系统提供的同名资料包改正后重新启动。",
                place=ErrorPlace(file=pack, field=one.key),
                code="pack_invalid",
            )
    return FieldRegistry(str(data["version"]), str(data["source"]), groups, tuple(found))


def _field(entry: Mapping[str, Any]) -> ExtraField:
    kind = str(entry["kind"])
    return ExtraField(
        key=str(entry["key"]),
        label=str(entry["label"]),
        group=str(entry["group"]),
        kind=kind,
        source=str(entry["source"]),
        help=str(entry.get("help", "")),
        choices=dict(entry["choices"]) if "choices" in entry else None,
        columns=tuple(entry.get("columns", ())),
        pattern=str(entry.get("pattern", "")),
        minimum=int(entry.get("min", 0)),
        maximum=int(entry.get("max", LONG if kind == "long" else SHORT)),
        is_public=bool(entry.get("public", True)),
        headers=tuple(str(one) for one in entry.get("headers", ())),
        is_substantive=bool(entry.get("substantive", False)),
        not_before=str(entry.get("not_before", "")),
        needed_when=tuple((str(k), str(v)) for k, v in entry.get("needed_when", {}).items()),
        is_listed_only=bool(entry.get("listed_only", False)),
    )


def _wrong(one: ExtraField, groups: Iterable[str], keys: list[str]) -> str:
    if one.kind not in KINDS:
        return f"种类“{one.kind}”不认识"
    if one.group not in groups:
        return f"没有分组“{one.group}”"
    if keys.count(one.key) > 1:
        return "键重复"
    if one.kind in ("choice", "choices") and not one.choices:
        return "没有写明可选的值"
    if one.kind == "rows" and not one.columns:
        return "没有写明各栏"
    if any(
        key not in keys for key in (*([one.not_before] if one.not_before else []), *(k for k, _ in one.needed_when))
    ):
        return "引用的要素不存在"
    return ""


def _shipped() -> FieldRegistry:
    text = files("quanze.apps.catalog").joinpath("packs", PACK).read_text(encoding="utf-8")
    return parse_fields(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


FIELDS = _shipped()
