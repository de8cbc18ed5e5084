"""Whatever is done to the record behind its back is found, and the first bad row is named."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from quanze.base.audit import public as audit
from quanze.base.audit.anchors import anchor_path
from quanze.base.audit.logs import ACCESSES, FACTS, SEALS
from quanze.base.audit.models import FactRecord, Seal
from quanze.base.audit.triggers import drop_triggers
from quanze.core.sealing import GENESIS, canonical_json

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
RECORDS = 24


@pytest.fixture
def sealed(write, clerk, monkeypatch) -> list[int]:
    """二十四条事实分三批封存并下锚，另有两条访问记录；返回事实的编号。"""
    monkeypatch.setattr("quanze.base.audit.seals.BATCH", 10)
    write(RECORDS)
    audit.access(actor=clerk, action="desk", outcome="refused", subject_label="他局", now=NOW)
    audit.access(actor=clerk, action="export", outcome="exported", now=NOW)
    assert audit.seal_pending(datetime.now(UTC)) == RECORDS + 2
    assert audit.anchor(NOW) is not None
    assert audit.verify().is_complete
    return list(FactRecord.objects.order_by("id").values_list("id", flat=True))


@contextmanager
def attacker() -> Iterator[Any]:
    """能直接写库文件的人：撤下触发器随意改，最后恢复原状。"""
    with transaction.atomic():
        drop_triggers(connection)
        with connection.cursor() as cursor:
            yield cursor
        transaction.set_rollback(True)


def fact_fault() -> audit.Fault | None:
    return audit.verify().logs[0].fault


def changed(value: Any) -> Any:
    """同类型的另一个值，只差一个字节或一个比特。"""
    if value is None:
        return 1
    if isinstance(value, int):
        return value ^ 1
    if isinstance(value, bytes | memoryview):
        return bytes(value)[:-1] + bytes([bytes(value)[-1] ^ 1])
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    return f"{value[:-1]}{chr(ord(value[-1]) ^ 1)}" if value else "x"


@pytest.mark.parametrize("column", FACTS.columns)
def test_a_changed_column_names_the_row(sealed, column):
    victims = random.Random(column).sample(sealed, 4)
    for row_id in victims:
        with attacker() as cursor:
            cursor.execute(f"SELECT {column} FROM audit_factrecord WHERE id = %s", [row_id])
            value = 1_000_000 + row_id if column == "id" else changed(cursor.fetchone()[0])
            cursor.execute(f"UPDATE audit_factrecord SET {column} = %s WHERE id = %s", [value, row_id])

            fault = fact_fault()
            assert fault is not None
            assert fault.row_id == row_id


@pytest.mark.parametrize("column", ACCESSES.columns[1:])
def test_a_changed_access_record_is_found(sealed, column):
    with attacker() as cursor:
        cursor.execute(f"SELECT id, {column} FROM audit_accessrecord ORDER BY id")
        row_id, value = cursor.fetchone()
        cursor.execute(f"UPDATE audit_accessrecord SET {column} = %s WHERE id = %s", [changed(value), row_id])

        report = audit.verify()
        assert report.logs[0].fault is None
        assert report.logs[1].fault is not None
        assert report.logs[1].fault.row_id == row_id


@pytest.mark.parametrize("column", SEALS.columns)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_changed_seal_is_found(sealed, column, number):
    with attacker() as cursor:
        cursor.execute(f"SELECT {column} FROM audit_seal WHERE log = 'fact' AND number = %s", [number])
        value = 17 if column == "number" else changed(cursor.fetchone()[0])
        cursor.execute(f"UPDATE audit_seal SET {column} = %s WHERE log = 'fact' AND number = %s", [value, number])

        assert not audit.verify().is_sound


@pytest.mark.parametrize("position", [0, 1, 9, 10, 15, RECORDS - 1])
def test_a_deleted_row_is_named(sealed, position):
    with attacker() as cursor:
        cursor.execute("DELETE FROM audit_factrecord WHERE id = %s", [sealed[position]])

        fault = fact_fault()
        assert fault == audit.Fault(sealed[position], f"事实记录缺少行 {sealed[position]}：封存之后被删除")


def test_deleting_everything_is_found(sealed):
    with attacker() as cursor:
        cursor.execute("DELETE FROM audit_factrecord")
        cursor.execute("DELETE FROM audit_seal")

        report = audit.verify()
        assert [log.fault and log.fault.problem for log in report.logs] == [
            "锚记有第 3 号封条，数据库中没有：末尾的记录与封条被删除",
            "锚记有第 1 号封条，数据库中没有：末尾的记录与封条被删除",
        ]


def test_a_row_inserted_into_the_past_is_named(sealed):
    columns = ", ".join(FACTS.columns[1:])
    with attacker() as cursor:
        cursor.execute("DELETE FROM audit_factrecord WHERE id = %s", [sealed[5]])
        cursor.execute(
            f"INSERT INTO audit_factrecord (id, {columns}) SELECT %s, {columns} FROM audit_factrecord WHERE id = %s",
            [sealed[5], sealed[4]],
        )
        fault = fact_fault()
        assert fault is not None
        assert fault.row_id == sealed[5]

    with attacker() as cursor:
        cursor.execute(
            f"INSERT INTO audit_factrecord (id, {columns}) SELECT -1, {columns} FROM audit_factrecord WHERE id = %s",
            [sealed[0]],
        )
        assert fact_fault() == audit.Fault(-1, "事实记录多出一行 -1：封存之后被插入")


def test_two_swapped_rows_are_found(sealed):
    first, second = sealed[11], sealed[12]
    with attacker() as cursor:
        for old, new in ((first, -5), (second, first), (-5, second)):
            cursor.execute("UPDATE audit_factrecord SET id = %s WHERE id = %s", [new, old])

        fault = fact_fault()
        assert fault == audit.Fault(first, f"事实记录第 {first} 行的内容被改动")


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="on PostgreSQL a late commit may be genuine")
def test_a_replayed_row_at_the_end_is_named(sealed):
    columns = ", ".join(FACTS.columns[1:])
    with attacker() as cursor:
        cursor.execute(
            f"INSERT INTO audit_factrecord ({columns}) SELECT {columns} FROM audit_factrecord WHERE id = %s",
            [sealed[-1]],
        )
        fault = fact_fault()
        assert fault is not None
        assert fault.row_id == sealed[-1] + 1


def test_a_truncated_tail_is_found_through_the_anchor(sealed):
    with attacker() as cursor:
        cursor.execute("DELETE FROM audit_factrecord WHERE id >= %s", [sealed[20]])
        cursor.execute("DELETE FROM audit_seal WHERE log = 'fact' AND number = 3")

        fault = fact_fault()
        assert fault == audit.Fault(None, "锚记有第 3 号封条，数据库中没有：末尾的记录与封条被删除")


def test_a_record_rewritten_and_sealed_again_is_found_through_the_anchor(sealed, monkeypatch):
    with attacker() as cursor:
        cursor.execute("UPDATE audit_factrecord SET actor_name = '别人' WHERE id = %s", [sealed[14]])
        cursor.execute("DELETE FROM audit_seal WHERE log = 'fact' AND number >= 2")
        audit.seal_pending(datetime.now(UTC))
        assert Seal.objects.filter(log="fact").count() == 3

        fault = fact_fault()
        assert fault is not None
        # Only the third seal was anchored, so this is as far back as the outside witness can tell.
        assert fault.row_id == sealed[20]
        assert "与锚不符" in fault.problem


def test_even_a_forged_newer_anchor_does_not_hide_the_older_one(sealed):
    with attacker() as cursor:
        cursor.execute("UPDATE audit_factrecord SET actor_name = '别人' WHERE id = %s", [sealed[14]])
        cursor.execute("DELETE FROM audit_seal WHERE log = 'fact' AND number >= 2")
        audit.seal_pending(datetime.now(UTC))
        audit.anchor(NOW)

        fault = fact_fault()
        assert fault is not None
        assert "与锚不符" in fault.problem


def test_a_changed_anchor_file_is_found(sealed):
    audit.anchor(NOW)
    path = anchor_path()
    lines = path.read_bytes().splitlines()
    assert len(lines) == 2
    path.write_bytes(lines[0].replace(b'"records":24', b'"records":23') + b"\n" + lines[1] + b"\n")

    assert audit.verify().anchor_fault == "锚文件第 2 行与前一行不连"


def test_half_an_anchor_line_left_by_a_power_cut_is_dropped(sealed):
    path = anchor_path()
    path.write_bytes(path.read_bytes() + b'{"at":"2026-')

    assert audit.verify().is_complete
    audit.anchor(NOW)
    assert audit.verify().anchor_count == 2
    assert audit.verify().is_complete


def test_rows_after_the_last_seal_and_anchor_are_told_apart(sealed, write):
    write(3, start=100)
    report = audit.verify()
    assert (report.is_sound, report.is_complete) == (True, False)
    assert (report.logs[0].sealed, report.logs[0].unsealed, report.logs[0].unanchored) == (RECORDS, 3, 3)

    audit.seal_pending(datetime.now(UTC))
    report = audit.verify()
    assert (report.logs[0].sealed, report.logs[0].unsealed, report.logs[0].unanchored) == (RECORDS + 3, 0, 3)

    audit.anchor(NOW)
    assert audit.verify().is_complete


def test_sealing_again_changes_nothing(sealed):
    before = list(Seal.objects.order_by("log", "number").values_list("log", "number", "value"))

    assert audit.seal_pending(NOW) == 0
    assert list(Seal.objects.order_by("log", "number").values_list("log", "number", "value")) == before


def test_the_algorithm_may_change_along_the_chain(sealed, write, settings):
    settings.QUANZE_SEAL_ALGORITHM = "sm3"
    write(2, start=100)
    audit.seal_pending(datetime.now(UTC))

    assert list(Seal.objects.filter(log="fact").order_by("number").values_list("algorithm", flat=True)) == [
        "sha256",
        "sha256",
        "sha256",
        "sm3",
    ]
    assert audit.verify().is_sound


def test_an_empty_record_is_sound_and_cannot_be_anchored():
    assert audit.verify().is_complete
    assert audit.anchor(NOW) is None
    assert audit.last_anchor() is None


def test_the_last_anchor_can_be_shown_to_the_public(sealed):
    shown = audit.last_anchor()
    assert shown is not None
    last = Seal.objects.filter(log="fact").order_by("-number").first()
    assert (shown.at, shown.previous) == (NOW, GENESIS)
    assert (shown.heads[0].log, shown.heads[0].records, shown.heads[0].value) == ("fact", RECORDS, last.value)


def test_a_payload_is_the_canonical_json_of_its_columns(sealed):
    from quanze.base.audit.logs import payload, rows_between

    row = rows_between(FACTS, None, sealed[0])[0]
    assert payload(row) == canonical_json(list(row))
    assert row[1] == "2026-03-02 08:30:00.000000"


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has typed columns")
def test_bytes_in_place_of_text_are_named(sealed):
    with attacker() as cursor:
        cursor.execute("UPDATE audit_factrecord SET reason = x'ff00' WHERE id = %s", [sealed[3]])
        assert fact_fault() == audit.Fault(sealed[3], f"事实记录第 {sealed[3]} 行的内容被改动")


def test_a_seal_cannot_be_inserted_twice(sealed):
    last = Seal.objects.filter(log="fact").order_by("-number").first()
    with pytest.raises(DatabaseError), transaction.atomic():
        Seal.objects.bulk_create([last])


def test_the_database_writes_the_same_canonical_json_as_we_do(clerk):
    from quanze.base.audit.logs import batch_text, contents_between, payload

    nasty = "引号\" 反斜杠\\ 换行\n 回车\r 制表\t 退格\b 换页\f 控制\x01\x1f 删除\x7f 分隔\u2028 表情😀 <&>/'"
    audit.record(
        actor=clerk,
        action="test.thing.changed",
        subject=audit.SubjectRef("thing", 1, nasty, None),
        before={nasty: nasty},
        reason=nasty,
        now=NOW + timedelta(microseconds=5),
    )
    last = FactRecord.objects.latest("id").id

    rows = contents_between(FACTS, None, last)
    assert batch_text(FACTS, None, last) == (1, payload(rows))


def test_where_the_database_writes_json_differently_the_columns_decide(sealed, monkeypatch):
    monkeypatch.setattr("quanze.base.audit.verifying.batch_text", lambda log, after_id, to_id: (len(sealed), b"[?]"))

    assert audit.verify().is_complete
