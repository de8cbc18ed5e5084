"""随带资料包：职权类型、清单模板、编码方案、名称用语、许可名称、检查界限。

Parsers of plain mappings into frozen values, with errors that name the pack and the entry. Reading the files is not
done here. What differs by place or year is in these packs, so that a city changes data and not code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

from quanze.apps.catalog.domain.fields import FIELDS
from quanze.apps.catalog.domain.items import CONTENT_LABELS
from quanze.apps.catalog.domain.naming import licence_core, word_pattern
from quanze.core.errors import ErrorPlace, InvalidInput
from quanze.core.lint import Severity
from quanze.core.listsheet.hygiene import NO_PATTERNS, InjectionPatterns

Data = Mapping[str, Any]


def _refuse(pack: str, message: str, entry: str = "") -> InvalidInput:
    return InvalidInput(
        f"资料包有误：{message}",
        hint="请对照随系统提供的同名资料包改正后重新启动。",
        place=ErrorPlace(file=pack, field=entry),
        code="pack_invalid",
    )


def _need(data: Data, key: str, pack: str, entry: str = "") -> Any:
    if not isinstance(data, Mapping) or key not in data:
        raise _refuse(pack, f"缺少“{key}”", entry)
    return data[key]


def _texts(value: object, pack: str, entry: str) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(one, str) for one in value):
        raise _refuse(pack, "应为文字列表", entry)
    return tuple(value)


@dataclass(frozen=True, slots=True)
class DutyStage:
    """责任环节：名称与算作覆盖的说法。"""

    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PowerType:
    """职权类型：代码、名称、编码字母与数字、行为用语、应有环节。"""

    code: str
    label: str
    letters: str
    number: str
    aliases: tuple[str, ...] = ()
    act_words: tuple[str, ...] = ()
    act_anywhere: bool = False
    decisive_words: tuple[str, ...] = ()
    stages: tuple[DutyStage, ...] = ()
    restricts_rights: bool = False
    on_application: bool = False


@dataclass(frozen=True)
class PowerTypes:
    """职权类型表，次序即显示次序。"""

    types: tuple[PowerType, ...]
    version: str
    source: str

    @cached_property
    def by_code(self) -> dict[str, PowerType]:
        return {one.code: one for one in self.types}

    @cached_property
    def _by_name(self) -> dict[str, str]:
        return {name: one.code for one in self.types for name in (one.code, one.label, *one.aliases)}

    def label(self, code: str) -> str:
        """名称；不认识的代码原样返回，空为“未定”。"""
        known = self.by_code.get(code)
        return known.label if known else (code or "未定")

    def code_for(self, name: str) -> str:
        """由名称或别名得到代码，认不出为空。"""
        return self._by_name.get("".join(name.split()), "")


def parse_power_types(data: Data, pack: str = "power_types.yaml") -> PowerTypes:
    """职权类型包。"""
    types = []
    for entry in _need(data, "types", pack):
        code = str(_need(entry, "code", pack))
        stages = tuple(
            DutyStage(str(_need(stage, "name", pack, code)), _texts(_need(stage, "words", pack, code), pack, code))
            for stage in entry.get("stages", ())
        )
        types.append(
            PowerType(
                code=code,
                label=str(_need(entry, "label", pack, code)),
                letters=str(_need(entry, "letters", pack, code)),
                number=str(_need(entry, "number", pack, code)),
                aliases=_texts(entry.get("aliases", ()), pack, code),
                act_words=_texts(entry.get("act_words", ()), pack, code),
                act_anywhere=entry.get("position", "end") == "anywhere",
                decisive_words=_texts(entry.get("decisive_words", ()), pack, code),
                stages=stages,
                restricts_rights=bool(entry.get("restricts_rights", False)),
                on_application=bool(entry.get("on_application", False)),
            )
        )
    for attribute, word in (("code", "代码"), ("label", "名称"), ("letters", "字母"), ("number", "数字编码")):
        values = [getattr(one, attribute) for one in types]
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise _refuse(pack, f"职权类型的{word}重复：{'、'.join(twice)}")
    return PowerTypes(tuple(types), str(_need(data, "version", pack)), str(_need(data, "source", pack)))


@dataclass(frozen=True)
class Naming:
    """名称用语：含糊动词、已取消的类别、虚字、异体、长短。"""

    vague_openings: tuple[str, ...]
    vague_endings: tuple[str, ...]
    noun_openings: tuple[str, ...]
    abolished_wording: tuple[str, ...]
    filler_words: tuple[str, ...]
    variants: Mapping[str, str]
    minimum_length: int
    maximum_length: int
    trailing_punctuation: str

    @cached_property
    def fillers(self) -> re.Pattern[str]:
        return word_pattern(self.filler_words)


def parse_naming(data: Data, pack: str = "naming.yaml") -> Naming:
    """名称用语包。"""
    length = _need(data, "name_length", pack)
    words = {
        name: _texts(_need(data, name, pack), pack, name)
        for name in ("vague_openings", "vague_endings", "noun_openings", "abolished_wording", "filler_words")
    }
    return Naming(
        **words,
        variants={str(key): str(value) for key, value in _need(data, "variants", pack).items()},
        minimum_length=int(_need(length, "minimum", pack, "name_length")),
        maximum_length=int(_need(length, "maximum", pack, "name_length")),
        trailing_punctuation=str(_need(data, "trailing_punctuation", pack)),
    )


_LICENCE_ENDINGS = (
    "许可证核发",
    "许可审批",
    "行政许可",
    "许可证",
    "许可",
    "审批",
    "核准",
    "批准",
    "审查",
    "核发",
    "的",
)


@dataclass(frozen=True)
class Licences:
    """许可名称：国家清单所列事项，一项可有几种叫法。"""

    names: tuple[tuple[str, ...], ...]
    version: str
    source: str

    @cached_property
    def _endings(self) -> re.Pattern[str]:
        return re.compile(f"(?:{word_pattern(_LICENCE_ENDINGS).pattern})$")

    @cached_property
    def _by_core(self) -> dict[str, str]:
        return {licence_core(name, endings=self._endings): row[0] for row in self.names for name in row}

    def match(self, name: str) -> str:
        """此名称所指的许可的规范名称；不是许可则为空。"""
        return self._by_core.get(licence_core(name, endings=self._endings), "")


def parse_licences(data: Data, pack: str = "licences.yaml") -> Licences:
    """许可名称包。"""
    rows: list[tuple[str, ...]] = []
    for group, entries in _need(data, "names", pack).items():
        for entry in entries:
            rows.append((entry,) if isinstance(entry, str) else _texts(entry, pack, str(group)))
    flat = [name for row in rows for name in row]
    twice = sorted({name for name in flat if flat.count(name) > 1})
    if twice:
        raise _refuse(pack, f"许可名称重复：{'、'.join(twice)}")
    return Licences(tuple(rows), str(_need(data, "version", pack)), str(_need(data, "source", pack)))


@dataclass(frozen=True, slots=True)
class CodeSegment:
    """编码的一段。``values_from`` names the attribute of the power type that the segment must equal."""

    name: str
    length: int
    alphabet: str
    values_from: str = ""
    main_value: str = ""


@dataclass(frozen=True, slots=True)
class CodeScheme:
    """职权编码方案：逐段的长度与取值；自由方案只限长度与字符。"""

    code: str
    label: str
    source: str
    segments: tuple[CodeSegment, ...] = ()
    parent_prefix: int = 0
    is_free: bool = False
    minimum: int = 0
    maximum: int = 0

    @property
    def length(self) -> int:
        return sum(segment.length for segment in self.segments)


_ALPHABETS = ("digits", "letters", "alphanumeric")
_VALUES_FROM = ("", "type_number", "type_letters")


def parse_code_schemes(data: Data, pack: str = "code_schemes.yaml") -> dict[str, CodeScheme]:
    """编码方案包。"""
    schemes: dict[str, CodeScheme] = {}
    for entry in _need(data, "schemes", pack):
        code = str(_need(entry, "code", pack))
        segments = tuple(
            CodeSegment(
                name=str(_need(segment, "name", pack, code)),
                length=int(_need(segment, "length", pack, code)),
                alphabet=str(_need(segment, "alphabet", pack, code)),
                values_from=str(segment.get("values_from", "")),
                main_value=str(segment.get("main_value", "")),
            )
            for segment in entry.get("segments", ())
        )
        for segment in segments:
            if segment.alphabet not in _ALPHABETS or segment.values_from not in _VALUES_FROM:
                raise _refuse(pack, f"“{segment.name}”段的字符集或取值来源不认识", code)
        scheme = CodeScheme(
            code=code,
            label=str(_need(entry, "label", pack, code)),
            source=str(_need(entry, "source", pack, code)),
            segments=segments,
            parent_prefix=int(entry.get("parent_prefix", 0)),
            is_free=bool(entry.get("free", False)),
            minimum=int(entry.get("minimum", 0)),
            maximum=int(entry.get("maximum", 0)),
        )
        if code in schemes:
            raise _refuse(pack, f"编码方案 {code} 重复")
        if not scheme.is_free and not segments:
            raise _refuse(pack, "没有分段，也没有写明 free", code)
        schemes[code] = scheme
    return schemes


@dataclass(frozen=True)
class ListTemplate:
    """清单模板：必填要素、编码方案、每条规则在此的严重程度，表单显示哪些补充要素（没有列的为全部）与各自的填写说明。"""

    code: str
    label: str
    note: str
    source: str
    required: tuple[str, ...]
    code_scheme: str
    severities: Mapping[str, Severity | None] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    help: Mapping[str, str] = field(default_factory=dict)


def parse_template(data: Data, pack: str, *, schemes: Mapping[str, CodeScheme]) -> ListTemplate:
    """清单模板包。Severities are error, warning, info or silent; a key is a rule code or ``code.field``."""
    required = _texts(_need(data, "required", pack), pack, "required")
    unknown = sorted(set(required) - CONTENT_LABELS.keys())
    if unknown:
        raise _refuse(pack, f"必填要素不认识：{'、'.join(unknown)}", "required")
    scheme = str(_need(data, "code_scheme", pack))
    if scheme not in schemes:
        raise _refuse(pack, f"没有编码方案 {scheme}", "code_scheme")
    severities: dict[str, Severity | None] = {}
    for key, word in (data.get("severities") or {}).items():
        if word != "silent" and word not in {str(one) for one in Severity}:
            raise _refuse(pack, f"严重程度“{word}”应为 error、warning、info 或 silent", str(key))
        code, _, narrowed = str(key).partition(".")
        if not re.fullmatch(r"[A-Z]\d{3}", code) or (narrowed and narrowed not in CONTENT_LABELS):
            raise _refuse(pack, "应写规则代码，或“规则代码.字段”", str(key))
        severities[str(key)] = None if word == "silent" else Severity(word)
    shown = _texts(data.get("fields", ()), pack, "fields")
    strange = sorted(set(shown) - FIELDS.by_key.keys() - FIELDS.groups.keys())
    if strange:
        raise _refuse(pack, f"补充要素不认识：{'、'.join(strange)}", "fields")
    hidden = sorted((set(required) & FIELDS.by_key.keys()) - {one.key for one in FIELDS.shown_in(shown)})
    if hidden:
        raise _refuse(pack, f"必填的补充要素没有列入 fields：{'、'.join(hidden)}", "fields")
    help = {str(key): str(text) for key, text in (data.get("help") or {}).items()}
    if not help.keys() <= FIELDS.by_key.keys():
        raise _refuse(pack, "填写说明所指的补充要素不认识", "help")
    return ListTemplate(
        code=str(_need(data, "code", pack)),
        label=str(_need(data, "label", pack)),
        note=str(data.get("note", "")),
        source=str(_need(data, "source", pack)),
        required=required,
        code_scheme=scheme,
        severities=severities,
        fields=shown,
        help=help,
    )


@dataclass(frozen=True, slots=True)
class Thresholds:
    """检查界限，均为整数（百分比或项数）。Field names are the parameter codes without ``lint_``."""

    other_share_percent: int = 45
    other_share_gap_points: int = 15
    boilerplate_share_percent: int = 80
    town_tolerance_percent: int = 10
    county_tolerance_percent: int = 15
    near_duplicate_percent: int = 92
    small_list: int = 10


THRESHOLD_CODES = tuple(f"lint_{one.name}" for one in fields(Thresholds))


def thresholds_from(values: Mapping[str, object]) -> Thresholds:
    """由参数值组成界限；代码须齐全。"""
    missing = sorted(set(THRESHOLD_CODES) - values.keys())
    if missing:
        raise _refuse("lint_parameters.yaml", f"缺少参数：{'、'.join(missing)}")
    return Thresholds(**{code.removeprefix("lint_"): int(str(values[code])) for code in THRESHOLD_CODES})


@dataclass(frozen=True)
class RulePacks:
    """规则所用的全部资料。"""

    types: PowerTypes
    naming: Naming
    licences: Licences
    schemes: Mapping[str, CodeScheme]
    templates: Mapping[str, ListTemplate]
    injections: InjectionPatterns = NO_PATTERNS
    thresholds: Thresholds = Thresholds()

    def template(self, code: str) -> ListTemplate:
        """按代码取清单模板。"""
        if code not in self.templates:
            raise InvalidInput(
                f"没有清单模板“{code}”", hint=f"可用：{'、'.join(sorted(self.templates))}。", code="template_unknown"
            )
        return self.templates[code]
