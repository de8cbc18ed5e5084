"""命令 lists base：建立、导入、绑定、核对、认领、解除。"""

from __future__ import annotations

import json

import pytest
import yaml
from typer.testing import CliRunner

from quanze.apps.catalog.cli import app
from quanze.apps.catalog.models import BaseBinding, PowerItem, PowerList
from quanze.core.errors import InvalidInput, NotPermitted, WrongState

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


def test_a_base_is_proposed_from_files_and_written_where_it_is_asked_for(county, tmp_path, workbook):
    files = []
    for name, third in (("甲镇", "对盗伐林木的处罚"), ("乙镇", "对滥伐林木的处罚")):
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(workbook(("对焚烧秸秆的处罚", "行政处罚"), ("渡口检查", "行政检查"), (third, "行政处罚")))
        files.append(str(path))

    shown = run("propose", *files)
    assert shown.exit_code == 0, shown.output
    assert "2 份清单，够份额的 2 项，写法不一致的 0 项；不够份额的 2 项" in shown.output
    told = json.loads(run("propose", *files, "--json").output)
    assert [one["name"] for one in told["items"]] == ["对焚烧秸秆的处罚", "渡口检查"]
    alone = run("propose", files[0])
    assert isinstance(alone.exception, InvalidInput)

    run("create", "QH-NY", "--as", "drafter")
    refused = run("propose", *files, "--into", "QH-NY", "--as", "town_drafter")
    assert isinstance(refused.exception, Exception) and not PowerItem.objects.exists()


def test_a_template_is_proposed_from_the_elements_that_files_share(tmp_path, workbook):
    from quanze.apps.catalog.domain.packs import parse_template
    from quanze.apps.catalog.services.packs import shipped_packs

    files = []
    for name in ("甲局", "乙局"):
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(workbook(("对盗伐林木的处罚", "行政处罚")))
        files.append(str(path))
    assert "2 个文件共有的要素" in run("template", *files).output
    made = yaml.safe_load(run("template", *files, "--yaml", "city-2026").output)
    template = parse_template(made, "city-2026.yaml", schemes=shipped_packs().schemes)
    assert (template.code, "name" in template.required) == ("city-2026", True)


@pytest.mark.req("J-14")
def test_the_ten_real_workbooks_share_their_elements_and_no_item(shared_data):
    files = [str(path) for path in sorted((shared_data / "lists").iterdir()) if path.suffix in (".xls", ".xlsx")]
    told = json.loads(run("template", *files, "--json").output)
    assert len(told["files"]) == 10
    assert told["required"] == [
        "basis_text",
        "duty_text",
        "lead_division",
        "name",
        "power_type",
        "accountability_text",
        "duty_basis_text",
        "exercising_body",
        "exercise_level",
        "level_split",
    ]
    # Ten departments of one city: each has its own powers.
    none = run("propose", *files, "--share", "0.1")
    assert none.exit_code == 1 and "够份额的 0 项" in none.output and "不够份额的 916 项" in none.output
