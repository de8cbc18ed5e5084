"""健康、就绪、指标、日志、请求上限：说出缘由，不说不该说的。"""

from __future__ import annotations

import errno
import json
import logging
import sys
from datetime import timedelta

import pytest
from django.db import DatabaseError, OperationalError
from django.test import Client
from django.utils import timezone

from quanze.base.audit import public as audit
from quanze.base.jobs.models import Schedule
from quanze.base.operation import probes, requests
from quanze.base.operation.logs import JsonFormatter
from quanze.core.actor import SYSTEM

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def _ask_anew(monkeypatch: pytest.MonkeyPatch, settings) -> None:
    monkeypatch.setattr(probes, "_known", (-1e9, ""))
    settings.QUANZE_MIN_FREE_MIB = 1


@pytest.fixture
def worker_lives() -> None:
    Schedule.objects.create(name="x", next_due_at=timezone.now(), last_run_at=timezone.now())


def test_healthz_asks_nothing(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["Cache-Control"] == "no-store"
    assert Client().post("/healthz").status_code == 405


def test_ready_when_all_is_well(worker_lives) -> None:
    answer = Client().get("/readyz")
    assert answer.status_code == 200, answer.json()
    assert answer.json() == {
        "ready": True,
        "probes": dict.fromkeys(("database", "migrations", "disk", "worker", "seal"), "正常"),
    }


def test_what_fails_is_named(settings) -> None:
    # given: no worker ever ran, no space, a record that nobody seals
    settings.QUANZE_MIN_FREE_MIB = 10**9
    audit.record(actor=SYSTEM, action="files.file.stored", subject=audit.SubjectRef("x", 1, "某事"), now=timezone.now())
    answer = Client().get("/readyz")
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    found = answer.json()["probes"]
    assert found["database"] == found["migrations"] == "正常"
    assert found["disk"].startswith("磁盘剩余空间不足")
    assert "从未运行" in found["worker"]
    assert found["seal"] == "正常"
    later = {one.name: one.message for one in probes.probe_all(timezone.now() + timedelta(minutes=6))}
    assert later["seal"].startswith("有记录已 36")


def test_a_silent_worker_is_named(worker_lives) -> None:
    later = {one.name: one for one in probes.probe_all(timezone.now() + timedelta(seconds=120))}
    assert (later["worker"].is_ok, later["worker"].message[:9]) == (False, "后台任务进程已 12"[:9])


def test_a_database_that_is_away_is_named_without_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> str:
        raise OperationalError('connection to server at "db.internal" failed for user "quanze"')

    monkeypatch.setattr(probes, "_database", away)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["probes"]["database"] == "不可用（OperationalError）"
    assert "db.internal" not in answer.content.decode()
    assert "worker" not in answer.json()["probes"]


def test_a_database_newer_than_the_program_is_named(worker_lives) -> None:
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.create(app="catalog", name="9999_from_the_future", applied=timezone.now())
    found = Client().get("/readyz").json()["probes"]["migrations"]
    assert "数据库比程序新（catalog.9999_from_the_future" in found
    from quanze.portal.checks import newer_database_problem

    assert "不能用旧程序启动" in newer_database_problem()


def test_a_missing_migration_is_named(worker_lives) -> None:
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="notices").delete()
    assert "项迁移没有执行" in Client().get("/readyz").json()["probes"]["migrations"]


def test_metrics_are_nobodys_by_default(settings) -> None:
    assert Client().get("/metrics").status_code == 404
    settings.QUANZE_METRICS_ALLOW = ["127.0.0.0/8"]
    assert Client().get("/metrics").status_code == 200
    # Behind a proxy everybody comes from loopback.
    assert Client().get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
    assert Client(REMOTE_ADDR="203.0.113.9").get("/metrics").status_code == 404
    settings.QUANZE_METRICS_TOKEN = "a-token-for-the-scraper"
    assert Client().get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    far = Client(REMOTE_ADDR="203.0.113.9")
    assert far.get("/metrics", headers={"Authorization": "Bearer a-token-for-the-scraper"}).status_code == 200


