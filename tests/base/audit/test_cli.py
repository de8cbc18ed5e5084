"""The command names the first bad row and answers with its exit code."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from typer.testing import CliRunner

from quanze.base.audit.cli import app
from quanze.base.audit.models import AccessRecord, FactRecord
from quanze.base.audit.triggers import drop_triggers

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def test_verify_passes_on_an_untouched_record_and_strictly_only_when_all_is_anchored(write):
    write(3)
    assert run("verify").exit_code == 0
    assert "另有 3 条尚未封存" in run("verify").output
    assert run("verify", "--strict").exit_code == 1

    assert "新封存 3 条" in run("seal").output
    assert run("verify", "--strict").exit_code == 0


def test_verify_names_the_first_bad_row_and_exits_with_one(write):
    write(3)
    run("seal")
    bad = FactRecord.objects.order_by("id")[1].id
    drop_triggers(connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_factrecord SET reason = '伪造' WHERE id = %s", [bad])

    result = run("verify", "--json")
    assert result.exit_code == 1
    assert json.loads(result.output)["logs"][0]["first_bad_row"] == bad
    assert f"第 {bad} 行的内容被改动" in run("verify").output


def test_verify_takes_an_anchor_file_kept_elsewhere(write, tmp_path):
    write(1)
    run("seal")
    forged = tmp_path / "kept.jsonl"
    forged.write_text("不是锚\n", encoding="utf-8")

    result = run("verify", "--anchors", str(forged))
    assert result.exit_code == 1
    assert "锚文件第 1 行读不懂" in result.output


def test_export_writes_every_fact_once_and_is_itself_recorded(write, tmp_path):
    write(3)
    target = tmp_path / "facts.jsonl"

    assert run("export", str(target)).exit_code == 0

    lines = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [(line["subject_id"], line["actor_name"]) for line in lines] == [("1", "王芳"), ("2", "王芳"), ("3", "王芳")]
    access = AccessRecord.objects.get()
    assert (access.action, access.outcome, access.detail, access.source) == ("audit.export", "exported", "3 条", "cli")
    assert run("export", str(target)).exit_code == 1
