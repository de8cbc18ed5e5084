"""封存滞后：最早一条还没有封存的记录距今多久。"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max, Min

from quanze.base.audit.models import AccessRecord, FactRecord, Seal


def seal_lag(now: datetime) -> float:
    """秒；全部封存了为 0。"""
    oldest = []
    for log, model in (("fact", FactRecord), ("access", AccessRecord)):
        sealed_to = Seal.objects.filter(log=log).aggregate(last=Max("to_id"))["last"] or 0
        oldest.append(model.objects.filter(id__gt=sealed_to).aggregate(first=Min("recorded_at"))["first"])
    waiting = [moment for moment in oldest if moment is not None]
    return max(0.0, (now - min(waiting)).total_seconds()) if waiting else 0.0
