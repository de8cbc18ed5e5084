"""备份与恢复：原样回来；改一个字节即拒；别人写着也一致；不空不放。"""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from base.backup.conftest import FILLER, Place

# PostgreSQL is proven by test_move.
pytestmark = pytest.mark.sqlite


@pytest.fixture(scope="module")
def archive(filled: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "县.bak"
    made = filled.quanze("backup", path)
    assert made.returncode == 0, made.stderr
    return path


def test_what_comes_back_equals_what_went_in(filled: Place, archive: Path, place) -> None:
    there = place("there")
    done = there.quanze("restore", archive)
    assert done.returncode == 0, done.stderr
    # The access record of the original has one row more: that a backup was made.
    of_archive = filled.quanze("digest", "--of", archive).stdout
    assert there.digest() == of_archive
    assert "files 个数 41 " in of_archive
    verified = there.quanze("audit", "verify")
    assert (verified.returncode, "通过" in verified.stdout) == (0, True), verified.stdout
    with (
        sqlite3.connect(there.folder / "quanze.sqlite3") as back,
        sqlite3.connect(filled.folder / "quanze.sqlite3") as was,
    ):
        triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        assert back.execute(triggers).fetchall() == was.execute(triggers).fetchall() != []
        # The record stays insert-only, ids go on where they were, JSON keeps its very text.
        with pytest.raises(sqlite3.IntegrityError, match="只能新增"):
            back.execute("UPDATE audit_factrecord SET reason = 'x'")
        assert back.execute("SELECT seq FROM sqlite_sequence WHERE name = 'jobs_job'").fetchone() == (2,)
        payload = "SELECT payload, id FROM jobs_job"
        assert back.execute(payload).fetchall() == was.execute(payload).fetchall()


def test_one_changed_byte_anywhere_is_refused_before_anything_is_touched(archive: Path, place, tmp_path: Path) -> None:
    good = archive.read_bytes()
    chosen = random.Random(7)
    places = [0, 100, 257, len(good) - 1, len(good) - 5, len(good) - 70, len(good) - 90]
    places += [chosen.randrange(len(good)) for _ in range(60)]
    from quanze.base.backup.archive import require_intact
    from quanze.core.errors import InvalidInput

    bad = tmp_path / "bad.bak"
    for at in places:
        content = bytearray(good)
        content[at] ^= 1 << chosen.randrange(8)
        bad.write_bytes(content)
        with pytest.raises(InvalidInput) as refused:
            require_intact(bad)
        assert refused.value.code in ("backup_damaged", "backup_incomplete"), at
    there = place("there")
    refusal = there.quanze("restore", bad)
    assert refusal.returncode == 2
    assert "备份文件" in refusal.stderr and "没有改动任何东西" in refusal.stderr
    assert {path.name for path in there.folder.iterdir()} <= {"secret_key"}


def test_a_part_of_a_backup_is_refused(archive: Path, tmp_path: Path) -> None:
    from quanze.base.backup.archive import require_intact
    from quanze.core.errors import InvalidInput

    good = archive.read_bytes()
    part = tmp_path / "part.bak"
    for size in (0, 10, 200, len(good) // 2, len(good) - 1):
        part.write_bytes(good[:size])
        with pytest.raises(InvalidInput) as refused:
            require_intact(part)
        assert refused.value.code in ("backup_incomplete", "backup_damaged")
    part.write_bytes(good + b"\n")
    with pytest.raises(InvalidInput):
        require_intact(part)


def test_a_place_with_data_is_not_overwritten_unless_told(filled: Place, archive: Path, tmp_path: Path) -> None:
    here = Place(tmp_path / "here")
    shutil.copytree(filled.folder, here.folder)
    before = here.digest()
    refused = here.quanze("restore", archive)
    assert (refused.returncode, "已有数据" in refused.stderr) == (2, True)
    assert here.digest() == before
    # Somebody adds a row, then the backup is put in its place; what was there is kept aside.
    here.fill("rows", 1)
    assert here.digest() != before
    done = here.quanze("restore", archive, "--replace", "--yes")
    assert done.returncode == 0, done.stderr
    assert here.digest() == filled.quanze("digest", "--of", archive).stdout
    aside = sorted(path.name.split(".before-restore-")[0] for path in here.folder.rglob("*.before-restore-*"))
    assert aside == ["anchors.jsonl", "quanze.sqlite3"]


def test_a_backup_never_overwrites_and_leaves_no_half_file(filled: Place, tmp_path: Path) -> None:
    taken = tmp_path / "taken.bak"
    taken.write_text("something else")
    refused = filled.quanze("backup", taken)
    assert (refused.returncode, taken.read_text()) == (2, "something else")
    # A file that a row names is missing: no backup, and no beginning of one.
    broken = Place(tmp_path / "broken")
    shutil.copytree(filled.folder, broken.folder)
    next(path for path in (broken.folder / "files").rglob("*") if path.is_file()).unlink()
    out = tmp_path / "out"
    out.mkdir()
    refused = broken.quanze("backup", out / "b.bak")
    assert (refused.returncode, "缺少文件" in refused.stderr) == (2, True)
    assert list(out.iterdir()) == []


def test_a_backup_taken_while_others_write_is_of_one_moment(tmp_path: Path) -> None:
    # given: two processes that write without a pause, each noting what was acknowledged
    here = Place(tmp_path / "here")
    here.fill("rows", 5)
    logs = [tmp_path / f"log{n}" for n in range(2)]
    writers = [subprocess.Popen([sys.executable, str(FILLER), "write", str(log)], env=here.env) for log in logs]
    try:
        deadline = time.monotonic() + 60
        while not all(log.exists() and log.read_text().count("\n") > 3 for log in logs):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        before = [set(log.read_text().split("\n")[:-1]) for log in logs]
        # when
        archive = tmp_path / "busy.bak"
        made = here.quanze("backup", archive)
        during = [log.read_text().count("\n") for log in logs]
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
    assert made.returncode == 0, made.stderr
    assert all(count > len(known) for count, known in zip(during, before, strict=True)), "nobody wrote meanwhile"
    # then: everything acknowledged before it began is there, files and rows agree, the record verifies against its anchors
    there = Place(tmp_path / "there")
    assert there.quanze("restore", archive).returncode == 0
    with sqlite3.connect(there.folder / "quanze.sqlite3") as back:
        ids = {str(row[0]) for row in back.execute("SELECT id FROM files_storedfile")}
        facts = back.execute("SELECT COUNT(*) FROM audit_factrecord WHERE action = 'files.file.stored'").fetchone()[0]
        digests = {row[0] for row in back.execute("SELECT sha256 FROM files_storedfile")}
    assert before[0] | before[1] <= ids
    assert facts == len(ids)
    assert digests == {path.name for path in (there.folder / "files").rglob("*") if path.is_file()}
    verified = there.quanze("audit", "verify")
    assert verified.returncode == 0, verified.stdout
    assert there.digest() == here.quanze("digest", "--of", archive).stdout
