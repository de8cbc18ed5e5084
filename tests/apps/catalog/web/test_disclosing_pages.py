"""公开渠道的页面：清单的“公开”页签、登记、覆盖表、工作台待办。"""

from datetime import date

import pytest
from django.urls import reverse

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.models import DisclosureTask

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(county):
    county.publish()
    return county


def task_id(channel):
    return DisclosureTask.objects.get(channel=channel).pk


@pytest.mark.req("H-22")
def test_the_publisher_reports_a_channel_and_the_page_shows_it(published, client_of, text_of):
    client = client_of("publisher")
    page = text_of(client.get(reverse("catalog:list_channels", args=[published.power_list()])))
    assert "部门网站专栏" in page and "待公开" in page and "&lt;iframe src=" in page

    answer = client.post(
        reverse("catalog:disclosure_report", args=[task_id("column")]),
        {"seen_version": 1, "done_on": "2026-11-02", "url": "https://nyj.example.invalid/qd"},
    )

    assert answer.status_code == 303
    page = text_of(client.get(answer["Location"]))
    assert "https://nyj.example.invalid/qd" in page
    assert 'rel="noopener noreferrer nofollow"' in page


def test_what_is_missing_is_said_on_the_same_page(published, client_of, text_of):
    answer = client_of("publisher").post(
        reverse("catalog:disclosure_report", args=[task_id("hall")]), {"seen_version": 1, "done_on": "2026-11-02"}
    )
    assert answer.status_code == 422
    assert "“办事大厅”还没有凭据。请提供现场照片或扫描件。" in text_of(answer)
    assert DisclosureTask.objects.get(channel="hall").state == "pending"


def test_a_stranger_finds_no_task(published, client_of):
    client = client_of("forestry")
    assert client.get(reverse("catalog:disclosure_task", args=[task_id("hall")])).status_code == 404
    assert client.get(reverse("catalog:receipt", args=[task_id("hall")])).status_code == 404


def test_the_desk_of_the_publisher_shows_one_matter_per_edition(published, client_of, text_of):
    page = text_of(client_of("publisher").get("/"))
    assert "青禾县农业农村局权责清单第 1 版公开" in page
    assert "部门网站专栏、微信公众号、办事大厅" in page
    assert "第 1 版公开" not in text_of(client_of("head").get("/"))


@pytest.mark.req("H-22")
def test_the_table_of_all_lists_has_a_column_per_channel_and_a_fixed_number_of_queries(
    published, client_of, text_of, django_assert_max_num_queries
):
    client = client_of("establishment")
    client.get(reverse("catalog:coverage"))
    with django_assert_max_num_queries(16):
        page = text_of(client.get(reverse("catalog:coverage")))
    assert "公开栏" in page and "25%" in page
    assert "1 份清单，0 份已全部公开" in page
    late = catalog.channel_coverage(scope=published.actor("establishment").scope, today=date(2026, 12, 1))
    assert late[0].late == 3
