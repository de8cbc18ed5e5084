"""People find rows by person, body, object, action, time and text, and read only what is theirs to read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from quanze.base.audit import public as audit
from quanze.base.audit.searching import index_pending, words_of
from quanze.core.actor import EVERYTHING, Scope
from quanze.core.errors import InvalidInput, NotFound

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


@pytest.fixture
def rows(clerk) -> None:
    """五条事实：三个机构、两个人、逐日。"""
    people = (clerk, clerk, replace(clerk, user_id=8, name="李强"), clerk, clerk)
    labels = ("户外广告设置审批", "统计违法行为处罚", "户外广告设置审批", "渣土运输核准", "门前三包检查")
    for day, (person, label) in enumerate(zip(people, labels, strict=True)):
        audit.record(
            actor=person,
            action="test.thing.changed",
            subject=audit.SubjectRef("thing", 10 + day, label, (3, 4, 5, 3, None)[day]),
            before={"due": 20},
            after={"due": 15},
            reason="依据修订后的办法压缩时限" if day == 3 else "",
            now=NOW + timedelta(days=day),
        )


def labels(**wanted: object) -> list[str]:
    return [row.subject_id for row in audit.facts(**{"scope": EVERYTHING, **wanted}).rows]


@pytest.mark.req("T-75")
def test_every_condition_finds_its_rows_newest_first(rows):
    assert labels() == ["14", "13", "12", "11", "10"]
    assert labels(actor_name="李强") == ["12"]
    assert labels(body_id=3) == ["13", "10"]
    assert labels(subject_kind="thing", subject_id="11") == ["11"]
    assert labels(since=NOW + timedelta(days=3)) == ["14", "13"]
    assert labels(until=NOW + timedelta(days=1)) == ["10"]
    assert labels(actor_name="王芳", body_id=4) == ["11"]


@pytest.mark.parametrize("is_indexed", [False, True])
def test_text_is_found_in_name_of_object_reason_and_person_before_and_after_indexing(rows, is_indexed):
    if is_indexed:
        audit.seal_pending(datetime.now(UTC))
        assert index_pending(NOW) == 5
        assert index_pending(NOW) == 0
    assert labels(text="广告") == ["12", "10"]
    assert labels(text="户外广告设置") == ["12", "10"]
    assert labels(text="修订后") == ["13"]
    assert labels(text="李强") == ["12"]
    assert labels(text="广告", actor_name="李强") == ["12"]
    assert labels(text="告户") == []
    with pytest.raises(InvalidInput, match="至少两个字"):
        labels(text="广")


def test_words_stand_for_neighbouring_characters():
    assert words_of("户外广告 A1") == {"户外", "外广", "广告", "a1"}
    assert words_of("%_'\"") == set()


def test_a_reader_of_several_bodies_sees_theirs_in_order_page_by_page(rows):
    scope = Scope(frozenset({3, 4, 99}))
    first = audit.facts(scope=scope, limit=2)
    assert [row.subject_id for row in first.rows] == ["13", "11"]
    second = audit.facts(scope=scope, limit=2, before=first.next_before)
    assert [row.subject_id for row in second.rows] == ["10"]
    assert second.next_before is None
    assert labels(scope=Scope()) == []
    assert labels(scope=scope, text="广告") == ["10"]
    assert labels(scope=scope, action="test.thing.changed") == ["13", "11", "10"]
    assert labels(scope=scope, actor_name="李强") == []


def test_rows_of_the_same_moment_are_neither_skipped_nor_repeated(write):
    write(7)
    seen, before = [], None
    while True:
        page = audit.facts(scope=EVERYTHING, before=before, limit=2)
        seen += [row.subject_id for row in page.rows]
        before = page.next_before
        if before is None:
            break
    assert seen == ["7", "6", "5", "4", "3", "2", "1"]


def test_a_foreign_row_answers_like_an_absent_one(rows):
    (foreign,) = (row.id for row in audit.facts(scope=EVERYTHING, body_id=5).rows)
    for row_id in (foreign, 10**9):
        with pytest.raises(NotFound, match="没有这条记录"):
            audit.fact(row_id, scope=Scope(frozenset({3})))
    assert audit.fact(foreign, scope=EVERYTHING).actor_name == "李强"


@pytest.mark.req("T-75")
def test_who_may_not_read_business_sees_digests_and_cannot_feel_for_the_words(rows):
    (row,) = audit.facts(scope=EVERYTHING, contents=("iam.",), subject_id="13", subject_kind="thing").rows
    assert (row.is_hidden, row.before, row.after, row.reason) == (True, None, None, "")
    assert row.subject_label == "渣土运输核准"
    assert len(row.after_digest) == 64
    assert labels(contents=("iam.",), text="修订后") == []
    assert labels(contents=("iam.",), text="渣土") == ["13"]
    (own,) = audit.facts(scope=EVERYTHING, contents=("test.",), subject_kind="thing", subject_id="13").rows
    assert own.after == {"due": 15}


def test_a_row_knows_its_seal(rows):
    row_id = audit.facts(scope=EVERYTHING, limit=1).rows[0].id
    assert audit.seal_state(row_id).number is None
    audit.seal_pending(NOW)
    assert (audit.seal_state(row_id).number, audit.seal_state(row_id).sealed_at) == (1, NOW)
