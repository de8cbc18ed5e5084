"""A finished matter becomes a package: documents, opinions, record, manifest; the same matter gives the same bytes."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pytest

from quanze.base.audit import public as audit
from quanze.base.audit.models import AccessRecord
from quanze.base.jobs import public as jobs
from quanze.base.jobs.models import Job
from quanze.core.actor import EVERYTHING
from quanze.portal.archive.matters import matter
from quanze.portal.archive.package import build

pytestmark = pytest.mark.django_db


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.req("T-75")
def test_a_published_submission_is_packed_downloaded_and_its_digest_recorded(county, client_of):
    submission_id = county.publish()
    client = client_of("publisher")
    address = f"/record/archives/submission/{submission_id}/"
    assert "还没有归档包" in client.get(address).content.decode()

    assert client.post(f"{address}make/", {"step_up_secret": county.password}).status_code == 303
    job = jobs.run_now(Job.objects.get(kind="record.archive").pk)
    assert job.state == "done", job.error_message
    content = b"".join(client.get(f"{address}{job.result['file_id']}/file/").streaming_content)

    assert hashlib.sha256(content).hexdigest() == job.result["sha256"]
    (made,) = audit.facts(scope=EVERYTHING, action="record.archive.made").rows
    assert (made.subject_id, made.after["sha256"]) == (str(submission_id), job.result["sha256"])
    assert job.result["sha256"] in client.get(address).content.decode()
    assert AccessRecord.objects.filter(action="record:archive_download", outcome="exported").count() == 1

    files = unpacked(content)
    assert {name.split("/")[0] for name in files} >= {
        "01 清单",
        "02 审签单",
        "04 记录",
        "manifest.json",
        "00 归档目录.pdf",
    }
    manifest = json.loads(files.pop("manifest.json"))
    assert {one["path"]: one["sha256"] for one in manifest["files"]} == {
        name: hashlib.sha256(data).hexdigest() for name, data in files.items()
    }
    lines = [json.loads(line) for line in files["04 记录/记录摘录.jsonl"].decode().splitlines()]
    actions = {line["action"] for line in lines}
    assert {"workflow.case.opened", "catalog.submission.submitted"} <= actions
    assert "record.archive.made" not in actions


def test_the_same_matter_gives_the_same_bytes_even_after_it_was_packed_and_later_corrected(county, client_of):
    submission_id = county.publish()
    first = build(matter("submission", submission_id, actor=county.actor("publisher")))
    client = client_of("publisher")
    client.post(f"/record/archives/submission/{submission_id}/make/", {"step_up_secret": county.password})
    made = jobs.run_now(Job.objects.get(kind="record.archive").pk)
    second = build(matter("submission", submission_id, actor=county.actor("establishment")))

    assert first == second
    assert made.result["sha256"] == hashlib.sha256(first).hexdigest()


def test_an_unfinished_matter_cannot_be_packed_and_a_foreign_one_does_not_exist(county, client_of):
    county.draft()
    submission_id = county.submit()
    client = client_of("drafter")
    address = f"/record/archives/submission/{submission_id}/"

    assert "还没有办结" in client.get(address).content.decode()
    assert client.post(f"{address}make/", {"step_up_secret": county.password}).status_code == 409
    assert client_of("forestry").get(address).status_code == 404
    assert client_of("auditadmin").get(address).status_code == 403
    assert client.get("/record/archives/other/1/").status_code == 404
    assert not Job.objects.filter(kind="record.archive").exists()
