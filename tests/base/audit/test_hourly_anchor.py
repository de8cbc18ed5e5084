"""The tick seals every ten seconds and anchors every hour, also with SM3; the command compares with a kept file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from quanze.base.audit import public as audit
from quanze.base.audit.cli import app
from quanze.base.audit.models import Seal
from quanze.base.jobs import public as jobs

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def test_the_tick_anchors_at_least_hourly(write):
    write(2)
    jobs.tick(NOW)
    assert len(audit.anchors()) == 1
    write(1, start=10)
    jobs.tick(NOW + timedelta(minutes=59))
    assert len(audit.anchors()) == 1
    jobs.tick(NOW + timedelta(minutes=61))

    first, second = audit.anchors()
    assert (first.at, first.heads[0].records, second.heads[0].records) == (NOW, 2, 3)


def test_sm3_seals_are_anchored_and_verified_with_a_kept_file(write, settings, tmp_path):
    settings.QUANZE_SEAL_ALGORITHM = "sm3"
    write(3)
    audit.seal_pending(NOW)
    view = audit.anchor(NOW)
    assert view is not None
    assert (view.heads[0].algorithm, Seal.objects.get().algorithm) == ("sm3", "sm3")
    kept = tmp_path / "kept.jsonl"
    kept.write_bytes(audit.anchor_path().read_bytes())

    assert CliRunner().invoke(app, ["verify", "--anchor", str(kept)]).exit_code == 0
    kept.write_bytes(kept.read_bytes().replace(view.heads[0].value.encode(), b"0" * 64))
    refused = CliRunner().invoke(app, ["verify", "--anchor", str(kept)])
    assert (refused.exit_code, "与锚不符" in refused.output) == (1, True)
