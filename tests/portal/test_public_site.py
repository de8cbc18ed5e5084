"""公开站点（S12 的公开一半）：搜索、十项要点、某一天、变化、下载、纠错，全程没有 Cookie。"""

import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from quanze.apps.catalog import public as catalog
from quanze.base.web.dates import zh_date
from quanze.portal.public_site.reporting import make_token

pytestmark = [pytest.mark.django_db, pytest.mark.req("J-22", "J-23", "J-24")]
FIREWORK = "焰火燃放许可"


@pytest.fixture(autouse=True)
def _fresh_cache():
    cache.clear()


@pytest.fixture
def published(county):
    """农业农村局公布了一项许可、一项处罚。"""
    permit = county.permit(
        FIREWORK,
        plain_summary="举办大型焰火晚会前要办的许可。",
        target="举办单位",
        guide_url="https://guide.example/firework",
        remedy="可在六十日内申请行政复议。",
        has_fee=False,
    )
    county.publish(permit, county.content())
    return county


@pytest.fixture
def code(published):
    rows = catalog.public_items(on=timezone.localdate(), text="焰火")
    assert len(rows) == 1
    return rows[0].code


@pytest.fixture
def visitor():
    return Client()


def page(visitor, path, status=200, **query):
    response = visitor.get(path, query)
    assert response.status_code == status, response.content.decode()[:500]
    return response.content.decode()


def test_a_citizen_searches_and_finds_the_item(visitor, published, code):
    html = page(visitor, "/public/search/", q="焰火")
    assert f'href="/public/items/{code}/"' in html
    assert FIREWORK in html
    assert "对使用电鱼方法捕捞的处罚" not in html


def test_a_search_without_result_says_how_to_ask_differently(visitor, published):
    html = page(visitor, "/public/search/", q="从未有过的事")
    assert "没有找到" in html
    assert "少写几个字" in html


@pytest.mark.parametrize("q", ["%", "'; drop table", "<script>alert(1)</script>", "焰" * 500])
def test_odd_words_are_only_words(visitor, published, q):
    html = page(visitor, "/public/search/", q=q)
    assert "<script>alert" not in html


def test_the_item_page_opens_with_ten_plain_fields(visitor, code):
    html = page(visitor, f"/public/items/{code}/")
    labels = [
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
    ]
    places = [html.index(f"<dt>{label}</dt>") for label in labels]
    assert places == sorted(places)
    assert max(places) < html.index("全部内容")
    for words in (
        "举办大型焰火晚会前要办的许可。",
        "《青禾县渔业管理办法》第十六条",
        "承诺 10 个工作日办结",
        "不收费",
        "监督电话 0000-1234567",
    ):
        assert words in html
    assert 'href="https://guide.example/firework"' in html


def test_a_script_in_the_guide_address_never_becomes_a_link(visitor, county):
    county.publish(county.permit(FIREWORK, guide_url="javascript:alert(1)"))
    item = catalog.public_items(on=timezone.localdate())[0]
    assert 'href="javascript:' not in page(visitor, f"/public/items/{item.code}/")


def test_an_unknown_item_is_not_found_in_words(visitor, published):
    html = page(visitor, "/public/items/NO-SUCH/", status=404)
    assert "没有这个事项" in html
    assert "工作台" not in html


def test_a_draft_is_not_public(visitor, published):
    published.draft(published.permit("尚未公布的许可"))
    assert "尚未公布的许可" not in page(visitor, "/public/search/", q="许可")
    assert "尚未公布的许可" not in page(visitor, "/public/bodies/QH-NY/")


def test_the_body_page_shows_edition_document_and_digest(visitor, published):
    html = page(visitor, "/public/bodies/QH-NY/")
    edition = catalog.public_list(body_code="QH-NY", on=timezone.localdate()).edition
    for words in ("青农发〔2026〕12号", "2026年11月2日公布", "主项 2 项", edition.digest, FIREWORK):
        assert words in html


def test_the_list_as_it_was_before_publication_does_not_exist(visitor, published):
    assert "没有施行的清单" in page(visitor, "/public/bodies/QH-NY/", status=404, on="2026-11-01")
    assert "2026年11月2日的清单" in page(visitor, "/public/bodies/QH-NY/", on="2026-11-02")


def test_a_senseless_date_shows_today_and_says_so(visitor, code):
    html = page(visitor, f"/public/items/{code}/", on="昨天")
    assert "应写作 2026-11-22" in html
    assert "现行有效" in html


