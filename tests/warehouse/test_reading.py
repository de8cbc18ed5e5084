"""读 CSV：能读的一行不漏，不能读的逐行说明，整份不能读的说清原因。"""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from quanze.core.errors import InvalidInput
from quanze.warehouse.public import (
    ColumnMapping,
    EventFrame,
    EventRow,
    Exclusion,
    csv_headers,
    frame_from_rows,
    read_csv,
)

from .event_tables import at

NOW = datetime(2026, 1, 5, tzinfo=UTC)
PLAIN = ColumnMapping(
    columns={"case_id": "案号", "step_code": "环节", "occurred_at": "时间"},
    constants={"item_code": "I1", "body_code": "B1"},
)


def read(tmp_path: Path, text: str, mapping: ColumnMapping = PLAIN, *, encoding: str = "utf-8") -> EventFrame:
    path = tmp_path / "事件.csv"
    path.write_bytes(text.encode(encoding))
    return read_csv(path, mapping, now=NOW)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_encoding_and_delimiter_are_found_by_content(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = "案号,环节,时间\nA,受理,2025-01-02 09:00\nA,办结,2025-01-03\n".replace(",", delimiter)
    frame = read(tmp_path, text, encoding=encoding)
    assert (frame.rows, frame.cases, frame.problems) == (2, 1, ())
    assert frame.sample(1)[0]["occurred_at"] == at(2025, 1, 2, 9)


def test_steps_without_a_number_are_numbered_by_time_within_their_case(tmp_path: Path) -> None:
    text = "案号,环节,时间\nA,办结,2025-01-09\nB,受理,2025-01-01\nA,受理,2025-01-02\nA,审查,2025-01-02\n"
    steps = {(r["case_id"], r["step_code"]): r["step_no"] for r in read(tmp_path, text).sample(9)}
    assert steps == {("A", "受理"): 1, ("A", "审查"): 2, ("A", "办结"): 3, ("B", "受理"): 1}


def test_mixed_time_formats_of_one_column_are_all_read(tmp_path: Path) -> None:
    times = [
        "2025-01-02 09:00:00.250000+08:00",
        "2025-01-02 01:00:00+00:00",
        "2025-01-02T09:00",
        "2025/1/2 9:00",
        "2025年1月2日 09:00",
        "20250102090000",
    ]
    text = "案号,环节,时间\n" + "".join(f"C{i},受理,{t}\n" for i, t in enumerate(times))
    moments = {r["case_id"]: r["occurred_at"] for r in read(tmp_path, text).sample(9)}
    assert moments["C0"] == at(2025, 1, 2, 9) + timedelta(milliseconds=250)
    assert {moments[f"C{i}"] for i in range(1, 6)} == {at(2025, 1, 2, 9)}


def test_bad_rows_are_named_one_by_one_and_their_cases_held_back_whole(tmp_path: Path) -> None:
    text = (
        "案号,环节,时间\n"
        "A,受理,2025-01-02\n"
        ",受理,2025-01-02\n"
        "B,受理,昨天\n"
        "B,办结,2025-01-03\n"
        "C,受理,2099-01-02\n"
        "D,受理\n"
        "D,办结,2025-01-03\n"
        "E,,2025-01-02\n"
        "F,受理,1899-12-30\n"
        "G,受\u202e理,2025-01-02\n"
        "H,受理,2025-02-30\n"
    )
    frame = read(tmp_path, text)
    assert [(p.row, p.column, p.code) for p in frame.problems] == [
        (3, "案号", "missing"),
        (4, "时间", "bad_time"),
        (6, "时间", "future_time"),
        (7, "", "column_count"),
        (9, "环节", "missing"),
        (10, "时间", "time_implausible"),
        (11, "环节", "control_character"),
        (12, "时间", "bad_time"),
    ]
    assert frame.case_ids() == ["A"]
    assert (frame.rows_read, frame.rows, frame.bad_rows, frame.rows_held_back) == (11, 1, 8, 2)
    assert frame.problems[1].value == "昨天"


def test_an_identity_number_never_enters_while_a_long_serial_number_may(tmp_path: Path) -> None:
    # 11010519491231002X is the published example of GB 11643; the other has a wrong check digit, so it is a serial number
    text = "案号,环节,时间\n11010519491231002X,受理,2025-01-02\n110105194912310021,受理,2025-01-02\n"
    frame = read(tmp_path, text)
    assert frame.case_ids() == ["110105194912310021"]
    (problem,) = frame.problems
    assert (problem.row, problem.code, problem.value) == (2, "personal_number", "")


def test_a_personal_column_cannot_even_be_mapped() -> None:
    with pytest.raises(InvalidInput) as caught:
        ColumnMapping(columns={"case_id": "案号", "applicant": "申请人"})
    assert caught.value.code == "mapping_field"


def test_a_mapping_without_an_item_is_refused() -> None:
    with pytest.raises(InvalidInput, match="item_code"):
        ColumnMapping(columns={"case_id": "a", "step_code": "b", "occurred_at": "c"}, constants={"body_code": "B"})


def test_outcomes_are_translated_and_unknown_ones_reported(tmp_path: Path) -> None:
    mapping = ColumnMapping(
        columns={**PLAIN.columns, "outcome": "结果"},
        constants=PLAIN.constants,
        outcomes={"办结": "completed", "补正": "returned"},
    )
    text = "案号,环节,时间,结果\nA,受理,2025-01-02,\nA,决定,2025-01-03,办结\nB,受理,2025-01-02,不详\nC,x,2025-01-02,refused\n"
    frame = read(tmp_path, text, mapping)
    assert [r["outcome"] for r in frame.sample(9)] == ["normal", "completed", "refused"]
    assert [(p.row, p.code, p.value) for p in frame.problems] == [(4, "unknown_outcome", "不详")]


def test_a_noted_end_of_the_case_closes_its_last_event(tmp_path: Path) -> None:
    mapping = ColumnMapping(columns=PLAIN.columns, constants=PLAIN.constants, closing_column="结束")
    text = "案号,环节,时间,结束\nA,办,2025-01-05,2025-01-06\nA,收,2025-01-02,2025-01-06\nB,收,2025-01-02,\n"
    outcomes = {(r["case_id"], r["step_code"]): r["outcome"] for r in read(tmp_path, text, mapping).sample(9)}
    assert outcomes == {("A", "收"): "normal", ("A", "办"): "completed", ("B", "收"): "normal"}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "empty"),
        (b"PK\x03\x04\x00\x00", "not_text"),
        ("案号,环节\nA,受理\n".encode(), "HEADER_INVALID"),
        ("案号,案号,环节,时间\nA,B,受理,2025-01-02\n".encode(), "HEADER_INVALID"),
        ("案号,环节,时间\n".encode(), "ROW_NONE"),
        (gzip.compress("案号,环节,时间\nA,受理,2025-01-02\n".encode() * 500)[:-20], "truncated"),
        ("案号,环节,时间\nA,".encode() + b"\xff\xff\xff,2025-01-02\n", "ENCODING_UNSUPPORTED"),
    ],
)
def test_what_is_no_readable_file_is_refused_with_its_cause(tmp_path: Path, payload: bytes, code: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(payload)
    with pytest.raises(InvalidInput) as caught:
        read_csv(path, PLAIN, now=NOW)
    assert caught.value.code == code
    assert caught.value.hint


@pytest.mark.req("W-59")
@pytest.mark.parametrize(
    "second_line",
    ["A,现场检查,2025-01-02\n".encode("gb18030"), b"A,\xc0\xaf\xc0\xae,2025-01-02\n"],
    ids=["gb18030", "overlong"],
)
def test_two_encodings_in_one_file_are_refused_and_the_line_is_named(tmp_path: Path, second_line: bytes) -> None:
    # given a file whose first line is UTF-8 and whose second is not
    path = tmp_path / "拼接.csv"
    path.write_bytes("案号,环节,时间所在的一栏\n".encode() + second_line)
    with pytest.raises(InvalidInput) as caught:
        read_csv(path, PLAIN, now=NOW)
    assert caught.value.code == "ENCODING_UNSUPPORTED"
    assert caught.value.message == "第 2 行起不是 UTF-8 编码，而前面是：一个文件里混用了两种编码"


def test_lines_that_end_with_a_single_carriage_return_are_read(tmp_path: Path) -> None:
    path = tmp_path / "旧系统.csv"
    path.write_bytes("案号,环节,时间\rA,受理,2025-01-02\r".encode())
    frame = read_csv(path, PLAIN, now=NOW)
    assert (frame.rows_read, frame.case_ids()) == (1, ["A"])


def test_a_compressed_file_is_read_like_a_plain_one(tmp_path: Path) -> None:
    path = tmp_path / "事件.csv.gz"
    path.write_bytes(gzip.compress("案号,环节,时间\nA,受理,2025-01-02\n".encode()))
    assert csv_headers(path) == ["案号", "环节", "时间"]
    assert read_csv(path, PLAIN, now=NOW).rows == 1


def test_row_numbers_stay_right_over_many_blocks(tmp_path: Path) -> None:
    # given a file of several read blocks with one broken row far down and one before it
    lines = [f"case-{i:09d}-{'x' * 60},受理,2025-01-02 09:00:00" for i in range(150_000)]
    lines[10] = "short"
    lines[140_000] = f"late,受理,{'y' * 20}"
    frame = read(tmp_path, "案号,环节,时间\n" + "\n".join(lines) + "\n")
    assert [(p.row, p.code) for p in frame.problems] == [(12, "column_count"), (140_002, "bad_time")]
    assert frame.rows == 149_998


def _frame() -> EventFrame:
    rows = [
        EventRow("A", "受理", "I1", "B1", at(2025, 1, 5), 1),
        EventRow("A", "办结", "I1", "B1", at(2025, 3, 5), 2),
        EventRow("B", "受理", "I1", "B1", at(2025, 2, 5), 1),
        EventRow("C", "受理", "I9", "B1", at(2025, 2, 6), 1),
        EventRow("D", "受理", "I2", "B2", at(2025, 2, 7), 1, region_code="R9"),
    ]
    return frame_from_rows(rows, name="x", digest="d", now=NOW)


def test_groups_tell_an_app_what_to_judge() -> None:
    groups = {
        g.values: (g.rows, g.cases, g.first_start, g.last_start) for g in _frame().groups("item_code", "body_code")
    }
    assert groups == {
        ("I1", "B1"): (3, 2, at(2025, 1, 5), at(2025, 2, 5)),
        ("I2", "B2"): (1, 1, at(2025, 2, 7), at(2025, 2, 7)),
        ("I9", "B1"): (1, 1, at(2025, 2, 6), at(2025, 2, 6)),
    }


def test_exclusions_take_whole_cases_by_value_and_by_the_day_they_began() -> None:
    kept, taken, summary = _frame().divided(
        [
            Exclusion("unknown_item", {"item_code": "I9"}),
            Exclusion("item_ended", {"item_code": "I1", "body_code": "B1"}, starts_from=at(2025, 2, 1, 0)),
        ]
    )
    assert kept.case_ids() == ["A", "D"]
    assert taken.rows == 2
    assert sorted((g.reason, g.item_code, g.body_code, g.month, g.rows, g.cases) for g in summary) == [
        ("item_ended", "I1", "B1", "2025-02", 1, 1),
        ("unknown_item", "I9", "B1", "2025-02", 1, 1),
    ]
    assert all(g.first_row > 0 for g in summary)


def test_a_case_already_stored_may_still_be_finished_after_its_item_has_ended() -> None:
    ended = Exclusion("item_ended", {"item_code": "I1"}, starts_from=at(2025, 2, 1, 0))
    kept, _, _ = _frame().divided([ended], spared_cases=frozenset({"B"}))
    assert kept.case_ids() == ["A", "B", "C", "D"]


def test_lookups_fill_only_what_is_empty() -> None:
    frame = _frame().filled("region_code", "body_code", {"B1": "R1", "B2": "R2"}).filled_from("flow_code", "item_code")
    found = {r["case_id"]: (r["region_code"], r["flow_code"]) for r in frame.sample(9)}
    assert found == {"A": ("R1", "I1"), "B": ("R1", "I1"), "C": ("R1", "I9"), "D": ("R9", "I2")}


def test_a_case_carries_the_version_in_force_when_it_began() -> None:
    # given an item whose second version took effect on 1 February, and one whose list came after the case
    periods = {"I1": [(at(2024, 1, 1, 0), 1), (at(2025, 2, 1, 0), 2)], "I2": [(at(2025, 3, 1, 0), 5)]}
    frame = _frame().versioned(periods)
    # then a step done in March belongs to the version under which its case began
    found = {(r["case_id"], r["step_no"]): r["item_version"] for r in frame.sample(9)}
    assert found == {("A", 1): 1, ("A", 2): 1, ("B", 1): 2, ("C", 1): 0, ("D", 1): 0}
