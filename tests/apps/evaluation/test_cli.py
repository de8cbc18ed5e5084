"""命令行 quanze evaluate：装包、计分、看分、核验、导出。"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from quanze.apps.evaluation import public as evaluation
from quanze.apps.evaluation.cli import app
from quanze.apps.evaluation.models import RoundBody
from quanze.core.actor import EVERYTHING

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


@pytest.mark.req("W-10")
def test_packs_are_installed_and_listed() -> None:
    code, out = run("packs", "--install", "--json")
    assert code == 0
    (row,) = json.loads(out)
    assert (row["key"], row["indicators"], row["automatic"]) == ("wuxi-6x30", 30, 23)


def test_a_round_is_computed_shown_verified_and_exported(office, forty_items, tmp_path: Path) -> None:
    view = office.opened("QH-NY", "QH-LY")
    code, out = run("round", "compute", str(view.id))
    assert code == 0
    assert "2 个单位已计分" in out
    _, out = run("scores", "--json")
    rows = {row["body"]: row for row in json.loads(out)}
    assert rows["青禾县农业农村局"]["rank"] == 1
    assert rows["青禾县林业局"]["total"] is None
    assert run("verify")[0] == 0
    target = tmp_path / "结果.json"
    assert run("export", "-o", str(target))[0] == 0
    assert target.read_bytes() == evaluation.round_verify(view.id, scope=EVERYTHING).payload


@pytest.mark.req("W-09")
def test_verify_ends_with_an_error_when_a_result_was_changed(office, forty_items) -> None:
    view = office.computed("QH-NY")
    row = RoundBody.objects.get(round_id=view.id)
    row.result["groups"][0]["points"] = "19.99"
    row.save(update_fields=["result"])
    assert run("verify", str(view.id))[0] == 1
