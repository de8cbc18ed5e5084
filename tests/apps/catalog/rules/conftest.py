"""规则测试的捷径：按随带资料包检查一份自拟清单。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from quanze.apps.catalog.domain.items import ItemSnapshot
from quanze.apps.catalog.domain.packs import RulePacks, Thresholds
from quanze.apps.catalog.rules import check_list
from quanze.apps.catalog.rules.examples import listed
from quanze.apps.catalog.services.packs import shipped_packs
from quanze.core.lint import Report

Checker = Callable[..., Report]


@pytest.fixture(scope="session")
def packs() -> RulePacks:
    return shipped_packs()


@pytest.fixture
def check(packs: RulePacks) -> Checker:
    """检查若干项：``thresholds`` 改界限，其余参数进清单。"""

    def run(*items: ItemSnapshot, thresholds: Thresholds | None = None, **fields: object) -> Report:
        chosen = packs if thresholds is None else replace(packs, thresholds=thresholds)
        return check_list(listed(*items, **fields), chosen)

    return run
