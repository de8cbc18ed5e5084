"""文件用途：每种用途许可的种类与大小上限（上限是参数）。Registered by the apps that take files in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from quanze.base.files.sniffing import KINDS, MADE_MEDIA_TYPES


@dataclass(frozen=True, slots=True)
class FilePurpose:
    """用途：代码、中文名、许可种类、大小上限参数的代码（单位 MiB）。"""

    code: str
    label: str
    kinds: frozenset[str]
    limit_parameter: str


_purposes: dict[str, FilePurpose] = {}


def register_purpose(
    code: str, label: str, *, kinds: Iterable[str] = KINDS, limit_parameter: str = "file_limit_mib"
) -> None:
    """登记一种用途；种类必须在全系统许可之列。"""
    allowed = frozenset(kinds)
    if code in _purposes:
        raise ValueError(f"文件用途 {code} 已登记")
    known = {*KINDS, *MADE_MEDIA_TYPES}
    if not allowed or not allowed <= known:
        raise ValueError(f"文件用途 {code} 的种类不在许可之列：{sorted(allowed - known)}")
    _purposes[code] = FilePurpose(code, label, allowed, limit_parameter)


def purpose_of(code: str) -> FilePurpose:
    """按代码取用途；未登记即报错。"""
    if code not in _purposes:
        raise LookupError(f"文件用途 {code} 未登记：请在 AppConfig.ready 中用 files.register_purpose 登记")
    return _purposes[code]
