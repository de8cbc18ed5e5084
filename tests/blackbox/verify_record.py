"""记录仪黑盒检查的两端：``prepare 文件夹`` 造一份已封存并下锚的记录，``verify 文件夹 数据库`` 严格核验某一份副本。"""

from __future__ import annotations

import os
import sys
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
    return prepare() if command == "prepare" else verify()


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
    sys.exit(main(sys.argv[1], home, Path(sys.argv[3]) if len(sys.argv) > 3 else home / "record.sqlite3"))
