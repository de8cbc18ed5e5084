"""动态调整的定时职责：期限提醒。"""

from __future__ import annotations

from datetime import datetime, timedelta

from quanze.apps.adjustment.services.alarming import alarms_raise
from quanze.base.jobs.public import scheduled


@scheduled("adjustment.alarms", every=timedelta(hours=1))
def alarms_keep_current(now: datetime) -> int:
    """到黄、橙、红的，每小时核对一次；停机期间到的，起动后第一次核对时补上。"""
    return alarms_raise(now=now)
