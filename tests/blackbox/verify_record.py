"""记录仪黑盒检查的两端：``prepare 文件夹`` 造一份已封存并下锚的记录，``verify 文件夹 数据库`` 严格核验某一份副本，
``sample 文件夹 次数`` 在同一进程里逐次篡改、核验、撤回（T1），并量核验的速度（T2）。
"""

from __future__ import annotations

import os
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

RECORDS = 2_500
os.environ["DJANGO_SETTINGS_MODULE"] = "quanze.conf.test"


def main(command: str, folder: Path, database: Path) -> int:
    from quanze.conf import test as settings
    from quanze.conf.base import sqlite

    settings.DATABASES = {"default": sqlite(database)}
    settings.QUANZE_ANCHOR_DIR = folder / "anchors"
    import django

    django.setup()
    if command == "sample":
        return sample(int(sys.argv[3]))
    return prepare() if command == "prepare" else verify()


def sample(times: int) -> int:
    """T1：随机一行随机一列改一个字符，夹以删除、调换、重放、截尾；T2：核验速度。"""
    from django.db import connection, transaction

    from quanze.base.audit import public as audit
    from quanze.base.audit.logs import FACTS
    from quanze.base.audit.triggers import drop_triggers

    chance = random.Random(20261122)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM audit_factrecord ORDER BY id")
        ids = [row[0] for row in cursor.fetchall()]
    columns = ", ".join(FACTS.columns[1:])

    def change() -> None:
        name, row_id = chance.choice(FACTS.columns[1:]), chance.choice(ids)
        cursor.execute(f'SELECT "{name}" FROM audit_factrecord WHERE id = %s', [row_id])
        cursor.execute(
            f'UPDATE audit_factrecord SET "{name}" = %s WHERE id = %s', [_flipped(cursor.fetchone()[0]), row_id]
        )

    def delete() -> None:
        cursor.execute("DELETE FROM audit_factrecord WHERE id = %s", [chance.choice(ids)])

    def swap() -> None:
        one, two = chance.sample(ids, 2)
        for old, new in ((one, -1), (two, one), (-1, two)):
            cursor.execute("UPDATE audit_factrecord SET id = %s WHERE id = %s", [new, old])

    def replay() -> None:
        cursor.execute(
            f"INSERT INTO audit_factrecord ({columns}) SELECT {columns} FROM audit_factrecord WHERE id = %s",
            [chance.choice(ids)],
        )

    def truncate() -> None:
        last = chance.choice(ids)
        cursor.execute("DELETE FROM audit_factrecord WHERE id >= %s", [last])
        cursor.execute("DELETE FROM audit_seal WHERE log = 'fact' AND to_id >= %s", [last])

    found = 0
    kinds = [change] * max(1, times - 40) + [delete, swap, replay, truncate] * 10
    with connection.cursor() as cursor:
        for damage in kinds:
            with transaction.atomic():
                drop_triggers(connection)
                damage()
                report = audit.verify()
                found += not report.is_sound
                transaction.set_rollback(True)
    sys.stdout.write(
        f"FIGURE T1 篡改 {len(kinds)} 次（改一字 {len(kinds) - 40}，删除、调换、重放、截尾各 10），发现 {found} 次\n"
    )
    speeds = []
    for _ in range(5):
        began, worked = time.perf_counter(), time.process_time()
        sound = audit.verify().is_sound
        speeds.append((RECORDS / (time.perf_counter() - began), RECORDS / (time.process_time() - worked)))
    wall, processor = max(one for one, _ in speeds), max(one for _, one in speeds)
    load = os.getloadavg()[0]
    sys.stdout.write(f"FIGURE T2 核验每秒 {wall:,.0f} 条，按处理器时间 {processor:,.0f} 条（负载 {load:.1f}）\n")
    return 0 if sound and found == len(kinds) else 1


def _flipped(value: object) -> object:
    """只差一个字符或一个比特的另一个值。"""
    if value is None:
        return 1
    if isinstance(value, int):
        return value ^ 1
    if isinstance(value, datetime):
        return value.replace(microsecond=value.microsecond ^ 1)
    text = str(value)
    return f"{text[:-1]}{chr(ord(text[-1]) ^ 1)}" if text else "x"


def verify() -> int:
    from quanze.base.audit import public as audit

    return 0 if audit.verify().is_complete else 1


def prepare() -> int:
    from django.core.management import call_command
    from django.db import transaction

    from quanze.base.audit import public as audit
    from quanze.core.actor import Actor

    call_command("migrate", "audit", verbosity=0)
    audit.register_action("blackbox.thing.changed", "改动测试对象")
    actor = Actor(7, "王芳", 3, "统计局", "法规科科长", frozenset({"drafter"}))
    with transaction.atomic():
        audit.record_many(
            actor=actor,
            action="blackbox.thing.changed",
            changes=[
                audit.Change(audit.SubjectRef("item", number, f"事项{number}", 3), {"due": 20}, {"due": 15}, "压缩时限")
                for number in range(RECORDS)
            ],
            now=datetime.now(UTC),
        )
    audit.seal_pending(datetime.now(UTC))
    audit.anchor(datetime.now(UTC))
    return verify()


if __name__ == "__main__":
    home = Path(sys.argv[2])
    other = len(sys.argv) > 3 and sys.argv[1] == "verify"
    sys.exit(main(sys.argv[1], home, Path(sys.argv[3]) if other else home / "record.sqlite3"))
