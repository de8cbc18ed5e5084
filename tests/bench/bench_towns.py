"""全市 118 个乡镇（街道）、每份清单 130 至 230 项：列表页有多快，与最空的一页相比多少倍。

``python tests/bench/bench_towns.py [乡镇数] [次数]`` on a SQLite file of its own. Goal (H-04): p95 of a list page below one
second. Published directly in the tables: how a list is published is measured elsewhere, here only how it is read.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

TOWNS = int(sys.argv[1]) if len(sys.argv) > 1 else 118
TIMES = int(sys.argv[2]) if len(sys.argv) > 2 else 40
SMALLEST, LARGEST = 130, 230
NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)
TODAY = date(2026, 11, 2)
os.environ["DJANGO_SETTINGS_MODULE"] = "quanze.conf.test"


def main() -> None:
    from quanze.conf import test as settings
    from quanze.conf.base import sqlite

    with tempfile.TemporaryDirectory() as folder:
        settings.DATABASES = {"default": sqlite(Path(folder) / "bench.sqlite3")}
        settings.QUANZE_WAREHOUSE_DIR = Path(folder) / "warehouse"
        settings.QUANZE_ANCHOR_DIR = Path(folder) / "anchors"
        settings.ALLOWED_HOSTS = ["*"]
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        began = time.perf_counter()
        items = world()
        _say(f"{TOWNS} 个乡镇，{items} 项，装入 {time.perf_counter() - began:.0f} 秒；负载 {os.getloadavg()[0]:.1f}")
        measure()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def sizes() -> Iterator[int]:
    """各镇的项数，130 至 230 之间均匀分布，确定。"""
    for number in range(TOWNS):
        yield SMALLEST + number * 37 % (LARGEST - SMALLEST + 1)


def world() -> int:
    """名录、账号、清单与事项；返回项数。"""
    from django.db import transaction

    from quanze.apps.catalog import public as catalog
    from quanze.apps.catalog.models import ItemVersion, ListEdition
    from quanze.apps.org import public as org
    from quanze.core.actor import EVERYTHING, SYSTEM, Actor

    regions = [org.RegionRow("990000", "云泽市", "city")]
    regions += [org.RegionRow(f"9901{n:02d}", f"第{n}县", "county", "990000") for n in range(1, 11)]
    rows = [
        org.BodyRow(f"T{n:03d}", f"第{n}镇人民政府", "town", f"9901{n % 10 + 1:02d}", date(2020, 1, 1))
        for n in range(1, TOWNS + 1)
    ]
    rows.append(org.BodyRow("BB", "云泽市委编办", "party", "990000", date(2020, 1, 1)))
    with transaction.atomic():
        bodies = org.directory_load(actor=SYSTEM, regions=regions, bodies=rows, now=NOW)
        total = 0
        for number, (row, size) in enumerate(zip(rows, sizes(), strict=False)):
            list_id = catalog.list_create(
                actor=SYSTEM, body_id=bodies[row.code], procedure="three-step", template="published-2024", now=NOW
            )
            made = [catalog.NewItem(_content(number, n)) for n in range(size)]
            drafter = Actor(
                user_id=None, name="业务口", body_id=bodies[row.code], roles=frozenset({"drafter"}), scope=EVERYTHING
            )
            catalog.items_create(actor=drafter, list_id=list_id, items=made, now=NOW)
            ItemVersion.objects.filter(item__power_list_id=list_id).update(
                state="published", number=1, valid_from=TODAY, published_at=NOW
            )
            ListEdition.objects.create(
                power_list_id=list_id,
                number=1,
                document_number=f"镇政发〔2026〕{number}号",
                issued_on=TODAY,
                valid_from=TODAY,
                item_count=size,
                subitem_count=0,
                digest=f"{number:064d}",
                digest_algorithm="sha256",
                published_at=NOW,
                published_by_name="装入",
            )
            total += size
    return total


def _content(town: int, number: int) -> object:
    from quanze.apps.catalog import public as catalog

    return catalog.ItemContent(
        name=f"对第{number}种违反镇村管理规定情形的处罚",
        power_type="penalty",
        exercising_body=f"第{town + 1}镇人民政府",
        lead_division="综合行政执法队",
        basis_text=f"《镇村管理办法》第{number + 1}条：由乡镇人民政府责令改正，可以处罚款。",
        duty_text="立案责任：依法立案。\n决定责任：依法决定。",
    )


def measure() -> None:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from quanze.apps.catalog.models import PowerList
    from quanze.base.iam.models import User

    user = User(username="office", full_name="编办", created_at=NOW)
    user.save()
    desk = Client()
    office = _office(user, desk)
    list_id = PowerList.objects.order_by("id").first().pk
    pages = {
        "最空的一页（公开站点 404）": (Client(), "/public/items/none/"),
        "公开：首页": (Client(), "/public/"),
        "公开：全部单位": (Client(), "/public/bodies/"),
        "公开：一镇清单": (Client(), "/public/bodies/T001/"),
        "公开：按类型查": (Client(), "/public/search/?type=penalty"),
    }
    if office:
        pages |= {
            "工作台：全部清单": (desk, "/lists/"),
            "工作台：一镇清单": (desk, f"/lists/{list_id}/"),
            "工作台：运行概览": (desk, "/runs/"),
        }
    base = None
    _say(f"{'页面':<24}{'查询':>6}{'p50 毫秒':>10}{'p95 毫秒':>10}{'倍数':>8}")
    for label, (client, address) in pages.items():
        client.get(address)
        with CaptureQueriesContext(connection) as found:
            status = client.get(address).status_code
        queries = len(found)  # the log is emptied by the next request
        times = sorted(_timed(client, address) for _ in range(TIMES))
        p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
        base = base or p50
        _say(f"{label:<24}{queries:>6}{p50 * 1000:>10.0f}{p95 * 1000:>10.0f}{p50 / base:>8.1f}  {status}")
    _say(f"负载 {os.getloadavg()[0]:.1f}")


def _timed(client: object, address: str) -> float:
    from quanze.base.web.models import RequestBucket

    RequestBucket.objects.all().delete()  # the pace of visitors is not what is measured
    began = time.perf_counter()
    client.get(address)  # type: ignore[attr-defined]
    return time.perf_counter() - began


def _office(user: object, desk: object) -> bool:
    """编办的一个账号，看得见全市。"""
    from quanze.apps.org import public as org
    from quanze.core.actor import SYSTEM

    org.appointment_make(
        actor=SYSTEM,
        user_id=user.pk,  # type: ignore[attr-defined]
        body_id=org.bodies_by_codes(["BB"])["BB"].id,
        roles=("establishment",),
        post="体制改革科科长",
        scope_kind="all",
        valid_from=date(2020, 1, 1),
        now=NOW,
    )
    desk.force_login(user, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[attr-defined]
    return True


if __name__ == "__main__":
    main()
