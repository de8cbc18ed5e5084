"""资料包的读取：随应用提供的 YAML，读一次，验一次，缓存。"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from quanze.apps.adjustment.domain.extracts import ExtractSystem, parse_systems
from quanze.apps.adjustment.domain.packs import Packs, parse
from quanze.core.errors import InvalidInput

FOLDER = Path(__file__).resolve().parents[1] / "packs"


@cache
def packs() -> Packs:
    """调整事由、调整类型、同步变更表与专项工作的种类。"""
    return parse(_read("triggers.yaml"), _read("kinds.yaml"), _read("matrix.yaml"), _read("campaigns.yaml"))


@cache
def extract_systems() -> Mapping[str, ExtractSystem]:
    """上级系统的提取件：栏目对应。"""
    return parse_systems(_read("extracts.yaml"))


def extract_system(code: str) -> ExtractSystem:
    """按代码取；没有则说明可用哪些。"""
    found = extract_systems().get(code)
    if found is None:
        raise InvalidInput(
            f"没有上级系统“{code}”", hint=f"可用：{'、'.join(extract_systems())}。", code="extract_system_unknown"
        )
    return found


def _read(name: str) -> Mapping[str, Any]:
    data = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return data if isinstance(data, dict) else {}
