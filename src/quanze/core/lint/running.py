"""运行：让一组规则看一个主体，得到次序确定的报告。"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from quanze.core.lint.findings import Finding, Hit, Severity
from quanze.core.lint.rules import Rule, SubjectT
from quanze.core.sealing import content_digest

Severities = Mapping[str, Severity | None]


@dataclass(frozen=True, slots=True)
class Report:
    """检查报告：发现（重者在前，再按代码、事项次序、字段）与用过的规则。"""

    findings: tuple[Finding, ...]
    codes: tuple[str, ...]
    items: int

    def count(self, severity: Severity) -> int:
        return sum(1 for finding in self.findings if finding.severity is severity)

    @property
    def counts(self) -> dict[str, int]:
        """各严重程度的条数，三个键总在。"""
        return {severity.value: self.count(severity) for severity in Severity}

    @property
    def has_errors(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    def of(self, *codes: str) -> tuple[Finding, ...]:
        """某些代码的发现。"""
        return tuple(finding for finding in self.findings if finding.code in codes)


def severity_of(rule: Rule[Any], field: str, severities: Severities) -> Severity | None:
    """某规则在某字段上的严重程度；None 表示此处不查。

    The narrowest setting wins: ``R402.accountability_basis_text`` before ``R402`` before the rule's own default.
    """
    narrow = f"{rule.code}.{field}"
    if narrow in severities:
        return severities[narrow]
    if rule.code in severities:
        return severities[rule.code]
    return rule.severity


def run(
    subject: SubjectT,
    *,
    rules: Iterable[Rule[SubjectT]],
    digest: Callable[[Any], str],
    severities: Severities | None = None,
) -> Report:
    """运行规则。``digest`` gives the content hash of one item and is asked only for items with findings.

    A rule that is silent in these settings and has no narrower setting is not run at all. A defect of a rule is not
    swallowed: the exception carries the rule's code as a note.
    """
    settings = severities or {}
    position = {item.key: index for index, item in enumerate(subject.items)}
    if len(position) != len(subject.items):
        raise ValueError("事项的键在清单内必须唯一")
    by_key = {item.key: item for item in subject.items}
    hashes: dict[str, str] = {}

    def hash_of(key: str) -> str:
        if key not in hashes:
            hashes[key] = digest(by_key[key])
        return hashes[key]

    found: list[Finding] = []
    used: list[str] = []
    for rule in rules:
        if not _is_active(rule, settings):
            continue
        used.append(rule.code)
        try:
            hits = list(rule.check(subject))
        except Exception as error:
            error.add_note(f"规则 {rule.code}（{rule.name}）运行出错")
            raise
        for hit in hits:
            severity = severity_of(rule, hit.field, settings)
            if severity is not None:
                found.append(_finding(rule, hit, severity, hash_of))
    last = len(position)
    found.sort(key=lambda f: (f.severity.rank, f.code, position.get(f.key, last), f.field, f.message, f.evidence))
    return Report(findings=tuple(found), codes=tuple(sorted(used)), items=len(position))


def _is_active(rule: Rule[Any], severities: Severities) -> bool:
    if severities.get(rule.code, rule.severity) is not None:
        return True
    return any(key.startswith(f"{rule.code}.") and value is not None for key, value in severities.items())


def _finding(rule: Rule[Any], hit: Hit, severity: Severity, hash_of: Callable[[str], str]) -> Finding:
    if not hit.key:
        content_hash = content_digest([rule.code, hit.field, hit.message, hit.evidence])
    elif hit.related:
        content_hash = content_digest([hash_of(hit.key), *sorted(hash_of(key) for key in hit.related)])
    else:
        content_hash = hash_of(hit.key)
    return Finding(
        code=rule.code,
        severity=severity,
        key=hit.key,
        field=hit.field,
        message=hit.message,
        evidence=hit.evidence,
        suggestion=hit.suggestion,
        related=hit.related,
        fix=hit.fix,
        content_hash=content_hash,
    )
