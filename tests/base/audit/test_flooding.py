"""A flood of refused requests is kept, counted and bounded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quanze.base.audit import public as audit
from quanze.base.audit.flooding import ONE_BY_ONE, SOURCES, WINDOW, Flood
from quanze.base.audit.models import AccessRecord
from quanze.core.actor import EVERYTHING

NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def test_the_first_attempts_are_kept_one_by_one_and_the_rest_at_every_doubling():
    flood: Flood[str] = Flood()
    written = [repeats for _ in range(1000) for _, repeats in flood.take("a", "row", NOW)]

    assert written[:ONE_BY_ONE] == [1] * ONE_BY_ONE
    assert written[ONE_BY_ONE:] == [20, 40, 80, 160, 320]
    assert sum(written) == 640


def test_what_is_left_over_is_written_with_the_next_attempt_after_the_minute():
    flood: Flood[str] = Flood()
    total = sum(repeats for _ in range(700) for _, repeats in flood.take("a", "old", NOW))
    later = flood.take("b", "new", NOW + WINDOW)

    assert later == [("old", 60), ("new", 1)]
    assert total + 60 == 700


def test_ever_new_sources_are_counted_as_one():
    flood: Flood[str] = Flood()
    written = sum(len(flood.take(number, "row", NOW)) for number in range(100_000))

    assert SOURCES <= written < SOURCES + ONE_BY_ONE + 20


def test_a_clock_set_back_starts_a_new_minute_and_loses_nothing():
    flood: Flood[str] = Flood()
    for _ in range(30):
        flood.take("a", "old", NOW)
    assert flood.take("a", "new", NOW - timedelta(hours=1)) == [("old", 10), ("new", 1)]


@pytest.mark.django_db
@pytest.mark.req("T-75")
def test_ten_thousand_refusals_leave_a_few_rows_that_tell_of_all(clerk, monkeypatch):
    monkeypatch.setattr("quanze.base.audit.services._flood", Flood())
    for _ in range(10_000):
        audit.access_refused(actor=clerk, action="catalog:item", subject_label="/lists/items/9/", now=NOW)
    audit.access_refused(actor=clerk, action="desk", now=NOW + WINDOW)

    rows = audit.accesses(scope=EVERYTHING, limit=100).rows
    assert len(rows) == AccessRecord.objects.count() < 35
    assert sum(row.repeats for row in rows if row.action == "catalog:item") == 10_000
