"""生产设置：检查干净，缺的、弱的、演示的都起不来。"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
GOOD = {
    "DJANGO_SETTINGS_MODULE": "quanze.conf.production",
    "QUANZE_SECRET_KEY": "k3J9sX0aPq7Zt5Vb2Nw8Rm4Lc6Hd1Gf0Ye3Uj5Io7Tx9Wv2Bn4",
    "QUANZE_ALLOWED_HOSTS": "list.example.test",
    "QUANZE_CITY_NAME": "青禾县",
    "QUANZE_DB": "sqlite",
}


def _python(tmp_path: Path, *words: str, **changed: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("QUANZE_", "DJANGO_"))}
    env = {**kept, **GOOD, "QUANZE_DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT / "src"), **changed}
    return subprocess.run([sys.executable, *words], env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_deployment_check_is_clean(tmp_path: Path, database: str) -> None:
    more = {"QUANZE_DB": database, "QUANZE_DB_NAME": "quanze", "QUANZE_DB_USER": "quanze"}
    found = _python(tmp_path, "-m", "django", "check", "--deploy", "--fail-level", "WARNING", **more)
    assert found.returncode == 0, found.stderr
    assert "no issues" in found.stdout


def test_cookies_and_transport_are_locked_down(tmp_path: Path) -> None:
    asked = (
        "from django.conf import settings as s\n"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, "
        "s.SECURE_HSTS_SECONDS, s.SECURE_SSL_REDIRECT, s.DEBUG, s.QUANZE_IS_DEMO, s.SESSION_COOKIE_DOMAIN)\n"
    )
    found = _python(tmp_path, "-c", asked)
    assert found.stdout.split() == [
        "__Host-session",
        "__Host-csrf",
        "True",
        "True",
        "31536000",
        "True",
        "False",
        "False",
        "None",
    ]
    # A __Host- cookie is only taken with path / and without a domain.
    assert "admin" not in _python(tmp_path, "-c", "import quanze.conf.production as p; print(p.INSTALLED_APPS)").stdout


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"QUANZE_SECRET_KEY": ""}, "缺少环境变量 QUANZE_SECRET_KEY"),
        ({"QUANZE_SECRET_KEY": "short"}, "QUANZE_SECRET_KEY 太弱"),
        ({"QUANZE_SECRET_KEY": "a" * 60}, "QUANZE_SECRET_KEY 太弱"),
        ({"QUANZE_ALLOWED_HOSTS": ""}, "缺少环境变量 QUANZE_ALLOWED_HOSTS"),
        ({"QUANZE_DATA_DIR": ""}, "缺少环境变量 QUANZE_DATA_DIR"),
        ({"QUANZE_DB": "postgresql"}, "缺少环境变量 QUANZE_DB_NAME"),
    ],
)
def test_what_is_missing_or_weak_stops_the_start_with_a_sentence(tmp_path: Path, changed: dict, said: str) -> None:
    found = _python(tmp_path, "-m", "django", "check", **changed)
    assert found.returncode != 0
    assert said in found.stderr


def test_the_demonstration_is_for_this_machine_only(settings) -> None:
    from quanze.portal.checks import demo_hosts_check, require_fit_data

    settings.QUANZE_IS_DEMO, settings.ALLOWED_HOSTS = True, ["127.0.0.1", "localhost"]
    assert demo_hosts_check() == []
    settings.ALLOWED_HOSTS = ["list.example.test"]
    assert [one.id for one in demo_hosts_check()] == ["quanze.E002"]
    with pytest.raises(RuntimeError, match="口令是公开的"):
        require_fit_data()
    settings.QUANZE_IS_DEMO = False
    assert demo_hosts_check() == []


def test_a_log_line_in_production_is_json(tmp_path: Path) -> None:
    code = "import django; django.setup(); import logging; logging.getLogger('quanze.x').warning('好 %s', 1)"
    found = _python(tmp_path, "-c", code)
    import json

    line = json.loads(found.stderr.strip().splitlines()[-1])
    assert (line["level"], line["logger"], line["message"]) == ("WARNING", "quanze.x", "好 1")
