"""把每一句恶意文字送进文字所到之处：查询、筛选、登录、请求头、事项的各个文字要素。

Judged: no 5xx, no leak of internals, an error says its code and what to do, what was taken in comes back as text and not
as markup, the service answers quickly afterwards. 用法：text_payloads.py 地址 payloads.json 密钥 清单编号
"""

from __future__ import annotations

import json
import re
import sys
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

LEAK = re.compile(rb"Traceback|File \"/|/site-packages/|django\.|psycopg|sqlite3\.|SELECT .* FROM|root:x:0")
SLOW_SECONDS = 10
# Fields of an item that hold free text.
FIELDS = ("name", "basis_text", "duty_text", "accountability_text", "target", "note")
QUERIES = (
    "/public/?q=",
    "/public/search/?q=",
    "/login/?next=",
    "/api/v1/items/",
    "/api/v1/lists?on=",
    "/api/v1/changes?after=",
)


class Asked:
    """问一次产品。"""

    def __init__(self, base: str, token: str) -> None:
        parts = urlsplit(base)
        self.place = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.token = token
        self.wrong: list[str] = []
        self.count = 0

    def ask(
        self, what: str, method: str, path: str, headers: dict[str, str] | None = None, body: Any = None
    ) -> tuple[int, bytes]:
        self.count += 1
        began = time.monotonic()
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        more = {"Content-Type": "application/json"} if body is not None else {}
        if path.startswith("/api/v1/work"):
            more["Authorization"] = f"Bearer {self.token}"
        connection = HTTPConnection(*self.place, timeout=60)
        try:
            connection.request(method, path, body=content, headers={**more, **(headers or {})})
            answer = connection.getresponse()
            status, text = answer.status, answer.read()
        except (OSError, HTTPException) as error:
            # A request line or header that no client may send is refused by the server before it is one.
            status, text = (400, b"") if isinstance(error, HTTPException) else (599, repr(error).encode())
        except ValueError:
            status, text = 400, b""  # this client itself refuses to send it
        finally:
            connection.close()
        if status >= 500:
            self.wrong.append(f"{what}: {status}")
        if LEAK.search(text):
            self.wrong.append(f"{what}: leak")
        if time.monotonic() - began > SLOW_SECONDS:
            self.wrong.append(f"{what}: slow")
        if status >= 400 and path.startswith("/api/v1/work") and text:
            told = json.loads(text)
            if not told.get("code") or not told.get("message") or not told.get("hint"):
                self.wrong.append(f"{what}: no code, message or remedy")
        return status, text


def main(base: str, payloads: Path, token: str, list_id: str) -> int:
    asked = Asked(base, token)
    groups: dict[str, list[Any]] = json.loads(payloads.read_text(encoding="utf-8"))
    kept = 0
    for group, texts in groups.items():
        for number, text in enumerate(texts):
            what = f"{group}[{number}]"
            if group == "headers":
                name, value = text
                asked.ask(what, "GET", "/public/", {name: value.encode("utf-8", "surrogatepass").decode("latin-1")})
                asked.ask(
                    what,
                    "GET",
                    f"/api/v1/work/lists/{list_id}/items",
                    {name: value}
                    if value.isascii() and name not in ("Content-Length", "Transfer-Encoding", "Authorization")
                    else {},
                )
                continue
            raw = text.encode("utf-8", "surrogatepass")
            for path in QUERIES:
                asked.ask(f"{what} {path}", "GET", path + quote(raw[:6000], safe=""))
            asked.ask(f"{what} items", "GET", f"/api/v1/work/lists/{list_id}/items?q={quote(raw[:6000], safe='')}")
            form = urlencode({"username": raw, "password": raw})
            asked.ask(
                f"{what} login", "POST", "/login/", {"Content-Type": "application/x-www-form-urlencoded"}, form.encode()
            )
            for field in FIELDS:
                content = {"name": f"对第{number}种情形的处罚", "power_type": "penalty", field: text}
                status, _ = asked.ask(
                    f"{what} {field}", "POST", f"/api/v1/work/lists/{list_id}/items", None, {"content": content}
                )
                kept += status == 201
    began = time.monotonic()
    status, _ = asked.ask("page", "GET", "/healthz")
    if status != 200 or time.monotonic() - began > 2:
        asked.wrong.append("service unwell afterwards")
    print(json.dumps({"requests": asked.count, "taken_in": kept, "wrong": len(asked.wrong)}))  # noqa: T201
    for one in asked.wrong[:30]:
        print("FAIL", one)  # noqa: T201
    return bool(asked.wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:5]))
