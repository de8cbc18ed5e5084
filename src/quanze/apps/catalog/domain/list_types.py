"""关联清单种类：资料包里的数据 → 冻结的值，写错时指出资料包、种类与要素。

What a kind of list is fed from, which of its own elements it has, and what may only be tightened is data. The code here
knows typed filters and typed fields, no list by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from quanze.apps.catalog.domain.items import CORE_LABELS
from quanze.core.errors import ErrorPlace, InvalidInput

PACK = "list_types.yaml"
FIELD_KINDS = {
    "text": "文字",
    "long_text": "长文字",
    "number": "数字",
    "days": "工作日数",
    "choice": "选项",
    "date": "日期",
    "url": "网址",
    "texts": "一行一项",
    "limits": "一行一项，名称与工作日数",
    "code": "编码",
}
TIERS = {
    "2": "二级清单",
    "3": "三级清单",
    "4": "四级清单",
    "T2": "镇（街道）两个清单",
    "T3": "镇（街道）履职事项清单",
}
REACHES = {"region": "本地区各机构", "body": "本机构", "town": "镇（街道）逐项列入"}
DERIVES = {"automatic": "自动提出", "by_hand": "逐项列入"}
TIGHTEN_RULES = {"not_more": "只短不长", "subset": "只少不多", "each_not_more": "只少不多，各项只短不长"}
# The rule that each kind of element of several lines is held to; all others are numbers.
_RULE_OF = {"texts": "subset", "limits": "each_not_more"}
# Values of an item that a typed filter may read.
FACTS = ("power_type", "has_fee", "has_limit", "mentions")
# What an entry reads from its item: short values and texts, no tables.
INHERITABLE = tuple(name for name in CORE_LABELS if name not in ("bases", "duties", "accountability_cases", "assists"))


def refuse(message: str, entry: str = "") -> InvalidInput:
    """资料包写错：说明何处何事。"""
    return InvalidInput(
        f"关联清单种类资料包有误：{message}",
        hint="请对照随系统提供的 list_types.yaml 改正后重新启动。",
        place=ErrorPlace(file=PACK, field=entry),
        code="pack_invalid",
    )


@dataclass(frozen=True, slots=True)
class Mentions:
    """某些要素里出现某些词之一。"""

    fields: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """归集条件：各项之间为“且”，不写的不限。"""

    power_types: frozenset[str] = frozenset()
    has_fee: bool | None = None
    has_limit: bool | None = None
    mentions: Mentions | None = None

    def accepts(self, item: Mapping[str, Any]) -> bool:
        """事项（要素名 → 值）是否符合。"""
        if self.power_types and item.get("power_type") not in self.power_types:
            return False
        if self.has_fee is not None and bool(item.get("has_fee")) is not self.has_fee:
            return False
        limited = item.get("legal_limit_days") is not None or item.get("promised_limit_days") is not None
        if self.has_limit is not None and limited is not self.has_limit:
            return False
        if self.mentions is not None:
            texts = [str(item.get(name) or "") for name in self.mentions.fields]
            return any(word in text for word in self.mentions.words for text in texts)
        return True


@dataclass(frozen=True, slots=True)
class PowerWords:
    """无权有责的识别：哪个要素写的职责里出现哪些词，就须有哪类职权。"""

    field: str
    words: Mapping[str, tuple[str, ...]]

    def called_for(self, text: str) -> list[tuple[str, str]]:
        """文字所要求的（职权类型，词），每类取先出现的一个。"""
        found = []
        for power_type, words in self.words.items():
            word = next((one for one in words if one in text), "")
            if word:
                found.append((power_type, word))
        return found


@dataclass(frozen=True, slots=True)
class Tighten:
    """只能收紧：与上级的哪个要素比，怎么比。"""

    field: str
    rule: str


@dataclass(frozen=True, slots=True)
class ExtraField:
    """自有要素：名称、说法、种类、是否必填、说明、取值与约束。"""

    name: str
    label: str
    kind: str
    required: bool = False
    help: str = ""
    choices: Mapping[str, str] | None = None
    minimum: int | None = None
    maximum: int | None = None
    length: int = 0
    scheme: str = ""
    extends: str = ""
    tighten: Tighten | None = None
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ListType:
    """一种关联清单。"""

    code: str
    label: str
    tier: str
    reach: str
    derive: str
    owner_label: str
    owner_kinds: tuple[str, ...]
    from_items: tuple[ItemFilter, ...] = ()
    only_items: tuple[ItemFilter, ...] = ()
    from_list: str = ""
    inherited: tuple[str, ...] = ()
    from_parent: tuple[str, ...] = ()
    fields: tuple[ExtraField, ...] = ()
    minimum_references: int = 1
    distinct_bodies: bool = False
    optional_field: str = ""
    optional_values: frozenset[str] = frozenset()
    many_per_parent: bool = False
    own_item_only: bool = False
    lead_item_elsewhere: bool = False
    is_taking_back: bool = False
    procedure: str = "derived-list"
    power_words: PowerWords | None = None

    @cached_property
    def by_name(self) -> dict[str, ExtraField]:
        return {one.name: one for one in self.fields}

    @property
    def tier_label(self) -> str:
        return TIERS[self.tier]

    @property
    def is_automatic(self) -> bool:
        return self.derive == "automatic"

    @property
    def is_of_town(self) -> bool:
        return self.tier.startswith("T")

    @property
    def names_itself(self) -> bool:
        """条目自己有名称；继承名称的种类不写。"""
        return "name" not in self.inherited

    def feeds_from(self, item: Mapping[str, Any]) -> bool:
        """事项是否应列入（或其条目是否应派生出）这种清单。"""
        conditions = self.only_items if self.from_list else self.from_items
        return any(one.accepts(item) for one in conditions) if conditions else bool(self.from_list)

    def needs_reference(self, content: Mapping[str, Any]) -> int:
        """按此内容至少要几处依据。"""
        if self.optional_field and content.get(self.optional_field) in self.optional_values:
            return 0
        return self.minimum_references


@dataclass(frozen=True)
class ListTypes:
    """全部关联清单种类，次序即显示与派生的次序（上层在前）。"""

    types: tuple[ListType, ...]
    version: str
    source: str

    @cached_property
    def by_code(self) -> dict[str, ListType]:
        return {one.code: one for one in self.types}

    def of(self, code: str) -> ListType:
        """按代码取；没有则说明可用哪些。"""
        if code not in self.by_code:
            raise InvalidInput(
                f"没有关联清单种类“{code}”", hint=f"可用：{'、'.join(self.by_code)}。", code="list_type_unknown"
            )
        return self.by_code[code]

    def derived_from(self, code: str) -> tuple[ListType, ...]:
        """由这种清单派生的下一层。"""
        return tuple(one for one in self.types if one.from_list == code)


def parse_list_types(data: Mapping[str, Any], *, power_types: Sequence[str], body_kinds: Sequence[str]) -> ListTypes:
    """关联清单种类包：读成冻结的值，逐处核对。"""
    types = tuple(_list_type(one, power_types, body_kinds) for one in _need(data, "types"))
    codes = [one.code for one in types]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise refuse(f"种类重复：{'、'.join(twice)}")
    known: dict[str, ListType] = {}
    for one in types:
        if one.from_list:
            _require_parent(one, known)
        known[one.code] = one
    return ListTypes(types, str(_need(data, "version")), str(_need(data, "source")))


def _require_parent(one: ListType, known: Mapping[str, ListType]) -> None:
    parent = known.get(one.from_list)
    if parent is None:
        raise refuse(f"from_list 写的“{one.from_list}”不存在，或排在后面", one.code)
    offered = {*parent.by_name, *parent.from_parent, *INHERITABLE}
    for name in one.from_parent:
        if name not in {*parent.by_name, *parent.from_parent}:
            raise refuse(f"from_parent 写的“{name}”不是{parent.label}的要素", one.code)
    for field in one.fields:
        if field.tighten is not None and field.tighten.field not in offered:
            raise refuse(f"tighten 写的“{field.tighten.field}”上级没有", f"{one.code}.{field.name}")
        if field.extends and field.extends not in parent.by_name:
            raise refuse(f"extends 写的“{field.extends}”不是{parent.label}的要素", f"{one.code}.{field.name}")


def _need(data: Mapping[str, Any], key: str, entry: str = "") -> Any:
    if not isinstance(data, Mapping) or key not in data:
        raise refuse(f"缺少“{key}”", entry)
    return data[key]


def _one_of(value: object, allowed: Sequence[str] | Mapping[str, str], what: str, entry: str) -> str:
    if str(value) not in allowed:
        raise refuse(f"{what}“{value}”应为 {'、'.join(allowed)} 之一", entry)
    return str(value)


_TYPE_KEYS = {
    *("code", "label", "tier", "reach", "owner", "derive", "from_items", "only_items", "from_list", "inherited"),
    *("from_parent", "references", "fields", "many_per_parent", "own_item_only", "lead_item_elsewhere"),
    *("is_taking_back", "procedure", "power_words"),
}


def _list_type(data: Mapping[str, Any], power_types: Sequence[str], body_kinds: Sequence[str]) -> ListType:
    code = str(_need(data, "code"))
    unknown = sorted(set(data) - _TYPE_KEYS)
    if unknown:
        raise refuse(f"不认识的键：{'、'.join(unknown)}", code)
    if not re.fullmatch(r"[A-Z]{2,8}", code):
        raise refuse("种类代码应为 2 至 8 个大写字母", code)
    owner = _need(data, "owner", code)
    references = _need(data, "references", code)
    optional = references.get("optional_when") or {}
    fields = tuple(_field(one, code) for one in data.get("fields", ()))
    names = [one.name for one in fields]
    if len(names) != len(set(names)):
        raise refuse("要素重复", code)
    if optional and optional.get("field") not in names:
        raise refuse(f"optional_when 写的“{optional.get('field')}”不是本种类的要素", code)
    inherited = tuple(str(one) for one in data.get("inherited", ()))
    for name in inherited:
        _one_of(name, INHERITABLE, "继承的要素", code)
    found = ListType(
        code=code,
        label=str(_need(data, "label", code)),
        tier=_one_of(_need(data, "tier", code), TIERS, "层级", code),
        reach=_one_of(_need(data, "reach", code), REACHES, "归集范围", code),
        derive=_one_of(_need(data, "derive", code), DERIVES, "派生方式", code),
        owner_label=str(_need(owner, "label", code)),
        owner_kinds=tuple(_one_of(one, body_kinds, "机构种类", code) for one in _need(owner, "kinds", code)),
        from_items=tuple(_filter(one, code, power_types) for one in data.get("from_items", ())),
        only_items=tuple(_filter(one, code, power_types) for one in data.get("only_items", ())),
        from_list=str(data.get("from_list", "")),
        inherited=inherited,
        from_parent=tuple(str(one) for one in data.get("from_parent", ())),
        fields=fields,
        minimum_references=int(references.get("minimum", 1)),
        distinct_bodies=bool(references.get("distinct_bodies", False)),
        optional_field=str(optional.get("field", "")),
        optional_values=frozenset(str(one) for one in optional.get("values", ())),
        procedure=str(data.get("procedure", "derived-list")),
        power_words=_power_words(data["power_words"], code, names, power_types) if "power_words" in data else None,
        **{
            key: bool(data.get(key, False))
            for key in ("many_per_parent", "own_item_only", "lead_item_elsewhere", "is_taking_back")
        },
    )
    if found.is_automatic and not (found.from_items or found.from_list):
        raise refuse("自动派生的种类须写 from_items 或 from_list", code)
    if found.from_items and found.from_list:
        raise refuse("from_items 与 from_list 只能写一个", code)
    return found


def _power_words(data: Mapping[str, Any], code: str, fields: Sequence[str], power_types: Sequence[str]) -> PowerWords:
    words = {
        _one_of(kind, power_types, "power_words 的职权类型", code): tuple(str(one) for one in listed)
        for kind, listed in _need(data, "words", code).items()
    }
    return PowerWords(_one_of(_need(data, "field", code), fields, "power_words 的要素", code), words)


def _filter(data: Mapping[str, Any], code: str, power_types: Sequence[str]) -> ItemFilter:
    unknown = sorted(set(data) - set(FACTS))
    if unknown:
        raise refuse(f"归集条件不认识：{'、'.join(unknown)}（可用 {'、'.join(FACTS)}）", code)
    mentions = data.get("mentions")
    if mentions is not None:
        for name in _need(mentions, "fields", code):
            _one_of(name, INHERITABLE, "归集条件里的要素", code)
    return ItemFilter(
        power_types=frozenset(_one_of(one, power_types, "职权类型", code) for one in data.get("power_type", ())),
        has_fee=data.get("has_fee"),
        has_limit=data.get("has_limit"),
        mentions=Mentions(tuple(mentions["fields"]), tuple(str(one) for one in _need(mentions, "words", code)))
        if mentions is not None
        else None,
    )


def _field(data: Mapping[str, Any], code: str) -> ExtraField:
    name = str(_need(data, "name", code))
    entry = f"{code}.{name}"
    kind = _one_of(_need(data, "kind", entry), FIELD_KINDS, "要素种类", entry)
    choices = {str(value): str(label) for value, label in (data.get("choices") or {}).items()}
    if (kind == "choice") != bool(choices):
        raise refuse("选项种类须写 choices，其他种类不写", entry)
    tighten = data.get("tighten")
    if tighten is not None:
        rule = _one_of(_need(tighten, "rule", entry), TIGHTEN_RULES, "收紧规则", entry)
        if rule != _RULE_OF.get(kind, "not_more"):
            raise refuse("subset 用于一行一项的要素，each_not_more 用于 limits，not_more 用于数字", entry)
    refused = frozenset(str(one) for one in data.get("refused", ()))
    if refused - choices.keys():
        raise refuse("refused 写了没有的选项", entry)
    return ExtraField(
        name=name,
        label=str(_need(data, "label", entry)),
        kind=kind,
        required=bool(data.get("required", False)),
        help=str(data.get("help", "")),
        choices=choices or None,
        minimum=data.get("minimum", 0 if kind in ("days", "limits") else None),
        maximum=data.get("maximum"),
        length=int(data.get("length", 0)),
        scheme=str(data.get("scheme", "")),
        extends=str(data.get("extends", "")),
        tighten=Tighten(str(_need(tighten, "field", entry)), str(tighten["rule"])) if tighten is not None else None,
        refused=refused,
    )
