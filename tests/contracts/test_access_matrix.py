"""访问矩阵不漏操作：接口说明里的每一个操作，都在黑盒矩阵的配置里具名。"""

from __future__ import annotations

import json
from pathlib import Path

CONFIG = Path(__file__).parents[1] / "blackbox" / "access_matrix.json"
METHODS = {"get", "post", "put", "patch", "delete"}


def test_every_operation_of_the_interface_is_named_in_the_access_matrix() -> None:
    from quanze.portal.api_urls import api

    paths = api.get_openapi_schema()["paths"]
    offered = {f"{method.upper()} {path}" for path, held in paths.items() for method in held if method in METHODS}
    named = json.loads(CONFIG.read_text(encoding="utf-8"))
    assert offered == set(named["held"]) | set(named["public"])
    assert not set(named["held"]) & set(named["public"])


def test_an_operation_is_public_in_the_matrix_only_where_it_needs_no_key() -> None:
    from quanze.portal.api_urls import api

    paths = api.get_openapi_schema()["paths"]
    without_key = {
        f"{method.upper()} {path}"
        for path, held in paths.items()
        for method, operation in held.items()
        if method in METHODS and not operation.get("security")
    }
    assert set(json.loads(CONFIG.read_text(encoding="utf-8"))["public"]) == without_key
