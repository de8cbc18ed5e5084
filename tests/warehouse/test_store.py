"""入库：恰好一次、完整办件、迟到事件只重写其所在文件。"""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction

from quanze.core.errors import Conflict
from quanze.warehouse import kernel, store
from quanze.warehouse.columns import EVENT_SCHEMA
from quanze.warehouse.layout import file_digest, read_events
from quanze.warehouse.models import EventBatch, EventFile
from quanze.warehouse.public import (
    EventRow,
    append_events,
    arrival_counts,
    case_counts,
    collect_garbage,
    duration_summaries,
    event_counts,
    follow_summaries,
    frame_from_rows,
    mart_status,
    overdue_open_counts,
    refresh_marts,
    step_summaries,
    variant_summaries,
)

from .event_tables import at

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


def row(case_id: str, step_no: int, step: str, when: datetime, **other: object) -> EventRow:
    values = {"item_code": "I1", "body_code": "B1", "region_code": "R1", "sector": "农业"} | other
    return EventRow(case_id=case_id, step_no=step_no, step_code=step, occurred_at=when, **values)


def send(rows: list[EventRow], key: str, *, digest: str = "", source: str = "test"):
    frame = frame_from_rows(rows, name=f"{key}.csv", digest=digest or f"digest of {key}", now=NOW)
    return append_events(frame, source=source, key=key, actor_name="测试", now=NOW)


def active() -> list[EventFile]:
    return list(EventFile.objects.filter(status="active").order_by("month", "id"))


def stored_keys(root: Path) -> list[tuple[str, str, int]]:
    found = []
    for file in active():
        table = read_events(root / file.path)
        found += list(
            zip(table["source"].to_pylist(), table["case_id"].to_pylist(), table["step_no"].to_pylist(), strict=True)
        )
    return sorted(found)


CASE_A = [row("A", 1, "受理", at(2025, 1, 31, 23)), row("A", 2, "办结", at(2025, 2, 3), outcome="completed")]
CASE_B = [row("B", 1, "受理", at(2025, 2, 1, 9))]


def test_a_batch_lands_as_whole_cases_by_the_month_of_their_start(warehouse_dir: Path) -> None:
    # given two cases, one of which runs from January into February
    result = send([*CASE_B, *CASE_A], "k1")
    # then January's file holds both of its events, sorted, and the manifest says what the files hold
    assert (result.rows_accepted, result.rows_duplicate, result.rows_conflicting) == (3, 0, 0)
    assert result.months == ("2025-01", "2025-02")
    january, february = active()
    assert (january.month, january.rows, january.cases) == ("2025-01", 2, 1)
    assert (february.month, february.rows, february.cases) == ("2025-02", 1, 1)
    assert january.min_occurred_at == at(2025, 1, 31, 23)
    assert january.batch_ids == [result.batch_id]
    table = read_events(warehouse_dir / january.path)
    assert table.schema == EVENT_SCHEMA
    assert table["step_no"].to_pylist() == [1, 2]
    assert table["flow_code"].to_pylist() == ["I1", "I1"]
    assert file_digest(warehouse_dir / january.path) == january.digest


def test_the_same_key_and_content_again_gives_the_first_answer_and_changes_nothing(warehouse_dir: Path) -> None:
    first = send(CASE_A, "k1")
    before = [(f.pk, f.digest) for f in active()]
    again = send(CASE_A, "k1")
    assert again.is_replay
    assert (again.batch_id, again.rows_accepted) == (first.batch_id, 2)
    assert [(f.pk, f.digest) for f in active()] == before
    assert EventBatch.objects.count() == 1


def test_the_same_key_with_other_content_is_a_conflict() -> None:
    send(CASE_A, "k1")
    with pytest.raises(Conflict) as caught:
        send(CASE_B, "k1", digest="something else")
    assert caught.value.code == "idempotency_mismatch"
    assert EventBatch.objects.count() == 1
    assert sum(f.rows for f in active()) == 2


def test_the_same_events_under_another_key_are_duplicates(warehouse_dir: Path) -> None:
    send(CASE_A, "k1")
    again = send([*CASE_A, *CASE_B], "k2")
    assert (again.rows_accepted, again.rows_duplicate) == (1, 2)
    assert stored_keys(warehouse_dir) == [("test", "A", 1), ("test", "A", 2), ("test", "B", 1)]
    assert EventFile.objects.filter(status="replaced").count() == 0


