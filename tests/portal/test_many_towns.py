"""全市 118 个乡镇（街道）：列表页的查询数不随机构数增长（H-04；时间见 tests/bench/bench_towns.py）。"""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.core.actor import EVERYTHING, SYSTEM, Actor

pytestmark = [pytest.mark.django_db, pytest.mark.req("H-04")]


def add_towns(county, first: int, number: int) -> None:
    """新增若干个镇，各有一份清单、两项事项，当日施行。"""
    from quanze.apps.catalog.models import ItemVersion, ListEdition

    region = org.RegionRow("990100", "青禾县", "county", "990000")
    rows = [
        org.BodyRow(f"QH-T{n:03d}", f"第{n}镇人民政府", "town", "990100", date(2020, 1, 1), short_name=f"第{n}镇")
        for n in range(first, first + number)
    ]
    bodies = org.directory_load(actor=SYSTEM, regions=[region], bodies=rows, now=county.now)
    for row in rows:
        list_id = catalog.list_create(
            actor=SYSTEM, body_id=bodies[row.code], procedure="three-step", template="published-2024", now=county.now
        )
        items = [catalog.NewItem(county.content(f"对第{n}种情形的处罚")) for n in range(2)]
        drafter = Actor(
            user_id=None, name="某镇业务口", body_id=bodies[row.code], roles=frozenset({"drafter"}), scope=EVERYTHING
        )
        catalog.items_create(actor=drafter, list_id=list_id, items=items, now=county.now)
        # Publishing is not what is measured here.
        ItemVersion.objects.filter(item__power_list_id=list_id).update(
            state="published", number=1, valid_from=county.today, published_at=county.now
        )
        ListEdition.objects.create(
            power_list_id=list_id,
            number=1,
            document_number=f"镇政发〔2026〕{row.code}号",
            issued_on=county.today,
            valid_from=county.today,
            item_count=2,
            subitem_count=0,
            digest=row.code,
            digest_algorithm="sha256",
            published_by_name="何明",
            published_at=county.now,
        )


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as found:
        answer = client.get(address)
    assert answer.status_code == 200, address
    return len(found)


@pytest.mark.parametrize("address", ["/lists/", "/public/", "/public/bodies/", "/runs/"])
def test_a_page_of_all_towns_takes_the_same_queries_for_three_and_for_thirty(county, client_of, address) -> None:
    client = client_of("establishment")
    add_towns(county, 1, 3)
    few = queries(client, address)
    add_towns(county, 4, 27)
    assert queries(client, address) == few
