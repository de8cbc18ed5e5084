"""核验：重算全部封条，对照锚，指出第一处不符。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection

from quanze.base.audit.anchors import AnchorFileError, AnchorHead, anchors
from quanze.base.audit.logs import LOGS, Log, batch_text, contents_between, payload, seal_rows, select_columns
from quanze.base.audit.seals import SealHead, mark_of, marks_read
from quanze.core.sealing import ALGORITHMS, GENESIS

_TELL_EVERY = 20
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """一处不符：哪一行（封条或锚的问题没有行号）、什么问题。"""

    row_id: int | None
    problem: str


@dataclass(slots=True)
class LogReport:
    """一本日志的核验结果。``unsealed`` rows came after the last seal, ``unanchored`` ones after the last anchor."""

    log: str
    label: str
    sealed: int = 0
    unsealed: int = 0
    unanchored: int = 0
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """核验结果。"""

    logs: tuple[LogReport, ...]
    anchor_fault: str = ""
    anchor_count: int = 0

    @property
    def is_sound(self) -> bool:
        """没有发现不符。Says nothing about rows that are not sealed or not anchored yet; ``is_complete`` does."""
        return not self.anchor_fault and all(log.fault is None for log in self.logs)

    @property
    def is_complete(self) -> bool:
        """没有不符，且没有一条未封存或未下锚。"""
        return self.is_sound and not any(log.unsealed or log.unanchored for log in self.logs)

    @property
    def records(self) -> int:
        return sum(log.sealed for log in self.logs)


@dataclass(slots=True)
class _Chain:
    """正在核验的链：前一封条的值、号与截止编号。"""

    value: str = GENESIS
    number: int = 0
    to_id: int | None = None
    sealed_at: str = ""
    anchored: dict[int, list[AnchorHead]] = field(default_factory=dict)
    anchored_records: int = 0


def verify(anchor_file: Path | None = None, *, progress: Progress | None = None) -> VerifyReport:
    """重算全部封条并对照锚（可给出另存的锚文件）。Reads in pages and holds no lock, so it may run beside the work."""
    problem, heads = "", []
    try:
        views = anchors(anchor_file)
        heads = [head for view in views for head in view.heads]
    except AnchorFileError as error:
        views, problem = [], str(error)
    reports: list[LogReport] = []
    for log in LOGS:
        before = sum(report.sealed for report in reports)
        say = None if progress is None else (lambda done, before=before: progress(before + done))
        reports.append(_verify_log(log, heads, say))
    return VerifyReport(tuple(reports), problem, len(views))


def _verify_log(log: Log, heads: list[AnchorHead], progress: Progress | None) -> LogReport:
    report = LogReport(log.name, log.label)
    chain = _Chain()
    for head in heads:
        if head.log == log.name:
            # All of them, not the latest: after a rewrite the first line about a seal is the true one.
            chain.anchored.setdefault(head.number, []).append(head)
    try:
        for ordinal, seal in enumerate(seal_rows(log)):
            report.fault = _verify_seal(log, seal, chain, report)
            if report.fault is not None:
                break
            if progress is not None and ordinal % _TELL_EVERY == 0:
                progress(report.sealed)
        if report.fault is None:
            report.fault = _missing_anchor(chain) or _late_arrival(log, chain, report)
    except DatabaseError as error:
        report.fault = Fault(None, f"{log.label}读不出来：{error}")
    report.unanchored = report.sealed - chain.anchored_records + report.unsealed
    return report


def _verify_seal(log: Log, seal: tuple[Any, ...], chain: _Chain, report: LogReport) -> Fault | None:
    number, name, from_id, to_id, count, algorithm, previous, marks, sealed_at, value = seal
    if not isinstance(from_id, int) or not isinstance(to_id, int):
        return Fault(None, f"{log.label}的封条有不是编号的内容")
    if number != chain.number + 1:
        return Fault(None, f"{log.label}缺少第 {chain.number + 1} 号封条")
    if algorithm not in ALGORITHMS or not isinstance(marks, bytes | memoryview):
        return Fault(None, f"{log.label}第 {number} 号封条被改动")
    head = SealHead(name, number, from_id, to_id, count, algorithm, previous, bytes(marks).hex(), sealed_at)
    found, content = _batch(log, chain.to_id, to_id)
    if previous != chain.value or found != count or head.value(content) != value:
        fault = _look_closer(log, head, chain, value, bytes(marks))
        if fault is not None:
            return fault
    report.sealed += count
    chain.value, chain.number, chain.to_id, chain.sealed_at = value, number, to_id, sealed_at
    for anchored in chain.anchored.pop(number, ()):
        if (anchored.value, anchored.to_id, anchored.records) != (value, to_id, report.sealed):
            return Fault(from_id, f"{log.label}第 {number} 号封条与锚不符：至迟自这一批起被整体改写")
        chain.anchored_records = report.sealed
    return None


def _batch(log: Log, after_id: int | None, to_id: int) -> tuple[int, bytes]:
    try:
        return batch_text(log, after_id, to_id)
    except DatabaseError:
        # The database could not write some row as JSON (bytes in a text column): the closer look will name it.
        return -1, b""


def _look_closer(log: Log, head: SealHead, chain: _Chain, value: str, marks: bytes) -> Fault | None:
    """一批对不上时逐列重读：其实无误则为 None，否则对照逐条标记找出第一行。"""
    batch = contents_between(log, chain.to_id, head.to_id)
    if head.previous == chain.value and len(batch) == head.count and _matches(head, batch, value):
        return None
    expected = marks_read(marks)
    for position, row in enumerate(batch):
        if position >= len(expected):
            return Fault(row[0], f"{log.label}多出一行 {row[0]}：封存之后被插入")
        row_id, mark = expected[position]
        if row[0] != row_id:
            is_gone = all(other[0] != row_id for other in batch)
            if is_gone:
                return Fault(row_id, f"{log.label}缺少行 {row_id}：封存之后被删除")
            return Fault(row[0], f"{log.label}多出一行 {row[0]}：封存之后被插入")
        if not _is_marked(row, mark, head.algorithm):
            return Fault(row_id, f"{log.label}第 {row_id} 行的内容被改动")
    if len(expected) > len(batch):
        gone = expected[len(batch)][0]
        return Fault(gone, f"{log.label}缺少行 {gone}：封存之后被删除")
    return Fault(None, f"{log.label}第 {head.number} 号封条被改动")


def _matches(head: SealHead, batch: list[tuple[Any, ...]], value: str) -> bool:
    try:
        return head.value(payload(batch)) == value
    except (TypeError, ValueError):
        # Something is in a column that no writer of ours puts there.
        return False


def _is_marked(row: tuple[Any, ...], mark: bytes, algorithm: str) -> bool:
    try:
        return mark_of(row, algorithm) == mark
    except (TypeError, ValueError):
        return False


def _missing_anchor(chain: _Chain) -> Fault | None:
    if not chain.anchored:
        return None
    number = min(chain.anchored)
    return Fault(None, f"锚记有第 {number} 号封条，数据库中没有：末尾的记录与封条被删除")


def _late_arrival(log: Log, chain: _Chain, report: LogReport) -> Fault | None:
    """末条封条之后的行：数一数；在 SQLite 上，记录时间早于末条封条的必是事后插入。"""
    after = "" if chain.to_id is None else f' WHERE "id" > {int(chain.to_id)}'
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {log.table}{after}")
        report.unsealed = cursor.fetchone()[0]
    if connection.vendor != "sqlite" or not report.unsealed or chain.to_id is None:
        # On PostgreSQL a long transaction may rightly commit a row that is older than the last seal.
        return None
    with connection.cursor() as cursor:
        cursor.execute(f'{select_columns(log)}{after} ORDER BY "id" LIMIT 1000')
        for row in cursor.fetchall():
            if str(row[2]) < chain.sealed_at:
                return Fault(row[0], f"{log.label}第 {row[0]} 行早于末条封条却未封存：事后插入，或系统时钟曾被拨回")
    return None
