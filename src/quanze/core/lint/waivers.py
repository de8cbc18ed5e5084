"""豁免：在内容未变之前，一条发现可以带着理由留着。

Pure matching only. Who may waive what is decided where the waiver is granted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from quanze.core.lint.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class Waiver:
    """豁免：以（规则代码、事项键、内容摘要）为准，内容一变即失效。"""

    code: str
    key: str
    content_hash: str
    reason: str
    granted_by: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """发现与其豁免。``lapsed`` is the latest waiver that once covered it and ended when the content changed."""

    finding: Finding
    waiver: Waiver | None = None
    lapsed: Waiver | None = None

    @property
    def is_blocking(self) -> bool:
        """是否挡住提交：错误且未获豁免。"""
        return self.finding.severity is Severity.ERROR and self.waiver is None


def judge(
    findings: Iterable[Finding], waivers: Iterable[Waiver], *, redirects: Mapping[str, str] | None = None
) -> tuple[Judged, ...]:
    """给每条发现配上豁免。Waivers come oldest first; those under a retired code count for its successor."""
    moved = redirects or {}
    valid: dict[tuple[str, str, str], Waiver] = {}
    latest: dict[tuple[str, str], Waiver] = {}
    for waiver in waivers:
        code = moved.get(waiver.code, waiver.code)
        valid[(code, waiver.key, waiver.content_hash)] = waiver
        latest[(code, waiver.key)] = waiver
    judged = []
    for finding in findings:
        held = valid.get((finding.code, finding.key, finding.content_hash))
        lapsed = None if held else latest.get((finding.code, finding.key))
        judged.append(Judged(finding, held, lapsed))
    return tuple(judged)


def blocking(judged: Iterable[Judged]) -> tuple[Finding, ...]:
    """仍挡住提交的发现。"""
    return tuple(one.finding for one in judged if one.is_blocking)
