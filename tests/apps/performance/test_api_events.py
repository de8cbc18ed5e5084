"""接口报送：落盘才确认，恰好一次，逐条说明问题；收下的并入统计，与文件报送同样对照清单。"""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from quanze.apps.performance.models import RunImport
from quanze.apps.performance.services import receiving
from quanze.base.audit.models import FactRecord
from quanze.warehouse import public as warehouse
from quanze.warehouse.models import EventFile, ReceivedBatch, ReceivedEvent

pytestmark = pytest.mark.django_db
ITEM = "水产苗种生产许可证核发"


def event(published, number, **fields):
    given = {
        "event_id": f"E{number}",
        "case_id": f"C{number}",
        "step_no": 1,
        "step_code": "受理",
        "item_code": published.code(ITEM),
        "body_code": "QH-NY",
        "occurred_at": "2026-03-02T09:30:00+08:00",
    }
    return {**given, **fields}


def stored_rows():
    return sum(EventFile.objects.filter(status="active").values_list("rows", flat=True))


def test_a_batch_is_acknowledged_then_settled_into_the_statistics(published, keyed):
    key = keyed("drafter")
    sent = [event(published, n) for n in range(3)]
    sent.append(event(published, 9, case_id="C0", step_no=2, step_code="办结", outcome="completed"))
    answer = key.post("/events", {"events": sent}, Idempotency_Key="b1")
    assert answer.status_code == 201
    assert {k: answer.json()[k] for k in ("received", "accepted", "duplicate", "rejected", "errors")} == {
        "received": 4,
        "accepted": 4,
        "duplicate": 0,
        "rejected": 0,
        "errors": [],
    }
    assert key.get("/events/ids").json() == {"ids": ["E0", "E1", "E2", "E9"], "next_after": None}
    assert stored_rows() == 0
    assert receiving.events_settle(now=timezone.now()) == 4
    assert stored_rows() == 4
    batch = key.get(f"/events/batches/{answer.json()['batch_id']}").json()
    assert batch["settled_at"] is not None
    assert bytes(ReceivedBatch.objects.get().payload) == b""
    warehouse.refresh_marts(now=timezone.now())
    (count,) = warehouse.case_counts(by=("item_code",), body_codes=["QH-NY"])
    assert (count.cases, count.closed) == (3, 1)
    report = RunImport.objects.get()
    assert (report.created_by_name, report.report["rows_accepted"]) == ("陈耕", 4)
    rows = FactRecord.objects.filter(action__startswith="performance.").order_by("id")
    actions = list(rows.values_list("action", flat=True))
    assert actions == ["performance.events.received", "performance.events.imported"]
    assert receiving.events_settle(now=timezone.now()) == 0


def test_the_same_key_gives_the_first_answer_and_another_body_is_refused(published, keyed):
    key = keyed("drafter")
    body = {"events": [event(published, 1)]}
    first = key.post("/events", body, Idempotency_Key="k")
    again = key.post("/events", body, Idempotency_Key="k")
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    other = key.post("/events", {"events": [event(published, 2)]}, Idempotency_Key="k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert list(ReceivedEvent.objects.values_list("event_id", flat=True)) == ["E1"]


def test_a_known_event_is_a_duplicate_with_other_content_a_conflict(published, keyed):
    key = keyed("drafter")
    assert key.post("/events", {"events": [event(published, 1)]}).json()["accepted"] == 1
    again = key.post("/events", {"events": [event(published, 1), event(published, 2)]}).json()
    assert (again["accepted"], again["duplicate"]) == (1, 1)
    changed = key.post("/events", {"events": [event(published, 1, step_code="审查"), event(published, 3)]})
    assert changed.status_code == 422
    assert changed.json()["errors"] == [
        {
            "index": 0,
            "event_id": "E1",
            "field": "event_id",
            "code": "event_conflict",
            "message": "这个事件编号已收过另一份内容；要更正请用新的编号",
        }
    ]
    assert ReceivedEvent.objects.count() == 2


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"body_code": "QH-LY"}, "body_code", "body_unknown"),
        ({"body_code": "NOWHERE"}, "body_code", "body_unknown"),
        ({"occurred_at": "2126-03-02T09:30:00+08:00"}, "occurred_at", "future_time"),
        ({"occurred_at": "1950-03-02T09:30:00+08:00"}, "occurred_at", "time_implausible"),
        ({"case_id": "110101199003074477"}, "case_id", "personal_number"),
        ({"event_id": "E1"}, "event_id", "event_repeated"),
        ({"case_id": "C1"}, "step_no", "step_repeated"),
    ],
)
def test_one_wrong_event_refuses_the_batch_and_says_which(published, keyed, fields, field, code):
    answer = keyed("drafter").post("/events", {"events": [event(published, 1), event(published, 2, **fields)]})
    assert answer.status_code == 422
    assert answer.json()["code"] == "events_refused"
    (problem,) = answer.json()["errors"]
    assert (problem["index"], problem["field"], problem["code"]) == (1, field, code)
    assert not ReceivedBatch.objects.exists()
    assert not FactRecord.objects.filter(action="performance.events.received").exists()


