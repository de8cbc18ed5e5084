"""缺省安装不向外联：网页服务与后台任务在守卫之下运行，一次对外的连接或域名查询也没有。"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from base.backup.conftest import Place

GUARD = """
import ipaddress, os, socket, sys

def _is_inside(host):
    if host in ("", "localhost", None):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False

def _watch(event, args):
    if event in ("socket.connect", "socket.sendto"):
        address = args[1]
        inside = not isinstance(address, tuple) or _is_inside(address[0])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        inside = _is_inside(args[0])
    else:
        return
    if not inside:
        with open(os.environ["OUTGOING_LOG"], "a") as log:
            log.write(f"{event} {args!r}\\n")

sys.addaudithook(_watch)
open(os.environ["OUTGOING_LOG"] + f".{os.getpid()}", "w").close()
"""


@pytest.fixture
def guarded(tmp_path: Path) -> tuple[dict[str, str], Path]:
    folder = tmp_path / "guard"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(GUARD)
    log = tmp_path / "outgoing"
    env = Place(tmp_path / "data").env
    env |= {"PYTHONPATH": os.pathsep.join([str(folder), env["PYTHONPATH"]]), "OUTGOING_LOG": str(log)}
    return env, log


def test_the_guard_sees_an_outgoing_connection(guarded: tuple[dict[str, str], Path]) -> None:
    env, log = guarded
    code = "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'x', ('192.0.2.1', 9))"
    subprocess.run([sys.executable, "-c", code], env=env, check=False, capture_output=True)
    assert "192.0.2.1" in log.read_text()


@pytest.mark.sqlite
def test_nothing_leaves_the_machine(guarded: tuple[dict[str, str], Path]) -> None:
    env, log = guarded
    python = sys.executable
    subprocess.run([python, "-m", "django", "migrate", "-v0"], env=env, check=True)
    subprocess.run([python, "-m", "quanze.portal.cli", "jobs", "work", "--once"], env=env, check=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    server = subprocess.Popen(
        [python, "-m", *words, "--no-ws", "--log-level", "warning", "quanze.conf.wsgi:application"],
        env=env,
        start_new_session=True,
    )
    worker = subprocess.Popen([python, "-m", "quanze.portal.cli", "jobs", "work"], env=env, start_new_session=True)
    try:
        base = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 90
        while True:
            try:
                urllib.request.urlopen(f"{base}/healthz", timeout=5).close()
                break
            except OSError:
                assert time.monotonic() < deadline and server.poll() is None
                time.sleep(0.3)
        for path in ("/public/", "/login/", "/api/v1/openapi.json", "/api/v1/lists"):
            # An installation without its three administrators answers some of them with 503: asked they were all the same.
            with contextlib.suppress(urllib.error.HTTPError):
                urllib.request.urlopen(base + path, timeout=30).close()
        time.sleep(3)
        watched = {int(path.suffix[1:]) for path in log.parent.glob("outgoing.*")}
        assert worker.pid in watched and len(watched) >= 4, "the guard was not loaded"
        assert worker.poll() is None
    finally:
        for process in (server, worker):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert not log.exists(), log.read_text()
