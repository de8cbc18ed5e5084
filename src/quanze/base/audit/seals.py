"""封存：把已提交的记录按批串成链。

What "committed" means: on SQLite writers follow one another, so every visible row is settled. On PostgreSQL a row with
a lower number may be committed after a row with a higher one. An INSERT takes its lock on the table before it draws a
number and keeps it to the end of its transaction; therefore the sealer notes the highest visible number and who holds
that lock, and seals up to this number only after all of those transactions have ended. Nobody is made to wait.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from quanze.base.audit.logs import FACTS, LOGS, Log, contents_between, payload
from quanze.base.audit.models import AccessRecord, FactRecord, Seal, SealCandidate
from quanze.core.sealing import GENESIS, digest, link_seal

BATCH = 1000
_MARK = struct.Struct(">q8s")


@dataclass(frozen=True, slots=True)
class SealHead:
    """封条的表头：除封条值以外的全部内容。"""

    log: str
    number: int
    from_id: int
    to_id: int
    count: int
    algorithm: str
    previous: str
    marks: str
    sealed_at: str

    def value(self, content: bytes) -> str:
        """封条值：前一封条、本批全部行的规范字节、表头之摘要。

        The rows of a batch are digested in one piece: row by row costs twice as much, and who broke what is only
        asked when the value does not match (see ``marks``).
        """
        head = (self.log, self.number, self.from_id, self.to_id, self.count, self.algorithm, self.previous, self.marks)
        body = link_seal(self.previous, content, self.algorithm)
        return link_seal(body, payload((*head, self.sealed_at)), self.algorithm)


def mark_of(row: tuple[Any, ...], algorithm: str) -> bytes:
    """一行的标记：行摘要的前八字节。"""
    return bytes.fromhex(digest(payload(row), algorithm)[:16])


def marks_of(rows: Iterable[tuple[Any, ...]], algorithm: str) -> bytes:
    """逐条标记：编号与行摘要的前八字节。"""
    return b"".join(_MARK.pack(row[0], mark_of(row, algorithm)) for row in rows)


def marks_read(marks: bytes) -> list[tuple[int, bytes]]:
    """还原逐条标记。"""
    return list(_MARK.iter_unpack(marks[: len(marks) // _MARK.size * _MARK.size]))


def seal_pending(now: datetime) -> int:
    """封存全部已落定的记录，返回封存条数。"""
    return sum(_seal_log(log, now) for log in LOGS)


def time_text(moment: datetime) -> str:
    """与 ``logs`` 从数据库读出的时间文字同形。"""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _seal_log(log: Log, now: datetime) -> int:
    last = Seal.objects.filter(log=log.name).order_by("-number").first()
    rows = FactRecord.objects if log is FACTS else AccessRecord.objects
    if not rows.filter(id__gt=last.to_id if last else 0).exists():
        # Nothing new, the usual answer: found without a transaction, which on SQLite would take the write lock.
        return 0
    sealed = 0
    while count := _seal_batch(log, now):
        sealed += count
        if count < BATCH:
            break
    return sealed


@transaction.atomic
def _seal_batch(log: Log, now: datetime) -> int:
    candidate, _ = SealCandidate.objects.get_or_create(log=log.name, defaults={"up_to_id": 0})
    # The row of the log is the sealer's mutex: two sealers never extend one chain at once.
    candidate = SealCandidate.objects.select_for_update().get(log=log.name)
    last = Seal.objects.filter(log=log.name).order_by("-number").first()
    sealed_to = last.to_id if last else None
    settled = _settled(log, candidate, sealed_to)
    if settled is None:
        return 0
    rows = contents_between(log, sealed_to, settled, limit=BATCH)
    if not rows:
        return 0
    algorithm: str = settings.QUANZE_SEAL_ALGORITHM
    previous = last.value if last else GENESIS
    marks = marks_of(rows, algorithm)
    head = SealHead(
        log=log.name,
        number=last.number + 1 if last else 1,
        from_id=rows[0][0],
        to_id=rows[-1][0],
        count=len(rows),
        algorithm=algorithm,
        previous=previous,
        marks=marks.hex(),
        sealed_at=time_text(now),
    )
    Seal.objects.create(
        log=head.log,
        number=head.number,
        from_id=head.from_id,
        to_id=head.to_id,
        count=head.count,
        algorithm=algorithm,
        previous=previous,
        value=head.value(payload(rows)),
        marks=marks,
        sealed_at=now,
    )
    return len(rows)


def _settled(log: Log, candidate: SealCandidate, sealed_to: int | None) -> int | None:
    """已落定的最大编号；还要等写事务结束时为 None。"""
    model = FactRecord if log is FACTS else AccessRecord
    if connection.vendor != "postgresql":
        highest: int | None = model.objects.aggregate(highest=Max("id"))["highest"]
        return highest
    if candidate.up_to_id <= (sealed_to or 0):
        # Order matters: first the number, then the holders, then (in the caller) the rows, each with a new snapshot.
        candidate.up_to_id = model.objects.aggregate(highest=Max("id"))["highest"] or 0
        candidate.open_transactions = sorted(_writers(log))
        candidate.save()
    if set(candidate.open_transactions) & _writers(log):
        return None
    return candidate.up_to_id


def _writers(log: Log) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND relation = %s::regclass"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND mode = 'RowExclusiveLock' AND pid IS DISTINCT FROM pg_backend_pid()",
            [log.table],
        )
        return {row[0] for row in cursor.fetchall()}