def test_partial_takes_the_good_cases_whole_and_lists_the_rest(published, keyed):
    key = keyed("drafter")
    sent = [
        event(published, 1),
        event(published, 2),
        event(published, 3, case_id="C2", step_no=2, body_code="QH-LY"),
    ]
    answer = key.post("/events?partial=true", {"events": sent}).json()
    assert (answer["received"], answer["accepted"], answer["rejected"]) == (3, 1, 2)
    assert [(p["index"], p["code"]) for p in answer["errors"]] == [(1, "case_held_back"), (2, "body_unknown")]
    assert key.get("/events/ids").json()["ids"] == ["E1"]
    receiving.events_settle(now=timezone.now())
    assert stored_rows() == 1


def test_more_problems_than_are_listed_still_add_up(published, keyed):
    sent = [event(published, n, occurred_at="1950-03-02T09:30:00+08:00") for n in range(1200)]
    sent += [event(published, n) for n in range(2000, 2010)]
    answer = keyed("drafter").post("/events?partial=true", {"events": sent}).json()
    assert (answer["received"], answer["accepted"], answer["rejected"]) == (1210, 10, 1200)
    assert ReceivedEvent.objects.count() == 10


@pytest.mark.parametrize(
    "fields",
    [
        {"step_no": 0},
        {"step_no": None},
        {"occurred_at": "2026-03-02T09:30:00"},
        {"occurred_at": "0001-01-01T00:00:00+14:00"},
        {"applicant": "张三"},
        {"step_code": "a\u0000"},
        {"event_id": ""},
        {"outcome": "办结"},
        {"event_id": "x" * 101},
    ],
)
def test_malformed_events_are_named_by_their_place(published, keyed, fields):
    answer = keyed("drafter").post("/events", {"events": [event(published, 1), event(published, 2, **fields)]})
    assert answer.status_code == 422
    assert answer.json()["code"] == "request_malformed"
    assert ".events.1." in f".{answer.json()['defects'][0]['place'].strip('“”')}."
    assert not ReceivedBatch.objects.exists()


def key_of(keyed) -> dict[str, str]:
    return {"Authorization": f"Bearer {keyed('drafter').token}"}


@pytest.mark.req("W-59")
@pytest.mark.parametrize(
    ("body", "place", "message"),
    [
        ("", "“请求体（JSON 对象）”", "缺少这一项"),
        ("[1]", "“请求体（JSON 对象）”", "应为对象"),
        (json.dumps({"events": [{"event_id": "x" * 101}]}), "“events.0.event_id”", "过长：最多 100 个字"),
        (json.dumps({"events": [{}] * 10_001}), "“events”", "超过上限：最多 10000 项"),
    ],
)
def test_what_is_no_batch_is_told_where_and_how_much_is_allowed(published, client, keyed, body, place, message):
    answer = client.post("/api/v1/events", body, content_type="application/json", headers=key_of(keyed))
    assert answer.status_code == 422
    assert (place, message) in [(one["place"], one["message"]) for one in answer.json()["defects"]]


