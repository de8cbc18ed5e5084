"""命令 lists base：建立、导入、绑定、核对、认领、解除。"""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from quanze.apps.catalog.cli import app
from quanze.apps.catalog.models import BaseBinding, PowerList
from quanze.core.errors import NotPermitted, WrongState

pytestmark = pytest.mark.django_db


def run(*arguments: str):
    return CliRunner().invoke(app, ["base", *arguments], catch_exceptions=True)


def test_a_list_is_bound_shown_claimed_and_released(county, base_made):
    base_made()
    county.power_list("QH-HX", procedure="three-step", template="town-2024")

    result = run("bind", "禾溪镇", "QH-SW", "--as", "establishment")
    assert result.exit_code == 0, result.output
    assert "青禾县目录范本" in result.output
    assert "3 项；清单中有 0 项，符合 0%；缺少 3" in result.output

    shown = run("show", "QH-HX", "--json")
    assert shown.exit_code == 1
    assert [one["base_item"] for one in json.loads(shown.output)["deviations"]] == [f"QH-SW-0000{n}" for n in (1, 2, 3)]

    assert "已认领 3 项" in run("claim", "QH-HX", "--as", "town_drafter").output
    clean = run("show", "QH-HX")
    assert (clean.exit_code, "符合 100%；没有差异" in clean.output) == (0, True)

    assert run("unbind", "QH-HX", "--as", "establishment", "--reason", "改用市级范本").exit_code == 0
    assert BaseBinding.objects.get().valid_to is not None
    assert isinstance(run("show", "QH-HX").exception, WrongState)


def test_a_base_is_made_by_its_body_and_filled_from_a_table(county, tmp_path, workbook):
    result = run("create", "QH-BB", "--as", "establishment")
    assert result.exit_code == 0, result.output
    made = PowerList.objects.get(list_type="TPL")
    assert (made.template, made.procedure) == ("base-2024", "base-list")
    path = tmp_path / "范本.xlsx"
    path.write_bytes(workbook(("对盗伐林木的处罚", "行政处罚")))
    preview = CliRunner().invoke(app, ["import", str(path), "--body", "QH-BB", "--base", "--json"])
    assert json.loads(preview.output)["counts"]["new"] == 1
    assert isinstance(run("create", "QH-BB", "--as", "town_legal").exception, Exception)


def test_a_drafter_cannot_bind(county, base_made):
    base_made()
    county.power_list("QH-HX", procedure="three-step", template="town-2024")
    assert isinstance(run("bind", "QH-HX", "QH-SW", "--as", "town_drafter").exception, NotPermitted)
    assert not BaseBinding.objects.exists()
