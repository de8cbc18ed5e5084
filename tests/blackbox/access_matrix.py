"""访问矩阵（RELIABILITY A1、A2）：接口的每个操作 × 各角色 × 本机构、同级、上下级机构的对象，由黑盒工具发问。

Two runs of the tool: what belongs to a body, and what belongs to one account (a colleague is a stranger there, too). The
tool knows objects by their address; what it cannot ask (objects named by a parameter or in the body of a request, public
answers that must hold nothing unpublished) is asked here. 用法：access_matrix.py 产品地址 准备文件 工具 输出目录
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

HERE = Path(__file__).resolve().parent
BODY_CODES = {"A": "QH-NY", "B": "QH-LY", "T": "QH-HX", "U": "QH-XH", "V": "QH-SW"}
DRAFTERS = {"A": "drafter", "B": "forestry", "T": "town_drafter", "U": "other_town", "V": "tax_drafter"}
# A kind of derived list that each body may keep and that takes drafts without a basis.
KIND_OF = {"A": "ZM", "B": "ZM", "T": "JBLZ", "U": "JBLZ", "V": "ZWSS"}
OBJECTS = 2
# login → (organisation in the matrix, role). A and B: siblings of the county, T and U: towns below it, V: a vertical
# body, Z: the government above them all, S and J: the offices that review, Y: the three administrators.
PEOPLE = {
    "drafter": ("A", "drafter"),
    "legal": ("A", "legal_section"),
    "deputy": ("A", "deputy_head"),
    "head": ("A", "head"),
    "publisher": ("A", "publisher"),
    "forestry": ("B", "drafter"),
    "town_drafter": ("T", "drafter"),
    "town_legal": ("T", "publisher"),
    "other_town": ("U", "drafter"),
    "tax_drafter": ("V", "drafter"),
    "tax_head": ("V", "publisher"),
    "justice": ("J", "justice"),
    "secretary": ("S", "committee_secretary"),
    "establishment": ("S", "establishment"),
    "government": ("Z", "supervisor"),
    "sysadmin": ("Y", "system_admin"),
    "secadmin": ("Y", "security_admin"),
    "auditadmin": ("Y", "audit_admin"),
}


def marker(org: str) -> str:
    return f"暗记{org}7391"


def prepare(out: Path) -> None:
    """小县加一名安全管理员；三个机构各有公布的一版、草稿、送审件、收下的事件，未公布的都带暗记。"""
    import django

    django.setup()
    from datetime import timedelta

    from django.core.management import call_command
    from django.utils import timezone

    call_command("migrate", verbosity=0, interactive=False)
    from county import NOW, SINCE, county_build
    from quanze.apps.catalog.models import ItemVersion
    from quanze.apps.org import public as org
    from quanze.base.iam import api_keys
    from quanze.base.iam import public as iam
    from quanze.core.actor import SYSTEM

    county = county_build()
    added = iam.user_create(actor=SYSTEM, username="secadmin", full_name="安全", phone="0000-1234567", now=NOW)
    org.appointment_make(
        actor=SYSTEM,
        user_id=added.id,
        body_id=county.bodies["QH-BB"],
        roles=("security_admin",),
        post="安全管理员",
        scope_kind="all",
        valid_from=SINCE,
        now=NOW,
    )
    users = {**county.users, "secadmin": added.id}
    county.publish(county.permit("水产苗种生产许可证核发"))
    objects: dict[str, dict[str, Any]] = {}
    for letter, by in DRAFTERS.items():
        code, sign = BODY_CODES[letter], marker(letter)
        list_id = county.power_list(code)
        # A list has one submission under review at a time, therefore one here.
        county.draft(county.content(f"对{sign}送审行为的处罚"), by=by, body_code=code)
        submissions = [county.submit(by=by, body_code=code, title=f"{sign}送审")]
        contents = [county.content(f"对{sign}草稿{number}行为的处罚") for number in range(OBJECTS)]
        drafts = county.draft(*contents, by=by, body_code=code)
        items = [ItemVersion.objects.values_list("item_id", flat=True).get(pk=draft) for draft in drafts]
        objects[letter] = {"list_id": list_id, "item_id": items, "version_id": drafts, "submission_id": submissions}
        objects[letter] |= {"body_code": code, "code": f"{code}-00001"} | _derived(county, letter, sign, NOW)
    now = timezone.now()
    keys = {}
    for login in PEOPLE:
        keys[login] = api_keys.api_key_create(
            actor=SYSTEM,
            user_id=users[login],
            name="访问矩阵",
            scopes=tuple(api_keys.SCOPES),
            expires_at=now + timedelta(days=1),
            per_minute=10_000_000,
            burst=1_000_000,
            now=now,
        ).token
    out.write_text(json.dumps({"objects": objects, "keys": keys}), encoding="utf-8")


def _derived(county: Any, letter: str, sign: str, now: Any) -> dict[str, Any]:
    """一份关联清单与带暗记的两条草稿。"""
    from quanze.apps.catalog import public as catalog
    from quanze.core.actor import SYSTEM

    actor = county.actor("establishment")
    list_id = catalog.derived_list_create(
        actor=SYSTEM, body_id=county.bodies[BODY_CODES[letter]], list_type=KIND_OF[letter], now=now
    )
    new = [catalog.NewEntry((), {}, f"{sign}证明{number}") for number in range(OBJECTS)]
    made = catalog.entries_create(actor=actor, list_id=list_id, entries=new, now=now)
    return {
        "derived_id": list_id,
        "entry_id": [entry for entry, _ in made],
        "entry_version_id": [version for _, version in made],
    }


class Asker:
    """工具问不到的，在此问。"""

    def __init__(self, base: str, keys: dict[str, str]) -> None:
        self.base, self.keys = base, keys
        self.count = 0
        self.wrong: list[str] = []

    def ask(self, login: str | None, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any], str]:
        self.count += 1
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if login is not None:
            headers["Authorization"] = f"Bearer {self.keys[login]}"
        data = json.dumps(body).encode() if body is not None else None
        try:
            with urlopen(Request(self.base + path, data, headers, method=method), timeout=60) as answer:
                status, text = answer.status, answer.read().decode()
        except HTTPError as error:
            status, text = error.code, error.read().decode()
        return status, json.loads(text) if text.startswith(("{", "[")) else {}, text

    def expect(self, what: str, found: bool) -> None:
        if not found:
            self.wrong.append(what)


def ask_by_parameter(asker: Asker, objects: dict[str, dict[str, Any]]) -> None:
    """以参数、以请求内容指明的对象；公开答复里不得有未公布的。"""
    signs = [marker(letter) for letter in BODY_CODES]
    for letter, own in objects.items():
        for login, (org, role) in PEOPLE.items():
            is_own = org == letter or role in ("establishment", "supervisor")
            for kind, number in (("catalog.item", own["item_id"][0]), ("catalog.submission", own["submission_id"][0])):
                status, told, text = asker.ask(login, "GET", f"/api/v1/record/timeline?kind={kind}&id={number}")
                if is_own:
                    continue
                _, absent, _ = asker.ask(login, "GET", f"/api/v1/record/timeline?kind={kind}&id=999999983")
                told.pop("number", None)
                absent.pop("number", None)
                sees = role in ("justice", "committee_secretary") and status == 200
                asker.expect(f"timeline {login} {kind} {letter}: {status}", sees or (status >= 400 and told == absent))
                asker.expect(f"timeline {login} {kind} {letter}: leak", marker(letter) not in text or sees)
            if not is_own:
                status, _, text = asker.ask(login, "GET", f"/api/v1/work/submissions?list_id={own['list_id']}")
                asker.expect(f"submissions {login} {letter}", marker(letter) not in text)
            if org in BODY_CODES and org != letter:
                event = {
                    "event_id": f"{login}-{letter}",
                    "case_id": "P-1",
                    "step_no": 1,
                    "step_code": "受理",
                    "item_code": own["code"],
                    "body_code": own["body_code"],
                    "occurred_at": "2026-11-03T09:30:00+08:00",
                }
                status, _, _ = asker.ask(login, "POST", "/api/v1/events", {"events": [event]})
                asker.expect(f"events {login} for {letter}: {status}", status in (403, 404, 422))
        for path in (
            "/api/v1/lists",
            f"/api/v1/lists/{own['body_code']}",
            f"/api/v1/lists/{own['body_code']}/items?q={quote(marker(letter))}",
            f"/api/v1/items/{own['code']}",
            f"/api/v1/changes?body_code={own['body_code']}",
            f"/public/?q={quote(marker(letter))}",
            f"/public/search/?q={quote('送审行为')}",
            "/public/bodies/QH-NY/",
        ):
            _, _, text = asker.ask(None, "GET", path)
            text = text.replace(marker(letter), "") if "q=" in path and path.startswith("/public/") else text
            asker.expect(f"public {path}", not any(sign in text for sign in signs))


def batches(asker: Asker) -> dict[str, list[int]]:
    """各机构的业务口报送两批事件。"""
    found: dict[str, list[int]] = {}
    for letter, login in DRAFTERS.items():
        event = {
            "case_id": f"{marker(letter)}-1",
            "step_no": 1,
            "step_code": "受理",
            "item_code": f"{BODY_CODES[letter]}-00001",
            "body_code": BODY_CODES[letter],
            "occurred_at": "2026-11-03T09:30:00+08:00",
        }
        for number in range(OBJECTS):
            sent = {**event, "event_id": f"{marker(letter)}-{number}"}
            status, told, text = asker.ask(login, "POST", "/api/v1/events", {"events": [sent]})
            assert status == 201, text
            found.setdefault(letter, []).append(told["batch_id"])
    return found


def run(tool: Path, out: Path, name: str, config: dict[str, Any]) -> dict[str, Any]:
    (out / f"{name}.json").write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")
    folder = out / name
    subprocess.run(
        [sys.executable, tool, out / f"{name}.json", "--out", folder], check=False, stdout=subprocess.DEVNULL
    )
    found: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return found


def main(base: str, prepared: Path, tool: Path, out: Path) -> int:
    given = json.loads(prepared.read_text(encoding="utf-8"))
    static = json.loads((HERE / "access_matrix.json").read_text(encoding="utf-8"))
    asker = Asker(base, given["keys"])
    for letter, number in batches(asker).items():
        given["objects"][letter]["batch_id"] = number

    def actor(login: str, org: str, role: str) -> dict[str, Any]:
        return {"org": org, "role": role, "headers": {"Authorization": f"Bearer {given['keys'][login]}"}}

    own = static["of_the_account"]
    common = {
        "base": base,
        "openapi": "/api/v1/openapi.json",
        "objects": given["objects"],
        "markers": {letter: [marker(letter)] for letter in BODY_CODES},
        "public": static["public"],
        "bodies": static["bodies"],
        "write_headers": {"If-Match": '"1"'},
    }
    anonymous = {"anon": {"org": None, "role": "anon", "headers": {}}}
    people = {login: actor(login, org, role) for login, (org, role) in PEOPLE.items()}
    allow = [{"op": "re:GET .*", "role": role} for role in static["readers"]] + static["allow"]
    whole = run(
        tool,
        out,
        "bodies",
        {**common, "actors": {**people, **anonymous}, "allow": allow, "role_deny": static["role_deny"], "skip": own},
    )
    # Everybody alone: a colleague of the same body is a stranger to the batches of an account.
    senders = {login: letter for letter, login in DRAFTERS.items()}
    alone = {login: actor(login, senders.get(login, f"X-{login}"), role) for login, (_, role) in PEOPLE.items()}
    others = [one for one in [*static["held"], *static["public"]] if one not in own]
    single = run(tool, out, "accounts", {**common, "actors": {**alone, **anonymous}, "skip": others})
    ask_by_parameter(asker, given["objects"])
    uncovered = [one for one in whole["uncovered"] if one[0] not in own] + [
        one for one in single["uncovered"] if one[0] in own
    ]
    violations = whole["violation_rows"] + single["violation_rows"]
    leaks = [one for one in violations if "leak" in one[-1]]
    unproven = whole["unproven_rows"] + single["unproven_rows"]
    for rows, word in ((violations, "违反"), (unproven, "无从证明"), (uncovered, "没有问到")):
        for one in rows[:60]:
            print(word, one)  # noqa: T201
    for one in asker.wrong[:30]:
        print("违反", one)  # noqa: T201
    probes = whole["probes"] + single["probes"] + asker.count
    print(  # noqa: T201
        f"FIGURE A1 操作 {whole['operations']}，身份 {whole['actors']}，探问 {probes} 次：违反 "
        f"{len(violations) + len(asker.wrong)}，无从证明 {len(unproven)}，没有问到 {len(uncovered)}"
    )
    found = len(leaks) + sum("leak" in one or "public" in one for one in asker.wrong)
    print(f"FIGURE A2 名单、检索、经过、公开答复中的外单位暗记：{found} 处")  # noqa: T201
    return bool(violations or unproven or uncovered or asker.wrong)


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(Path(sys.argv[2]))
    else:
        sys.exit(main(sys.argv[1], *(Path(one) for one in sys.argv[2:5])))
