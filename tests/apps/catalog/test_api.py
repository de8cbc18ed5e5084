"""公开接口：只见已公布的，按日期，按键翻页，错误说清楚。"""

import json

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(county):
    county.publish(*(county.content(f"对违规行为{number:02d}的处罚") for number in range(5)), county.permit())

    def get(path, **params):
        response = Client().get(f"/api/v1{path}", params)
        return response.status_code, json.loads(response.content)

    return get


def test_the_list_of_a_body_carries_its_edition_and_digest(api):
    status, found = api("/lists/QH-NY", on="2026-11-02")
    assert (status, found["items"], found["edition"]["document_number"]) == (200, 6, "青农发〔2026〕12号")
    assert len(found["edition"]["digest"]) == 64


def test_before_it_came_into_force_there_is_no_list(api):
    status, found = api("/lists/QH-NY", on="2026-11-01")
    assert status == 404
    assert found["code"] == "not_found"


def test_pages_follow_each_other_without_gap_or_repeat(api):
    seen, after = [], ""
    while True:
        _, page = api("/lists/QH-NY/items", on="2026-11-02", limit=4, after=after)
        seen += [row["name"] for row in page["items"]]
        after = page["next_after"]
        if not after:
            break
    assert len(seen) == len(set(seen)) == 6


def test_an_item_shows_its_fields_and_bases(api):
    _, page = api("/lists/QH-NY/items", on="2026-11-02", q="苗种")
    status, item = api(f"/items/{page['items'][0]['code']}", on="2026-11-02")
    assert (status, item["name"], item["power_type"]) == (200, "水产苗种生产许可证核发", "license")
    assert item["bases"][0]["locator"] == "第十六条"
    assert item["fields"]["承诺时限（工作日）"] == "10"


def test_drafts_are_not_to_be_had(api, county):
    county.draft(county.content("还没有公布的处罚"))
    _, page = api("/lists/QH-NY/items", on="2026-11-02", q="还没有公布")
    assert page["items"] == []


@pytest.mark.parametrize(
    ("params", "status"),
    [({"limit": "0"}, 422), ({"limit": "100000"}, 422), ({"after": "x"}, 422), ({"on": "昨天"}, 422)],
)
def test_bad_parameters_are_refused_with_words(api, params, status):
    assert api("/lists/QH-NY/items", **params)[0] == status


def test_changes_come_newest_first(api):
    _, page = api("/changes", limit=3)
    assert len(page["changes"]) == 3
    assert page["changes"][0]["action_label"] == "新增"
    _, rest = api("/changes", limit=10, before=page["next_before"])
    assert len(rest["changes"]) == 3
    assert rest["next_before"] is None
