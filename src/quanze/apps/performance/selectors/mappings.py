"""列映射包的读取：随带的在 packs/mappings，一个文件一个包。"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from quanze.apps.performance.domain.mappings import MappingPack
from quanze.core.errors import NotFound

_FOLDER = Path(__file__).resolve().parents[1] / "packs" / "mappings"
STANDARD_MAPPING = "quanze-events"


@cache
def mapping_packs() -> dict[str, MappingPack]:
    """全部列映射包，标准格式在前。"""
    packs = [MappingPack(**yaml.safe_load(p.read_text(encoding="utf-8"))) for p in sorted(_FOLDER.glob("*.yaml"))]
    return {p.code: p for p in sorted(packs, key=lambda p: (p.code != STANDARD_MAPPING, p.code))}


def mapping_pack(code: str) -> MappingPack:
    """一个列映射包。"""
    packs = mapping_packs()
    if code not in packs:
        raise NotFound(f"没有列映射“{code}”", hint=f"可用的列映射：{'、'.join(packs)}。", code="mapping_unknown")
    return packs[code]