def test_metrics_count_requests_by_route_and_state_the_rest(settings, worker_lives) -> None:
    settings.QUANZE_METRICS_ALLOW = ["127.0.0.1"]
    client = Client()

    def count() -> float:
        line = 'quanze_requests_total{method="GET",route="/healthz",status="200"} '
        text = client.get("/metrics").content.decode()
        return next((float(one[len(line) :]) for one in text.splitlines() if one.startswith(line)), 0)

    before = count()
    client.get("/healthz?q=张三")
    assert count() == before + 1
    text = client.get("/metrics").content.decode()
    for wanted in ('quanze_jobs{state="queued"} 0.0', "quanze_seal_lag_seconds ", 'quanze_ready{probe="database"} 1.0'):
        assert wanted in text, wanted
    assert 'quanze_request_seconds_bucket{le="0.3",route="/healthz"}' in text
    assert "张三" not in text


def test_an_oversized_request_is_refused_unread(settings) -> None:
    settings.QUANZE_MAX_REQUEST_BYTES = 1000
    answer = Client().post(
        "/login/", data=b"x" * 1001, content_type="text/plain", headers={"Accept": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "http_413")


def test_each_request_leaves_one_line_without_what_was_asked(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="quanze.requests"):
        answer = Client().get("/public/?q=身份证号")
    (record,) = [one for one in caplog.records if one.name == "quanze.requests"]
    line = json.loads(JsonFormatter().format(record))
    assert line["request_id"] == answer["X-Request-ID"]
    assert (line["route"], line["method"], line["status"]) == ("/public/", "GET", answer.status_code)
    assert line["ms"] > 0
    assert "身份证号" not in json.dumps(line, ensure_ascii=False)


def test_an_exception_in_the_log_does_not_quote_what_was_typed() -> None:
    try:
        raise ValueError("Key (username)=(张三) already exists")
    except ValueError:
        record = logging.LogRecord("quanze.web", logging.ERROR, __file__, 1, "出错 %s", ("1122-ABC",), sys.exc_info())
    line = json.loads(JsonFormatter().format(record))
    assert (line["message"], line["error"]) == ("出错 1122-ABC", "ValueError")
    assert "张三" not in json.dumps(line, ensure_ascii=False)
    assert line["stack"][-1].startswith("test_probes_and_metrics.py:")


@pytest.mark.parametrize(
    ("problem", "status", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 507, "disk_full"),
        (OperationalError("database or disk is full"), 507, "disk_full"),
        (OperationalError("database is locked"), 503, "busy"),
        (OperationalError("connection refused"), 503, "busy"),
        (OSError(errno.EIO, "I/O error"), 500, "http_500"),
        (DatabaseError("syntax error"), 500, "http_500"),
    ],
)
@pytest.mark.parametrize("place", ["view", "middleware"])
def test_a_full_disk_and_a_database_that_is_away_have_their_own_answers(
    monkeypatch: pytest.MonkeyPatch, problem: Exception, status: int, code: str, place: str
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise problem

    target = "quanze.base.operation.views.probe_all" if place == "view" else "quanze.portal.middleware.actor_of"
    monkeypatch.setattr(target, fails)
    answer = Client(raise_request_exception=False).get("/readyz", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    if status == 507:
        assert "磁盘" in answer.json()["message"]
    if status == 503:
        assert int(answer["Retry-After"]) > 0


def test_the_route_of_an_unknown_address_is_not_the_address(rf) -> None:
    assert requests.route_of(rf.get("/somebody/张三")) == "无此地址"


def test_what_a_signed_in_person_saw_stays_in_no_cache(county, client_of) -> None:
    assert client_of("drafter").get("/messages/")["Cache-Control"] == "private, no-store"
    assert "no-store" not in Client().get("/public/").get("Cache-Control", "")
