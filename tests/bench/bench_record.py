"""一百万条记录：各种查找的首页要多久，核验每秒多少条。

``python tests/bench/bench_record.py [记录数]`` on a database of its own (SQLite in a temporary folder; PostgreSQL when run
through ``tests/postgres.sh``). Goal: every first page ≤ 300 ms. Prints the load of the machine beside every figure.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

RECORDS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
LIMIT_MS = 300
START = datetime(2023, 1, 1, tzinfo=UTC)
os.environ["DJANGO_SETTINGS_MODULE"] = "quanze.conf.test"


def main() -> None:
    from quanze.conf import test as settings
    from quanze.conf.base import sqlite

    with tempfile.TemporaryDirectory() as folder:
        is_postgres = os.environ.get("QUANZE_TEST_DATABASE") == "postgres"
        if is_postgres:
            settings.DATABASES["default"]["NAME"] = "postgres"
        else:
            settings.DATABASES = {"default": sqlite(Path(folder) / "bench.sqlite3")}
        settings.QUANZE_ANCHOR_DIR = Path(folder) / "anchors"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", "audit", verbosity=0)
        timed("造数", build, RECORDS)
        measure()


def build() -> None:
    """直接写入：60 个机构、3,000 人、40 种动作、20 万个客体，四年。"""
    from django.db import connection

    series = (
        f"SELECT n FROM generate_series(1, {RECORDS}) AS n"
        if connection.vendor == "postgresql"
        else f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {RECORDS}) SELECT n FROM s"
    )
    step = 4 * 365 * 86_400 // RECORDS or 1
    at = (
        f"timestamptz '2023-01-01 00:00:00+00' + n * interval '{step} seconds'"
        if connection.vendor == "postgresql"
        else f"datetime('2023-01-01 00:00:00', '+' || (n * {step}) || ' seconds')"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_factrecord (at, recorded_at, action, actor_user_id, actor_name, actor_body_id,"
            " actor_body_name, actor_post, actor_roles, subject_kind, subject_id, subject_label, body_id, before, after,"
            " reason, source, request_id, on_behalf_of, client_address, versions) SELECT "
            f"{at}, {at}, 'bench.action.' || (n % 40), n % 3000, '人员' || (n % 3000), n % 60, '机构' || (n % 60),"
            " '法规科科员', 'drafter', 'bench.kind' || (n % 12), CAST(n % 200000 AS text),"
            " '对第' || (n % 200000) || '类违法行为的处罚', n % 60, '{\"due\":20}', '{\"due\":15}',"
            " CASE WHEN n % 50000 = 0 THEN '依据修订后的办法压缩时限' ELSE '例行更新' END, 'web', 'r' || n, '', '10.0.0.1', ''"
            f" FROM ({series}) AS numbers"
        )
        cursor.execute("ANALYZE" if connection.vendor == "postgresql" else "ANALYZE audit_factrecord")


def measure() -> None:
    from quanze.base.audit import public as audit
    from quanze.base.audit.searching import index_pending
    from quanze.core.actor import EVERYTHING, Scope

    now = datetime.now(UTC)
    timed("封存", lambda: audit.seal_pending(now), RECORDS)
    audit.anchor(now)
    timed("文字索引", lambda: index_pending(now), RECORDS)
    timed("核验", audit.verify, RECORDS)
    subtree = Scope(frozenset(range(10, 50)))
    own = Scope(frozenset({7}))
    middle = START + timedelta(days=700)
    wanted: dict[str, dict[str, object]] = {
        "无条件": {},
        "本机构": {"scope": own},
        "四十个机构": {"scope": subtree},
        "行为人": {"actor_name": "人员77"},
        "行为人编号": {"actor_user_id": 77},
        "机构": {"body_id": 30},
        "动作": {"action": "bench.action.7"},
        "客体种类": {"subject_kind": "bench.kind5"},
        "客体": {"subject_kind": "bench.kind5", "subject_id": "12341"},
        "时间": {"since": middle, "until": middle + timedelta(days=3)},
        "文字（少见）": {"text": "修订后"},
        "文字（常见）": {"text": "违法行为"},
        "文字（没有）": {"text": "不存在的字"},
        "行为人、动作、时间": {"actor_name": "人员77", "action": "bench.action.37", "since": middle},
        "机构、动作": {"body_id": 30, "action": "bench.action.10"},
        "文字、机构": {"text": "修订后", "body_id": 20},
        "四十个机构、动作": {"scope": subtree, "action": "bench.action.7"},
        "没有的人": {"actor_name": "查无此人"},
    }
    slow = [label for label, given in wanted.items() if not _first_page(label, {"scope": EVERYTHING, **given})]
    if slow:
        raise SystemExit(f"超过 {LIMIT_MS} 毫秒：{'、'.join(slow)}")


def _first_page(label: str, given: dict[str, object]) -> bool:
    """首页，取三次中最快的一次。

    SQLite runs inside the process: where others keep the machine busy, the time of the processor is what counts.
    """
    from quanze.base.audit import public as audit

    best, least, rows = float("inf"), float("inf"), 0
    for _ in range(3):
        began, worked = time.perf_counter(), time.process_time()
        page = audit.facts(**given)  # type: ignore[arg-type]
        best = min(best, (time.perf_counter() - began) * 1000)
        least = min(least, (time.process_time() - worked) * 1000)
        rows = len(page.rows)
    load = os.getloadavg()[0]
    sys.stdout.write(f"{label}：首页 {rows} 条，{best:.1f} 毫秒，处理器 {least:.1f} 毫秒（负载 {load:.1f}）\n")
    sys.stdout.flush()
    is_busy = load > 2 * (os.cpu_count() or 1)
    is_sqlite = os.environ.get("QUANZE_TEST_DATABASE") != "postgres"
    return (least if is_busy and is_sqlite else best) <= LIMIT_MS


def timed(label: str, work: Callable[[], object], count: int) -> None:
    began, worked = time.perf_counter(), time.process_time()
    work()
    seconds, processor = time.perf_counter() - began, time.process_time() - worked
    sys.stdout.write(
        f"{label}：{count:,} 条，{seconds:.1f} 秒，每秒 {count / seconds:,.0f} 条；"
        f"处理器每秒 {count / max(processor, 1e-9):,.0f} 条（负载 {os.getloadavg()[0]:.1f}）\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