def correct(county, item_code, **fields):
    """公布一次勘误：业务口改草稿，信息公开人员公布。"""
    version = catalog.public_item(code=item_code, on=county.today)
    drafter = county.actor("drafter")
    draft_id = catalog.draft_start(actor=drafter, item_id=version.item_id, now=county.now)
    seen = catalog.draft_save(
        actor=drafter,
        version_id=draft_id,
        seen_version=1,
        content=replace(version.content, **fields),
        now=county.now,
    )
    return catalog.correction_publish(
        actor=county.actor("publisher"),
        version_id=draft_id,
        seen_version=seen,
        document_number="青农发〔2026〕15号",
        issued_on=timezone.localdate().isoformat(),
        reason="更正监督电话",
        now=timezone.now(),
    )


def test_a_correction_shows_the_old_and_the_new_text_and_both_days_can_be_read(visitor, published, code):
    # given a telephone number corrected today
    correct(published, code, hotline="0000-7654321")
    # then the change marks what went and what came
    html = page(visitor, "/public/changes/", body="QH-NY")
    assert "勘误" in html
    assert "<del>" in html
    assert "<ins>" in html
    assert "青农发〔2026〕15号" in html
    # and the page of yesterday still says what it said
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    assert "监督电话 0000-1234567" in page(visitor, f"/public/items/{code}/", on=yesterday)
    today_page = page(visitor, f"/public/items/{code}/")
    assert "监督电话 0000-7654321" in today_page
    # and the first version ran to yesterday, the last day it was in force
    assert f"，至{zh_date(timezone.localdate() - timedelta(days=1))}止" in today_page
    assert f"，至{zh_date(timezone.localdate())}止" not in today_page
    assert "第 2 版" in page(visitor, "/public/bodies/QH-NY/")


def test_the_list_as_it_was_known_on_a_day_leaves_out_what_was_published_later(visitor, published, code):
    # given a list published on the second and corrected today
    correct(published, code, hotline="0000-7654321")
    today = timezone.localdate()
    yesterday = today - timedelta(days=1)
    # when somebody asks what the site said yesterday about today
    html = page(visitor, "/public/bodies/QH-NY/", on=today.isoformat(), known=yesterday.isoformat())
    # then the correction is not in it, neither on the page nor in the files it offers
    assert "第 1 版" in html.split("历次版本")[0]
    assert f"按 {zh_date(yesterday)}以前已公布的内容" in html
    query = f"?on={today.isoformat()}&amp;known={yesterday.isoformat()}"
    assert f"list.json{query}" in html
    asked = {"on": today.isoformat(), "known": yesterday.isoformat()}
    then = json.loads(page(visitor, "/public/bodies/QH-NY/list.json", **asked))
    now = json.loads(page(visitor, "/public/bodies/QH-NY/list.json"))
    assert (then["edition"]["number"], then["known_on"], then["counts"]["items"]) == (1, yesterday.isoformat(), 2)
    assert (now["edition"]["number"], now["known_on"]) == (2, None)
    # and a day before the publication knows of no list at all
    page(visitor, "/public/bodies/QH-NY/", status=404, on=today.isoformat(), known="2026-10-01")


def test_the_site_is_browsed_by_theme(visitor, published, code):
    home = page(visitor, "/public/")
    assert 'href="/public/search/?theme=safety"' in home
    found = page(visitor, "/public/search/", theme="farming")
    assert "对使用电鱼方法捕捞的处罚" in found
    assert FIREWORK not in found
    assert "没有找到" in page(visitor, "/public/search/", theme="food")
    assert "请输入要查的事" in page(visitor, "/public/search/", theme="made-up")


def test_a_machine_that_searches_too_fast_is_asked_to_wait(visitor, published, monkeypatch):
    noon = timezone.now().replace(hour=4, minute=0, second=0, microsecond=0)
    monkeypatch.setattr("quanze.portal.public_site.pages.timezone.now", lambda: noon)
    statuses = [visitor.get("/public/search/", {"q": "焰火"}).status_code for _ in range(61)]
    assert statuses == [200] * 60 + [429]
    assert visitor.get("/public/search/", {"q": "焰火"})["Retry-After"] == "1"
    assert visitor.get("/public/search/", {"q": "焰火"}, REMOTE_ADDR="10.0.0.9").status_code == 200


