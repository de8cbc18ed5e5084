"""角色：代码、名称、职责、二次验证要求，来自随应用提供的 packs/roles.yaml。

Which post holds which role is data of a place; which roles exist is data of the product. What a role may do is decided by
the lifecycles of the owners, never here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from quanze.apps.org.domain.kinds import BODY_KIND_LABELS, SCOPE_LABELS

SecondFactor = Literal["required", "sso_or_totp", "offered"]
SECOND_FACTOR_LABELS: dict[str, str] = {
    "required": "必须",
    "sso_or_totp": "单点登录或动态口令",
    "offered": "可自行开启",
}


@dataclass(frozen=True, slots=True)
class Role:
    """角色：代码、名称、分组、职责、二次验证、是否三员、是否读业务内容、建议范围、是否须有终止日期。"""

    code: str
    label: str
    group: str
    does: str
    second_factor: str
    usual_scope: str
    is_administrator: bool = False
    reads_content: bool = True
    needs_end_date: bool = False


@dataclass(frozen=True, slots=True)
class Duty:
    """机构须有人承担的职责：名称、任一即可的角色、哪些种类的机构须有。"""

    label: str
    roles: tuple[str, ...]
    kinds: tuple[str, ...]


class RolePackInvalid(ValueError):
    """角色资料包有误。"""


def parse_roles(data: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, Role]]:
    """分组名称与角色，按资料包的次序；重复、未知分组、自相矛盾者指明是哪个角色。"""
    groups: dict[str, str] = dict(data["groups"])
    found: dict[str, Role] = {}
    for row in data["roles"]:
        try:
            role = Role(**row)
        except TypeError as problem:
            raise RolePackInvalid(f"角色“{row.get('code', '?')}”的定义不完整或有多余的键：{problem}") from problem
        if role.code in found:
            raise RolePackInvalid(f"角色“{role.code}”重复")
        if role.group not in groups or role.second_factor not in SECOND_FACTOR_LABELS:
            raise RolePackInvalid(f"角色“{role.code}”的分组或二次验证要求不合规定")
        if role.usual_scope not in SCOPE_LABELS:
            raise RolePackInvalid(f"角色“{role.code}”的数据范围“{role.usual_scope}”不合规定")
        if role.is_administrator and (role.reads_content or role.second_factor != "required"):
            raise RolePackInvalid(f"角色“{role.code}”是三员之一，须不读业务内容、必须二次验证")
        found[role.code] = role
    return groups, found


def parse_duties(data: Mapping[str, Any], roles: Mapping[str, Role]) -> tuple[Duty, ...]:
    """须有人承担的职责；未知的角色或机构种类指明是哪一行。"""
    found = tuple(Duty(row["label"], tuple(row["roles"]), tuple(row["kinds"])) for row in data["duties"])
    for duty in found:
        if not set(duty.roles) <= roles.keys() or not set(duty.kinds) <= {str(kind) for kind in BODY_KIND_LABELS}:
            raise RolePackInvalid(f"职责“{duty.label}”的角色或机构种类不在表中")
    return found


_PACK = yaml.safe_load((Path(__file__).resolve().parents[1] / "packs" / "roles.yaml").read_text("utf-8"))
ROLE_GROUPS, ROLES = parse_roles(_PACK)
DUTIES = parse_duties(_PACK, ROLES)
ROLE_LABELS: dict[str, str] = {code: role.label for code, role in ROLES.items()}
# 三员不读业务内容；他们的数据范围由本表而不是由授权人决定。
ADMINISTRATORS = frozenset(code for code, role in ROLES.items() if role.is_administrator)
CONTENT_ROLES = frozenset(code for code, role in ROLES.items() if role.reads_content)


def roles_requiring_second_factor() -> Mapping[str, str]:
    """须有二次验证的角色代码 → required（必须动态口令或安全密钥）| sso_or_totp（单点登录亦可）。"""
    return {code: role.second_factor for code, role in ROLES.items() if role.second_factor != "offered"}
