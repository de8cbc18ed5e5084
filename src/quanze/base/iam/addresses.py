"""来访地址：直连时是对端地址；只有对端是所信的代理时，才听它转告的来处。

``X-Forwarded-For`` is written by whoever sends the request. It is read from the right, past our own proxies only, so
that the first address nobody of ours vouches for is the answer; without a trusted proxy the header is not read at all.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

_Network = IPv4Network | IPv6Network
_HOPS_READ = 20


def client_address(request: HttpRequest) -> str:
    """来访者的地址；认不出的为空串。"""
    nearest = _parsed(request.META.get("REMOTE_ADDR", ""))
    trusted = _networks(tuple(settings.QUANZE_TRUSTED_PROXIES))
    if nearest is None or not _is_in(nearest, trusted):
        return "" if nearest is None else str(nearest)
    client = nearest
    for text in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-_HOPS_READ:]):
        hop = _parsed(text)
        if hop is None:
            break
        client = hop
        if not _is_in(hop, trusted):
            break
    return str(client)


def lock_address(request: HttpRequest) -> str | None:
    """按地址锁定时的地址：IPv6 取前 64 位，一户的地址数不清，前缀只有一个。"""
    address = _parsed(client_address(request))
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False).network_address)
    return None if address is None else str(address)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def _is_in(address: IPv4Address | IPv6Address, networks: tuple[_Network, ...]) -> bool:
    return any(address in network for network in networks)


@lru_cache(maxsize=8)
def _networks(texts: tuple[str, ...]) -> tuple[_Network, ...]:
    return tuple(ip_network(text.strip(), strict=False) for text in texts if text.strip())
