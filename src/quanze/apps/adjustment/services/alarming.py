"""期限提醒：到黄、橙、红各提醒一次；停机期间到的，起动后补上，重跑不再发。"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.adjustment.domain.clock import LIGHT_LABELS, alarms_reached
from quanze.apps.adjustment.domain.lifecycles import OPEN_STATES
from quanze.apps.adjustment.models import Adjustment, AdjustmentAlarm
from quanze.apps.adjustment.selectors.clocks import clocks_of
from quanze.apps.adjustment.services.triggering import subject_of, tell
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.core.actor import SYSTEM

audit.register_action("adjustment.alarm_raised", "调整期限提醒")


@transaction.atomic
def alarms_raise(*, now: datetime) -> int:
    """逐件核对未办结的调整，发出还没有发过的提醒，返回发出的件数。The unique row decides: two ticks send one notice."""
    today = localdate(now)
    rows = list(
        Adjustment.objects.filter(state__in=OPEN_STATES, trigger__legal_on__lte=today)
        .select_related("trigger")
        .prefetch_related("pauses")
    )
    raised = set(AdjustmentAlarm.objects.filter(adjustment__in=rows).values_list("adjustment_id", "level"))
    sent = 0
    clocks = clocks_of(rows, today=today)
    for row in rows:
        clock = clocks[row.pk]
        fresh = [level for level in alarms_reached(clock.light) if (row.pk, level) not in raised]
        if not fresh:
            continue
        AdjustmentAlarm.objects.bulk_create(
            [AdjustmentAlarm(adjustment=row, level=level, raised_at=now) for level in fresh]
        )
        words = f"已超期 {-clock.days_left} 个工作日" if clock.days_left < 0 else f"剩余 {clock.days_left} 个工作日"
        roles = ("drafter", "head") if clock.light == "red" else ("drafter",)
        people = {user for role in roles for user in org.holders_of(role, row.body_id, on=today)}
        tell(people, row, f"{LIGHT_LABELS[clock.light]}：{row.body_name}“{row.trigger.title}”{words}", now)
        audit.record(
            actor=SYSTEM,
            action="adjustment.alarm_raised",
            subject=subject_of(row),
            after={"levels": fresh, "used": clock.used, "due_on": clock.due.on},
            now=now,
        )
        sent += 1
    return sent
