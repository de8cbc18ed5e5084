"""封存：规范 JSON、摘要与链式校验。

Canonical form: keys sorted, no spaces, UTF-8, dates in ISO 8601; floats are refused because their text differs
between machines. The algorithm's name is stored with each digest, so that sm3 and sha256 rows can follow each other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

ALGORITHMS = ("sha256", "sm3")
GENESIS = "0" * 64


def canonical_json(value: object) -> bytes:
    """规范 JSON 字节。Accepts str, int, bool, None, Decimal, date, datetime, and lists and dicts of them."""
    return json.dumps(
        _plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float):
        raise TypeError("浮点数不能进入规范 JSON：请先化为 Decimal 或整数")
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def digest(payload: bytes, algorithm: str = "sha256") -> str:
    """摘要，十六进制小写。"""
    if algorithm not in ALGORITHMS:
        raise ValueError(f"未知摘要算法 {algorithm}，可用：{'、'.join(ALGORITHMS)}")
    return hashlib.new(algorithm, payload).hexdigest()


def content_digest(value: object, algorithm: str = "sha256") -> str:
    """内容摘要：规范 JSON 的摘要。"""
    return digest(canonical_json(value), algorithm)


@dataclass(frozen=True, slots=True)
class Link:
    """链上一环：行号、该行规范字节、存储的环值与算法。"""

    row_id: int
    payload: bytes
    seal: str
    algorithm: str


def link_seal(previous: str, payload: bytes, algorithm: str) -> str:
    """一环的值：前一环与本行内容之摘要。"""
    return digest(previous.encode() + b"\x00" + payload, algorithm)


def first_broken(links: Iterable[Link], *, start: str = GENESIS) -> int | None:
    """重算整条链，返回第一处不符的行号；完好则为 None。"""
    previous = start
    for link in links:
        previous = link_seal(previous, link.payload, link.algorithm)
        if previous != link.seal:
            return link.row_id
    return None
