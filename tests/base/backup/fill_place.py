"""在数据目录里建一处有内容的安装：``rows N`` 装入并封存，``write FILE`` 不停地写，把已确认的编号记进文件。"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from quanze.base.audit import public as audit  # noqa: E402
from quanze.base.files import public as files  # noqa: E402
from quanze.base.jobs import public as jobs  # noqa: E402
from quanze.core.actor import SYSTEM  # noqa: E402

files.register_purpose("backup_test", "测试文件")


def one(number: int) -> int:
    """一笔写入：文件落盘、文件行与事实记录。"""
    stored = files.store(
        data=f"编号,内容\n{number},=1+1\n".encode(),
        name=f"第{number}份“佐证”.csv",
        body_id=None,
        actor=SYSTEM,
        purpose="backup_test",
        now=timezone.now(),
    )
    return stored.id


@jobs.job_handler("backup.test")
def _nothing(context: jobs.JobContext, **payload: object) -> None:
    return None


def rows(count: int) -> None:
    call_command("migrate", verbosity=0, interactive=False)
    now = timezone.now()
    for number in range(count):
        one(number)
    # JSON with keys out of order, a large number and every kind of quote; ids whose highest row is gone.
    kept = jobs.enqueue(
        kind="backup.test",
        payload={"z": 1, "a": [1.5, 1e20, None, True], "引号": "“\"'\\\n\t\u2028😀"},
        actor=SYSTEM,
        label="留下的",
        now=now,
    )
    gone = jobs.enqueue(kind="backup.test", payload={}, actor=SYSTEM, label="删去的", now=now + timedelta(days=1))
    from quanze.base.jobs.models import Job

    Job.objects.filter(pk=gone).delete()
    assert gone == kept + 1
    audit.seal_pending(timezone.now())
    audit.anchor(timezone.now())
    one(count)  # after the last seal


def write(log: Path) -> None:
    with log.open("a", encoding="utf-8", buffering=1) as out:
        number = 1_000
        while True:
            out.write(f"{one(number)}\n")
            number += 1
            if number % 7 == 0:
                audit.seal_pending(timezone.now())
                audit.anchor(timezone.now())


if __name__ == "__main__":
    if sys.argv[1] == "rows":
        rows(int(sys.argv[2]))
    else:
        write(Path(sys.argv[2]))
