"""编制与审查的接口：与页面同样的服务；看过的版本必带，冲突说明对方改了什么；重送只办一次。"""

import pytest

from quanze.apps.catalog.models import ItemVersion, ListEdition, PowerItem, Submission
from quanze.base.audit.models import AccessRecord, FactRecord
from quanze.base.web.models import IdempotencyKey

pytestmark = pytest.mark.django_db


def test_without_a_key_401_with_a_foreign_object_404_without_the_duty_403(county, keyed):
    (version,) = county.draft(county.content())
    from django.test import Client

    path = f"/api/v1/work/drafts/{version}"
    assert Client().get(path).status_code == 401
    foreign, absent = keyed("forestry").get(f"/work/drafts/{version}"), keyed("forestry").get("/work/drafts/999999")
    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert {**foreign.json(), "number": ""} == {**absent.json(), "number": ""}
    refused = keyed("legal").patch(f"/work/drafts/{version}", {"content": {"name": "改"}}, If_Match='"1"')
    assert refused.status_code == 403
    assert refused.json()["code"] == "not_permitted"


def test_a_draft_is_read_with_its_etag_and_changed_with_if_match(county, keyed):
    (version,) = county.draft(county.content())
    key = keyed("drafter")
    seen = key.get(f"/work/drafts/{version}")
    assert seen["ETag"] == '"1"'
    saved = key.patch(
        f"/work/drafts/{version}", {"content": {"remark": "以此为准"}, "change_note": "补备注"}, If_Match=seen["ETag"]
    )
    assert saved.status_code == 200
    assert saved["ETag"] == '"2"'
    assert saved.json()["content"]["remark"] == "以此为准"
    assert saved.json()["change_note"] == "补备注"
    assert saved.json()["content"]["bases"] == seen.json()["content"]["bases"]
    entry = FactRecord.objects.get(action="catalog.draft.saved")
    assert (entry.source, entry.actor_name) == ("api", "陈耕")


def test_a_write_without_the_version_is_refused_428(county, keyed):
    (version,) = county.draft(county.content())
    key = keyed("drafter")
    for method, path in (
        ("PATCH", f"/work/drafts/{version}"),
        ("DELETE", f"/work/drafts/{version}"),
        ("POST", f"/work/drafts/{version}/correction"),
    ):
        body = {"document_number": "x", "issued_on": "2026-11-02", "reason": "x"} if "correction" in path else {}
        answer = key.send(method, path, body)
        assert (method, answer.status_code, answer.json()["code"]) == (method, 428, "version_required")
    assert ItemVersion.objects.get(pk=version).lock_version == 1


def test_a_conflict_answers_412_with_what_the_other_person_changed(county, keyed):
    (version,) = county.draft(county.content())
    first, second = keyed("drafter"), keyed("drafter2")
    assert (
        second.patch(f"/work/drafts/{version}", {"content": {"remark": "苗青的话"}}, If_Match='"1"').status_code == 200
    )
    answer = first.patch(f"/work/drafts/{version}", {"content": {"remark": "陈耕的话"}}, If_Match='"1"')
    assert answer.status_code == 412
    assert answer["ETag"] == '"2"'
    said = answer.json()
    assert said["code"] == "conflict"
    assert said["current"]["author_name"] == "苗青"
    assert said["current"]["lock_version"] == 2
    assert said["changes"] == [{"field": "remark", "label": "备注", "theirs": "苗青的话", "yours": "陈耕的话"}]
    assert ItemVersion.objects.get(pk=version).remark == "苗青的话"
    assert AccessRecord.objects.filter(outcome="refused", actor_name="陈耕").count() == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"remark": "a\u0000b"}, "request_malformed"),
        ({"name": "长" * 601}, "request_malformed"),
        ({"legal_limit_days": -1}, "request_malformed"),
        ({"node_kind": "sub"}, "request_malformed"),
        ({"guide_url": "javascript:alert(1)"}, "request_malformed"),
        ({"power_type": "wish"}, "item_not_storable"),
        ({"legal_limit_days": 5, "promised_limit_days": 6}, "item_not_storable"),
        ({"name": "  "}, "item_not_storable"),
    ],
)
def test_unfit_content_is_refused_with_the_place_and_nothing_is_saved(county, keyed, content, code):
    (version,) = county.draft(county.content())
    answer = keyed("drafter").patch(f"/work/drafts/{version}", {"content": content}, If_Match='"1"')
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["defects"][0]["place"]
    assert ItemVersion.objects.get(pk=version).lock_version == 1


