"""S12 外面的人：找事项、看十个要点、看改了什么、报一处差错并得到答复；开发者读同一份数据。"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.test import Client

from quanze.apps.catalog.models import ErrorReport
from quanze.base.audit.models import FactRecord

pytestmark = [pytest.mark.scenario, pytest.mark.django_db]


@pytest.fixture
def published(county):
    """两项公布在案，其中一项随后压减了承诺时限。"""
    from quanze.apps.catalog import public as catalog

    county.publish(county.content(), county.permit())
    (item,) = catalog.public_items(list_id=county.power_list(), on=county.today, power_type="license")
    version_id = catalog.draft_start(actor=county.actor("drafter"), item_id=item.item_id, now=county.later(days=1))
    view = catalog.versions_by_ids([version_id])[version_id]
    catalog.draft_save(
        actor=county.actor("drafter"),
        version_id=version_id,
        seen_version=view.lock_version,
        content=replace(view.content, promised_limit_days=5),
        change_note="压减承诺时限",
        now=county.later(days=1),
    )
    submission_id = county.submit(title="压减承诺时限")
    for login in ("legal", "deputy", "head", "justice", "establishment"):
        county.decide(submission_id, login)
    county.decide(submission_id, "secretary", details={"meeting_number": "第4次", "resolution": "审定"})
    county.decide(
        submission_id,
        "publisher",
        details={"document_number": "青农发〔2026〕13号", "issued_on": "2026-11-03", "valid_from": "2026-11-10"},
        now=county.later(days=1),
    )
    return item


@pytest.fixture
def visitor(monkeypatch) -> Client:
    """不登录的来访者；时间停在施行之后。"""
    from django.utils import timezone

    moment = datetime(2026, 11, 12, 2, 0, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    return Client()


def test_a_citizen_searches_finds_the_licence_and_sees_what_changed(published, visitor) -> None:
    found = visitor.get("/public/search/", {"q": "水产苗种"})
    assert found.status_code == 200
    assert f"/public/items/{published.code}/" in found.content.decode()

    page = words(visitor.get(f"/public/items/{published.code}/"))
    plain = (
        "这是什么",
        "由谁负责",
        "具体找谁",
        "办给谁",
        "依据什么",
        "要多久",
        "收费吗",
        "怎么申请",
        "向谁反映",
        "不服怎么办",
    )
    assert all(heading in page for heading in plain)
    assert "由谁负责 青禾县农业农村局" in page
    assert "承诺 5 个工作日办结" in page
    assert "监督电话 0000-1234567" in page

    # 前一天的样子，以及改了什么
    before = words(visitor.get(f"/public/items/{published.code}/", {"on": "2026-11-09"}))
    assert "承诺 10 个工作日办结" in before
    assert "承诺 5 个工作日办结" not in before
    changes = words(visitor.get("/public/changes/"))
    assert (
        "青农发〔2026〕13号（第 2 版），自2026年11月10日起施行 变更 水产苗种生产许可证核发 承诺时限（工作日） 10 → 5"
        in changes
    )


def words(answer) -> str:
    """页面上看得见的文字。"""
    assert answer.status_code == 200
    text = re.sub(r"<(script|style).*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@pytest.mark.req("J-30", "J-31", "J-32")
def test_every_carrier_shows_the_same_digest(published, visitor, county) -> None:
    from quanze.apps.catalog import public as catalog

    digest = catalog.public_list(body_code="QH-NY", on=date(2026, 11, 12)).edition.digest
    page = visitor.get("/public/bodies/QH-NY/").content.decode()
    printed = visitor.get("/public/bodies/QH-NY/print/").content.decode()
    data = json.loads(visitor.get("/public/bodies/QH-NY/list.json").content)
    assert digest in page
    assert digest in printed
    assert digest in json.dumps(data)
    assert visitor.get("/public/bodies/QH-NY/list.xlsx").content[:2] == b"PK"


@pytest.mark.req("J-33")
def test_a_developer_reads_the_change_feed_and_the_item_as_linked_data(published, visitor) -> None:
    feed = json.loads(visitor.get("/public/changes/feed.json").content)
    assert published.code in json.dumps(feed)
    linked = json.loads(visitor.get(f"/public/items/{published.code}/item.jsonld").content)
    assert "@context" in linked
    assert published.code in json.dumps(linked)


@pytest.mark.req("H-26")
def test_a_citizen_reports_an_error_and_reads_the_answer(published, visitor, county) -> None:
    from quanze.apps.catalog import public as catalog

    number = catalog.report_receive(
        item_code=published.code, text="监督电话打不通，号码可能有误。", now=county.later(days=10)
    )
    assert catalog.report_status(number=number).answered_at is None
    report_id = ErrorReport.objects.get(number=number).pk
    catalog.report_answer(
        actor=county.actor("drafter"), report_id=report_id, answer="号码已更正，谢谢。", now=county.later(days=14)
    )
    status = catalog.report_status(number=number)
    assert (status.answer, status.answered_at) == ("号码已更正，谢谢。", county.later(days=14))
    actions = list(
        FactRecord.objects.filter(action__startswith="catalog.report").order_by("id").values_list("action", flat=True)
    )
    assert len(actions) == 2


def test_nothing_inside_is_visible_from_outside(published, visitor, county) -> None:
    county.draft(county.content("对内部草拟事项的处罚"))
    assert "对内部草拟事项的处罚" not in visitor.get("/public/search/", {"q": "内部草拟"}).content.decode()
    for address in ("/lists/", "/runs/", "/evaluations/", "/", "/jobs/"):
        answer = visitor.get(address)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/login/")
