"""清单外行权（待核实）的理由。"""

from __future__ import annotations

REASON_LABELS: dict[str, str] = {
    "unknown_body": "机构编码不在名录中",
    "unknown_item": "清单中没有这个事项",
    "wrong_holder": "事项属于另一机构的清单",
    "item_not_in_force": "办件开始时事项已失效",
}
