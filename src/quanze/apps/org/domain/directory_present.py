"""现有名录的快照：载入计划与之逐行对照。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class PresentRegion:
    """现有区划。"""

    code: str
    name: str
    level: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class PresentBody:
    """现有机构：上级为编码，职能为角色代码。"""

    code: str
    name: str
    kind: str
    region: str
    valid_from: date
    short_name: str = ""
    document_mark: str = ""
    parent: str = ""
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class PresentDivision:
    """现有内设机构。"""

    body: str
    code: str
    name: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class PresentAccount:
    """现有账号：是否启用、是否系统账号、三员席位。"""

    username: str
    full_name: str
    phone: str = ""
    is_active: bool = True
    is_system: bool = False
    seat: str = ""


@dataclass(frozen=True, slots=True)
class PresentAppointment:
    """现有任职（未终止的）：机构与内设机构为编码；待确认的变更为其变更后的样子。"""

    id: int
    username: str
    body: str
    division: str
    post: str
    valid_from: date
    valid_to: date | None
    roles: tuple[str, ...] = ()
    scope: str = "own"
    named: tuple[str, ...] = ()
    pending: tuple[tuple[str, ...], str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """现有名录。"""

    regions: Mapping[str, PresentRegion] = field(default_factory=dict)
    bodies: Mapping[str, PresentBody] = field(default_factory=dict)
    divisions: tuple[PresentDivision, ...] = ()
    posts: frozenset[tuple[str, str, str]] = frozenset()
    functions: Mapping[tuple[str, str], str] = field(default_factory=dict)
    accounts: Mapping[str, PresentAccount] = field(default_factory=dict)
    appointments: tuple[PresentAppointment, ...] = ()
