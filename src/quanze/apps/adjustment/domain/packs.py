"""调整事由、调整类型与同步变更表：由资料包读出，写错的指明文件与条目。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from quanze.core.errors import Defect, ErrorPlace, InvalidInput, RulesNotMet

FIELD_TYPES = ("text", "date", "item", "items")
ACTIONS = ("add", "change", "cancel")
DUTIES = {"update": "更新", "end": "终止", "check": "核对"}


def _refuse(pack: str, message: str, entry: str = "") -> InvalidInput:
    return InvalidInput(
        f"资料包有误：{message}",
        hint="请对照随系统提供的同名资料包改正后重新启动。",
        place=ErrorPlace(file=pack, field=entry),
        code="pack_invalid",
    )


@dataclass(frozen=True, slots=True)
class TriggerKind:
    """一种调整事由：代码、名称、自哪一天起算、须写明什么、说明。"""

    code: str
    label: str
    legal_date: str
    evidence: str
    help: str


@dataclass(frozen=True, slots=True)
class KindField:
    """调整类型须填的一项。"""

    name: str
    label: str
    type: str
    required: bool
    help: str = ""


@dataclass(frozen=True, slots=True)
class AdjustmentKind:
    """一种调整类型：代码、名称、落到清单上的动作、是否须报编委、须填的要素。"""

    code: str
    label: str
    action: str
    escalates: bool
    fields: tuple[KindField, ...]
    has_successor: bool = False


@dataclass(frozen=True, slots=True)
class CampaignKind:
    """一种专项工作：代码、名称、说明、常用的任务。"""

    code: str
    label: str
    help: str
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Duty:
    """依附条目要做什么：动作与说法。"""

    do: str
    say: str


@dataclass(frozen=True)
class Packs:
    """调整所用的资料：事由、类型、同步变更表、专项工作的种类。"""

    triggers: Mapping[str, TriggerKind]
    kinds: Mapping[str, AdjustmentKind]
    matrix: Mapping[str, Mapping[str, Duty]]
    campaigns: Mapping[str, CampaignKind]

    def duty(self, kind: str, target: str) -> Duty:
        """某类调整之下，某种条目要做什么。"""
        row = self.matrix[kind]
        return row.get(target) or row["*"]


def parse(
    triggers: Mapping[str, Any], kinds: Mapping[str, Any], matrix: Mapping[str, Any], campaigns: Mapping[str, Any]
) -> Packs:
    """各资料包合在一起核对：同步变更表须说到每一种调整类型。"""
    found_kinds = _kinds(kinds)
    rows = _matrix(matrix)
    missing = set(found_kinds) - set(rows)
    if missing:
        raise _refuse("matrix.yaml", f"没有说到调整类型 {'、'.join(sorted(missing))}")
    return Packs(_triggers(triggers), found_kinds, rows, _campaigns(campaigns))


def _triggers(data: Mapping[str, Any]) -> dict[str, TriggerKind]:
    found: dict[str, TriggerKind] = {}
    for entry in data.get("triggers") or ():
        try:
            kind = TriggerKind(**{key: str(value) for key, value in entry.items()})
        except TypeError as problem:
            raise _refuse("triggers.yaml", str(problem), str(entry.get("code", ""))) from None
        if not kind.code or kind.code in found:
            raise _refuse("triggers.yaml", "事由代码为空或重复", kind.code)
        found[kind.code] = kind
    return found


def _campaigns(data: Mapping[str, Any]) -> dict[str, CampaignKind]:
    found: dict[str, CampaignKind] = {}
    for entry in data.get("campaigns") or ():
        code = str(entry.get("code", ""))
        try:
            tasks = tuple(str(one) for one in entry["tasks"])
            kind = CampaignKind(code, str(entry["label"]), str(entry.get("help", "")), tasks)
        except (KeyError, TypeError) as problem:
            raise _refuse("campaigns.yaml", f"缺少或写错了一项：{problem}", code) from None
        if not code or code in found or not kind.tasks:
            raise _refuse("campaigns.yaml", "种类代码为空、重复，或没有任务", code)
        found[code] = kind
    return found


def _kinds(data: Mapping[str, Any]) -> dict[str, AdjustmentKind]:
    found: dict[str, AdjustmentKind] = {}
    for entry in data.get("kinds") or ():
        code = str(entry.get("code", ""))
        try:
            fields = tuple(
                KindField(
                    str(one["name"]),
                    str(one["label"]),
                    str(one["type"]),
                    bool(one["required"]),
                    str(one.get("help", "")),
                )
                for one in entry.get("fields", ())
            )
            kind = AdjustmentKind(
                code,
                str(entry["label"]),
                str(entry["action"]),
                bool(entry["escalates"]),
                fields,
                bool(entry.get("has_successor", False)),
            )
        except (KeyError, TypeError) as problem:
            raise _refuse("kinds.yaml", f"缺少或写错了一项：{problem}", code) from None
        if not code or code in found or kind.action not in ACTIONS:
            raise _refuse("kinds.yaml", "类型代码为空、重复，或动作不合规定", code)
        if any(one.type not in FIELD_TYPES for one in fields):
            raise _refuse("kinds.yaml", f"要素的种类只有 {'、'.join(FIELD_TYPES)}", code)
        found[code] = kind
    return found


def _matrix(data: Mapping[str, Any]) -> dict[str, dict[str, Duty]]:
    found: dict[str, dict[str, Duty]] = {}
    for kind, targets in (data.get("matrix") or {}).items():
        try:
            row = {str(key): Duty(str(value["do"]), str(value["say"])) for key, value in targets.items()}
        except (KeyError, TypeError, AttributeError) as problem:
            raise _refuse("matrix.yaml", f"写错了一项：{problem}", str(kind)) from None
        if "*" not in row or any(duty.do not in DUTIES for duty in row.values()):
            raise _refuse("matrix.yaml", "每一类须有 * 一行，动作为 update、end 或 check", str(kind))
        found[str(kind)] = row
    return found


def read_fields(kind: AdjustmentKind, given: Mapping[str, str]) -> dict[str, str]:
    """某类调整填写的要素：缺的、日期写错的逐项指出；多余的不收。"""
    values: dict[str, str] = {}
    defects: list[Defect] = []
    for one in kind.fields:
        value = str(given.get(one.name, "")).strip()
        place = ErrorPlace(field=one.name)
        if not value:
            if one.required:
                defects.append(Defect("field_missing", f"{one.label}没有填写", place))
            continue
        if one.type == "date":
            try:
                value = date.fromisoformat(value).isoformat()
            except ValueError:
                defects.append(Defect("date_form", f"{one.label}应写作 2026-11-22", place))
                continue
        if len(value) > 2000:
            defects.append(Defect("too_long", f"{one.label}最多 2000 字", place))
            continue
        values[one.name] = value
    start, end = values.get("from_date"), values.get("to_date")
    if start and end and end <= start:
        defects.append(Defect("period_backwards", "止期须在起期之后", ErrorPlace(field="to_date")))
    if defects:
        raise RulesNotMet(f"“{kind.label}”还缺要素", hint="请逐项补齐。", defects=defects, code="kind_fields")
    return values


def said(kind: AdjustmentKind, values: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """填写的要素，按类型的次序：（名称，内容）。"""
    return [(one.label, values[one.name]) for one in kind.fields if one.name in values]
