"""依法不公开：清单以公开为常态，不公开的逐项写明法律依据与理由，另一人审定，到期复核。

State secrets are not among the grounds: what is secret must never be entered here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from quanze.core.errors import Defect, ErrorPlace, InvalidInput, RulesNotMet
from quanze.core.statemachine import Lifecycle, Transition

_ASKERS = frozenset({"drafter", "publisher"})
_DECIDERS = frozenset({"head", "deputy_head", "establishment"})
_LIFTERS = _DECIDERS | {"publisher"}

NONDISCLOSURE_FLOW = Lifecycle(
    name="catalog.nondisclosure",
    label="依法不公开",
    initial="proposed",
    states={
        "proposed": "待审定",
        "active": "不公开",
        "refused": "不予同意",
        "withdrawn": "已撤回",
        "lifted": "已恢复公开",
    },
    transitions=(
        Transition("proposed", "approve", "active", _DECIDERS, "同意不公开"),
        Transition("proposed", "refuse", "refused", _DECIDERS, "不同意", reason_required=True),
        Transition("proposed", "withdraw", "withdrawn", _ASKERS, "撤回申请"),
        Transition("active", "reaffirm", "active", _DECIDERS, "复核后继续不公开", reason_required=True),
        Transition("active", "lift", "lifted", _LIFTERS, "恢复公开", reason_required=True),
    ),
)
OPEN_STATES = ("proposed", "active")
# 《法规》第几条：一部法规的名称与它的条次，缺一不可。
_CITATION = re.compile(r"《[^《》]{2,80}》.{0,20}?第[零〇一二三四五六七八九十百千0-9]+条")
SHORTEST_REASON = 10


@dataclass(frozen=True, slots=True)
class Ground:
    """一种情形：代码、名称、预填的法律依据、怎样写理由。"""

    code: str
    label: str
    legal_basis: str
    help: str


@dataclass(frozen=True)
class Grounds:
    """不公开的情形，次序即显示次序。"""

    grounds: tuple[Ground, ...]
    version: str
    source: str

    def label(self, code: str) -> str:
        """情形的名称；表里已去掉的只剩代码。"""
        return next((one.label for one in self.grounds if one.code == code), code)

    def __contains__(self, code: object) -> bool:
        return any(one.code == code for one in self.grounds)


def parse_grounds(data: Mapping[str, Any], pack: str = "nondisclosure_grounds.yaml") -> Grounds:
    """情形包：代码不重复，各有名称与法律依据。"""
    found: list[Ground] = []
    for entry in data.get("grounds") or ():
        code = str(entry.get("code", ""))
        try:
            ground = Ground(code, str(entry["label"]), str(entry["legal_basis"]), str(entry.get("help", "")))
        except KeyError as missing:
            raise _refused(pack, f"缺少 {missing}", code) from None
        if not code or any(one.code == code for one in found) or _CITATION.search(ground.legal_basis) is None:
            raise _refused(pack, "代码为空、重复，或法律依据没有写到条", code)
        found.append(ground)
    if not found:
        raise _refused(pack, "没有一种情形", "")
    return Grounds(tuple(found), str(data.get("version", "")), str(data.get("source", "")))


def _refused(pack: str, message: str, entry: str) -> InvalidInput:
    return InvalidInput(
        f"资料包有误：{message}",
        hint="请对照随系统提供的同名资料包改正后重新启动。",
        place=ErrorPlace(file=pack, field=entry),
        code="pack_invalid",
    )


def require_grounded(grounds: Grounds, *, ground: str, legal_basis: str, reason: str) -> None:
    """不公开要有根据：情形在表内，法律依据写到条，理由说得清。"""
    defects = []
    if ground not in grounds:
        defects.append(Defect("ground_unknown", "请选择不公开的情形", ErrorPlace(field="ground")))
    if _CITATION.search(legal_basis) is None:
        said = "法律依据应写明法规名称与条次，如《中华人民共和国政府信息公开条例》第十四条"
        defects.append(Defect("legal_basis_incomplete", said, ErrorPlace(field="legal_basis")))
    if len(reason.strip()) < SHORTEST_REASON:
        said = f"理由至少写 {SHORTEST_REASON} 个字，说明公开会有什么后果"
        defects.append(Defect("reason_too_short", said, ErrorPlace(field="reason")))
    if defects:
        raise RulesNotMet(
            "不公开的根据还没有写全",
            defects=defects,
            hint="清单以公开为常态，不公开的逐项写明法律依据与理由。",
            code="nondisclosure_not_grounded",
        )


def review_due(on: date, months: int) -> date:
    """复核日：审定之日起满若干个月；没有那一天的取月末。"""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    for day in (on.day, 30, 29, 28):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    raise AssertionError("28 号每月都有")
