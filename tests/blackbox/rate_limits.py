"""限频与锁定（RELIABILITY R1）：逐条问运行中的产品，每一来处用回环网的另一个地址。用法：rate_limits.py 地址 准备文件"""

from __future__ import annotations

import json
import re
import sys
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import django

Answer = tuple[int, dict[str, str], str]


class Visitor:
    """从某个地址来的人。"""

    def __init__(self, base: str, address: str) -> None:
        parts = urlsplit(base)
        self.place, self.address = (parts.hostname or "127.0.0.1", parts.port or 80), address

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, body: str | None = None) -> Answer:
        connection = HTTPConnection(*self.place, timeout=30, source_address=(self.address, 0))
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode()
        finally:
            connection.close()

    def sign_in(self, username: str, password: str) -> Answer:
        _, headers, page = self.ask("GET", "/login/")
        token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[0]
        cookie = re.match(r"[^;]+", headers["set-cookie"])
        assert cookie is not None
        form = urlencode({"username": username, "password": password, "csrfmiddlewaretoken": token})
        more = {"Cookie": cookie[0], "Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", "/login/", {**more, "Referer": "http://127.0.0.1/"}, form)


def told(page: str, username: str) -> str:
    """页面的话，除去令牌、编号与登录名。"""
    text = re.sub(r"<script.*?</script>|<[^>]*>|\s+", " ", page, flags=re.S).replace(username, "")
    return re.sub(r"\d{4}-[0-9A-F]{6}", "", text)


def main(base: str, prepared: Path) -> int:
    django.setup()
    from django.utils import timezone

    from county import PASSWORD
    from quanze.base.iam import api_keys
    from quanze.base.iam.models import User
    from quanze.core.actor import SYSTEM

    wrong: list[str] = []

    def expect(what: str, found: object, wanted: object) -> None:
        if found != wanted:
            wrong.append(f"{what}：{found}，应为 {wanted}")

    # One account, five failures; somebody who does not exist gets the same answers.
    known = [Visitor(base, "127.0.2.1").sign_in("drafter", "错的口令-1") for _ in range(5)]
    unknown = [Visitor(base, "127.0.2.2").sign_in("nobody-here", "错的口令-1") for _ in range(5)]
    expect("账号五次失败", [one[0] for one in known], [422, 422, 422, 422, 429])
    for number, (one, other) in enumerate(zip(known, unknown, strict=True), start=1):
        expect(f"第 {number} 次：有无此人答复相同", told(one[2], "drafter") == told(other[2], "nobody-here"), True)
        expect(f"第 {number} 次：状态相同", one[0], other[0])
    expect("锁定后口令对也不行，别处也不行", Visitor(base, "127.0.2.3").sign_in("drafter", PASSWORD)[0], 429)
    # One address, many names: the address is locked, another account from elsewhere is not.
    guessing = [Visitor(base, "127.0.2.4").sign_in(f"guess-{n}", "错的口令-1")[0] for n in range(60)]
    expect("地址被锁定", guessing[-1], 429)
    expect("被锁的地址，好账号也进不来", Visitor(base, "127.0.2.4").sign_in("legal", PASSWORD)[0], 429)
    expect("别的地址，好账号照常", Visitor(base, "127.0.2.5").sign_in("legal", PASSWORD)[0] in (302, 303), True)
    now = timezone.now()
    key = api_keys.api_key_create(
        actor=SYSTEM,
        user_id=User.objects.get(username="head").pk,
        name="限频",
        scopes=tuple(api_keys.SCOPES),
        expires_at=now + timedelta(days=1),
        per_minute=6,
        burst=5,
        now=now,
    )
    bearer = {"Authorization": f"Bearer {key.token}"}
    calls = [Visitor(base, "127.0.2.6").ask("GET", "/api/v1/work/lists", bearer) for _ in range(6)]
    expect("接口密钥攒 5 次", [one[0] for one in calls], [200] * 5 + [429])
    expect("接口说明多久再来", 1 <= int(calls[-1][1].get("retry-after", "0")) <= 10, True)
    other_key = {"Authorization": f"Bearer {json.loads(prepared.read_text())['keys']['drafter']}"}
    expect("别的密钥不受牵连", Visitor(base, "127.0.2.6").ask("GET", "/api/v1/work/lists", other_key)[0], 200)
    search = "/public/search/?q=" + quote("许可")
    found = [Visitor(base, "127.0.2.7").ask("GET", search) for _ in range(75)]
    passed = [one[0] for one in found].index(429) if 429 in [one[0] for one in found] else len(found)
    # The bucket fills by one a second while the burst goes on.
    expect("公开检索先放行约 60 次", 60 <= passed <= 70, True)
    expect(
        "公开检索说明多久再来", int(next((o[1].get("retry-after", "0") for o in found if o[0] == 429), "0")) >= 1, True
    )
    expect("别的来处照常检索", Visitor(base, "127.0.2.8").ask("GET", search)[0], 200)
    locked = guessing.index(429) + 1 if 429 in guessing else 0
    for one in wrong:
        print("不符", one)  # noqa: T201
    print(  # noqa: T201
        f"FIGURE R1 账号 5 次、地址 {locked} 次失败即锁，有无此人答复相同；接口 5 次后 429；公开检索 {passed} 次后 429；不符 {len(wrong)}"
    )
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
