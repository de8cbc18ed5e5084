"""让磁盘写满工具听得懂本产品的接口：前面站一个翻译，把它的事件换成报送接口的事件，编号逐页取全。

``--tool``: runs the tool on a copy of the prepared data below its tmpfs. ``--serve DIR``: what the tool starts: the
product on DIR and the translator before it, in one process group.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).resolve()
PAGE = 10_000


class Translator(BaseHTTPRequestHandler):
    """工具的话 ↔ 产品的话。"""

    inner: int
    token: str
    item: str
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path != "/api/events":
            self._pass_on("GET", self.path, None)
            return
        ids: list[str] = []
        after: int | None = 0
        while after is not None:
            status, body = self._ask("GET", f"/api/v1/events/ids?after={after}&limit={PAGE}", None)
            if status != 200:
                self._answer(status, body)
                return
            page = json.loads(body)
            ids, after = ids + page["ids"], page["next_after"]
        self._answer(200, json.dumps({"ids": ids}).encode())

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        events = [
            {
                "event_id": one["event_id"],
                "case_id": one["event_id"],
                "step_no": 1,
                "step_code": one["content"][:90],
                "item_code": self.item,
                "body_code": "QH-NY",
                "occurred_at": one["occurred_at"],
            }
            for one in sent["events"]
        ]
        self._pass_on("POST", "/api/v1/events", json.dumps({"events": events}).encode())

    def _pass_on(self, method: str, path: str, body: bytes | None) -> None:
        self._answer(*self._ask(method, path, body))

    def _ask(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.inner, timeout=60)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if path.startswith("/api/"):
            headers["Authorization"] = f"Bearer {self.token}"
        if "Idempotency-Key" in self.headers:
            headers["Idempotency-Key"] = self.headers["Idempotency-Key"]
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError:
            return 502, b"{}"
        finally:
            connection.close()

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


def serve(folder: Path, data: Path, port: int, token: str, item: str) -> None:
    here = folder / "data"
    if not here.exists():
        shutil.copytree(data, here)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        inner = probe.getsockname()[1]
    subprocess.Popen([str(HERE.with_name("serve.bash")), str(inner)], env={**os.environ, "QUANZE_DATA_DIR": str(here)})
    Translator.inner, Translator.token, Translator.item = inner, token, item
    ThreadingHTTPServer(("127.0.0.1", port), Translator).serve_forever()


def main() -> int:
    words = argparse.ArgumentParser()
    for name in ("--port", "--tool", "--data", "--token", "--item", "--serve"):
        words.add_argument(name)
    asked = words.parse_args()
    if asked.serve:
        serve(Path(asked.serve), Path(asked.data), int(asked.port), asked.token, asked.item)
        return 0
    again = [sys.executable, str(HERE), "--port", asked.port, "--data", asked.data]
    again += ["--token", asked.token, "--item", asked.item, "--serve", "{dir}"]
    tool = [
        sys.executable,
        asked.tool,
        "--start",
        "exec " + " ".join(again),
        "--base",
        f"http://127.0.0.1:{asked.port}",
    ]
    return subprocess.run([*tool, "--health", "/healthz", "--size-mib", "24"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
