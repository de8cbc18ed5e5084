"""转接：把黑盒工具写死的事件形式换成产品的，其余原样转发；自己不落盘，因此不影响所测。用法：event_shape.py 收的端口 发的端口 准备文件 命令…"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LISTEN, PRODUCT = int(sys.argv[1]), int(sys.argv[2])
COUNTY = json.loads(Path(sys.argv[3]).read_text())


class Forward(BaseHTTPRequestHandler):
    """一个请求转发一个请求。"""

    def log_message(self, *args: object) -> None:
        """不写日志。"""

    def do_GET(self) -> None:
        self._pass(None)

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        events = [
            {
                "event_id": one["event_id"],
                "case_id": one["event_id"],
                "step_no": 1,
                "step_code": one["content"],
                "item_code": COUNTY["item"],
                "body_code": COUNTY["body"],
                "occurred_at": one["occurred_at"],
            }
            for one in sent["events"]
        ]
        self._pass(json.dumps({"events": events}).encode())

    def _pass(self, body: bytes | None) -> None:
        try:
            product = http.client.HTTPConnection("127.0.0.1", PRODUCT, timeout=60)
            headers = {"Authorization": f"Bearer {COUNTY['keys']['drafter']}", "Idempotency-Key": str(uuid.uuid4())}
            product.request(self.command, self.path, body, {**headers, "Content-Type": "application/json"})
            answer = product.getresponse()
            status, text = answer.status, answer.read()
        except OSError:
            status, text = 502, b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


if __name__ == "__main__":
    product = subprocess.Popen(sys.argv[4:])
    try:
        ThreadingHTTPServer(("127.0.0.1", LISTEN), Forward).serve_forever()
    finally:
        product.kill()