def test_the_page_of_changes_takes_the_same_queries_for_one_publication_and_for_four(
    visitor, published, code, django_assert_num_queries, django_assert_max_num_queries
):
    visitor.get("/public/changes/")
    with django_assert_max_num_queries(11) as one:
        visitor.get("/public/changes/")
    for number in range(3):
        correct(published, code, hotline=f"0000-765432{number}")
    with django_assert_num_queries(len(one)):
        html = visitor.get("/public/changes/").content.decode()
    assert html.count("勘误") >= 3


def test_the_first_edition_is_counted_as_the_list_counts_itself(visitor, published):
    html = page(visitor, "/public/changes/")
    assert "青禾县农业农村局：首次公布 2 项" in html


def test_duties_split_into_steps_are_not_said_twice(visitor, published, code):
    # given an item whose running text says every step that is also kept apart
    html = page(visitor, f"/public/items/{code}/")
    assert "责任事项</dt>" in html
    assert "责任事项分环节" not in html
    assert "追责情形分条" not in html


def test_steps_the_running_text_does_not_say_are_shown(visitor, county):
    county.publish(county.permit(FIREWORK, duty_text="依法履行职责。"))
    (row,) = catalog.public_items(on=timezone.localdate(), text="焰火")
    assert "责任事项分环节" in page(visitor, f"/public/items/{row.code}/")


def test_every_new_item_stands_under_changes_with_its_document(visitor, published, code):
    html = page(visitor, "/public/changes/")
    assert "新增" in html
    assert FIREWORK in html
    assert "青农发〔2026〕12号" in html
    feed = json.loads(visitor.get("/public/changes/feed.json").content)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert {entry["_quanze"]["item_code"] for entry in feed["items"]} >= {code}
    assert len(feed["items"]) == 2


class TestDownloads:
    def test_the_workbook_carries_edition_and_digest_and_is_the_same_twice(self, visitor, published):
        first = visitor.get("/public/bodies/QH-NY/list.xlsx")
        second = visitor.get("/public/bodies/QH-NY/list.xlsx")
        assert first.content == second.content
        import openpyxl

        sheet = openpyxl.load_workbook(io.BytesIO(first.content)).active
        texts = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
        edition = catalog.public_list(body_code="QH-NY", on=timezone.localdate()).edition
        assert texts[0] == "青禾县农业农村局权责清单"
        assert any(edition.digest in text for text in texts)
        assert any("第 1 版；截至" in text for text in texts)
        assert {FIREWORK, "行政许可", "对使用电鱼方法捕捞的处罚"} <= set(texts)

    def test_an_unchanged_file_is_not_sent_again(self, visitor, published):
        tag = visitor.get("/public/bodies/QH-NY/list.xlsx")["ETag"]
        assert visitor.get("/public/bodies/QH-NY/list.xlsx", headers={"If-None-Match": tag}).status_code == 304

    def test_the_json_list_holds_every_item_with_its_digest(self, visitor, published):
        response = visitor.get("/public/bodies/QH-NY/list.json")
        body = json.loads(response.content)
        assert response["Access-Control-Allow-Origin"] == "*"
        assert body["counts"] == {"items": 2, "subitems": 0}
        assert body["edition"]["document_number"] == "青农发〔2026〕12号"
        assert [item["name"] for item in body["items"]] == [FIREWORK, "对使用电鱼方法捕捞的处罚"]
        assert all(len(item["content_digest"]) >= 64 for item in body["items"])

    def test_a_developer_reads_the_item_as_json_ld(self, visitor, code):
        response = visitor.get(f"/public/items/{code}/item.jsonld")
        body = json.loads(response.content)
        assert response["Content-Type"].startswith("application/ld+json")
        assert body["@type"] == "GovernmentService"
        assert body["name"] == FIREWORK
        assert body["isBasedOn"][0]["legislationIdentifier"] == "第十六条"

    def test_a_village_prints_the_handbook_with_the_digest_of_the_site(self, visitor, published):
        html = page(visitor, "/public/bodies/QH-NY/print/")
        edition = catalog.public_list(body_code="QH-NY", on=timezone.localdate()).edition
        assert edition.digest in html
        assert FIREWORK in html


