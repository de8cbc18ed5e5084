"""Who for, from where and by which versions; rows sealed before these columns came verify unchanged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction

from quanze.base.audit import public as audit
from quanze.base.audit.logs import ACCESSES, FACTS, payload, rows_between
from quanze.base.audit.models import AccessRecord, FactRecord, Seal
from quanze.base.audit.triggers import drop_triggers
from quanze.core.actor import EVERYTHING
from quanze.core.sealing import digest

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


@pytest.mark.req("T-75")
def test_a_record_says_on_whose_behalf_from_where_and_by_which_versions(clerk):
    with audit.through_door("web", "req-1", "10.2.3.4"):
        audit.record(
            actor=replace(clerk, on_behalf_of="李强（局长）"),
            action="test.thing.changed",
            subject=audit.SubjectRef("thing", 1, "事项", 3),
            versions={"procedure": "ordinary/2", "parameters": {"review_workdays": date(2026, 1, 1)}},
            now=NOW,
        )

    (fact,) = audit.history_of("thing", 1, scope=EVERYTHING)
    assert (fact.on_behalf_of, fact.client_address) == ("李强（局长）", "10.2.3.4")
    assert fact.versions == {"procedure": "ordinary/2", "parameters": {"review_workdays": "2026-01-01"}}
    row = FactRecord.objects.get()
    assert row.versions == '{"parameters":{"review_workdays":"2026-01-01"},"procedure":"ordinary/2"}'


def test_an_access_row_says_from_where_and_how_often(clerk):
    with audit.through_door("api", "req-2", "10.2.3.5"):
        audit.access(actor=clerk, action="catalog:item", outcome="refused", repeats=40, now=NOW)

    (seen,) = audit.accesses(scope=EVERYTHING).rows
    assert (seen.client_address, seen.repeats, seen.source) == ("10.2.3.5", 40, "api")


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        (FACTS, FACTS.columns[:19]),
        (ACCESSES, ACCESSES.columns[:16]),
    ],
)
def test_a_row_without_the_later_columns_is_sealed_as_before_they_came(write, clerk, log, expected):
    write(1)
    audit.access(actor=clerk, action="desk", outcome="refused", now=NOW)
    (row,) = rows_between(log, None, 1_000_000_000)
    by_name = dict(zip(log.columns, row, strict=True))

    assert log.content(row) == tuple(by_name[name] for name in expected)


def test_the_mark_of_an_old_row_is_the_digest_of_its_first_columns(write):
    write(1)
    audit.seal_pending(datetime.now(UTC))
    (row,) = rows_between(FACTS, None, 1_000_000_000)

    assert bytes(Seal.objects.get().marks)[8:].hex() == digest(payload(row[:19]))[:16]
    assert audit.verify().is_sound


@pytest.mark.parametrize(("name", "value"), [("on_behalf_of", "别人"), ("client_address", "::1"), ("versions", "{}")])
def test_a_later_column_filled_into_an_old_row_is_named(write, name, value):
    write(3)
    audit.seal_pending(datetime.now(UTC))
    victim = FactRecord.objects.order_by("id")[1].id
    with transaction.atomic(), connection.cursor() as cursor:
        drop_triggers(connection)
        cursor.execute(f"UPDATE audit_factrecord SET {name} = %s WHERE id = %s", [value, victim])

        fault = audit.verify().logs[0].fault
        assert fault == audit.Fault(victim, f"事实记录第 {victim} 行的内容被改动")
        transaction.set_rollback(True)


def test_a_later_column_emptied_in_a_new_row_is_named(clerk):
    with audit.through_door("web", "r", "10.0.0.1"):
        audit.record(actor=clerk, action="test.thing.changed", subject=audit.SubjectRef("thing", 1, "x", 3), now=NOW)
        audit.access(actor=clerk, action="desk", outcome="refused", repeats=9, now=NOW)
    audit.seal_pending(datetime.now(UTC))
    with transaction.atomic(), connection.cursor() as cursor:
        drop_triggers(connection)
        cursor.execute("UPDATE audit_factrecord SET client_address = ''")
        cursor.execute("UPDATE audit_accessrecord SET repeats = 1")

        assert [log.fault.row_id for log in audit.verify().logs] == [
            FactRecord.objects.get().id,
            AccessRecord.objects.get().id,
        ]
        transaction.set_rollback(True)
