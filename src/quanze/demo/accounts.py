"""示范账号：每个岗位一人，口令公开，只在演示环境使用。"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from quanze.demo.packs import pack

PASSWORD = "yunze-demo-2026"
# The three administrators sign in with a second factor even here; their secrets are as public as the password.
_WITH_SECOND_FACTOR = frozenset({"system_admin", "security_admin", "audit_admin"})


@dataclass(frozen=True, slots=True)
class Person:
    """一个账号：登录名、姓名、机构编码、岗位、角色、数据范围与指定的机构；``label`` 不空者列在登录页。"""

    login: str
    name: str
    body: str
    post: str
    roles: tuple[str, ...]
    scope: str = "own"
    label: str = ""
    named: tuple[str, ...] = ()

    @property
    def totp_secret(self) -> str:
        """动态口令密钥：由登录名算出，公开；不用第二因素的为空。"""
        if _WITH_SECOND_FACTOR.isdisjoint(self.roles):
            return ""
        return base64.b32encode(hashlib.sha256(f"yunze-demo:{self.login}".encode()).digest()[:20]).decode()


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """登录页列出的账号；``totp_secret`` 不空者登录第二步要输动态口令。"""

    username: str
    password: str
    label: str
    body: str
    totp_secret: str = ""


@lru_cache(maxsize=1)
def people() -> tuple[Person, ...]:
    """全部账号。Names are drawn from two lists; they are nobody's."""
    city = pack("city")
    named = {row["login"]: tuple(row.get("named", ())) for row in city["line"]}
    pairs = _names(city["surnames"], city["given_names"])
    return tuple(
        Person(login, surname + given, body, post, tuple(roles), scope, label, named.get(login, ()))
        for (login, body, post, roles, scope, label), (surname, given) in zip(_posts(city), pairs, strict=False)
    )


def _names(surnames: Sequence[str], given_names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """姓与名逐一错开配对，不重复。Every round through the surnames starts one given name further on."""
    for offset in range(len(given_names)):
        for position, surname in enumerate(surnames):
            yield surname, given_names[(position + offset) % len(given_names)]


def _posts(city: dict[str, Any]) -> Iterator[tuple[str, str, str, list[str], str, str]]:
    listed = {(row["body"], row["part"]): row for row in city["line"] if "part" in row}
    for holder in city["holders"]:
        is_town = holder["kind"] in ("town", "subdistrict")
        for post in city["town_posts" if is_town else "department_posts"]:
            row = listed.get((holder["code"], post["part"]))
            login = row["login"] if row else f"{post['part']}-{holder['code'].lower()}"
            yield login, holder["code"], post["post"], post["roles"], "own", row["label"] if row else ""
    for county in ("QH", "WJ", "SQ"):
        for post in city["county_posts"]:
            body = f"{county}-{post['suffix']}"
            yield f"{post['part']}-{body.lower()}", body, post["post"], post["roles"], "own", ""
    for row in city["line"]:
        if "part" not in row:
            yield row["login"], row["body"], row["post"], row["roles"], row.get("scope", "own"), row["label"]
    # Last, so that everybody else keeps his name.
    for base in city["bases"]:
        for post in city["base_posts"]:
            yield f"{post['part']}-{base['owner'].lower()}", base["owner"], post["post"], post["roles"], "own", ""
    for body in city["keepers"]:
        for post in city["keeper_posts"]:
            yield f"{post['part']}-{body.lower()}", body, post["post"], post["roles"], "own", ""


def demo_accounts() -> list[DemoAccount]:
    """登录页的账号清单，依办事次序。"""
    city = pack("city")
    names = {row["code"]: row["short"] for row in [*city["supporting"], *city["holders"]]}
    by_login = {person.login: person for person in people()}
    return [
        DemoAccount(
            row["login"],
            PASSWORD,
            row["label"],
            names[by_login[row["login"]].body],
            by_login[row["login"]].totp_secret,
        )
        for row in city["line"]
    ]