def test_a_row_that_contradicts_a_stored_one_is_reported_and_left_out(warehouse_dir: Path) -> None:
    send(CASE_A, "k1")
    moved = row("A", 2, "办结", at(2025, 2, 4), outcome="refused")
    result = send([moved, *CASE_B], "k2")
    assert (result.rows_accepted, result.rows_conflicting) == (1, 1)
    (conflict,) = result.conflicts
    assert (conflict.row, conflict.case_id, conflict.step_no) == (1, "A", 2)
    assert conflict.fields == ("occurred_at", "outcome")
    january = active()[0]
    assert read_events(warehouse_dir / january.path)["outcome"].to_pylist() == ["normal", "completed"]


def test_the_same_case_number_of_another_source_is_another_case(warehouse_dir: Path) -> None:
    send(CASE_A, "k1")
    result = send(CASE_A, "k2", source="other")
    assert result.rows_accepted == 2
    assert stored_keys(warehouse_dir) == [("other", "A", 1), ("other", "A", 2), ("test", "A", 1), ("test", "A", 2)]


def test_a_late_event_joins_its_case_and_only_that_file_is_written_anew(warehouse_dir: Path) -> None:
    # given January and February each with a file
    send([*CASE_A, *CASE_B], "k1")
    january, february = active()
    # when an event of the January case arrives in another batch, months later
    result = send([row("A", 3, "送达", at(2025, 6, 2))], "k2")
    # then January's file is replaced, the old one is kept for readers, and February's file is untouched
    assert result.months == ("2025-01",)
    renewed, untouched = active()
    assert untouched.pk == february.pk
    assert (renewed.month, renewed.rows, renewed.cases) == ("2025-01", 3, 1)
    assert renewed.batch_ids == [january.batch_ids[0], result.batch_id]
    january.refresh_from_db()
    assert january.status == "replaced"
    assert (warehouse_dir / january.path).exists()


def test_an_earlier_event_moves_the_whole_case_to_its_new_month(warehouse_dir: Path) -> None:
    send([row("C", 2, "审查", at(2025, 3, 1)), *CASE_B], "k1")
    send([row("C", 1, "受理", at(2025, 2, 20))], "k2")
    assert [(f.month, f.rows) for f in active()] == [("2025-02", 1), ("2025-02", 2)]
    assert [f.month for f in EventFile.objects.filter(status="replaced")] == ["2025-03"]


def test_a_month_with_many_small_files_is_joined(warehouse_dir: Path) -> None:
    for number in range(store.MAX_FILES_PER_MONTH + 1):
        send([row(f"C{number}", 1, "受理", at(2025, 3, 1))], f"k{number}")
    (only,) = active()
    assert (only.rows, only.cases) == (store.MAX_FILES_PER_MONTH + 1, store.MAX_FILES_PER_MONTH + 1)
    assert len(only.batch_ids) == store.MAX_FILES_PER_MONTH + 1


def test_a_rolled_back_transaction_leaves_nothing_that_a_reader_sees(warehouse_dir: Path) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        send(CASE_A, "k1")
        raise RuntimeError("the caller's own step failed")
    assert active() == []
    assert EventBatch.objects.count() == 0
    # the unnamed files are still on the disk; once no transaction can still want them they are removed
    left = list((warehouse_dir / "events").glob("*/*"))
    assert len(left) == 2
    assert collect_garbage(now=datetime.now(UTC)) == 0
    assert collect_garbage(now=datetime.now(UTC) + timedelta(hours=3)) == 2
    assert send(CASE_A, "k1").rows_accepted == 2


def test_no_temporary_file_is_left_behind(warehouse_dir: Path) -> None:
    send([*CASE_A, *CASE_B], "k1")
    refresh_marts(now=NOW)
    assert [p for p in warehouse_dir.rglob("*") if p.name.endswith(".tmp")] == []


def test_an_empty_warehouse_answers_with_nothing() -> None:
    assert case_counts(by=("month",)) == []
    assert event_counts() == []
    assert overdue_open_counts(on=date(2025, 1, 1)) == []
    assert mart_status().rows == 0
    status = refresh_marts(now=NOW)
    assert (status.rows, status.is_stale) == (0, False)
    assert case_counts(by=("item_code", "month")) == []
    assert duration_summaries() == []
    assert step_summaries() == []
    assert variant_summaries() == []


