"""关联清单的接口：种类、条目翻页与某日、草稿须带 If-Match、只办一次、同步情况。"""

from datetime import timedelta

import pytest

from quanze.apps.catalog.models import DerivedEntryVersion

pytestmark = [pytest.mark.django_db, pytest.mark.req("J-33")]
PERMIT, OTHER = "水产苗种生产许可证核发", "渔业捕捞许可审批"


@pytest.fixture
def listed(county, derived):
    """政务服务清单：两条，一条公布。"""
    county.publish(county.permit(), county.permit(OTHER))
    list_id = derived.list_of("ZWFW")
    entry = derived.add(list_id, ("item", derived.item(PERMIT)), promised_limit_days=10, materials=["申请表"])
    derived.publish(list_id)
    return list_id, entry


def test_kinds_and_lists_are_told_and_a_foreign_list_is_like_an_absent_one(county, derived, listed, keyed):
    list_id, _ = listed
    kinds = {one["code"]: one for one in keyed("forestry").get("/work/derived/kinds").json()["kinds"]}
    assert kinds["YWBL"]["from_list"] == "ZWSS"
    assert kinds["ZWSS"]["fields"][1]["tighten"] == {"field": "promised_limit_days", "rule": "not_more"}
    (mine,) = keyed("drafter").get("/work/derived/lists?kind=ZWFW").json()["lists"]
    assert (mine["id"], mine["entries"], mine["edition_number"]) == (list_id, 1, 1)
    foreign = keyed("forestry").get(f"/work/derived/lists/{list_id}/entries")
    absent = keyed("forestry").get("/work/derived/lists/999999/entries")
    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert {**foreign.json(), "number": ""} == {**absent.json(), "number": ""}


def test_entries_are_paged_and_told_as_of_a_day(county, derived, listed, keyed):
    list_id, entry = listed
    derived.add(list_id, ("item", derived.item(OTHER)))
    key = keyed("drafter")
    first = key.get(f"/work/derived/lists/{list_id}/entries?limit=1").json()
    second = key.get(f"/work/derived/lists/{list_id}/entries?limit=1&after={first['next_after']}").json()
    assert [one["name"] for one in (*first["entries"], *second["entries"])] == [PERMIT, OTHER]
    assert second["next_after"] == ""
    assert first["entries"][0]["content"] == {"materials": ["申请表"], "promised_limit_days": 10}
    before = (county.today - timedelta(days=1)).isoformat()
    assert key.get(f"/work/derived/lists/{list_id}/entries?on={before}").json()["entries"] == []
    on = key.get(f"/work/derived/lists/{list_id}/entries?on={county.today}").json()["entries"]
    assert [(one["entry_id"], one["number"]) for one in on] == [(entry, 1)]
    known = f"/work/derived/lists/{list_id}/entries?on={county.today}&known={before}"
    assert key.get(known).json()["entries"] == []


def test_an_entry_is_proposed_once_and_changed_with_if_match_and_never_looser(county, derived, listed, keyed):
    list_id, _ = listed
    key, body = keyed("drafter"), {"references": [{"kind": "item", "id": derived.item(OTHER)}]}
    made = key.post(f"/work/derived/lists/{list_id}/entries", body, Idempotency_Key="once")
    again = key.post(f"/work/derived/lists/{list_id}/entries", body, Idempotency_Key="once")
    assert (made.status_code, made["ETag"]) == (201, '"1"')
    assert again.json() == made.json()
    path = f"/work/derived/versions/{made.json()['version_id']}"
    assert key.patch(path, {"content": {"promised_limit_days": 9}}).status_code == 428
    saved = key.patch(path, {"content": {"promised_limit_days": 9}}, If_Match='"1"')
    assert (saved.status_code, saved["ETag"], saved.json()["content"]) == (200, '"2"', {"promised_limit_days": 9})
    assert key.patch(path, {"content": {"promised_limit_days": 8}}, If_Match='"1"').status_code == 412
    looser = key.patch(path, {"content": {"promised_limit_days": 999}}, If_Match='"2"')
    assert (looser.status_code, looser.json()["code"]) == (422, "looser_than_parent")
    unknown = key.patch(path, {"content": {"colour": "red"}}, If_Match='"2"')
    assert unknown.json()["code"] == "entry_field_invalid"
    assert key.send("DELETE", path, If_Match='"2"').status_code == 204
    assert DerivedEntryVersion.objects.get(pk=made.json()["version_id"]).state == "discarded"


def test_drift_is_reported_and_an_entry_renewed_over_the_interface(county, derived, listed, keyed):
    list_id, entry = listed
    key = keyed("drafter")
    assert key.post(f"/work/derived/lists/{list_id}/count").json()["missing"] == 1
    derived.revise(PERMIT, valid_from=county.today, now=county.later(hours=2), accountability_text="改过的追责情形。")
    told = key.get(f"/work/derived/lists/{list_id}/drift").json()
    assert {(one["kind"], one["name"]) for one in told["rows"]} == {("missing", OTHER), ("source_changed", PERMIT)}
    (row,) = key.get(f"/work/derived/lists/{list_id}/entries?drift=any").json()["entries"]
    renewed = key.post(
        f"/work/derived/entries/{entry}/refresh",
        {"valid_from": county.today.isoformat(), "reason": "随事项更新"},
        If_Match=f'"{row["lock_version"]}"',
    )
    assert (renewed.status_code, renewed.json()["number"], renewed.json()["drift"]) == (200, 2, [])
    assert [one["kind"] for one in key.get(f"/work/derived/lists/{list_id}/drift").json()["rows"]] == ["missing"]
