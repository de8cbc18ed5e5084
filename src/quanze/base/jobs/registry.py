"""任务种类与定时计划的登记处。Both are registered at start-up; a second registration of a name is an error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

Handler = Callable[..., dict[str, Any] | None]
Duty = Callable[[datetime], object]


@dataclass(frozen=True, slots=True)
class JobKind:
    """任务种类：处理函数与最多尝试次数（执行者中途消失才会再试，出错不再试）。"""

    code: str
    handler: Handler
    max_attempts: int


@dataclass(frozen=True, slots=True)
class ScheduledDuty:
    """定时职责：每隔 every 执行一次；停机期间错过的只补一次。"""

    name: str
    every: timedelta
    run: Duty


_kinds: dict[str, JobKind] = {}
_duties: dict[str, ScheduledDuty] = {}


def job_handler(code: str, *, max_attempts: int = 3) -> Callable[[Handler], Handler]:
    """登记任务处理函数 ``(context: JobContext, **payload) -> dict | None``。

    A handler may run again from its checkpoint after its worker was killed: write inside ``context.transaction()``,
    which lets exactly one attempt commit, and keep the position with ``context.checkpoint`` in the same block.
    """

    def register(handler: Handler) -> Handler:
        if code in _kinds:
            raise ValueError(f"任务种类 {code} 已登记")
        _kinds[code] = JobKind(code, handler, max_attempts)
        return handler

    return register


def scheduled(name: str, *, every: timedelta) -> Callable[[Duty], Duty]:
    """登记定时职责 ``(now) -> object``。It should be short; long work enqueues a job instead."""

    def register(run: Duty) -> Duty:
        if name in _duties:
            raise ValueError(f"定时计划 {name} 已登记")
        if every <= timedelta(0):
            raise ValueError(f"定时计划 {name} 的间隔必须大于零")
        _duties[name] = ScheduledDuty(name, every, run)
        return run

    return register


def kind_of(code: str) -> JobKind:
    """按代码取任务种类；未登记即报错。"""
    if code not in _kinds:
        raise LookupError(
            f"任务种类 {code} 未登记：请在应用的 jobs 模块用 job_handler 登记，并在 AppConfig.ready 中导入它"
        )
    return _kinds[code]


def duties() -> tuple[ScheduledDuty, ...]:
    """全部定时职责。"""
    return tuple(_duties.values())
