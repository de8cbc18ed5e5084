"""行检查：外来的文本列变为事件列，说不通的行逐行说明。

Everything is done column by column: codes are checked on their distinct values, so a million rows cost as much as their
few thousand different codes. Only the structure is judged here; whether an item is listed is known to the app.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quanze.warehouse.columns import INSTANT, OUTCOMES
from quanze.warehouse.grouping import codes_of
from quanze.warehouse.mapping import REQUIRED_FIELDS, ColumnMapping
from quanze.warehouse.times import parsed_times

MAX_CODE_LENGTH = 100
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\ufeff]")
_IDENTITY = re.compile(r"^[1-9]\d{5}(18|19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dXx]$")
_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# No list of powers and no such system is older; an earlier year is a typing error or an empty field of a database.
_EARLIEST = datetime.fromisoformat("1991-01-01T00:00:00+08:00")
_CODES = ("item_code", "flow_code", "step_code", "body_code", "division_code", "post_code", "region_code", "sector")
_OPTIONAL = ("division_code", "post_code")

# 检查用的列：the event columns without source and batch, the row of the file, and whether the row notes the case's end.
FRAME_FIELDS = (
    "case_id",
    "step_no",
    "item_code",
    "item_version",
    "flow_code",
    "step_code",
    "body_code",
    "division_code",
    "post_code",
    "region_code",
    "sector",
    "occurred_at",
    "due_at",
    "outcome",
    "row_no",
)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """一行的问题：行号（表头为第 1 行）、列名、代码、说明、原值。"""

    row: int
    column: str
    code: str
    message: str
    value: str = ""


class Problems:
    """累积行问题：每行只留第一个，最多详列若干，其余计数。"""

    def __init__(self, row_no: np.ndarray, detailed: int) -> None:
        self.row_no = row_no
        self.bad = np.zeros(len(row_no), bool)
        self.listed: list[RowProblem] = []
        self.counts: dict[str, int] = {}
        self._room = detailed

    def add(self, mask: np.ndarray, column: str, code: str, message: str, values: pa.Array | None = None) -> None:
        """记下 mask 所指的行。"""
        rows = np.flatnonzero(mask & ~self.bad)
        if not len(rows):
            return
        self.counts[code] = self.counts.get(code, 0) + len(rows)
        self.bad[rows] = True
        shown = rows[: self._room]
        self._room -= len(shown)
        texts = values.take(pa.array(shown)).cast(pa.string()).to_pylist() if values is not None else [""] * len(shown)
        self.listed += [
            RowProblem(int(self.row_no[i]), column, code, message, (t or "")[:80])
            for i, t in zip(shown, texts, strict=True)
        ]


def checked_columns(
    columns: Mapping[str, pa.Array], row_no: np.ndarray, mapping: ColumnMapping, *, now: datetime, detailed: int
) -> tuple[pa.Table, Problems, np.ndarray]:
    """一块外来列 → 事件列表、问题、办结标记。``columns`` maps header → text (or, from a program, typed values)."""
    size = len(row_no)
    problems = Problems(row_no, detailed)

    def given(name: str) -> pa.Array:
        if name in mapping.constants:
            return pa.repeat(mapping.constants[name], size)
        header = mapping.columns.get(name)
        return columns[header] if header is not None and header in columns else pa.nulls(size, pa.string())

    def title(name: str) -> str:
        return mapping.columns.get(name, name)

    made: dict[str, pa.Array] = {"case_id": _case_ids(given("case_id"), problems, title("case_id"))}
    for name in _CODES:
        made[name] = _codes(name, given(name), problems, title(name))
    made["step_no"] = _numbers(given("step_no"), problems, title("step_no"))
    made["item_version"] = _numbers(given("item_version"), problems, title("item_version"))
    made["occurred_at"] = _times(given("occurred_at"), mapping, problems, title("occurred_at"), required=True)
    made["due_at"] = _times(given("due_at"), mapping, problems, title("due_at"), required=False)
    made["outcome"] = _outcomes(given("outcome"), mapping, problems, title("outcome"))
    happened = made["occurred_at"].cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    latest = int((now + timedelta(days=1)).timestamp() * 1000)
    problems.add(
        happened > latest,
        title("occurred_at"),
        "future_time",
        "发生时间晚于现在，请核对年份与时区",
        given("occurred_at"),
    )
    problems.add(
        happened < int(_EARLIEST.timestamp() * 1000),
        title("occurred_at"),
        "time_implausible",
        "发生时间早于 1991 年，请核对年份",
        given("occurred_at"),
    )
    made["row_no"] = pa.array(row_no, pa.int64())
    closing = np.zeros(size, bool)
    if mapping.closing_column and mapping.closing_column in columns:
        noted = columns[mapping.closing_column].cast(pa.string())
        closing = pc.not_equal(pc.utf8_trim_whitespace(noted), "").fill_null(False).to_numpy(zero_copy_only=False)
    return pa.table({n: made[n] for n in FRAME_FIELDS}), problems, closing


def _trimmed(values: list[str | None]) -> list[str]:
    return [(v or "").strip() for v in values]


def _case_ids(texts: pa.Array, problems: Problems, column: str) -> pa.Array:
    texts = pc.utf8_trim_whitespace(texts.cast(pa.string())).fill_null("")
    problems.add(_true(pc.equal(texts, "")), column, "missing", "缺少办件编号")
    problems.add(
        _true(pc.greater(pc.utf8_length(texts), MAX_CODE_LENGTH)), column, "too_long", "办件编号超过 100 字", texts
    )
    problems.add(_true(pc.match_substring_regex(texts, r"[\x00-\x1f\x7f]")), column, "control_character", _CONTROL_TEXT)
    suspects = np.flatnonzero(_true(pc.equal(pc.utf8_length(texts), 18)))
    numbers = texts.take(pa.array(suspects)).to_pylist()
    personal = np.zeros(len(texts), bool)
    personal[suspects] = [_is_identity_number(n) for n in numbers]
    if personal.any():
        message = "办件编号是公民身份号码，个人信息不得进入数据仓，请改用业务系统的办件编号"
        problems.add(personal, column, "personal_number", message)
    return texts


_CONTROL_TEXT = "含有不可见的控制字符，请清除后重新报送"


def _is_identity_number(number: str) -> bool:
    """校验码相符才算身份号码，十八位的流水号不受牵连。"""
    if not _IDENTITY.match(number):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _IDENTITY_WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == number[17].upper()


def _codes(name: str, texts: pa.Array, problems: Problems, column: str) -> pa.Array:
    """编码列：逐个取值检查。Optional columns keep null; what else the file lacks is filled later by the app."""
    indices, raw = codes_of(texts if not pa.types.is_null(texts.type) else texts.cast(pa.string()))
    values = _trimmed(list(raw))
    if not values:
        values = [""]
        indices = np.zeros(len(texts), np.int64)
    bad_control = np.array([bool(_CONTROL.search(v)) for v in values])
    bad_length = np.array([len(v) > MAX_CODE_LENGTH for v in values])
    empty = np.array([v == "" for v in values])
    if name in REQUIRED_FIELDS:
        problems.add(empty[indices], column, "missing", "必填而为空")
    if bad_control.any():
        problems.add(bad_control[indices], column, "control_character", _CONTROL_TEXT)
    if bad_length.any():
        problems.add(bad_length[indices], column, "too_long", "超过 100 字，请核对列是否对应", texts)
    unique = list(dict.fromkeys(v for v in values if v or name not in _OPTIONAL))
    place = {v: i for i, v in enumerate(unique)}
    lookup = np.array([place.get(v, -1) for v in values], np.int64)
    codes = lookup[indices]
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32), mask=codes < 0), pa.array(unique, pa.string())
    )


def _numbers(texts: pa.Array, problems: Problems, column: str) -> pa.Array:
    if pa.types.is_integer(texts.type):
        return texts.cast(pa.int32())
    texts = pc.utf8_trim_whitespace(texts.cast(pa.string())).fill_null("")
    good = _true(pc.match_substring_regex(texts, r"^\d{1,9}$"))
    bad = ~good & _true(pc.not_equal(texts, ""))
    problems.add(bad, column, "bad_number", "应为整数", texts)
    return pc.if_else(pa.array(good), texts, pa.scalar(None, pa.string())).cast(pa.int32())


def _times(texts: pa.Array, mapping: ColumnMapping, problems: Problems, column: str, *, required: bool) -> pa.Array:
    if pa.types.is_timestamp(texts.type):
        times = texts.cast(INSTANT, safe=False)
        if required:
            problems.add(_true(times.is_null()), column, "missing", "必填而为空")
        return times
    texts = pc.utf8_trim_whitespace(texts.cast(pa.string())).fill_null("")
    times = parsed_times(texts, time_zone=mapping.time_zone, formats=mapping.time_formats)
    empty = _true(pc.equal(texts, ""))
    if required:
        problems.add(empty, column, "missing", "必填而为空")
    unread = _true(times.is_null()) & ~empty
    problems.add(unread, column, "bad_time", "认不出的时间，请写成 2025-03-01 09:30 的样子", texts)
    return times


def _outcomes(texts: pa.Array, mapping: ColumnMapping, problems: Problems, column: str) -> pa.Array:
    indices, raw = codes_of(texts.cast(pa.string()) if pa.types.is_null(texts.type) else texts)
    values = [mapping.outcomes.get(v, v) or "normal" for v in _trimmed(list(raw))] or ["normal"]
    lookup = np.array([OUTCOMES.index(v) if v in OUTCOMES else -1 for v in values], np.int32)
    codes = lookup[indices] if len(indices) else np.empty(0, np.int32)
    message = f"认不出的办理结果，可用：{'、'.join([*mapping.outcomes, *OUTCOMES])}"
    problems.add(codes < 0, column, "unknown_outcome", message, texts)
    return pa.DictionaryArray.from_arrays(pa.array(np.maximum(codes, 0)), pa.array(OUTCOMES, pa.string()))


def _true(mask: pa.Array) -> np.ndarray:
    return mask.fill_null(False).to_numpy(zero_copy_only=False)
