"""演示城市的用语资料：读取 ``packs`` 下的 YAML。"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).with_name("packs")


@lru_cache(maxsize=8)
def pack(name: str) -> Any:
    """一个资料包；同一进程只读一次，读者不得改动。"""
    return yaml.safe_load((_FOLDER / f"{name}.yaml").read_text("utf-8"))
