"""领域错误：每个错误都有稳定代码、说明与补救办法。

One exception handler per door turns these into a page, a JSON body or an exit code. What is
deliberately absent: HTTP status numbers (the doors own them) and English messages (people read Chinese).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorPlace:
    """出错位置：文件、工作表、行、列、字段，未知的留空。Rows and columns count from 1, as the clerk sees them."""

    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: int | None = None
    field: str = ""

    def __str__(self) -> str:
        parts = []
        if self.file:
            parts.append(f"文件“{self.file}”")
        if self.sheet:
            parts.append(f"工作表“{self.sheet}”")
        if self.row is not None:
            parts.append(f"第 {self.row} 行")
        if self.column is not None:
            parts.append(f"第 {self.column} 列")
        if self.field:
            parts.append(f"“{self.field}”")
        return "".join(parts)


class DomainError(Exception):
    """领域错误基类：code 稳定不变，message 说明何事何处为何，hint 说明怎么办。"""

    code = "domain_error"

    def __init__(
        self, message: str, *, hint: str = "", code: str | None = None, place: ErrorPlace | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.place = place
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        place = f"（{self.place}）" if self.place and str(self.place) else ""
        hint = f" {self.hint}" if self.hint else ""
        return f"{self.message}{place}{hint}"


class NotFound(DomainError):
    """查无此项。An object of a foreign body answers just the same, so that nobody learns it exists."""

    code = "not_found"


class NotSignedIn(DomainError):
    """未登录：没有出示有效的登录或接口密钥。"""

    code = "not_signed_in"


class TooOften(DomainError):
    """过于频繁：``retry_after`` 秒之后再来。"""

    code = "too_often"

    def __init__(self, message: str, *, hint: str = "", code: str | None = None, retry_after: int = 1) -> None:
        super().__init__(message, hint=hint, code=code)
        self.retry_after = retry_after


class NotPermitted(DomainError):
    """无权办理：此人现在的角色不能做这件事。"""

    code = "not_permitted"


class WrongState(DomainError):
    """状态不符：对象当前状态不允许这一步。"""

    code = "wrong_state"


class Conflict(DomainError):
    """版本冲突：对象在看过之后已被他人改动。"""

    code = "conflict"


class InvalidInput(DomainError):
    """输入有误：说明何处、为何、怎么改。"""

    code = "invalid_input"


@dataclass(frozen=True, slots=True)
class Defect:
    """一处缺陷：代码、说明、位置，供汇总错误列出。"""

    code: str
    message: str
    place: ErrorPlace = ErrorPlace()


class RulesNotMet(DomainError):
    """规则未满足：逐条列出缺陷，一条不改便不能继续。"""

    code = "rules_not_met"

    def __init__(
        self, message: str, *, defects: Sequence[Defect] = (), hint: str = "", code: str | None = None
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.defects = tuple(defects)
