"""The record keeps who, when, where, what, before and after; it takes no change back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from quanze.base.audit import public as audit
from quanze.base.audit.models import FactRecord, InsertOnlyError, Seal
from quanze.base.audit.seals import seal_pending
from quanze.base.audit.verifying import verify
from quanze.core.actor import EVERYTHING, Scope

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def test_a_record_holds_who_when_where_what_before_and_after(clerk):
    with audit.through_door("web", "req-1"):
        audit.record(
            actor=clerk,
            action="test.thing.changed",
            subject=audit.SubjectRef("item", 42, "拆除封闭式公交候车亭审批", 3),
            before={"期限": 20, "费": Decimal("1.50")},
            after={"期限": 15, "自": date(2026, 4, 1)},
            reason="压缩时限",
            now=NOW,
        )

    (fact,) = audit.history_of("item", 42, scope=EVERYTHING)
    assert (fact.at, fact.actor_user_id, fact.actor_name, fact.actor_body_name, fact.actor_post) == (
        NOW,
        7,
        "王芳",
        "统计局",
        "法规科科长",
    )
    assert (fact.action, fact.action_label) == ("test.thing.changed", "改动测试对象")
    assert (fact.before, fact.after) == ({"期限": 20, "费": "1.5"}, {"期限": 15, "自": "2026-04-01"})
    assert (fact.reason, fact.source, fact.request_id) == ("压缩时限", "web", "req-1")
    assert FactRecord.objects.get().actor_roles == "drafter,reviewer"


def test_a_record_rolls_back_with_its_change(write):
    with pytest.raises(RuntimeError, match="改变主意"), transaction.atomic():
        write(1)
        raise RuntimeError("改变主意")

    assert FactRecord.objects.count() == 0


def test_an_unregistered_action_is_refused_and_nothing_is_recorded(clerk):
    with pytest.raises(LookupError, match=r"test\.typo"):
        audit.record(actor=clerk, action="test.typo", subject=audit.SubjectRef("item", 1, "x"), now=NOW)

    assert FactRecord.objects.count() == 0


def test_an_action_code_is_registered_once():
    with pytest.raises(ValueError, match="已登记"):
        audit.register_action("test.thing.changed", "另一个意思")

    assert audit.action_label("test.thing.changed") == "改动测试对象"


def test_a_float_cannot_enter_the_record(clerk):
    with pytest.raises(TypeError, match="浮点数"):
        audit.record(
            actor=clerk,
            action="test.thing.changed",
            subject=audit.SubjectRef("item", 1, "x"),
            after={"score": 0.1},
            now=NOW,
        )

    assert FactRecord.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_record_outside_a_transaction_is_refused(write):
    with pytest.raises(RuntimeError, match="同一事务"):
        write(1)

    assert FactRecord.objects.count() == 0


def test_the_model_refuses_change_and_deletion(write):
    write(1)
    fact = FactRecord.objects.get()

    for attempt in (
        fact.save,
        fact.delete,
        FactRecord.objects.all().delete,
        lambda: FactRecord.objects.update(reason="改"),
        lambda: FactRecord.objects.bulk_update([fact], ["reason"]),
    ):
        with pytest.raises(InsertOnlyError):
            attempt()

    assert FactRecord.objects.get().reason == "文字规范"


@pytest.mark.parametrize("table", ["audit_factrecord", "audit_accessrecord", "audit_seal"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET at_column", "DELETE FROM {}"])
def test_the_database_refuses_change_and_deletion(write, clerk, table, sql):
    write(1)
    audit.access(actor=clerk, action="desk", outcome="refused", now=NOW)
    audit.seal_pending(NOW)
    column = "to_id = 0" if table == "audit_seal" else "actor_name = '别人'"

    with pytest.raises(DatabaseError, match="只能新增"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(table).replace("at_column", column))

    assert FactRecord.objects.get().actor_name == "王芳"
    assert Seal.objects.count() == 2


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no TRUNCATE")
def test_postgresql_refuses_to_truncate(write):
    write(1)

    with pytest.raises(DatabaseError, match="只能新增"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_factrecord")

    assert FactRecord.objects.count() == 1


def test_history_shows_only_what_the_scope_covers(write):
    write(1, start=1, body_id=3)
    write(1, start=1, body_id=4)

    assert [fact.body_id for fact in audit.history_of("thing", 1, scope=Scope(frozenset({3})))] == [3]
    assert len(audit.history_of("thing", 1, scope=EVERYTHING)) == 2
    assert audit.history_of("thing", 1, scope=Scope()) == ()


def test_facts_page_by_key_without_gap_or_repeat(write):
    write(7)
    seen, before_id = [], None
    while True:
        page = audit.facts(scope=EVERYTHING, before_id=before_id, limit=3)
        seen += [fact.subject_id for fact in page.rows]
        before_id = page.next_before_id
        if before_id is None:
            break

    assert seen == ["7", "6", "5", "4", "3", "2", "1"]


def test_facts_are_filtered_by_time_half_open(write):
    write(1)

    assert len(audit.facts(scope=EVERYTHING, since=NOW).rows) == 1
    assert len(audit.facts(scope=EVERYTHING, until=NOW).rows) == 0
    assert len(audit.facts(scope=EVERYTHING, actor_user_id=8).rows) == 0


def test_a_refusal_is_kept_as_access_and_not_as_fact(clerk):
    audit.access(actor=clerk, action="catalog.item", outcome="refused", subject_label="他局事项", body_id=9, now=NOW)

    (seen,) = audit.accesses(scope=EVERYTHING).rows
    assert (seen.action, seen.outcome, seen.subject_label, seen.actor_name) == (
        "catalog.item",
        "refused",
        "他局事项",
        "王芳",
    )
    assert audit.accesses(scope=Scope(frozenset({3}))).rows == ()
    assert FactRecord.objects.count() == 0


@pytest.mark.req("T-75")
@pytest.mark.parametrize("table", ["audit_factrecord", "audit_seal"])
def test_a_row_cannot_be_replaced_by_one_of_its_own_number_either(write, table):
    # given a row of the record and its seal
    write(2)
    seal_pending(NOW)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        names, row = [column[0] for column in cursor.description], cursor.fetchone()
    places = ", ".join(["%s"] * len(names))
    ways = [f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"]
    if connection.vendor == "sqlite":
        ways.append(ways[0].replace("INSERT", "REPLACE"))
        ways.append(ways[0].replace("INSERT", "INSERT OR REPLACE"))
    # when somebody writes another row over it
    for way in ways:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(way, row)
    # then everything is as it was
    assert verify().is_sound
    assert (FactRecord.objects.count(), Seal.objects.count()) == (2, 1)
