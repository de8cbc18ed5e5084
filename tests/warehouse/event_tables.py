"""造事件表的小工具：tests build whole-case tables from plain rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa

from quanze.warehouse.columns import EVENT_SCHEMA
from quanze.warehouse.layout import sorted_events

LOCAL = timezone(timedelta(hours=8))


def at(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """北京时间某时刻。"""
    return datetime(year, month, day, hour, minute, tzinfo=LOCAL)


def event(case_id: str, step_no: int, step: str, occurred_at: datetime, **other: object) -> dict[str, object]:
    """一条事件，未给的列取常见值。"""
    row: dict[str, object] = {
        "case_id": case_id,
        "step_no": step_no,
        "item_code": "I1",
        "item_version": 1,
        "flow_code": "F1",
        "step_code": step,
        "body_code": "B1",
        "division_code": None,
        "post_code": None,
        "region_code": "R1",
        "sector": "农业",
        "occurred_at": occurred_at.astimezone(UTC),
        "due_at": None,
        "outcome": "normal",
        "source": "test",
        "batch_id": 1,
    }
    if isinstance(other.get("due_at"), datetime):
        other["due_at"] = other["due_at"].astimezone(UTC)  # type: ignore[union-attr]
    return row | other


def table_of(rows: Iterable[dict[str, object]]) -> pa.Table:
    """事件行 → 排好序的事件表。"""
    return sorted_events(pa.Table.from_pylist(list(rows), schema=EVENT_SCHEMA))
