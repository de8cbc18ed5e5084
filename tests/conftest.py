"""Fixtures of the whole suite."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["county", "derived", "keyed", "ladder", "towns"]

# A busy machine is no failure: speed is measured by benchmarks, never by a deadline of a test.
settings.register_profile("quanze", deadline=None)
settings.load_profile("quanze")
SHARED_DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"


# Pages, walks over every address and the whole city ask the database nothing that services and selectors do not ask.
# ``make postgres EVERYTHING=1`` runs them there, too.
ON_ONE_DATABASE = ("tests/portal/", "tests/demo/", "tests/contracts/", "tests/scenarios/test_main_line.py", "pages")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """在 PostgreSQL 上只跑碰数据库的测试：其余的与数据库无关，已在前一轮跑过。"""
    if os.environ.get("QUANZE_TEST_DATABASE") != "postgres":
        return
    chosen = [item for item in items if _touches_database(item) and _belongs_on_both(item)]
    kept = set(chosen)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = chosen


def _belongs_on_both(item: pytest.Item) -> bool:
    if os.environ.get("QUANZE_TEST_EVERYTHING") or item.get_closest_marker("postgres"):
        return True
    return not any(part in item.nodeid for part in ON_ONE_DATABASE)


def _touches_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    marks = any(item.get_closest_marker(name) for name in ("django_db", "postgres"))
    return marks or bool(fixtures & {"db", "transactional_db"})


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """真实公开数据目录；缺席时跳过并说明。"""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"SKIPPED LOUDLY: real data folder is absent ({SHARED_DATA.name} beside the project)")
    return SHARED_DATA


@pytest.fixture(scope="session", autouse=True)
def _record_may_be_emptied_between_tests() -> Iterator[None]:
    """事务测试之间要清空表，而记录表拒绝删除：清空时以表主身份撤下触发器，随即装回。"""
    from django.db import connection

    from quanze.base.audit.triggers import create_triggers, drop_triggers

    # On the class: beside a running event loop (the browser tests) Django hands out another connection object.
    operations = type(connection.ops)
    empty = operations.execute_sql_flush

    def without_triggers(self: object, sql_list: list[str]) -> None:
        drop_triggers(self.connection)
        try:
            empty(self, sql_list)
        finally:
            create_triggers(self.connection)

    operations.execute_sql_flush = without_triggers
    yield
    operations.execute_sql_flush = empty
