"""On PostgreSQL a row with a lower number may be committed later: the sealer waits for it, writers never wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from quanze.base.audit import public as audit
from quanze.base.audit.models import FactRecord

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgres,
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="writers of SQLite follow one another"),
]


@contextmanager
def slow_writer(write, start: int) -> Iterator[None]:
    """另一连接里写了一条却迟迟不提交的事务；离开时提交。"""
    written, release = threading.Event(), threading.Event()

    def run() -> None:
        try:
            with transaction.atomic():
                write(1, start=start)
                written.set()
                release.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert written.wait(10)
    try:
        yield
    finally:
        release.set()
        thread.join(10)


def seal() -> int:
    return audit.seal_pending(datetime.now(UTC))


def test_nothing_is_sealed_past_a_row_that_is_not_committed_yet(write):
    with slow_writer(write, start=1):
        with transaction.atomic():
            write(1, start=2)
        assert seal() == 0

    assert seal() == 2
    assert audit.verify().is_sound
    assert list(FactRecord.objects.order_by("id").values_list("subject_id", flat=True)) == ["1", "2"]


def test_a_newer_slow_writer_does_not_hold_up_what_was_settled_before(write):
    with slow_writer(write, start=1):
        with transaction.atomic():
            write(1, start=2)
        assert seal() == 0
        with slow_writer(write, start=3):
            pass
    with slow_writer(write, start=4):
        assert seal() == 2
        assert audit.verify().logs[0].unsealed == 1
    assert seal() == 2
    assert audit.verify().logs[0].sealed == 4
    assert audit.verify().is_sound


def test_a_rolled_back_number_leaves_a_gap_that_is_no_fault(write):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write(1)
        raise ZeroDivisionError
    with transaction.atomic():
        write(2)

    assert seal() == 2
    assert audit.verify().is_sound
