"""公开站点的主题：把事项按办事人熟悉的领域归拢，由名称中的字词认出。

A theme is a set of words kept as data, no field of an item: it helps to find, it classifies nothing, and an item may come
up under several themes or under none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_PACK = Path(__file__).parent.parent / "packs" / "themes.yaml"


@dataclass(frozen=True, slots=True)
class Theme:
    """一个主题：代码、名称、名称中出现其一即归入的字词。"""

    code: str
    label: str
    words: tuple[str, ...]


@cache
def themes() -> tuple[Theme, ...]:
    """全部主题，依包中次序。"""
    rows = yaml.safe_load(_PACK.read_text(encoding="utf-8"))["themes"]
    found = tuple(Theme(row["code"], row["label"], tuple(row["words"])) for row in rows)
    if len({theme.code for theme in found}) != len(found) or not all(theme.words for theme in found):
        raise ValueError("主题包：代码重复或没有字词")
    return found
