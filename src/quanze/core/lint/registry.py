"""规则登记：代码唯一、不再使用的代码只改道不重用。"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Generic

from quanze.core.lint.rules import Rule, SubjectT

_CODE = re.compile(r"[A-Z]\d{3}")
_TEXTS = ("title", "meaning", "reason", "method", "remedy", "source")


class Registry(Generic[SubjectT]):
    """规则登记簿。Fails when it is built, not when a clerk first meets the rule.

    ``redirects`` maps a retired code to the one that took its place, so that old waivers, links and settings still
    find their rule. A retired code is never given to another rule.
    """

    def __init__(self, rules: Iterable[Rule[SubjectT]], *, redirects: Mapping[str, str] | None = None) -> None:
        self._rules: dict[str, Rule[SubjectT]] = {}
        for rule in rules:
            _require_complete(rule)
            if rule.code in self._rules:
                raise ValueError(f"规则代码 {rule.code} 重复：{self._rules[rule.code].name} 与 {rule.name}")
            self._rules[rule.code] = rule
        self.redirects = dict(redirects or {})
        for old, new in self.redirects.items():
            if old in self._rules:
                raise ValueError(f"代码 {old} 已停用，不能再给规则 {self._rules[old].name}")
            if new not in self._rules:
                raise ValueError(f"停用代码 {old} 改道至不存在的规则 {new}")

    def __iter__(self) -> Iterator[Rule[SubjectT]]:
        """按代码次序。"""
        return iter([self._rules[code] for code in sorted(self._rules)])

    def __len__(self) -> int:
        return len(self._rules)

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and self.resolve(code) in self._rules

    def resolve(self, code: str) -> str:
        """现行代码：停用的代码换成接替者，其余原样。"""
        return self.redirects.get(code, code)

    def get(self, code: str) -> Rule[SubjectT]:
        """按代码取规则；停用代码得到接替者。Raises KeyError with the known codes."""
        try:
            return self._rules[self.resolve(code)]
        except KeyError:
            raise KeyError(f"没有规则 {code}；现有：{'、'.join(sorted(self._rules))}") from None

    def codes(self) -> tuple[str, ...]:
        return tuple(sorted(self._rules))


def _require_complete(rule: Rule[Any]) -> None:
    code = getattr(rule, "code", "")
    if not _CODE.fullmatch(code):
        raise ValueError(f"规则 {rule.name} 的代码“{code}”应为一个大写字母加三位数字")
    missing = [name for name in _TEXTS if not getattr(rule, name, "").strip()]
    missing += [name for name in ("severity", "scope", "fields", "bad", "good") if not getattr(rule, name, None)]
    if missing:
        raise ValueError(f"规则 {code}（{rule.name}）没有写明：{'、'.join(missing)}")
