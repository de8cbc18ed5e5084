"""命令行：只载入要用的，领域错误说成人话，退出码稳定。"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from quanze.core.errors import Defect, ErrorPlace, NotFound, RulesNotMet
from quanze.portal import cli

PROJECT = Path(__file__).resolve().parents[2]


def quanze(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "quanze.portal.cli", *words],
        env=os.environ | {"PYTHONPATH": str(PROJECT / "src")} | environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_reading_a_file_needs_neither_settings_nor_database(tmp_path: Path) -> None:
    file = tmp_path / "清单.csv"
    file.write_text(
        "序号,职权名称,职权类型,实施依据\n1,对使用电鱼方法捕捞的处罚,行政处罚,《某法》第三条\n", encoding="utf-8"
    )
    done = quanze("lists", "read", str(file), "--json", DJANGO_SETTINGS_MODULE="no.such.settings")
    assert done.returncode == 0, done.stderr
    assert '"items": 1' in done.stdout


def test_checking_a_file_needs_neither_settings_nor_database(tmp_path: Path) -> None:
    file = tmp_path / "清单.csv"
    file.write_text(
        "序号,职权名称,职权类型,实施依据,行使主体,责任事项,追责情形\n"
        "1,对使用电鱼方法捕捞的处罚,行政处罚,《某法》第三条,某局,1.立案责任：立案。,1.不立案的。\n",
        encoding="utf-8",
    )
    done = quanze("lists", "check", str(file), "--json", DJANGO_SETTINGS_MODULE="no.such.settings")
    assert done.returncode in (0, 1), done.stderr
    assert '"items": 1' in done.stdout


def test_a_database_without_tables_is_said_in_words_and_exits_with_two(tmp_path: Path) -> None:
    done = quanze(
        "lists", "check", "示例市某局", DJANGO_SETTINGS_MODULE="quanze.conf.local", QUANZE_DATA_DIR=str(tmp_path)
    )
    assert done.returncode == 2
    assert done.stderr == (
        "数据库还没有建立：请先运行 make run（或 quanze run），它会建好数据库。（DATABASE_NOT_READY）\n"
    )


def test_a_missing_file_is_said_in_words_and_exits_with_two() -> None:
    done = quanze("lists", "read", "没有这个文件.xlsx", DJANGO_SETTINGS_MODULE="no.such.settings")
    assert done.returncode == 2
    assert "没有这个文件.xlsx" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_command_is_refused_without_a_traceback() -> None:
    done = quanze("nothing", DJANGO_SETTINGS_MODULE="quanze.conf.test")
    assert done.returncode == 2
    assert "nothing" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_group_and_command_is_mounted() -> None:
    import typer.main

    root = typer.main.get_command(cli.build())
    assert set(root.commands) == set(cli.GROUPS) | set(cli.COMMANDS)


@pytest.mark.parametrize("error", [NotFound("没有这份清单", hint="请核对编号。")])
def test_a_refusal_shows_what_and_what_to_do(monkeypatch, capsys, error) -> None:
    def refuse(only: str = ""):
        raise error

    monkeypatch.setattr(cli, "build", refuse)
    assert cli.main(["lists", "read", "x"]) == cli.REFUSED
    assert capsys.readouterr().err == "没有这份清单 请核对编号。（not_found）\n"


def test_defects_are_listed_one_to_a_line_with_their_place(monkeypatch, capsys) -> None:
    def refuse(only: str = ""):
        raise RulesNotMet(
            "有 2 处错误未改正",
            defects=[
                Defect("R402", "没有写追责情形", ErrorPlace(sheet="处罚", row=7)),
                Defect("S001", "未填实施主体", ErrorPlace(field="实施主体")),
            ],
            hint="请逐条改正。",
        )

    monkeypatch.setattr(cli, "build", refuse)
    assert cli.main(["lists", "read", "x"]) == cli.REFUSED
    assert capsys.readouterr().err.splitlines()[1:] == [
        "  工作表“处罚”第 7 行：没有写追责情形",
        "  “实施主体”：未填实施主体",
    ]
