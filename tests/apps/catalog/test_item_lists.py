"""一份清单的事项：一页一页取完，件数由数据库数，导出逐批读。"""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from quanze.apps.catalog.models import PowerItem, StoredFinding
from quanze.apps.catalog.selectors import item_lists
from quanze.apps.catalog.selectors.item_lists import ItemQuery
from quanze.core.actor import EVERYTHING

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def listed(county):
    """一份在编清单：七项处罚、五项检查，其中两项有发现（一项既有错误又有提醒）。"""
    versions = county.draft(
        *(county.content(f"对第{n}种违法捕捞的处罚") for n in range(1, 8)),
        *(county.content(f"第{n}类渔船的检查", power_type="inspection") for n in range(1, 6)),
    )
    list_id = PowerItem.objects.values_list("power_list_id", flat=True).distinct().get()
    StoredFinding.objects.all().delete()
    for version_id, severity in ((versions[0], "error"), (versions[0], "warning"), (versions[9], "warning")):
        StoredFinding.objects.create(
            power_list_id=list_id,
            version_id=version_id,
            code="B201",
            severity=severity,
            message="请核对",
            found_at=county.now,
        )
    return ItemQuery(list_id, county.today)


def narrowed(query: ItemQuery, **changes) -> ItemQuery:
    return ItemQuery(query.list_id, query.on, **changes)


def test_rows_come_in_batches_and_none_is_missing_or_twice(listed, monkeypatch):
    monkeypatch.setattr(item_lists, "BATCH", 5)

    rows = list(item_lists.each_item_row(listed, scope=EVERYTHING))

    assert [row.name for row in rows][::11] == ["对第1种违法捕捞的处罚", "第5类渔船的检查"]
    assert len({row.item_id for row in rows}) == len(rows) == 12
    assert [(row.errors, row.warnings) for row in rows if row.errors or row.warnings] == [(1, 1), (0, 1)]


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, (12, 0, 1, 2)),
        ({"power_type": "inspection"}, (5, 0, 0, 1)),
        ({"severity": "error"}, (1, 0, 1, 1)),
        ({"severity": "warning"}, (2, 0, 1, 2)),
        ({"severity": "clean"}, (10, 0, 0, 0)),
        ({"text": "渔船", "severity": "clean"}, (4, 0, 0, 0)),
        ({"view": "in_force"}, (0, 0, 0, 0)),
        ({"is_ending": True}, (0, 0, 0, 0)),
    ],
)
def test_the_counts_are_those_of_the_rows(listed, changes, counts):
    query = narrowed(listed, **changes)

    found = item_lists.item_counts(query, scope=EVERYTHING)
    rows = list(item_lists.each_item_row(query, scope=EVERYTHING))

    assert (found.mains, found.subs, found.errors, found.warnings) == counts
    assert found.items == len(rows)
    assert (found.errors, found.warnings) == (
        sum(row.errors > 0 for row in rows),
        sum(row.warnings > 0 for row in rows),
    )


def test_only_items_of_the_list_and_of_the_scope_are_its_items(listed, county):
    ids = list(PowerItem.objects.values_list("pk", flat=True))

    assert item_lists.items_of_list([*ids, 10**9], list_id=listed.list_id, scope=EVERYTHING) == set(ids)
    assert item_lists.items_of_list(ids, list_id=listed.list_id + 1, scope=EVERYTHING) == set()
    assert item_lists.items_of_list(ids, list_id=listed.list_id, scope=county.actor("town_drafter").scope) == set()


def test_a_page_turns_by_the_last_row_seen(listed, county, client_of, monkeypatch):
    county.draft(*(county.content(f"对第{n}种占用岸线的处罚") for n in range(1, 46)))
    client, address = client_of("drafter"), reverse("catalog:list", args=[listed.list_id])

    first = client.get(address).content.decode()
    cursor = re.findall(r'href="\?(cursor=[^"]+)"', first)[-1].replace("&amp;", "&")
    second = client.get(f"{address}?{cursor}").content.decode()

    assert "符合条件 57 项" in first and "符合条件 57 项" in second
    assert "对第1种违法捕捞的处罚" in first and "对第1种违法捕捞的处罚" not in second
    assert "对第45种占用岸线的处罚" in second and "对第45种占用岸线的处罚" not in first
