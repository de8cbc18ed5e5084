"""让上传检查工具进得了产品的门：带上会话与表单令牌，把页面的应答说成工具认得的 JSON。

The doors for files are pages. What the tool sends is passed on unchanged (file name, content), only the session and the
token are added; a refusal is the product's own JSON, an import is judged by what its page says after it was read.
用法：upload_doors.py 监听端口 产品地址 用户名 清单编号
"""

from __future__ import annotations

import json
import re
import sys
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import django


class Doors(BaseHTTPRequestHandler):
    """工具 → 产品。"""

    product: tuple[str, int]
    cookie: str
    token: str
    list_id: str
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        status, _, body = self._ask("GET", self.path, {}, None)
        self._answer(status, body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        path = {"/excel": f"/lists/{self.list_id}/imports/upload/", "/attachment": "/runs/imports/upload/"}[self.path]
        headers = {"Content-Type": self.headers["Content-Type"], "Accept": "application/json"}
        status, answered, content = self._ask("POST", path, headers, body)
        if status != 302:
            self._answer(status, content)
            return
        page = answered["location"]
        status, _, content = self._ask("GET", urlsplit(page).path, {}, None)
        text = content.decode(errors="replace")
        if status >= 500:
            self._answer(status, content)
            return
        self._answer(200, json.dumps(_told(text, page), ensure_ascii=False).encode())

    def _ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None
    ) -> tuple[int, dict[str, str], bytes]:
        connection = HTTPConnection(*self.product, timeout=120)
        try:
            more = {"Cookie": self.cookie, "X-CSRFToken": self.token, "Referer": "http://127.0.0.1/"}
            connection.request(method, path, body=body, headers={**more, **headers})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        except OSError:
            return 599, {}, b"{}"
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


def _told(text: str, page: str) -> dict[str, str]:
    """导入页说了什么；稳定的代码在它的后台任务里。"""
    refusal = re.search(r"没有读成，清单没有任何改动。(.*?)</div>\s*</", text, re.S)
    if refusal is None:
        return {"state": "read"}
    from quanze.apps.catalog.models import ListImport
    from quanze.base.jobs.models import Job

    job_id = ListImport.objects.values_list("job_id", flat=True).get(pk=int(re.findall(r"\d+", page)[-1]))
    code = Job.objects.values_list("error_code", flat=True).get(pk=job_id)
    return {"state": "failed", "code": code, "message": re.sub(r"<[^>]*>|\s+", " ", refusal[1]).strip()}


def main(port: int, product: str, login: str, list_id: str) -> None:
    django.setup()
    from django.conf import settings
    from django.test import Client

    from quanze.base.iam.models import User

    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username=login), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/lists/{list_id}/imports/", headers={"Host": "127.0.0.1"})
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())
    assert found is not None, page.status_code
    cookies = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
    Doors.cookie = "; ".join(f"{name}={client.cookies[name].value}" for name in cookies)
    Doors.token, Doors.list_id = found[1], list_id
    parts = urlsplit(product)
    Doors.product = (parts.hostname or "127.0.0.1", parts.port or 80)
    ThreadingHTTPServer(("127.0.0.1", port), Doors).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:5])