@pytest.mark.req("W-59")
def test_a_compressed_body_is_refused_by_its_name_and_not_as_bad_json(published, client, keyed):
    answer = client.post(
        "/api/v1/events",
        b"\x1f\x8b\x08\x00",
        content_type="application/json",
        headers={**key_of(keyed), "Content-Encoding": "gzip"},
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "http_415")
    assert answer.json()["message"] == "不收压缩编码的请求体（Content-Encoding: gzip）"


def test_what_has_no_listed_item_waits_for_somebody_to_look_at_it(published, keyed):
    keyed("drafter").post("/events", {"events": [event(published, 1), event(published, 2, item_code="QH-NY-99999")]})
    receiving.events_settle(now=timezone.now())
    report = RunImport.objects.get().report
    assert (report["rows_accepted"], report["rows_quarantined"]) == (1, 1)


def test_sources_do_not_see_or_block_each_other(published, keyed):
    county = published.county
    keyed("drafter").post("/events", {"events": [event(published, 1)]})
    other = keyed("drafter2")
    assert other.get("/events/ids").json()["ids"] == []
    assert other.post("/events", {"events": [event(published, 1)]}).json()["accepted"] == 1
    number = ReceivedBatch.objects.order_by("id").first().pk
    assert other.get(f"/events/batches/{number}").status_code == 404
    assert county.users["drafter"] != county.users["drafter2"]


def test_events_need_the_scope_and_the_duty(published, keyed):
    body = {"events": [event(published, 1)]}
    assert keyed("drafter", ("events.read",)).post("/events", body).status_code == 403
    assert keyed("legal").post("/events", body).status_code == 403
    assert not ReceivedBatch.objects.exists()


def test_a_late_event_joins_its_case(published, keyed):
    key = keyed("drafter")
    key.post("/events", {"events": [event(published, 1)]})
    receiving.events_settle(now=timezone.now())
    closing = event(published, 2, case_id="C1", step_no=2, step_code="办结", outcome="completed")
    key.post("/events", {"events": [closing]})
    receiving.events_settle(now=timezone.now() + timedelta(seconds=5))
    assert (EventFile.objects.filter(status="active").count(), stored_rows()) == (1, 2)


def test_settling_that_fails_half_way_leaves_everything_waiting(published, keyed, monkeypatch):
    keyed("drafter").post("/events", {"events": [event(published, 1)]})
    monkeypatch.setattr(warehouse, "settled", lambda *a, **k: (_ for _ in ()).throw(OSError("power cut")))
    with pytest.raises(OSError, match="power cut"):
        receiving.events_settle(now=timezone.now())
    assert (stored_rows(), RunImport.objects.count()) == (0, 0)
    monkeypatch.undo()
    assert receiving.events_settle(now=timezone.now()) == 1
    assert (stored_rows(), RunImport.objects.count()) == (1, 1)


def test_ids_are_paged_in_the_order_of_arrival(published, keyed):
    key = keyed("drafter")
    for start in (0, 3):
        key.post("/events", {"events": [event(published, n) for n in range(start, start + 3)]})
    first = key.get("/events/ids?limit=4").json()
    rest = key.get(f"/events/ids?limit=4&after={first['next_after']}").json()
    assert first["ids"] + rest["ids"] == [f"E{n}" for n in range(6)]
    assert rest["next_after"] is None
    assert [one["rows"] for one in key.get("/events/batches").json()["batches"]] == [3, 3]


def test_no_field_for_a_person_exists_in_the_published_schema():
    from quanze.portal.api_urls import api

    names = set(api.get_openapi_schema()["components"]["schemas"]["EventIn"]["properties"])
    assert not names & {"name", "applicant", "phone", "id_number", "operator", "content", "text"}
