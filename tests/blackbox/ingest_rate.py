"""接口报送的速度（I1），与同机同次裸库写入相比；``--report 文件`` 把 kill9_ingest 的结果写成 I3 一行。"""

from __future__ import annotations

import http.client
import json
import sqlite3
import sys
import tempfile
import threading
import time
import urllib.parse
import uuid
from pathlib import Path

BATCH, SENDERS = 1000, 2


def main(base: str, token: str, item: str, database: str, batches: int) -> int:
    address = urllib.parse.urlsplit(base)
    bodies = [_body(item) for _ in range(batches)]
    refused: list[str] = []

    def send(mine: list[bytes]) -> None:
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=120)
        for body in mine:
            headers = {
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "Idempotency-Key": str(uuid.uuid4()),
            }
            connection.request("POST", "/api/v1/events", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 201:
                refused.append(f"{answer.status} {text[:300]!r}")
                return

    send([_body(item)])
    began = time.monotonic()
    threads = [threading.Thread(target=send, args=(bodies[n::SENDERS],)) for n in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = batches * BATCH / (time.monotonic() - began)
    bare = bare_rate()
    share = f"，裸 SQLite {bare:,.0f} 条/秒的 {rate / bare:.1%}"
    sys.stdout.write(
        f"FIGURE I1 {database} 每批 {BATCH} 条：{rate:,.0f} 条/秒{share}（目标 5,000，PostgreSQL 8,000）\n"
    )
    for line in refused[:3]:
        sys.stdout.write(f"I1 被拒：{line}\n")
    return 1 if refused else 0


def _body(item: str) -> bytes:
    events = [
        {
            "event_id": (number := uuid.uuid4().hex),
            "case_id": number,
            "step_no": 1,
            "step_code": "受理",
            "item_code": item,
            "body_code": "QH-NY",
            "occurred_at": "2026-11-03T09:30:00+08:00",
        }
        for _ in range(BATCH)
    ]
    return json.dumps({"events": events}).encode()


def bare_rate(seconds: float = 2.0) -> float:
    """裸库：同样的批量，唯一键，每批一次落盘。"""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "bare.sqlite3", isolation_level=None)
        connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE e(id TEXT UNIQUE, body TEXT)"
        )
        began, rows = time.monotonic(), 0
        while time.monotonic() - began < seconds:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO e VALUES(?, ?)", [(uuid.uuid4().hex, "x" * 120) for _ in range(BATCH)])
            connection.execute("COMMIT")
            rows += BATCH
        return rows / (time.monotonic() - began)


def report(path: Path, database: str) -> int:
    found = json.loads(next(line for line in path.read_text().splitlines() if line.startswith("{")))
    sys.stdout.write(
        f"FIGURE I3 {database} 接口：SIGKILL {found['kills']} 次，确认 {found['acked_events']:,} 条，"
        f"丢失 {found['lost']}，重复 {found['twice']}，半批 {found['partial_batches']}，凭空 {found['phantom']}；"
        f"恢复中位 {found['recovery_s']['p50']} 秒、最长 {found['recovery_s']['max']} 秒（目标 p95 ≤ 5 秒）\n"
    )
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "--report":
        sys.exit(report(Path(sys.argv[2]), sys.argv[3]))
    sys.exit(main(*sys.argv[1:5], int(sys.argv[5])))
