"""状态机：转换表是唯一事实，decide() 是它唯一的读者。

A lifecycle is a table of rows; diagrams and reference pages are generated from it and a test walks every
state × verb × role cell. Guards that look at more than state and role stay in the domain module of the owner.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from quanze.core.errors import NotPermitted, RulesNotMet, WrongState


@dataclass(frozen=True, slots=True)
class Transition:
    """一条转换：在 source 状态、由 roles 之一、做 verb，到 target；reason_required 表示必须写明理由。"""

    source: str
    verb: str
    target: str
    roles: frozenset[str]
    label: str
    reason_required: bool = False


@dataclass(frozen=True)
class Lifecycle:
    """生命周期：名称、起始状态、状态名、转换表。``states`` maps stored value → Chinese label."""

    name: str
    label: str
    initial: str
    states: dict[str, str]
    transitions: tuple[Transition, ...]

    def __post_init__(self) -> None:
        seen: set[tuple[str, str]] = set()
        for row in self.transitions:
            unknown = {row.source, row.target} - self.states.keys()
            if unknown:
                raise ValueError(f"{self.name}: 转换“{row.verb}”用了未声明的状态 {sorted(unknown)}")
            if (row.source, row.verb) in seen:
                raise ValueError(f"{self.name}: 状态“{row.source}”的“{row.verb}”重复")
            seen.add((row.source, row.verb))

    def decide(self, state: str, verb: str, *, roles: Iterable[str], reason: str = "") -> Transition:
        """判定可否：返回将发生的转换；状态不符、无权、缺理由各是不同的错误。"""
        row = next((t for t in self.transitions if t.source == state and t.verb == verb), None)
        if row is None:
            label = next((t.label for t in self.transitions if t.verb == verb), verb)
            raise WrongState(
                f"当前状态为“{self.states.get(state, state)}”，不能{label}",
                hint=f"此时可以：{'、'.join(t.label for t in self.available(state)) or '无'}。请刷新页面查看最新状态。",
            )
        if row.roles and row.roles.isdisjoint(roles):
            raise NotPermitted(f"您当前的角色不能{row.label}", hint="请由有此职责的同事办理，或切换岗位后再试。")
        if row.reason_required and not reason.strip():
            raise RulesNotMet(f"{row.label}必须写明理由", hint="请在意见栏写明理由后再提交。", code="reason_required")
        return row

    def available(self, state: str, roles: Iterable[str] | None = None) -> tuple[Transition, ...]:
        """此状态下（此角色）可做的转换，按表中顺序。"""
        held = None if roles is None else frozenset(roles)
        return tuple(
            t
            for t in self.transitions
            if t.source == state and (held is None or not t.roles or not t.roles.isdisjoint(held))
        )
