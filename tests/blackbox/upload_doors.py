"""让上传检查工具进得了产品的门：带上会话、表单令牌与密钥，文件与文件名原样转交，应答原样交回。

``/run`` 行权数据（工作簿与文本表格），``/list`` 清单表格，``/scan`` 签批扫描件，``/events`` 事件接口。What the tool sends
is passed on unchanged but for the names of the fields of an event; what the product answers is passed back unchanged.
用法：upload_doors.py 监听端口 产品地址 准备文件
"""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django

Headers = dict[str, str]


class Doors(BaseHTTPRequestHandler):
    """工具 → 产品。"""

    product: tuple[str, int]
    sessions: dict[str, Headers]
    county: dict[str, Any]
    scans: Scans
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(*self._ask("GET", self.path, self.sessions["drafter"], None))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/events":
            self._events(body)
            return
        if self.path == "/scan":
            path, version = self.scans.waiting()
            headers = {**self.sessions["legal"], "If-Match": f'"{version}"'}
        else:
            path = {"/list": f"/lists/{self.county['list']}/imports/upload/", "/run": "/runs/imports/upload/"}[
                self.path
            ]
            headers = self.sessions["drafter"]
        status, content = self._ask("POST", path, {**headers, "Content-Type": self.headers["Content-Type"]}, body)
        if self.path == "/scan" and status < 300:
            self.scans.next()
        self._answer(status, content)

    def _events(self, body: bytes) -> None:
        for theirs, ours in (
            (b'"org_code"', b'"body_code"'),
            (b'"content"', b'"step_code"'),
            (b'"quantity"', b'"step_no"'),
            (b'"event_id":', b'"case_id": "C-1", "event_id":'),
            (b'"ORG-A"', b'"QH-NY"'),
            (b'"ORG-FOREIGN"', b'"QH-LY"'),
            (b'"ITEM-001"', f'"{self.county["item"]}"'.encode()),
        ):
            body = body.replace(theirs, ours)
        headers = {"Authorization": f"Bearer {self.county['keys']['drafter']}", "Accept": "application/json"}
        for name in ("Content-Type", "Content-Encoding", "Idempotency-Key"):
            if name in self.headers:
                headers[name] = self.headers[name]
        self._answer(*self._ask("POST", "/api/v1/events", headers, body))

    def _ask(self, method: str, path: str, headers: Headers, body: bytes | None) -> tuple[int, bytes]:
        connection = HTTPConnection(*self.product, timeout=120)
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError:
            return 599, b"{}"
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


class Scans:
    """等法制科办理的送审件；扫描件收下之后已退回，再送一次。"""

    def __init__(self, county: Any) -> None:
        self._county = county
        self._county.draft(self._county.content("对一种违法捕捞行为的处罚"))
        self._id = self._county.submit()

    def next(self) -> None:
        """退回了的，由起草人说明后重新送审。"""
        from quanze.apps.catalog import public as catalog

        self._county.now = datetime.now(UTC)
        catalog.submission_resubmit(
            actor=self._county.actor("drafter"),
            submission_id=self._id,
            seen_version=self.waiting()[1],
            note="照旧，理由已当面说明",
            now=self._county.now,
        )

    def waiting(self) -> tuple[str, int]:
        from django.db import connection

        from quanze.apps.workflow import public as workflow

        case = workflow.case_by_subject(
            subject_kind="catalog.submission", subject_id=self._id, actor=self._county.actor("legal")
        )
        connection.close()  # one thread per request; none may keep the database
        assert case is not None
        return f"/lists/submissions/{self._id}/decide/", case.lock_version


def session_of(login: str, page: str) -> Headers:
    """某人的会话与表单令牌。"""
    from django.conf import settings
    from django.test import Client

    from quanze.base.iam.models import User

    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username=login), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(page, headers={"Host": "127.0.0.1"})
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.content.decode())
    assert found is not None, answer.status_code
    names = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
    cookie = "; ".join(f"{name}={client.cookies[name].value}" for name in names)
    return {
        "Cookie": cookie,
        "X-CSRFToken": found[1],
        "Referer": "http://127.0.0.1/",
        "Accept": "application/json",
    }


def main(port: int, product: str, prepared: Path) -> None:
    django.setup()
    from county import County
    from quanze.apps.org import public as org
    from quanze.base.iam.models import User

    Doors.county = json.loads(prepared.read_text())
    bodies = {code: body.id for code, body in org.bodies_by_codes(["QH-NY", "QH-LY"]).items()}
    users = dict(User.objects.values_list("username", "id"))
    Doors.scans = Scans(County(bodies, users, _lists={"QH-NY": Doors.county["list"]}))
    Doors.sessions = {
        "drafter": session_of("drafter", f"/lists/{Doors.county['list']}/imports/"),
        "legal": session_of("legal", Doors.scans.waiting()[0].removesuffix("decide/")),
    }
    parts = urlsplit(product)
    Doors.product = (parts.hostname or "127.0.0.1", parts.port or 80)
    ThreadingHTTPServer(("127.0.0.1", port), Doors).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
