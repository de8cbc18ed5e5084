"""记录不漏不多（T3）：办成的各留一条事实，被拒与未成的各留一条访问而没有事实，撤回的什么也不留。"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from quanze.base.audit import public as audit
from quanze.base.audit.flooding import Flood
from quanze.base.audit.models import AccessRecord, FactRecord
from quanze.base.iam import public as iam
from quanze.core.actor import SYSTEM

SOURCE = Path(__file__).resolve().parents[2] / "src" / "quanze"
SAMPLES = {"int": "1"}
OPEN_TO_ALL = ("public/", "api/v1/", "login/", "logout/", "styleguide/", "account/setup/")


def _addresses(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern.url_patterns, route)
            continue
        for name, converter in pattern.pattern.converters.items():
            kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
            route = route.replace(f"<{kind}:{name}>", SAMPLES.get(kind, "x")).replace(f"<{name}>", "x")
        yield route


CLOSED = sorted(
    {
        f"/{route}"
        for route in _addresses(get_resolver().url_patterns)
        if not route.startswith(OPEN_TO_ALL) and not set(route) & set("<>^(?")
    }
)
# Writes that are no act of a person: progress, derived tables, the record itself, what the library keeps.
NOT_RECORDED = {
    "bodies_begun": "沿革的开头；设立机构、载入名录的服务记录",
    "body_stated": "沿革的一行；修改机构、调整隶属的服务记录",
    "job_cancel": "停下自己的后台任务；任务表自有经过",
    "enqueue": "排队本身不是办理，任务里的服务各自记录",
    "access": "访问记录自身",
    "access_refused": "访问记录自身",
    "record": "事实记录自身",
    "record_many": "事实记录自身",
    "findings_recheck": "检查发现由内容推得，随时可重算",
    "rewrite": "起草服务的一部分，由调用者记录",
    "rewrite_many": "起草服务的一部分，由调用者记录",
    "write_versions": "起草、导入服务的一部分，由调用者记录",
    "drift_count": "同步情况由清单推得，随时可重算",
    "drift_count_request": "排队核对，结果由清单推得",
    "entries_import_preview": "只作对照，写成草稿时记录",
    "write_drafts": "列入条目服务的一部分，由调用者记录",
    "write_in_force": "同步更新服务的一部分，由调用者记录",
    "round_compute_request": "排队计分，计分任务记录",
    "links_check_request": "排队核查，核查任务记录结果",
    "events_preview": "只读预览",
    "events_read": "读入暂存，入库时记录",
    "opinion_draft_save": "未办理前只有本人看得到的意见稿，办理时才成为意见",
    "notices_mark_read": "本人消息的已读标记",
}


class _Service(ast.NodeVisitor):
    """一个服务函数：是否收行为人与时刻，调用了哪些名字。"""

    def __init__(self, node: ast.FunctionDef) -> None:
        arguments = [one.arg for one in (*node.args.args, *node.args.kwonlyargs)]
        self.is_service = {"actor", "now"} <= set(arguments) and not node.name.startswith("_")
        self.calls: set[str] = set()
        for part in ast.walk(node):
            if isinstance(part, ast.Call):
                target = part.func
                name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
                self.calls.add(name)


def _functions() -> Iterator[tuple[Path, str, _Service]]:
    for path in SOURCE.rglob("*.py"):
        if "services" not in str(path.relative_to(SOURCE)):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield path, node.name, _Service(node)


FUNCTIONS = list(_functions())
CALLS: dict[str, set[str]] = {}
for _, _name, _service in FUNCTIONS:
    CALLS.setdefault(_name, set()).update(_service.calls)
SERVICES = sorted({(str(path.relative_to(SOURCE)), name) for path, name, found in FUNCTIONS if found.is_service})


def _reaches_record(name: str) -> bool:
    seen, waiting = set(), [name]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        if CALLS.get(one, set()) & {"record", "record_many"}:
            return True
        waiting += [called for called in CALLS.get(one, ()) if called in CALLS]
    return False


@pytest.mark.req("T-75")
@pytest.mark.parametrize(("place", "name"), SERVICES)
def test_every_service_leads_to_the_record(place, name):
    assert name in NOT_RECORDED or _reaches_record(name), f"{place}: {name} 没有写记录"


def test_every_exception_is_still_a_service():
    names = {name for _, name in SERVICES} | {"record", "record_many"}
    assert set(NOT_RECORDED) <= names


def _registered_and_used() -> tuple[set[str], str]:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    return {code for code in audit.action_labels() if not code.startswith("test.")}, text


@pytest.mark.parametrize("code", sorted(_registered_and_used()[0]))
def test_every_registered_action_is_recorded_somewhere(code):
    text = _registered_and_used()[1]
    family, _, verb = code.rpartition(".")
    written_whole = text.count(f'"{code}"') >= 2
    written_in_parts = f"{family}.{{" in text or (f'"{family}' in text and verb in text)
    assert written_whole or written_in_parts, f"{code} 登记了却没有人记"


@pytest.fixture
def stranger_inside(db) -> Client:
    """登录了而没有任何岗位的人。"""
    user = iam.user_create(
        actor=SYSTEM, username="nobody", full_name="无岗位的人", phone="0000-7654321", now=timezone.now()
    )
    client = Client()
    client.force_login(get_user_model().objects.get(pk=user.id), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("address", CLOSED)
def test_a_refused_or_failed_write_leaves_one_access_row_and_no_fact(stranger_inside, monkeypatch, address):
    monkeypatch.setattr("quanze.base.audit.services._flood", Flood())
    facts, seen = FactRecord.objects.count(), AccessRecord.objects.count()
    response = stranger_inside.post(address)

    added = AccessRecord.objects.count() - seen
    if response.status_code >= 400 and response.status_code != 405:
        assert (added, FactRecord.objects.count() - facts) == (1, 0), f"{address} → {response.status_code}"
    else:
        # Pages that only read answer a POST like a GET, with 405, or send the person on; none of them is an act.
        assert added <= 1
        assert FactRecord.objects.count() - facts <= 1


@pytest.mark.django_db
def test_a_stranger_s_write_leaves_one_access_row_and_no_fact(monkeypatch):
    monkeypatch.setattr("quanze.base.audit.services._flood", Flood())
    response = Client().post("/lists/1/submit/send/")

    assert response.status_code == 302
    (row,) = AccessRecord.objects.all()
    assert (row.outcome, row.actor_name, row.client_address, row.action) == (
        "refused",
        "公众",
        "127.0.0.1",
        "catalog:submission_submit",
    )
    assert FactRecord.objects.count() == 0


def test_the_walk_sees_services_and_actions():
    assert len(SERVICES) > 40
    assert ("apps/catalog/services/submitting.py", "submission_submit") in SERVICES
    assert apps.is_installed("quanze.base.audit")
