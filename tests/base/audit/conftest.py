"""Actors, an action and a few records for the tests of the record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from quanze.base.audit import public as audit
from quanze.core.actor import EVERYTHING, Actor

NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)

if "test.thing.changed" not in audit.action_labels():
    audit.register_action("test.thing.changed", "改动测试对象")


@pytest.fixture
def clerk() -> Actor:
    return Actor(
        user_id=7,
        name="王芳",
        body_id=3,
        body_name="统计局",
        post="法规科科长",
        roles=frozenset({"reviewer", "drafter"}),
        scope=EVERYTHING,
    )


@pytest.fixture
def write(clerk: Actor) -> Callable[..., None]:
    """记 count 条事实，客体编号自 start 起。"""

    def records(count: int, start: int = 1, body_id: int | None = 3) -> None:
        audit.record_many(
            actor=clerk,
            action="test.thing.changed",
            changes=[
                audit.Change(
                    audit.SubjectRef("thing", number, f"事项{number}", body_id),
                    before={"name": "旧名"},
                    after={"name": f"新名{number}", "on": NOW.date()},
                    reason="文字规范",
                )
                for number in range(start, start + count)
            ],
            now=NOW,
        )

    return records


@pytest.fixture(autouse=True)
def _own_anchor_folder(settings, tmp_path) -> None:
    settings.QUANZE_ANCHOR_DIR = tmp_path / "anchors"
