"""一份关联清单十万条：条目页与同步情况页 p95 要多久，查询几次，与一百条的清单相比多少倍。

``python tests/bench/bench_derived_list.py [条数] [次数]`` on a SQLite file of its own (PostgreSQL when run through
``tests/postgres.sh``). Goal: p95 ≤ 300 ms with a number of queries that does not grow with the list. Written directly into the
tables: here only how entries are read is measured.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bench_large_list as large_list
from bench_large_list import NOW, TIMES, TODAY, TYPES, _drafter, _measured, _say, city

ENTRIES = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
SMALL, LIMIT_MS, PER_ITEM = 100, 300, 10
PAGES = {
    "条目：第一页": "/lists/derived/{}/",
    "条目：下一页": "/lists/derived/{}/ next",
    "条目：只看现行": "/lists/derived/{}/?view=in_force",
    "条目：只看在编": "/lists/derived/{}/?view=draft",
    "条目：只看已终止": "/lists/derived/{}/?view=ended",
    "条目：按职权类型": "/lists/derived/{}/?type=inspection",
    "条目：按名称": "/lists/derived/{}/?q=第9",
    "条目：按所据事项": "/lists/derived/{}/?source=第9",
    "条目：有不同步": "/lists/derived/{}/?sync=any",
    "条目：按情形": "/lists/derived/{}/?sync=source_ended",
    "同步情况": "/lists/derived/{}/drift/",
    "同步情况：按情形": "/lists/derived/{}/drift/?kind=source_ended",
    "版次": "/lists/derived/{}/editions/",
    "总览": "/lists/derived/",
    "接口：条目": "/api/v1/work/derived/lists/{}/entries",
}


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "quanze.conf.test"
    from quanze.conf import test as settings
    from quanze.conf.base import sqlite

    with tempfile.TemporaryDirectory() as folder:
        if os.environ.get("QUANZE_TEST_DATABASE") == "postgres":
            settings.DATABASES["default"]["NAME"] = "postgres"
        else:
            settings.DATABASES = {"default": sqlite(Path(folder) / "bench.sqlite3")}
        settings.QUANZE_WAREHOUSE_DIR = Path(folder) / "warehouse"
        settings.QUANZE_ANCHOR_DIR = Path(folder) / "anchors"
        settings.ALLOWED_HOSTS = ["*"]
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        bodies = city()
        began = time.perf_counter()
        large, small = filled(bodies["L"], ENTRIES), filled(bodies["S"], SMALL)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
        took = time.perf_counter() - began
        _say(f"{connection.vendor}：{ENTRIES} 条与 {SMALL} 条各一份，装入 {took:.0f} 秒；负载 {os.getloadavg()[0]:.1f}")
        measure(large, small)


def filled(body_id: int, size: int) -> int:
    """一份实施清单：每十条同一事项的情形，每百条有一份修改稿，每两百条有一处不同步，每五十条已终止。"""
    from quanze.apps.catalog.models import (
        DerivedEntry,
        DerivedEntryVersion,
        DerivedList,
        DriftCount,
        DriftFinding,
        EntryReference,
        ItemVersion,
    )

    large_list.TYPES = TYPES
    power_list = large_list.filled(body_id, max(1, size // PER_ITEM))
    items = list(ItemVersion.objects.filter(item__power_list=power_list, state="published").order_by("id"))
    derived = DerivedList.objects.create(body_id=body_id, list_type="ZWFW", created_at=NOW)
    entries = DerivedEntry.objects.bulk_create(
        [
            DerivedEntry(
                derived_list=derived,
                code=f"ZWFW-{body_id}-{n:06d}",
                subject_item_id=items[n // PER_ITEM].item_id,
                variant=f"情形{n % PER_ITEM}",
                ordinal=n,
                created_at=NOW,
            )
            for n in range(size)
        ],
        batch_size=2000,
    )
    versions = [_version(entry, items, "published") for entry in entries]
    versions += [_version(entry, items, "draft") for entry in entries[::100]]
    DerivedEntryVersion.objects.bulk_create(versions, batch_size=1000)
    EntryReference.objects.bulk_create(
        [EntryReference(version=one, ordinal=0, item_version_id=one.item_version_id) for one in versions],
        batch_size=2000,
    )
    DriftFinding.objects.bulk_create(
        [
            DriftFinding(
                derived_list=derived,
                entry=entry,
                kind="source_ended",
                name=f"第{entry.ordinal}条",
                message="所据事项已失效",
                source_kind="item",
                source_id=entry.subject_item_id,
                found_on=TODAY,
            )
            for entry in entries[::200]
        ]
    )
    DriftCount.objects.create(
        derived_list=derived, counted_on=TODAY, entries=size, drifting=size // 200, missing=0, counted_at=NOW
    )
    return derived.pk


def _version(entry: object, items: list, state: str) -> object:
    from quanze.apps.catalog.models import DerivedEntryVersion

    number = entry.ordinal  # type: ignore[attr-defined]
    is_public = state == "published"
    return DerivedEntryVersion(
        entry=entry,
        state=state,
        number=1 if is_public else None,
        name="",
        content={"promised_limit_days": 10, "materials": ["申请表", "身份证明"]},
        content_hash=f"{number:064d}",
        item_version=items[number // PER_ITEM],
        valid_from=TODAY if is_public else None,
        valid_to=TODAY if is_public and number % 50 == 1 else None,
        published_at=NOW if is_public else None,
        created_at=NOW,
        updated_at=NOW,
    )


def measure(large: int, small: int) -> None:
    """同一页在大小两份清单上各量一遍。"""
    _say(f"{'页面':<22}{'查询':>5}{'（小）':>5}{'p50 毫秒':>9}{'p95 毫秒':>9}{'比小清单':>8}")
    logging.getLogger("django.request").setLevel(logging.ERROR)
    desks, worst = ((_drafter("S"), small), (_drafter("L"), large)), 0.0
    for label, pattern in PAGES.items():
        found = [_measured(desk, pattern.format(list_id)) for desk, list_id in desks]
        (few, p50_small, _, _), (many, p50, p95, status) = found
        worst = max(worst, p95)
        late = "  超过" if p95 > LIMIT_MS else ""
        _say(f"{label:<22}{many:>5}{few:>5}{p50:>9.0f}{p95:>9.0f}{p50 / p50_small:>8.1f}  {status}{late}")
    _say(f"最慢的 p95：{worst:.0f} 毫秒（目标 ≤ {LIMIT_MS}，各 {TIMES} 次）；负载 {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
