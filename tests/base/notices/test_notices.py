"""A notice reaches those it is for, once, and nobody else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from quanze.base.notices import public as notices
from quanze.base.notices.models import Notice
from quanze.core.actor import EVERYTHING, PUBLIC, Actor

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
WANG = Actor(7, "王芳", scope=EVERYTHING)
LI = Actor(8, "李强", scope=EVERYTHING)


def send(*to: int, text: str = "清单已退回，请修改", link: str = "/submissions/3/") -> int:
    return notices.notice_send(to_user_ids=to, text=text, link=link, kind="submission.returned", now=NOW)


def test_each_recipient_gets_one():
    assert send(7, 8, 7) == 2

    (notice,) = notices.notices_of(actor=WANG)
    assert (notice.text, notice.link, notice.kind, notice.at, notice.is_read) == (
        "清单已退回，请修改",
        "/submissions/3/",
        "submission.returned",
        NOW,
        False,
    )
    assert notices.unread_count(actor=LI) == 1


def test_reading_touches_only_one_s_own():
    send(7, 8)
    others = Notice.objects.get(to_user_id=8).pk

    assert notices.notices_mark_read(actor=WANG, notice_ids=[others], now=NOW) == 0
    assert notices.unread_count(actor=LI) == 1
    assert notices.notices_mark_read(actor=WANG, now=NOW) == 1
    assert notices.unread_count(actor=WANG) == 0
    assert notices.unread_count(actor=LI) == 1


def test_nobody_has_no_inbox():
    send(7)

    assert notices.notices_of(actor=PUBLIC) == ()
    assert notices.unread_count(actor=PUBLIC) == 0
    assert notices.notices_mark_read(actor=PUBLIC, now=NOW) == 0


def test_the_inbox_pages_by_key_newest_first():
    for number in range(5):
        send(7, text=f"第{number}条")

    first = notices.notices_of(actor=WANG, limit=2)
    rest = notices.notices_of(actor=WANG, before_id=first[-1].id)
    assert [notice.text for notice in (*first, *rest)] == ["第4条", "第3条", "第2条", "第1条", "第0条"]


@pytest.mark.parametrize("link", ["https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)"])
def test_a_link_never_leads_elsewhere(link):
    with pytest.raises(ValueError, match="站内路径"):
        send(7, link=link)

    assert Notice.objects.count() == 0
