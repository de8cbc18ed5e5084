"""逐件核对：哪些办件用去的时间超过了它的期限。

Works on whole files with numpy and asks for a due day once per (item, starting day), never once per case; only the
cases that are over become Python objects.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from quanze.warehouse.columns import CLOSING_OUTCOMES
from quanze.warehouse.grouping import codes_of
from quanze.warehouse.kernel import DAY_MS, LOCAL_OFFSET_MS
from quanze.warehouse.models import EventFile
from quanze.warehouse.store import warehouse_root

# 事项标识、办件开始日 → 到期日；没有期限的为空。
DueDay = Callable[[str, date], date | None]

_COLUMNS = ["case_id", "source", "item_code", "body_code", "occurred_at", "outcome"]
_EPOCH = date(1970, 1, 1)
_NEVER = np.iinfo(np.int64).max
_OPEN = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class OverrunCase:
    """超过期限的一件：来源与办件编号、事项、机构、开始日、到期日；``closed_on`` 为空即尚未办结。"""

    source: str
    case_id: str
    item_code: str
    body_code: str
    started_on: date
    due_on: date
    closed_on: date | None


def overrun_cases(
    *, due_day: DueDay, on: date, from_month: date, body_codes: Collection[str] | None = None
) -> list[OverrunCase]:
    """自 ``from_month`` 起开始、到 ``on`` 日（不含当日）已超过期限的办件：办结得晚的与仍未办结的。

    A case belongs to the item and body of its first event and is closed by its last closing event.
    """
    root = warehouse_root()
    files = EventFile.objects.filter(status=EventFile.Status.ACTIVE, month__gte=f"{from_month:%Y-%m}")
    found: list[OverrunCase] = []
    for file in files.order_by("month", "id"):
        found += _of_file(root / file.path, root / file.case_path, due_day, on, body_codes)
    return found


def _of_file(
    events: Path, cases: Path, due_day: DueDay, on: date, body_codes: Collection[str] | None
) -> list[OverrunCase]:
    table = pq.ParquetFile(events, memory_map=True).read(columns=_COLUMNS)
    rows = pq.ParquetFile(cases, memory_map=True).read(columns=["rows"])["rows"].to_numpy().astype(np.int64)
    if not len(rows):
        return []
    starts = np.r_[0, np.cumsum(rows)[:-1]]
    time = table["occurred_at"].cast("int64").to_numpy()
    started = _days(np.minimum.reduceat(time, starts))
    outcome, outcomes = codes_of(table["outcome"])
    closing = np.isin(outcome, [n for n, name in enumerate(outcomes) if name in CLOSING_OUTCOMES])
    closed_at = np.maximum.reduceat(np.where(closing, time, _OPEN), starts)
    is_open = closed_at == _OPEN
    closed = _days(np.where(is_open, 0, closed_at))
    item, items = codes_of(table["item_code"])
    body, bodies = codes_of(table["body_code"])
    item, body = item[starts], body[starts]
    due = _due_days(item, items, started, due_day)
    today = (on - _EPOCH).days
    # The due day itself is still in time, for what is open as for what was closed on it.
    over = np.where(is_open, today, closed) > due
    if body_codes is not None:
        over &= np.isin(body, [n for n, code in enumerate(bodies) if code in body_codes])
    chosen = np.flatnonzero(over)
    names = table.select(["case_id", "source"]).take(starts[chosen]).to_pydict()
    return [
        OverrunCase(
            names["source"][n],
            names["case_id"][n],
            items[item[case]],
            bodies[body[case]],
            _date(started[case]),
            _date(due[case]),
            None if is_open[case] else _date(closed[case]),
        )
        for n, case in enumerate(chosen.tolist())
    ]


def _due_days(item: np.ndarray, items: list[str], started: np.ndarray, due_day: DueDay) -> np.ndarray:
    first = int(started.min())
    width = int(started.max()) - first + 1
    pairs, place = np.unique(item * width + (started - first), return_inverse=True)
    due = np.full(len(pairs), _NEVER, np.int64)
    for n, pair in enumerate(pairs.tolist()):
        day = due_day(items[pair // width], _date(first + pair % width))
        if day is not None:
            due[n] = (day - _EPOCH).days
    return due[place]


def _days(milliseconds: np.ndarray) -> np.ndarray:
    return (milliseconds + LOCAL_OFFSET_MS) // DAY_MS


def _date(day: int) -> date:
    return _EPOCH + timedelta(days=int(day))
