"""命令 lists check：文件与机构、退出码、JSON。"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from quanze.apps.catalog.cli import app

HEADER = "序号,事项名称,权力类型,实施依据,行使主体,承办机构,责任事项,追责情形\n"
GOOD = "1,食品经营许可,行政许可,《示例市食品条例》第三条：须经许可。,示例市局,食品科,受理、审查、决定、送达、监管,违法准予的\n"
BAD = "2,对无证经营食品的处罚,行政处罚,《示例市食品条例》第九条：处罚款。,示例市局,食品科,,违法处罚的\n"


def run(*arguments: str):
    return CliRunner().invoke(app, ["check", *arguments])


@pytest.fixture
def list_file(tmp_path: Path):
    def write(*rows: str) -> str:
        path = tmp_path / "示例清单.csv"
        path.write_text(HEADER + "".join(rows), encoding="utf-8")
        return str(path)

    return write


def test_a_file_without_errors_ends_with_zero(list_file):
    result = run(list_file(GOOD))
    assert result.exit_code == 0, result.output
    assert result.output.startswith("示例清单.csv（published-2024）：1 项，子项 0；错误 0")


def test_errors_end_with_one_and_say_where_and_what_to_do(list_file):
    result = run(list_file(GOOD, BAD))
    assert result.exit_code == 1
    assert "E R401 没有写责任事项：有权必有责" in result.output
    assert "第 3 行　对无证经营食品的处罚" in result.output
    assert "→ 请按受理、审查、决定等环节写明应当做什么、几日内做完。" in result.output


def test_json_holds_every_finding(list_file):
    result = run(list_file(GOOD, BAD), "--json")
    assert result.exit_code == 1
    data = json.loads(result.output)
    assert data["items"] == 2
    assert [f["code"] for f in data["findings"] if f["severity"] == "error"] == ["R401"]
    assert data["counts"]["error"] == 1


def test_the_template_may_be_chosen(list_file):
    assert run(list_file(GOOD), "--template", "full-2024").exit_code == 1


@pytest.mark.parametrize("arguments", [("没有这个.xlsx",), ("--template", "full-2024")])
def test_bad_usage_ends_with_two(arguments):
    result = run(*arguments)
    assert result.exit_code == 2


def test_an_unknown_template_ends_with_two_and_names_the_known_ones(list_file):
    result = run(list_file(GOOD), "--template", "nix")
    assert result.exit_code == 2
    assert "可用：base-2024、full-2024、published-2024、town-2024" in result.stderr


def test_a_file_that_is_no_list_ends_with_two(tmp_path):
    path = tmp_path / "说明.csv"
    path.write_text("这不是清单\n", encoding="utf-8")
    assert run(str(path)).exit_code == 2


@pytest.mark.django_db
def test_a_body_is_checked_from_the_database(county):
    county.draft(county.content(duty_text="", duties=()))
    result = run("青禾县农业农村局")
    assert result.exit_code == 1
    assert "R401" in result.output
    missing = run("乌有局")
    assert missing.exit_code == 2
    assert "没有名为“乌有局”的文件，机构库里也没有这个机构" in missing.stderr


BASE = (
    "1,食品经营许可,行政许可,《示例市食品条例》第三条：须经许可。,,,受理、审查、决定、送达、监管,违法准予的\n"
    "2,对无证经营食品的处罚,行政处罚,《示例市食品条例》第九条：处罚款。,,,立案、调查、告知、决定、执行,违法处罚的\n"
)


@pytest.mark.req("H-30")
def test_a_file_is_measured_by_the_file_of_its_base(list_file, tmp_path):
    base = tmp_path / "范本.csv"
    base.write_text(HEADER + BASE, encoding="utf-8")
    renamed = GOOD.replace("1,食品经营许可,行政许可", "1,食品经营许可,行政确认")
    extra = GOOD.replace("1,食品经营许可", "2,小食品店登记核准许可")
    result = run(list_file(renamed, extra), "--base", str(base), "--json")
    data = json.loads(result.output)
    assert (data["base"]["items"], data["base"]["present"], data["base"]["percent"]) == (2, 1, 50)
    assert [(one["label"], one["name"]) for one in data["base"]["deviations"]] == [
        ("缺少", "对无证经营食品的处罚"),
        ("多出未说明", "小食品店登记核准许可"),
        ("类型不同", "食品经营许可"),
    ]
    assert data["by_code"]["C206"] == 1
    text = run(list_file(renamed, extra), "--base", str(base)).output
    assert "范本 2 项，清单中有 1 项，符合 50%；缺少 1、多出未说明 1、类型不同 1" in text


def test_a_base_file_that_is_not_there_ends_with_two(list_file):
    result = run(list_file(GOOD), "--base", "没有.csv")
    assert result.exit_code == 2
    assert "没有范本文件" in result.stderr
