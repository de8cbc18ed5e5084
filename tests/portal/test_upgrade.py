"""升级：迁移途中被杀十次，再执行即接着完成，与一次做完的一模一样；再执行一次什么也不做；降级被拒。"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from base.backup.conftest import Place

OLD = Path(__file__).with_name("upgrade_place.py")
ROWS = 2_000
KILLS = 10


def _migrate(place: Place, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--no-color"], env=env, capture_output=True, text=True, check=False
    )


def _kill_in_the_middle(env: dict[str, str], chosen: random.Random) -> bool:
    """起一次迁移，看到它开始执行某一项之后不久杀掉；真的杀在途中才算。"""
    run = subprocess.Popen(
        [sys.executable, "-u", "-m", "django", "migrate", "--no-color"],
        env=env,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert run.stdout is not None
    begun, wanted = 0, chosen.randrange(1, 3)
    for line in run.stdout:
        begun += "Applying" in line or "..." in line
        if begun >= wanted:
            break
    time.sleep(chosen.uniform(0, 0.03))
    in_the_middle = run.poll() is None
    os.killpg(run.pid, signal.SIGKILL) if in_the_middle else None
    run.wait()
    run.stdout.close()
    return in_the_middle


def _schema(path: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(path) as database:
        return sorted(database.execute("SELECT name, COALESCE(sql, '') FROM sqlite_master"))


@pytest.mark.sqlite
def test_migrating_survives_being_killed_ten_times(tmp_path: Path) -> None:
    # given: an installation of the first version with a record, and one that is upgraded without disturbance
    old = Place(tmp_path / "old")
    subprocess.run([sys.executable, str(OLD), str(ROWS)], env=old.env, check=True)
    calm = Place(tmp_path / "calm")
    shutil.copytree(old.folder, calm.folder)
    done = _migrate(calm, calm.env)
    assert done.returncode == 0, done.stderr
    # when
    chosen = random.Random(11)
    kills = 0
    for attempt in range(4 * KILLS):
        if not kills % 4 or attempt == 0:
            place = Place(tmp_path / f"killed{attempt}")
            shutil.copytree(old.folder, place.folder)
        kills += _kill_in_the_middle(place.env, chosen)
        if kills == KILLS:
            break
    assert kills == KILLS
    resumed = _migrate(place, place.env)
    # then: it goes on where it was, and the result is the same
    assert resumed.returncode == 0, resumed.stderr
    assert _schema(place.folder / "quanze.sqlite3") == _schema(calm.folder / "quanze.sqlite3")
    with sqlite3.connect(place.folder / "quanze.sqlite3") as database:
        count = "SELECT COUNT(*), SUM(id), MAX(subject_label) FROM audit_factrecord WHERE actor_name = '王芳'"
        assert database.execute(count).fetchone() == (ROWS, ROWS * (ROWS + 1) // 2, "第9份")
    # and once more changes nothing
    before = place.digest()
    again = _migrate(place, place.env)
    assert "No migrations to apply" in again.stdout
    assert place.digest() == before
    assert place.quanze("check-setup").returncode == 0


@pytest.mark.sqlite
def test_an_older_program_refuses_a_newer_database(tmp_path: Path) -> None:
    place = Place(tmp_path / "newer")
    assert _migrate(place, place.env).returncode == 0
    # Closed, so that what it wrote stands in the file itself and not beside it.
    with closing(sqlite3.connect(place.folder / "quanze.sqlite3")) as database, database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('catalog', '9999_later', '2030-01-01')"
        )
    before = (place.folder / "quanze.sqlite3").read_bytes()
    for said in (
        place.quanze("check-setup").stderr,
        place.quanze("digest").stderr,
        _migrate(place, place.env).stderr,
        subprocess.run(
            [sys.executable, "-c", "import quanze.conf.wsgi"],
            env=place.env,
            capture_output=True,
            text=True,
            check=False,
        ).stderr,
    ):
        assert "数据库比程序新（catalog.9999_later" in said or "数据库的版本比程序新（catalog.9999_later" in said, said
    assert (place.folder / "quanze.sqlite3").read_bytes() == before


@pytest.fixture
def postgres_env(tmp_path: Path) -> Iterator[dict[str, str]]:
    if os.environ.get("QUANZE_TEST_DATABASE") != "postgres":
        pytest.skip("SKIPPED LOUDLY: needs the PostgreSQL of tests/postgres.sh")
    import psycopg

    name = f"upgrade_{uuid.uuid4().hex[:8]}"
    host, port, user = (os.environ[key] for key in ("PGHOST", "PGPORT", "PGUSER"))
    with psycopg.connect(host=host, port=port, user=user, dbname="postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield {
            **Place(tmp_path / "pg").env,
            "DJANGO_SETTINGS_MODULE": "base.backup.settings_moved",
            "MOVED_TO": f"postgresql://{user}@/{name}?host={host}",
        }
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.postgres
def test_migrating_survives_being_killed_on_postgresql(postgres_env: dict[str, str], tmp_path: Path) -> None:
    chosen = random.Random(12)
    kills = sum(_kill_in_the_middle(postgres_env, chosen) for _ in range(KILLS))
    assert kills == KILLS
    place = Place(tmp_path / "pg")
    done = _migrate(place, postgres_env)
    assert done.returncode == 0, done.stderr
    assert "No migrations to apply" in _migrate(place, postgres_env).stdout
    checked = subprocess.run(
        [sys.executable, "-m", "quanze.portal.cli", "check-setup"],
        env=postgres_env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
