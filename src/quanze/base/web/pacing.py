"""访客限频：按来处的令牌桶，各进程共用，存在数据库里。

A visitor is a keyed digest of the address, nothing else is kept. Reading must not cost a synced write per page: a
process lets the first few requests of a minute through by itself and asks the shared bucket only for a visitor who goes
on. When the store does not answer, reads go through (RELIABILITY R1); what writes would fail anyway.
"""

from __future__ import annotations

import logging
import math
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.utils.crypto import salted_hmac

from quanze.base.web.models import RequestBucket

logger = logging.getLogger(__name__)
_SALT = "quanze.pacing"
# Visitors remembered by a process before it forgets them all; a forgotten visitor only gains his first few anew.
_MOST_VISITORS = 10_000
_FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """一种用途的限度：``per_minute`` 次/分钟回充，最多攒 ``burst`` 次；``free`` 为每分钟各进程自行放行的次数。"""

    purpose: str
    per_minute: float
    burst: int
    free: int = 0


class _Minute:
    """本进程这一分钟里各来处的次数。"""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute: datetime | None = None
        self._seen: dict[str, int] = {}

    def count(self, key: str, now: datetime) -> int:
        minute = now.replace(second=0, microsecond=0)
        with self._lock:
            if minute != self._minute or len(self._seen) >= _MOST_VISITORS:
                self._minute, self._seen = minute, {}
            self._seen[key] = self._seen.get(key, 0) + 1
            return self._seen[key]


_minute = _Minute()


def visitor_key(pace: Pace, address: str) -> str:
    """用途与来处的带密钥摘要。"""
    return f"{pace.purpose}:{salted_hmac(_SALT, address).hexdigest()[:32]}"


def wait_seconds(pace: Pace, address: str, *, now: datetime) -> int:
    """该来处要等几秒；0 为放行。"""
    key = visitor_key(pace, address)
    if pace.free and _minute.count(key, now) <= pace.free:
        return 0
    try:
        return _take(key, pace, now)
    except DatabaseError:
        logger.warning("pacing store does not answer; %s let through", pace.purpose)
        return 0


@transaction.atomic
def _take(key: str, pace: Pace, now: datetime) -> int:
    full = max(0, pace.burst - pace.free)
    row, is_new = RequestBucket.objects.select_for_update().get_or_create(
        pk=key, defaults={"tokens": full - 1, "filled_at": now}
    )
    if is_new:
        forget_old(now)
        return 0
    passed = max((now - row.filled_at).total_seconds(), 0.0)
    tokens = min(row.tokens + passed * pace.per_minute / 60, float(full))
    if tokens < 1:
        return max(1, math.ceil((1 - tokens) * 60 / pace.per_minute))
    row.tokens, row.filled_at = tokens - 1, now
    row.save(update_fields=["tokens", "filled_at"])
    return 0


@transaction.atomic
def is_first(purpose: str, mark: str, *, now: datetime) -> bool:
    """一次性标记第一次出现；各进程共用。"""
    digest = salted_hmac(_SALT, mark).hexdigest()[:32]
    _, is_new = RequestBucket.objects.get_or_create(pk=f"{purpose}:{digest}", defaults={"tokens": 0, "filled_at": now})
    return is_new


def forget_old(now: datetime) -> int:
    """清去一天没有动过的行。"""
    return RequestBucket.objects.filter(filled_at__lt=now - _FORGOTTEN_AFTER).delete()[0]