def test_bytes_that_are_no_json_are_refused_400(county, keyed):
    (version,) = county.draft(county.content())
    key = keyed("drafter")
    answer = key.client.generic(
        "PATCH",
        f"/api/v1/work/drafts/{version}",
        data=b"{not json",
        content_type="application/json",
        headers={"Authorization": f"Bearer {key.token}", "If-Match": '"1"'},
    )
    assert answer.status_code == 400
    assert set(answer.json()) >= {"code", "message", "hint", "place"}


def test_creating_with_an_idempotency_key_happens_once(county, keyed):
    list_id = county.power_list()
    key = keyed("drafter")
    body = {"content": {"name": "水产苗种生产许可证核发", "power_type": "license"}}
    first = key.post(f"/work/lists/{list_id}/items", body, Idempotency_Key="a1")
    again = key.post(f"/work/lists/{list_id}/items", body, Idempotency_Key="a1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert (again["Idempotency-Replayed"], again["ETag"]) == ("true", first["ETag"])
    assert "Idempotency-Replayed" not in first
    assert PowerItem.objects.count() == 1
    assert FactRecord.objects.filter(action="catalog.item.created").count() == 1
    other = key.post(f"/work/lists/{list_id}/items", {"content": {"name": "另一项"}}, Idempotency_Key="a1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert PowerItem.objects.count() == 1


def test_the_same_key_of_another_account_is_another_key(county, keyed):
    list_id = county.power_list()
    for login in ("drafter", "drafter2"):
        answer = keyed(login).post(f"/work/lists/{list_id}/items", {"content": {"name": login}}, Idempotency_Key="a1")
        assert answer.json()["name"] == login
    assert PowerItem.objects.count() == 2


def test_a_refused_request_does_not_use_up_its_key(county, keyed):
    list_id = county.power_list()
    key = keyed("drafter")
    bad = {"content": {"name": "对某事的处罚", "power_type": "wish"}}
    assert key.post(f"/work/lists/{list_id}/items", bad, Idempotency_Key="k").status_code == 422
    assert not IdempotencyKey.objects.exists()
    good = {"content": {"name": "对某事的处罚", "power_type": "penalty"}}
    assert key.post(f"/work/lists/{list_id}/items", good, Idempotency_Key="k").status_code == 201


def test_items_are_paged_by_key_and_filtered(county, keyed):
    county.draft(*[county.content(f"对第{n}种行为的处罚") for n in range(1, 6)])
    list_id = county.power_list()
    key = keyed("drafter")
    names, after = [], ""
    for _ in range(5):
        page = key.get(f"/work/lists/{list_id}/items?limit=2&after={after}").json()
        names += [one["name"] for one in page["items"]]
        after = page["next_after"]
        if not after:
            break
    assert names == [f"对第{n}种行为的处罚" for n in range(1, 6)]
    assert len(key.get(f"/work/lists/{list_id}/items?q=第3种").json()["items"]) == 1
    assert key.get(f"/work/lists/{list_id}/items?after=x").status_code == 422
    assert keyed("forestry").get(f"/work/lists/{list_id}/items").status_code == 404


def test_the_whole_line_goes_through_the_interface(county, keyed):
    """S11：起草、检查、送审、六步、印发，全部经接口。"""
    list_id = county.power_list()
    county.draft(county.content())
    drafter = keyed("drafter")
    assert drafter.post(f"/work/lists/{list_id}/check").status_code == 200
    sent = drafter.post(f"/work/lists/{list_id}/submissions", {"title": "首版"})
    assert sent.status_code == 201, sent.content.decode()
    number = sent.json()["id"]
    steps = (
        ("legal", {}),
        ("deputy", {}),
        ("head", {}),
        ("justice", {}),
        ("establishment", {}),
        ("secretary", {"meeting_number": "第3次会议", "resolution": "审定通过"}),
        ("publisher", {"document_number": "青农发〔2026〕12号", "issued_on": "2026-11-02", "valid_from": "2026-11-02"}),
    )
    for login, details in steps:
        key = keyed(login)
        assert [one["submission_id"] for one in key.get("/work/reviews").json()["tasks"]] == [number]
        seen = key.get(f"/work/submissions/{number}")
        body = {"verb": "pass", "opinion": "同意", "details": details}
        if seen.json()["current"]["kind"] == "review":
            body["items"] = [{"entry_id": one["id"], "verdict": "accept"} for one in seen.json()["entries"]]
        done = key.post(f"/work/submissions/{number}/decide", body, If_Match=seen["ETag"])
        assert done.status_code == 200, done.content.decode()
    assert done.json()["case_state"] == "passed"
    assert ListEdition.objects.get().document_number == "青农发〔2026〕12号"
    facts = keyed("drafter").get(f"/record/timeline?kind=catalog.submission&id={number}").json()["facts"]
    assert facts[0]["action"] in ("catalog.submission.submitted", "workflow.case.opened")
    assert keyed("forestry").get(f"/record/timeline?kind=catalog.submission&id={number}").status_code == 404


def test_publishing_needs_its_own_scope(county, keyed):
    county.draft(county.content())
    number = county.submit()
    county.pass_until(number, stop_before="publisher")
    key = keyed("publisher", ("review", "catalog.read"))
    seen = key.get(f"/work/submissions/{number}")
    body = {
        "verb": "pass",
        "details": {"document_number": "青农发〔2026〕12号", "issued_on": "2026-11-02", "valid_from": "2026-11-02"},
    }
    answer = key.post(f"/work/submissions/{number}/decide", body, If_Match=seen["ETag"])
    assert (answer.status_code, answer.json()["code"]) == (403, "key_scope")
    assert not ListEdition.objects.exists()


def test_a_decision_on_a_case_that_moved_on_is_refused_412(county, keyed):
    county.draft(county.content())
    number = county.submit()
    key = keyed("legal")
    stale = key.get(f"/work/submissions/{number}")["ETag"]
    county.decide(number, "legal")
    answer = key.post(f"/work/submissions/{number}/decide", {"verb": "refuse", "opinion": "不行"}, If_Match=stale)
    assert answer.status_code == 412
    assert Submission.objects.get().state == "in_review"
    assert key.post(f"/work/submissions/{number}/decide", {"verb": "pass"}).status_code == 428


def test_withdrawing_needs_the_version_and_gives_the_drafts_back(county, keyed):
    county.draft(county.content())
    number = county.submit()
    key = keyed("drafter")
    assert key.post(f"/work/submissions/{number}/withdraw", {}).status_code == 428
    seen = key.get(f"/work/submissions/{number}")["ETag"]
    assert key.post(f"/work/submissions/{number}/withdraw", {"reason": "再改"}, If_Match=seen).status_code == 200
    assert ItemVersion.objects.get().state == "draft"


def test_the_directory_is_for_keys_that_may_read_it(county, keyed):
    names = [one["name"] for one in keyed("drafter", ("org.read",)).get("/bodies").json()["bodies"]]
    assert "青禾县农业农村局" in names
    assert keyed("drafter", ("events.write",)).get("/bodies").status_code == 403
