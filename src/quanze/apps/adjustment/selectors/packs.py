"""资料包的读取：随应用提供的 YAML，读一次，验一次，缓存。"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from quanze.apps.adjustment.domain.packs import Packs, parse

FOLDER = Path(__file__).resolve().parents[1] / "packs"


@cache
def packs() -> Packs:
    """调整事由、调整类型、同步变更表与专项工作的种类。"""
    return parse(_read("triggers.yaml"), _read("kinds.yaml"), _read("matrix.yaml"), _read("campaigns.yaml"))


def _read(name: str) -> Mapping[str, Any]:
    data = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return data if isinstance(data, dict) else {}