def test_figures_are_those_of_the_events() -> None:
    # given cases of two bodies in two months
    send(
        [
            *CASE_A,
            *CASE_B,
            row("D", 1, "受理", at(2025, 2, 5), body_code="B2", due_at=at(2025, 2, 20)),
            row("E", 1, "受理", at(2025, 2, 5), body_code="B2", due_at=at(2025, 2, 20), division_code="D1"),
            row("E", 2, "办结", at(2025, 2, 6), body_code="B2", due_at=at(2025, 2, 20), outcome="completed"),
        ],
        "k1",
    )
    # when nothing has been computed yet, then the status says so
    assert mart_status().is_stale
    status = refresh_marts(now=NOW)
    assert (status.rows, status.cases, status.is_stale, status.files) == (6, 4, False, 2)
    # then the readers give exact figures, by whatever is asked
    by_month = case_counts(by=("body_code", "month"))
    assert [(c.body_code, c.month, c.cases, c.closed) for c in by_month] == [
        ("B1", date(2025, 1, 1), 1, 1),
        ("B1", date(2025, 2, 1), 1, 0),
        ("B2", date(2025, 2, 1), 2, 1),
    ]
    (total,) = case_counts()
    assert (total.cases, total.closed, total.on_time, total.open, total.events) == (4, 2, 1, 2, 6)
    assert case_counts(by=("item_code",), body_codes=["B2"], to_month=date(2025, 1, 31)) == []
    assert [c.division_code for c in case_counts(by=("division_code",), body_codes=["B2"])] == ["", "D1"]
    assert [e.events for e in event_counts(by=("month",))] == [1, 5]
    assert [(a.body_code, a.month, a.events, a.arrived_at) for a in arrival_counts(from_month=date(2025, 2, 1))] == [
        ("B1", date(2025, 2, 1), 2, NOW),
        ("B2", date(2025, 2, 1), 3, NOW),
    ]
    assert overdue_open_counts(on=date(2025, 2, 20)) == []
    (overdue,) = overdue_open_counts(on=date(2025, 2, 21))
    assert (overdue.item_code, overdue.body_code, overdue.cases) == ("I1", "B2", 1)
    durations = {d.body_code: d for d in duration_summaries()}
    assert durations["B1"].p50_ms == int((at(2025, 2, 3) - at(2025, 1, 31, 23)).total_seconds() * 1000)
    assert durations["B2"].p95_ms == 86_400_000
    steps = {s.step_code: s for s in step_summaries()}
    assert (steps["受理"].events, steps["受理"].firsts, steps["办结"].lasts) == (4, 4, 2)
    # gaps of one day and of 58 hours: the median is the smaller one, the 90th percentile the larger, each within 1 %
    gap_hours = (at(2025, 2, 3) - at(2025, 1, 31, 23)).total_seconds() / 3600
    assert steps["办结"].p50_ms / 3_600_000 == pytest.approx(24, rel=0.0101)
    assert steps["办结"].p90_ms / 3_600_000 == pytest.approx(gap_hours, rel=0.0101)
    (follow,) = follow_summaries(flow_codes=["I1"])
    assert (follow.from_step, follow.to_step, follow.events) == ("受理", "办结", 2)
    variants = variant_summaries()
    assert {(v.path, v.cases, v.flow_variants) for v in variants} == {(("受理",), 2, 2), (("受理", "办结"), 2, 2)}
    assert [v.rank for v in variants] == [1, 2]


def test_only_touched_months_are_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    send([*CASE_A, *CASE_B], "k1")
    refresh_marts(now=NOW)
    computed: list[int] = []
    original = kernel.partial_of_table

    def counting(table, *args, **kwargs):
        computed.append(table.num_rows)
        return original(table, *args, **kwargs)

    monkeypatch.setattr(kernel, "partial_of_table", counting)
    send([row("B", 2, "审查", at(2025, 7, 1))], "k2")
    assert refresh_marts(now=NOW).rows == 4
    assert computed == [2]
    refresh_marts(now=NOW)
    assert computed == [2]


def test_lost_marts_are_rebuilt_with_equal_sums(warehouse_dir: Path) -> None:
    send([*CASE_A, *CASE_B], "k1")
    refresh_marts(now=NOW)
    before = case_counts(by=("item_code", "body_code", "month"))
    shutil.rmtree(warehouse_dir / "marts")
    shutil.rmtree(warehouse_dir / "partials")
    refresh_marts(now=NOW)
    assert case_counts(by=("item_code", "body_code", "month")) == before


def test_months_computed_in_processes_equal_those_computed_in_this_one(warehouse_dir: Path) -> None:
    send([row(f"C{m}", 1, "受理", at(2025, m, 3), item_code=f"I{m}") for m in range(1, 9)], "k1")
    refresh_marts(now=NOW)
    alone = case_counts(by=("item_code", "month"))
    shutil.rmtree(warehouse_dir / "marts")
    shutil.rmtree(warehouse_dir / "partials")
    status = refresh_marts(now=NOW, workers=2)
    assert status.engine == "local×2"
    assert case_counts(by=("item_code", "month")) == alone
