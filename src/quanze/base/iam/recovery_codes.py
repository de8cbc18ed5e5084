"""恢复码：手机或密钥丢失时，每个只能用一次的登录凭证。

Only salted scrypt digests are kept; the codes themselves are shown once, at the moment they are made. One salt per set,
so that trying a code costs one slow digest instead of ten.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any

COUNT = 10
# No 0, 1, I, L, O: they are mistaken for one another on paper. 12 letters of 31 are 59 bits.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_GROUPS, _GROUP_LENGTH = 3, 4


def fresh() -> tuple[list[str], dict[str, Any]]:
    """新的一组：给人看的恢复码、存库的内容。"""
    codes = [_code() for _ in range(COUNT)]
    salt = secrets.token_bytes(16)
    # allauth keeps codes it can read back; an empty list of its own tells it that there are none.
    return codes, {
        "migrated_codes": [],
        "salt": base64.b64encode(salt).decode(),
        "digests": [_digest(code, salt) for code in codes],
    }


def spend(data: Mapping[str, Any], given: str) -> dict[str, Any] | None:
    """用掉一个：返回去掉它之后的存库内容；不对的为 None。"""
    code = normalised(given)
    if len(code) != _GROUPS * _GROUP_LENGTH:
        return None
    digest = _digest(code, base64.b64decode(data["salt"]))
    left = [each for each in data["digests"] if not hmac.compare_digest(each, digest)]
    return None if len(left) == len(data["digests"]) else {**data, "digests": left}


def left(data: Mapping[str, Any]) -> int:
    """还剩几个。"""
    return len(data["digests"])


def normalised(text: str) -> str:
    """去掉分隔、统一大写：纸上怎么抄都认。"""
    return "".join(letter for letter in text.upper() if letter.isalnum())


def _code() -> str:
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


def _digest(code: str, salt: bytes) -> str:
    return hashlib.scrypt(normalised(code).encode(), salt=salt, n=2**14, r=8, p=1).hex()
