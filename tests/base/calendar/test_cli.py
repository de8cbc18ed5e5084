"""A new year's schedule comes in by one command."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from quanze.base.audit.models import FactRecord
from quanze.base.calendar.cli import app
from quanze.core.errors import InvalidInput

pytestmark = [pytest.mark.django_db]


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def test_a_schedule_is_imported_and_shown(tmp_path):
    file = tmp_path / "2027.csv"
    file.write_text("日期,名称,类型\n2027-01-01,元旦,放假\n2027-01-03,元旦,上班\n", encoding="utf-8")

    result = run("import", str(file), "--year", "2027", "--source", "放假安排的通知（测试）")

    assert (result.exit_code, result.output) == (0, "2027 年登记 2 个日期\n")
    assert "2027\t已公布\t放假 1 天，调休上班 1 天\t放假安排的通知（测试）" in run("years").output
    assert FactRecord.objects.get().actor_name.startswith("命令行（")


def test_a_bad_file_is_refused_with_the_reason(tmp_path):
    file = tmp_path / "2027.csv"
    file.write_text("日期,名称,类型\n2027-01-99,元旦,放假\n", encoding="utf-8")

    result = run("import", str(file), "--year", "2027", "--source", "通知")

    assert isinstance(result.exception, InvalidInput)
    assert "2027\t尚未公布（按周末推算）" in run("years").output
    assert FactRecord.objects.count() == 0
