"""探看一个链接：查一次名、连一次、问一句，不跟转向，限时。

The name is looked up once and the connection goes to the number that was looked at: a second look-up could answer otherwise.
Of the answer only the status line and the headers are read.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from quanze.base.links.addresses import Target, is_allowed, is_public, parse

OUTCOMES = {
    "ok": "可以打开",
    "moved": "已转向别处",
    "closed": "要登录或不许访问",
    "gone": "页面没有了",
    "failed": "网站出错",
    "certificate": "证书有问题",
    "timeout": "没有应答",
    "unreachable": "连不上",
    "unresolved": "域名查不到",
    "malformed": "网址不完整",
    "host_not_allowed": "不在核查名单里",
    "address_refused": "指向内部地址",
}
DEAD = frozenset({"gone", "failed", "certificate", "timeout", "unreachable", "unresolved", "malformed"})
NOT_ASKED = frozenset({"host_not_allowed", "address_refused"})
_ASK_AGAIN = {400, 403, 405, 406, 501}  # servers that do not know HEAD
_HEADERS = {"User-Agent": "quanze-link-check", "Accept": "*/*", "Connection": "close"}

Resolve = Callable[..., Sequence[Any]]
Connect = Callable[..., socket.socket]


@dataclass(frozen=True, slots=True)
class Answer:
    """探看所得：结果代码（``OUTCOMES``）、应答的状态号、说明。"""

    outcome: str
    status: int | None = None
    detail: str = ""

    @property
    def label(self) -> str:
        return OUTCOMES[self.outcome]

    @property
    def is_dead(self) -> bool:
        return self.outcome in DEAD


def probe(
    url: str,
    *,
    hosts: Sequence[str],
    timeout: float = 5.0,
    resolve: Resolve = socket.getaddrinfo,
    connect: Connect = socket.create_connection,
) -> Answer:
    """探看一个网址。``hosts`` empty means that nothing is asked at all; ``timeout`` in seconds, whole question twice that."""
    target = parse(url)
    if target is None:
        return Answer("malformed")
    if not is_allowed(target.host, hosts):
        return Answer("host_not_allowed", detail=target.host)
    try:
        found = resolve(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return Answer("unresolved", detail=target.host)
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not addresses:
        return Answer("unresolved", detail=target.host)
    if not all(map(is_public, addresses)):
        return Answer("address_refused", detail=target.host)
    answer = _ask("HEAD", target, addresses[0], timeout, connect)
    if answer.status in _ASK_AGAIN:
        answer = _ask("GET", target, addresses[0], timeout, connect)
    return answer


def _ask(method: str, target: Target, address: str, timeout: float, connect: Connect) -> Answer:
    watch: threading.Timer | None = None
    connection = http.client.HTTPConnection(target.host, target.port, timeout=timeout)
    try:
        stream = connect((address, target.port), timeout)
        # A server that sends a letter every four seconds is answered by no timeout of the socket.
        watch = threading.Timer(2 * timeout, _close, [stream])
        watch.daemon = True
        watch.start()
        if target.scheme == "https":
            stream = ssl.create_default_context().wrap_socket(stream, server_hostname=target.host)
        connection.sock = stream
        connection.request(method, target.path, headers=_HEADERS)
        response = connection.getresponse()
        return _said(response.status, response.getheader("Location") or "")
    except ssl.SSLCertVerificationError as problem:
        return Answer("certificate", detail=problem.verify_message)
    except TimeoutError:
        return Answer("timeout")
    except (OSError, http.client.HTTPException) as problem:
        return Answer("unreachable", detail=type(problem).__name__)
    finally:
        if watch is not None:
            watch.cancel()
        connection.close()


def _close(stream: socket.socket) -> None:
    try:
        stream.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _said(status: int, location: str) -> Answer:
    if 200 <= status < 300:
        return Answer("ok", status)
    if 300 <= status < 400:
        return Answer("moved", status, location[:300])
    if status in (401, 403, 407):
        return Answer("closed", status)
    return Answer("gone" if status < 500 else "failed", status)
