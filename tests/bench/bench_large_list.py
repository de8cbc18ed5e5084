"""一份清单十万项：各页 p95 要多久，查询几次，与一百项的清单相比多少倍。

``python tests/bench/bench_large_list.py [项数] [次数]`` on a SQLite file of its own (PostgreSQL when run through
``tests/postgres.sh``). Goal: p95 of a list page ≤ 300 ms with a number of queries that does not grow with the list. Written
directly into the tables: how items are drafted and published is measured elsewhere, here only how they are read.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

ITEMS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
TIMES = int(sys.argv[2]) if len(sys.argv) > 2 else 20
SMALL, LIMIT_MS = 100, 300
NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)
TODAY = date(2026, 11, 2)
TYPES = ("penalty", "license", "inspection", "confirmation", "coercion")
os.environ["DJANGO_SETTINGS_MODULE"] = "quanze.conf.test"


def main() -> None:
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
        large, small = filled(bodies["L"], ITEMS), filled(bodies["S"], SMALL)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
        load = os.getloadavg()[0]
        _say(
            f"{connection.vendor}：{ITEMS} 项与 {SMALL} 项各一份清单，装入 {time.perf_counter() - began:.0f} 秒；负载 {load:.1f}"
        )
        measure(large, small)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def city() -> dict[str, int]:
    """两个机构：一个清单很长，一个很短。"""
    from django.db import transaction

    from quanze.apps.org import public as org
    from quanze.core.actor import SYSTEM

    regions = [org.RegionRow("990000", "云泽市", "city")]
    rows = [
        org.BodyRow("L", "云泽市综合行政执法局", "government", "990000", date(2020, 1, 1)),
        org.BodyRow("S", "云泽市气象局", "government", "990000", date(2020, 1, 1)),
    ]
    with transaction.atomic():
        return org.directory_load(actor=SYSTEM, regions=regions, bodies=rows, now=NOW)


def filled(body_id: int, size: int) -> int:
    """一份已公布的清单：每百项有一份修改稿，每五十项有一处检查发现，每二十项有一个子项。"""
    from quanze.apps.catalog import public as catalog
    from quanze.apps.catalog.models import ItemVersion, ListEdition, PowerItem, StoredFinding
    from quanze.core.actor import SYSTEM

    list_id = catalog.list_create(
        actor=SYSTEM, body_id=body_id, procedure="three-step", template="published-2024", now=NOW
    )
    items = PowerItem.objects.bulk_create(
        [PowerItem(power_list_id=list_id, code=f"{list_id}-{n:06d}", created_at=NOW, ordinal=n) for n in range(size)],
        batch_size=5000,
    )
    for item in items[1::20]:
        item.parent_id = items[item.ordinal - 1].pk
    PowerItem.objects.bulk_update(items[1::20], ["parent"], batch_size=2000)
    versions = [_version(item, "published") for item in items] + [_version(item, "draft") for item in items[::100]]
    for start in range(0, len(versions), 5000):
        ItemVersion.objects.bulk_create(versions[start : start + 5000], batch_size=500)
    StoredFinding.objects.bulk_create(
        [
            StoredFinding(
                power_list_id=list_id, version=version, code="B201", severity="warning", message="请核对", found_at=NOW
            )
            for version in versions[:size:50]
        ],
        batch_size=5000,
    )
    ListEdition.objects.create(
        power_list_id=list_id,
        number=1,
        document_number=f"云编〔2026〕{list_id}号",
        issued_on=TODAY,
        valid_from=TODAY,
        item_count=size,
        subitem_count=0,
        digest=f"{list_id:064d}",
        digest_algorithm="sha256",
        published_at=NOW,
        published_by_name="装入",
    )
    return list_id


def _version(item: object, state: str) -> object:
    from quanze.apps.catalog.models import ItemVersion

    number = item.ordinal  # type: ignore[attr-defined]
    is_public = state == "published"
    return ItemVersion(
        item=item,
        state=state,
        number=1 if is_public else None,
        valid_from=TODAY if is_public else None,
        published_at=NOW if is_public else None,
        content_hash=f"{number:064d}",
        created_at=NOW,
        updated_at=NOW,
        seq=str(number + 1),
        power_code=f"1100-B-{number:06d}",
        name=f"对第{number}种违反城市管理规定情形的处理",
        node_kind="sub" if number % 20 == 1 else "single",
        power_type=TYPES[number % len(TYPES)],
        exercising_body="云泽市综合行政执法局",
        responsible_body="云泽市综合行政执法局",
        lead_division="执法一科",
        basis_text=f"《城市管理办法》第{number + 1}条：由城市管理部门责令改正，可以处罚款。",
        duty_text="立案责任：依法立案。\n决定责任：依法决定。",
    )


def measure(large: int, small: int) -> None:
    """同一页在大小两份清单上各量一遍。"""
    logging.getLogger("django.request").setLevel(logging.ERROR)
    pages = {
        "在编：第一页": "/lists/{}/",
        "在编：下一页": "/lists/{}/ next",
        "在编：按类型": "/lists/{}/?type=inspection",
        "在编：按文字": "/lists/{}/?q=第9",
        "在编：有检查发现的": "/lists/{}/?finding=warning",
        "在编：没有检查发现的": "/lists/{}/?finding=clean",
        "在编：只看在编": "/lists/{}/?only=changed",
        "现行：第一页": "/lists/{}/in-force/",
        "现行：某日所知": "/lists/{}/in-force/?on=2026-11-03&known=2026-11-04",
        "表格编辑": "/lists/{}/table/",
        "版次": "/lists/{}/editions/",
        "送审": "/lists/{}/submissions/",
        "全部清单": "/lists/",
        "公开：清单": "/public/bodies/{body}/",
        "公开：按类型查": "/public/search/?type=inspection&body={body}",
        "公开：按文字查": "/public/search/?q=第9&body={body}",
        "公开：首页": "/public/",
    }
    _say(f"{'页面':<22}{'查询':>5}{'（小）':>5}{'p50 毫秒':>9}{'p95 毫秒':>9}{'比小清单':>8}")
    lists, worst = ((_drafter("S"), small, "S"), (_drafter("L"), large, "L")), 0.0
    for label, pattern in pages.items():
        found = [_measured(desk, pattern.format(list_id, body=body)) for desk, list_id, body in lists]
        (few, p50_small, _, _), (many, p50, p95, status) = found
        worst = max(worst, p95)
        late = "  超过" if p95 > LIMIT_MS else ""
        _say(f"{label:<22}{many:>5}{few:>5}{p50:>9.0f}{p95:>9.0f}{p50 / p50_small:>8.1f}  {status}{late}")
    _say(f"最慢的 p95：{worst:.0f} 毫秒（目标 ≤ {LIMIT_MS}）；负载 {os.getloadavg()[0]:.1f}")


def _measured(desk: object, address: str) -> tuple[int, float, float, int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    if address.endswith(" next"):
        first = desk.get(address.removesuffix(" next")).content.decode()  # type: ignore[attr-defined]
        cursors = re.findall(r'href="(\?[^"]*cursor=[^"]+)"', first)
        address = address.removesuffix(" next") + cursors[-1].replace("&amp;", "&") if cursors else address[:-5]
    desk.get(address)  # type: ignore[attr-defined]
    with CaptureQueriesContext(connection) as found:
        status = desk.get(address).status_code  # type: ignore[attr-defined]
    queries = len(found)
    times = sorted(_timed(desk, address) for _ in range(TIMES))
    return queries, times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.95))], status


def _timed(desk: object, address: str) -> float:
    from quanze.base.web.models import RequestBucket

    RequestBucket.objects.all().delete()  # the pace of visitors is not what is measured
    began = time.perf_counter()
    desk.get(address)  # type: ignore[attr-defined]
    return (time.perf_counter() - began) * 1000


def _drafter(body_code: str) -> object:
    """某机构的起草人。"""
    from django.test import Client

    from quanze.apps.org import public as org
    from quanze.base.iam.models import User
    from quanze.core.actor import SYSTEM

    user = User(username=f"drafter-{body_code}", full_name="业务口", created_at=NOW)
    user.save()
    org.appointment_make(
        actor=SYSTEM,
        user_id=user.pk,
        body_id=org.bodies_by_codes([body_code])[body_code].id,
        roles=("drafter",),
        post="业务口",
        valid_from=date(2020, 1, 1),
        now=NOW,
    )
    desk = Client()
    desk.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return desk


if __name__ == "__main__":
    main()
