"""两处安装：各有自己的数据目录，命令在各自的进程里真的执行。"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FILLER = Path(__file__).with_name("fill_place.py")


@dataclass(frozen=True)
class Place:
    """一处安装。"""

    folder: Path

    @property
    def env(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("QUANZE_", "DJANGO_"))}
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")]).rstrip(
            os.pathsep
        )
        return {
            **kept,
            "PYTHONPATH": path,
            "DJANGO_SETTINGS_MODULE": "quanze.conf.local",
            "QUANZE_DATA_DIR": str(self.folder),
        }

    def quanze(self, *words: object, settings: str = "") -> subprocess.CompletedProcess[str]:
        """执行一条 quanze 命令。"""
        return subprocess.run(
            [sys.executable, "-m", "quanze.portal.cli", *map(str, words)],
            env={**self.env, **({"DJANGO_SETTINGS_MODULE": settings} if settings else {})},
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder.parent,
        )

    def fill(self, *words: object) -> subprocess.CompletedProcess[str]:
        """装入有行、有文件、有封条的内容。"""
        return subprocess.run(
            [sys.executable, str(FILLER), *map(str, words)], env=self.env, capture_output=True, text=True, check=True
        )

    def digest(self) -> str:
        found = self.quanze("digest")
        assert found.returncode == 0, found.stderr
        return found.stdout


@pytest.fixture
def place(tmp_path: Path) -> Callable[[str], Place]:
    return lambda name: Place(tmp_path / name)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """一处有内容的安装；只读地共用。"""
    made = Place(tmp_path_factory.mktemp("filled") / "data")
    made.fill("rows", 40)
    return made
