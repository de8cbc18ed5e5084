"""资料包文件：随应用提供的 YAML，读时说明何处写错。"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from quanze.core.errors import ErrorPlace, InvalidInput

PACK_FOLDER = Path(__file__).resolve().parents[1] / "packs"


def read_pack(path: Path) -> Mapping[str, Any]:
    """读一个 YAML 资料包；写错时说明文件与行。"""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = ErrorPlace(
            file=path.name, row=mark.line + 1 if mark else None, column=mark.column + 1 if mark else None
        )
        raise InvalidInput(
            "资料包不是合法的 YAML", hint="请检查该行的缩进、冒号与引号。", place=place, code="pack_invalid"
        ) from None
    if not isinstance(data, dict):
        raise InvalidInput("资料包应为键值结构", place=ErrorPlace(file=path.name), code="pack_invalid")
    return data
