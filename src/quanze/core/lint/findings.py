"""发现：一条规则在一处说了什么。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import StrEnum


class Severity(StrEnum):
    """严重程度：错误（须改后方可提交）、警告（须说明）、提示。"""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def letter(self) -> str:
        """E、W、I，用于一行一条的输出。"""
        return self.value[0].upper()

    @property
    def rank(self) -> int:
        """排序用：越重越前。"""
        return _RANKS[self]


_RANKS = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
SEVERITY_LABELS = {Severity.ERROR: "错误", Severity.WARNING: "警告", Severity.INFO: "提示"}


@dataclass(frozen=True, slots=True)
class Hit:
    """命中：规则所见的一处缺陷，尚未定级。

    ``key`` is the item's key and empty where the list as a whole is meant. ``related`` are the keys of other items that
    belong to the same defect (the twin of a duplicate). ``fix`` maps a field to the value that repairs it; it is given
    only where a machine may decide, so never for anything that carries legal meaning.
    """

    key: str
    field: str
    message: str
    evidence: str = ""
    suggestion: str = ""
    related: tuple[str, ...] = ()
    fix: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """发现：已定级的命中，带内容摘要，豁免以此为准。

    ``content_hash`` covers what was looked at: the item and its related items, or for the whole list the stated
    evidence. A waiver holds as long as this value stands.
    """

    code: str
    severity: Severity
    key: str
    field: str
    message: str
    evidence: str = ""
    suggestion: str = ""
    related: tuple[str, ...] = ()
    fix: Mapping[str, object] | None = dataclass_field(default=None, compare=False)
    content_hash: str = ""

    def as_dict(self) -> dict[str, object]:
        """JSON 形式；``fix`` 只说哪些字段可一键修正。"""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "key": self.key,
            "field": self.field,
            "message": self.message,
            "evidence": self.evidence,
            "suggestion": self.suggestion,
            "related": list(self.related),
            "fixable": sorted(self.fix) if self.fix else [],
            "content_hash": self.content_hash,
        }
