"""仓库里不该有的东西。"""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Spelt in pieces, so that this file does not find itself.
FORBIDDEN = {
    "a package registry": "|".join(
        [
            "py" + r"pi\.org",
            "python" + "hosted",
            r"registry\.n" + "pmjs",
            "n" + "pmmirror",
            r"deb\.d" + "ebian",
            r"tuna\.ts" + "inghua",
        ]
    ),
    "a machine path": "|".join(["/wo" + r"rk/(?:main|shared|\.lib)", "/ro" + "ot/", "/fa" + "rm/", "/ho" + r"me/\w+/"]),
    "a private key": "BEGIN [A-Z ]*PRIV" + "ATE KEY",
}
TEXT = {".py", ".md", ".txt", ".in", ".toml", ".yaml", ".json", ".html", ".css", ".js", ".sh", ".cfg", ".ini", ""}


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines()]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_text_carries(what):
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in _tracked()
        if path.is_file() and path.suffix in TEXT
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []


def test_no_file_of_the_shared_data_is_inside(shared_data):
    shared = {
        path.name
        for path in shared_data.rglob("*")
        if path.is_file() and path.name != "README.md" and path.suffix in {".xls", ".xlsx", ".xes", ".bpmn"}
    }
    assert shared & {path.name for path in _tracked()} == set()


def test_a_module_fits_in_one_head():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / "src").rglob("*.py")
        if "migrations" not in path.parts and (lines := len(path.read_text("utf-8").splitlines())) > 450
    }
    assert long == {}


def test_every_package_in_the_lists_of_requirements_is_explained():
    explained = (ROOT / "docs" / "explanation" / "dependencies.md").read_text("utf-8").lower()
    named = {
        re.split(r"[~=<>\[]", line.strip())[0].lower()
        for name in ("run.in", "dev.in")
        for line in (ROOT / "requirements" / name).read_text("utf-8").splitlines()
        if line.strip() and not line.startswith(("-", "#"))
    }
    missing = {name for name in named if name not in explained and name.removeprefix("pytest") not in explained}
    assert missing == set()
