"""People find, read, verify and export the record; each sees what is theirs."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.urls import reverse

from quanze.apps.catalog.domain.packs import THRESHOLD_CODES
from quanze.base.audit import public as audit
from quanze.base.audit.models import AccessRecord, FactRecord
from quanze.base.jobs import public as jobs
from quanze.base.jobs.models import Job
from quanze.core.actor import EVERYTHING
from quanze.portal.record import presenting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_anchor_folder(settings, tmp_path) -> None:
    settings.QUANZE_ANCHOR_DIR = tmp_path / "anchors"


@pytest.fixture
def item_id(county) -> int:
    """农业农村局的一项草稿，改过一次名。"""
    from quanze.apps.catalog import public as catalog

    (version_id,) = county.draft(county.content("对使用电鱼方法捕捞的处罚"))
    version = catalog.versions_by_ids([version_id])[version_id]
    catalog.draft_save(
        actor=county.actor("drafter"),
        version_id=version_id,
        seen_version=version.lock_version,
        content=county.content("对使用电鱼、毒鱼方法捕捞的处罚"),
        now=county.now,
    )
    return version.item_id


def text_of(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.mark.req("T-75")
def test_the_drafter_finds_own_rows_by_every_condition(county, client_of, item_id):
    client = client_of("drafter")
    for query in (
        "",
        "?q=电鱼",
        "?name=陈耕",
        f"?body={county.bodies['QH-NY']}",
        "?action=catalog.draft.saved",
        "?kind=catalog.item",
        "?at_from=2026-11-02&at_to=2026-11-02",
    ):
        assert "电鱼" in text_of(client.get(f"/record/{query}")), query
    for query in ("?q=无此文字", "?name=李四", "?action=org.directory.loaded", "?at_to=2026-11-01"):
        assert "没有符合条件的记录" in text_of(client.get(f"/record/{query}")), query
    assert "查找的文字至少两个字" in text_of(client.get("/record/?q=电"))


@pytest.mark.req("T-75")
def test_one_row_shows_what_changed_in_chinese_and_whether_it_is_sealed(county, client_of, item_id):
    saved = audit.facts(scope=EVERYTHING, action="catalog.draft.saved").rows[0]
    page = text_of(client_of("drafter").get(f"/record/{saved.id}/"))

    assert "事项名称" in page
    assert "毒鱼" in page
    assert "尚未封存" in page
    audit.seal_pending(datetime.now(UTC))
    audit.anchor(datetime.now(UTC))
    page = text_of(client_of("drafter").get(f"/record/{saved.id}/"))
    assert "第 1 号" in page
    assert "已对外下锚" in page


def test_the_whole_course_of_an_object_and_its_fragment(county, client_of, item_id):
    client = client_of("drafter")
    page = text_of(client.get(reverse("record:subject", args=["catalog.item", item_id])))
    main = page[page.index("<main") :]
    assert main.index("保存") < main.index("新增")
    fragment = text_of(client.get(reverse("record:subject_fragment", args=["catalog.item", item_id])))
    assert "<html" not in fragment
    assert "全部经过（" in fragment


@pytest.mark.req("T-75")
def test_another_body_s_rows_answer_like_absent_ones(county, client_of, item_id):
    row = audit.facts(scope=EVERYTHING, subject_kind="catalog.item").rows[0]
    client = client_of("forestry")

    assert "电鱼" not in text_of(client.get("/record/"))
    assert client.get(f"/record/{row.id}/").status_code == client.get("/record/999999999/").status_code == 404
    assert client.get(reverse("record:subject", args=["catalog.item", item_id])).status_code == 404
    assert "电鱼" not in text_of(client.get(reverse("record:subject_fragment", args=["catalog.item", item_id])))


def test_the_audit_administrator_sees_every_row_but_no_business_content(county, client_of, item_id):
    saved = audit.facts(scope=EVERYTHING, action="catalog.draft.saved").rows[0]
    client = client_of("auditadmin")

    assert "陈耕" in text_of(client.get("/record/"))
    page = text_of(client.get(f"/record/{saved.id}/"))
    assert saved.after_digest in page
    assert "业务内容不向三员显示" in page
    assert "事项名称" not in page
    loaded = audit.facts(scope=EVERYTHING, action="org.directory.loaded").rows[0]
    assert "业务内容不向三员显示" not in text_of(client.get(f"/record/{loaded.id}/"))


def test_the_other_administrators_do_not_read_the_record(county, client_of):
    client = client_of("sysadmin")
    for name in ("facts", "accesses", "verification", "exports"):
        assert client.get(reverse(f"record:{name}")).status_code == 403


def test_the_access_record_is_for_the_audit_administrator_and_looking_is_recorded(county, client_of):
    assert client_of("drafter").get("/record/accesses/").status_code == 403

    page = text_of(client_of("auditadmin").get("/record/accesses/?outcome=refused"))
    assert "陈耕" in page
    assert "record:accesses" in page
    looked = AccessRecord.objects.filter(action="record:accesses", outcome="read").get()
    assert (looked.actor_name, looked.detail) == ("审明", "结果 被拒绝")


def run_job(kind: str) -> Job:
    job = Job.objects.filter(kind=kind).latest("id")
    finished = jobs.run_now(job.pk)
    assert finished.state == "done", finished.error_message
    return finished


def test_a_verification_runs_as_a_job_and_its_result_is_kept(county, client_of):
    audit.seal_pending(datetime.now(UTC))
    audit.anchor(datetime.now(UTC))
    client = client_of("auditadmin")

    assert client.post("/record/verification/start/").status_code == 303
    run_job("record.verify")
    page = text_of(client.get("/record/verification/"))
    assert "完好" in page
    (kept,) = audit.verifications()
    assert (kept.is_sound, kept.actor_name, kept.anchors) == (True, "审明", 1)
    assert FactRecord.objects.filter(action="audit.record.verified").count() == 1


def test_a_broken_row_is_named_on_the_page(county, client_of):
    from django.db import connection

    from quanze.base.audit.triggers import create_triggers, drop_triggers

    audit.seal_pending(datetime.now(UTC))
    victim = FactRecord.objects.order_by("id").first().id
    drop_triggers(connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_factrecord SET actor_name = '别人' WHERE id = %s", [victim])
    create_triggers(connection)
    client = client_of("auditadmin")
    client.post("/record/verification/start/")
    run_job("record.verify")

    assert f"事实记录第 {victim} 行的内容被改动" in text_of(client.get("/record/verification/"))


@pytest.mark.parametrize("kind", ["xlsx", "csv", "jsonl"])
def test_an_export_holds_the_found_rows_and_leaves_access_rows(county, client_of, item_id, kind):
    client = client_of("drafter")
    county.signed_in_long_ago(client)
    asked = client.post("/record/export/", {"format": kind, "kind": "catalog.item"})
    assert "再次验证" in asked.content.decode()
    assert not Job.objects.filter(kind="record.export").exists()
    response = client.post(
        "/record/export/", {"format": kind, "kind": "catalog.item", "step_up_secret": county.password}
    )
    assert response.status_code == 303, response.content.decode()[:500]
    job = run_job("record.export")
    content = b"".join(client.get(f"/record/exports/{job.pk}/file/").streaming_content)

    expected = FactRecord.objects.filter(subject_kind="catalog.item").count()
    assert job.result["rows"] == expected > 1
    if kind == "jsonl":
        lines = [json.loads(line) for line in content.decode().splitlines()]
        assert len(lines) == expected
        assert {line["actor_name"] for line in lines} == {"陈耕"}
    elif kind == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert len(rows) == expected + 1
    else:
        assert content.startswith(b"PK")
    seen = list(AccessRecord.objects.filter(actor_name="陈耕").values_list("action", "outcome"))
    assert ("record:facts_export", "exported") in seen
    assert ("record:export_download", "read") in seen
    assert client_of("drafter2").get(f"/record/exports/{job.pk}/file/").status_code == 404


def test_a_formula_in_a_name_is_neutralised_in_csv(county, client_of):
    county.draft(county.content("=HYPERLINK(1)处罚"))
    client = client_of("drafter")
    client.post("/record/export/", {"format": "csv", "kind": "catalog.item", "step_up_secret": county.password})
    job = run_job("record.export")
    content = b"".join(client.get(f"/record/exports/{job.pk}/file/").streaming_content).decode("utf-8-sig")

    assert "'=HYPERLINK(1)处罚" in content
    assert all(not cell.startswith("=") for row in csv.reader(io.StringIO(content)) for cell in row)


def test_an_export_of_the_audit_administrator_holds_digests_instead_of_contents(county, client_of, item_id):
    client = client_of("auditadmin")
    client.post("/record/export/", {"format": "jsonl", "kind": "catalog.item", "step_up_secret": county.password})
    job = run_job("record.export")
    content = b"".join(client.get(f"/record/exports/{job.pk}/file/").streaming_content).decode()

    lines = [json.loads(line) for line in content.splitlines()]
    assert {(line["before"], line["after"], line["reason"]) for line in lines} == {(None, None, "")}
    assert any(line["after_digest"] for line in lines)


def test_the_public_can_compare_the_anchors(client, county):
    assert "还没有公布过摘要" in text_of(client.get("/public/record/"))
    audit.seal_pending(datetime.now(UTC))
    view = audit.anchor(datetime.now(UTC))

    assert view.heads[0].value in text_of(client.get("/public/record/"))
    lines = client.get("/public/record/anchors.jsonl").content.decode().splitlines()
    assert json.loads(lines[0])["heads"][0]["value"] == view.heads[0].value


@pytest.mark.req("T-75")
def test_a_decision_names_the_versions_it_rests_on(county, client_of):
    county.publish()
    by_action = {row.action: row.versions for row in audit.facts(scope=EVERYTHING, limit=500).rows}

    submitted = by_action["catalog.submission.submitted"]
    assert submitted["procedure"] == "six-step"
    assert set(submitted["parameters"]) == set(THRESHOLD_CODES)
    assert all(date.fromisoformat(since) <= county.today for since in submitted["parameters"].values())
    assert by_action["catalog.edition.published"]["template"] == submitted["template"] == "published-2024"
    assert by_action["workflow.case.opened"]["calendar"]["years"] == {"2026": "published"}
    assert by_action["workflow.case.opened"]["procedure"].startswith("six-step/")
    row = next(row for row in audit.facts(scope=EVERYTHING, action="workflow.case.opened").rows)
    page = text_of(client_of("drafter").get(f"/record/{row.id}/"))
    assert "所据版本" in page
    assert "已公布" in page


def test_a_subject_whose_id_has_a_stroke_is_found_and_opened(county, client_of):
    audit.record(
        actor=county.actor("drafter"),
        action="evaluation.score.entered",
        subject=audit.SubjectRef("evaluation.score", "7/1.6", "农业农村局 1.6", county.bodies["QH-NY"]),
        now=county.now,
    )
    client = client_of("drafter")
    address = "/record/subject/evaluation.score/7/1.6/"
    assert address in text_of(client.get("/record/?kind=evaluation.score"))
    assert "农业农村局 1.6" in text_of(client.get(address))
    assert "全部经过（1 条）" in text_of(client.get(f"{address}recent/"))


def test_every_kind_of_subject_in_the_record_has_a_chinese_name():
    written = {
        kind
        for path in Path(presenting.__file__).parents[2].rglob("*.py")
        for kind in re.findall(r'SubjectRef\(\s*"([a-z_.]+)"', path.read_text(encoding="utf-8"))
    }
    assert len(written) > 20
    assert sorted(kind for kind in written if presenting.kind_label(kind) == kind) == []
