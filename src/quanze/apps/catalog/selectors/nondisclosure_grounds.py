"""不公开的情形：随应用提供的资料包，读一次，验一次，缓存。"""

from __future__ import annotations

from functools import cache

from quanze.apps.catalog.domain.nondisclosure import Grounds, parse_grounds
from quanze.apps.catalog.selectors.pack_files import PACK_FOLDER, read_pack


@cache
def grounds() -> Grounds:
    """不公开的情形。"""
    return parse_grounds(read_pack(PACK_FOLDER / "nondisclosure_grounds.yaml"))
