"""来源：事情从哪道门进来（网页、接口、命令行、后台任务）、请求编号与来访地址。

Ambient, because it says nothing about what happens: a service behaves the same whatever door called it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

Source = Literal["web", "api", "cli", "job", "system"]


@dataclass(frozen=True, slots=True)
class Door:
    source: Source = "system"
    request_id: str = ""
    client_address: str = ""


_NOBODY = Door()
_door: ContextVar[Door] = ContextVar("quanze_door", default=_NOBODY)


def current_door() -> Door:
    return _door.get()


@contextmanager
def through_door(source: Source, request_id: str = "", client_address: str = "") -> Iterator[None]:
    """在此范围内的记录都注明来源。Doors call it once per request, command or job."""
    token = _door.set(Door(source, request_id[:64], client_address[:64]))
    try:
        yield
    finally:
        _door.reset(token)
