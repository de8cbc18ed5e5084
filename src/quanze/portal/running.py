"""启动与结束：一个网页服务与一个后台任务进程，同生同灭。

The parent only watches: whatever ends one child ends the other, so that no half of the system is left behind.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.module_loading import import_string

from quanze.core.errors import InvalidInput, WrongState
from quanze.portal.checks import newer_database_problem

HOST = "127.0.0.1"
_START_SECONDS = 60
_STOP_SECONDS = 15
_PR_SET_PDEATHSIG = 1

Say = Callable[[str], None]


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@dataclass
class Child:
    """一个子进程：名称、命令、进程。"""

    label: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # A session of its own: Ctrl-C reaches the parent alone, which ends the children in order. The parent has no
        # other thread, so that running a function between fork and exec is safe.
        self.process = subprocess.Popen(
            self.command,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509
            env=os.environ.copy(),
        )

    @property
    def exit_code(self) -> int | None:
        return None if self.process is None else self.process.poll()

    def stop(self, seconds: float) -> None:
        """先请它结束，到时不走的强行结束；连同它自己的子进程。"""
        process = self.process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _end_with_parent() -> None:
    """父进程无论怎样结束，子进程都收到终止信号（Linux）。"""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def port_for(wanted: int) -> int:
    """要用的端口；0 任取一个空闲的，被占用则说明怎么换。"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError:
            raise InvalidInput(
                f"端口 {wanted} 已被占用，或本账号不能使用",
                hint=f"请结束占用它的程序，或换一个：make run PORT={wanted + 1}",
                code="port_in_use",
            ) from None
        return int(probe.getsockname()[1])


def prepare(*, say: Say, now: datetime | None = None) -> bool:
    """迁移数据库；演示设置下首次装入示范城市。返回是否装入了。"""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    if newer := newer_database_problem():
        raise WrongState(newer, hint="没有改动数据库。", code="database_newer")
    if waiting_migrations():
        call_command("migrate", verbosity=0, interactive=False)
    seeder = getattr(settings, "QUANZE_DEMO_SEEDER", "")
    seeded = False
    if settings.QUANZE_IS_DEMO and seeder:
        began = time.monotonic()
        seeded = bool(import_string(seeder)(now=now or timezone.now(), say=lambda text: say(f"  {text}")))
        if seeded:
            say(f"示范城市已装入（{time.monotonic() - began:.0f} 秒）")
    connections.close_all()
    return seeded


def waiting_migrations() -> int:
    """尚未执行的迁移数。Asking is much quicker than a migrate that has nothing to do."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def children(port: int, threads: int) -> tuple[Child, ...]:
    """网页服务与后台任务。"""
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)]
    web += ["--workers", "1", "--blocking-threads", str(threads), "--no-ws", "--log-level", "warning"]
    return (
        Child("网页服务", [*web, "quanze.conf.wsgi:application"]),
        Child("后台任务", [sys.executable, "-m", "quanze.portal.cli", "jobs", "work"]),
    )


def serve(*, port: int, threads: int, say: Say = _say) -> int:
    """启动并守候；返回退出码：0 正常结束，130 Ctrl-C，1 子进程意外退出。"""
    began = time.monotonic()
    port = port_for(port)
    say("准备数据库……")
    prepare(say=say)
    stop = threading.Event()
    received: list[int] = []

    def asked(number: int, frame: FrameType | None) -> None:
        received.append(number)
        stop.set()

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    web, worker = running = children(port, threads)
    try:
        web.start()
        if _await_answer(port, web, stop):
            worker.start()
            for line in greeting(port, seconds=time.monotonic() - began):
                say(line)
        else:
            late = web.exit_code is None and not stop.is_set()
            if late:
                say(f"网页服务 {_START_SECONDS} 秒内没有回答")
                return 1
        while not stop.wait(0.2):
            if any(child.exit_code is not None for child in running):
                break
    finally:
        failed = [child for child in running if child.exit_code is not None and not stop.is_set()]
        for child in running:
            child.stop(_STOP_SECONDS)
        for number, handler in before.items():
            signal.signal(number, handler)
    if failed:
        for child in failed:
            say(f"{child.label}意外退出（退出码 {child.exit_code}），另一个也已结束。请看上面的错误信息。")
        return 1
    say("已结束")
    return 130 if signal.SIGINT in received else 0


def _await_answer(port: int, web: Child, stop: threading.Event) -> bool:
    """等到网页有回答；子进程先退出或被叫停则不再等。"""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and not stop.is_set():
        if web.exit_code is not None:
            return False
        if is_answering(port):
            return True
        stop.wait(0.1)
    return False


def is_answering(port: int) -> bool:
    """网页服务是否已能回答请求。"""
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/login/")
        return connection.getresponse().status < 500
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def greeting(port: int, *, seconds: float) -> list[str]:
    """启动之后说的话：地址，演示账号，怎么结束。"""
    lines = ["", f"{settings.QUANZE_CITY_NAME}权责清单已启动（{seconds:.1f} 秒）：http://{HOST}:{port}/"]
    lines.append(f"公开站点：http://{HOST}:{port}/public/")
    provider = getattr(settings, "QUANZE_DEMO_ACCOUNTS", "")
    if settings.QUANZE_IS_DEMO and provider:
        lines += ["", "演示账号（口令公开，仅限本机演示）："]
        for account in import_string(provider)():
            secret = f"，动态口令密钥 {account.totp_secret}" if account.totp_secret else ""
            lines.append(f"  {account.username:<16}{account.password}  {account.label}（{account.body}）{secret}")
    return [*lines, "", "按 Ctrl-C 结束。"]
