"""线下公开的材料：张贴页、手册、推文稿，与嵌在部门网站里的专栏，都出自同一版、带同一摘要。"""

import io

import pytest
from django.test import Client
from docx import Document

from quanze.apps.catalog import public as catalog
from quanze.base.web import pacing

pytestmark = [pytest.mark.django_db]
BODY = "/public/bodies/QH-NY"


@pytest.fixture
def digest(county) -> str:
    county.publish()
    return catalog.editions(county.power_list())[0].digest


@pytest.fixture
def outside() -> Client:
    return Client()


@pytest.mark.req("H-23", "H-38", "J-32")
def test_the_handbook_has_every_item_by_type_and_the_digest_of_the_edition(digest, outside):
    answer = outside.get(f"{BODY}/handbook.docx")
    assert answer.status_code == 200
    book = Document(io.BytesIO(answer.content))
    said = "\n".join(paragraph.text for paragraph in book.paragraphs)
    assert "青禾县农业农村局权责清单手册" in said and "青农发〔2026〕12号" in said
    assert "行政许可（1 项）" in said and "行政处罚（1 项）" in said
    assert digest[:16] in said
    rows = [[cell.text for cell in row.cells] for table in book.tables for row in table.rows]
    assert ["1", "水产苗种生产许可证核发", "《青禾县渔业管理办法》第十六条", "渔政科\n0000-1234567"] in rows


@pytest.mark.req("H-37")
def test_poster_and_handbook_are_pdf_and_are_not_set_twice_for_the_same_edition(digest, outside):
    for name in ("poster.pdf", "handbook.pdf"):
        answer = outside.get(f"{BODY}/{name}")
        assert answer.content.startswith(b"%PDF-") and answer["Content-Disposition"].startswith("attachment")
        again = outside.get(f"{BODY}/{name}", headers={"If-None-Match": answer["ETag"]})
        assert again.status_code == 304


@pytest.mark.req("J-12")
def test_the_article_says_what_was_published_and_where_to_look(digest, outside, county):
    edition = catalog.editions(county.power_list())[0]
    text = outside.get(f"/public/changes/{edition.id}/article.txt").content.decode()
    assert text.startswith("青禾县农业农村局权责清单首次公布（青农发〔2026〕12号）")
    assert "现有事项 2 项" in text and digest[:16] in text
    assert "http://testserver/public/bodies/QH-NY/" in text


@pytest.mark.req("J-30", "J-31")
def test_the_column_is_framed_only_by_the_sites_of_the_settings(digest, outside, settings):
    closed = outside.get(f"{BODY}/embed/")
    assert "frame-ancestors 'none'" in closed["Content-Security-Policy"]
    settings.QUANZE_EMBED_HOSTS = ["https://nyj.example.invalid"]
    open_to_one = outside.get(f"{BODY}/embed/")
    assert "frame-ancestors https://nyj.example.invalid" in open_to_one["Content-Security-Policy"]
    assert "X-Frame-Options" not in open_to_one
    assert digest in open_to_one.content.decode()
    # Every other page stays unframed.
    assert outside.get(f"{BODY}/")["X-Frame-Options"] == "DENY"


def test_addresses_on_paper_are_those_of_the_public_network(digest, outside, settings):
    settings.QUANZE_PUBLIC_URL = "https://qzqd.example.invalid"
    assert 'href="https://qzqd.example.invalid/public/bodies/QH-NY/"' in outside.get(f"{BODY}/embed/").content.decode()


def test_who_asks_for_too_many_prints_waits(digest, outside, monkeypatch):
    from quanze.portal.public_site import printing

    monkeypatch.setattr(printing, "PRINTS", pacing.Pace("print-test", per_minute=1, burst=1))
    assert outside.get(f"{BODY}/poster.pdf").status_code == 200
    refused = outside.get(f"{BODY}/poster.pdf")
    assert refused.status_code == 429 and int(refused["Retry-After"]) > 0
