"""可以探看的网址与可以连接的地址。Pure: nothing here opens a connection.

A link is data that somebody typed. What it may lead to is narrowed twice: by the name (only hosts of the setting) and, once
that name has been looked up, by the number (only addresses of the public internet), so that no link makes the server talk to
itself or to its neighbours.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}
# Ways in which an IPv6 address carries an IPv4 one; the inner address decides, and these are seldom honest.
_CARRIERS = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"), ipaddress.ip_network("2001::/32"))


@dataclass(frozen=True, slots=True)
class Target:
    """拆开的网址：协议、主机、端口、路径与查询。"""

    scheme: str
    host: str
    port: int
    path: str


def parse(url: str) -> Target | None:
    """拆开网址；不完整的、带口令的、用别的端口的为 None。"""
    if not url.isprintable() or any(one.isspace() for one in url):
        return None
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii").lower()
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not host or parts.username is not None or parts.password is not None:
        return None
    if port not in (None, _PORTS[parts.scheme]):
        return None
    path = _ascii(parts.path or "/") + (f"?{_ascii(parts.query)}" if parts.query else "")
    return Target(parts.scheme, host, _PORTS[parts.scheme], path)


def _ascii(text: str) -> str:
    """路径里的汉字按网址的规矩编码，已编码的照旧。"""
    return "".join(one if one.isascii() else "".join(f"%{byte:02X}" for byte in one.encode()) for one in text)


def is_allowed(host: str, hosts: Sequence[str]) -> bool:
    """主机在名单里：写全名的须相同，以点开头的（``.gov.cn``）也含其下各级。"""
    return any(host == one.lstrip(".") or (one.startswith(".") and host.endswith(one)) for one in hosts)


def is_public(address: str) -> bool:
    """公网地址：内网、本机、链路、组播、保留的，以及借 IPv6 带着 IPv4 的，都不是。"""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if any(ip in network for network in _CARRIERS):
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)
