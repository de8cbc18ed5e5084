"""访客限频：各进程共用一个桶；存处不答时放行；不留地址。"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError

from quanze.base.web import pacing
from quanze.base.web.models import RequestBucket
from quanze.base.web.pacing import Pace, forget_old, is_first, wait_seconds

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
PACE = Pace("trial", per_minute=60, burst=5)


def test_a_burst_passes_then_one_a_second() -> None:
    assert [wait_seconds(PACE, "10.0.0.1", now=NOW) for _ in range(6)] == [0, 0, 0, 0, 0, 1]
    assert wait_seconds(PACE, "10.0.0.2", now=NOW) == 0
    assert wait_seconds(PACE, "10.0.0.1", now=NOW + timedelta(seconds=1)) == 0
    assert wait_seconds(PACE, "10.0.0.1", now=NOW + timedelta(seconds=1)) == 1


def test_another_process_counts_in_the_same_bucket(monkeypatch) -> None:
    pace = Pace("shared", per_minute=60, burst=5, free=2)
    assert [wait_seconds(pace, "10.0.0.1", now=NOW) for _ in range(5)] == [0] * 5
    # A second process has its own two free ones, and finds the bucket of the first empty.
    monkeypatch.setattr(pacing, "_minute", pacing._Minute())
    assert [wait_seconds(pace, "10.0.0.1", now=NOW) for _ in range(3)] == [0, 0, 1]


def test_the_first_requests_of_a_minute_cost_no_query(django_assert_num_queries, monkeypatch) -> None:
    monkeypatch.setattr(pacing, "_minute", pacing._Minute())
    pace = Pace("cheap", per_minute=60, burst=60, free=10)
    with django_assert_num_queries(0):
        assert [wait_seconds(pace, "10.0.0.1", now=NOW) for _ in range(10)] == [0] * 10


def test_reads_go_through_when_the_store_does_not_answer(monkeypatch) -> None:
    def gone(*args: object) -> int:
        raise DatabaseError("gone")

    monkeypatch.setattr(pacing, "_take", gone)
    assert wait_seconds(PACE, "10.0.0.1", now=NOW) == 0


def test_a_mark_counts_once_and_no_address_is_kept() -> None:
    assert is_first("form", "nonce-1", now=NOW)
    assert not is_first("form", "nonce-1", now=NOW)
    wait_seconds(PACE, "10.0.0.1", now=NOW)
    assert not any("10.0.0.1" in row.key or "nonce-1" in row.key for row in RequestBucket.objects.all())
    assert forget_old(NOW + timedelta(days=2)) == 2
