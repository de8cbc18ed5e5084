"""数据仓的公开接口：能力只从这里进入，看不到任何引擎的类型。

``read_csv`` or ``frame_from_rows`` give an opaque ``EventFrame``; the app judges its distinct values, calls
``append_events`` inside its transaction and ``refresh_marts`` after the commit; then the readers answer.
"""

from quanze.warehouse.cases import OverrunCase, overrun_cases
from quanze.warehouse.checking import RowProblem
from quanze.warehouse.columns import CLOSING_OUTCOMES, OUTCOMES
from quanze.warehouse.dedupe import Contradiction
from quanze.warehouse.figures import (
    ArrivalCount,
    CaseCount,
    DurationSummary,
    EventCount,
    FollowSummary,
    OverdueCount,
    StepSummary,
    VariantSummary,
    arrival_counts,
    case_counts,
    duration_summaries,
    event_counts,
    follow_summaries,
    overdue_open_counts,
    step_summaries,
    variant_summaries,
)
from quanze.warehouse.frames import (
    EventFrame,
    EventRow,
    ExcludedGroup,
    Exclusion,
    ValueGroup,
    frame_from_rows,
    joined,
)
from quanze.warehouse.mapping import MAPPABLE_FIELDS, REQUIRED_FIELDS, ColumnMapping
from quanze.warehouse.marts import MartStatus, mart_status, refresh_marts
from quanze.warehouse.quarantine import StoredFrame, load_frame, store_frame, without_stored
from quanze.warehouse.reading import csv_headers, read_csv
from quanze.warehouse.spool import (
    ReceivedView,
    WaitingGroup,
    known_events,
    lock_source,
    only_rows,
    receive,
    received_batch,
    received_batches,
    received_ids,
    row_digest,
    row_numbers,
    settled,
    waiting,
)
from quanze.warehouse.store import (
    BatchResult,
    append_events,
    collect_garbage,
    conflicts_within,
    known_batch,
    known_case_ids,
)

__all__ = [
    "CLOSING_OUTCOMES",
    "MAPPABLE_FIELDS",
    "OUTCOMES",
    "REQUIRED_FIELDS",
    "ArrivalCount",
    "BatchResult",
    "CaseCount",
    "ColumnMapping",
    "Contradiction",
    "DurationSummary",
    "EventCount",
    "EventFrame",
    "EventRow",
    "ExcludedGroup",
    "Exclusion",
    "FollowSummary",
    "MartStatus",
    "OverdueCount",
    "OverrunCase",
    "ReceivedView",
    "RowProblem",
    "StepSummary",
    "StoredFrame",
    "ValueGroup",
    "VariantSummary",
    "WaitingGroup",
    "append_events",
    "arrival_counts",
    "case_counts",
    "collect_garbage",
    "conflicts_within",
    "csv_headers",
    "duration_summaries",
    "event_counts",
    "follow_summaries",
    "frame_from_rows",
    "joined",
    "known_batch",
    "known_case_ids",
    "known_events",
    "load_frame",
    "lock_source",
    "mart_status",
    "only_rows",
    "overdue_open_counts",
    "overrun_cases",
    "read_csv",
    "receive",
    "received_batch",
    "received_batches",
    "received_ids",
    "refresh_marts",
    "row_digest",
    "row_numbers",
    "settled",
    "step_summaries",
    "store_frame",
    "variant_summaries",
    "waiting",
    "without_stored",
]
