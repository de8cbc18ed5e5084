"""起动与结束：端口被占说清楚，一个子进程没了另一个也结束，收到信号干净结束。"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from pathlib import Path

import pytest

from quanze.core.errors import InvalidInput
from quanze.portal import running

LIVES = [sys.executable, "-c", "import time; time.sleep(60)"]
DIES = [sys.executable, "-c", "import time; time.sleep(0.3); raise SystemExit(7)"]


@pytest.fixture
def served(monkeypatch, capsys):
    """以所给的两个命令代替网页服务与后台任务，真的起动进程。"""

    def serve(web: list[str], worker: list[str]) -> tuple[int, str, tuple[running.Child, ...]]:
        children = (running.Child("网页服务", web), running.Child("后台任务", worker))
        monkeypatch.setattr(running, "prepare", lambda **_: False)
        monkeypatch.setattr(running, "children", lambda port, threads: children)
        monkeypatch.setattr(running, "is_answering", lambda port: True)
        said: list[str] = []
        code = running.serve(port=0, threads=1, say=said.append)
        return code, "\n".join(said), children

    return serve


def test_a_busy_port_is_named_with_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InvalidInput) as refused:
            running.port_for(port)
    assert refused.value.code == "port_in_use"
    assert f"端口 {port} 已被占用" in refused.value.message
    assert f"make run PORT={port + 1}" in refused.value.hint


def test_any_free_port_is_taken_for_zero() -> None:
    assert running.port_for(0) > 0


def test_a_crashed_worker_ends_the_web_service_and_says_which(served) -> None:
    code, said, children = served(LIVES, DIES)
    assert code == 1
    assert "后台任务意外退出（退出码 7）" in said
    assert all(child.exit_code is not None for child in children)


def test_a_crashed_web_service_ends_all(served) -> None:
    code, said, children = served(DIES, LIVES)
    assert code == 1
    assert "网页服务意外退出（退出码 7）" in said
    assert all(child.exit_code is not None or child.process is None for child in children)


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_ends_both(served, number: int, expected: int) -> None:
    threading.Timer(1.0, os.kill, (os.getpid(), number)).start()
    code, said, children = served(LIVES, LIVES)
    assert code == expected
    assert said.splitlines()[-1] == "已结束"
    assert all(child.exit_code is not None for child in children)
    assert signal.getsignal(number) is not None


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="Linux only")
def test_a_child_that_does_not_listen_is_ended_all_the_same() -> None:
    deaf = [
        sys.executable,
        "-c",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('x', flush=True); time.sleep(60)",
    ]
    child = running.Child("聋的", deaf)
    child.start()
    assert child.process is not None
    threading.Event().wait(0.5)
    child.stop(0.5)
    assert child.exit_code is not None
    assert not Path(f"/proc/{child.process.pid}/exe").exists()
