"""全部并入之后：登记为已收的编号与数据里的编号一一相同，没有等待并入的批次。退出码 1：有出入。"""

from __future__ import annotations

import sys

import django


def main() -> int:
    django.setup()
    from django.utils import timezone
    from stored_ids import ids

    from quanze.apps.performance import jobs
    from quanze.warehouse.models import ReceivedBatch, ReceivedEvent

    jobs.received_settle(timezone.now())
    stored = list(ids())
    noted = list(ReceivedEvent.objects.values_list("event_id", flat=True))
    waiting = ReceivedBatch.objects.filter(settled_at__isnull=True).count()
    is_equal = sorted(stored) == sorted(noted) and not waiting
    found = "一致" if is_equal else "不一致"
    sys.stdout.write(f"FIGURE I3 核对：登记 {len(noted)} 条，数据 {len(stored)} 条，待并入 {waiting} 批：{found}\n")
    return 0 if is_equal else 1


if __name__ == "__main__":
    sys.exit(main())
