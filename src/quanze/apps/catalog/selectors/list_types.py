"""关联清单种类的读取：资料包读一次、验一次、缓存。Needs neither database nor settings."""

from __future__ import annotations

from functools import cache

from quanze.apps.catalog.domain.list_types import ListTypes, parse_list_types
from quanze.apps.catalog.domain.packs import parse_power_types
from quanze.apps.catalog.selectors.pack_files import PACK_FOLDER, read_pack
from quanze.apps.org import public as org


@cache
def on_application_types() -> tuple[str, ...]:
    """依申请办理的职权类型的代码。"""
    types = parse_power_types(read_pack(PACK_FOLDER / "power_types.yaml")).types
    return tuple(one.code for one in types if one.on_application)


@cache
def list_types() -> ListTypes:
    """全部关联清单种类。"""
    types = parse_power_types(read_pack(PACK_FOLDER / "power_types.yaml")).types
    return parse_list_types(
        read_pack(PACK_FOLDER / "list_types.yaml"),
        power_types=[one.code for one in types],
        body_kinds=[str(kind) for kind in org.BODY_KIND_LABELS],
    )


@cache
def power_type_labels() -> dict[str, str]:
    """职权类型代码 → 名称。"""
    return {one.code: one.label for one in parse_power_types(read_pack(PACK_FOLDER / "power_types.yaml")).types}
