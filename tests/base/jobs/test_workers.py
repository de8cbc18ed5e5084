"""Several workers, some of them killed: every job is done, every effect happens once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from quanze.conf.base import sqlite

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
SCRIPT = Path(__file__).parent / "worker_process.py"
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """启动一个子进程命令；SQLite 用临时文件库，PostgreSQL 用测试库。"""
    if connection.vendor == "postgresql":
        kept = ("ENGINE", "NAME", "USER", "HOST", "PORT")
        database = {key: value for key, value in connection.settings_dict.items() if key in kept}
    else:
        database = sqlite(tmp_path / "jobs.sqlite3")
    source = Path(__file__).parents[3] / "src"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(source), *sys.path])}

    def run(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(SCRIPT), json.dumps(database), *arguments]
        return subprocess.Popen(
            command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )

    if connection.vendor != "postgresql":
        finish(run("migrate"))
    return run


def finish(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


def report(start: Start) -> dict[str, Any]:
    return json.loads(finish(start("report")))


def test_each_job_has_one_winner_among_three_workers(start):
    finish(start("enqueue", "race.count", "30"))

    for worker in [start("work", "once") for _ in range(3)]:
        finish(worker)

    seen = report(start)
    assert [job["state"] for job in seen["jobs"]] == ["done"] * 30
    assert [job["attempt"] for job in seen["jobs"]] == [1] * 30
    assert seen["effects"] == [[mark, "做了一次"] for mark in range(30)]


def test_a_killed_worker_s_job_goes_on_from_its_checkpoint_and_nothing_happens_twice(start):
    finish(start("enqueue", "race.steps", "1", '{"size": 1000}'))

    for kill_at in (20, 60):
        victim = start("work", "forever")
        assert victim.stdout is not None
        assert any(line == f"{kill_at}\n" for line in victim.stdout)
        os.kill(victim.pid, signal.SIGKILL)
        victim.communicate(timeout=10)
        assert report(start)["jobs"][0]["state"] == "running"
        time.sleep(2.1)  # the lease of the test is two seconds
    finish(start("work", "once"))

    seen = report(start)
    assert seen["jobs"] == [{"state": "done", "attempt": 3, "done": 1000, "result": {"attempt": 3}}]
    assert sorted(int(text) for _, text in seen["effects"]) == list(range(1000))
