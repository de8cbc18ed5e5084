"""记录仪的速度：写入、封存、核验每秒多少条。

``python tests/bench/bench_audit.py [记录数]`` on a SQLite file of its own. Goal: verification of 100,000 records a second.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

RECORDS = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
os.environ["DJANGO_SETTINGS_MODULE"] = "quanze.conf.test"


def main() -> None:
    from quanze.conf import test as settings
    from quanze.conf.base import sqlite

    with tempfile.TemporaryDirectory() as folder:
        settings.DATABASES = {"default": sqlite(Path(folder) / "bench.sqlite3")}
        settings.QUANZE_ANCHOR_DIR = Path(folder) / "anchors"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", "audit", verbosity=0)
        measure()


def measure() -> None:
    from quanze.base.audit import public as audit

    audit.register_action("bench.thing.changed", "改动测试对象")
    timed("写入（每批 1,000 条）", write)
    timed("封存", lambda: audit.seal_pending(datetime.now(UTC)))
    audit.anchor(datetime.now(UTC))
    for _ in range(3):
        timed("核验", lambda: audit.verify().records)
    report = audit.verify()
    if not report.is_complete or report.records != RECORDS:
        raise SystemExit("核验结果不对")


def write() -> int:
    from django.db import transaction

    from quanze.base.audit import public as audit
    from quanze.core.actor import Actor

    actor = Actor(7, "王芳", 3, "统计局", "法规科科长", frozenset({"drafter", "legal_section"}))
    for start in range(0, RECORDS, 1000):
        changes = [
            audit.Change(
                audit.SubjectRef("item", number, f"对统计违法行为的处罚（{number}）", 3),
                before={"name": "旧名称", "due": 20},
                after={"name": "新名称", "due": 15},
                reason="压缩时限",
            )
            for number in range(start, min(start + 1000, RECORDS))
        ]
        with transaction.atomic():
            audit.record_many(actor=actor, action="bench.thing.changed", changes=changes, now=datetime.now(UTC))
    return RECORDS


def timed(label: str, work: Callable[[], int]) -> None:
    began, worked = time.perf_counter(), time.process_time()
    count = work()
    seconds, processor = time.perf_counter() - began, time.process_time() - worked
    sys.stdout.write(
        f"{label}：{count} 条，{seconds:.2f} 秒，每秒 {count / seconds:,.0f} 条；"
        f"处理器 {processor:.2f} 秒，每秒 {count / processor:,.0f} 条（负载 {os.getloadavg()[0]:.1f}）\n"
    )


if __name__ == "__main__":
    main()