class TestNoTrace:
    @pytest.mark.parametrize(
        "path", ["/public/", "/public/search/?q=焰火", "/public/bodies/", "/public/changes/", "/public/report/"]
    )
    def test_no_page_sets_a_cookie_or_reads_one(self, visitor, published, path):
        response = visitor.get(path)
        assert response.status_code == 200
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")

    def test_a_signed_in_clerk_sees_the_same_public_page(self, published, client_of, visitor, code):
        path = f"/public/items/{code}/"
        assert client_of("drafter").get(path).content == visitor.get(path).content

    def test_a_public_page_is_light(self, visitor, code):
        from django.contrib.staticfiles import finders

        html = visitor.get(f"/public/items/{code}/").content
        sheets = [finders.find("public.css"), finders.find("mark.svg")]
        import gzip
        from pathlib import Path

        total = len(gzip.compress(html)) + sum(len(Path(path).read_bytes()) for path in sheets)
        assert total < 150_000
        assert b"<script" not in html


class TestReporting:
    def form(self, code, **changed):
        return {"item": code, "text": "监督电话打不通。", "contact": "", "website": "", "token": make_token()} | changed

    def send(self, visitor, data, **headers):
        return visitor.post("/public/report/", data, headers=headers)

    def test_a_report_gets_a_number_a_deadline_and_later_an_answer(self, visitor, published, code):
        # when a citizen reports a wrong telephone number
        response = self.send(visitor, self.form(code))
        # then the number leads to the state of it
        assert response.status_code == 303
        html = visitor.get(response["Location"]).content.decode()
        assert "已收到，谢谢。" in html
        assert "答复期限" in html
        assert "办理中" in html
        assert "监督电话打不通" not in html  # what was written stays with the office
        # and the answer appears there
        number = response["Location"].split("number=")[1].split("&")[0]
        from quanze.apps.catalog.models import ErrorReport

        catalog.report_answer(
            actor=published.actor("publisher"),
            report_id=ErrorReport.objects.get(number=number).pk,
            answer="已更正为新号码。",
            now=timezone.now(),
        )
        assert "已更正为新号码。" in visitor.get(f"/public/report/status/?number={number}").content.decode()

    def count(self):
        from quanze.apps.catalog.models import ErrorReport

        return ErrorReport.objects.count()

    def test_another_site_cannot_send_it(self, visitor, code):
        response = self.send(visitor, self.form(code), Origin="https://elsewhere.example")
        assert response.status_code == 403
        assert self.count() == 0

    def test_our_own_origin_is_accepted(self, visitor, code):
        assert self.send(visitor, self.form(code), Origin="http://testserver").status_code == 303

    @pytest.mark.parametrize("token", ["", "made-up", "abc:def:ghi"])
    def test_without_a_signed_token_nothing_is_taken_and_the_text_comes_back(self, visitor, code, token):
        response = self.send(visitor, self.form(code, token=token))
        assert response.status_code == 422
        assert "监督电话打不通。" in response.content.decode()
        assert self.count() == 0

    def test_an_old_token_is_refused(self, visitor, code, monkeypatch):
        token = make_token()
        import time

        late = time.time() + timedelta(hours=3).total_seconds()
        monkeypatch.setattr("django.core.signing.time.time", lambda: late)
        assert self.send(visitor, self.form(code, token=token)).status_code == 422
        assert self.count() == 0

    def test_the_same_form_counts_once(self, visitor, code):
        data = self.form(code)
        assert self.send(visitor, data).status_code == 303
        assert self.send(visitor, data).status_code == 422
        assert self.count() == 1

    def test_a_machine_that_fills_every_field_is_ignored(self, visitor, code):
        assert self.send(visitor, self.form(code, website="http://spam.example")).status_code == 422
        assert self.count() == 0

    def test_a_flood_is_asked_to_wait(self, visitor, code):
        statuses = [self.send(visitor, self.form(code)).status_code for _ in range(6)]
        assert statuses == [303] * 5 + [429]
        assert self.count() == 5

    def test_an_unknown_item_and_an_empty_text_are_said_at_their_field(self, visitor, published):
        html = self.send(visitor, self.form("NO-SUCH")).content.decode()
        assert "没有这个事项编号" in html
        html = self.send(visitor, self.form("NO-SUCH", text="  ")).content.decode()
        assert "请写明哪里有误" in html
        assert self.count() == 0

    def test_an_unknown_number_is_not_found(self, visitor, published):
        assert "没有这个编号" in page(visitor, "/public/report/status/", status=404, number="JC20990101-00001")
