"""分析内核：结果与逐条手算一致，部分结果相加与整体相等。"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanze.warehouse import kernel

from .event_tables import at, event, table_of


def rows(table: pa.Table) -> list[dict]:
    return sorted(table.to_pylist(), key=lambda r: tuple(str(v) for v in r.values()))


def test_cases_are_counted_in_the_local_month_of_their_first_event() -> None:
    # given an event at 23:30 UTC on 31 January, which is 1 February in Beijing, and one an hour before midnight there
    table = table_of(
        [
            event("A", 1, "受理", datetime(2025, 1, 31, 23, 30, tzinfo=UTC)),
            event("B", 1, "受理", at(2025, 1, 31, 23)),
            event("B", 2, "办结", at(2025, 2, 3), outcome="completed"),
        ]
    )
    # when the kernel runs
    partial = kernel.partial_of_table(table)
    # then each case stands in the month of its own start, and each event in the month in which it happened
    assert [(r["month"], r["cases"], r["events"], r["completed"]) for r in rows(partial["cases"])] == [
        (202501, 1, 2, 1),
        (202502, 1, 1, 0),
    ]
    assert [(r["month"], r["events"]) for r in rows(partial["events"])] == [(202501, 1), (202502, 2)]


def test_on_time_late_undated_and_open_cases_are_kept_apart() -> None:
    due = at(2025, 3, 10, 18)
    table = table_of(
        [
            event("on-time", 1, "受理", at(2025, 3, 1), due_at=due),
            event("on-time", 2, "办结", at(2025, 3, 10, 18), due_at=due, outcome="completed"),
            event("late", 1, "受理", at(2025, 3, 1), due_at=due),
            event("late", 2, "办结", at(2025, 3, 10, 18, 1), due_at=due, outcome="refused"),
            event("undated", 1, "受理", at(2025, 3, 1)),
            event("undated", 2, "撤回", at(2025, 3, 2), outcome="withdrawn"),
            event("open", 1, "受理", at(2025, 3, 1), due_at=due),
        ]
    )
    (case,) = kernel.partial_of_table(table)["cases"].to_pylist()
    assert {k: case[k] for k in ("cases", "completed", "refused", "withdrawn", "on_time", "late", "undated")} == {
        "cases": 4,
        "completed": 1,
        "refused": 1,
        "withdrawn": 1,
        "on_time": 1,
        "late": 1,
        "undated": 1,
    }
    (pending,) = kernel.partial_of_table(table)["open_due"].to_pylist()
    assert pending["due_day"] == (datetime(2025, 3, 10, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days
    assert pending["cases"] == 1


def test_a_case_belongs_to_the_body_item_and_division_that_opened_it() -> None:
    table = table_of(
        [
            event("A", 1, "受理", at(2025, 3, 1), body_code="B1", division_code="D1"),
            event("A", 2, "会办", at(2025, 3, 2), body_code="B2", division_code="D9"),
        ]
    )
    partial = kernel.partial_of_table(table)
    assert [(r["body_code"], r["division_code"], r["cases"]) for r in rows(partial["cases"])] == [("B1", "D1", 1)]
    assert [(r["body_code"], r["events"]) for r in rows(partial["events"])] == [("B1", 1), ("B2", 1)]


def test_a_missing_division_is_an_empty_text() -> None:
    partial = kernel.partial_of_table(table_of([event("A", 1, "受理", at(2025, 3, 1))]))
    assert partial["cases"].to_pylist()[0]["division_code"] == ""


def test_two_sources_may_use_the_same_case_number() -> None:
    table = table_of(
        [event("A", 1, "受理", at(2025, 3, 1), source="x"), event("A", 1, "受理", at(2025, 3, 5), source="y")]
    )
    partial = kernel.partial_of_table(table)
    assert partial["cases"].to_pylist()[0]["cases"] == 2
    assert partial["follows"].num_rows == 0


def test_variants_of_different_flows_never_merge_and_the_key_is_reproducible() -> None:
    table = table_of(
        [
            *(event(c, 1, "受理", at(2025, 3, 1)) for c in ("A", "B")),
            *(event(c, 2, "办结", at(2025, 3, 2)) for c in ("A", "B")),
            event("C", 1, "受理", at(2025, 3, 1), flow_code="F2"),
            event("C", 2, "办结", at(2025, 3, 2), flow_code="F2"),
            event("D", 1, "办结", at(2025, 3, 1)),
            event("D", 2, "受理", at(2025, 3, 2)),
        ]
    )
    found = {
        (r["flow_code"], tuple(r["path"])): (r["cases"], r["variant"])
        for r in kernel.partial_of_table(table)["variants"].to_pylist()
    }
    assert {k: v[0] for k, v in found.items()} == {
        ("F1", ("受理", "办结")): 2,
        ("F1", ("办结", "受理")): 1,
        ("F2", ("受理", "办结")): 1,
    }
    assert all(variant == kernel.variant_key(flow, path) for (flow, path), (_, variant) in found.items())
    assert len({variant for _, variant in found.values()}) == 3


def test_elapsed_time_buckets_are_within_one_percent() -> None:
    gaps = np.array([1, 999, 60_000, 3_600_000, 86_400_000 * 365])
    middle = kernel.bucket_middle_ms(kernel.gap_buckets(gaps))
    assert np.all(np.abs(middle / gaps - 1) <= 0.0101)
    assert kernel.gap_buckets(np.array([0]))[0] == 0


def test_quantiles_are_nearest_rank_and_exact() -> None:
    values = np.array([30, 10, 20, 40, 7])
    group = np.array([0, 0, 0, 0, 2])
    found = kernel.weighted_quantiles(group, values, np.array([1, 1, 1, 1, 3]), 3, (0.5, 0.9, 0.95))
    assert found.tolist() == [[20, 40, 40], [-1, -1, -1], [7, 7, 7]]


def test_an_index_that_does_not_fit_its_table_is_refused() -> None:
    with pytest.raises(ValueError, match="不符"):
        kernel.partial_of_table(table_of([event("A", 1, "受理", at(2025, 3, 1))]), np.array([2], np.int32))


def test_an_empty_table_gives_the_zero_of_addition() -> None:
    assert kernel.partial_of_table(table_of([])) == kernel.empty_partial()


_case = st.fixed_dictionaries(
    {
        "item": st.sampled_from(["I1", "I2", "I3"]),
        "flow": st.sampled_from(["F1", "F2"]),
        "body": st.sampled_from(["B1", "B2"]),
        "division": st.sampled_from([None, "D1", "D2"]),
        "start": st.integers(0, 700 * 86_400).map(lambda s: at(2024, 1, 1, 0) + timedelta(seconds=s)),
        "steps": st.lists(
            st.tuples(st.sampled_from(["受理", "审查", "决定", "送达"]), st.integers(0, 10_000_000)),
            min_size=1,
            max_size=6,
        ),
        "due_days": st.none() | st.integers(0, 60),
        "end": st.sampled_from([None, "completed", "refused", "withdrawn"]),
    }
)


def _table_of_cases(cases: list[dict], numbers: list[int]) -> pa.Table:
    made = []
    for number in numbers:
        case = cases[number]
        moment = case["start"]
        due = None if case["due_days"] is None else moment + timedelta(days=case["due_days"])
        for step_no, (step, seconds) in enumerate(case["steps"], start=1):
            moment += timedelta(seconds=seconds if step_no > 1 else 0)
            is_last = step_no == len(case["steps"])
            made.append(
                event(
                    f"case-{number:03d}",
                    step_no,
                    step,
                    moment,
                    item_code=case["item"],
                    flow_code=case["flow"],
                    body_code=case["body"],
                    division_code=case["division"],
                    due_at=due,
                    outcome=case["end"] if is_last and case["end"] else "normal",
                )
            )
    return table_of(made)


@settings(max_examples=60, deadline=None)
@given(cases=st.lists(_case, min_size=1, max_size=25), data=st.data())
def test_partials_of_any_split_by_case_add_up_to_the_whole(cases: list[dict], data: st.DataObject) -> None:
    # given any cases, split in any way into up to four parts
    part_of = [data.draw(st.integers(0, 3)) for _ in cases]
    whole = kernel.merge([kernel.partial_of_table(_table_of_cases(cases, list(range(len(cases)))), exact_gaps=True)])
    parts = [
        kernel.partial_of_table(
            _table_of_cases(cases, [i for i, p in enumerate(part_of) if p == part]), exact_gaps=True
        )
        for part in range(4)
    ]
    # when the parts are added, then nothing differs from the whole
    merged = kernel.merge(parts)
    assert merged.keys() == whole.keys()
    for name, table in whole.items():
        assert merged[name].to_pylist() == table.to_pylist(), name


@settings(max_examples=40, deadline=None)
@given(cases=st.lists(_case, min_size=1, max_size=25))
def test_the_kernel_agrees_with_counting_by_hand(cases: list[dict]) -> None:
    table = _table_of_cases(cases, list(range(len(cases))))
    partial = kernel.partial_of_table(table, exact_gaps=True)
    follows: Counter = Counter()
    gaps: defaultdict = defaultdict(int)
    durations: Counter = Counter()
    variants: Counter = Counter()
    for case in cases:
        path = [s for s, _ in case["steps"]]
        variants[(case["flow"], tuple(path))] += 1
        for (before, _), (step, seconds) in zip(case["steps"], case["steps"][1:], strict=False):
            follows[(case["flow"], before, step)] += 1
            gaps[(case["flow"], before, step)] += seconds * 1000
        if case["end"]:
            durations[(case["item"], case["body"], sum(s for _, s in case["steps"][1:]) * 1000)] += 1
    found = partial["follows"].to_pylist()
    assert {(r["flow_code"], r["from_step"], r["to_step"]): r["events"] for r in found} == follows
    assert {(r["flow_code"], r["from_step"], r["to_step"]): r["gap_total_ms"] for r in found} == dict(gaps)
    assert {
        (r["item_code"], r["body_code"], r["duration_ms"]): r["cases"] for r in partial["durations"].to_pylist()
    } == durations
    assert {(r["flow_code"], tuple(r["path"])): r["cases"] for r in partial["variants"].to_pylist()} == variants
    assert sum(r["events"] for r in partial["gaps"].to_pylist()) == sum(follows.values())
    assert sum(r["events"] for r in partial["gap_values"].to_pylist()) == sum(follows.values())
    assert sum(r["lasts"] for r in partial["steps"].to_pylist()) == len(cases)
    assert sum(r["cases"] for r in partial["cases"].to_pylist()) == len(cases)
