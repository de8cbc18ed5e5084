"""逐项写出 race_check 的配置并执行：草稿的修改与放弃，送审、撤回、七步办理与印发。打印 C1、C2、C3。"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

OPINION = {"verb": "pass", "opinion": "同意"}
STEPS: tuple[tuple[str, dict[str, str]], ...] = (
    ("legal", {}),
    ("deputy", {}),
    ("head", {}),
    ("justice", {}),
    ("establishment", {}),
    ("secretary", {"meeting_number": "第3次会议", "resolution": "审定通过"}),
    ("publisher", {}),
)


class Races:
    """一次检查的地址、密钥与累计的结果。"""

    def __init__(self, base: str, county: dict[str, Any], tool: str, clients: int, rounds: int) -> None:
        self.base, self.county, self.tool, self.clients, self.rounds = base, county, tool, clients, rounds
        self.winners: list[int] = []
        self.faults: list[str] = []

    def call(
        self, method: str, path: str, login: str, body: Any = None, **headers: str
    ) -> tuple[int, dict[str, Any], str]:
        """一次普通的请求；出错即说明。"""
        request = urllib.request.Request(f"{self.base}/api/v1{path}", method=method)
        request.add_header("Authorization", f"Bearer {self.county['keys'][login]}")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        data = None
        if body is not None:
            request.add_header("Content-Type", "application/json")
            data = json.dumps(body).encode()
        with urllib.request.urlopen(request, data, timeout=120) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else {}, answer.headers.get("ETag", "")

    def race(self, login: str, read: str, path: str, body: Any, ids: list[int], **more: Any) -> dict[str, Any]:
        """一种转换由全部客户同时去办。"""
        transition = {
            "method": more.pop("method", "POST"),
            "path": f"/api/v1{path}",
            "body": body,
            "ok": [200, 201, 204],
            "conflict": more.pop("conflict", [409, 412]),
            "conditional": more.pop("conditional", True),
        }
        return self.run(login, {"read": f"/api/v1{read}", "transition": transition, "ids_transition": ids, **more})

    def run(self, login: str, config: dict[str, Any]) -> dict[str, Any]:
        full = {
            "base": self.base,
            "headers": {"Authorization": f"Bearer {self.county['keys'][login]}"},
            "clients": self.clients,
            "rounds": self.rounds,
            "ids_update": [],
            "value_field": "name",
            "update": {"method": "PATCH", "path": "/", "body": {}, "ok": [200], "conflict": [409, 412, 428]},
            **config,
        }
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(full, file)
            file.flush()
            done = subprocess.run([sys.executable, self.tool, file.name], capture_output=True, text=True, check=False)
        try:
            found: dict[str, Any] = json.loads(done.stdout.splitlines()[0])
        except (IndexError, ValueError):
            self.faults.append(f"{login} {config.get('read')}: {done.stderr[-500:]}")
            return {}
        self.winners += found.get("transition_winners", [])
        self.faults += [f"{login} {config.get('read')}: {one}" for one in found["fail"]]
        return found


def main(base: str, county: dict[str, Any], tool: str, database: str, numbers: list[int]) -> int:
    clients, rounds, lines, discards = numbers
    races = Races(base, county, tool, clients, rounds)
    drafts = county["drafts"]
    update = {
        "method": "PATCH",
        "path": "/api/v1/work/drafts/{id}",
        "body": {"content": {"name": "@V@"}},
        "ok": [200],
        "conflict": [409, 412, 428],
    }
    changed = races.run("drafter", {"read": "/api/v1/work/drafts/{id}", "update": update, "ids_update": [drafts[0]]})
    # The race leaves a name that no rule would pass; what is sent for review below must be sound.
    _, seen, etag = races.call("GET", f"/work/drafts/{drafts[0]}", "drafter")
    races.call("DELETE", f"/work/drafts/{seen['id']}", "drafter", If_Match=etag)
    races.race("drafter", "/work/drafts/{id}", "/work/drafts/{id}", {}, drafts[2 : 2 + discards], method="DELETE")
    published = sum(_line(races, number) for number in range(lines))
    effects = _effects(races)
    if effects != published + 1:
        races.faults.append(f"公布了 {published} 次，版次却有 {effects} 个")
    lost = sum("lost" in one or "one chain" in one for one in races.faults)
    twice = sum(one != 1 for one in races.winners)
    out = sys.stdout.write
    out(
        f"FIGURE C1 {database} {clients} 个客户，{len(races.winners)} 次转换：不止或不足一个办成的 {twice} 次，公布 {published} 次各生效一次\n"
    )
    out(f"FIGURE C2 {database} 修改成功 {changed.get('updates_ok')} 次，丢失的修改 {lost} 次，不带版本的修改被拒\n")
    out(
        f"FIGURE C3 {database} 读写 {changed.get('history')} 次，读到过期或未来的值 {changed.get('stale_or_future_reads')} 次\n"
    )
    for fault in races.faults[:10]:
        out(f"不合格：{fault}\n")
    out("FAIL\n" if races.faults else "PASS\n")
    return 1 if races.faults else 0


def _line(races: Races, number: int) -> int:
    """一遍送审：送审、撤回、再送审各由众人争办，然后七步逐步争办，直到印发。返回公布的次数。"""
    county = races.county
    races.call(
        "POST",
        f"/work/lists/{county['list']}/items",
        "drafter",
        {"content": _sound_content(races, number)},
    )
    read, submission = f"/work/lists/{county['list']}", None
    for turn in ("withdrawn again", "for good"):
        races.race(
            "drafter", "/work/lists/{id}", "/work/lists/{id}/submissions", {}, [county["list"]], conditional=False
        )
        submission = races.call("GET", read, "drafter")[1]["open_submission_id"]
        if turn == "withdrawn again" and submission:
            races.race("drafter", "/work/submissions/{id}", "/work/submissions/{id}/withdraw", {}, [submission])
    if not submission:
        races.faults.append("送审之后没有送审件")
        return 0
    for step, (login, details) in enumerate(STEPS):
        if login == "publisher":
            day = _today(races)
            details = {
                "document_number": f"青农发〔{day[:4]}〕{number + 20}号",
                "issued_on": day,
                "valid_from": day,
            }
        body: dict[str, Any] = {**OPINION, "details": details}
        _, seen, _ = races.call("GET", f"/work/submissions/{submission}", login)
        if seen["current"]["kind"] == "review":
            body["items"] = [{"entry_id": one["id"], "verdict": "accept"} for one in seen["entries"]]
        effect = {
            "path": f"/api/v1/work/submissions/{submission}",
            "field": "decided_steps",
            "expect": step + 1,
        }
        races.race(login, "/work/submissions/{id}", "/work/submissions/{id}/decide", body, [submission], effect=effect)
    _, seen, _ = races.call("GET", f"/work/submissions/{submission}", "drafter")
    return int(seen["state"] == "published")


def _sound_content(races: Races, number: int) -> dict[str, Any]:
    """要素齐全的内容，取自准备好的草稿，换个名称。"""
    _, view, _ = races.call("GET", f"/work/drafts/{races.county['drafts'][1]}", "drafter")
    skipped = ("node_kind", "template_key")
    content = {name: value for name, value in view["content"].items() if name not in skipped and value is not None}
    return {**content, "name": f"对第{number + 501}种违法养殖行为的处罚"}


def _today(races: Races) -> str:
    _, page, _ = races.call("GET", f"/lists/{races.county['body']}/items?limit=1", "drafter")
    return str(page["on"])


def _effects(races: Races) -> int:
    _, editions, _ = races.call("GET", f"/lists/{races.county['body']}/editions", "drafter")
    return len(editions)


if __name__ == "__main__":
    sys.exit(
        main(
            sys.argv[1],
            json.loads(Path(sys.argv[2]).read_text()),
            sys.argv[3],
            sys.argv[4],
            [int(one) for one in sys.argv[5:9]],
        )
    )
